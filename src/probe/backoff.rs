//! How long to wait before the next attempt: exponential backoff with full jitter, so that many clients of one server
//! that comes back do not return in step.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// No wait is longer, however many attempts there are: whoever asks for a hundred wants an answer on the same day.
pub(super) const LONGEST: Duration = Duration::from_secs(30);

/// The longest wait after an attempt, which is counted from 1: the base, twice the base, four times the base.
pub(super) fn longest(base: Duration, attempt: u32) -> Duration {
    let factor = 1_u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
    base.saturating_mul(factor).min(LONGEST)
}

/// The wait after an attempt, which is counted from 1. The random number, from 0 to 1, says how much of the longest.
pub(super) fn wait(base: Duration, attempt: u32, random: f64) -> Duration {
    longest(base, attempt).mul_f64(random.clamp(0.0, 1.0))
}

/// A random number from 0 to 1. Good enough to spread waits, which no secret depends on: the standard library seeds its
/// hashers from the system and changes the seed with each.
pub(super) fn random() -> f64 {
    let bits = RandomState::new().hash_one(());
    f64::from(u32::try_from(bits >> 32).unwrap_or(u32::MAX)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_end() {
        let second = Duration::from_secs(1);
        for (attempt, random, expected) in [
            (1, 1.0, 1.0),
            (2, 1.0, 2.0),
            (3, 1.0, 4.0),
            (2, 0.25, 0.5),
            (2, 0.0, 0.0),
            (1, 7.0, 1.0),
            (1, -1.0, 0.0),
            (6, 1.0, 30.0),
            (32, 1.0, 30.0),
            (33, 1.0, 30.0),
            (u32::MAX, 1.0, 30.0),
        ] {
            assert_eq!(wait(second, attempt, random), Duration::from_secs_f64(expected), "{attempt} {random}");
        }
        assert_eq!(wait(Duration::ZERO, 3, 1.0), Duration::ZERO);
        assert_eq!(wait(Duration::MAX, 3, 1.0), LONGEST);
        assert_eq!(wait(Duration::from_secs(100_000), 1, 1.0), LONGEST);
    }

    #[test]
    fn random_numbers_are_spread() {
        let numbers: Vec<f64> = (0..1000).map(|_| random()).collect();
        assert!(numbers.iter().all(|number| (0.0..=1.0).contains(number)));
        for tenth in 0..10_u8 {
            let range = f64::from(tenth) / 10.0..f64::from(tenth + 1) / 10.0;
            let count = numbers.iter().filter(|number| range.contains(number)).count();
            // 100 are expected; as few as 40 come once in a billion.
            assert!(count > 40, "{count} of 1000 from {range:?}");
        }
    }
}

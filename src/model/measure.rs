//! Durations and amounts of memory as people type them: `10s`, `500ms`, `2m`, `8GB`.

use std::fmt;
use std::time::Duration;

/// What a text should have been. It tells nothing of the text itself, which may be a password in the wrong place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected(pub &'static str);

impl fmt::Display for Expected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

impl std::error::Error for Expected {}

/// The units of a duration, in milliseconds. Seconds are meant where there is none.
const TIMES: &[(&str, f64)] = &[("", 1_000.0), ("ms", 1.0), ("s", 1_000.0), ("m", 60_000.0), ("h", 3_600_000.0)];

/// Longer than anybody waits, and short enough to be added to any time: 1000 hours, in milliseconds.
const LONGEST: f64 = 3_600_000_000.0;

/// The units of memory. As in the settings of PostgreSQL, a kilobyte has 1024 bytes under both of its names.
const SIZES: &[(&str, u64)] = &[
    ("kb", 1 << 10),
    ("kib", 1 << 10),
    ("mb", 1 << 20),
    ("mib", 1 << 20),
    ("gb", 1 << 30),
    ("gib", 1 << 30),
    ("tb", 1 << 40),
    ("tib", 1 << 40),
];

/// `10`, `10s`, `1.5s`, `500ms`, `2m`, `1h`; up to 1000 hours.
///
/// # Errors
///
/// The text is no duration.
pub fn duration(text: &str) -> Result<Duration, Expected> {
    let expected = Expected("a duration is expected: 10s, 500ms, 2m or 1h");
    let (number, unit) = split(text);
    let unit = TIMES.iter().find(|(name, _)| *name == unit).ok_or(expected)?.1;
    let millis = number.parse::<f64>().map_err(|_| expected)? * unit;
    if millis > LONGEST {
        return Err(Expected("a duration of at most 1000 hours is expected"));
    }
    Ok(Duration::from_secs_f64(millis / 1_000.0))
}

/// The same, and more than nothing.
///
/// # Errors
///
/// The text is no duration, or one of 0.
pub fn some_duration(text: &str) -> Result<Duration, Expected> {
    duration(text).and_then(|it| if it.is_zero() { Err(Expected("a duration above 0 is expected")) } else { Ok(it) })
}

/// `8GB`, `512MiB`: bytes, at least 1.
///
/// # Errors
///
/// The text is no amount of memory; one without a unit could be anything.
pub fn memory(text: &str) -> Result<u64, Expected> {
    let expected = Expected("an amount of memory with its unit is expected: 8GB, 512MiB");
    let (number, unit) = split(text);
    let unit = SIZES.iter().find(|(name, _)| unit.eq_ignore_ascii_case(name)).ok_or(expected)?.1;
    let number: u64 = number.parse().map_err(|_| expected)?;
    number.checked_mul(unit).filter(|bytes| *bytes > 0).ok_or(expected)
}

/// A whole number from 1 to 4294967295.
///
/// # Errors
///
/// The text is none.
pub fn count(text: &str) -> Result<u32, Expected> {
    let text = text.trim();
    let is_too_large = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(0) => Err(Expected("a whole number above 0 is expected")),
        Ok(number) => Ok(number),
        Err(_) if is_too_large => Err(Expected("a whole number of at most 4294967295 is expected")),
        Err(_) => Err(Expected("a whole number above 0 is expected")),
    }
}

/// The digits at the start, with their point, and the unit behind them.
fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    (&text[..end], text[end..].trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        for (text, millis) in [
            ("10", Some(10_000)),
            ("10s", Some(10_000)),
            (" 1.5 s ", Some(1_500)),
            ("500ms", Some(500)),
            ("2m", Some(120_000)),
            ("1h", Some(3_600_000)),
            ("0", Some(0)),
            ("1000h", Some(3_600_000_000)),
            ("1001h", None),
            ("-1", None),
            ("1d", None),
            ("s", None),
            ("", None),
            ("1.2.3s", None),
            ("1e3", None),
            ("inf", None),
            ("99999999999999999999999999", None),
        ] {
            assert_eq!(duration(text).ok(), millis.map(Duration::from_millis), "{text}");
        }
        assert!(some_duration("0s").is_err() && some_duration("1ms").is_ok());
    }

    #[test]
    fn memory_has_a_unit() {
        for (text, bytes) in [
            ("8GB", Some(8 << 30)),
            ("512MiB", Some(512 << 20)),
            ("1 kB", Some(1024)),
            ("2tib", Some(2 << 40)),
            ("8", None),
            ("0GB", None),
            ("1.5GB", None),
            ("GB", None),
            ("99999999999TB", None),
        ] {
            assert_eq!(memory(text).ok(), bytes, "{text}");
        }
    }

    #[test]
    fn counts_begin_at_one() {
        assert_eq!(
            ["1", "256", "0", "-1", "x", ""].map(|text| count(text).ok()),
            [Some(1), Some(256), None, None, None, None]
        );
        assert_eq!(count("4294967295"), Ok(u32::MAX));
        let most = Expected("a whole number of at most 4294967295 is expected");
        assert_eq!(["4294967296", " 99999999999 "].map(count), [Err(most); 2]);
    }
}

//! When and who: the time, the name of the user, numbers of runs, and fingerprints of contents.

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::{BuildHasher, Hasher};
use std::time::SystemTime;

use crate::model::moment::rfc3339;

/// The time now in RFC 3339, UTC, to the second.
pub(super) fn now() -> String {
    rfc3339(SystemTime::now())
}

/// A number for a run: its time, and a part that nobody can guess.
pub(super) fn run_number(time: &str) -> String {
    let digits: String = time.chars().filter(|character| !"-:".contains(*character)).collect();
    // Seeded by the system; what the hasher says of nothing is as secret as its keys.
    let unguessable = RandomState::new().build_hasher().finish();
    format!("{digits}-{unguessable:016x}")
}

/// The name of the user whom this process acts for, or the number if the name is not known.
pub(super) fn user() -> String {
    let number = rustix::process::geteuid().as_raw();
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    name_of(&users, number).map_or_else(|| format!("uid {number}"), str::to_owned)
}

/// The name of a user in the system's list.
fn name_of(users: &str, number: u32) -> Option<&str> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(number)).then_some(name)
    })
}

/// What tells contents apart: their length and FNV-1a in 128 bits.
///
/// It guards against accidents, not against somebody who makes up a file of the same fingerprint: whoever could
/// do that may write to the file anyway.
pub(super) fn fingerprint(bytes: &[u8]) -> String {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let hash = bytes.iter().fold(OFFSET, |hash, &byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME));
    format!("{}-{hash:032x}", bytes.len())
}

#[cfg(test)]
mod tests {
    use super::{fingerprint, name_of, run_number};

    #[test]
    fn numbers_of_runs_begin_with_the_time_and_differ() {
        let (one, other) = (run_number("2024-02-29T12:34:56Z"), run_number("2024-02-29T12:34:56Z"));
        assert!(one.starts_with("20240229T123456Z-") && one.len() == 33, "{one}");
        assert_ne!(one, other);
    }

    #[test]
    fn users_are_found_by_their_number() {
        let users = "root:x:0:0:root:/:/bin/sh\n# a comment\n\nada:x:1000:1000:Ada,,,:/home/ada:/bin/sh\n";
        assert_eq!((name_of(users, 0), name_of(users, 1000), name_of(users, 7)), (Some("root"), Some("ada"), None));
    }

    #[test]
    fn fingerprints_are_those_of_fnv() {
        // From the test suite of the reference implementation.
        assert_eq!(fingerprint(b""), "0-6c62272e07bb014262b821756295c58d");
        assert_eq!(fingerprint(b"a"), "1-d228cb696f1a8caf78912b704e4a8964");
        assert_eq!(fingerprint(b"foobar"), "6-343e1662793c64bf6f0d3597ba446f18");
    }
}

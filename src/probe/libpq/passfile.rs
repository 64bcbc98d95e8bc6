//! `.pgpass`: lines of `host:port:database:user:password`, of which the first that fits counts.

use super::files::Facts;

/// Whom a password is wanted for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    /// The host as it was written, `localhost` for the default directory of sockets.
    pub(super) host: &'a str,
    /// The port.
    pub(super) port: &'a str,
    /// The database.
    pub(super) database: &'a str,
    /// The user.
    pub(super) user: &'a str,
}

/// The password of the first line that fits; it may be empty, and then counts as none.
pub(super) fn password(text: &str, wanted: Wanted<'_>) -> Option<String> {
    let lines = text.split('\n').map(|line| line.trim_end_matches('\r'));
    lines.filter(|line| !line.starts_with('#')).find_map(|line| {
        let fields = [wanted.host, wanted.port, wanted.database, wanted.user];
        fields.into_iter().try_fold(line, after_field).map(unescaped)
    })
}

/// What follows the first field of a line if the field fits: it is a star, or the wanted text, in which a backslash may
/// stand before any character.
fn after_field<'a>(line: &'a str, wanted: &str) -> Option<&'a str> {
    if let Some(rest) = line.strip_prefix("*:") {
        return Some(rest);
    }
    let mut wanted = wanted.chars();
    let mut line = line.chars();
    loop {
        let next = line.next()?;
        let next = match next {
            ':' if wanted.as_str().is_empty() => return Some(line.as_str()),
            '\\' => line.next()?,
            other => other,
        };
        if wanted.next() != Some(next) {
            return None;
        }
    }
}

/// The password up to the next colon; a backslash stands before a colon or backslash of its own.
fn unescaped(field: &str) -> String {
    let mut password = String::new();
    let mut characters = field.chars();
    while let Some(character) = characters.next() {
        match character {
            ':' => break,
            '\\' => password.push(characters.next().unwrap_or('\\')),
            other => password.push(other),
        }
    }
    password
}

/// Why libpq passes a file over, if it does.
pub(super) fn flaw(facts: Facts) -> Option<&'static str> {
    if !facts.is_plain {
        Some("it is no plain file")
    } else if facts.mode & 0o077 != 0 {
        Some("others can read it; libpq wants the mode 0600 or less")
    } else {
        None
    }
}

/// What the tests here and the comparison with psql share: a text, and the password for host `h`, port 5432,
/// database `d:b`, user `u\v`.
#[cfg(test)]
pub(super) const LINES: &[(&str, Option<&str>)] = &[
    ("", None),
    ("h:5432:d\\:b:u\\\\v:moss", Some("moss")),
    ("h:5432:d\\:b:u\\\\v:mo\\:s\\\\s", Some("mo:s\\s")),
    ("h:5432:d\\:b:u\\\\v:moss:lantern", Some("moss")),
    ("h:5432:d\\:b:u\\\\v:moss lantern ", Some("moss lantern ")),
    ("*:*:*:*:moss", Some("moss")),
    ("*:*:*:*:moss\r\n", Some("moss")),
    ("*:*:*:*:moss\r", Some("moss")),
    ("#*:*:*:*:fern\n*:*:*:*:moss", Some("moss")),
    ("i:*:*:*:fern\nh:5433:*:*:fern\nh:*:d:*:fern\nh:*:*:u:fern\n\\h:*:*:*:moss", Some("moss")),
    ("*:*:*:*:moss\nh:5432:*:*:fern", Some("moss")),
    ("h*:*:*:*:fern", None),
    ("hh:*:*:*:fern", None),
    ("h:*:*:fern", None),
    ("h:5432:d:b:u\\\\v:moss", Some("moss")),
    ("\\*:*:*:*:fern", None),
    (" h:*:*:*:fern", None),
    ("*:*:*:*:\\", Some("\\")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_fits_counts() {
        let wanted = Wanted { host: "h", port: "5432", database: "d:b", user: "u\\v" };
        for (text, expected) in LINES {
            assert_eq!(password(text, wanted).as_deref(), *expected, "{text:?}");
        }
        assert_eq!(password("*:*:*:*:\n*:*:*:*:fern", wanted).as_deref(), Some(""));
    }

    #[test]
    fn files_that_others_can_read_are_passed_over() {
        let check = |is_plain, mode, expected: bool| {
            let facts = Facts { is_plain, owner: 1000, mode };
            assert_eq!(flaw(facts).is_none(), expected, "{is_plain} {mode:o}");
        };
        check(true, 0o600, true);
        check(true, 0o400, true);
        check(true, 0o700, true);
        check(true, 0o640, false);
        check(true, 0o604, false);
        check(false, 0o600, false);
    }
}

//! libpq's modes of TLS, and what else they are called.

use crate::finding::suggest;
use crate::model::Key;
use crate::rules::{Case, Site, server};

/// libpq's modes, from none to the strictest.
pub(super) const MODES: &[&str] = &["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

/// What other programs, and people, call them.
const OTHER_NAMES: &[(&str, &[&str])] = &[
    ("disable", &["0", "disabled", "false", "never", "no", "none", "off"]),
    ("prefer", &["auto", "opportunistic", "optional", "preferred"]),
    (
        "require",
        &[
            "1",
            "always",
            "enable",
            "enabled",
            "force",
            "mandatory",
            "no-verify",
            "on",
            "required",
            "ssl",
            "tls",
            "true",
            "yes",
        ],
    ),
    ("verify-ca", &["ca", "verifyca"]),
    ("verify-full", &["full", "strict", "verify", "verify-host", "verify-identity", "verifyfull"]),
];

/// The mode of a site, if it is one that libpq knows. Only pgjdbc does not mind capitals.
pub(super) fn of(case: &Case<'_>, site: &Site<'_>) -> Option<&'static str> {
    let mode = site.known(Key::SslMode)?;
    let is_jdbc = || {
        let written = site.get(Key::SslMode).and_then(|setting| server::written(case, &setting.origin));
        written.is_some_and(|text| text.starts_with("jdbc:"))
    };
    MODES.iter().find(|known| **known == mode || (mode.eq_ignore_ascii_case(known) && is_jdbc())).copied()
}

/// The mode that an unknown one is but for capitals and underscores. Whoever understands it so (asyncpg does, and
/// pgjdbc) takes it for this mode, and everybody else refuses it.
pub(super) fn spelt(mode: &str) -> Option<&'static str> {
    let name = mode.to_ascii_lowercase().replace('_', "-");
    MODES.iter().find(|known| **known == name).copied()
}

/// The mode that an unknown one was most likely meant to be.
pub(super) fn meant(mode: &str) -> Option<&'static str> {
    let name = mode.trim().to_ascii_lowercase().replace(['_', ' '], "-");
    let known = spelt(&name);
    let other = || OTHER_NAMES.iter().find(|(_, names)| names.contains(&name.as_str())).map(|(known, _)| *known);
    known.or_else(other).or_else(|| suggest(&name, MODES))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_suggested() {
        for (mode, expected) in [
            ("verify_full", Some("verify-full")),
            ("VERIFY-FULL", Some("verify-full")),
            ("VERIFY_IDENTITY", Some("verify-full")),
            ("required", Some("require")),
            ("REQUIRED", Some("require")),
            ("true", Some("require")),
            ("no-verify", Some("require")),
            ("off", Some("disable")),
            ("preferred", Some("prefer")),
            ("requre", Some("require")),
            ("verify-fulll", Some("verify-full")),
            ("banana", None),
        ] {
            assert_eq!(meant(mode), expected, "{mode}");
        }
    }
}

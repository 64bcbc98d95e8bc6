//! `--format nagios` also when dbcfg cannot do its job: monitoring shows the first line of standard output, and knows
//! statuses of its own.

use std::ffi::OsString;

use crate::cli::ProbeFormat;

use super::wishes;

/// What the line begins with when nothing is known.
pub(in super::super) const UNKNOWN: &str = "DBCFG UNKNOWN - ";

/// Whether these arguments ask for a plugin. Looked at as they were typed, since they may be wrong otherwise.
pub(in super::super) fn is_plugin(arguments: &[OsString]) -> bool {
    let arguments: Vec<&str> = arguments.iter().skip(1).filter_map(|argument| argument.to_str()).collect();
    if !arguments.contains(&"probe") {
        return false;
    }
    // The last one counts.
    let typed = arguments.iter().enumerate().rev().find_map(|(index, argument)| match *argument {
        "--format" => arguments.get(index + 1).copied(),
        argument => argument.strip_prefix("--format="),
    });
    match typed {
        Some(format) => format == "nagios",
        None => wishes::wanted_format(None).is_ok_and(|format| format == ProbeFormat::Nagios),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plugins_are_known_by_their_arguments() {
        for (arguments, expected) in [
            ("dbcfg probe --format nagios", true),
            ("dbcfg probe --tmeout 3 --format=nagios main", true),
            ("dbcfg --quiet probe --format json --format nagios", true),
            ("dbcfg probe --format nagios --format json", false),
            ("dbcfg probe --format", false),
            ("dbcfg probe", false),
            ("dbcfg check --format nagios", false),
            ("dbcfg", false),
        ] {
            let typed: Vec<OsString> = arguments.split(' ').map(OsString::from).collect();
            assert_eq!(is_plugin(&typed), expected, "{arguments}");
        }
    }
}

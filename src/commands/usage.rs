//! Errors of usage, in our words: clap quotes what was typed, and that may hold a password.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory as _, Error};
use std::error::Error as _;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::Write as _;

use crate::cli::Cli;
use crate::exit::ExitStatus;
use crate::model::measure::Expected;

use super::output::{finish, say};

/// Prints help and version as clap has them, and errors without the values that were typed. An error is given back, too.
pub(super) fn explain(error: &Error, arguments: &[OsString]) -> Result<ExitStatus, Vec<String>> {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            match finish(error.print().and_then(|()| std::io::stdout().flush())) {
                Ok(()) => Ok(ExitStatus::Success),
                Err(error) => {
                    say("dbcfg: the help could not be written");
                    say(&format!("dbcfg: {error}"));
                    Ok(ExitStatus::Failure)
                }
            }
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            Ok(ExitStatus::Failure)
        }
        kind => {
            let below_zero = below_zero(arguments).filter(|_| kind == ErrorKind::UnknownArgument);
            let message = below_zero.unwrap_or_else(|| message(kind, error));
            say(&format!("dbcfg: {message}"));
            say(&format!("For more information, try `dbcfg{} --help`.", command(arguments)));
            Err(vec![message])
        }
    }
}

/// Flags that go with another one only. The error names the one that is missing, which nobody has typed.
const NEEDS: [(&str, &str); 4] = [
    ("`--force`", "`--undo`"),
    ("`--verbose`", "`--history`"),
    ("`--no-backup`", "`--fix`"),
    ("`--server-memory`", "`--deep`"),
];

/// What is said of a number below 0 behind a flag, which clap takes for another flag; nothing if there is none.
fn below_zero(arguments: &[OsString]) -> Option<String> {
    let is_below = |typed: &str| {
        let rest = typed.strip_prefix('-');
        rest.is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
    };
    let typed: Vec<&str> = arguments.iter().map(|typed| typed.to_str().unwrap_or_default()).collect();
    let before = typed.windows(2).find(|pair| pair[0].starts_with("--") && is_below(pair[1]))?[0];
    Some(format!("{} does not take a number below 0", flag(before)))
}

/// The subcommand that was typed, behind a space; nothing if it was none.
fn command(arguments: &[OsString]) -> String {
    let known = Cli::command();
    let names = || known.get_subcommands().map(clap::Command::get_name);
    let typed = arguments.iter().skip(1).find_map(|typed| names().find(|name| typed == name));
    typed.map(|name| format!(" {name}")).unwrap_or_default()
}

fn message(kind: ErrorKind, error: &Error) -> String {
    let argument = error.get(ContextKind::InvalidArg).map(|value| flag(&value.to_string()));
    let argument = argument.unwrap_or_else(|| "an argument".to_owned());
    let mut text = match kind {
        ErrorKind::UnknownArgument => format!("unexpected argument {argument}"),
        ErrorKind::InvalidSubcommand => "no such command".to_owned(),
        ErrorKind::InvalidValue if names(error, ContextKind::ValidValue).is_empty() => {
            format!("{argument} needs a value")
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => format!("{argument} does not take this value"),
        ErrorKind::MissingRequiredArgument => {
            let missing = names(error, ContextKind::InvalidArg);
            let missing = missing.first().map(|name| flag(name));
            let dependent = NEEDS.iter().find(|(_, needed)| missing.as_deref() == Some(*needed));
            match (dependent, missing) {
                (Some((one, needed)), _) => format!("{one} goes with {needed}"),
                (None, missing) => format!("{} is missing", missing.unwrap_or(argument)),
            }
        }
        ErrorKind::ArgumentConflict => {
            let others = names(error, ContextKind::PriorArg);
            match others.first().map(|other| flag(other)).filter(|other| other.starts_with('`')) {
                Some(other) => format!("{argument} does not go with {other}"),
                None => format!("{argument} does not go with another argument"),
            }
        }
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            format!("{argument} takes another number of values")
        }
        ErrorKind::NoEquals => format!("{argument} needs `=` before its value"),
        ErrorKind::InvalidUtf8 => "an argument is not valid UTF-8".to_owned(),
        _ => "the arguments do not fit".to_owned(),
    };
    // Other reasons quote what was typed.
    if let Some(expected) = error.source().and_then(|reason| reason.downcast_ref::<Expected>()) {
        let _ = write!(text, "; {expected}");
    }
    let valid = names(error, ContextKind::ValidValue);
    if !valid.is_empty() {
        let _ = write!(text, "; it is one of {}", valid.join(", "));
    }
    let similar = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue]
        .into_iter()
        .flat_map(|kind| names(error, kind))
        .next();
    if let Some(similar) = similar {
        let _ = write!(text, "; did you mean `{similar}`?");
    }
    text
}

/// The name of a flag as it was typed, without the value behind it; a plain argument is not quoted at all.
fn flag(typed: &str) -> String {
    let name = typed.split(['=', ' ']).next().unwrap_or_default();
    let is_name = name.starts_with('-')
        && name.len() <= 30
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'_'));
    if is_name { format!("`{name}`") } else { "that dbcfg does not know".to_owned() }
}

fn names(error: &Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::Strings(names)) => names.clone(),
        Some(ContextValue::String(name)) => vec![name.clone()],
        _ => Vec::new(),
    }
}

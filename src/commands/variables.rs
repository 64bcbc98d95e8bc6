//! What several commands take, typed or from the variables `DBCFG_*`: what was typed beats a variable.

use std::env;
use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow};
use clap::ValueEnum;

use crate::model::measure::Expected;
use crate::rules;

use super::input;

/// A variable that is set and not empty.
pub(super) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|text| !text.trim().is_empty())
}

/// What was typed, or what a variable says.
pub(super) fn value<Value: ValueEnum>(typed: Option<Value>, name: &str) -> Result<Option<Value>> {
    let Some(text) = variable(name).filter(|_| typed.is_none()) else { return Ok(typed) };
    let valid = || {
        let names =
            Value::value_variants().iter().filter_map(|value| Some(value.to_possible_value()?.get_name().to_owned()));
        anyhow!("the variable {name} is one of {}", names.collect::<Vec<_>>().join(", "))
    };
    Value::from_str(text.trim(), true).map(Some).map_err(|_| valid())
}

/// Names of rules that were typed, or that a variable lists.
pub(super) fn rules_of(typed: &[String], flag: &str, name: &str) -> Result<Vec<String>> {
    let listed = variable(name).filter(|_| typed.is_empty());
    let place = if listed.is_some() { format!("the variable {name}") } else { format!("`{flag}`") };
    let names: Vec<String> = match &listed {
        Some(text) => text.split(',').map(str::to_owned).collect(),
        None => typed.to_vec(),
    };
    let names: Vec<String> = names.iter().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
    match names.iter().find_map(|name| rules::unknown(name)) {
        Some(unknown) => Err(anyhow!("{place}: {}", input::unknown_rule(&unknown))),
        None => Ok(names),
    }
}

/// What was typed, or what a variable says in the same words.
pub(super) fn measured<Value>(
    typed: Option<Value>,
    name: &str,
    read: impl Fn(&str) -> Result<Value, Expected>,
) -> Result<Option<Value>> {
    let Some(text) = variable(name).filter(|_| typed.is_none()) else { return Ok(typed) };
    // What it says is not repeated: it may be a password.
    read(&text).map(Some).map_err(|expected| anyhow!("the variable {name}: {expected}"))
}

/// `FORMAT=PATH`; the example shows what is right.
pub(super) fn report_argument<Format: ValueEnum>(argument: &str, example: &str) -> Result<(Format, PathBuf)> {
    let parsed = argument.split_once('=').filter(|(_, path)| !path.is_empty());
    let format = parsed.and_then(|(format, path)| Some((Format::from_str(format, false).ok()?, path.into())));
    format.with_context(|| format!("`--report` takes a format and a file: --report {example}"))
}

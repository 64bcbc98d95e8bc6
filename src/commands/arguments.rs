//! What `check` was asked for: what was typed, and behind it the variables `DBCFG_*`.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use clap::ValueEnum;

use crate::cli::{Check, CheckFormat, FailOn};
use crate::finding::Safety;
use crate::load::Query;
use crate::rules;

use super::input;

/// What `check` was asked for, checked as far as that needs no file.
pub(super) struct Wishes {
    /// What is read.
    pub(super) query: Query,
    /// How the findings are printed.
    pub(super) format: CheckFormat,
    /// The reports that are written besides.
    pub(super) reports: Vec<(CheckFormat, PathBuf)>,
    /// The rules and groups that are selected.
    pub(super) select: Vec<String>,
    /// The rules and groups that are ignored.
    pub(super) ignore: Vec<String>,
    /// From which severity on the status is 1; none leaves it to the settings of the tool.
    pub(super) fail_on: Option<FailOn>,
    /// The baseline; none leaves it to the settings of the tool.
    pub(super) baseline: Option<PathBuf>,
    /// Which findings are mended, if any.
    pub(super) fixes: Option<Safety>,
}

impl Wishes {
    /// Puts together what was typed and the variables.
    pub(super) fn new(arguments: &Check) -> Result<Self> {
        let paths = paths(arguments)?;
        let wishes = Self {
            format: value(arguments.format, "DBCFG_FORMAT")?.unwrap_or(CheckFormat::Human),
            reports: arguments.report.iter().map(|report| report_argument(report)).collect::<Result<_>>()?,
            select: rules_of(&arguments.select, "--select", "DBCFG_SELECT")?,
            ignore: rules_of(&arguments.ignore, "--ignore", "DBCFG_IGNORE")?,
            fail_on: value(arguments.fail_on, "DBCFG_FAIL_ON")?,
            baseline: arguments.baseline.clone().or_else(|| variable("DBCFG_BASELINE").map(PathBuf::from)),
            fixes: fixes(arguments)?,
            query: Query { paths, ..Query::default() },
        };
        // Only now, since it may wait for somebody to type.
        let wants_stdin = arguments.paths.iter().any(|path| is_stdin(path));
        let stdin = wants_stdin.then(|| input::standard_input(arguments.stdin_filename.as_deref())).transpose()?;
        Ok(Self { query: Query { stdin, ..wishes.query }, ..wishes })
    }

    /// Whether a format is printed or written.
    pub(super) fn has_format(&self, format: CheckFormat) -> bool {
        self.format == format || self.reports.iter().any(|(known, _)| *known == format)
    }
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// Which findings are mended.
fn fixes(arguments: &Check) -> Result<Option<Safety>> {
    match (arguments.fix || arguments.diff, arguments.unsafe_fixes) {
        (false, true) => bail!("`--unsafe-fixes` goes with `--fix`, or with `--diff`, which only shows them"),
        (false, false) => Ok(None),
        (true, false) => Ok(Some(Safety::Safe)),
        (true, true) => Ok(Some(Safety::Unsafe)),
    }
}

/// The paths that were typed, or the working directory.
fn paths(arguments: &Check) -> Result<Vec<PathBuf>> {
    let wants_stdin = arguments.paths.iter().any(|path| is_stdin(path));
    let mut paths: Vec<PathBuf> = arguments.paths.iter().filter(|path| !is_stdin(path)).cloned().collect();
    if let Some(scheme) = paths.iter().find_map(|path| input::connection_string(path)) {
        bail!("a path is expected, and this is a {scheme}");
    }
    if arguments.stdin_filename.is_some() && !wants_stdin {
        bail!("`--stdin-filename` goes with `-`, which reads standard input");
    }
    if arguments.stdin_filename.as_deref().is_some_and(|name| input::connection_string(Path::new(name)).is_some()) {
        bail!("`--stdin-filename` takes the name of a file, and this is none");
    }
    if arguments.write_baseline && wants_stdin {
        bail!("a baseline is written for files, not for standard input");
    }
    if paths.is_empty() && !wants_stdin {
        paths.push(PathBuf::from("."));
    }
    Ok(paths)
}

/// A variable that is set and not empty.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|text| !text.trim().is_empty())
}

/// What was typed, or what a variable says.
fn value<Value: ValueEnum>(typed: Option<Value>, name: &str) -> Result<Option<Value>> {
    let Some(text) = variable(name).filter(|_| typed.is_none()) else { return Ok(typed) };
    let valid = || {
        let names =
            Value::value_variants().iter().filter_map(|value| Some(value.to_possible_value()?.get_name().to_owned()));
        anyhow!("the variable {name} is one of {}", names.collect::<Vec<_>>().join(", "))
    };
    Value::from_str(text.trim(), true).map(Some).map_err(|_| valid())
}

/// Names of rules that were typed, or that a variable lists.
fn rules_of(typed: &[String], flag: &str, name: &str) -> Result<Vec<String>> {
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

/// `FORMAT=PATH`
fn report_argument(argument: &str) -> Result<(CheckFormat, PathBuf)> {
    let parsed = argument.split_once('=').filter(|(_, path)| !path.is_empty());
    let format = parsed.and_then(|(format, path)| Some((CheckFormat::from_str(format, false).ok()?, path.into())));
    format.context("`--report` takes a format and a file: --report json=findings.json")
}

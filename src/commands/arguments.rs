//! What `check` was asked for: what was typed, and behind it the variables `DBCFG_*`.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::cli::{Check, CheckFormat, FailOn};
use crate::finding::Safety;
use crate::load::Query;

use super::input;
use super::variables::{report_argument, rules_of, value, variable};

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
            reports: arguments
                .report
                .iter()
                .map(|it| report_argument(it, "json=findings.json"))
                .collect::<Result<_>>()?,
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

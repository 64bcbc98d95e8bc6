//! `dbcfg check`: what is wrong with the configurations below some paths.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::cli::{Check, CheckFormat, FailOn};
use crate::exit::ExitStatus;
use crate::finding::Severity;
use crate::load::{self, Query, Read};
use crate::redact;
use crate::report::{self, Entry, Quotes, Style, Summary};
use crate::rules::{self, Known, Selection, Wanted};
use crate::settings::Level;

use super::baseline::{self, Files};
use super::input;
use super::output::{self, Output};

/// What became of one project.
#[derive(Default)]
struct Checked {
    entries: Vec<Entry>,
    suppressed: usize,
    files: usize,
    /// Whether no database or service is described.
    is_empty: bool,
    /// Whether something could not be read.
    has_failed: bool,
    /// Whether a finding is at or above the limit that counts here.
    has_findings: bool,
    /// What the baseline to be written is to hold.
    known: Vec<Known>,
    /// What `--verbose` tells.
    talk: String,
    /// Why it could not be checked.
    error: Option<String>,
}

pub(super) fn run(arguments: &Check, output: Output) -> Result<ExitStatus> {
    let query = query(arguments)?;
    let reports: Vec<(CheckFormat, &Path)> =
        arguments.report.iter().map(|report| report_argument(report)).collect::<Result<_>>()?;
    let baselines = Files::new(arguments.baseline.as_deref(), arguments.write_baseline)?;
    let checked = load::projects(&query, |read| match read {
        Ok(read) => check(read, arguments, &baselines).unwrap_or_else(|error| failed(&error)),
        Err(error) => failed(&input::explain(&error)),
    });
    let status = status(&checked, arguments);
    let mut told: Vec<&str> = Vec::new();
    for error in checked.iter().filter_map(|checked| checked.error.as_deref()) {
        // One file may hold the settings of many projects.
        if !told.contains(&error) {
            error.lines().for_each(|line| output::say(&format!("dbcfg: {}", line.trim_start_matches("dbcfg: "))));
            told.push(error);
        }
    }
    if checked.iter().all(|checked| checked.is_empty && !checked.has_failed) {
        output.talk("No database settings were found.\n");
    }
    let (mut entries, mut known, mut files, mut suppressed) = (Vec::new(), Vec::new(), 0, 0);
    for mut project in checked {
        if arguments.verbose {
            output.talk(&project.talk);
        }
        entries.append(&mut project.entries);
        known.append(&mut project.known);
        files += project.files;
        suppressed += project.suppressed;
    }
    if arguments.write_baseline {
        return write_baseline(&baselines, known, status, output);
    }
    let summary = Summary::of(&entries, files, suppressed);
    let shape = (output.result_style(), Output::width());
    Output::result(&render(arguments.format, &entries, summary, shape))?;
    for (format, path) in reports {
        let text = render(format, &entries, summary, (Style { is_coloured: false }, None));
        output::write_file(path, &text).with_context(|| format!("{} could not be written", shown(path)))?;
    }
    Ok(status)
}

fn query(arguments: &Check) -> Result<Query> {
    let is_stdin = |path: &PathBuf| path == Path::new("-");
    let mut paths: Vec<PathBuf> = arguments.paths.iter().filter(|path| !is_stdin(path)).cloned().collect();
    if let Some(scheme) = paths.iter().find_map(|path| input::connection_string(path)) {
        bail!("a path is expected, and this is a {scheme}");
    }
    let wants_stdin = arguments.paths.iter().any(is_stdin);
    if arguments.stdin_filename.is_some() && !wants_stdin {
        bail!("`--stdin-filename` goes with `-`, which reads standard input");
    }
    if arguments.stdin_filename.as_deref().is_some_and(|name| input::connection_string(Path::new(name)).is_some()) {
        bail!("`--stdin-filename` takes the name of a file, and this is none");
    }
    for name in arguments.select.iter().chain(&arguments.ignore) {
        if let Some(unknown) = rules::unknown(name) {
            bail!("{}", input::unknown_rule(&unknown));
        }
    }
    if arguments.write_baseline && (wants_stdin || paths.iter().any(|path| !path.is_dir())) {
        bail!("a baseline is written for whole directories, since it replaces what it held");
    }
    let stdin = wants_stdin.then(|| input::standard_input(arguments.stdin_filename.as_deref())).transpose()?;
    if paths.is_empty() && stdin.is_none() {
        paths.push(PathBuf::from("."));
    }
    Ok(Query { paths, stdin })
}

/// `FORMAT=PATH`
fn report_argument(argument: &str) -> Result<(CheckFormat, &Path)> {
    let parsed = argument.split_once('=').filter(|(_, path)| !path.is_empty());
    let format = parsed.and_then(|(format, path)| {
        let format = <CheckFormat as clap::ValueEnum>::from_str(format, false).ok()?;
        Some((format, Path::new(path)))
    });
    format.context("`--report` takes a format and a file: --report json=findings.json")
}

fn failed(error: &anyhow::Error) -> Checked {
    let lines: Vec<String> = error.chain().map(ToString::to_string).collect();
    Checked { error: Some(lines.join("\n")), has_failed: true, ..Checked::default() }
}

fn check(read: Read, arguments: &Check, baselines: &Files) -> Result<Checked> {
    let selection = Selection::new(&read.settings, &arguments.select, &arguments.ignore);
    let mut checked = Checked {
        files: read.file_count(),
        has_failed: read.has_unreadable,
        talk: if arguments.verbose { describe(&read) } else { String::new() },
        ..Checked::default()
    };
    let wanted = Wanted { selection: &selection, asked: read.asked.as_ref(), ignores: &read.ignores };
    let mut verdict = rules::check(&read.project, read.findings, &read.settings, &wanted);
    let sources = &read.project.sources;
    if let Some(mut baseline) = baselines.of(read.baseline.as_deref())? {
        let known = |finding| baseline.known(sources, finding);
        if baselines.is_written {
            checked.known = verdict.findings.iter().map(known).collect();
        } else {
            let before = verdict.findings.len();
            verdict.findings.retain(|finding| !baseline.take(sources, finding));
            verdict.suppressed += before - verdict.findings.len();
        }
    }
    // A broken file describes nothing, and is something to check.
    checked.is_empty = read.project.is_empty() && verdict.findings.is_empty() && verdict.suppressed == 0;
    checked.suppressed = verdict.suppressed;
    checked.has_findings = limit(arguments.fail_on, read.settings.fail_on)
        .is_some_and(|limit| verdict.worst().is_some_and(|worst| worst >= limit));
    let quotes = if wants_quotes(arguments) { Quotes::Wanted } else { Quotes::Unwanted };
    checked.entries = verdict.findings.iter().map(|finding| Entry::new(sources, finding, quotes)).collect();
    Ok(checked)
}

/// The lowest severity that makes the status 1: what was typed, what the settings say, or error.
fn limit(typed: Option<FailOn>, set: Option<Level>) -> Option<Severity> {
    match (typed, set) {
        (Some(typed), _) => typed.severity(),
        (None, Some(Level::On(severity))) => Some(severity),
        (None, Some(Level::Off)) => None,
        (None, None) => Some(Severity::Error),
    }
}

fn status(checked: &[Checked], arguments: &Check) -> ExitStatus {
    let is_empty = checked.iter().all(|checked| checked.is_empty && checked.error.is_none());
    if checked.iter().any(|checked| checked.has_failed) || (arguments.paths.is_empty() && is_empty) {
        ExitStatus::Failure
    } else if checked.iter().any(|checked| checked.has_findings) {
        ExitStatus::Findings
    } else {
        ExitStatus::Success
    }
}

fn render(format: CheckFormat, entries: &[Entry], summary: Summary, (style, width): (Style, Option<usize>)) -> String {
    match format {
        CheckFormat::Human => report::human(entries, summary, style, width),
        CheckFormat::Concise => report::concise(entries, summary, style),
        CheckFormat::Json => report::json(entries, summary),
    }
}

/// Whether a format that is asked for quotes lines of the files.
fn wants_quotes(arguments: &Check) -> bool {
    let is_human = |report: &String| report.to_ascii_lowercase().starts_with("human=");
    arguments.format == CheckFormat::Human || arguments.report.iter().any(is_human)
}

/// What `--verbose` tells of a project: its files, its environments and its databases.
fn describe(read: &Read) -> String {
    let project = &read.project;
    let mut lines = String::new();
    for (_, source) in project.sources.iter() {
        let _ = writeln!(lines, "read {} ({})", redact::show_text(&source.name), source.kind);
    }
    for configuration in &project.configurations {
        let environment = configuration.environment.as_deref().map(redact::show_text);
        let names: Vec<String> =
            configuration.databases.iter().map(|database| redact::show_text(database.role.name())).collect();
        let names = if names.is_empty() { "no database".to_owned() } else { names.join(", ") };
        let _ = writeln!(lines, "  {}: {names}", environment.as_deref().unwrap_or("without an environment"));
    }
    lines
}

fn write_baseline(baselines: &Files, known: Vec<Known>, status: ExitStatus, output: Output) -> Result<ExitStatus> {
    let count = known.len();
    let path = baseline::write(baselines, known)?;
    output.talk(&format!("Wrote {count} known findings into {}.\n", shown(&path)));
    Ok(if status == ExitStatus::Failure { status } else { ExitStatus::Success })
}

fn shown(path: &Path) -> String {
    redact::show_text(&path.to_string_lossy())
}

//! `dbcfg check`: what is wrong with the configurations below some paths.

use std::env;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::cli::{Check, CheckFormat, FailOn};
use crate::exit::ExitStatus;
use crate::finding::{Finding, RuleInfo, Severity};
use crate::load::{self, Query, Read};
use crate::model::{SourceId, SourceKind, Sources};
use crate::redact;
use crate::report::{self, Entry, Quotes, Run, Style, Summary};
use crate::rules::{self, Known, Selection, Wanted};
use crate::settings::{Level, Settings};

use super::arguments::Wishes;
use super::baseline::{Added, Files};
use super::fix::{self, Mended, Mending};
use super::input::{self, shown};
use super::output::{self, Output};

/// The style of the output, and its columns if it is a terminal.
type Shape = (Style, Option<usize>);

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
    /// How many templates were read, which hold no values.
    templates: usize,
    /// The files that were read, without detours, if something may be written.
    read: Vec<PathBuf>,
    /// The files that one round of mending changes.
    mended: Vec<Mended>,
    /// What the baseline to be written is to hold.
    added: Option<Added>,
    /// The findings for people, as they are printed.
    drawn: String,
    /// What is told besides the findings.
    talk: String,
    /// Why it could not be checked.
    error: Option<String>,
}

pub(super) fn run(arguments: &Check, output: Output) -> Result<ExitStatus> {
    let mut wishes = Wishes::new(arguments)?;
    let baselines = Files::new(wishes.baseline.as_deref(), arguments.write_baseline)?;
    let shape = (output.result_style(), Output::width());
    let mut query = std::mem::take(&mut wishes.query);
    let all = |query: &Query| {
        load::projects(query, |read| match read {
            Ok(read) => check(read, arguments, &wishes, &baselines, shape).unwrap_or_else(|error| failed(&error)),
            Err(error) => failed(&input::explain(&error)),
        })
    };
    let mut checked = all(&query);
    let mut mending = Mending::default();
    for _ in 0..fix::ROUNDS {
        if !mending.add(checked.iter_mut().flat_map(|project| std::mem::take(&mut project.mended)), &mut query) {
            break;
        }
        checked = all(&query);
    }
    let status = status(&checked, arguments);
    talk(&checked, output);
    if arguments.diff {
        return show(&mending, status, output);
    }
    if arguments.fix {
        mending.write(!arguments.no_backup)?;
        say_fixed(&mending, output);
    }
    let (mut entries, mut files, mut suppressed) = (Vec::new(), 0, 0);
    for project in &mut checked {
        entries.append(&mut project.entries);
        files += project.files;
        suppressed += project.suppressed;
    }
    let fixed = arguments.fix.then(|| mending.fixed());
    let summary = Summary { fixed, ..Summary::of(&entries, files, suppressed) };
    let run = Run { root: &working_directory(), has_failed: status == ExitStatus::Failure };
    if !arguments.write_baseline {
        let text = if wishes.format == CheckFormat::Human {
            let drawn = checked.iter_mut().map(|project| std::mem::take(&mut project.drawn));
            drawn.collect::<String>() + &report::human_end(&entries, summary, shape.0, shape.1)
        } else {
            render(wishes.format, &entries, summary, run, shape)
        };
        match query.stdin.filter(|_| arguments.fix) {
            // Standard output holds what it was made into, for the editor that asked.
            Some(stdin) => {
                Output::result_bytes(&stdin.bytes)?;
                output.talk(&text);
            }
            None => Output::result(&text)?,
        }
    }
    for (format, path) in &wishes.reports {
        let is_read = |project: &Checked| project.read.contains(&input::identity(path));
        if checked.iter().any(is_read) {
            bail!("{} was read, and is not written over", shown(path));
        }
        let text = render(*format, &entries, summary, run, (Style { is_coloured: false }, None));
        output::write_file(path, &text).with_context(|| format!("{} could not be written", shown(path)))?;
    }
    if arguments.write_baseline {
        let selection = Selection::new(&Settings::default(), &wishes.select, &wishes.ignore);
        let has_rule = |id: &str| rules::find(id).is_none_or(|rule| selection.has(rule.info));
        let added = checked.into_iter().filter_map(|project| project.added).collect();
        for (path, count) in baselines.write(added, has_rule)? {
            output.talk(&format!("{} holds {}.\n", shown(&path), report::counted(count, "known finding")));
        }
        return Ok(if status == ExitStatus::Failure { status } else { ExitStatus::Success });
    }
    Ok(status)
}

/// Shows what would be mended.
fn show(mending: &Mending, status: ExitStatus, output: Output) -> Result<ExitStatus> {
    Output::result(&mending.diff(output.result_style()))?;
    let has_changes = mending.fixed() > 0;
    if has_changes {
        output.talk(&format!("`--fix` would mend {}.\n", mending.counted()));
    }
    Ok(match status {
        ExitStatus::Failure => status,
        _ if has_changes => ExitStatus::Findings,
        _ => ExitStatus::Success,
    })
}

fn say_fixed(mending: &Mending, output: Output) {
    if mending.fixed() > 0 {
        output.talk(&format!("Mended {}.\n", mending.counted()));
    }
}

/// What is told besides the findings: why projects could not be checked, what was left out, and what was read.
fn talk(checked: &[Checked], output: Output) {
    let mut told: Vec<&str> = Vec::new();
    for error in checked.iter().filter_map(|checked| checked.error.as_deref()) {
        // One file may hold the settings of many projects.
        if !told.contains(&error) {
            error.lines().for_each(|line| output::say(&format!("dbcfg: {}", line.trim_start_matches("dbcfg: "))));
            told.push(error);
        }
    }
    for project in checked {
        output.talk(&project.talk);
    }
    if checked.iter().all(|checked| checked.is_empty && !checked.has_failed) {
        let is_template = checked.iter().any(|project| project.templates > 0);
        let why = if is_template { "; templates hold no values" } else { "" };
        output.talk(&format!("No database settings were found{why}.\n"));
    }
}

fn failed(error: &anyhow::Error) -> Checked {
    let lines: Vec<String> = error.chain().map(ToString::to_string).collect();
    Checked { error: Some(lines.join("\n")), has_failed: true, ..Checked::default() }
}

fn check(mut read: Read, arguments: &Check, wishes: &Wishes, baselines: &Files, shape: Shape) -> Result<Checked> {
    let selection = Selection::new(&read.settings, &wishes.select, &wishes.ignore);
    let mut checked = Checked {
        files: read.file_count(),
        has_failed: read.has_unreadable,
        talk: describe(&read, arguments.verbose),
        templates: read.project.sources.iter().filter(|(_, source)| source.kind == SourceKind::Template).count(),
        read: if wishes.reports.is_empty() { Vec::new() } else { paths(&read.project.sources) },
        ..Checked::default()
    };
    let wanted = Wanted { selection: &selection, asked: read.asked.as_ref(), ignores: &read.ignores };
    let mut verdict = rules::check(&read.project, std::mem::take(&mut read.findings), &read.settings, &wanted);
    let sources = &read.project.sources;
    if let Some(mut baseline) = baselines.of(read.baseline.as_deref())? {
        if baselines.is_written {
            let findings = verdict.findings.iter().map(|finding| baseline.known(sources, finding)).collect();
            let is_asked = |id: &SourceId| read.asked.as_ref().is_none_or(|asked| asked.contains(id));
            let judged = sources.iter().filter(|(id, _)| is_asked(id));
            let judged = judged.map(|(_, source)| redact::show_text(&baseline.relative(&source.name))).collect();
            checked.added = Some(Added { path: baseline.path, findings, judged });
        } else {
            let before = verdict.findings.len();
            verdict.findings.retain(|finding| !baseline.take(sources, finding));
            verdict.suppressed += before - verdict.findings.len();
        }
    }
    if let Some(safety) = wishes.fixes {
        checked.mended = fix::mend(&read, &verdict.findings, safety);
    }
    // A broken file describes nothing, and is something to check.
    checked.is_empty = read.project.is_empty() && verdict.findings.is_empty() && verdict.suppressed == 0;
    checked.suppressed = verdict.suppressed;
    checked.has_findings = limit(wishes.fail_on, read.settings.fail_on)
        .is_some_and(|limit| verdict.worst().is_some_and(|worst| worst >= limit));
    let quotes = if wishes.has_format(CheckFormat::Human) { Quotes::Wanted } else { Quotes::Unwanted };
    // Only forges want to know one finding from another.
    let root = [CheckFormat::Sarif, CheckFormat::Gitlab].iter().any(|format| wishes.has_format(*format));
    let root = root.then(working_directory);
    let entry = |finding| {
        let fingerprint = root.as_ref().map(|root| fingerprint(sources, &finding, root)).unwrap_or_default();
        Entry::new(sources, finding, fingerprint, quotes)
    };
    checked.entries = verdict.findings.into_iter().map(entry).collect();
    if wishes.format == CheckFormat::Human && !arguments.write_baseline {
        // Drawing takes as long as reading, so it is done beside other projects, and the lines are given back.
        checked.drawn = report::human_findings(&checked.entries, shape.0, shape.1);
        if !wishes.reports.iter().any(|(format, _)| *format == CheckFormat::Human) {
            checked.entries.iter_mut().for_each(Entry::drop_quotes);
        }
    }
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

/// From where forges see files; where there is none, paths are told as they are.
fn working_directory() -> PathBuf {
    env::current_dir().unwrap_or_default()
}

/// The fingerprint that a finding has in a baseline that stands in the working directory.
fn fingerprint(sources: &Sources, finding: &Finding, root: &Path) -> String {
    let path = report::relative(&sources.locate(&finding.origin).path, root);
    Known::of(sources, finding, &path).fingerprint
}

fn render(format: CheckFormat, entries: &[Entry], summary: Summary, run: Run<'_>, (style, width): Shape) -> String {
    match format {
        CheckFormat::Human => report::human(entries, summary, style, width),
        CheckFormat::Concise => report::concise(entries, summary, style),
        CheckFormat::Json => report::json(entries, summary),
        CheckFormat::Sarif => {
            let rules: Vec<&RuleInfo> = rules::all().filter(|rule| rule.is_offline()).map(|rule| rule.info).collect();
            report::sarif(entries, &rules, run)
        }
        CheckFormat::Github => report::github(entries, summary, run),
        CheckFormat::Gitlab => report::gitlab(entries, run),
        CheckFormat::Junit => report::junit(entries, summary, run),
    }
}

/// What is told of a project: the named files that it leaves out, and if much is to be told its files, its settings, its
/// environments and its databases.
fn describe(read: &Read, is_verbose: bool) -> String {
    let project = &read.project;
    let mut lines = String::new();
    for path in &read.excluded {
        let _ = writeln!(lines, "{} is excluded by the settings of dbcfg.", shown(path));
    }
    if !is_verbose {
        return lines;
    }
    let settings = read.settings_file.as_ref().map(|path| format!(", with {}", shown(path))).unwrap_or_default();
    let _ = writeln!(lines, "project {}{settings}", shown(&read.directory));
    for (_, source) in project.sources.iter() {
        let _ = writeln!(lines, "  read {} ({})", redact::show_text(&source.name), source.kind);
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

/// The files of a project without detours.
fn paths(sources: &Sources) -> Vec<PathBuf> {
    sources.iter().map(|(_, source)| input::identity(Path::new(&source.name))).collect()
}

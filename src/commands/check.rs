//! `dbcfg check`: what is wrong with the configurations below some paths.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::cli::{Check, CheckFormat};
use crate::exit::ExitStatus;
use crate::load::{self, Query, Read};
use crate::report::{self, Entry, Summary};
use crate::rules::{self, Selection};

use super::output::Output;

/// What became of one project.
#[derive(Default)]
struct Checked {
    entries: Vec<Entry>,
    suppressed: usize,
    files: usize,
    is_empty: bool,
    has_failed: bool,
    /// Why it could not be checked.
    error: Option<String>,
}

pub(super) fn run(arguments: &Check, output: Output) -> Result<ExitStatus> {
    let is_stdin = |path: &PathBuf| path == Path::new("-");
    let mut paths: Vec<PathBuf> = arguments.paths.iter().filter(|path| !is_stdin(path)).cloned().collect();
    let wants_stdin = arguments.paths.iter().any(is_stdin);
    let stdin =
        if wants_stdin { Some((super::input::standard_input()?, arguments.stdin_filename.clone())) } else { None };
    if paths.is_empty() && stdin.is_none() {
        paths.push(PathBuf::from("."));
    }
    let query = Query { paths, stdin };
    let checked = load::projects(&query, |read| match read {
        Ok(read) => check(read, arguments),
        Err(error) => {
            Checked { error: Some(super::show::explain(&error).to_string()), has_failed: true, ..Checked::default() }
        }
    });
    let has_failed = checked.iter().any(|checked| checked.has_failed);
    let is_empty = checked.iter().all(|checked| checked.is_empty);
    let (mut entries, mut files, mut suppressed) = (Vec::new(), 0, 0);
    for mut project in checked {
        entries.append(&mut project.entries);
        files += project.files;
        suppressed += project.suppressed;
        if let Some(error) = project.error {
            super::output::say(&format!("dbcfg: {error}"));
        }
    }
    let summary = Summary::of(&entries, files, suppressed);
    let text = match arguments.format {
        CheckFormat::Human | CheckFormat::Concise | CheckFormat::Json => {
            report::concise(&entries, output.result_style())
        }
    };
    Output::result(&text)?;
    let limit = arguments.fail_on.severity();
    Ok(if has_failed || (is_empty && arguments.paths.is_empty()) {
        ExitStatus::Failure
    } else if limit.is_some_and(|limit| entries.iter().any(|entry| entry.severity >= limit)) {
        ExitStatus::Findings
    } else {
        let _ = summary;
        ExitStatus::Success
    })
}

fn check(read: Read, arguments: &Check) -> Checked {
    let selection = match Selection::new(&read.settings, &arguments.select, &arguments.ignore) {
        Ok(selection) => selection,
        Err(unknown) => {
            let _ = unknown;
            return Checked { error: Some("unknown rule".to_owned()), has_failed: true, ..Checked::default() };
        }
    };
    let (is_empty, files, has_failed) = (read.is_empty(), read.file_count(), read.has_unreadable);
    let verdict = rules::check(&read.project, read.findings, &read.settings, &selection, read.asked.as_ref());
    let entries = verdict.findings.iter().map(|finding| Entry::new(&read.project.sources, finding)).collect();
    Checked { entries, suppressed: verdict.suppressed, files, is_empty, has_failed, error: None }
}

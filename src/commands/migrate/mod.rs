//! `dbcfg migrate`: legacy settings become the canonical ones.

mod arguments;
mod interactive;
mod past;
mod planning;
pub(super) mod store;
mod writing;

use std::mem::ManuallyDrop;
use std::path::PathBuf;

use anyhow::Result;

use crate::cli::{Migrate, MigrateFormat};
use crate::document::{Document, Format};
use crate::exit::ExitStatus;
use crate::model::FileFacts;
use crate::model::{FilePlan, Source, SourceKind};
use crate::report::{self, Entry, Quotes, Style};
use crate::terminal::{self, Interrupt, Stopped, Terminal};

use super::input::shown;
use super::output::{self, Output};
use arguments::Wishes;
use planning::{Decided, Planned, plans};

/// What came of a step that somebody may stop.
enum Outcome<Value> {
    /// It was done.
    Done(Value),
    /// It was stopped.
    Stopped(Stopped),
}

pub(super) fn run(arguments: &Migrate, output: Output) -> Result<ExitStatus> {
    if arguments.history {
        return past::history(arguments, output);
    }
    if arguments.undo {
        return past::undo(arguments, output);
    }
    let decided = Decided::new(Wishes::new(arguments)?);
    let unfinished = store::unfinished()?;
    let mut planned = plans(&decided)?;
    let interrupt = Interrupt::watch();
    let terminal = asks(arguments).then(|| Terminal::new(output.talk_style().is_coloured, interrupt.clone()));
    match store::recover(&unfinished, &target_paths(&planned), terminal.as_ref(), arguments.yes, output)? {
        Outcome::Done(true) => planned = plans(&decided)?,
        Outcome::Done(false) => {}
        Outcome::Stopped(stopped) => return Ok(stop(stopped)),
    }
    tell_findings(&planned, output);
    if let Some(status) = hopeless(arguments, &planned, output) {
        return Ok(status);
    }
    match terminal {
        Some(terminal) => interactive::run(arguments, decided, planned, &terminal, output),
        None => unattended(arguments, planned, &interrupt, output),
    }
}

/// Whether somebody is asked.
fn asks(arguments: &Migrate) -> bool {
    let is_quiet_mode = arguments.yes || arguments.check || arguments.diff || arguments.output.is_some();
    !is_quiet_mode && arguments.format == MigrateFormat::Human && terminal::is_interactive()
}

/// The files that may be written.
fn target_paths(planned: &[Planned]) -> Vec<PathBuf> {
    planned.iter().flat_map(|project| &project.plan.files).map(|file| PathBuf::from(&file.path)).collect()
}

/// What keeps files from being migrated, with places.
fn tell_findings(planned: &[Planned], output: Output) {
    for project in planned {
        for path in &project.read.excluded {
            output.talk(&format!("{} is excluded by the settings of dbcfg.\n", shown(path)));
        }
        let sources = &project.read.project.sources;
        let text = report::findings(sources, &project.findings, output.talk_style(), Output::talk_width());
        output.talk(&text);
    }
}

/// The status of a run in which nothing can be done.
fn hopeless(arguments: &Migrate, planned: &[Planned], output: Output) -> Option<ExitStatus> {
    if planned.iter().any(|project| project.read.has_unreadable) {
        output::say("dbcfg: nothing is migrated while a file of it cannot be read");
        return Some(ExitStatus::Failure);
    }
    if planned.iter().all(|project| project.plan.files.is_empty()) {
        output.talk("No settings files were found.\n");
        let status = if arguments.paths.is_empty() { ExitStatus::Failure } else { ExitStatus::Success };
        return Some(status);
    }
    None
}

/// What is done where nobody is asked.
fn unattended(arguments: &Migrate, planned: Vec<Planned>, interrupt: &Interrupt, output: Output) -> Result<ExitStatus> {
    // The process ends behind this: giving back the values of a large file one by one would only take time.
    let mut kept = ManuallyDrop::new(planned);
    let planned: &mut Vec<Planned> = &mut kept;
    if arguments.check {
        for project in planned.iter() {
            output.talk(&writing::one_line_each(project));
        }
        return Ok(status(planned, false));
    }
    if arguments.diff {
        for project in planned.iter() {
            Output::result(&differences(project, output.result_style()).concat())?;
        }
        return Ok(status(planned, false));
    }
    if let Some(path) = &arguments.output {
        return writing::elsewhere(arguments, path, planned, output);
    }
    planning::look_around(planned);
    let is_json = arguments.format == MigrateFormat::Json;
    let is_changed = planned.iter().flat_map(|project| &project.plan.files).any(FilePlan::is_changed);
    if !is_json {
        tell_plan(planned, output);
    }
    let is_written = if arguments.yes && is_changed {
        if interrupt.is_set() {
            return Ok(stop(Stopped::Interrupted));
        }
        writing::write(arguments, planned, output)?;
        true
    } else {
        false
    };
    let status = status(planned, is_written);
    if is_json {
        Output::result(&json(planned, is_written))?;
    } else if !is_written && is_changed {
        for project in planned.iter() {
            Output::result(&differences(project, output.result_style()).concat())?;
        }
        output.talk(&writing::would_change(planned));
    } else if !is_written {
        output.talk(&writing::nothing_changes(planned));
    }
    // Who interrupts when all is written has come too late.
    Ok(status)
}

/// The plans with what is to be decided, on standard error.
fn tell_plan(planned: &[Planned], output: Output) {
    let (style, width) = (output.talk_style(), Output::talk_width());
    for project in planned {
        output.talk(&report::plan(project.migration(), false, style, width));
        tell_questions(project, planned.len() > 1, true, output);
    }
}

/// What is to be decided, and with `has_choices` what else could be, if anything changes. Among several projects the
/// files are named.
fn tell_questions(project: &Planned, is_one_of_several: bool, has_choices: bool, output: Output) {
    let changed: Vec<&FilePlan> = project.plan.files.iter().filter(|file| file.is_changed()).collect();
    let has_choices = has_choices && !changed.is_empty();
    let named = if changed.is_empty() { project.plan.files.iter().collect() } else { changed };
    let named: Vec<&str> = named.iter().filter(|_| is_one_of_several).map(|file| file.path.as_str()).collect();
    let (sources, questions) = (&project.read.project.sources, &project.plan.questions);
    let (style, width) = (output.talk_style(), Output::talk_width());
    output.talk(&report::questions(sources, questions, has_choices, &named, style, width));
}

/// 0: nothing is left that somebody could do about; 1: something is.
fn status(planned: &[Planned], is_written: bool) -> ExitStatus {
    let is_pending = |project: &Planned| {
        let is_changed = project.plan.files.iter().any(FilePlan::is_changed);
        (is_changed && !is_written) || project.is_undecided() || project.has_to_be_mended()
    };
    if planned.iter().any(is_pending) { ExitStatus::Findings } else { ExitStatus::Success }
}

/// Says that somebody stopped it.
fn stop(stopped: Stopped) -> ExitStatus {
    match stopped {
        Stopped::Interrupted => {
            output::say("Interrupted; nothing was written.");
            ExitStatus::Interrupted
        }
        Stopped::Broken => {
            output::say("dbcfg: the terminal gives no answer; nothing was written");
            ExitStatus::Failure
        }
    }
}

/// How each file of a plan changes, masked.
fn differences(project: &Planned, style: Style) -> Vec<String> {
    let sources = &project.read.project.sources;
    let one = |file: &FilePlan| {
        if !file.is_changed() {
            return String::new();
        }
        let before = file.source.map(|id| sources.get(id));
        report::diff(before, &source(&file.path, before.map(|source| &source.kind), &file.after), style)
    };
    project.plan.files.iter().map(one).collect()
}

/// A text as the file of a name, of the kind that the file was before.
fn source(name: &str, kind: Option<&SourceKind>, text: &str) -> Source {
    let format = Format::of_name(name).unwrap_or_else(|| Format::of_text(text));
    let kind = kind.cloned().unwrap_or(match format {
        Format::Env => SourceKind::Env { environment: None },
        Format::Ini => SourceKind::Ini,
        _ => SourceKind::Settings { environment: None },
    });
    let document = Some(Document::parse(text.as_bytes(), format));
    Source { name: name.to_owned(), kind, document, facts: FileFacts::default() }
}

fn json(planned: &[Planned], is_written: bool) -> String {
    let migrations: Vec<_> = planned.iter().map(Planned::migration).collect();
    let plain = Style { is_coloured: false };
    let differences: Vec<Vec<String>> = planned.iter().map(|project| differences(project, plain)).collect();
    let entries: Vec<Entry> = planned
        .iter()
        .flat_map(|project| {
            let sources = &project.read.project.sources;
            let entry = |finding| Entry::new(sources, finding, String::new(), Quotes::Unwanted);
            project.findings.iter().cloned().map(entry).collect::<Vec<_>>()
        })
        .collect();
    report::migration_json(&migrations, &differences, &entries, is_written)
}

//! What dbcfg wrote before: listed, and taken back.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

use crate::cli::{Migrate, MigrateFormat};
use crate::exit::ExitStatus;
use crate::model::HistoryEntry;
use crate::report::{self, Style};
use crate::rewrite::write::{self, Store};
use crate::terminal::{self, Interrupt, Terminal};

use super::super::input::{self, shown};
use super::super::output::{self, Output};
use super::{Outcome, arguments, source, stop, store};

/// Lists what was written.
pub(super) fn history(arguments: &Migrate, output: Output) -> Result<ExitStatus> {
    let paths = arguments::paths(&arguments.paths)?;
    let entries = write::history(&store::store()?, &paths).map_err(|error| store::explain(&error))?;
    let text = match arguments.format {
        MigrateFormat::Json => report::history_json(&entries),
        MigrateFormat::Human => {
            let has_values = arguments.verbose || matches!(paths.as_slice(), [path] if !path.is_dir());
            report::history(&entries, has_values, output.result_style(), Output::width())
        }
    };
    Output::result(&text)?;
    if entries.is_empty() {
        output.talk("dbcfg has written nothing here.\n");
    }
    Ok(ExitStatus::Success)
}

/// Takes back the last change of files.
pub(super) fn undo(arguments: &Migrate, output: Output) -> Result<ExitStatus> {
    if arguments.format != MigrateFormat::Human {
        bail!("`--undo` has no format for programs; `--history --format json` tells what was done");
    }
    let paths = arguments::paths(&arguments.paths)?;
    let here = Path::new(".");
    let store = store::store()?;
    let interrupt = Interrupt::watch();
    let asks = !arguments.yes && !arguments.diff && terminal::is_interactive();
    let terminal = asks.then(|| Terminal::new(output.talk_style().is_coloured, interrupt.clone()));
    let concerned = if paths.is_empty() { vec![here.to_owned()] } else { paths.clone() };
    match store::recover(&store::unfinished()?, &concerned, terminal.as_ref(), arguments.yes, output)? {
        Outcome::Done(_) => {}
        Outcome::Stopped(stopped) => return Ok(stop(stopped)),
    }
    let entries = write::undoable(&store, &paths, here).map_err(|error| store::explain(&error))?;
    if entries.is_empty() {
        let place = if paths.is_empty() { " below this directory" } else { "" };
        output.talk(&format!("There is nothing to take back{place}.\n"));
        return Ok(ExitStatus::Success);
    }
    if !arguments.yes {
        for entry in &entries {
            Output::result(&difference(entry, output.result_style()))?;
        }
        let count = report::counted(entries.len(), "file");
        let Some(terminal) = terminal else {
            if !arguments.diff {
                output.talk(&format!("{count} would be put back; `--yes` does it.\n"));
            }
            return Ok(ExitStatus::Findings);
        };
        output::say("");
        match terminal.confirm(&format!("Put back {count}?")) {
            Ok(true) => {}
            Ok(false) => {
                output.talk("Nothing was written.\n");
                return Ok(ExitStatus::Findings);
            }
            Err(stopped) => return Ok(stop(stopped)),
        }
    }
    if interrupt.is_set() {
        return Ok(stop(terminal::Stopped::Interrupted));
    }
    take_back(&store, &entries, arguments.force, output)?;
    Ok(if interrupt.is_set() { ExitStatus::Interrupted } else { ExitStatus::Success })
}

fn take_back(store: &Store, entries: &[HistoryEntry], is_forced: bool, output: Output) -> Result<()> {
    let written = write::take_back(store, entries, is_forced).map_err(|error| store::explain(&error))?;
    store::warn(&written);
    let names: Vec<String> = written.files.iter().map(|path| shown(Path::new(&display_path(path)))).collect();
    output.talk(&format!("Put back {}.\n", names.join(", ")));
    Ok(())
}

/// How a file changes when an entry is taken back, masked.
fn difference(entry: &HistoryEntry, style: Style) -> String {
    let name = display_path(&entry.file);
    let read = |path: &Path| Some(String::from_utf8_lossy(&fs::read(path).ok()?).into_owned());
    let now = read(&entry.file).map(|text| source(&name, None, &text));
    match entry.snapshot.as_deref().and_then(read) {
        Some(before) => report::diff(now.as_ref(), &source(&name, None, &before), style),
        None => format!("{} goes away: it was made then\n", shown(Path::new(&name))),
    }
}

/// A path as it is seen from the working directory.
pub(super) fn display_path(path: &Path) -> String {
    let here = std::env::current_dir().map(|here| input::identity(&here)).unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path).to_string_lossy().into_owned()
}

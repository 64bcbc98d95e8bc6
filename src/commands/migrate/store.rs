//! Where backups and the journal are, and runs that were killed before they ended.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};

use crate::model::Unfinished;
use crate::redact;
use crate::rewrite::write::{self, Store, WriteError, Written};
use crate::terminal::Terminal;

use super::super::input::{self, shown};
use super::super::output::{self, Output};
use super::Outcome;
use super::past::display_path;

/// The store in the user's state directory.
///
/// # Errors
///
/// Nothing says where that is.
pub(in crate::commands) fn store() -> Result<Store> {
    Store::in_state_directory(env::var_os("XDG_STATE_HOME"), env::var_os("HOME")).ok_or_else(|| {
        anyhow!(
            "there is no place for backups: neither XDG_STATE_HOME nor HOME names a directory\n\
             set one of them, or write without a way back with `--no-backup`"
        )
    })
}

/// What went wrong with a file, as lines that are said.
pub(in crate::commands) fn explain(error: &WriteError) -> anyhow::Error {
    let mut lines = format!("{}: {}", shown(&error.path), redact::escape(&error.message));
    for more in [&error.help, &error.state] {
        if !more.is_empty() {
            lines.push('\n');
            lines.push_str(&redact::escape(more));
        }
    }
    anyhow!(lines)
}

/// Says what went wrong after files were written.
pub(in crate::commands) fn warn(written: &Written) {
    for warning in &written.warnings {
        output::say(&format!("dbcfg: {}", redact::escape(warning)));
    }
}

/// The runs that were killed between two files, before anything is read. Without a store there are none.
///
/// # Errors
///
/// The store cannot be read.
pub(super) fn unfinished() -> Result<Vec<Unfinished>> {
    match store() {
        Ok(store) => write::unfinished(&store).map_err(|error| explain(&error)),
        Err(_) => Ok(Vec::new()),
    }
}

/// Puts back the files of runs that were killed, of those that concern a file at or below one of `paths`: after a
/// question, or if `is_yes`. Says whether anything was put back.
///
/// # Errors
///
/// Nobody allowed it, or it cannot be done.
pub(super) fn recover(
    unfinished: &[Unfinished],
    paths: &[PathBuf],
    terminal: Option<&Terminal>,
    is_yes: bool,
    output: Output,
) -> Result<Outcome<bool>> {
    let wanted: Vec<PathBuf> = paths.iter().map(|path| input::identity(path)).collect();
    let concerns = |run: &Unfinished| {
        let files = run.written.iter().chain(&run.waiting);
        let mut files = files.map(|path| input::identity(path));
        files.any(|path| wanted.iter().any(|wanted| path.starts_with(wanted)))
    };
    let mut has_recovered = false;
    for run in unfinished.iter().filter(|run| concerns(run)) {
        let time = redact::show_text(&run.time);
        let files: Vec<String> = run.written.iter().map(|path| shown(Path::new(&display_path(path)))).collect();
        let what = format!("A run of {time} was ended before it was done. It had written {}.", files.join(", "));
        match terminal {
            _ if is_yes => output.talk(&format!("{what}\n")),
            Some(terminal) => {
                output::say(&what);
                match terminal.confirm("Put back what was there before?") {
                    Ok(true) => {}
                    Ok(false) => return Err(refused(&what)),
                    Err(stopped) => return Ok(Outcome::Stopped(stopped)),
                }
            }
            None => return Err(refused(&what)),
        }
        let written = write::recover(&store()?, run).map_err(|error| explain(&error))?;
        warn(&written);
        let files: Vec<String> = written.files.iter().map(|path| shown(Path::new(&display_path(path)))).collect();
        output.talk(&format!("Put back {}.\n", files.join(", ")));
        has_recovered = true;
    }
    Ok(Outcome::Done(has_recovered))
}

fn refused(what: &str) -> anyhow::Error {
    anyhow!("{what}\nnothing else is done before that is put back; `dbcfg migrate --yes` does it first")
}

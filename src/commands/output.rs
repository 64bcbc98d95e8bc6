//! Where output goes: results to standard output, talk to standard error.

use std::env;
use std::fs;
use std::io::{self, ErrorKind, IsTerminal as _, Write as _};
use std::path::Path;
use std::process;

use anyhow::{Context as _, Result};

use crate::cli::Color;
use crate::report::Style;

/// The two streams of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output {
    color: Color,
    pub(super) is_quiet: bool,
}

impl Output {
    pub(super) fn new(color: Color, is_quiet: bool) -> Self {
        Self { color, is_quiet }
    }

    /// The style of standard output.
    pub(super) fn result_style(self) -> Style {
        self.style(io::stdout().is_terminal())
    }

    /// The style of standard error.
    pub(super) fn talk_style(self) -> Style {
        self.style(io::stderr().is_terminal())
    }

    fn style(self, is_terminal: bool) -> Style {
        let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_coloured = match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto if is_set("NO_COLOR") => false,
            Color::Auto if env::var_os("CLICOLOR_FORCE").is_some_and(|value| !value.is_empty() && value != "0") => true,
            Color::Auto => is_terminal && env::var_os("TERM").is_none_or(|term| term != "dumb"),
        };
        Style { is_coloured }
    }

    /// The columns of the terminal that standard output is; none if it is none.
    pub(super) fn width() -> Option<usize> {
        if !io::stdout().is_terminal() {
            return None;
        }
        let (terminal_size::Width(columns), _) = terminal_size::terminal_size()?;
        Some(columns.into())
    }

    /// The columns of the terminal that standard error is; none if it is none.
    pub(super) fn talk_width() -> Option<usize> {
        let (terminal_size::Width(columns), _) = terminal_size::terminal_size_of(io::stderr())?;
        Some(columns.into())
    }

    /// Writes the result. A reader that leaves early is no failure, and changes nothing about the status.
    pub(super) fn result(text: &str) -> Result<()> {
        Self::result_bytes(text.as_bytes())
    }

    /// The same of a result that need not be text.
    pub(super) fn result_bytes(bytes: &[u8]) -> Result<()> {
        Self::deliver(bytes).map(|_| ())
    }

    /// The same, and whether anybody still reads: who goes on for ever would not notice otherwise.
    pub(super) fn deliver(bytes: &[u8]) -> Result<bool> {
        let mut stdout = io::stdout().lock();
        let outcome = stdout.write_all(bytes).and_then(|()| stdout.flush());
        let is_read = outcome.as_ref().err().is_none_or(|error| error.kind() != ErrorKind::BrokenPipe);
        finish(outcome).context("the result could not be written")?;
        Ok(is_read)
    }

    /// Writes talk, unless there is to be none.
    pub(super) fn talk(self, text: &str) {
        if !self.is_quiet {
            let mut stderr = io::stderr().lock();
            // Nobody is left to be told if standard error is closed.
            let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
        }
    }
}

/// A line on standard error that is said even with `--quiet`: why nothing else is.
pub(super) fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Writes a file that the user asked for: beside it first, then in its place, so that it is whole or the old one.
pub(super) fn write_file(path: &Path, text: &str) -> Result<()> {
    let name = path.file_name().context("a file name is expected")?.to_string_lossy().into_owned();
    if fs::symlink_metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        // A link or a pipe (`/dev/stdout`) is not replaced.
        return fs::write(path, text).map_err(|error| plain(&error));
    }
    let beside = path.with_file_name(format!(".{name}.{}", process::id()));
    let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // What is left of it is of no use to anybody.
        let _ = fs::remove_file(&beside);
    }
    written.map_err(|error| plain(&error))
}

/// Writes a file that may hold secrets, and that nobody but its owner may read: beside it first, then in its place.
pub(super) fn write_private_file(path: &Path, text: &str) -> Result<()> {
    let name = path.file_name().context("a file name is expected")?.to_string_lossy().into_owned();
    if fs::symlink_metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        // A link or a pipe is not replaced.
        return fs::write(path, text).map_err(|error| plain(&error));
    }
    let beside = path.with_file_name(format!(".{name}.{}", process::id()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&beside).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)
    });
    if written.is_err() {
        // What is left of it is of no use to anybody.
        let _ = fs::remove_file(&beside);
    }
    written.map_err(|error| plain(&error))
}

/// What became of writing to standard output. A reader that leaves early is no failure.
pub(super) fn finish(outcome: io::Result<()>) -> Result<()> {
    match outcome {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome.map_err(|error| plain(&error)),
    }
}

/// Our words for what the system says about a stream.
fn plain(error: &io::Error) -> anyhow::Error {
    anyhow::anyhow!(match error.kind() {
        ErrorKind::StorageFull => "no space left on the device",
        ErrorKind::PermissionDenied => "no permission",
        ErrorKind::NotFound => "there is no such directory",
        _ => "the output does not take it",
    })
}

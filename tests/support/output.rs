//! What a run left behind, and what a test may expect of it.

use std::collections::BTreeMap;
use std::process::Command;

use super::difference::difference;
use super::process::Ended;

/// Everything that a run left behind.
#[derive(Debug)]
pub(crate) struct Output {
    /// Standard output; on a terminal, all that was written to it.
    pub(crate) stdout: String,
    /// Standard error; on a terminal, empty.
    pub(crate) stderr: String,
    /// The exit status, or 128 and the number of the signal that ended the program.
    pub(crate) status: i32,
    /// The files of the test's directory after the run, by their path from there.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    /// The most memory that the program was seen to have resident, in KiB; 0 where the system does not tell.
    ///
    /// It is looked at once a millisecond, so what was taken in the last moment may be missing,
    /// and a program that ends at once may never be seen. A limit belongs into `Dbcfg::memory_limit_kib`.
    pub(crate) peak_memory_kib: u64,
    before: BTreeMap<String, Vec<u8>>,
    command: String,
}

impl Output {
    /// Takes what the run left. Output that is not UTF-8 fails the test: nothing that dbcfg writes is anything else.
    #[track_caller]
    pub(super) fn new(
        command: &Command,
        ended: Ended,
        before: BTreeMap<String, Vec<u8>>,
        files: BTreeMap<String, Vec<u8>>,
    ) -> Self {
        let text = |stream: &str, bytes: Vec<u8>| {
            String::from_utf8(bytes).unwrap_or_else(|error| {
                let shown = String::from_utf8_lossy(error.as_bytes()).into_owned();
                panic!("{stream} of {command:?} is not UTF-8: {error}\n{shown}")
            })
        };
        Self {
            stdout: text("standard output", ended.stdout),
            stderr: text("standard error", ended.stderr),
            status: ended.status,
            files,
            peak_memory_kib: ended.peak_memory_kib,
            before,
            command: format!("{command:?}"),
        }
    }

    /// The exit status is this one.
    #[track_caller]
    pub(crate) fn expect_status(self, expected: i32) -> Self {
        if self.status != expected {
            self.fail(&format!("the status is {}, not {expected}", self.status));
        }
        self
    }

    /// Standard output is exactly this.
    #[track_caller]
    pub(crate) fn expect_stdout(self, expected: &str) -> Self {
        if self.stdout != expected {
            self.fail(&format!("standard output differs\n{}", difference(expected, &self.stdout)));
        }
        self
    }

    /// Standard error is exactly this.
    #[track_caller]
    pub(crate) fn expect_stderr(self, expected: &str) -> Self {
        if self.stderr != expected {
            self.fail(&format!("standard error differs\n{}", difference(expected, &self.stderr)));
        }
        self
    }

    /// Standard output holds this somewhere.
    #[track_caller]
    pub(crate) fn expect_stdout_contains(self, part: &str) -> Self {
        if !self.stdout.contains(part) {
            self.fail(&format!("standard output does not hold {part:?}"));
        }
        self
    }

    /// Standard error holds this somewhere.
    #[track_caller]
    pub(crate) fn expect_stderr_contains(self, part: &str) -> Self {
        if !self.stderr.contains(part) {
            self.fail(&format!("standard error does not hold {part:?}"));
        }
        self
    }

    /// Neither stream holds this: for secrets.
    #[track_caller]
    pub(crate) fn expect_nowhere(self, part: &str) -> Self {
        if self.stdout.contains(part) || self.stderr.contains(part) {
            self.fail(&format!("{part:?} was printed"));
        }
        self
    }

    /// A file holds exactly this after the run.
    #[track_caller]
    pub(crate) fn expect_file(self, path: &str, expected: &str) -> Self {
        match self.files.get(path).map(|bytes| String::from_utf8_lossy(bytes)) {
            None => self.fail(&format!("there is no file {path}")),
            Some(found) if found != expected => {
                self.fail(&format!("{path} differs\n{}", difference(expected, &found)));
            }
            Some(_) => {}
        }
        self
    }

    /// No file was created, changed or removed.
    #[track_caller]
    pub(crate) fn expect_files_unchanged(self) -> Self {
        let names = || self.before.keys().chain(self.files.keys());
        if let Some(path) = names().find(|&path| self.before.get(path) != self.files.get(path)) {
            self.fail(&format!("the run touched {path}"));
        }
        self
    }

    /// Fails with all that there is to know about the run.
    #[track_caller]
    fn fail(&self, reason: &str) -> ! {
        panic!(
            "{reason}\n--- command\n{}\n--- status {}\n--- stdout\n{}\n--- stderr\n{}",
            self.command, self.status, self.stdout, self.stderr
        );
    }
}

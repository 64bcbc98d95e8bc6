//! Runs the program in a directory of its own and compares all that it leaves: output, status and files.
//!
//! ```text
//! Dbcfg::new()
//!     .file("settings.yaml", "databases: {}\n")
//!     .args(&["show", "settings.yaml"])
//!     .run()
//!     .expect_status(0)
//!     .expect_stdout("")
//!     .expect_files_unchanged();
//! ```
//!
//! The environment is scrubbed, so that a test says the same on every machine, and a watchdog ends a run that hangs.

mod builder_tests;
mod dialogue;
mod difference;
mod directory;
mod fixtures;
mod health;
mod output;
mod process;
mod screen;
mod terminal;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

pub(crate) use dialogue::{CONTROL_C, DOWN, ENTER, Step};
pub(crate) use directory::TestDirectory;
pub(crate) use fixtures::{name_of, sorted};
pub(crate) use health::health;
pub(crate) use output::Output;
use process::Limits;
pub(crate) use screen::Screen;

/// How long a run may take. A run of dbcfg takes milliseconds; a busy machine is forgiven, a hang is not.
const PATIENCE: Duration = Duration::from_secs(20);

/// One invocation of the program, and the directory that it runs in.
///
/// The directory is removed when the value is dropped; [`Dbcfg::run`] can be called again before that,
/// and sees the files of the run before.
#[derive(Debug)]
pub(crate) struct Dbcfg {
    program: PathBuf,
    directory: TestDirectory,
    below: PathBuf,
    arguments: Vec<OsString>,
    environment: BTreeMap<OsString, OsString>,
    stdin: Option<Vec<u8>>,
    patience: Duration,
    memory_kib: Option<u64>,
    reads_at_most: Option<usize>,
}

impl Dbcfg {
    /// The program that cargo has just built, in a fresh and empty directory.
    pub(crate) fn new() -> Self {
        Self::program(env!("CARGO_BIN_EXE_dbcfg"))
    }

    /// Another program under the same conditions: the judge of a comparison, or a shell that a test drives.
    pub(crate) fn program(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            directory: TestDirectory::new(),
            below: PathBuf::new(),
            arguments: Vec::new(),
            environment: BTreeMap::new(),
            stdin: None,
            patience: PATIENCE,
            memory_kib: None,
            reads_at_most: None,
        }
    }

    /// Writes a text file, with the directories above it.
    pub(crate) fn file(self, path: &str, contents: &str) -> Self {
        self.bytes(path, contents.as_bytes())
    }

    /// Writes a file that need not be text.
    pub(crate) fn bytes(self, path: &str, contents: &[u8]) -> Self {
        let path = self.path(path);
        let parent = path.parent().expect("a file of the test has a directory above it");
        fs::create_dir_all(parent).expect("create the directory of a test file");
        fs::write(path, contents).expect("write a test file");
        self
    }

    /// Sets a variable of the otherwise empty environment.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// What the program reads from standard input. Without it, standard input is empty.
    pub(crate) fn stdin(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(input.into());
        self
    }

    /// Adds arguments.
    pub(crate) fn args(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(OsString::from));
        self
    }

    /// Other arguments for the next run.
    pub(crate) fn set_args(&mut self, arguments: &[&str]) {
        self.arguments = arguments.iter().map(OsString::from).collect();
    }

    /// Runs the program in a directory below, which is created.
    pub(crate) fn current_dir(mut self, below: &str) -> Self {
        fs::create_dir_all(self.path(below)).expect("create the working directory");
        self.below = below.into();
        self
    }

    /// Ends the run after this long instead of [`PATIENCE`].
    pub(crate) fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The most memory that the program may take for its data, in KiB; it is refused more, and then aborts.
    ///
    /// The kernel enforces this limit from the first instruction on, so nothing slips through between two looks,
    /// as it can with [`Output::peak_memory_kib`].
    pub(crate) fn memory_limit_kib(mut self, kib: u64) -> Self {
        self.memory_kib = Some(kib);
        self
    }

    /// Closes the reading end of standard output after so many bytes, as `head` does. With 0 nothing is read at all.
    pub(crate) fn stop_reading_after(mut self, bytes: usize) -> Self {
        self.reads_at_most = Some(bytes);
        self
    }

    /// A path in the test's directory, as an absolute one.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.directory.path().join(relative)
    }

    /// Runs the program with standard output and standard error apart.
    #[track_caller]
    pub(crate) fn run(&self) -> Output {
        self.observe(|command, limits| process::run(command, self.stdin.as_deref(), limits))
    }

    /// Runs the program on a terminal of this width: standard input, output and error are all the terminal.
    ///
    /// Everything that was written is in `stdout`, in its order, and line ends are not translated.
    #[track_caller]
    pub(crate) fn terminal(&self, columns: u16) -> Output {
        assert!(
            self.stdin.is_none() && self.reads_at_most.is_none(),
            "a terminal is not a pipe: stdin and stop_reading_after do not apply to it"
        );
        self.observe(|command, limits| {
            if !self.environment.contains_key(&OsString::from("TERM")) {
                command.env("TERM", "xterm-256color");
            }
            terminal::run(command, columns, limits)
        })
    }

    /// Runs the program on a terminal of this width, where somebody takes these steps. The terminal must have its cursor
    /// and its modes when the program has ended.
    #[track_caller]
    pub(crate) fn dialogue(&self, columns: u16, steps: &[Step<'_>]) -> Output {
        let mut faults = Vec::new();
        let output = self.observe(|command, limits| {
            command.env("TERM", "xterm-256color");
            let held = dialogue::run(command, columns, steps, limits);
            faults.extend(held.missed);
            if !held.is_whole {
                faults.push("the terminal does not have the modes that it had".to_owned());
            }
            if !Screen::of(&held.ended.stdout, columns).has_cursor {
                faults.push("the cursor is hidden".to_owned());
            }
            held.ended
        });
        assert!(faults.is_empty(), "{}", faults.join("\n"));
        output
    }

    /// Runs what is given between two looks at the files.
    #[track_caller]
    fn observe(&self, run: impl FnOnce(&mut Command, Limits) -> process::Ended) -> Output {
        let mut command = self.command();
        let limits = Limits { patience: self.patience, reads_at_most: self.reads_at_most };
        let before = files_below(self.directory.path());
        let ended = run(&mut command, limits);
        let files = files_below(self.directory.path());
        assert!(
            !ended.killed,
            "{command:?} did not end within {:?}\n--- stdout\n{}\n--- stderr\n{}",
            self.patience,
            String::from_utf8_lossy(&ended.stdout),
            String::from_utf8_lossy(&ended.stderr)
        );
        Output::new(&command, ended, before, files)
    }

    /// The command with its environment: the search path, and a home that holds nothing but the test's own files.
    fn command(&self) -> Command {
        let mut command = match self.memory_kib {
            None => Command::new(&self.program),
            Some(kib) => {
                // The limit has to be there before the program starts. Between fork and exec only unsafe code can
                // run; a shell that sets it for itself and then becomes the program needs none.
                let mut shell = Command::new("/bin/sh");
                shell.args(["-c", "ulimit -d \"$1\" && shift && exec \"$@\"", "sh"]);
                shell.arg(kib.to_string()).arg(&self.program);
                shell
            }
        };
        command.args(&self.arguments).current_dir(self.directory.path().join(&self.below)).env_clear();
        // Coverage data of the program is lost without its variable; it does not change what the program does.
        for kept in ["PATH", "LLVM_PROFILE_FILE"] {
            if let Some(value) = std::env::var_os(kept) {
                command.env(kept, value);
            }
        }
        command.env("HOME", self.directory.path()).env("LANG", "C.UTF-8").envs(&self.environment);
        command
    }
}

/// Every regular file below a directory: path from there, with `/` between its parts, and contents.
fn files_below(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut directories = vec![root.to_path_buf()];
    while let Some(directory) = directories.pop() {
        // A test may take its rights to a directory away; what cannot be listed cannot be compared.
        let Ok(entries) = fs::read_dir(&directory) else { continue };
        for entry in entries {
            let path = entry.expect("read a directory of the test").path();
            let kind = fs::symlink_metadata(&path).expect("look at a file of the test").file_type();
            if kind.is_dir() {
                directories.push(path);
            } else if kind.is_file() {
                let name = path.strip_prefix(root).expect("the path begins with its root").to_string_lossy();
                files.insert(name.into_owned(), fs::read(&path).unwrap_or_default());
            }
        }
    }
    files
}

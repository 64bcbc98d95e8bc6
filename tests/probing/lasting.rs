//! A `dbcfg probe` that goes on while the test changes the world around it, and that somebody ends by Ctrl-C.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::TestDirectory;

/// How long something may take to be written.
const PATIENCE: Duration = Duration::from_secs(20);

/// A run that goes on; it ends with the value.
#[derive(Debug)]
pub(crate) struct Lasting {
    child: Child,
    stdout: Stream,
    stderr: Stream,
    _directory: TestDirectory,
}

/// What has been written to a stream, and who reads it.
#[derive(Debug)]
struct Stream {
    text: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

/// What a run left.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// The exit status; none if a signal ended it.
    pub(crate) status: Option<i32>,
}

impl Lasting {
    /// Starts `dbcfg probe --all` on what a `settings.yaml` describes.
    pub(crate) fn start(settings: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let directory = TestDirectory::new();
        std::fs::write(directory.path().join("settings.yaml"), settings).expect("write the settings");
        let mut command = Command::new(env!("CARGO_BIN_EXE_dbcfg"));
        command.args(["probe", "--all"]).args(arguments).current_dir(directory.path());
        command.env_clear().env("HOME", directory.path()).envs(variables.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("dbcfg runs");
        let stdout = Stream::read(child.stdout.take().expect("standard output is a pipe"));
        let stderr = Stream::read(child.stderr.take().expect("standard error is a pipe"));
        Self { child, stdout, stderr, _directory: directory }
    }

    /// Waits until one of the streams holds this, and says how often it does.
    #[track_caller]
    pub(crate) fn see(&self, part: &str) -> usize {
        let began = Instant::now();
        loop {
            let (stdout, stderr) = (self.stdout.text(), self.stderr.text());
            let count = stdout.matches(part).count() + stderr.matches(part).count();
            if count > 0 {
                return count;
            }
            assert!(began.elapsed() < PATIENCE, "{part:?} is not written\n--- stdout\n{stdout}\n--- stderr\n{stderr}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Presses Ctrl-C, and waits for the end.
    #[track_caller]
    pub(crate) fn interrupt(mut self) -> Ended {
        kill_process(Pid::from_child(&self.child), Signal::INT).expect("dbcfg still runs");
        let began = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("ask for the state of dbcfg") {
                break status.code();
            }
            assert!(began.elapsed() < PATIENCE, "dbcfg does not end\n{}", self.stderr.text());
            thread::sleep(Duration::from_millis(5));
        };
        Ended { stdout: self.stdout.end(), stderr: self.stderr.end(), status }
    }
}

impl Drop for Lasting {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Stream {
    fn read(mut from: impl Read + Send + 'static) -> Self {
        let text = Arc::new(Mutex::new(String::new()));
        let shared = Arc::clone(&text);
        let reader = thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = from.read(&mut bytes) {
                let said = String::from_utf8_lossy(&bytes[..count]);
                shared.lock().unwrap_or_else(PoisonError::into_inner).push_str(&said);
            }
        });
        Self { text, reader: Some(reader) }
    }

    fn text(&self) -> String {
        self.text.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// All of it, once the writer has ended.
    fn end(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
        self.text()
    }
}

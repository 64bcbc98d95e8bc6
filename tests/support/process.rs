//! Starts a program, feeds it, reads it and watches it, so that no program can hang a test.

use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

/// How often a running program is looked at. Its memory is only known as of the last look before it ends.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// How long output may take to arrive once the program has ended. Only a child of the program's own,
/// left behind with the pipe open, can use it up.
const LATE_OUTPUT: Duration = Duration::from_secs(2);

/// What a run must stay within.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// How long the run may take.
    pub(super) patience: Duration,
    /// After how many bytes of standard output its reader leaves; none reads to the end.
    pub(super) reads_at_most: Option<usize>,
}

/// What is known of a run when it is over.
#[derive(Debug)]
pub(super) struct Ended {
    /// Standard output, or all that reached the terminal.
    pub(super) stdout: Vec<u8>,
    /// Standard error; empty on a terminal.
    pub(super) stderr: Vec<u8>,
    /// The exit status as a shell gives it: 128 and the signal's number for a program that a signal ended.
    pub(super) status: i32,
    /// Whether the watchdog had to end the program.
    pub(super) killed: bool,
    /// The most memory that the program was seen to have resident, in KiB; 0 where the system does not tell.
    pub(super) peak_memory_kib: u64,
}

/// Runs a program on pipes. Its input is empty if none is given.
pub(super) fn run(command: &mut Command, input: Option<&[u8]>, limits: Limits) -> Ended {
    command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = spawn(command);
    if let (Some(mut pipe), Some(input)) = (child.stdin.take(), input) {
        let input = input.to_vec();
        // In a thread: a program that writes before it has read everything would otherwise wait for us, and we for it.
        // It may also end without reading; that is its right.
        thread::spawn(move || {
            let _ = pipe.write_all(&input);
        });
    }
    let stdout = read(child.stdout.take().expect("standard output is a pipe"), limits.reads_at_most);
    let stderr = read(child.stderr.take().expect("standard error is a pipe"), None);
    watch(child, &stdout, Some(&stderr), limits)
}

/// Starts the program as the first of its own process group, so that the watchdog reaches its children too.
pub(super) fn spawn(command: &mut Command) -> Child {
    command.process_group(0);
    command.spawn().unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"))
}

/// Reads in a thread, to the end or to the limit, and sends what was read.
pub(super) fn read(mut from: impl Read + Send + 'static, at_most: Option<usize>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut all = Vec::new();
        let limit = at_most.map_or(u64::MAX, |bytes| bytes as u64);
        // A terminal whose program has ended answers with an error instead of an end of file; both end the reading.
        let _ = from.by_ref().take(limit).read_to_end(&mut all);
        // Closed before the result is sent: whoever has the result can rely on the pipe being closed.
        drop(from);
        let _ = sender.send(all);
    });
    receiver
}

/// Waits until the program has ended, and ends it when its time is up.
pub(super) fn watch(
    mut child: Child,
    stdout: &Receiver<Vec<u8>>,
    stderr: Option<&Receiver<Vec<u8>>>,
    limits: Limits,
) -> Ended {
    let started = Instant::now();
    let mut peak_memory_kib = 0;
    let mut killed = false;
    let status = loop {
        peak_memory_kib = peak_memory_kib.max(resident_peak_kib(child.id()));
        if let Some(status) = child.try_wait().expect("ask for the state of the program") {
            break status;
        }
        if !killed && started.elapsed() > limits.patience {
            killed = true;
            kill_group(&child);
        }
        thread::sleep(LOOK_EVERY);
    };
    let mut collect = |from: &Receiver<Vec<u8>>| {
        from.recv_timeout(LATE_OUTPUT).unwrap_or_else(|_| {
            // The program has ended and something that it started still holds its output: a hang by another name.
            killed = true;
            kill_group(&child);
            from.recv_timeout(LATE_OUTPUT).unwrap_or_default()
        })
    };
    let stdout = collect(stdout);
    let stderr = stderr.map(&mut collect).unwrap_or_default();
    Ended { stdout, stderr, status: number(status), killed, peak_memory_kib }
}

/// Ends the program and whatever it has started.
fn kill_group(child: &Child) {
    // It may have ended a moment ago, and then there is nothing to end.
    let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
}

/// The status as a shell would give it.
fn number(status: ExitStatus) -> i32 {
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).expect("an ended program has a status")
}

/// The most memory that a process has had resident until now, in KiB, from Linux's `VmHWM`.
fn resident_peak_kib(process: u32) -> u64 {
    let status: io::Result<String> = fs::read_to_string(format!("/proc/{process}/status"));
    // A process that has ended, or a system without /proc, has nothing to say.
    let Ok(status) = status else { return 0 };
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|kib| kib.parse().ok())
        .unwrap_or(0)
}

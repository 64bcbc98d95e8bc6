//! Drives a program on a terminal as a person does: waits for what is to be seen, then types.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::io::ioctl_fionread;
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{LocalModes, Termios, tcgetattr};

use super::process::{Ended, Limits, spawn, watch};
use super::screen::Screen;
use super::terminal::open_pair;

/// How often the terminal is looked at while something is waited for.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// Ctrl-C, as a terminal sends it.
pub(crate) const CONTROL_C: &str = "\u{3}";

/// The key down.
pub(crate) const DOWN: &str = "\u{1b}[B";

/// Enter.
pub(crate) const ENTER: &str = "\r";

/// One step of a person.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step<'text> {
    /// Wait until this is to be seen, in the line of what was seen before or below it.
    See(&'text str),
    /// Wait until the program reads keys, and press these.
    Press(&'text str),
    /// Wait until the program reads keys, and send it the signal of Ctrl-C from elsewhere.
    Interrupt,
}

/// What became of a dialogue.
pub(super) struct Held {
    pub(super) ended: Ended,
    /// Whether the terminal has the modes that it had before.
    pub(super) is_whole: bool,
    /// What was not seen in time.
    pub(super) missed: Option<String>,
}

/// Runs the program on a new terminal, and takes the steps.
pub(super) fn run(command: &mut Command, columns: u16, steps: &[Step<'_>], limits: Limits) -> Held {
    let (ours, theirs) = open_pair(columns);
    let before = tcgetattr(&theirs).expect("the modes of the terminal");
    let share = |terminal: &OwnedFd| Stdio::from(terminal.try_clone().expect("share the terminal"));
    command.stdin(share(&theirs)).stdout(share(&theirs)).stderr(share(&theirs));
    let mut child = spawn(command);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let output = collect(File::from(ours.try_clone().expect("share the terminal")), Arc::clone(&seen));
    let deadline = Instant::now() + limits.patience;
    let process = Pid::from_child(&child);
    let mut person = Person { keys: File::from(ours), theirs: &theirs, seen: &seen, columns, line: 0, process };
    let missed = steps.iter().find_map(|step| person.take(*step, deadline).err());
    let mut has_ended = || child.try_wait().expect("ask for the state of the program").is_some();
    while missed.is_none() && !has_ended() && Instant::now() < deadline {
        thread::sleep(LOOK_EVERY);
    }
    let is_whole = tcgetattr(&theirs).is_ok_and(|after| same_modes(&before, &after));
    let patience = if has_ended() { limits.patience } else { Duration::ZERO };
    drop(person);
    // Reading ends when nobody holds this end any more.
    drop(theirs);
    Held { ended: watch(child, &output, None, Limits { patience, ..limits }), is_whole, missed }
}

/// Reads in a thread, to where everybody sees it, and sends all of it at the end.
fn collect(mut from: File, seen: Arc<Mutex<Vec<u8>>>) -> Receiver<Vec<u8>> {
    let (sender, output) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = [0; 4096];
        // A terminal whose program has ended answers with an error.
        while let Ok(count @ 1..) = from.read(&mut bytes) {
            look(&seen).extend_from_slice(&bytes[..count]);
        }
        let all = look(&seen).clone();
        let _ = sender.send(all);
    });
    output
}

fn look(seen: &Mutex<Vec<u8>>) -> MutexGuard<'_, Vec<u8>> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

fn same_modes(before: &Termios, after: &Termios) -> bool {
    before.local_modes == after.local_modes
        && before.input_modes == after.input_modes
        && before.output_modes == after.output_modes
}

/// Somebody at the terminal.
struct Person<'run> {
    keys: File,
    theirs: &'run OwnedFd,
    seen: &'run Mutex<Vec<u8>>,
    columns: u16,
    /// The line in which something was seen last.
    line: usize,
    process: Pid,
}

impl Person<'_> {
    fn take(&mut self, step: Step<'_>, deadline: Instant) -> Result<(), String> {
        if let Step::See(text) = step {
            return self.see(text, deadline);
        }
        // Only while the program waits for keys is nothing taken by the terminal itself. Between two keys it waits for
        // none; hence the second look.
        let is_waiting = || {
            let is_raw = tcgetattr(self.theirs).is_ok_and(|it| !it.local_modes.contains(LocalModes::ICANON));
            is_raw && ioctl_fionread(self.theirs).is_ok_and(|waiting| waiting == 0)
        };
        let mut looks = 0;
        while looks < 2 {
            if Instant::now() > deadline {
                return Err(format!("the program reads no keys; {step:?} cannot be done"));
            }
            looks = if is_waiting() { looks + 1 } else { 0 };
            thread::sleep(LOOK_EVERY);
        }
        match step {
            Step::Press(keys) => self.keys.write_all(keys.as_bytes()).map_err(|error| error.to_string()),
            _ => kill_process(self.process, Signal::INT).map_err(|error| error.to_string()),
        }
    }

    fn see(&mut self, text: &str, deadline: Instant) -> Result<(), String> {
        loop {
            let lines = Screen::of(&look(self.seen), self.columns).lines();
            if let Some(below) = lines.iter().skip(self.line).position(|line| line.contains(text)) {
                self.line += below;
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(format!("{text:?} is not to be seen from line {} on:\n{}", self.line, lines.join("\n")));
            }
            thread::sleep(LOOK_EVERY);
        }
    }
}

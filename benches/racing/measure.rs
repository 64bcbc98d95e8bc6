//! Times whole processes, and finds out how much memory they take at most.

use std::fs;
use std::io::{self, Read as _};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A program that takes part.
pub(crate) struct Contender {
    pub(crate) name: String,
    /// Why it does not take part.
    pub(crate) absence: Option<String>,
    /// How long each of its runs took, the shortest first.
    pub(crate) runs: Vec<Duration>,
    /// The most memory that it had at a time, in bytes; nothing where the system does not tell.
    pub(crate) peak: Option<u64>,
    command: Command,
    /// The exit status of a run that ends well.
    status: i32,
}

impl Contender {
    /// A program; without a command, it is not installed.
    pub(crate) fn new(name: &str, command: impl Into<Option<Command>>) -> Self {
        let command = command.into();
        let absence = command.is_none().then(|| "not installed".to_owned());
        let command = command.unwrap_or_else(|| Command::new(""));
        Self { name: name.to_owned(), absence, runs: Vec::new(), peak: None, command, status: 0 }
    }

    /// The same with another exit status: 1 says of a check that it found something.
    #[allow(dead_code, reason = "not every benchmark has one")]
    pub(crate) fn ending_with(mut self, status: i32) -> Self {
        self.status = status;
        self
    }

    /// The median of its runs.
    pub(crate) fn median(&self) -> Option<Duration> {
        let middle = self.runs.len() / 2;
        match (self.runs.get(middle.wrapping_sub(1)), self.runs.get(middle)) {
            (Some(below), Some(above)) if self.runs.len().is_multiple_of(2) => Some((*below + *above) / 2),
            (_, median) => median.copied(),
        }
    }

    /// Its shortest run.
    pub(crate) fn minimum(&self) -> Option<Duration> {
        self.runs.first().copied()
    }

    /// Runs once. `None` if it cannot be started or does not end well.
    fn run(&mut self) -> Option<Duration> {
        let command = self.command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let start = Instant::now();
        let status = command.status();
        let time = start.elapsed();
        match status {
            Ok(status) if status.code() == Some(self.status) => Some(time),
            Ok(status) => self.leave(status.to_string()),
            Err(error) => self.leave(error.to_string()),
        }
    }

    fn leave<T>(&mut self, why: String) -> Option<T> {
        self.absence = Some(why);
        None
    }

    /// Runs once more, and reads the high-water mark that the kernel keeps for the process.
    ///
    /// The mark goes with the process, so it is read while the process must still be there: it has started to write
    /// its result, which is larger than a pipe takes, or waits for its standard input to end. Of a process that writes
    /// nothing, the mark is the last that was seen, a few milliseconds before its end.
    fn measure_memory(&mut self) {
        let command = self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let Ok(mut child) = command.spawn() else { return };
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let first_byte = thread::spawn(move || {
            let mut stdout = stdout?;
            stdout.read_exact(&mut [0]).ok()?;
            Some(stdout)
        });
        while !first_byte.is_finished() {
            self.peak = high_water_mark(child.id()).max(self.peak);
            thread::sleep(Duration::from_millis(2));
        }
        self.peak = high_water_mark(child.id()).max(self.peak);
        drop(stdin);
        if let Ok(Some(mut stdout)) = first_byte.join() {
            let _ = io::copy(&mut stdout, &mut io::sink());
        }
        let _ = child.wait();
    }
}

/// The most memory that a process has had, in bytes (Linux only).
fn high_water_mark(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let mark = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = mark.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// Lets all contenders run by turns, so that whatever else the machine does meets them all. One that has used up its
/// time sits out the rounds that are left.
pub(crate) fn race(contenders: &mut [Contender], rounds: usize, time: Duration, with_memory: bool) {
    for _ in 0..rounds {
        for contender in contenders.iter_mut() {
            let is_left = contender.absence.is_none() && contender.runs.iter().sum::<Duration>() < time;
            if is_left && let Some(run) = contender.run() {
                contender.runs.push(run);
            }
        }
    }
    for contender in contenders.iter_mut().filter(|contender| contender.absence.is_none()) {
        contender.runs.sort_unstable();
        if with_memory {
            contender.measure_memory();
        }
    }
}

//! A program that runs beside the tests and surely ends: with its value, or with the test program.
//!
//! Rust does not drop what is shared in a `static`, and nothing at all is dropped when the test program is killed.
//! So each program has a sentinel, a small shell that reads from a pipe which only the test program holds open.
//! When the pipe closes before the sentinel was told that all is done, it ends the program and removes its directory.

use std::fs::{self, File};
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::support::TestDirectory;

/// How often something is looked at that is waited for.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// How long a server may take to end after it was asked to, before it is killed.
const FAREWELL: Duration = Duration::from_secs(3);

/// What the sentinel does: `$1` is the process group (or nothing), `$2` the signal that asks it to end, `$3` a directory
/// to remove, the rest a command that cleans up (or nothing).
///
/// The group is asked, then given up to three seconds, then killed.
const SENTINEL: &str = r#"
trap '' INT TERM HUP
read -r word
[ "$word" = done ] && exit
if [ -n "$1" ]; then
    kill -s "$2" -- "-$1" 2>/dev/null
    looks=0
    while kill -s 0 -- "-$1" 2>/dev/null && [ "$looks" -lt 60 ]; do
        sleep 0.05
        looks=$((looks + 1))
    done
    kill -s KILL -- "-$1" 2>/dev/null
fi
directory=$3
shift 3
[ $# -gt 0 ] && "$@"
[ -n "$directory" ] && rm -rf -- "$directory"
"#;

/// Does its work when the test program ends in whatever way, unless it was dismissed before.
#[derive(Debug)]
pub(crate) struct Sentinel(Child);

impl Sentinel {
    /// Watches over a directory: it is removed with the test program.
    pub(crate) fn of_directory(directory: &Path) -> Self {
        Self::new("", "TERM", directory.as_os_str().to_str().expect("test directories are UTF-8"), &[])
    }

    /// Runs a command when the test program ends.
    pub(crate) fn of_command(command: &[&str]) -> Self {
        Self::new("", "TERM", "", command)
    }

    fn new(group: &str, signal: &str, directory: &str, command: &[&str]) -> Self {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", SENTINEL, "sh", group, signal, directory]).args(command);
        // Its own group, so that Ctrl-C reaches the tests and not the sentinel; no output, so that nobody waits for it.
        shell.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(shell.spawn().expect("start the sentinel"))
    }
}

impl Drop for Sentinel {
    /// Dismisses it.
    fn drop(&mut self) {
        if let Some(mut pipe) = self.0.stdin.take() {
            // Nothing that could be done about it: the sentinel then does what it is there for.
            let _ = pipe.write_all(b"done\n");
        }
        let _ = self.0.wait();
    }
}

/// A program that runs, its directory, and what it wrote.
///
/// The order of the fields is the order in which they are dropped: the sentinel goes last but one, the directory last.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    signal: Signal,
    _sentinel: Sentinel,
    directory: TestDirectory,
}

impl Running {
    /// Starts a program as the first of its own process group. What it writes goes to `log` in its directory.
    ///
    /// `signal` asks the whole group to end, at once and in good order.
    pub(crate) fn start(command: &mut Command, directory: TestDirectory, signal: Signal) -> Self {
        let log = File::options().create(true).append(true).open(directory.path().join("log")).expect("open a log");
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("share the log")).stderr(log).process_group(0);
        let child = command.spawn().unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        let name = match signal {
            Signal::INT => "INT",
            Signal::QUIT => "QUIT",
            _ => "TERM",
        };
        let path = directory.path().to_str().expect("test directories are UTF-8").to_owned();
        let sentinel = Sentinel::new(&child.id().to_string(), name, &path, &[]);
        Self { child, signal, _sentinel: sentinel, directory }
    }

    /// Its directory.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// What it has written until now.
    pub(crate) fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.directory().join("log")).unwrap_or_default()).into_owned()
    }

    /// Whether it has not ended.
    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("ask for the state of a server").is_none()
    }

    /// Sends a signal to the program and whatever it has started in its group.
    pub(crate) fn signal(&self, signal: Signal) {
        // It may have ended a moment ago.
        let _ = kill_process_group(Pid::from_child(&self.child), signal);
    }

    /// Waits until something holds. Returns false when the program ends before; fails when it takes too long.
    #[track_caller]
    pub(crate) fn wait_until(&mut self, patience: Duration, holds: impl Fn(&Path) -> bool) -> bool {
        let began = Instant::now();
        while !holds(self.directory.path()) {
            if !self.is_running() {
                return false;
            }
            assert!(began.elapsed() < patience, "not ready after {patience:?}; its log:\n{}", self.log());
            thread::sleep(LOOK_EVERY);
        }
        // What answers may be somebody else's server, whose port this one did not get.
        self.is_running()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.signal(self.signal);
        let began = Instant::now();
        while began.elapsed() < FAREWELL {
            if !matches!(self.child.try_wait(), Ok(None)) {
                break;
            }
            thread::sleep(LOOK_EVERY);
        }
        // Also when the first of the group has ended: it may have left others behind.
        self.signal(Signal::KILL);
        let _ = self.child.wait();
    }
}

/// Starts a server on a port of its own. Another program may take the port first; then the next one is tried.
///
/// `start` is given a port and returns the server once it answers, or nothing if it ended instead, with its log.
#[track_caller]
pub(crate) fn on_free_port<T>(start: impl Fn(u16) -> Result<T, String>) -> (u16, T) {
    let mut logs = Vec::new();
    for _ in 0..5 {
        let port = free_port();
        match start(port) {
            Ok(server) => return (port, server),
            Err(log) => logs.push(log),
        }
    }
    panic!("the server ended at each of five ports; its logs:\n{}", logs.join("\n---\n"));
}

/// Whether something accepts connections at this port of the loopback address.
pub(crate) fn accepts(port: u16) -> bool {
    TcpStream::connect_timeout(&loopback(port), Duration::from_millis(200)).is_ok()
}

/// A port of the loopback address.
pub(crate) fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// A port that nobody listens at, and that no test of this program was given before.
///
/// Below 32768, where Linux begins to take ports for outgoing connections.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        // Test programs that run beside each other begin at different places.
        let offset = (std::process::id().wrapping_mul(61).wrapping_add(number)) % 12_000;
        let port = 20_000 + u16::try_from(offset).expect("below 12000");
        if TcpListener::bind(loopback(port)).is_ok() {
            return port;
        }
    }
}

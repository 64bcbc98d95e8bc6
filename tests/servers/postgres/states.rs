//! Servers in the states in which an incident may find them: full, starting, ending, following another.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use rustix::process::Signal;

use super::super::{PASSWORD, as_server_user, server_directory};
use super::{Builder, Cluster, PATIENCE, SUPERUSER, psql, state_of};

/// A session that stays open, idle, until the value is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    session: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Held {
    /// Opens a session, and waits until the server answers in it.
    #[track_caller]
    pub(super) fn new(conninfo: &str) -> Self {
        let mut command = Command::new(psql());
        command.args(["-X", "-w", "-q", "-A", "-t", "-d", conninfo]);
        command.env_clear().env("PGPASSWORD", PASSWORD).env("HOME", "/nonexistent").env("PGCONNECT_TIMEOUT", "5");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut session = command.spawn().expect("start psql");
        let input = session.stdin.take();
        let output = BufReader::new(session.stdout.take().expect("its output is a pipe"));
        let mut held = Self { session, input, output };
        held.run("");
        held
    }

    /// Runs statements that print nothing in the session, and waits until they are done: a transaction with its locks
    /// stays open with it.
    #[track_caller]
    pub(crate) fn run(&mut self, statements: &str) {
        let input = self.input.as_mut().expect("its input is a pipe");
        // psql may have ended; then there is no answer either.
        let _ = input.write_all(format!("{statements}\nselect 'done';\n").as_bytes());
        let mut answer = String::new();
        self.output.read_line(&mut answer).expect("read what psql says");
        assert_eq!(answer.trim(), "done", "the session did not run {statements:?}");
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // psql ends when there is nothing more to read; one whose server hangs does not.
        drop(self.input.take());
        let _ = self.session.kill();
        let _ = self.session.wait();
    }
}

/// A server with sessions that somebody else holds.
#[derive(Debug)]
pub(crate) struct Occupied {
    /// The sessions; they end before the server does.
    pub(crate) sessions: Vec<Held>,
    /// The server.
    pub(crate) cluster: Cluster,
}

/// A server whose places are all taken: two sessions for everybody, both held, and three more for superusers.
#[track_caller]
pub(crate) fn full() -> Occupied {
    let places =
        |builder: Builder| builder.setting("superuser_reserved_connections", "3").setting("max_connections", "5");
    let cluster = places(Cluster::with()).start();
    let sessions = (0..2).map(|_| cluster.hold("trusted", "app")).collect();
    Occupied { sessions, cluster }
}

/// A server that was asked to end and waits for a session that somebody holds: "smart shutdown".
#[track_caller]
pub(crate) fn shutting_down() -> Occupied {
    let mut cluster = Cluster::start();
    let sessions = vec![cluster.hold("trusted", "app")];
    cluster.running.signal(Signal::TERM);
    assert!(cluster.running.wait_until(PATIENCE, |directory| state_of(directory) == "stopping"), "{}", cluster.log());
    Occupied { sessions, cluster }
}

/// A server that is still starting, until [`finish_starting`](Cluster::finish_starting): it waits for its archive.
#[track_caller]
pub(crate) fn starting_up() -> Cluster {
    // The command runs in the data directory, and ends with it.
    let wait = "while [ -e hold ]; do sleep 0.05; done; false";
    let builder = Cluster::with().signal_file("recovery.signal").signal_file("hold").setting("restore_command", wait);
    builder.ready_when("starting").start()
}

/// A standby that lets nobody look at it.
#[track_caller]
pub(crate) fn hot_standby_off() -> Cluster {
    Cluster::with().signal_file("standby.signal").setting("hot_standby", "off").ready_when("standby").start()
}

/// A standby without a primary: it can only be read. It starts as quickly as any other server.
#[track_caller]
pub(crate) fn standby() -> Cluster {
    Cluster::with().signal_file("standby.signal").start()
}

/// A standby that follows a server, from a copy that is made now.
#[track_caller]
pub(crate) fn standby_of(primary: &Cluster) -> Cluster {
    let directory = server_directory();
    let copy = directory.path().join("data");
    base_backup(primary, &copy);
    Cluster::of(primary.installation).data(&copy).start()
}

/// Copies a running server, with the settings of a standby.
fn base_backup(primary: &Cluster, to: &Path) {
    let mut command = as_server_user(&primary.installation.program("pg_basebackup"));
    command.arg("-h").arg(primary.socket_directory()).args(["-p", &primary.port().to_string(), "-U", SUPERUSER]);
    command.args(["--checkpoint=fast", "--no-sync", "--write-recovery-conf", "-D"]).arg(to).stdin(Stdio::null());
    let output = command.output().expect("run pg_basebackup");
    assert!(output.status.success(), "pg_basebackup: {}", String::from_utf8_lossy(&output.stderr));
}

impl Cluster {
    /// Lets a server of [`starting_up`] go on, and waits until it accepts.
    #[track_caller]
    pub(crate) fn finish_starting(&mut self) {
        std::fs::remove_file(self.data_directory().join("hold")).expect("let the server start");
        assert!(self.running.wait_until(PATIENCE, |directory| state_of(directory) == "ready"), "{}", self.log());
    }
}

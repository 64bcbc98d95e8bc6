//! A real Redis server: what its versions say today, and what the faults of [`classify`] make of it.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::*;
use crate::model::health::Cause;
use crate::probe::classify::classify;
use crate::probe::tests::Folder;

/// A server that ends with the test.
struct Server {
    process: Child,
    folder: Folder,
    port: u16,
}

impl Server {
    /// Starts one without a file of its own, and waits for it.
    fn start(arguments: &[&str]) -> Self {
        let folder = Folder::new();
        let free = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a free port");
        let mut command = Command::new("redis-server");
        command.current_dir(folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
        command.args(["--port", &free.port().to_string(), "--bind", "127.0.0.1", "--unixsocket", "redis.sock"]);
        command.args(["--save", "", "--appendonly", "no"]).args(arguments);
        let process = command.spawn().expect("redis-server, which Debian has in the package of this name");
        let server = Self { process, folder, port: free.port() };
        let end = Instant::now() + Duration::from_secs(10);
        while std::net::TcpStream::connect(("127.0.0.1", server.port)).is_err() {
            assert!(Instant::now() < end, "redis-server does not answer");
            thread::sleep(Duration::from_millis(10));
        }
        server
    }

    fn at_port(&self) -> Place {
        Place::Host { host: "127.0.0.1".to_owned(), port: self.port, tls: None }
    }

    fn at_socket(&self) -> Place {
        Place::Socket(self.folder.path().join("redis.sock"))
    }

    /// What becomes of a login.
    fn tried(&self, user: Option<&str>, password: Option<&str>, database: u32) -> (Result<Answer, Fault>, Stage) {
        tried(self.at_port(), user, password, database)
    }

    /// Why a login fails, and where.
    fn failure(&self, user: Option<&str>, password: Option<&str>, database: u32) -> (Cause, String, Stage) {
        let (outcome, stage) = self.tried(user, password, database);
        let failure = classify(stage, &outcome.expect_err("a fault"));
        (failure.cause, failure.code, failure.stage)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn tried(place: Place, user: Option<&str>, password: Option<&str>, database: u32) -> (Result<Answer, Fault>, Stage) {
    let (user, password) = (user.map(str::to_owned), password.map(Secret::new));
    let endpoint = Endpoint { place, user, password, database };
    let recorder = Recorder::default();
    let outcome = trial::run(async { attempt(&endpoint, &trial::context(), &recorder).await });
    (outcome, recorder.stage())
}

/// Whether a server answered with what it is.
fn is_known(outcome: &Result<Answer, Fault>) -> bool {
    let Ok(Answer { facts: Some(Facts::Redis(facts)), trouble: None, .. }) = outcome else { return false };
    let has_version = facts.version.as_ref().is_some_and(|version| version.split('.').count() == 3);
    has_version && facts.role.as_deref() == Some("master")
}

#[test]
fn without_a_password() {
    let server = Server::start(&[]);
    assert!(is_known(&server.tried(None, None, 0).0));
    assert!(is_known(&server.tried(None, None, 15).0));
    let socket = tried(server.at_socket(), None, None, 0).0;
    assert!(is_known(&socket), "{socket:?}");
    assert_eq!(server.failure(None, None, 16), (Cause::DatabaseMissing, "ERR".to_owned(), Stage::Session));
    let unasked = server.failure(None, Some("canary"), 0);
    assert_eq!(unasked, (Cause::PasswordRejected, "ERR".to_owned(), Stage::Auth));
}

#[test]
fn with_a_password() {
    let server = Server::start(&["--requirepass", "right"]);
    assert!(is_known(&server.tried(None, Some("right"), 0).0));
    assert!(is_known(&server.tried(Some("default"), Some("right"), 0).0));
    assert_eq!(server.failure(None, None, 0), (Cause::PasswordMissing, "NOAUTH".to_owned(), Stage::Auth));
    let wrong = server.failure(None, Some("wrong"), 0);
    assert_eq!(wrong, (Cause::PasswordRejected, "WRONGPASS".to_owned(), Stage::Auth));
}

#[test]
fn with_a_user_who_may_little() {
    let server = Server::start(&["--user", "app", "on", ">right", "+select"]);
    let (outcome, _) = server.tried(Some("app"), Some("right"), 1);
    let answer = outcome.expect("an answer");
    assert_eq!(answer.facts, Some(Facts::Redis(RedisFacts::default())));
    assert_eq!(answer.remarks.len(), 1, "{:?}", answer.remarks);
    let wrong = server.failure(Some("app"), Some("wrong"), 0);
    assert_eq!(wrong, (Cause::PasswordRejected, "WRONGPASS".to_owned(), Stage::Auth));
    let nobody = server.failure(Some("nobody"), Some("right"), 0);
    assert_eq!(nobody, (Cause::PasswordRejected, "WRONGPASS".to_owned(), Stage::Auth));
}

#[test]
fn a_replica_without_its_master() {
    // Nobody listens there, and nothing leaves this machine.
    let server = Server::start(&["--replicaof", "127.0.0.1 1"]);
    let answer = server.tried(None, None, 0).0.expect("an answer");
    assert_eq!(answer.remarks, ["it is a replica, which takes no writes, and it has lost its master"]);
}

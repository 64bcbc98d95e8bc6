//! A service that speaks S3, for artifact stores.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::OnceLock;
use std::time::Duration;

use rustix::process::Signal;

use super::python;
use super::running::{Running, accepts, loopback, on_free_port};
use crate::support::TestDirectory;

/// How long it may take to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The bucket that there is.
pub(crate) const BUCKET: &str = "models";

/// A service that runs until the value is dropped, with [`BUCKET`] in it.
#[derive(Debug)]
pub(crate) struct Moto {
    _running: Running,
    port: u16,
}

impl Moto {
    /// The service that tests share.
    pub(crate) fn standard() -> &'static Self {
        static SERVICE: OnceLock<Moto> = OnceLock::new();
        SERVICE.get_or_init(Self::start)
    }

    /// A service of its own.
    #[track_caller]
    pub(crate) fn start() -> Self {
        let (port, running) = on_free_port(Self::try_port);
        let answer = http(port, "PUT", &format!("/{BUCKET}"));
        assert!(answer.starts_with("HTTP/1.1 200"), "no bucket: {answer}");
        Self { _running: running, port }
    }

    fn try_port(port: u16) -> Result<Running, String> {
        let directory = TestDirectory::new();
        let mut command = python::program("moto_server");
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        command.current_dir(directory.path()).env("HOME", directory.path());
        let mut running = Running::start(&mut command, directory, Signal::TERM);
        if running.wait_until(PATIENCE, |_| accepts(port)) { Ok(running) } else { Err(running.log()) }
    }

    /// Its port at 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }
}

/// Asks a server at 127.0.0.1 over plain HTTP, and returns all that it answers: head and body.
#[track_caller]
pub(crate) fn http(port: u16, method: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(loopback(port)).expect("connect to a server");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("limit how long to wait");
    let question =
        format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    stream.write_all(question.as_bytes()).expect("ask a server");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("read the answer of a server");
    String::from_utf8_lossy(&answer).into_owned()
}

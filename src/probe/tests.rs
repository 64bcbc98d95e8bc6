//! What tests of peers share: a runtime, a folder that goes away, and servers that misbehave.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use std::{env, fs, process};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::attempt::Context;
use super::resolve::Resolver;
use super::tls::Connectors;

/// No test takes longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs to the end.
pub(super) fn run<Output>(future: impl Future<Output = Output>) -> Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let outcome = runtime.block_on(async { timeout(PATIENCE, future).await.expect("an end") });
    // What hangs in a thread hangs no test.
    runtime.shutdown_background();
    outcome
}

/// A folder that is removed in the end.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// A new one.
    pub(super) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("dbcfg-probe-test-{}-{number}", process::id()));
        fs::create_dir(&path).expect("make a folder");
        Self(path)
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What a server does that speaks a part.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    /// It says this as soon as somebody comes, and stays.
    Greets(&'static [u8]),
    /// It says one of these after each thing that it hears, and closes after the last.
    Answers(&'static [&'static [u8]]),
    /// It says this after it heard something, again and again.
    Floods(&'static [u8]),
    /// It says the first after it heard something, and then the second again and again.
    Pours(&'static [u8], &'static [u8]),
}

/// A connection to a server that speaks a part.
pub(super) async fn connection(part: Part) -> TcpStream {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async move {
        let Ok((mut stream, _)) = listener.accept().await else { return };
        play(&mut stream, part).await;
    });
    TcpStream::connect(address).await.expect("a connection")
}

async fn play(stream: &mut TcpStream, part: Part) {
    let mut heard = [0; 4096];
    match part {
        Part::Greets(text) => {
            let _ = stream.write_all(text).await;
            while stream.read(&mut heard).await.is_ok_and(|read| read > 0) {}
        }
        Part::Answers(texts) => {
            for text in texts {
                if stream.read(&mut heard).await.is_ok_and(|read| read > 0) {
                    let _ = stream.write_all(text).await;
                }
            }
        }
        Part::Floods(text) => pour(stream, &[], text).await,
        Part::Pours(first, text) => pour(stream, first, text).await,
    }
}

async fn pour(stream: &mut TcpStream, first: &[u8], text: &[u8]) {
    let _ = stream.read(&mut [0; 4096]).await;
    let _ = stream.write_all(first).await;
    while stream.write_all(text).await.is_ok() {}
}

/// A connection to a server that answers once, and what it heard.
pub(super) async fn listener(answer: &'static [u8]) -> (TcpStream, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("its address");
    let heard = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a client");
        let mut heard = vec![0; 4096];
        let length = stream.read(&mut heard).await.expect("a request");
        stream.write_all(answer).await.expect("to answer");
        heard.truncate(length);
        String::from_utf8(heard).expect("text")
    });
    (TcpStream::connect(address).await.expect("a connection"), heard)
}

/// What attempts share, with nothing in it.
pub(super) fn context() -> Context {
    Context { resolver: Resolver::default(), connectors: Connectors::default(), is_deep: false }
}

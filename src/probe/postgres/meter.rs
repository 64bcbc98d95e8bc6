//! A stream that watches the protocol pass by: which stage has been reached, and whether it is the protocol at all.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context as Task, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, TlsStream};

use super::endpoint::Methods;
use crate::model::health::Stage;
use crate::probe::dial::too_much;
use crate::probe::recorder::Recorder;

/// The most bytes that a server may send in one session. What a probe asks for takes a few kilobytes; a server that
/// announces gigabytes is to be left before its first megabyte.
const MOST: u64 = 4 << 20;

/// The longest message. The facts of a server with a thousand databases take some 70 KiB.
const LONGEST: u32 = 1 << 20;

/// What passed by.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The first bytes, if they are no PostgreSQL's.
    foreign: Mutex<Vec<u8>>,
    /// Whether the user was accepted.
    is_logged_in: AtomicBool,
    /// How the server asked for a proof of the user: the number of the protocol; 0 if it did not.
    method: AtomicU32,
    /// Why the way to log in is refused that the server asks for.
    refusal: Mutex<Option<String>>,
    /// Whether a message or all of them together were too long.
    is_too_much: AtomicBool,
}

impl Seen {
    /// The first bytes, if they are no PostgreSQL's.
    pub(super) fn foreign(&self) -> Vec<u8> {
        self.foreign.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the user was accepted.
    pub(super) fn is_logged_in(&self) -> bool {
        self.is_logged_in.load(Ordering::Relaxed)
    }

    /// How the server asked for a proof of the user.
    pub(super) fn method(&self) -> u32 {
        self.method.load(Ordering::Relaxed)
    }

    /// Why the way to log in is refused that the server asks for; nothing if it is not.
    pub(super) fn refusal(&self) -> Option<String> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether more was sent than is read.
    pub(super) fn is_too_much(&self) -> bool {
        self.is_too_much.load(Ordering::Relaxed)
    }
}

/// A stream whose messages are watched.
pub(super) struct Meter<'attempt, Stream> {
    stream: Stream,
    recorder: &'attempt Recorder,
    seen: Arc<Seen>,
    /// Which ways to log in are allowed; none if all are.
    methods: Option<&'attempt Methods>,
    /// What the password is bound to.
    end_point: Option<Vec<u8>>,
    /// The head of a message, and how much of it is there: its type, its length and the first four bytes of its body.
    head: [u8; 9],
    filled: usize,
    /// How much of the body is still to come.
    body: u32,
    left: u64,
    /// Whether all that is to be sent was sent.
    is_shut: bool,
}

impl<'attempt, Stream> Meter<'attempt, Stream> {
    /// Watches a stream, which may be encrypted; then `end_point` is what a password is bound to. `methods` are the ways
    /// to log in that are allowed.
    pub(super) fn new(
        stream: Stream,
        recorder: &'attempt Recorder,
        end_point: Option<Vec<u8>>,
        methods: Option<&'attempt Methods>,
    ) -> Self {
        let seen = Arc::default();
        Self {
            stream,
            recorder,
            seen,
            methods,
            end_point,
            head: [0; 9],
            filled: 0,
            body: 0,
            left: MOST,
            is_shut: false,
        }
    }

    /// What passed by, also when the stream is gone.
    pub(super) fn seen(&self) -> Arc<Seen> {
        Arc::clone(&self.seen)
    }

    /// Takes bytes of the server to know. Fails on what is no message, and on one that is too long.
    fn watch(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        self.left = self.left.checked_sub(bytes.len() as u64).ok_or_else(|| self.enough())?;
        while let Some((first, rest)) = bytes.split_first() {
            if self.filled < 5 || (self.filled < self.head.len() && self.body > 0) {
                self.head[self.filled] = *first;
                self.filled += 1;
                bytes = rest;
                if self.filled > 5 {
                    self.body -= 1;
                }
                self.look(*first)?;
            } else {
                let skipped = bytes.len().min(self.body as usize);
                bytes = &bytes[skipped..];
                // At most the length of the body, which is a u32.
                self.body -= u32::try_from(skipped).unwrap_or(self.body);
            }
            if self.filled >= 5 && self.body == 0 {
                self.end()?;
            }
        }
        Ok(())
    }

    /// Looks at the head of a message as it comes.
    fn look(&mut self, first: u8) -> io::Result<()> {
        // Before the login only these may come: what asks for a proof, an error, a notice, an older version.
        const BEFORE: &[u8] = b"RENv";
        const AFTER: &[u8] = b"RENSKZTDCIsnt123AcdGHWV";
        let known = if self.seen.is_logged_in() { AFTER } else { BEFORE };
        let is_known = self.filled != 1 || known.contains(&first);
        if self.filled == 5 {
            let length = u32::from_be_bytes([self.head[1], self.head[2], self.head[3], self.head[4]]);
            // The length counts itself. What asks for a proof of the user is never long: it is another protocol's.
            let is_plausible = length >= 4 && (self.head[0] != b'R' || length < 4096);
            if !is_plausible {
                return Err(self.foreign(5));
            }
            if length > LONGEST {
                return Err(self.enough());
            }
            self.body = length - 4;
        }
        if is_known { Ok(()) } else { Err(self.foreign(1)) }
    }

    /// A message has ended. Fails on a request for a login that is not allowed, before the driver answers it.
    fn end(&mut self) -> io::Result<()> {
        let value = u32::from_be_bytes([self.head[5], self.head[6], self.head[7], self.head[8]]);
        if self.head[0] == b'R' && self.filled == self.head.len() {
            let is_first = self.seen.method() == 0;
            if let Some(refusal) = self.methods.filter(|_| is_first).and_then(|methods| methods.refusal(value)) {
                *self.seen.refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(refusal);
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, "a login that is not allowed"));
            }
            if value == 0 {
                self.seen.is_logged_in.store(true, Ordering::Relaxed);
                self.recorder.begin(Stage::Session);
            } else if is_first {
                self.seen.method.store(value, Ordering::Relaxed);
            }
        }
        (self.filled, self.body) = (0, 0);
        Ok(())
    }

    fn foreign(&self, bytes: usize) -> io::Error {
        *self.seen.foreign.lock().unwrap_or_else(PoisonError::into_inner) = self.head[..bytes].to_vec();
        io::Error::new(io::ErrorKind::InvalidData, "another protocol")
    }

    fn enough(&self) -> io::Error {
        self.seen.is_too_much.store(true, Ordering::Relaxed);
        too_much()
    }
}

impl<Stream: AsyncRead + Unpin> AsyncRead for Meter<'_, Stream> {
    fn poll_read(mut self: Pin<&mut Self>, task: &mut Task<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut self.stream).poll_read(task, buffer);
        if let Poll::Ready(Ok(())) = outcome {
            let read = buffer.filled()[before..].to_vec();
            if let Err(error) = self.watch(&read) {
                if error.kind() == io::ErrorKind::InvalidData {
                    // All that is there tells more than the first byte.
                    let mut foreign = self.seen.foreign.lock().unwrap_or_else(PoisonError::into_inner);
                    if foreign.first() == read.first() {
                        *foreign = read.into_iter().take(64).collect();
                    }
                }
                return Poll::Ready(Err(error));
            }
        }
        outcome
    }
}

impl<Stream: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Meter<'_, Stream> {
    fn poll_write(mut self: Pin<&mut Self>, task: &mut Task<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(task, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(task)
    }

    /// Closes this side, and is ready when the server has closed its own, which it does once the session has ended there.
    fn poll_shutdown(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<io::Result<()>> {
        if !self.is_shut {
            ready!(Pin::new(&mut self.stream).poll_shutdown(task))?;
            self.is_shut = true;
        }
        loop {
            let mut bytes = [0; 1024];
            let mut rest = ReadBuf::new(&mut bytes);
            // What the server still says, and how it leaves, nobody wants to know; but not more of it than of all else.
            let outcome = ready!(Pin::new(&mut self.stream).poll_read(task, &mut rest));
            let read = rest.filled().len();
            let left = self.left.checked_sub(read as u64).filter(|_| outcome.is_ok() && read > 0);
            match left {
                Some(left) => self.left = left,
                None => return Poll::Ready(Ok(())),
            }
        }
    }
}

impl<Stream: AsyncRead + AsyncWrite + Unpin> TlsStream for Meter<'_, Stream> {
    fn channel_binding(&self) -> ChannelBinding {
        self.end_point.clone().map_or_else(ChannelBinding::none, ChannelBinding::tls_server_end_point)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::time::{Instant, sleep};

    use super::*;
    use crate::probe::dial::io_fault;
    use crate::probe::fault::Fault;

    /// A message of a type.
    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).expect("it is short");
        [&[kind], &length.to_be_bytes()[..], body].concat()
    }

    /// Reads bytes through a meter, so many at a time.
    async fn read(bytes: &[u8], at_a_time: usize) -> (io::Result<usize>, Arc<Seen>, Stage) {
        read_of(bytes, at_a_time, None).await
    }

    /// The same, where only some ways to log in are allowed.
    async fn read_of(
        bytes: &[u8],
        at_a_time: usize,
        methods: Option<&Methods>,
    ) -> (io::Result<usize>, Arc<Seen>, Stage) {
        let recorder = Recorder::default();
        recorder.begin(Stage::Auth);
        let mut meter = Meter::new(bytes, &recorder, None, methods);
        let seen = meter.seen();
        let mut buffer = vec![0; at_a_time];
        let mut all = 0;
        let outcome = loop {
            match meter.read(&mut buffer).await {
                Ok(0) => break Ok(all),
                Ok(read) => all += read,
                Err(error) => break Err(error),
            }
        };
        drop(meter);
        (outcome, seen, recorder.stage())
    }

    #[tokio::test]
    async fn the_login_is_seen_however_the_bytes_come() {
        let asked = message(b'R', &[&10_u32.to_be_bytes()[..], b"SCRAM-SHA-256\0\0"].concat());
        let accepted = message(b'R', &0_u32.to_be_bytes());
        let told = message(b'S', b"server_version\x0015.18\0");
        let ready = message(b'Z', b"I");
        for at_a_time in [1, 2, 3, 7, 4096] {
            let (outcome, seen, stage) = read(&asked, at_a_time).await;
            assert_eq!((outcome.ok(), seen.is_logged_in(), seen.method()), (Some(asked.len()), false, 10));
            assert_eq!(stage, Stage::Auth);
            let all = [&asked[..], &accepted, &told, &ready].concat();
            let (outcome, seen, stage) = read(&all, at_a_time).await;
            assert_eq!((outcome.ok(), seen.is_logged_in()), (Some(all.len()), true), "{at_a_time}");
            assert_eq!(stage, Stage::Session);
        }
    }

    #[tokio::test]
    async fn logins_that_are_not_allowed_are_refused() {
        let scram = || message(b'R', &[&10_u32.to_be_bytes()[..], b"SCRAM-SHA-256\0\0"].concat());
        let of = |request: u32| message(b'R', &request.to_be_bytes());
        for (words, bytes, expected) in [
            ("scram-sha-256", scram(), None),
            ("scram-sha-256", [scram(), of(0)].concat(), None),
            ("md5,none", of(0), None),
            ("!md5", scram(), None),
            ("!password,!md5", of(0), None),
            (
                "scram-sha-256",
                of(3),
                Some("the server asks for the password in the clear, and require_auth allows scram-sha-256 only"),
            ),
            (
                "md5,scram-sha-256",
                of(0),
                Some("the server asks for no proof of the user, and require_auth allows md5, scram-sha-256 only"),
            ),
            (
                "!scram-sha-256",
                scram(),
                Some("the server asked for a login by scram-sha-256, and require_auth forbids scram-sha-256"),
            ),
            ("!none", of(0), Some("the server asks for no proof of the user, and require_auth forbids none")),
            ("none", of(7), Some("the server asked for a login by GSSAPI, and require_auth allows none only")),
        ] {
            let names = words.split(',').map(|word| word.trim_start_matches('!').to_owned()).collect();
            let methods = Methods { names, is_negated: words.starts_with('!') };
            for at_a_time in [1, 4096] {
                let (outcome, seen, _) = read_of(&bytes, at_a_time, Some(&methods)).await;
                assert_eq!(seen.refusal().as_deref(), expected, "{words}");
                assert_eq!(outcome.is_err(), expected.is_some(), "{words}");
            }
        }
    }

    #[tokio::test]
    async fn strangers_are_left_at_their_first_bytes() {
        for bytes in [&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], b"SSH-2.0-OpenSSH_9.2p1\r\n", b"J\0\0\0\n8.0.36\0more"]
        {
            let (outcome, seen, _) = read(bytes, 4096).await;
            assert!(outcome.is_err());
            assert_eq!(seen.foreign(), bytes);
            assert!(!read(bytes, 1).await.1.foreign().is_empty());
        }
        // What asks for a proof of the user is never that long.
        let (outcome, seen, _) = read(b"R\x7f\xff\xff\xff", 4096).await;
        assert!(outcome.is_err() && !seen.foreign().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_session_has_ended_when_the_server_says_so() {
        let recorder = Recorder::default();
        let (stream, mut server) = tokio::io::duplex(64);
        let mut meter = Meter::new(stream, &recorder, None, None);
        let ends = async {
            assert_eq!(server.read(&mut [0; 8]).await.expect("the client leaves"), 0);
            server.write_all(&message(b'N', b"so long")).await.expect("the client waits");
            sleep(Duration::from_millis(70)).await;
            drop(server);
        };
        let began = Instant::now();
        let (outcome, ()) = tokio::join!(meter.shutdown(), ends);
        outcome.expect("it is over");
        assert!(began.elapsed() >= Duration::from_millis(70), "{:?}", began.elapsed());
    }

    #[tokio::test]
    async fn too_much_is_not_read() {
        let announced = [b'E', 0x7f, 0xff, 0xff, 0xff];
        let (outcome, seen, _) = read(&announced, 4096).await;
        assert_eq!(outcome.map_err(|error| io_fault(&error)), Err(Fault::TooMuch));
        assert!(seen.is_too_much());
        let notice = message(b'N', &vec![b'x'; 60_000]);
        let endless = notice.repeat(100);
        let (outcome, seen, _) = read(&endless, 8192).await;
        assert!(outcome.is_err() && seen.is_too_much());
    }
}

//! A listener whose every connection has a thread, and which remembers what was sent to it.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use super::super::running::loopback;

/// The most that is remembered of a connection: what comes after is not looked at by any test.
const REMEMBERED: usize = 64 * 1024;

/// Connections, and what was read from them.
#[derive(Debug, Default)]
struct Seen {
    conversations: Mutex<Vec<Arc<Conversation>>>,
    is_over: AtomicBool,
}

impl Seen {
    /// A test that failed while it looked has not broken what was seen.
    fn conversations(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Conversation>>> {
        self.conversations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection.
#[derive(Debug)]
pub(crate) struct Conversation {
    stream: TcpStream,
    received: Mutex<Vec<u8>>,
}

impl Conversation {
    /// The connection itself.
    pub(crate) fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Sends all of it.
    pub(crate) fn send(&self, bytes: &[u8]) -> io::Result<()> {
        (&self.stream).write_all(bytes)
    }

    /// Reads until the client leaves, and says nothing.
    pub(crate) fn wait_for_end(&self) -> io::Result<()> {
        let mut bytes = [0; 4096];
        while (&mut &*self).read(&mut bytes)? > 0 {}
        Ok(())
    }
}

impl Read for &Conversation {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let count = (&self.stream).read(bytes)?;
        let mut received = self.received.lock().unwrap_or_else(PoisonError::into_inner);
        let room = REMEMBERED.saturating_sub(received.len());
        received.extend_from_slice(&bytes[..count.min(room)]);
        Ok(count)
    }
}

/// The listener; it and its connections end with the value.
#[derive(Debug)]
pub(crate) struct Listener {
    port: u16,
    seen: Arc<Seen>,
    accepting: Option<JoinHandle<()>>,
}

impl Listener {
    /// Listens at a port that the system chooses, and holds each conversation in a thread of its own.
    pub(crate) fn start(hold: impl Fn(&Conversation) + Clone + Send + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("listen at the loopback address");
        let port = listener.local_addr().expect("a listener has an address").port();
        let seen = Arc::new(Seen::default());
        let shared = Arc::clone(&seen);
        let accepting = thread::spawn(move || {
            for stream in listener.incoming() {
                if shared.is_over.load(Ordering::Acquire) {
                    break;
                }
                // Somebody may have left before being accepted.
                let Ok(stream) = stream else { continue };
                let conversation = Arc::new(Conversation { stream, received: Mutex::default() });
                shared.conversations().push(Arc::clone(&conversation));
                let hold = hold.clone();
                thread::spawn(move || {
                    hold(&conversation);
                    // The list above holds the connection too, so it would not close by itself.
                    let _ = conversation.stream.shutdown(Shutdown::Both);
                });
            }
        });
        Self { port, seen, accepting: Some(accepting) }
    }

    /// Its port at 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// How many connections there have been.
    pub(crate) fn connections(&self) -> usize {
        self.seen.conversations().len()
    }

    /// What was read from each of them, in the order in which they came.
    pub(crate) fn received(&self) -> Vec<Vec<u8>> {
        let bytes = |one: &Arc<Conversation>| one.received.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.seen.conversations().iter().map(bytes).collect()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.seen.is_over.store(true, Ordering::Release);
        // A last connection wakes the thread that accepts.
        let _ = TcpStream::connect(loopback(self.port));
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
        for conversation in self.seen.conversations().drain(..) {
            let _ = conversation.stream.shutdown(Shutdown::Both);
        }
    }
}

//! A proxy in front of a real server, which counts, delays and cuts connections.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::hostile::{Conversation, Listener};
use super::network::reset;
use super::running::loopback;

/// What the proxy does, and what it has seen. Zero means that nothing is limited.
#[derive(Debug, Default)]
struct State {
    delay_millis: AtomicU64,
    cut_after_bytes: AtomicU64,
    is_closed: AtomicBool,
    open: AtomicUsize,
    most_open: AtomicUsize,
    streams: Mutex<Vec<TcpStream>>,
}

/// A proxy that runs until the value is dropped.
#[derive(Debug)]
pub(crate) struct Proxy {
    listener: Listener,
    state: Arc<State>,
}

impl Proxy {
    /// In front of a port of 127.0.0.1.
    pub(crate) fn to(port: u16) -> Self {
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let listener = Listener::start(move |client| {
            // Either side may leave at any time; that ends the connection and is no fault here.
            let _ = forward(&shared, client, port);
        });
        Self { listener, state }
    }

    /// Its port at 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.listener.port()
    }

    /// How many connections there have been.
    pub(crate) fn connections(&self) -> usize {
        self.listener.connections()
    }

    /// The most connections that were open at the same time.
    pub(crate) fn most_open(&self) -> usize {
        self.state.most_open.load(Ordering::Acquire)
    }

    /// What the server says arrives this much later, each time.
    pub(crate) fn delay(&self, delay: Duration) {
        let millis = u64::try_from(delay.as_millis()).expect("a delay of a test");
        self.state.delay_millis.store(millis, Ordering::Release);
    }

    /// A connection is reset once the server has said so many bytes in it.
    pub(crate) fn cut_after(&self, bytes: u64) {
        self.state.cut_after_bytes.store(bytes, Ordering::Release);
    }

    /// New connections are reset while this holds; those that are open stay.
    pub(crate) fn close(&self, is_closed: bool) {
        self.state.is_closed.store(is_closed, Ordering::Release);
    }

    /// Resets all connections that are open.
    pub(crate) fn cut(&self) {
        for stream in self.state.streams.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            reset(&stream);
        }
    }
}

/// A connection that counts as open until the value is dropped.
struct Open<'state>(&'state State);

impl<'state> Open<'state> {
    fn count(state: &'state State) -> Self {
        let open = state.open.fetch_add(1, Ordering::AcqRel) + 1;
        state.most_open.fetch_max(open, Ordering::AcqRel);
        Self(state)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Carries bytes both ways until one side ends.
fn forward(state: &Arc<State>, client: &Conversation, port: u16) -> io::Result<()> {
    let open = Open::count(state);
    if state.is_closed.load(Ordering::Acquire) {
        reset(client.stream());
        return Ok(());
    }
    let server = TcpStream::connect(loopback(port))?;
    for stream in [client.stream(), &server] {
        stream.set_nodelay(true)?;
    }
    state.streams.lock().unwrap_or_else(PoisonError::into_inner).push(client.stream().try_clone()?);
    let (mut up_from, mut up_to) = (client.stream().try_clone()?, server.try_clone()?);
    let up = thread::spawn(move || {
        let _ = io::copy(&mut up_from, &mut up_to);
        let _ = up_to.shutdown(Shutdown::Both);
    });
    let result = answer(state, &server, client);
    // Before the client sees the end, after which it may open the next.
    drop(open);
    for stream in [client.stream(), &server] {
        let _ = stream.shutdown(Shutdown::Both);
    }
    let _ = up.join();
    result
}

/// Carries what the server says to the client, late and cut as it was asked for.
fn answer(state: &State, mut server: &TcpStream, client: &Conversation) -> io::Result<()> {
    let mut bytes = [0; 16 * 1024];
    let mut sent = 0;
    loop {
        let mut count = server.read(&mut bytes)?;
        if count == 0 {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(state.delay_millis.load(Ordering::Acquire)));
        let limit = state.cut_after_bytes.load(Ordering::Acquire);
        let room = usize::try_from(limit.saturating_sub(sent)).unwrap_or(usize::MAX);
        let is_cut = limit > 0 && count >= room;
        if is_cut {
            count = room;
        }
        client.stream().write_all(&bytes[..count])?;
        sent += count as u64;
        if is_cut {
            reset(client.stream());
            return Ok(());
        }
    }
}

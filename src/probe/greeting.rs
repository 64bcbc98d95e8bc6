//! What answers, told by the first bytes that it sends.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::fault::Protocol;
use super::postgres;

/// So many bytes tell what answers.
const TELLING: usize = 32;

/// What speaks like this. Meant for bytes that are none of the protocol that was expected.
pub(super) fn protocol(first: &[u8]) -> Protocol {
    match first {
        // An error, its length and its severity; the same before version 3 of the protocol; or a request to log in.
        [b'E', 0, 0, _, _, b'S', ..] | [b'E', b'F', b'A', b'T', b'A', b'L', ..] | [b'R', 0, 0, 0, _, 0, ..] => {
            Protocol::Postgresql
        }
        _ => postgres::protocol(first),
    }
}

/// The first bytes that came from a peer, shared with whoever wants to know when the protocol breaks.
#[derive(Clone, Debug, Default)]
pub(super) struct Heard(Arc<Mutex<Said>>);

/// What came from a peer.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    /// The first bytes.
    pub(super) first: Vec<u8>,
    /// How many came in all.
    pub(super) length: usize,
}

impl Heard {
    /// What has come so far.
    pub(super) fn said(&self) -> Said {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn hear(&self, bytes: &[u8]) {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = TELLING.saturating_sub(said.first.len()).min(bytes.len());
        said.first.extend_from_slice(&bytes[..room]);
        said.length = said.length.saturating_add(bytes.len());
    }
}

/// A stream whose first bytes are kept.
#[derive(Debug)]
pub(super) struct Overheard<Stream> {
    stream: Stream,
    heard: Heard,
}

impl<Stream> Overheard<Stream> {
    /// Keeps the first bytes that come.
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, heard: Heard::default() }
    }

    /// Where the first bytes are kept.
    pub(super) fn heard(&self) -> Heard {
        self.heard.clone()
    }
}

impl<Stream: AsyncRead + Unpin> AsyncRead for Overheard<Stream> {
    fn poll_read(mut self: Pin<&mut Self>, task: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut self.stream).poll_read(task, buffer);
        if outcome.is_ready() {
            self.heard.hear(&buffer.filled()[before..]);
        }
        outcome
    }
}

impl<Stream: AsyncWrite + Unpin> AsyncWrite for Overheard<Stream> {
    fn poll_write(mut self: Pin<&mut Self>, task: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(task, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(task)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(task)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_answers_is_told_by_its_first_bytes() {
        for (first, expected) in [
            (&b"E\x00\x00\x00\x8fSFATAL\x00"[..], Protocol::Postgresql),
            (b"R\x00\x00\x00\x08\x00\x00\x00\x00", Protocol::Postgresql),
            (b"EFATAL:  unsupported frontend protocol", Protocol::Postgresql),
            (b"E\x00\x00\x00\xff\x10\x04Too many connections", Protocol::Mysql),
            (b"HTTP/1.1 400 Bad Request\r\n", Protocol::Http),
            (b"hello", Protocol::Unknown),
            (b"", Protocol::Unknown),
        ] {
            assert_eq!(protocol(first), expected, "{first:?}");
        }
    }
}

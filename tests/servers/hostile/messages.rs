//! The few messages of PostgreSQL's protocol that the peers of the tests speak.

use std::io::{self, ErrorKind, Read};

/// The most that a client may announce: none of the tests sends more.
const MOST: usize = 1024 * 1024;

/// The numbers that stand where a version would: a question for TLS, and one for GSSAPI's encryption.
const TLS_QUESTION: [u8; 4] = 80_877_103_i32.to_be_bytes();
const GSS_QUESTION: [u8; 4] = 80_877_104_i32.to_be_bytes();

/// A message of a client, without kind and length.
#[derive(Debug)]
pub(super) struct Message {
    /// What it holds.
    pub(super) body: Vec<u8>,
}

impl Message {
    /// Whether it is one of the questions that may come before the startup message.
    pub(super) fn asks_for_encryption(&self) -> bool {
        self.body == TLS_QUESTION || self.body == GSS_QUESTION
    }
}

/// Reads one message. The first ones of a connection have no kind in front of their length.
pub(super) fn read_message(from: &mut impl Read, is_first: bool) -> io::Result<Message> {
    if !is_first {
        from.read_exact(&mut [0])?;
    }
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    // The length counts itself.
    let length = usize::try_from(i32::from_be_bytes(length)).unwrap_or(0).checked_sub(4);
    let length = length.filter(|length| *length <= MOST).ok_or(ErrorKind::InvalidData)?;
    let mut body = vec![0; length];
    from.read_exact(&mut body)?;
    Ok(Message { body })
}

/// A message of a server.
pub(super) fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = i32::try_from(body.len() + 4).expect("the tests send no message so long");
    [&announced(kind, length), body].concat()
}

/// The beginning of a message: its kind, and the length that it claims to have.
pub(super) fn announced(kind: u8, length: i32) -> Vec<u8> {
    [&[kind][..], &length.to_be_bytes()].concat()
}

/// What a server says to a client that it lets in: welcome, its parameters, how to cancel, and that it is ready.
pub(super) fn greeting() -> Vec<u8> {
    let parameters =
        [("server_version", "15.9"), ("client_encoding", "UTF8"), ("DateStyle", "ISO, MDY"), ("TimeZone", "UTC")];
    let parameters = parameters.iter().flat_map(|(name, value)| message(b'S', format!("{name}\0{value}\0").as_bytes()));
    let mut all = message(b'R', &0_i32.to_be_bytes());
    all.extend(parameters);
    all.extend(message(b'K', &[0, 0, 0, 1, 0, 0, 0, 2]));
    all.extend(message(b'Z', b"I"));
    all
}

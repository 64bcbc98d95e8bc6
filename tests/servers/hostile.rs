//! Peers that misbehave on purpose, on ports of the loopback address.

mod listener;
mod messages;

use std::io::{self, ErrorKind, Read};
use std::net::Shutdown;
use std::thread;
use std::time::Duration;

use openssl::base64::encode_block as base64;

use super::network::reset;
pub(crate) use listener::{Conversation, Listener};
use messages::{announced, greeting, message, read_message};

/// What a peer does with each connection. Those that need a client to say something first understand PostgreSQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behaviour {
    /// Accepts, and says nothing for ever.
    Silent,
    /// Reads the question for TLS, and never answers it.
    SilentAfterTlsQuestion,
    /// A valid greeting of a server without a password, a byte each 50 ms; then nothing.
    OneByteAtATime,
    /// Announces a message of 2 GiB less one, and sends as much of it as the client takes.
    HugeMessage,
    /// Resets the connection at once.
    Reset,
    /// Agrees to TLS, and resets the connection.
    ResetAfterTlsAnswer,
    /// Closes the connection at once, in good order.
    Close,
    /// Speaks HTTP: answers whatever it is sent with a refusal.
    Http,
    /// Speaks SSH: a banner as soon as somebody comes.
    Ssh,
    /// Speaks `MySQL`: a greeting as soon as somebody comes.
    Mysql,
    /// Asks for the password in plain text, and returns it in an error full of escape sequences.
    EchoedPassword,
    /// Logs the client in, and then sends notices without end.
    EndlessNotices,
    /// Sends parameters without end before the client is logged in.
    EndlessParameters,
    /// Goes through SCRAM, and proves itself with a wrong signature.
    WrongScramSignature,
    /// Demands ten million iterations of SCRAM.
    ExpensiveScram,
    /// Agrees to TLS, and falls silent in the middle of its first message.
    SilentInHandshake,
    /// Agrees to TLS, and then speaks something else.
    NoiseInHandshake,
    /// Logs the client in, and answers each query with a row of 1 MiB, without end.
    EndlessRows,
    /// Logs the client in, and answers each query with a row that nobody asked for.
    Nonsense,
}

impl Behaviour {
    /// All of them but [`Self::Nonsense`], which answers, and so is no failure.
    pub(crate) const ALL: [Self; 18] = [
        Self::Silent,
        Self::SilentAfterTlsQuestion,
        Self::OneByteAtATime,
        Self::HugeMessage,
        Self::Reset,
        Self::ResetAfterTlsAnswer,
        Self::Close,
        Self::Http,
        Self::Ssh,
        Self::Mysql,
        Self::EchoedPassword,
        Self::EndlessNotices,
        Self::EndlessParameters,
        Self::WrongScramSignature,
        Self::ExpensiveScram,
        Self::SilentInHandshake,
        Self::NoiseInHandshake,
        Self::EndlessRows,
    ];
}

/// What [`Behaviour::EchoedPassword`] wraps the password in: colour, a title, a cleared line, a bidirectional override.
pub(crate) const ESCAPES: &str = "\u{1b}[31m\u{1b}]0;owned\u{7}\r\u{1b}[2K\u{202e}gnp";

/// A peer that runs until the value is dropped.
#[derive(Debug)]
pub(crate) struct Hostile(Listener);

impl Hostile {
    /// Starts a peer.
    pub(crate) fn start(behaviour: Behaviour) -> Self {
        // Whatever goes wrong between a hostile peer and its client is what is being tested, and no fault here.
        Self(Listener::start(move |conversation| drop(serve(behaviour, conversation))))
    }

    /// Its port at 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.0.port()
    }

    /// How many connections there have been.
    pub(crate) fn connections(&self) -> usize {
        self.0.connections()
    }

    /// What the clients have sent until now, one connection after the other.
    pub(crate) fn received(&self) -> Vec<Vec<u8>> {
        self.0.received()
    }

    /// A connection string, without password.
    pub(crate) fn conninfo(&self) -> String {
        format!("host=127.0.0.1 port={} user=app dbname=app", self.port())
    }
}

/// Holds one conversation. An error is a client that has left.
fn serve(behaviour: Behaviour, peer: &Conversation) -> io::Result<()> {
    match behaviour {
        Behaviour::Silent => peer.wait_for_end(),
        Behaviour::SilentAfterTlsQuestion => {
            read_message(&mut &*peer, true)?;
            peer.wait_for_end()
        }
        Behaviour::Reset => {
            reset(peer.stream());
            Ok(())
        }
        Behaviour::ResetAfterTlsAnswer => {
            agree_to_tls(peer)?;
            reset(peer.stream());
            Ok(())
        }
        Behaviour::Close => peer.stream().shutdown(Shutdown::Both),
        Behaviour::Http => {
            read_some(peer)?;
            peer.send(b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        }
        Behaviour::Ssh => {
            peer.send(b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n")?;
            peer.wait_for_end()
        }
        Behaviour::Mysql => {
            peer.send(MYSQL_GREETING)?;
            peer.wait_for_end()
        }
        Behaviour::SilentInHandshake => {
            agree_to_tls(peer)?;
            read_some(peer)?;
            // The head of a record of 122 bytes, and the first two of a ServerHello.
            peer.send(&[0x16, 0x03, 0x03, 0x00, 0x7a, 0x02, 0x00])?;
            peer.wait_for_end()
        }
        Behaviour::NoiseInHandshake => {
            agree_to_tls(peer)?;
            read_some(peer)?;
            peer.send(b"This is no TLS.\n")?;
            peer.wait_for_end()
        }
        _ => {
            read_startup(peer)?;
            serve_postgres(behaviour, peer)
        }
    }
}

/// What begins once the client has said who it is.
fn serve_postgres(behaviour: Behaviour, peer: &Conversation) -> io::Result<()> {
    match behaviour {
        Behaviour::OneByteAtATime => {
            for byte in greeting() {
                peer.send(&[byte])?;
                thread::sleep(Duration::from_millis(50));
            }
            peer.wait_for_end()
        }
        Behaviour::HugeMessage => {
            peer.send(&announced(b'E', i32::MAX))?;
            let chunk = vec![b'x'; 64 * 1024];
            loop {
                peer.send(&chunk)?;
            }
        }
        Behaviour::EchoedPassword => {
            // Authentication by a password in plain text is number 3.
            peer.send(&message(b'R', &3_i32.to_be_bytes()))?;
            let password = read_message(&mut &*peer, false)?;
            let password = String::from_utf8_lossy(&password.body);
            let password = password.trim_end_matches('\0');
            let text = format!("{ESCAPES}password \"{password}\" of user \"app\" is wrong{ESCAPES}");
            let fields = format!("SFATAL\0VFATAL\0C28P01\0M{text}\0D{text}\0H{text}\0\0");
            peer.send(&message(b'E', fields.as_bytes()))
        }
        Behaviour::EndlessNotices => {
            peer.send(&greeting())?;
            let notice = message(b'N', b"SNOTICE\0VNOTICE\0C00000\0Mare you still there?\0\0");
            loop {
                peer.send(&notice.repeat(1000))?;
            }
        }
        Behaviour::EndlessParameters => {
            let mut number = 0_u64;
            loop {
                let parameters = (0..1000).flat_map(|_| {
                    number += 1;
                    message(b'S', format!("parameter_{number}\0value\0").as_bytes())
                });
                peer.send(&parameters.collect::<Vec<u8>>())?;
            }
        }
        Behaviour::WrongScramSignature => {
            scram(peer, 4096)?;
            read_message(&mut &*peer, false)?;
            let proof = format!("v={}", base64(&[7; 32]));
            peer.send(&message(b'R', &[&12_i32.to_be_bytes()[..], proof.as_bytes()].concat()))?;
            peer.send(&greeting())?;
            peer.wait_for_end()
        }
        Behaviour::ExpensiveScram => {
            scram(peer, 10_000_000)?;
            peer.wait_for_end()
        }
        Behaviour::EndlessRows => {
            peer.send(&greeting())?;
            read_message(&mut &*peer, false)?;
            let (header, row) = one_column(&vec![b'x'; 1024 * 1024]);
            peer.send(&header)?;
            loop {
                peer.send(&row)?;
            }
        }
        Behaviour::Nonsense => {
            peer.send(&greeting())?;
            let (header, row) = one_column(b"nonsense");
            loop {
                read_message(&mut &*peer, false)?;
                peer.send(&[header.clone(), row.clone(), message(b'C', b"SELECT 1\0"), message(b'Z', b"I")].concat())?;
            }
        }
        _ => peer.wait_for_end(),
    }
}

/// The description of a row with one column of text, and a row with this value.
fn one_column(value: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let count = 1_i16.to_be_bytes();
    // Text is type 25, here of any length.
    let column = [0, 0, 0, 0, 0, 0, 0, 0, 0, 25, 255, 255, 255, 255, 255, 255, 0, 0];
    let header = message(b'T', &[&count[..], b"column\0", &column].concat());
    let length = i32::try_from(value.len()).expect("the tests send no value so long");
    (header, message(b'D', &[&count[..], &length.to_be_bytes(), value].concat()))
}

/// The server's first packet in version 8.0 of `MySQL`: length, number 0, protocol 10, version, connection, challenge,
/// abilities.
const MYSQL_GREETING: &[u8] =
    b"\x4a\x00\x00\x00\x0a8.0.36\x00\x08\x00\x00\x00abcdefgh\x00\xff\xff\xff\x02\x00\xff\xdf\x15\
\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00abcdefghijkl\x00caching_sha2_password\x00";

/// Reads what the client sends first.
fn read_some(mut peer: &Conversation) -> io::Result<()> {
    let mut bytes = [0; 4096];
    if peer.read(&mut bytes)? == 0 { Err(ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}

/// Reads the question for TLS and says yes.
fn agree_to_tls(peer: &Conversation) -> io::Result<()> {
    read_message(&mut &*peer, true)?;
    peer.send(b"S")
}

/// Reads who the client is. Questions for encryption before it are answered with no.
fn read_startup(peer: &Conversation) -> io::Result<()> {
    loop {
        let first = read_message(&mut &*peer, true)?;
        if !first.asks_for_encryption() {
            return Ok(());
        }
        peer.send(b"N")?;
    }
}

/// Offers SCRAM, reads the client's nonce, and answers it with a salt and this many iterations.
fn scram(peer: &Conversation, iterations: u32) -> io::Result<()> {
    peer.send(&message(b'R', &[&10_i32.to_be_bytes()[..], b"SCRAM-SHA-256\0\0"].concat()))?;
    let first = read_message(&mut &*peer, false)?;
    let text = String::from_utf8_lossy(&first.body);
    let nonce = text.rsplit("r=").next().unwrap_or_default();
    let answer = format!("r={nonce}server,s={},i={iterations}", base64(b"invented salt 16"));
    peer.send(&message(b'R', &[&11_i32.to_be_bytes()[..], answer.as_bytes()].concat()))
}

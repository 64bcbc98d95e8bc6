//! A server that asks for a password in the clear, and tells who came with which. It lets nobody in.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

/// No client takes longer for its next word, so that a test fails rather than hangs.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who came: the parameters of the startup, and the password.
pub(super) type Visit = (BTreeMap<String, String>, String);

/// A listening server. Its thread ends with the test.
#[derive(Debug)]
pub(super) struct Listener {
    visits: Receiver<Visit>,
}

impl Listener {
    /// One on a free port of this machine, which is told.
    pub(super) fn tcp() -> (Self, u16) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("listen");
        let port = listener.local_addr().expect("have an address").port();
        let (sender, visits) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = stream.set_read_timeout(Some(PATIENCE));
                serve(stream, &sender);
            }
        });
        (Self { visits }, port)
    }

    /// One at the socket of a directory.
    pub(super) fn unix(directory: &Path, port: u16) -> Self {
        let listener = UnixListener::bind(directory.join(format!(".s.PGSQL.{port}"))).expect("listen");
        let (sender, visits) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = stream.set_read_timeout(Some(PATIENCE));
                serve(stream, &sender);
            }
        });
        Self { visits }
    }

    /// Who came since the last call, if anybody.
    pub(super) fn visit(&self) -> Option<Visit> {
        self.visits.try_iter().last()
    }
}

/// The requests for TLS and for GSSAPI encryption, in place of a version.
const REQUESTS: [i32; 2] = [80_877_103, 80_877_104];

fn serve(mut stream: impl Read + Write, sender: &Sender<Visit>) {
    // Who leaves early told everything that it wanted to tell.
    let _ = talk(&mut stream, sender);
}

fn talk(stream: &mut (impl Read + Write), sender: &Sender<Visit>) -> io::Result<()> {
    let startup = loop {
        let message = body(stream)?;
        let version = message.first_chunk().copied().map(i32::from_be_bytes).ok_or(io::ErrorKind::InvalidData)?;
        if !REQUESTS.contains(&version) {
            break message;
        }
        stream.write_all(b"N")?;
    };
    let texts: Vec<String> = startup[4..].split(|byte| *byte == 0).map(text).collect();
    let pairs = texts.chunks_exact(2).take_while(|pair| !pair[0].is_empty());
    let parameters: BTreeMap<String, String> = pairs.map(|pair| (pair[0].clone(), pair[1].clone())).collect();
    // Who has no password leaves now, and came all the same.
    sender.send((parameters.clone(), String::new())).map_err(io::Error::other)?;
    stream.write_all(b"R\0\0\0\x08\0\0\0\x03")?;
    stream.read_exact(&mut [0])?;
    let password = body(stream)?;
    sender.send((parameters, text(password.strip_suffix(&[0]).unwrap_or(&password)))).map_err(io::Error::other)?;
    let refusal = b"SFATAL\0VFATAL\0C57P03\0Mthat was all\0\0";
    stream.write_all(b"E")?;
    stream.write_all(&u32::try_from(refusal.len() + 4).map_err(io::Error::other)?.to_be_bytes())?;
    stream.write_all(refusal)
}

/// What follows the length of a message.
fn body(stream: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length).clamp(4, 10_000) as usize;
    let mut body = vec![0; length - 4];
    stream.read_exact(&mut body)?;
    Ok(body)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

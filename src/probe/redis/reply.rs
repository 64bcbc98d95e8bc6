//! What Redis says: its protocol (RESP, version 2), as much of it as a probe meets.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::probe::dial;
use crate::probe::fault::Fault;
use crate::probe::greeting::protocol;

/// No line is longer, in bytes: an error or a status.
const LONGEST_LINE: usize = 8 * 1024;

/// No text is longer, in bytes: the sections of `INFO` that are asked for have 2 KiB at most.
const LONGEST_TEXT: usize = 256 * 1024;

/// So many bytes are read at once.
const CHUNK: usize = 4 * 1024;

/// An answer to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// It did, or this is what was asked for.
    Text(String),
    /// It said no: `WRONGPASS invalid username-password pair ...`.
    Error(String),
    /// It has nothing to say.
    Nothing,
}

/// A conversation with a server.
#[derive(Debug)]
pub(super) struct Conversation<Stream> {
    stream: Stream,
    /// What was read, and not yet used.
    buffer: Vec<u8>,
}

impl<Stream: AsyncRead + AsyncWrite + Unpin> Conversation<Stream> {
    /// Begins one.
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, buffer: Vec::new() }
    }

    /// Sends commands at once; each has one answer.
    pub(super) async fn send(&mut self, commands: &[&[&str]]) -> Result<(), Fault> {
        let bytes: Vec<u8> = commands.iter().flat_map(|command| written(command)).collect();
        match self.stream.write_all(&bytes).await {
            Ok(()) => self.stream.flush().await.map_err(|error| dial::io_fault(&error)),
            // What does not listen may still have said what it is.
            Err(error) => {
                let fault = dial::io_fault(&error);
                match self.receive().await {
                    Err(Fault::Protocol(protocol)) => Err(Fault::Protocol(protocol)),
                    _ => Err(fault),
                }
            }
        }
    }

    /// The next answer.
    pub(super) async fn receive(&mut self) -> Result<Reply, Fault> {
        let line = self.line().await?;
        let (kind, rest) = line.split_at(1);
        match kind {
            "+" | ":" => Ok(Reply::Text(rest.to_owned())),
            "-" => Ok(Reply::Error(rest.to_owned())),
            "$" => match rest {
                "-1" => Ok(Reply::Nothing),
                length => {
                    let length: usize = length.parse().map_err(|_| Fault::Protocol(protocol(line.as_bytes())))?;
                    if length > LONGEST_TEXT {
                        return Err(Fault::TooMuch);
                    }
                    let text = self.take(length + 2).await?;
                    Ok(Reply::Text(String::from_utf8_lossy(&text[..length]).into_owned()))
                }
            },
            _ => Err(Fault::Protocol(protocol(line.as_bytes()))),
        }
    }

    /// The next line, which begins with a sign that Redis knows.
    async fn line(&mut self) -> Result<String, Fault> {
        loop {
            // What is no answer of Redis need not end in a line, and would be waited for.
            if self.buffer.first().is_some_and(|first| !b"+-:$".contains(first)) {
                return Err(Fault::Protocol(protocol(&self.buffer)));
            }
            if let Some(end) = self.buffer.windows(2).position(|two| two == b"\r\n") {
                let line = self.take(end + 2).await?;
                return Ok(String::from_utf8_lossy(&line[..end]).into_owned());
            }
            if self.buffer.len() > LONGEST_LINE {
                return Err(Fault::TooMuch);
            }
            self.read().await?;
        }
    }

    /// So many bytes.
    async fn take(&mut self, length: usize) -> Result<Vec<u8>, Fault> {
        while self.buffer.len() < length {
            self.read().await?;
        }
        let rest = self.buffer.split_off(length);
        Ok(std::mem::replace(&mut self.buffer, rest))
    }

    /// Reads on.
    async fn read(&mut self) -> Result<(), Fault> {
        let mut chunk = [0; CHUNK];
        match self.stream.read(&mut chunk).await {
            Ok(0) => Err(Fault::Closed),
            Ok(read) => {
                self.buffer.extend_from_slice(&chunk[..read]);
                Ok(())
            }
            Err(error) => Err(dial::io_fault(&error)),
        }
    }
}

/// A command as Redis reads it.
fn written(command: &[&str]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", command.len()).into_bytes();
    for word in command {
        bytes.extend_from_slice(format!("${}\r\n{word}\r\n", word.len()).as_bytes());
    }
    bytes
}

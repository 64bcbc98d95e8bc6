//! A connection to a host: its name, its addresses, and the first of them that accepts.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::{Context as Task, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;
use tokio::time::timeout;

use crate::model::health::Stage;

use super::attempt::Context;
use super::fault::{Fault, IoFault};
use super::recorder::Recorder;

/// A connection that nothing was said on.
#[derive(Debug)]
pub(super) enum Socket {
    /// To an address.
    Tcp(TcpStream),
    /// To a socket of this machine.
    #[cfg(unix)]
    Unix(UnixStream),
}

impl Socket {
    /// The number of the user who runs the server at a Unix socket, if the system tells.
    #[cfg(unix)]
    pub(super) fn owner(&self) -> Option<u32> {
        match self {
            Self::Tcp(_) => None,
            Self::Unix(stream) => stream.peer_cred().ok().map(|it| it.uid()),
        }
    }
}

/// Connects to a name or to an address that is written as one: the stages dns and tcp.
pub(super) async fn connect(context: &Context, recorder: &Recorder, name: &str, port: u16) -> Result<Socket, Fault> {
    let addresses = addresses(context, recorder, name, port).await?;
    reach(recorder, &addresses).await.map(|(socket, _)| socket)
}

/// The addresses of a name: the stage dns. What is written as an address is not looked up, and has no such stage.
pub(super) async fn addresses(
    context: &Context,
    recorder: &Recorder,
    name: &str,
    port: u16,
) -> Result<Vec<SocketAddr>, Fault> {
    if let Ok(address) = name.trim_matches(['[', ']']).parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    recorder.begin(Stage::Dns);
    context.resolver.lookup(name, port).await
}

/// Connects to the first of some addresses that accepts: the stage tcp. Each has its share of the time that is left, so
/// that one that does not answer leaves time for the next.
pub(super) async fn reach(recorder: &Recorder, addresses: &[SocketAddr]) -> Result<(Socket, SocketAddr), Fault> {
    recorder.begin(Stage::Tcp);
    recorder.addresses(addresses);
    let mut last = Fault::Timeout;
    for (index, address) in addresses.iter().enumerate() {
        let share = recorder.share(addresses.len() - index);
        let outcome = match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) => Err(Fault::Io(IoFault::from(&error))),
            Err(_) => Err(Fault::Timeout),
        };
        match outcome {
            Ok(stream) => {
                // Short messages go back and forth: none is to wait for the next.
                let _ = stream.set_nodelay(true);
                recorder.tried(&address.to_string(), Ok(()));
                return Ok((Socket::Tcp(stream), *address));
            }
            Err(fault) => {
                recorder.tried(&address.to_string(), Err(&super::classify::classify(Stage::Tcp, &fault).message));
                last = fault;
            }
        }
    }
    Err(last)
}

/// Connects to a Unix socket: the stage tcp.
#[cfg(unix)]
pub(super) async fn reach_socket(recorder: &Recorder, path: &std::path::Path) -> Result<Socket, Fault> {
    recorder.begin(Stage::Tcp);
    recorder.socket(path);
    let shown = path.to_string_lossy();
    // `@name` is a socket without a file, whose name begins with a zero in the system's terms.
    let own = match shown.strip_prefix('@') {
        Some(name) => std::path::PathBuf::from(format!("\0{name}")),
        None => path.to_path_buf(),
    };
    match UnixStream::connect(own).await {
        Ok(stream) => {
            recorder.tried(&shown, Ok(()));
            Ok(Socket::Unix(stream))
        }
        Err(error) => {
            let fault = Fault::Io(IoFault::from(&error));
            recorder.tried(&shown, Err(&super::classify::classify(Stage::Tcp, &fault).message));
            Err(fault)
        }
    }
}

/// What a stream says that has had enough.
const TOO_MUCH: &str = "the peer sent more than is read";

/// The failure that [`io_fault`] takes for [`Fault::TooMuch`].
pub(super) fn too_much() -> io::Error {
    io::Error::new(io::ErrorKind::QuotaExceeded, TOO_MUCH)
}

/// What a failed call means.
pub(super) fn io_fault(error: &io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::QuotaExceeded if error.raw_os_error().is_none() => Fault::TooMuch,
        io::ErrorKind::UnexpectedEof => Fault::Closed,
        io::ErrorKind::TimedOut if error.raw_os_error().is_none() => Fault::Timeout,
        _ => Fault::Io(IoFault::from(error)),
    }
}

/// Hands a call on to whichever stream it is.
macro_rules! either {
    ($self:expr, $stream:ident => $call:expr) => {
        match $self.get_mut() {
            Socket::Tcp($stream) => $call,
            #[cfg(unix)]
            Socket::Unix($stream) => $call,
        }
    };
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, task: &mut Task<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        either!(self, stream => Pin::new(stream).poll_read(task, buffer))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, task: &mut Task<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        either!(self, stream => Pin::new(stream).poll_write(task, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<io::Result<()>> {
        either!(self, stream => Pin::new(stream).poll_flush(task))
    }

    fn poll_shutdown(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<io::Result<()>> {
        either!(self, stream => Pin::new(stream).poll_shutdown(task))
    }
}

/// As much time as nobody's patience lasts, where there is no limit.
pub(super) const FOR_EVER: Duration = Duration::from_secs(24 * 3600);

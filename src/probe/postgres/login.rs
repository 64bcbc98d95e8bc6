//! One session on one connection: the startup, the login, and queries one after the other.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;
use tokio_postgres::config::{ChannelBinding, SslMode, SslNegotiation};
use tokio_postgres::tls::TlsConnect;
use tokio_postgres::{Client, Config, Connection, Error, SimpleQueryMessage, SimpleQueryRow};

use crate::model::health::{Stage, TlsFacts};
use crate::probe::attempt::Context;
use crate::probe::dial::{Socket, io_fault};
use crate::probe::fault::{Fault, ServerFault, TlsFault};
use crate::probe::recorder::Recorder;
use crate::probe::tls::{self, Negotiation};
use crate::redact::Secret;

use super::driver;
use super::endpoint::{Binding, Endpoint, Host};
use super::greeting;
use super::meter::{Meter, Seen};

/// What OpenSSL calls a server that does not speak PostgreSQL behind TLS.
const NO_PROTOCOL: &str = "no application protocol";

/// A stream of either kind.
trait Duplex: AsyncRead + AsyncWrite + Send {}

impl<Stream: AsyncRead + AsyncWrite + Send> Duplex for Stream {}

type Stream<'attempt> = Meter<'attempt, Pin<Box<dyn Duplex + 'attempt>>>;

/// A login that goes on.
type Connecting<'login, 'attempt> = Pin<
    Box<dyn Future<Output = Result<(Client, Connection<Stream<'attempt>, Stream<'attempt>>), Error>> + Send + 'login>,
>;

/// What a login needs.
#[derive(Clone, Copy)]
pub(super) struct Login<'attempt> {
    pub(super) endpoint: &'attempt Endpoint,
    pub(super) host: &'attempt Host,
    pub(super) context: &'attempt Context,
    pub(super) recorder: &'attempt Recorder,
}

/// A session that is open.
pub(super) struct Session<'attempt> {
    client: Client,
    connection: Connection<Stream<'attempt>, Stream<'attempt>>,
    seen: Arc<Seen>,
    password: Option<&'attempt Secret>,
    /// The encryption of the connection.
    pub(super) tls: Option<TlsFacts>,
}

/// A query that was refused, with the rows that came before.
pub(super) struct Refused {
    pub(super) rows: Vec<SimpleQueryRow>,
    pub(super) fault: Fault,
}

/// What a server answers to the question whether it speaks TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offer {
    Yes,
    No,
}

impl<'attempt> Login<'attempt> {
    /// Asks a server whether it speaks TLS: the first half of the stage tls.
    pub(super) async fn ask_for_tls(self, socket: &mut Socket) -> Result<Offer, Fault> {
        // The length, and the number of the request (1234, 5679), as the protocol has it.
        const REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];
        self.recorder.begin(Stage::Tls);
        if self.endpoint.tls.negotiation == Negotiation::Direct {
            return Ok(Offer::Yes);
        }
        socket.write_all(&REQUEST).await.map_err(|error| io_fault(&error))?;
        let mut answer = [0];
        socket.read_exact(&mut answer).await.map_err(|error| io_fault(&error))?;
        match answer[0] {
            b'S' => Ok(Offer::Yes),
            b'N' => Ok(Offer::No),
            first => Err(stranger(socket, first).await),
        }
    }

    /// Encrypts a connection, and opens a session on it.
    pub(super) async fn encrypted(self, socket: Socket) -> Result<Session<'attempt>, Fault> {
        let settings = &self.endpoint.tls;
        let name = self.host.name();
        let wrapped = self.context.connectors.wrap(settings, name.as_deref(), socket).await;
        let stream = wrapped.map_err(|fault| self.without_question(fault))?;
        let (facts, end_point) = (tls::facts(&stream, settings), tls::end_point(&stream));
        self.open(Box::pin(stream), end_point, Some(facts)).await
    }

    /// What a broken handshake means where nobody was asked for TLS before: a server that does not know
    /// `sslnegotiation=direct`, as those before PostgreSQL 17, closes the connection at the first byte of it.
    fn without_question(self, fault: Fault) -> Fault {
        let is_broken = match &fault {
            Fault::Closed => true,
            Fault::Io(fault) => fault.kind == std::io::ErrorKind::ConnectionReset,
            _ => false,
        };
        if is_broken && self.endpoint.tls.negotiation == Negotiation::Direct {
            return Fault::Tls(TlsFault::Handshake(NO_PROTOCOL.to_owned()));
        }
        fault
    }

    /// Opens a session on a connection as it is.
    pub(super) async fn plain(self, socket: Socket) -> Result<Session<'attempt>, Fault> {
        self.open(Box::pin(socket), None, None).await
    }

    async fn open(
        self,
        stream: Pin<Box<dyn Duplex + 'attempt>>,
        end_point: Option<Vec<u8>>,
        tls: Option<TlsFacts>,
    ) -> Result<Session<'attempt>, Fault> {
        self.recorder.begin(Stage::Auth);
        let meter = Meter::new(stream, self.recorder, end_point, self.endpoint.methods.as_ref());
        let seen = meter.seen();
        let password = self.host.password.as_ref();
        let config = self.config(tls.is_some());
        // In a box that says so, or the compiler does not see that the attempt may go to another thread meanwhile.
        let connecting: Connecting<'_, 'attempt> = Box::pin(config.connect_raw(meter, Handed));
        match connecting.await {
            Ok((client, connection)) => Ok(Session { client, connection, seen, password, tls }),
            Err(error) => Err(driver::fault(&error, &seen, password)),
        }
    }

    fn config(self, is_encrypted: bool) -> Config {
        let endpoint = self.endpoint;
        let mut config = Config::new();
        config.user(&endpoint.user).dbname(&endpoint.database).application_name(&endpoint.application_name);
        if let Some(options) = &endpoint.options {
            config.options(options);
        }
        if let Some(password) = &self.host.password {
            config.password(password.expose());
        }
        config.channel_binding(match endpoint.binding {
            Binding::Disable => ChannelBinding::Disable,
            Binding::Prefer => ChannelBinding::Prefer,
            Binding::Require => ChannelBinding::Require,
        });
        // The stream is encrypted already: the driver is told that TLS begins at once, and gets the stream back.
        if is_encrypted {
            config.ssl_mode(SslMode::Require).ssl_negotiation(SslNegotiation::Direct);
        } else {
            config.ssl_mode(SslMode::Disable);
        }
        config
    }
}

impl Session<'_> {
    /// Ends the session, and waits until the server has ended it too: only then is its place there free for the next.
    pub(super) async fn close(self, patience: Duration) {
        let Self { client, connection, .. } = self;
        drop(client);
        // Whatever becomes of it, all that was asked is answered.
        let _ = timeout(patience, connection).await;
    }

    /// What the server has told of a parameter (`in_hot_standby`).
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.connection.parameter(name)
    }

    /// Sends statements, and collects all their rows. `seen_row` is called at each row, as it comes.
    pub(super) async fn query(
        &mut self,
        sql: &str,
        mut seen_row: impl FnMut(usize),
    ) -> Result<Vec<SimpleQueryRow>, Refused> {
        let mut rows = Vec::new();
        let outcome = {
            let asked = async {
                let mut messages = pin!(self.client.simple_query_raw(sql).await?);
                while let Some(message) = messages.try_next().await? {
                    if let SimpleQueryMessage::Row(row) = message {
                        rows.push(row);
                        seen_row(rows.len());
                    }
                }
                Ok::<(), Error>(())
            };
            tokio::select! {
                biased;
                outcome = asked => outcome.map_err(Some),
                ended = &mut self.connection => Err(ended.err()),
            }
        };
        let fault = match outcome {
            Ok(()) => return Ok(rows),
            Err(Some(error)) => driver::fault(&error, &self.seen, self.password),
            Err(None) => Fault::Closed,
        };
        Err(Refused { rows, fault })
    }
}

/// What a server is that answers the question for TLS with neither yes nor no: an old or overloaded PostgreSQL with an
/// error, or a stranger.
async fn stranger(socket: &mut Socket, first: u8) -> Fault {
    let mut bytes = vec![first];
    let mut buffer = [0; 512];
    // Its first packet tells enough; what it does not send at once it may never send.
    let more = timeout(Duration::from_millis(300), socket.read(&mut buffer)).await;
    if let Ok(Ok(read)) = more {
        bytes.extend_from_slice(&buffer[..read]);
    }
    error_response(&bytes).map_or_else(|| Fault::Protocol(greeting::protocol(&bytes)), Fault::Server)
}

/// An `ErrorResponse`: fields with a letter and a text each.
pub(super) fn error_response(bytes: &[u8]) -> Option<ServerFault> {
    let body = bytes.strip_prefix(b"E")?.get(4..)?;
    let field = |letter: u8| {
        let text = body.split(|byte| *byte == 0).find_map(|field| field.strip_prefix(&[letter]))?;
        Some(String::from_utf8_lossy(text).into_owned())
    };
    let (code, message) = (field(b'C')?, field(b'M')?);
    (code.len() == 5).then_some(ServerFault { code, message, is_after_login: false })
}

/// Hands a stream over that is encrypted already.
struct Handed;

impl<'attempt> TlsConnect<Stream<'attempt>> for Handed {
    type Stream = Stream<'attempt>;
    type Error = Infallible;
    type Future = Ready<Result<Stream<'attempt>, Infallible>>;

    fn connect(self, stream: Stream<'attempt>) -> Self::Future {
        ready(Ok(stream))
    }
}

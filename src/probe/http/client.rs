//! Just enough of HTTP for a probe: a connection of our own, requests without a body, and a few bytes of the answer.

use std::error::Error;
use std::fmt;
use std::io;

use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper::header::{AUTHORIZATION, HOST, HeaderMap, HeaderValue, USER_AGENT};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinSet;

use crate::model::health::{Stage, TlsFacts};
use crate::probe::attempt::Context;
use crate::probe::authority::authority;
use crate::probe::dial;
use crate::probe::fault::{Fault, Protocol};
use crate::probe::greeting::{Heard, Overheard, Said, protocol};
use crate::probe::recorder::Recorder;
use crate::probe::tls::{self, TlsSettings};
use crate::redact::Secret;

/// So many bytes may stand in the head of an answer.
const MOST_HEAD: usize = 64 * 1024;

/// How a probe names itself.
const AGENT: &str = concat!("dbcfg/", env!("CARGO_PKG_VERSION"));

/// Where an HTTP server is. `Display` shows it without the login: `https://auth.example.com`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::probe) struct Site {
    /// How the connection is encrypted; none for plain HTTP.
    pub(in crate::probe) tls: Option<TlsSettings>,
    /// The host, without brackets.
    pub(in crate::probe) host: String,
    /// The port, if it is not the scheme's own.
    pub(in crate::probe) port: Option<u16>,
    /// The user and password of the URL.
    pub(in crate::probe) login: Option<(String, Secret)>,
}

impl Site {
    /// The server, by which connections are counted: host and port in small letters.
    pub(in crate::probe) fn server(&self) -> String {
        authority(&self.host, Some(self.port())).to_ascii_lowercase()
    }

    /// The port, which is 443 or 80 if none is given.
    fn port(&self) -> u16 {
        self.port.unwrap_or(if self.tls.is_some() { 443 } else { 80 })
    }

    /// The header that logs in, as the clients of the service send it.
    fn authorization(&self) -> Option<HeaderValue> {
        let (user, password) = self.login.as_ref()?;
        let plain = format!("{user}:{}", password.expose());
        let mut value =
            HeaderValue::try_from(format!("Basic {}", openssl::base64::encode_block(plain.as_bytes()))).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl fmt::Display for Site {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        write!(formatter, "{scheme}://{}", authority(&self.host, self.port))
    }
}

/// An answer.
#[derive(Debug)]
pub(in crate::probe) struct Reply {
    /// The status.
    pub(in crate::probe) status: u16,
    /// The headers.
    pub(in crate::probe) headers: HeaderMap,
    /// The first bytes of the body.
    pub(in crate::probe) body: Vec<u8>,
}

impl Reply {
    /// The text of a header, if it has such text.
    pub(in crate::probe) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// A connection to an HTTP server. It ends when this is dropped.
#[derive(Debug)]
pub(in crate::probe) struct Client {
    sender: SendRequest<Empty<Bytes>>,
    heard: Heard,
    host: String,
    authorization: Option<HeaderValue>,
    /// What drives the connection.
    connection: JoinSet<hyper::Result<()>>,
    /// The encryption of the connection.
    pub(in crate::probe) tls: Option<TlsFacts>,
}

impl Client {
    /// Connects: the stages dns, tcp, and tls if the site is encrypted.
    pub(in crate::probe) async fn open(site: &Site, context: &Context, recorder: &Recorder) -> Result<Self, Fault> {
        let socket = dial::connect(context, recorder, &site.host, site.port()).await?;
        let Some(settings) = &site.tls else { return Self::over(socket, None, site).await };
        recorder.begin(Stage::Tls);
        let stream = context.connectors.wrap(settings, Some(&site.host), socket).await?;
        let facts = tls::facts(&stream, settings);
        Self::over(stream, Some(facts), site).await
    }

    /// Speaks over a connection that is made.
    pub(in crate::probe) async fn over<Stream>(
        stream: Stream,
        tls: Option<TlsFacts>,
        site: &Site,
    ) -> Result<Self, Fault>
    where
        Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let stream = Overheard::new(stream);
        let heard = stream.heard();
        let mut builder = Builder::new();
        builder.max_buf_size(MOST_HEAD);
        let (sender, driver) =
            builder.handshake(TokioIo::new(stream)).await.map_err(|error| fault(&error, &heard.said()))?;
        let mut connection = JoinSet::new();
        connection.spawn(driver);
        let host = authority(&site.host, site.port);
        Ok(Self { sender, heard, host, authorization: site.authorization(), connection, tls })
    }

    /// Sends a request and reads the head of the answer, and at most so many bytes of its body. No redirect is followed.
    pub(in crate::probe) async fn send(&mut self, method: Method, path: &str, most: usize) -> Result<Reply, Fault> {
        let request = Request::builder().method(method).uri(path).header(USER_AGENT, AGENT).header(HOST, &self.host);
        let request = request.body(Empty::new()).map_err(|_| unusable_path())?;
        let request = self.with_login(request);
        let sent = match self.sender.ready().await {
            Ok(()) => self.sender.send_request(request).await,
            Err(error) => Err(error),
        };
        match sent {
            Ok(response) => read(response, most).await.map_err(|error| fault(&error, &self.heard.said())),
            Err(error) => Err(self.fault(&error).await),
        }
    }

    fn with_login(&self, mut request: Request<Empty<Bytes>>) -> Request<Empty<Bytes>> {
        if let Some(value) = &self.authorization {
            request.headers_mut().insert(AUTHORIZATION, value.clone());
        }
        request
    }

    /// Why a request failed. If the connection ended before the request was on its way, its own end says more.
    async fn fault(&mut self, error: &hyper::Error) -> Fault {
        if (error.is_canceled() || error.is_closed())
            && let Some(Ok(Err(end))) = self.connection.join_next().await
        {
            return fault(&end, &self.heard.said());
        }
        fault(error, &self.heard.said())
    }
}

/// The path of a URL that no request can carry.
fn unusable_path() -> Fault {
    Fault::Configuration(crate::probe::classify::Misfit {
        key: None,
        stage: None,
        cause: crate::model::health::Cause::Configuration,
        message: "the path of the URL holds a character that no URL may hold".to_owned(),
    })
}

/// Reads the beginning of the body; what follows is of no interest, however long it is.
async fn read(response: Response<Incoming>, most: usize) -> hyper::Result<Reply> {
    let (head, mut incoming) = response.into_parts();
    let mut body = Vec::new();
    while body.len() < most {
        let Some(frame) = incoming.frame().await else { break };
        if let Ok(data) = frame?.into_data() {
            body.extend_from_slice(&data);
        }
    }
    body.truncate(most);
    Ok(Reply { status: head.status.as_u16(), headers: head.headers, body })
}

/// What an error of the library means, and what came before it.
fn fault(error: &hyper::Error, said: &Said) -> Fault {
    if let Some(cause) = io_cause(error) {
        return tls::late_fault(cause).unwrap_or_else(|| dial::io_fault(cause));
    }
    if !said.first.is_empty() && !said.first.starts_with(b"HTTP/") {
        return Fault::Protocol(protocol(&said.first));
    }
    if error.is_parse() {
        return if said.length < MOST_HEAD { Fault::Protocol(Protocol::Unknown) } else { Fault::TooMuch };
    }
    Fault::Closed
}

/// The failed call of the system behind an error.
fn io_cause(error: &hyper::Error) -> Option<&io::Error> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return Some(error);
        }
        cause = error.source();
    }
    None
}

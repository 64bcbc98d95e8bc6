//! tokio-postgres and nothing else: what no program that uses it can be faster than.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use openssl::ssl::{SslConnector, SslMethod, SslVerifyMode};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_openssl::SslStream;
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};
use tokio_postgres::{Config, NoTls};

use crate::cluster::{DATABASE, PASSWORD, role};
use crate::racing::bare::wait_to_be_measured;

/// The name under which the benchmark starts itself as this peer.
pub(crate) const LOOP: &str = "bare-loop";

/// Connects so many times, so many at once, runs a statement each time, and does nothing with what it gets. The arguments
/// are the port, the mode of TLS, both numbers, and the statement.
pub(crate) fn bare_loop(arguments: &[String]) -> io::Result<()> {
    let [port, mode, count, jobs, statement] = arguments else { return Err(io::ErrorKind::InvalidInput.into()) };
    let number = |text: &String| text.parse().map_err(io::Error::other);
    let (count, jobs) = (number(count)?, number(jobs)?);
    let port = port.parse().map_err(io::Error::other)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let rows = runtime.block_on(run(port, mode == "require", count, jobs, statement))?;
    wait_to_be_measured(rows)
}

async fn run(port: u16, is_encrypted: bool, count: usize, jobs: usize, statement: &str) -> io::Result<usize> {
    let handshake = if is_encrypted { Some(Handshake::new()?) } else { None };
    let statement: Arc<str> = statement.into();
    let places = Arc::new(Semaphore::new(jobs));
    let mut tasks = JoinSet::new();
    for number in 1..=count {
        let (places, statement, handshake) = (Arc::clone(&places), Arc::clone(&statement), handshake.clone());
        tasks.spawn(async move {
            let _place = places.acquire().await.map_err(io::Error::other)?;
            once(port, &role(number), handshake, &statement).await
        });
    }
    let mut rows = 0;
    while let Some(outcome) = tasks.join_next().await {
        rows += outcome.map_err(io::Error::other)??;
    }
    Ok(rows)
}

async fn once(port: u16, user: &str, handshake: Option<Handshake>, statement: &str) -> io::Result<usize> {
    let mut config = Config::new();
    config.user(user).password(PASSWORD).dbname(DATABASE);
    let socket = TcpStream::connect(("127.0.0.1", port)).await?;
    socket.set_nodelay(true)?;
    let (client, driver) = if let Some(handshake) = handshake {
        config.ssl_mode(SslMode::Require);
        let (client, connection) = config.connect_raw(socket, handshake).await.map_err(io::Error::other)?;
        (client, tokio::spawn(async move { connection.await.is_ok() }))
    } else {
        config.ssl_mode(SslMode::Disable);
        let (client, connection) = config.connect_raw(socket, NoTls).await.map_err(io::Error::other)?;
        (client, tokio::spawn(async move { connection.await.is_ok() }))
    };
    let rows = client.simple_query(statement).await.map_err(io::Error::other)?.len();
    drop(client);
    driver.await.map_err(io::Error::other)?;
    Ok(rows)
}

/// The handshake of TLS with one shared context; the server may be anybody, as with psql's `require`.
#[derive(Clone)]
struct Handshake(SslConnector);

impl Handshake {
    fn new() -> io::Result<Self> {
        let mut builder = SslConnector::builder(SslMethod::tls_client())?;
        builder.set_verify(SslVerifyMode::NONE);
        Ok(Self(builder.build()))
    }
}

impl TlsConnect<TcpStream> for Handshake {
    type Stream = Encrypted;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Encrypted>> + Send>>;

    fn connect(self, stream: TcpStream) -> Self::Future {
        Box::pin(async move {
            let mut configuration = self.0.configure()?;
            configuration.set_verify_hostname(false);
            let mut stream = SslStream::new(configuration.into_ssl("localhost")?, stream)?;
            Pin::new(&mut stream).connect().await.map_err(io::Error::other)?;
            Ok(Encrypted(stream))
        })
    }
}

/// An encrypted stream, to which the password is not bound.
struct Encrypted(SslStream<TcpStream>);

impl TlsStream for Encrypted {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

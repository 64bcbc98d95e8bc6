//! Encryption: what libpq's modes mean, and contexts of OpenSSL that are built once and shared.
//!
//! OpenSSL itself and not native-tls, which reads all certificates of the system for every connector (60 ms, four times as
//! long as a probe), keeps to itself why a certificate is not accepted, and takes keys in one form only.

mod context;
mod name;
mod settings;

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use openssl::asn1::Asn1Time;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::ssl::{self, Ssl, SslContext, SslRef, SslVerifyMode};
use openssl::x509::X509VerifyResult;
use openssl::x509::verify::X509CheckFlags;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::OnceCell;
use tokio::task;
use tokio_openssl::SslStream;

use crate::model::Key;
use crate::model::health::{Cause, TlsFacts};

use super::classify::Misfit;
use super::dial::io_fault;
use super::fault::{Fault, TlsFault};

pub(super) use settings::{CertificateMode, Mode, Negotiation, Root, TlsSettings, Version};

/// A context that is being built, or is.
type Cell = Arc<OnceCell<Result<SslContext, Fault>>>;

/// Contexts of TLS, each built once in a run, however many targets share it.
#[derive(Debug, Default)]
pub(super) struct Connectors(Mutex<HashMap<TlsSettings, Cell>>);

impl Connectors {
    /// Begins to build what [`Self::wrap`] will need: reading the certificates of a system takes 30 ms, which can pass
    /// while the connection is made.
    pub(super) fn prepare(&self, settings: &TlsSettings) {
        let (cell, settings) = (self.cell(settings), settings.clone());
        if !cell.initialized() {
            drop(task::spawn(async move { built(&cell, settings).await.map(|_| ()) }));
        }
    }

    /// Fails if what the settings name cannot be used: no connection is needed to find that out.
    pub(super) async fn check(&self, settings: &TlsSettings) -> Result<(), Fault> {
        built(&self.cell(settings), settings.clone()).await.map(|_| ())
    }

    /// Encrypts a stream. `name` is what the certificate is verified against, and told to the server.
    pub(super) async fn wrap<Stream: AsyncRead + AsyncWrite + Unpin>(
        &self,
        settings: &TlsSettings,
        name: Option<&str>,
        stream: Stream,
    ) -> Result<SslStream<Stream>, Fault> {
        let context = built(&self.cell(settings), settings.clone()).await?;
        let mut ssl = Ssl::new(&context).map_err(|error| broken(&error))?;
        let address = name.and_then(|name| name.trim_matches(['[', ']']).parse::<IpAddr>().ok());
        if let Some(name) = name.filter(|_| address.is_none() && !settings.is_unnamed) {
            // Not every name may be told; the certificate decides then.
            let _ = ssl.set_hostname(name.trim_end_matches('.'));
        }
        let checks_name = settings.checks_name();
        let verified = settings.verifies();
        ssl.set_verify(if verified { SslVerifyMode::PEER } else { SslVerifyMode::NONE });
        match (checks_name, name) {
            (true, None) => return Err(nameless()),
            (true, Some(name)) if address.is_none() => {
                let parameters = ssl.param_mut();
                parameters.set_hostflags(X509CheckFlags::NO_PARTIAL_WILDCARDS);
                parameters.set_host(name.trim_end_matches('.')).map_err(|error| broken(&error))?;
            }
            _ => {}
        }
        let mut stream = SslStream::new(ssl, stream).map_err(|error| broken(&error))?;
        if let Err(error) = Pin::new(&mut stream).connect().await {
            return Err(handshake_fault(&error, stream.ssl(), verified));
        }
        if let Some(address) = address.filter(|_| checks_name)
            && !stream.ssl().peer_certificate().is_some_and(|certificate| name::is_of_address(&certificate, address))
        {
            let text = "IP address mismatch".to_owned();
            return Err(Fault::Tls(TlsFault::Certificate { code: name::ADDRESS_MISMATCH, text }));
        }
        Ok(stream)
    }

    fn cell(&self, settings: &TlsSettings) -> Cell {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(settings.clone()).or_default())
    }
}

/// The context of a cell. It reads files, and is built where that may take time.
async fn built(cell: &Cell, settings: TlsSettings) -> Result<SslContext, Fault> {
    let build = || async {
        let built = task::spawn_blocking(move || context::build(&settings)).await;
        built.unwrap_or_else(|_| Err(Fault::Tls(TlsFault::Handshake("no context could be made".to_owned()))))
    };
    cell.get_or_init(build).await.clone()
}

fn nameless() -> Fault {
    let message = "ssl_mode verify-full needs a host name to verify, and only an address is configured".to_owned();
    Fault::Configuration(Misfit { cause: Cause::Configuration, message, key: Some(Key::SslMode), stage: None })
}

/// OpenSSL could not do what it always can.
fn broken(error: &openssl::error::ErrorStack) -> Fault {
    Fault::Tls(TlsFault::Handshake(reason(error)))
}

/// The innermost reason of an error of OpenSSL, in its words: `tlsv1 alert unknown ca`.
fn reason(error: &openssl::error::ErrorStack) -> String {
    let reason = error.errors().last().and_then(openssl::error::Error::reason);
    reason.unwrap_or("unknown reason").to_owned()
}

/// Why a handshake failed.
fn handshake_fault(error: &ssl::Error, ssl: &SslRef, verified: bool) -> Fault {
    let verdict = ssl.verify_result();
    if verified && verdict != X509VerifyResult::OK {
        let text = verdict.error_string().to_owned();
        return Fault::Tls(TlsFault::Certificate { code: verdict.as_raw(), text });
    }
    if let Some(error) = error.io_error() {
        return io_fault(error);
    }
    match error.ssl_error() {
        Some(stack) => Fault::Tls(TlsFault::Handshake(reason(stack))),
        // The peer closed the connection in the middle.
        None => Fault::Closed,
    }
}

/// What an error of a stream says about TLS, if it is about TLS: a server that does not like the client's certificate
/// says so only after the handshake, since TLS 1.3.
pub(super) fn late_fault(error: &io::Error) -> Option<Fault> {
    let error = error.get_ref()?.downcast_ref::<ssl::Error>()?;
    error.ssl_error().map(|stack| Fault::Tls(TlsFault::Handshake(reason(stack))))
}

/// What is known of an encrypted connection. `settings` tell what was verified.
pub(super) fn facts<Stream>(stream: &SslStream<Stream>, settings: &TlsSettings) -> TlsFacts {
    let ssl = stream.ssl();
    let days = || {
        let certificate = ssl.peer_certificate()?;
        let now = Asn1Time::days_from_now(0).ok()?;
        now.diff(certificate.not_after()).ok().map(|difference| i64::from(difference.days))
    };
    TlsFacts {
        version: ssl.version_str().to_owned(),
        cipher: ssl.current_cipher().map(|cipher| cipher.name().to_owned()).unwrap_or_default(),
        certificate_days_left: days(),
        verified: settings.checks_name(),
    }
}

/// What a password is bound to (RFC 5929, `tls-server-end-point`): the hash of the server's certificate, by the digest of
/// its signature, at least SHA-256. None where the certificate has no such digest (Ed25519), as in libpq 15.
pub(super) fn end_point<Stream>(stream: &SslStream<Stream>) -> Option<Vec<u8>> {
    let certificate = stream.ssl().peer_certificate()?;
    let digest = certificate.signature_algorithm().object().nid().signature_algorithms()?.digest;
    let digest = match digest {
        Nid::MD5 | Nid::SHA1 => MessageDigest::sha256(),
        other => MessageDigest::from_nid(other)?,
    };
    certificate.digest(digest).ok().map(|hash| hash.to_vec())
}

//! What the system and OpenSSL say: names, calls, certificates.

use std::io::ErrorKind;

use crate::model::health::{Cause, Stage};
use crate::probe::fault::{IoFault, NameFault, TlsFault};

use super::Meaning;

pub(super) fn name(fault: &NameFault) -> Meaning {
    match fault {
        NameFault::NotFound => Meaning::permanent(Cause::NameNotFound, "there is no host of this name"),
        NameFault::NoAddress => Meaning::permanent(Cause::NameWithoutAddress, "the name exists and has no address"),
        NameFault::TryAgain => Meaning::transient(Cause::ResolverFailed, "the resolver of names gives no answer"),
        NameFault::Other(said) => Meaning::transient(Cause::ResolverFailed, format!("the resolver says: {said}")),
    }
}

/// The numbers of `EMFILE` and `ENFILE`: the same on Linux, macOS and the BSDs.
const NO_DESCRIPTORS: &[i32] = &[23, 24];

pub(super) fn io(stage: Stage, fault: IoFault) -> Meaning {
    let is_out = fault.code.is_some_and(|code| NO_DESCRIPTORS.contains(&code));
    match fault.kind {
        _ if is_out => {
            Meaning::transient(Cause::OutOfDescriptors, "this machine has no descriptors left; lower --jobs")
        }
        ErrorKind::ConnectionRefused => Meaning::transient(Cause::Refused, "nobody listens on this port"),
        ErrorKind::NotFound => Meaning::transient(Cause::SocketMissing, "there is no such socket: no server runs here"),
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
            Meaning::transient(Cause::Reset, format!("the connection was reset {}", during(stage)))
        }
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => {
            Meaning::transient(Cause::Unreachable, "this machine has no route to the address")
        }
        ErrorKind::AddrNotAvailable => {
            Meaning::transient(Cause::Unreachable, "this machine has no address from which to go there")
        }
        ErrorKind::TimedOut => Meaning::transient(Cause::Timeout, timeout(stage)),
        ErrorKind::PermissionDenied => {
            Meaning::permanent(Cause::NotPermitted, "this machine does not allow the connection")
        }
        ErrorKind::InvalidInput => {
            Meaning::permanent(Cause::Configuration, "this is no address that can be connected to")
        }
        ErrorKind::UnexpectedEof => Meaning::transient(Cause::Closed, closed(stage)),
        _ => Meaning::transient(Cause::Other, format!("the connection failed {}", during(stage))),
    }
}

/// What a stage is called in a sentence.
fn during(stage: Stage) -> &'static str {
    match stage {
        Stage::Dns => "while the name was looked up",
        Stage::Tcp => "while it was made",
        Stage::Tls => "during the TLS handshake",
        Stage::Auth => "during the login",
        Stage::Session => "while the session began",
        Stage::Query | Stage::Extension => "during a query",
    }
}

pub(super) fn timeout(stage: Stage) -> String {
    match stage {
        Stage::Dns => "the resolver of names did not answer in time".to_owned(),
        Stage::Tcp => "the address did not answer in time".to_owned(),
        // It may be silent, or drip, or talk of other things without end.
        Stage::Tls => "the TLS handshake did not finish in time".to_owned(),
        Stage::Auth => "the login did not finish in time".to_owned(),
        Stage::Session => "the session did not begin in time".to_owned(),
        Stage::Query | Stage::Extension => "a query did not finish in time".to_owned(),
    }
}

pub(super) fn closed(stage: Stage) -> String {
    format!("the server closed the connection {}", during(stage))
}

/// The numbers are OpenSSL's (`X509_V_ERR_*` in `x509_vfy.h`), which do not change.
pub(super) fn tls(fault: &TlsFault) -> Meaning {
    let (code, text) = match fault {
        TlsFault::Certificate { code, text } => (*code, text),
        TlsFault::Handshake(reason) => return handshake(reason),
    };
    let (cause, message) = match code {
        9 => (Cause::CertificateNotYetValid, "the server's certificate is not valid yet".to_owned()),
        10 => (Cause::CertificateExpired, "the server's certificate has expired".to_owned()),
        62 | 64 => (Cause::CertificateHostMismatch, "the server's certificate is that of another host".to_owned()),
        18 => (Cause::CertificateUntrusted, "the server has signed its certificate itself".to_owned()),
        2 | 19..=21 => {
            (Cause::CertificateUntrusted, "no authority that is trusted has signed the server's certificate".to_owned())
        }
        23 => (Cause::CertificateRevoked, "the server's certificate was revoked".to_owned()),
        _ => (Cause::CertificateInvalid, format!("the server's certificate is not accepted: {text}")),
    };
    Meaning::permanent(cause, message)
}

/// What OpenSSL gives as the reason of a broken handshake. An alert about certificates is about ours.
fn handshake(reason: &str) -> Meaning {
    const ABOUT_US: &[&str] = &[
        "alert certificate required",
        "alert bad certificate",
        "alert unknown ca",
        "alert certificate expired",
        "alert certificate revoked",
        "alert certificate unknown",
        "alert unsupported certificate",
        "alert access denied",
        "alert decrypt error",
    ];
    const VERSIONS: &[&str] = &["protocol version", "unsupported protocol", "no protocols available"];
    let says = |known: &[&str]| known.iter().any(|words| reason.contains(words));
    if says(ABOUT_US) {
        let message = format!("the server does not accept the client certificate, or wants one ({reason})");
        Meaning::permanent(Cause::ClientCertificateRefused, message)
    } else if says(VERSIONS) {
        Meaning::permanent(
            Cause::TlsHandshake,
            format!("server and client have no version of TLS in common ({reason})"),
        )
    } else if reason.contains("no application protocol") {
        let message = "the server does not begin with TLS, as sslnegotiation=direct wants (PostgreSQL 17 and later do)";
        Meaning::permanent(Cause::TlsHandshake, message)
    } else if reason.contains("wrong version number") || reason.contains("packet length too long") {
        Meaning::permanent(Cause::WrongProtocol, "what answers here does not speak TLS")
    } else {
        Meaning::permanent(Cause::TlsHandshake, format!("the TLS handshake failed ({reason})"))
    }
}

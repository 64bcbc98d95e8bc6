//! What a fault means: its cause, and whether it may pass by itself. One pure function decides what is tried again.

mod server;
mod services;
mod system;

use crate::model::Key;
use crate::model::health::{Cause, Class, Failure, Stage};

use super::fault::{Fault, Protocol};

/// A value of the configuration that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Misfit {
    /// What the matter is.
    pub(super) cause: Cause,
    /// A sentence without its full stop.
    pub(super) message: String,
    /// The key that it is about, if one is.
    pub(super) key: Option<Key>,
    /// What it is needed for, if it is found out before.
    pub(super) stage: Option<Stage>,
}

/// What a fault means, before it has a place.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Meaning {
    cause: Cause,
    class: Class,
    /// The code, if it is another than the name of the cause.
    code: Option<String>,
    message: String,
}

impl Meaning {
    fn permanent(cause: Cause, message: impl Into<String>) -> Self {
        Self { cause, class: Class::Permanent, code: None, message: message.into() }
    }

    fn transient(cause: Cause, message: impl Into<String>) -> Self {
        Self { class: Class::Transient, ..Self::permanent(cause, message) }
    }

    fn with_code(self, code: &str) -> Self {
        Self { code: Some(code.to_owned()), ..self }
    }
}

/// What a fault at a stage means.
pub(super) fn classify(stage: Stage, fault: &Fault) -> Failure {
    let Meaning { cause, class, code, message } = meaning(stage, fault);
    let stage = match fault {
        // The password was accepted: what is refused is the session.
        Fault::Server(said) if stage == Stage::Auth && said.is_after_login => Stage::Session,
        Fault::Session(_) => Stage::Session,
        Fault::NoExtension { .. } | Fault::BrokenExtension(_) => Stage::Extension,
        Fault::Configuration(Misfit { stage: Some(needed), .. }) => *needed,
        _ => stage,
    };
    let key = match fault {
        Fault::Configuration(misfit) => misfit.key,
        _ => None,
    };
    Failure { stage, cause, class, code: code.unwrap_or_else(|| cause.name()), message, key }
}

fn meaning(stage: Stage, fault: &Fault) -> Meaning {
    match fault {
        Fault::Name(fault) => system::name(fault),
        Fault::Io(fault) => system::io(stage, *fault),
        Fault::Tls(fault) => system::tls(fault),
        Fault::Server(said) => server::said(stage, said),
        Fault::Closed => Meaning::transient(Cause::Closed, system::closed(stage)),
        Fault::Timeout => Meaning::transient(Cause::Timeout, system::timeout(stage)),
        Fault::TooMuch => Meaning::permanent(Cause::TooMuchData, "it sends more than any such server has to say"),
        Fault::Protocol(protocol) => stranger(*protocol),
        Fault::TlsRefused => Meaning::permanent(Cause::TlsRefused, "the server has no TLS, and ssl_mode asks for it"),
        Fault::NoPassword => {
            Meaning::permanent(Cause::PasswordMissing, "the server asks for a password, and none is configured")
        }
        Fault::ChannelBinding(why) => Meaning::permanent(Cause::ChannelBinding, *why),
        Fault::Refused(why) => Meaning::permanent(Cause::ServerRefused, why.as_str()),
        Fault::Session(kind) => {
            let message = format!("the session is not `{kind}`, as target_session_attrs asks for");
            // A switch-over may be under way.
            Meaning::transient(Cause::WrongSession, message)
        }
        Fault::NoExtension { is_available: true } => {
            Meaning::permanent(Cause::ExtensionMissing, "pgvector is not installed in this database")
        }
        Fault::NoExtension { is_available: false } => {
            Meaning::permanent(Cause::ExtensionMissing, "pgvector is not installed, and the server does not have it")
        }
        Fault::BrokenExtension(said) => {
            let message = format!("pgvector is installed, and `<->` fails: {}", said.message);
            Meaning::permanent(Cause::ExtensionBroken, message).with_code(&said.code)
        }
        Fault::Configuration(Misfit { cause, message, .. }) => Meaning::permanent(*cause, message.as_str()),
        Fault::Limitation(why) => {
            Meaning::permanent(Cause::Limitation, format!("limitation of the probe, not a fault of the server: {why}"))
        }
        Fault::Driver(why) => Meaning::permanent(Cause::WrongProtocol, why.as_str()),
        Fault::Http(status) => services::status(*status),
        Fault::NoTracker(status) => services::no_tracker(*status),
        Fault::Bucket(fault) => services::bucket(fault),
        Fault::Redis(text) => services::redis(text),
        Fault::File(fault) => services::file(fault),
    }
}

/// What answers is no such server.
fn stranger(protocol: Protocol) -> Meaning {
    let what = match protocol {
        Protocol::Http => "a web server answers here",
        Protocol::Ssh => "an SSH server answers here",
        Protocol::Mysql => "a MySQL or MariaDB server answers here",
        Protocol::Redis => "a Redis server answers here",
        Protocol::Tls => "a server answers here that speaks TLS from the first byte on",
        Protocol::Mail => "a mail or file server answers here",
        Protocol::Postgresql => "a PostgreSQL server answers here",
        Protocol::Unknown => "something answers here that speaks another protocol",
    };
    Meaning::permanent(Cause::WrongProtocol, what)
}

#[cfg(test)]
mod tests;

//! What the driver's errors mean. Their texts reach nobody: some quote the server, some are the library's own.

use std::error::Error as _;
use std::io;

use tokio_postgres::Error;

use crate::probe::dial::io_fault;
use crate::probe::fault::{Fault, ServerFault};
use crate::probe::tls;
use crate::redact::{MASK, Secret};

use super::greeting;
use super::meter::Seen;

/// How a server may ask for a proof that the driver cannot give: the number in the protocol, and a name.
const METHODS: &[(u32, &str)] = &[(2, "Kerberos 5"), (6, "SCM credentials"), (7, "GSSAPI"), (9, "SSPI")];

/// What an error of the driver means, with what the meter saw. The password is taken out of what the server said.
pub(super) fn fault(error: &Error, seen: &Seen, password: Option<&Secret>) -> Fault {
    if seen.is_too_much() {
        return Fault::TooMuch;
    }
    if let Some(refusal) = seen.refusal() {
        return Fault::Refused(refusal);
    }
    let foreign = seen.foreign();
    if !foreign.is_empty() {
        return Fault::Protocol(greeting::protocol(&foreign));
    }
    if let Some(said) = error.as_db_error() {
        return Fault::Server(ServerFault {
            code: said.code().code().to_owned(),
            message: without(said.message(), password),
            is_after_login: seen.is_logged_in(),
        });
    }
    if error.is_closed() {
        return Fault::Closed;
    }
    let source = error.source();
    let text = source.map(ToString::to_string).unwrap_or_default();
    if !seen.is_logged_in() {
        if let Some((_, name)) = METHODS.iter().find(|(method, _)| *method == seen.method()) {
            return Fault::Limitation(format!("the server asks for a login by {name}, which the probe does not speak"));
        }
        if password.is_none() && text == "password missing" {
            return Fault::NoPassword;
        }
        if text.starts_with("SCRAM iteration count") {
            let why = "the server's password has more SCRAM iterations than the probe computes (100,000)";
            return Fault::Limitation(why.to_owned());
        }
        if text.contains("channel binding") {
            return Fault::ChannelBinding("the server does not bind the password to the encrypted connection");
        }
        if text == "unsupported SASL mechanism" {
            let why = "the server asks for a login by a SASL mechanism that the probe does not speak";
            return Fault::Limitation(why.to_owned());
        }
        if text == "SCRAM verification error" {
            return Fault::Driver("the server could not prove that it knows the password".to_owned());
        }
    }
    match source.and_then(|source| source.downcast_ref::<io::Error>()) {
        Some(error) => tls::late_fault(error).unwrap_or_else(|| match error.kind() {
            // The driver's own words for a message that it cannot read.
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => garbled(),
            _ => io_fault(error),
        }),
        None => garbled(),
    }
}

fn garbled() -> Fault {
    Fault::Driver("the server sent a message that makes no sense in PostgreSQL's protocol".to_owned())
}

/// A text without a password, which some servers repeat.
fn without(text: &str, password: Option<&Secret>) -> String {
    match password.filter(|password| !password.is_empty()) {
        Some(password) => text.replace(password.expose(), MASK),
        None => text.to_owned(),
    }
}

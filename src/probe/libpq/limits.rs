//! What libpq would do or demand: what of that the probe cannot, and what it can.

use super::parameters::{Parameters, listed};
use super::surroundings::number_of;
use super::{Notes, encoding};
use crate::model::health::Failure;
use crate::probe::postgres::{Methods, Peer, Place};

use super::hosts::Spot;

/// `gssencmode`: whether it is asked for.
const GSS_MODES: &[(&str, bool)] = &[("disable", false), ("prefer", false), ("require", true)];

/// The ways to log in that `require_auth` knows.
const METHODS: &[&str] = &["password", "md5", "gss", "sspi", "scram-sha-256", "oauth", "none"];

/// Parameters that libpq takes for whole numbers when it connects to an address.
const NUMBERS: &[&str] =
    &["keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout"];

/// Notes what is asked for and cannot be done.
pub(super) fn note(parameters: &Parameters, notes: &mut Notes) -> Result<(), Failure> {
    let is_given = |name| parameters.filled(name).is_some();
    if parameters.asks_ldap {
        notes.limitation("the probe cannot ask an LDAP server for parameters, which the service file wants");
    }
    if parameters.choice("gssencmode", GSS_MODES)? {
        notes.limitation("the probe cannot speak GSSAPI encryption, which gssencmode=require asks for");
    }
    if parameters.text("sslcertmode") == Some("require") {
        notes.limitation(
            "the probe cannot tell whether the server asks for a certificate, as sslcertmode=require wants",
        );
    }
    if parameters.text("replication").is_some_and(|text| !matches!(text, "false" | "off" | "no" | "0")) {
        notes.limitation("the probe cannot open a session for replication, which replication asks for");
    }
    if is_given("scram_client_key") || is_given("scram_server_key") {
        notes.excuse("the probe cannot log in with keys in place of a password, which scram_client_key asks for");
    }
    if is_given("oauth_issuer") && !is_given("password") {
        notes.excuse("the probe cannot log in with OAuth, which oauth_issuer asks for");
    }
    if parameters.text("min_protocol_version").is_some_and(|version| version != "3.0") {
        notes.limitation("the probe speaks version 3.0 of the protocol, and min_protocol_version asks for a newer one");
    }
    Ok(())
}

/// Fails on values that libpq or every server refuses, and that nothing else here reads.
pub(super) fn check(parameters: &Parameters, is_local: bool) -> Result<(), Failure> {
    for given in NUMBERS.iter().filter(|_| !is_local).filter_map(|name| parameters.filled(name)) {
        if given.text().trim().parse::<i32>().is_err() {
            return Err(given.misfit("are whole numbers"));
        }
    }
    match parameters.filled("client_encoding") {
        Some(given) if !encoding::is_known(given.text()) => {
            Err(given.misfit("are the encodings of PostgreSQL, such as UTF8, and auto"))
        }
        _ => Ok(()),
    }
}

/// Which ways to log in `require_auth` allows; none if it allows all.
pub(super) fn methods(parameters: &Parameters) -> Result<Option<Methods>, Failure> {
    let Some(given) = parameters.filled("require_auth") else { return Ok(None) };
    let words: Vec<&str> = given.text().split(',').collect();
    let negated = words.iter().filter(|word| word.starts_with('!')).count();
    let method = |word: &&str| word.strip_prefix('!').unwrap_or(word).to_owned();
    let names: Vec<String> = words.iter().map(method).collect();
    let is_once = |(index, name): (usize, &String)| !names[..index].contains(name);
    let is_known = |name: &String| METHODS.contains(&name.as_str());
    let is_mixed = negated > 0 && negated < words.len();
    if is_mixed || !names.iter().all(is_known) || !names.iter().enumerate().all(is_once) {
        let known = listed(METHODS.iter().copied());
        return Err(given.misfit(&format!(
            "{known}, each once, separated by commas, all of them or none behind an exclamation mark"
        )));
    }
    Ok(Some(Methods { names, is_negated: negated > 0 }))
}

/// Who has to run the server at a Unix socket. Who is not in the list of accounts cannot be told from others.
pub(super) fn peer(parameters: &Parameters, spots: &[Spot], notes: &mut Notes) -> Option<Peer> {
    let is_socket = |spot: &Spot| matches!(spot.place, Place::Socket(_));
    let name = parameters.text("requirepeer").filter(|_| spots.iter().any(is_socket))?;
    let number = number_of(name);
    if number.is_none() {
        notes.limitation(
            "the user whom requirepeer names is not in the list of accounts, which is all the probe can ask",
        );
    }
    Some(Peer { name: name.to_owned(), number: number? })
}

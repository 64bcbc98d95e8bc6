//! What libpq could do and the probe cannot.

use super::Notes;
use super::parameters::{Parameters, listed};
use crate::model::health::Failure;
use crate::probe::postgres::Place;

use super::hosts::Spot;

/// `gssencmode`: whether it is asked for.
const GSS_MODES: &[(&str, bool)] = &[("disable", false), ("prefer", false), ("require", true)];

/// The ways to log in that `require_auth` knows, and whether the probe has them.
const METHODS: &[(&str, bool)] = &[
    ("password", true),
    ("md5", true),
    ("gss", false),
    ("sspi", false),
    ("scram-sha-256", true),
    ("oauth", false),
    ("none", true),
];

/// Notes what is asked for and cannot be done.
pub(super) fn note(parameters: &Parameters, spots: &[Spot], notes: &mut Notes) -> Result<(), Failure> {
    let is_given = |name| parameters.filled(name).is_some();
    if parameters.asks_ldap {
        notes.limitation("the probe cannot ask an LDAP server for parameters, which the service file wants");
    }
    if parameters.choice("gssencmode", GSS_MODES)? {
        notes.limitation("the probe cannot speak GSSAPI encryption, which gssencmode=require asks for");
    }
    if restricts_login(parameters)? {
        notes.limitation("the probe cannot refuse some ways to log in, which require_auth asks for");
    }
    if is_given("requirepeer") && spots.iter().any(|spot| matches!(spot.place, Place::Socket(_))) {
        notes.limitation("the probe cannot tell who listens at a socket, which requirepeer asks for");
    }
    if parameters.text("replication").is_some_and(|text| !matches!(text, "false" | "off" | "no" | "0")) {
        notes.limitation("the probe cannot open a session for replication, which replication asks for");
    }
    if is_given("scram_client_key") || is_given("scram_server_key") {
        notes.limitation("the probe cannot log in with keys in place of a password, which scram_client_key asks for");
    }
    if is_given("oauth_issuer") && !is_given("password") {
        notes.limitation("the probe cannot log in with OAuth, which oauth_issuer asks for");
    }
    if parameters.text("min_protocol_version").is_some_and(|version| version != "3.0") {
        notes.limitation("the probe speaks version 3.0 of the protocol, and min_protocol_version asks for a newer one");
    }
    Ok(())
}

/// Whether `require_auth` forbids a way to log in that the probe would take.
fn restricts_login(parameters: &Parameters) -> Result<bool, Failure> {
    let Some(given) = parameters.filled("require_auth") else { return Ok(false) };
    let words: Vec<&str> = given.text().split(',').collect();
    let negated = words.iter().filter(|word| word.starts_with('!')).count();
    let method = |word: &&str| word.strip_prefix('!').unwrap_or(word).to_owned();
    let methods: Vec<String> = words.iter().map(method).collect();
    let is_known = |word: &String| METHODS.iter().any(|(known, _)| known == word);
    if !methods.iter().all(is_known) || (negated > 0 && negated < words.len()) {
        let known = listed(METHODS.iter().map(|(word, _)| *word));
        return Err(
            given.misfit(&format!("{known}, separated by commas, all of them or none behind an exclamation mark"))
        );
    }
    let is_named = |method: &str| methods.iter().any(|word| word == method);
    let ours = METHODS.iter().filter(|(_, is_ours)| *is_ours);
    Ok(ours.map(|(method, _)| is_named(method)).any(|is_named| is_named == (negated > 0)))
}

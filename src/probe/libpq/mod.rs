//! What libpq would make of a connection: its own defaults, `PG*` variables, service files and `.pgpass`.
//!
//! Every parameter counts from the strongest place that gives it: the connection, its service, a variable, libpq's
//! default. What the probe's driver cannot do of that is noted as a limitation. Only `files` reads files, and all else
//! is a matter of texts. libpq's documentation is the contract, and psql the judge of the tests.

mod encoding;
mod failure;
mod files;
mod hosts;
mod limits;
mod login;
mod parameters;
mod passfile;
mod service;
mod surroundings;
#[cfg(all(test, unix))]
mod tests;
mod tls;

use std::time::Duration;

use super::options::Options;
use super::postgres::{Binding, Endpoint, Host, Place, SessionKind};
use crate::model::Connection;
use crate::model::health::Failure;
use crate::redact::Secret;

use failure::configuration;
use parameters::Parameters;
use surroundings::Surroundings;

/// What the server's views show, unless somebody says otherwise.
const APPLICATION: &str = "dbcfg";

const BINDINGS: &[(&str, Binding)] =
    &[("disable", Binding::Disable), ("prefer", Binding::Prefer), ("require", Binding::Require)];

const SESSIONS: &[(&str, SessionKind)] = &[
    ("any", SessionKind::Any),
    ("read-write", SessionKind::ReadWrite),
    ("read-only", SessionKind::ReadOnly),
    ("primary", SessionKind::Primary),
    ("standby", SessionKind::Standby),
    ("prefer-standby", SessionKind::PreferStandby),
];

/// Variables that libpq hands to the server as settings of the session (`libpq-envars`).
const SETTINGS: &[(&str, &str)] = &[("PGDATESTYLE", "datestyle"), ("PGTZ", "timezone"), ("PGGEQO", "geqo")];

/// `load_balance_hosts`: whether the order does not count.
const ORDERS: &[(&str, bool)] = &[("disable", false), ("random", true)];

/// What is worth knowing besides where the server is.
#[derive(Debug, Default)]
struct Notes {
    limitations: Vec<String>,
    excuses: Vec<String>,
    remarks: Vec<String>,
}

impl Notes {
    fn limitation(&mut self, sentence: &str) {
        self.limitations.push(sentence.to_owned());
    }

    fn excuse(&mut self, sentence: &str) {
        self.excuses.push(sentence.to_owned());
    }

    fn remark(&mut self, sentence: String) {
        self.remarks.push(sentence);
    }
}

/// What libpq would make of a connection.
///
/// # Errors
///
/// A value cannot be used: of the configuration, of a service file or of a variable; or a file that one of them names.
pub(in crate::probe) fn endpoint(connection: &Connection, options: &Options) -> Result<Endpoint, Failure> {
    resolved(connection, options, &Surroundings::of(&options.environment))
}

fn resolved(connection: &Connection, options: &Options, surroundings: &Surroundings) -> Result<Endpoint, Failure> {
    let base = options.base.as_path();
    let parameters = Parameters::of(connection, options, surroundings)?;
    let mut notes = Notes::default();
    let spots = hosts::spots(&parameters, &surroundings.host)?;
    let is_local = spots.iter().all(|spot| matches!(spot.place, Place::Socket(_)));
    let tls = tls::settings(&parameters, is_local, surroundings, base, &mut notes)?;
    limits::note(&parameters, &mut notes)?;
    limits::check(&parameters, is_local)?;
    let methods = limits::methods(&parameters)?;
    let peer = limits::peer(&parameters, &spots, &mut notes);
    let nobody = || {
        configuration(
            "no user is named, and the system does not know who runs this; `username` can name one".to_owned(),
        )
    };
    let user = parameters.text("user").map(str::to_owned).or_else(|| surroundings.user()).ok_or_else(nobody)?;
    let database = parameters.text("dbname").unwrap_or(&user).to_owned();
    let password = match &options.password {
        Some(password) => Some(password.clone()),
        None => match login::of_file(connection, base)? {
            Some(password) => Some(password),
            None => parameters.text("password").map(Secret::new),
        },
    };
    let passwords = match password {
        Some(password) => vec![Some(password); spots.len()],
        None => login::of_passfile(&parameters, &spots, (&database, &user), surroundings, base, &mut notes),
    };
    let setting = |(variable, name): &(&str, &'static str)| {
        // libpq's own word for leaving the server's setting as it is.
        let value = options.environment.get(variable).filter(|value| !value.eq_ignore_ascii_case("default"));
        value.map(|value| (*name, value.to_owned()))
    };
    let hosts = spots.into_iter().zip(passwords);
    let hosts = hosts.map(|(spot, password)| Host { place: spot.place, port: spot.port, password }).collect();
    let name = parameters.text("application_name").or_else(|| parameters.text("fallback_application_name"));
    Ok(Endpoint {
        hosts,
        is_shuffled: parameters.choice("load_balance_hosts", ORDERS)?,
        application_name: name.unwrap_or(APPLICATION).to_owned(),
        options: parameters.text("options").map(str::to_owned),
        binding: parameters.choice("channel_binding", BINDINGS)?,
        session: parameters.choice("target_session_attrs", SESSIONS)?,
        connect_timeout: connect_timeout(&parameters)?,
        database,
        user,
        tls,
        settings: SETTINGS.iter().filter_map(setting).collect(),
        methods,
        peer,
        limitations: notes.limitations,
        excuses: notes.excuses,
        remarks: notes.remarks,
    })
}

/// `connect_timeout`. libpq takes whole seconds; the canonical schema has fractions too. What is 0 or less is no limit.
fn connect_timeout(parameters: &Parameters) -> Result<Option<Duration>, Failure> {
    let Some(given) = parameters.get("connect_timeout") else { return Ok(None) };
    let seconds = given.text().trim().parse::<f64>().ok().filter(|seconds| seconds.is_finite());
    let seconds = seconds.ok_or_else(|| given.misfit("are seconds, and 0 for no limit"))?;
    // More than libpq's own range (2^31 seconds) is as good as no limit.
    Ok(Duration::try_from_secs_f64(seconds).ok().filter(|limit| !limit.is_zero()))
}

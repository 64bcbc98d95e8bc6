//! What PostgreSQL and its poolers say: by SQLSTATE, and where one code stands for many things, by the text.
//!
//! The codes are those of the documentation of PostgreSQL, appendix A; the texts are those of its sources from 12 to 18
//! (`postinit.c`, `auth.c`, `postmaster.c`) and of PgBouncer's, in English: servers can speak other languages, and then
//! only the code counts.

use crate::model::health::{Cause, Class, Stage};
use crate::probe::fault::ServerFault;

use super::Meaning;

/// A text, what it means, and whether it may pass.
type Row = (&'static str, Cause, Class);

/// What a login is refused with by one code, `28000`.
const NOT_AUTHORISED: &[Row] = &[
    ("no encryption", Cause::TlsRequired, Class::Permanent),
    ("SSL off", Cause::TlsRequired, Class::Permanent),
    ("no pg_hba.conf entry", Cause::NotAllowed, Class::Permanent),
    ("pg_hba.conf rejects", Cause::NotAllowed, Class::Permanent),
    ("is not permitted to log in", Cause::RoleCannotLogin, Class::Permanent),
    ("does not exist", Cause::RoleMissing, Class::Permanent),
    ("valid client certificate", Cause::ClientCertificateRefused, Class::Permanent),
    ("certificate authentication failed", Cause::ClientCertificateRefused, Class::Permanent),
    ("Peer authentication failed", Cause::NotAllowed, Class::Permanent),
    ("Ident authentication failed", Cause::NotAllowed, Class::Permanent),
    ("authentication failed", Cause::PasswordRejected, Class::Permanent),
];

/// PgBouncer says everything by this code.
const POOLERS_CODE: &str = "08P01";

/// What PgBouncer says by its one code.
const POOLER: &[Row] = &[
    ("SASL authentication failed", Cause::PasswordRejected, Class::Permanent),
    ("password authentication failed", Cause::PasswordRejected, Class::Permanent),
    ("no such user", Cause::RoleMissing, Class::Permanent),
    ("login rejected", Cause::NotAllowed, Class::Permanent),
    ("no such database", Cause::DatabaseMissing, Class::Permanent),
    ("does not exist", Cause::DatabaseMissing, Class::Permanent),
    ("is disabled", Cause::DatabaseClosed, Class::Permanent),
    ("does not allow connections", Cause::DatabaseClosed, Class::Permanent),
    ("unsupported startup parameter", Cause::UnsupportedParameter, Class::Permanent),
    ("SSL required", Cause::TlsRequired, Class::Permanent),
    ("TLS certificate", Cause::ClientCertificateRefused, Class::Permanent),
    ("query_wait_timeout", Cause::PoolerBusy, Class::Transient),
    ("no more connections allowed", Cause::TooManyConnections, Class::Transient),
    ("remaining connection slots", Cause::TooManyConnections, Class::Transient),
    ("too many connections", Cause::TooManyConnections, Class::Transient),
    ("too many clients", Cause::TooManyConnections, Class::Transient),
    ("server login has been failing", Cause::PoolerBusy, Class::Transient),
    ("server login failed", Cause::PoolerBusy, Class::Transient),
    ("cannot connect to server", Cause::PoolerBusy, Class::Transient),
    ("connect failed", Cause::PoolerBusy, Class::Transient),
    ("server conn crashed", Cause::PoolerBusy, Class::Transient),
    ("shutting down", Cause::ShuttingDown, Class::Transient),
];

/// What a server says that takes no sessions now, `57P03`.
const NOT_NOW: &[Row] =
    &[("shutting down", Cause::ShuttingDown, Class::Transient), ("", Cause::StartingUp, Class::Transient)];

/// Codes that mean one thing, or one thing at a stage.
fn by_code(stage: Stage, code: &str) -> (Cause, Class) {
    let before_queries = stage < Stage::Query;
    match code {
        "28P01" => (Cause::PasswordRejected, Class::Permanent),
        "3D000" => (Cause::DatabaseMissing, Class::Permanent),
        "55000" if before_queries => (Cause::DatabaseClosed, Class::Permanent),
        "42501" if before_queries => (Cause::ConnectDenied, Class::Permanent),
        "53300" => (Cause::TooManyConnections, Class::Transient),
        "57P01" | "57P02" => (Cause::ShuttingDown, Class::Transient),
        "42704" | "22023" | "42601" if before_queries => (Cause::UnsupportedParameter, Class::Permanent),
        // A lock, a deadlock or a limit of time: another try may meet nobody.
        "57014" | "40001" | "40P01" | "55P03" => (Cause::QueryFailed, Class::Transient),
        // Trouble of the connection, or something that the server has run out of.
        _ if code.starts_with("08") || code.starts_with("53") || code.starts_with("58") => {
            (Cause::Other, Class::Transient)
        }
        _ if before_queries => (Cause::Other, Class::Permanent),
        _ => (Cause::QueryFailed, Class::Permanent),
    }
}

/// What a server said means.
pub(super) fn said(stage: Stage, said: &ServerFault) -> Meaning {
    let ServerFault { code, message, .. } = said;
    let row =
        |rows: &[Row]| rows.iter().find(|(text, ..)| message.contains(text)).map(|(_, cause, class)| (*cause, *class));
    let by_text = match code.as_str() {
        "28000" => row(NOT_AUTHORISED).or(Some((Cause::NotAllowed, Class::Permanent))),
        POOLERS_CODE => row(POOLER).or(Some((Cause::Other, Class::Permanent))),
        "57P03" => row(NOT_NOW),
        // Supabase's pooler.
        "XX000" if message.contains("Tenant or user not found") => Some((Cause::RoleMissing, Class::Permanent)),
        _ => None,
    };
    let (cause, class) = by_text.unwrap_or_else(|| by_code(stage, code));
    let words = if code == POOLERS_CODE { words_of_pooler(cause) } else { words(cause) };
    let message = if words.is_empty() { format!("the server says: {message}") } else { format!("{words}: {message}") };
    Meaning { cause, class, code: Some(code.clone()), message }
}

/// What the words of a pooler come down to: some of it is its own, whatever the server behind it has.
fn words_of_pooler(cause: Cause) -> &'static str {
    match cause {
        Cause::UnsupportedParameter => "the pooler does not take a parameter of the session",
        Cause::DatabaseMissing => "the pooler has no such database",
        Cause::RoleMissing => "the pooler knows no such user",
        cause => words(cause),
    }
}

/// What the server's words come down to, before them.
fn words(cause: Cause) -> &'static str {
    match cause {
        Cause::PasswordRejected => "the server rejects the user or the password",
        Cause::TlsRequired => "the server does not let this user in without encryption",
        Cause::NotAllowed => "the server lets this user in from nowhere, or not from here",
        Cause::RoleMissing => "there is no such user",
        Cause::RoleCannotLogin => "the user may not log in",
        Cause::ClientCertificateRefused => "the server wants a client certificate, or another one",
        Cause::DatabaseMissing => "there is no such database",
        Cause::DatabaseClosed => "the database accepts no connections",
        Cause::ConnectDenied => "the user may not connect to the database",
        Cause::TooManyConnections => "all connections are in use",
        Cause::ShuttingDown => "the server is shutting down",
        Cause::StartingUp => "the server is starting up",
        Cause::UnsupportedParameter => "the server does not take a parameter of the session",
        Cause::PoolerBusy => "the pooler has no connection to the server",
        Cause::QueryFailed => "the query failed",
        _ => "",
    }
}

//! `driver-rejects-parameter`.

use std::collections::HashSet;

use crate::connstr::{self, is_libpq_parameter};
use crate::finding::{Finding, Fix, Safety};
use crate::model::{Connection, Key, Origin};
use crate::redact::show_text;
use crate::rules::Case;

rule! {
    /// A parameter of a URL that the driver named in the same URL refuses.
    ///
    /// Found are parameters of libpq behind `postgresql+asyncpg://` and `postgresql+pg8000://` that these drivers do not take, and parameters of asyncpg behind `postgresql+psycopg2://` and `postgresql+psycopg://`.
    /// # Why it matters
    /// SQLAlchemy hands every parameter of the URL to the `connect()` of the driver under its own name.
    /// asyncpg and pg8000 stop at a name that they do not know with a `TypeError`, and psycopg hands it to libpq, which calls it an invalid connection option.
    /// So the URL that worked with one driver fails with another before anything is sent.
    /// # How to mend it
    /// Write what the driver takes: asyncpg has `ssl` with the same modes in place of `sslmode`.
    /// What it takes only from Python goes into `create_async_engine(url, connect_args={...})`.
    /// # Example
    /// ```env
    /// DATABASE_URL=postgresql+asyncpg://app_user@db.example.com/app?sslmode=require
    /// ```
    /// Mended:
    /// ```env
    /// DATABASE_URL=postgresql+asyncpg://app_user@db.example.com/app?ssl=require
    /// ```
    "driver-rejects-parameter": Tls, Error; fixable
}

/// What asyncpg 0.30 takes under a name that libpq has too; its other parameters have names of their own.
const ASYNCPG: &[&str] =
    &["host", "port", "user", "password", "passfile", "target_session_attrs", "krbsrvname", "gsslib"];

/// What pg8000 1.31 takes under a name that libpq has too.
const PG8000: &[&str] = &["user", "host", "port", "password", "application_name", "replication"];

/// What asyncpg, or `SQLAlchemy` for it, takes and libpq does not know.
const OF_ASYNCPG: &[&str] = &[
    "command_timeout",
    "direct_tls",
    "max_cacheable_statement_size",
    "max_cached_statement_lifetime",
    "prepared_statement_cache_size",
    "server_settings",
    "ssl",
    "statement_cache_size",
    "timeout",
];

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let mut seen = HashSet::new();
    for database in &case.configuration.databases {
        let definitions = database.definitions.iter().map(|definition| &definition.connection);
        for connection in definitions.chain(&database.replicas).chain(&database.failover) {
            url(case, connection, &mut seen, findings);
        }
    }
}

/// Judges the URL that names the driver of a connection. What stands beside it is not handed to the driver.
fn url<'case>(
    case: &Case<'case>,
    connection: &'case Connection,
    seen: &mut HashSet<(crate::model::SourceId, crate::document::NodeId)>,
    findings: &mut Vec<Finding>,
) {
    let Some(driver) = connection.settings.get(Key::Driver) else { return };
    let Origin::Node { source, node, .. } = driver.origin else { return };
    let Some(scalar) = case.document(&driver.origin).and_then(|document| document.scalar(node)) else { return };
    if !scalar.text.contains('?') || scalar.text.matches("://").count() != 1 || !seen.insert((source, node)) {
        return;
    }
    let Ok(read) = connstr::parse(scalar.text) else { return };
    let Some(driver) = read.driver.as_ref().filter(|_| read.engine == "postgresql" && !read.parts_may_hold_password())
    else {
        return;
    };
    let driver = driver.value.as_str();
    let part = scalar.parts();
    for parameter in &read.parameters {
        if is_refused(driver, &parameter.name) {
            let origin = Origin::part(source, node, part(parameter.span.clone()));
            let message = format!("{} does not take the parameter `{}`", show_text(driver), show_text(&parameter.name));
            let place = parameter.span.start.checked_sub(parameter.name.len() + 1);
            let name = place.map(|start| Origin::part(source, node, part(start..start + parameter.name.len())));
            // Programs that take the driver out of the URL, for migrations, use it with the other one.
            let fix = name.zip(other_name(driver, &parameter.name).filter(|name| read.parameter(name).is_none()));
            let fix = fix.and_then(|(name, new)| Fix::words(&name, Safety::Unsafe, &parameter.name, new));
            findings.push(Finding::new(&INFO, origin, message).help(help(driver, &parameter.name)).fix(fix));
        }
    }
}

fn is_refused(driver: &str, name: &str) -> bool {
    match driver {
        "asyncpg" => is_libpq_parameter(name) && !ASYNCPG.contains(&name),
        "pg8000" => is_libpq_parameter(name) && !PG8000.contains(&name),
        "psycopg" | "psycopg_async" | "psycopg2" | "psycopg2cffi" => OF_ASYNCPG.contains(&name),
        _ => false,
    }
}

/// What a driver calls a parameter of another one that means the same.
fn other_name(driver: &str, name: &str) -> Option<&'static str> {
    match (driver, name) {
        ("asyncpg", "sslmode") => Some("ssl"),
        ("asyncpg" | "pg8000", _) => None,
        (_, "ssl") => Some("sslmode"),
        (_, "timeout") => Some("connect_timeout"),
        _ => None,
    }
}

fn help(driver: &str, name: &str) -> String {
    if let Some(other) = other_name(driver, name) {
        let modes = if name == "timeout" { "" } else { "; the modes are the same" };
        return format!("write `{other}` in its place{modes}");
    }
    match (driver, name) {
        ("asyncpg", "sslrootcert" | "sslcert" | "sslkey" | "sslpassword" | "sslcrl") => {
            "load it into an ssl.SSLContext, and pass that as connect_args={\"ssl\": context}".to_owned()
        }
        ("pg8000", "sslmode" | "sslrootcert" | "sslcert" | "sslkey" | "sslpassword" | "sslcrl") => {
            "pass an ssl.SSLContext as connect_args={\"ssl_context\": context}".to_owned()
        }
        ("asyncpg" | "pg8000", "connect_timeout") => "pass it as connect_args={\"timeout\": 10}".to_owned(),
        ("asyncpg" | "pg8000", "dbname") => "write the database behind the host: /app".to_owned(),
        ("asyncpg", "application_name" | "client_encoding") => {
            format!("pass it as connect_args={{\"server_settings\": {{\"{name}\": ...}}}}")
        }
        ("asyncpg" | "pg8000", _) => "remove it".to_owned(),
        _ => "remove it: it is asyncpg's".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_drivers_refuse() {
        for (driver, name, expected) in [
            ("asyncpg", "sslmode", true),
            ("asyncpg", "connect_timeout", true),
            ("asyncpg", "application_name", true),
            ("asyncpg", "gssencmode", true),
            ("asyncpg", "channel_binding", true),
            ("asyncpg", "ssl", false),
            ("asyncpg", "target_session_attrs", false),
            ("asyncpg", "pool_size", false),
            ("pg8000", "sslmode", true),
            ("pg8000", "application_name", false),
            ("psycopg2", "sslmode", false),
            ("psycopg2", "ssl", true),
            ("psycopg", "server_settings", true),
            ("another", "sslmode", false),
        ] {
            assert_eq!(is_refused(driver, name), expected, "{driver} {name}");
        }
    }
}

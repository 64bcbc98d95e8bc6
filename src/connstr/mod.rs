//! Connection strings of databases: read into parts that know their place, and written.
//!
//! - [`parse`] reads a text of a configuration leniently: placeholders are kept whole, everything wrong is told in
//!   [`ConnectionString::problems`], and nothing else is lost.
//! - [`parse_libpq`] accepts and refuses exactly what libpq does (`PQconninfoParse`).
//! - [`looks_like`] tells database strings from other text, and [`write`](fn@write) writes one.
//!
//! No error and no `Debug` output shows a password, nor a part that may hold a piece of one.

mod ambiguity;
mod draft;
mod jdbc;
mod libpq;
mod opaque;
mod parts;
mod percent;
mod problem;
pub mod provider;
mod source;
mod url;
mod write;

#[cfg(test)]
mod tests;

pub use ambiguity::{Ambiguity, PartName};
pub use libpq::is_libpq_parameter;
pub use parts::{ConnectionString, Dialect, Host, Parameter, ParameterValue, Part, is_secret_parameter};
pub use problem::{ParseError, Problem, ProblemKind};
pub use write::{WriteError, write};

use source::Source;

/// Engines (`SQLAlchemy` dialects and other schemes) whose URLs are database URLs, though dbcfg does not speak them.
/// `redis://` is not among them: dbcfg treats it as a service, and [`parse_url`] reads it.
const OTHER_ENGINES: &[&str] = &[
    "access",
    "awsathena",
    "bigquery",
    "cassandra",
    "clickhouse",
    "clickhousedb",
    "cockroach",
    "cockroachdb",
    "crate",
    "databricks",
    "db2",
    "duckdb",
    "exa",
    "firebird",
    "hana",
    "hive",
    "ibm_db_sa",
    "impala",
    "informix",
    "mariadb",
    "mongodb",
    "mssql",
    "mysql",
    "mysql2",
    "mysqlx",
    "neo4j",
    "oracle",
    "postgis",
    "presto",
    "redshift",
    "snowflake",
    "spanner",
    "sqlserver",
    "sybase",
    "teradatasql",
    "timescale",
    "timescaledb",
    "trino",
    "vertica",
];

/// The scheme of a URL, in lower case, and where its `://` ends.
fn scheme(text: &str) -> Option<(String, usize)> {
    let at = text.find("://")?;
    let name = text[..at].trim_start();
    let plain = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.' | b'_'));
    plain.then(|| (name.to_ascii_lowercase(), at + 3))
}

/// Whether the text begins with a word, whatever its case.
fn begins_with(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// Recognises a connection string of a database by its beginning, or a key=value string by its keywords.
///
/// `http://`, `s3://`, `file://`, `redis://` and plain words are none. Cheap: one pass over the text at most.
pub fn looks_like(text: &str) -> Option<Dialect> {
    let text = text.trim();
    if begins_with(text, "jdbc:") && text.len() > 5 {
        return Some(Dialect::Jdbc);
    }
    if let Some((scheme, _)) = scheme(text) {
        let (engine, driver) = scheme.split_once('+').map_or((scheme.as_str(), None), |(a, b)| (a, Some(b)));
        return match (engine, driver) {
            ("postgresql" | "postgres", None) => Some(Dialect::LibpqUri),
            ("postgresql" | "postgres", Some(_)) => Some(Dialect::SqlAlchemy),
            ("sqlite" | "sqlite3", _) => Some(Dialect::Sqlite),
            (other, _) => OTHER_ENGINES.contains(&other).then_some(Dialect::Other),
        };
    }
    if begins_with(text, "sqlite:") && text[7..].starts_with(|next: char| !next.is_whitespace()) {
        return Some(Dialect::Sqlite);
    }
    is_keyword_string(text).then_some(Dialect::LibpqKeywords)
}

/// Whether the text is `name=value ...` with libpq's names: one telling keyword if all are known, else two.
fn is_keyword_string(text: &str) -> bool {
    if !text.contains('=') || !text.starts_with(|first: char| first.is_ascii_lowercase()) {
        return false;
    }
    let mut source = Source::with_placeholders(text);
    let draft = libpq::read_keywords(&mut source, 0);
    let telling = [
        !draft.hosts.is_empty() || !draft.hostaddrs.is_empty(),
        draft.database.is_some(),
        draft.user.is_some(),
        draft.parameters.iter().any(|parameter| parameter.name == "service"),
    ];
    let telling = telling.into_iter().filter(|known| *known).count();
    let stray = source
        .problems
        .iter()
        .any(|problem| matches!(problem.kind, ProblemKind::UnknownParameter { .. } | ProblemKind::MissingEquals));
    telling >= 2 || (telling == 1 && !stray)
}

/// Reads a connection string of any dialect as it stands in a configuration.
///
/// Placeholders (`${VAR:-x@y}`, `{{ host }}`, `[PASSWORD]`, `<DB_HOST>`, `%(HOST)s`) stay whole and undecoded in the
/// part where they stand. What is wrong is told in [`ConnectionString::problems`]; the rest is read as well as can be.
///
/// # Errors
///
/// Only text that [`looks_like`] does not recognise is refused ([`ProblemKind::NotAConnectionString`]).
pub fn parse(text: &str) -> Result<ConnectionString, ParseError> {
    parse_recognised(text).map(without_doubtful_names)
}

/// [`parse`], before the last word on what may be shown.
fn parse_recognised(text: &str) -> Result<ConnectionString, ParseError> {
    let Some(dialect) = looks_like(text) else { return Err(no_connection_string(text)) };
    if dialect == Dialect::LibpqKeywords {
        // White space belongs to this dialect, and a last one may even be escaped.
        let mut source = Source::with_placeholders(text);
        return Ok(libpq::read_keywords(&mut source, 0).finish(&mut source, dialect, "postgresql"));
    }
    let start = text.len() - text.trim_start().len();
    let mut source = Source::with_placeholders(text.trim_end());
    if start > 0 || source.end() < text.len() {
        let span = if start > 0 { 0..start } else { source.end()..text.len() };
        source.problem(ProblemKind::SurroundingSpace, span);
    }
    match dialect {
        Dialect::Jdbc => {
            check_case(&mut source, start, start + 5);
            Ok(jdbc::read(&mut source, start + 5))
        }
        Dialect::Sqlite if scheme(source.text).is_none() => {
            let end = source.end();
            source.problem(ProblemKind::SqliteWithoutSlashes, start..start + 7);
            let stop = source.find(start + 7..end, b"?").unwrap_or(end);
            let path = (start + 7 < stop).then(|| source.unquoted_part(start + 7..stop));
            let mut draft = draft::Draft::default();
            url::read_query(&mut source, &mut draft, (stop + 1).min(end), b'&');
            let mut read = draft.finish(&mut source, dialect, "sqlite");
            read.path = path;
            Ok(read)
        }
        _ => Ok(read_url(source, start, dialect)),
    }
}

/// Reads any URL with a scheme, whatever it leads to (`redis://`, `http://`), by the generic rules.
///
/// # Errors
///
/// Text without a scheme is refused ([`ProblemKind::NotAConnectionString`]).
pub fn parse_url(text: &str) -> Result<ConnectionString, ParseError> {
    if looks_like(text).is_some() {
        return parse(text);
    }
    let start = text.len() - text.trim_start().len();
    let source = Source::with_placeholders(text.trim_end());
    if scheme(source.text).is_none() {
        return Err(no_connection_string(text));
    }
    Ok(without_doubtful_names(read_url(source, start, Dialect::Other)))
}

/// Reads a connection string exactly as libpq does: no placeholders, no white space trimmed, and the first thing
/// that libpq refuses is an error. Parameters of every libpq from 15 to 18 are accepted.
///
/// # Errors
///
/// What libpq refuses, with the offending place; and percent-encoded bytes that are no UTF-8, which libpq takes and
/// Rust's text cannot hold ([`ProblemKind::NotUtf8`]).
pub fn parse_libpq(text: &str) -> Result<ConnectionString, ParseError> {
    let mut source = Source::plain(text);
    let start = ["postgresql://", "postgres://"].iter().find(|prefix| text.starts_with(**prefix)).map(|it| it.len());
    let in_doubt = start.is_some_and(|start| ambiguity::libpq_in_doubt(&source, start));
    let (dialect, draft) = match start {
        Some(start) => (Dialect::LibpqUri, libpq::read_uri(&mut source, start)),
        None => (Dialect::LibpqKeywords, libpq::read_keywords(&mut source, 0)),
    };
    let mut read = draft.finish(&mut source, dialect, "postgresql");
    read.boundaries_in_doubt = in_doubt;
    let read = without_doubtful_names(read);
    let refused = |problem: &Problem| problem.kind.refused_by_libpq() || problem.kind == ProblemKind::NotUtf8;
    match read.problems.iter().find(|problem| refused(problem)) {
        Some(problem) => Err(problem.clone()),
        None => Ok(read),
    }
}

/// Takes the names of unknown parameters out of the problems if they may be pieces of a password (`u:pa?ss=x@h`).
fn without_doubtful_names(mut read: ConnectionString) -> ConnectionString {
    if read.parts_may_hold_password() {
        for problem in &mut read.problems {
            if let ProblemKind::UnknownParameter { name } = &mut problem.kind {
                *name = None;
            }
        }
    }
    read
}

fn no_connection_string(text: &str) -> ParseError {
    Problem { kind: ProblemKind::NotAConnectionString, span: 0..text.len() }
}

fn check_case(source: &mut Source<'_>, start: usize, end: usize) {
    if source.text[start..end].bytes().any(|byte| byte.is_ascii_uppercase()) {
        source.problem(ProblemKind::SchemeCase, start..end);
    }
}

/// Reads a URL with a scheme that begins at `start`.
fn read_url(mut source: Source<'_>, start: usize, dialect: Dialect) -> ConnectionString {
    let Some((scheme, after)) = scheme(source.text) else { return ConnectionString::new(dialect, "") };
    check_case(&mut source, start, after);
    let (name, driver) = scheme.split_once('+').map_or((scheme.as_str(), None), |(name, rest)| (name, Some(rest)));
    let engine = match name {
        "postgres" => "postgresql",
        "sqlite3" => "sqlite",
        other => other,
    };
    let in_doubt;
    let draft = if dialect == Dialect::LibpqUri {
        in_doubt = ambiguity::libpq_in_doubt(&source, after);
        libpq::read_uri(&mut source, after)
    } else {
        let used = url::user_info(&source, after).host.checked_sub(1).filter(|&at| at >= after);
        // A SQLite path after an empty authority may hold any sign.
        let only_path = dialect == Dialect::Sqlite && source.byte(after) == b'/';
        in_doubt = !only_path && ambiguity::boundaries_in_doubt(&source, after, used);
        url::read(&mut source, after, if engine == "sqlserver" { b';' } else { b'&' })
    };
    if dialect != Dialect::SqlAlchemy {
        source.problems.retain(|problem| problem.kind != ProblemKind::SeveralHostsInUrl);
    }
    let mut read = draft.finish(&mut source, dialect, engine);
    read.boundaries_in_doubt = in_doubt;
    read.driver = driver.map(|driver| {
        let span = after - 3 - driver.len()..after - 3;
        Part { value: source.text[span.clone()].to_owned(), span }
    });
    if matches!(dialect, Dialect::LibpqUri | Dialect::SqlAlchemy) {
        read.ambiguity = ambiguity::find(source.text, name, after);
    }
    if dialect == Dialect::Sqlite {
        read.path = read.database.take();
        if let Some(place) = read.hosts.first().and_then(|host| host.host.as_ref().or(host.port.as_ref())) {
            read.problems.push(Problem { kind: ProblemKind::SqliteHost, span: place.span.clone() });
        }
    }
    read
}

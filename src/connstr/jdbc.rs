//! JDBC URLs: `jdbc:postgresql://host:port,host/database?user=..`, `jdbc:postgresql:database`, `jdbc:sqlite:path`.
//!
//! Rules: the documentation of pgjdbc ("Connecting to the Database") and of sqlite-jdbc. Database and query are
//! form-decoded (Java's `URLDecoder`, `+` is a space), hosts are not; there is no user before an `@`.

use std::ops::Range;

use crate::redact::Secret;

use super::draft::Draft;
use super::parts::{ConnectionString, Dialect, Parameter, ParameterValue, Part};
use super::percent::Plus;
use super::problem::ProblemKind;
use super::source::Source;
use super::url;

/// Reads what follows `jdbc:`, beginning at `start`.
pub(super) fn read(source: &mut Source<'_>, start: usize) -> ConnectionString {
    let end = source.end();
    let stop = source.find(start..end, b":").unwrap_or(end);
    let engine = source.text[start..stop].to_ascii_lowercase();
    let rest = (stop + 1).min(end);
    match engine.as_str() {
        "postgresql" => {
            let draft = read_postgresql(source, rest);
            // `//user:pa?ss@host`: what looks like a port is the beginning of a password.
            let odd_port = draft.ports.iter().flatten().any(|port| {
                source.covered(port.span.start).is_none() && !port.value.bytes().all(|byte| byte.is_ascii_digit())
            });
            let mut read = draft.finish(source, Dialect::Jdbc, &engine);
            read.boundaries_in_doubt = odd_port && source.find(rest..end, b"@").is_some();
            read
        }
        "sqlite" => read_sqlite(source, rest),
        _ if source.text[rest..].starts_with("//") => {
            let separator = if engine == "sqlserver" { b';' } else { b'&' };
            let draft = url::read(source, rest + 2, separator);
            source.problems.retain(|problem| problem.kind != ProblemKind::SeveralHostsInUrl);
            let mut read = draft.finish(source, Dialect::Jdbc, &engine);
            read.boundaries_in_doubt = source.find(rest..end, b"@").is_some();
            read
        }
        _ => {
            // Oracle's `thin:user/password@host:port:sid` and its like: nothing in it is told apart.
            let database = (rest < end).then(|| Part { value: source.text[rest..].to_owned(), span: rest..end });
            let draft = Draft { database, ..Draft::default() };
            let mut read = draft.finish(source, Dialect::Jdbc, &engine);
            read.boundaries_in_doubt = source.find(rest..end, b"@").is_some();
            read
        }
    }
}

fn read_postgresql(source: &mut Source<'_>, start: usize) -> Draft {
    let end = source.end();
    let mut draft = Draft::default();
    let query = source.find(start..end, b"?").unwrap_or(end);
    let mut database = start;
    if source.text[start..query].starts_with("//") {
        let mut authority = start + 2;
        // A user here is a mistake of people who know libpq; a password before it may hold any sign.
        if let Some(at) = source.find_last(authority..query, b"@") {
            source.problem(ProblemKind::UserInJdbcUrl, authority..at + 1);
            let colon = source.find(authority..at, b":");
            let user = authority..colon.unwrap_or(at);
            draft.user = (!user.is_empty()).then(|| source.part(user));
            draft.password = colon.and_then(|colon| super::libpq::password(source, colon + 1..at));
            authority = at + 1;
        }
        let stop = source.find(authority..query, b"/").unwrap_or(query);
        read_hosts(source, &mut draft, authority..stop);
        database = stop;
    }
    if source.byte(database) == b'/' && database < query {
        database += 1;
    }
    if database < query {
        let value = source.decode(database..query, Plus::IsSpace);
        draft.database = Some(Part { value, span: database..query });
    }
    read_query(source, &mut draft, query);
    draft
}

/// Reads `host:port,[::1]:port`: the port follows the last colon that is not inside brackets.
fn read_hosts(source: &mut Source<'_>, draft: &mut Draft, range: Range<usize>) {
    let pieces = source.split(range, b',');
    for piece in &pieces {
        let bracket = source.find_last(piece.clone(), b"]");
        let from = bracket.unwrap_or(piece.start);
        let colon = source.find_last(from..piece.end, b":");
        let mut host = piece.start..colon.unwrap_or(piece.end);
        if source.byte(piece.start) == b'[' && bracket.is_some_and(|close| close + 1 == host.end) {
            host = host.start + 1..host.end - 1;
        }
        let port = colon.map_or(piece.end, |colon| colon + 1)..piece.end;
        let verbatim = |range: Range<usize>| {
            (!range.is_empty()).then(|| Part { value: source.text[range.clone()].to_owned(), span: range })
        };
        draft.hosts.push(verbatim(host));
        draft.ports.push(verbatim(port));
    }
    if pieces.len() == 1 {
        draft.hosts.retain(Option::is_some);
    }
}

/// Reads the query that begins with a `?` at this place, if one is there.
fn read_query(source: &mut Source<'_>, draft: &mut Draft, at: usize) {
    let end = source.end();
    if at >= end {
        return;
    }
    for piece in source.split(at + 1..end, b'&') {
        if piece.is_empty() {
            continue;
        }
        let equals = source.find(piece.clone(), b"=").unwrap_or(piece.end);
        let name = source.decode(piece.start..equals, Plus::IsSpace);
        // A bare `ssl` is a way to say `ssl=true`; any other bare word is rather a piece of the value before it.
        if equals == piece.end && name != "ssl" {
            source.problem(ProblemKind::MissingEquals, piece);
            continue;
        }
        let span = (equals + 1).min(piece.end)..piece.end;
        let value = source.decode(span.clone(), Plus::IsSpace);
        match name.as_str() {
            "user" => draft.user = Some(Part { value, span }),
            "password" => draft.password = Some(Part { value: Secret::new(value), span }),
            _ => {
                let value = ParameterValue::new(&name, value);
                draft.parameters.push(Parameter { name, value, span });
            }
        }
    }
}

/// Reads a path, which sqlite-jdbc takes as it stands, and the parameters after it.
fn read_sqlite(source: &mut Source<'_>, start: usize) -> ConnectionString {
    let end = source.end();
    let query = source.find(start..end, b"?").unwrap_or(end);
    let mut draft = Draft::default();
    read_query(source, &mut draft, query);
    let mut read = draft.finish(source, Dialect::Jdbc, "sqlite");
    read.path = (start < query).then(|| Part { value: source.text[start..query].to_owned(), span: start..query });
    read
}

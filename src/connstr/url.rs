//! URLs of `SQLAlchemy` and of engines that dbcfg does not speak, as `make_url` reads them (1.4 and later).
//!
//! Rules: `SQLAlchemy`'s documentation, "Database URLs" and "Connecting to multiple fallback hosts", judged with 2.1:
//! the user reaches to the first `:`, the password to the next `@` (it may hold a `/`), a user without password to
//! the last `@` before a `:` or `/`; user, password and database are percent-decoded, and the query is form-encoded.

use std::ops::Range;

use crate::redact::Secret;

use super::draft::Draft;
use super::parts::{Parameter, ParameterValue, Part};
use super::percent::Plus;
use super::problem::ProblemKind;
use super::source::Source;

/// Where the authority's user and password stand, and where the host begins.
pub(super) struct UserInfo {
    pub(super) user: Range<usize>,
    pub(super) password: Option<Range<usize>>,
    pub(super) host: usize,
}

/// Divides the start of the authority.
pub(super) fn user_info(source: &Source<'_>, start: usize) -> UserInfo {
    let end = source.end();
    let stop = source.find(start..end, b":/").unwrap_or(end);
    if source.byte(stop) == b':'
        && let Some(at) = source.find(stop + 1..end, b"@")
    {
        return UserInfo { user: start..stop, password: Some(stop + 1..at), host: at + 1 };
    }
    match source.find_last(start..stop, b"@") {
        Some(at) => UserInfo { user: start..at, password: None, host: at + 1 },
        None => UserInfo { user: start..start, password: None, host: start },
    }
}

/// Reads what follows `scheme://`, beginning at `start`.
pub(super) fn read(source: &mut Source<'_>, start: usize, parameter_separator: u8) -> Draft {
    let info = user_info(source, start);
    read_after(source, info, parameter_separator)
}

/// Reads a URL of which user and password are already told apart.
pub(super) fn read_after(source: &mut Source<'_>, info: UserInfo, parameter_separator: u8) -> Draft {
    let end = source.end();
    let user = (!info.user.is_empty()).then(|| source.unquoted_part(info.user));
    let password = info
        .password
        .filter(|range| !range.is_empty())
        .map(|range| Part { value: Secret::new(source.unquote(range.clone(), Plus::IsPlus)), span: range });
    let mut draft = Draft { user, password, ..Draft::default() };
    let query_sign = if parameter_separator == b';' { b';' } else { b'?' };
    let stop = source.find(info.host..end, &[b'/', query_sign]).unwrap_or(end);
    read_netlocs(source, &mut draft, info.host..stop);
    let mut at = stop;
    if source.byte(at) == b'/' && at < end {
        let stop = source.find(at + 1..end, &[query_sign]).unwrap_or(end);
        draft.database = (at + 1 < stop).then(|| source.unquoted_part(at + 1..stop));
        at = stop;
    }
    if at < end {
        read_query(source, &mut draft, at + 1, parameter_separator);
    }
    draft
}

/// Reads `host:port,[::1]:port`. Hosts are not decoded.
fn read_netlocs(source: &mut Source<'_>, draft: &mut Draft, range: Range<usize>) {
    let pieces = source.split(range.clone(), b',');
    let verbatim = |source: &Source<'_>, range: Range<usize>| {
        (!range.is_empty()).then(|| Part { value: source.text[range.clone()].to_owned(), span: range })
    };
    for piece in &pieces {
        let bracketed = source.byte(piece.start) == b'[' && source.covered(piece.start).is_none() && !piece.is_empty();
        let (host, after) = match source.find_last(piece.clone(), b"]") {
            Some(close) if bracketed => (piece.start + 1..close, close + 1),
            _ => {
                if bracketed {
                    source.problem(ProblemKind::UnclosedBracket, piece.clone());
                }
                let stop = source.find(piece.clone(), b":").unwrap_or(piece.end);
                (piece.start..stop, stop)
            }
        };
        let host = if bracketed && after < piece.end && source.byte(after) != b':' {
            let character = source.text[after..].chars().next().map_or(1, char::len_utf8);
            source.problem(ProblemKind::TextAfterBracket, after..after + character);
            piece.clone()
        } else {
            host
        };
        let port = if after < piece.end && source.byte(after) == b':' { after + 1..piece.end } else { after..after };
        draft.hosts.push(verbatim(source, host));
        draft.ports.push(verbatim(source, port));
    }
    if pieces.len() > 1 && draft.ports.iter().any(Option::is_some) {
        source.problem(ProblemKind::SeveralHostsInUrl, range.clone());
    }
    if pieces.len() == 1 {
        draft.hosts.retain(Option::is_some);
    }
}

/// Reads a form-encoded query. The drivers take `host`, `port`, `user`, `password` and `dbname` from it before what
/// the URL says; `host` may be repeated (`?host=a:1&host=b:2`).
pub(super) fn read_query(source: &mut Source<'_>, draft: &mut Draft, at: usize, separator: u8) {
    let (mut hosts, mut port_given) = (Vec::new(), false);
    for piece in source.split(at..source.end(), separator) {
        if piece.is_empty() {
            continue;
        }
        let Some(equals) = source.find(piece.clone(), b"=") else {
            source.problem(ProblemKind::MissingEquals, piece);
            continue;
        };
        let span = equals + 1..piece.end;
        let name = source.unquote(piece.start..equals, Plus::IsSpace);
        let value = source.unquote(span.clone(), Plus::IsSpace);
        // SQL Server's strings name the database here.
        let part =
            if separator == b';' && matches!(name.as_str(), "database" | "databaseName") { "dbname" } else { &name };
        if value.is_empty() && matches!(part, "host" | "hostaddr" | "port" | "user" | "password" | "dbname") {
            // `parse_qsl` drops blank values, so that the part before the `?` counts.
            continue;
        }
        if part == "host" {
            hosts.push((value, span));
            continue;
        }
        port_given |= part == "port";
        if let Some(value) = draft.store_part(source, part, value, &span) {
            let value = ParameterValue::new(&name, value);
            draft.parameters.push(Parameter { name, value, span });
        }
    }
    store_hosts(source, draft, hosts, port_given);
}

/// One `host=` is a list for the driver, or `name:port` if no `port=` stands beside it; several are `name:port` each.
fn store_hosts(source: &Source<'_>, draft: &mut Draft, values: Vec<(String, Range<usize>)>, port_given: bool) {
    if let [(value, span)] = values.as_slice() {
        match host_with_port(value).filter(|_| !port_given) {
            Some((host, port)) => {
                draft.hosts = source.list(host, span);
                draft.ports = source.list(port, span);
            }
            None => draft.hosts = source.list(value, span),
        }
        return;
    }
    if values.is_empty() {
        return;
    }
    let (mut hosts, mut ports) = (Vec::new(), Vec::new());
    for (value, span) in values {
        let (host, port) = value.split_once(':').unwrap_or((&value, ""));
        let item = |text: &str| (!text.is_empty()).then(|| Part { value: text.to_owned(), span: span.clone() });
        hosts.push(item(host));
        ports.push(item(port));
    }
    draft.hosts = hosts;
    draft.ports = ports;
}

/// Divides `name:port`, if it is one: letters, digits, `-` and `.`, then digits.
pub(super) fn host_with_port(value: &str) -> Option<(&str, &str)> {
    value.split_once(':').filter(|(host, port)| {
        host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
            && port.bytes().all(|byte| byte.is_ascii_digit())
    })
}

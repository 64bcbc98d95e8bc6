//! libpq's two dialects, as `PQconninfoParse` reads them.
//!
//! Rules: the documentation of `PostgreSQL`, "Connection Strings" (libpq-connect), and the cases of libpq's own regression
//! suite (`src/interfaces/libpq/t/001_uri.pl`), which the tests of this module hold.

use std::ops::Range;

use crate::redact::Secret;

use super::draft::{Draft, Place};
use super::opaque;
use super::parts::Part;
use super::percent::Plus;
use super::problem::ProblemKind;
use super::source::Source;

/// Every keyword of libpq 15 to 18, sorted. `requiressl` is known as the old spelling of `sslmode`.
const PARAMETERS: &[&str] = &[
    "application_name",
    "channel_binding",
    "client_encoding",
    "connect_timeout",
    "dbname",
    "fallback_application_name",
    "gssdelegation",
    "gssencmode",
    "gsslib",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "krbsrvname",
    "load_balance_hosts",
    "max_protocol_version",
    "min_protocol_version",
    "oauth_client_id",
    "oauth_client_secret",
    "oauth_issuer",
    "oauth_scope",
    "options",
    "passfile",
    "password",
    "port",
    "replication",
    "require_auth",
    "requirepeer",
    "requiressl",
    "scram_client_key",
    "scram_server_key",
    "service",
    "servicefile",
    "ssl_max_protocol_version",
    "ssl_min_protocol_version",
    "sslcert",
    "sslcertmode",
    "sslcompression",
    "sslcrl",
    "sslcrldir",
    "sslkey",
    "sslkeylogfile",
    "sslmode",
    "sslnegotiation",
    "sslpassword",
    "sslrootcert",
    "sslsni",
    "target_session_attrs",
    "tcp_user_timeout",
    "user",
];

/// Whether some libpq of versions 15 to 18 knows a connection parameter of this name (letter by letter, as libpq
/// compares).
pub fn is_libpq_parameter(name: &str) -> bool {
    PARAMETERS.binary_search(&name).is_ok()
}

/// Reads what follows `postgresql://`, beginning at `start`.
pub(super) fn read_uri(source: &mut Source<'_>, start: usize) -> Draft {
    let end = source.end();
    let mut draft = Draft::default();
    let mut at = start;
    if let Some(stop) = source.find(start..end, b"@/")
        && source.byte(stop) == b'@'
    {
        let colon = source.find(start..stop, b":");
        let user = start..colon.unwrap_or(stop);
        draft.user = (!user.is_empty()).then(|| source.part(user));
        if let Some(colon) = colon {
            draft.password = password(source, colon + 1..stop);
        }
        at = stop + 1;
    }
    let (netlocs, after) = netlocs(source, at);
    for (host, _) in &netlocs {
        push_host(source, &mut draft.hosts, host.clone());
    }
    for (_, port) in &netlocs {
        match port {
            Some(port) => push_host(source, &mut draft.ports, port.clone()),
            None => draft.ports.push(None),
        }
    }
    if draft.hosts.len() == 1 {
        draft.hosts.retain(Option::is_some);
    }
    at = after;
    if source.byte(at) == b'/' {
        let stop = source.find(at + 1..end, b"?").unwrap_or(end);
        draft.database = (at + 1 < stop).then(|| source.part(at + 1..stop));
        at = stop;
    }
    if source.byte(at) == b'?' {
        read_query(source, &mut draft, at + 1);
    }
    draft
}

/// A password of the authority; libpq takes an empty one for none.
pub(super) fn password(source: &mut Source<'_>, range: Range<usize>) -> Option<Part<Secret>> {
    (!range.is_empty()).then(|| Part { value: Secret::new(source.decode(range.clone(), Plus::IsPlus)), span: range })
}

/// A host or port of the authority. libpq decodes first and splits then, so that `%2C` separates, too.
fn push_host(source: &mut Source<'_>, list: &mut Vec<Option<Part<String>>>, range: Range<usize>) {
    let value = source.decode(range.clone(), Plus::IsPlus);
    if value.is_empty() {
        list.push(None);
    } else {
        list.extend(source.list(&value, &range));
    }
}

/// A host and its port, not decoded.
type Netloc = (Range<usize>, Option<Range<usize>>);

/// The pairs of host and port from `at` on, and where they end: at a `/`, a `?` or the end of the text.
fn netlocs(source: &mut Source<'_>, mut at: usize) -> (Vec<Netloc>, usize) {
    let end = source.end();
    let mut pairs = Vec::new();
    loop {
        let bracketed = source.byte(at) == b'[' && source.covered(at).is_none();
        let (host, stop) = if bracketed { bracketed_host(source, at) } else { plain_host(source, at) };
        at = stop;
        let port = (source.byte(at) == b':').then(|| {
            let stop = source.find(at + 1..end, b"/?,").unwrap_or(end);
            let port = at + 1..stop;
            at = stop;
            port
        });
        pairs.push((host, port));
        if source.byte(at) != b',' {
            return (pairs, at);
        }
        at += 1;
    }
}

fn plain_host(source: &Source<'_>, at: usize) -> (Range<usize>, usize) {
    let stop = source.find(at..source.end(), b":/?,").unwrap_or(source.end());
    (at..stop, stop)
}

/// An address in brackets. What is not well formed is kept as it stands, as far as a plain host would reach.
fn bracketed_host(source: &mut Source<'_>, at: usize) -> (Range<usize>, usize) {
    let end = source.end();
    let Some(close) = source.find(at + 1..end, b"]") else {
        source.problem(ProblemKind::UnclosedBracket, at..end);
        let stop = source.find(at..end, b"/?,").unwrap_or(end);
        return (at..stop, stop);
    };
    if close == at + 1 {
        source.problem(ProblemKind::EmptyBracket, at..close + 1);
    }
    let after = close + 1;
    if after < end && !matches!(source.byte(after), b':' | b'/' | b'?' | b',') {
        let (_, stop) = plain_host(source, after);
        let character = source.text[after..].chars().next().map_or(1, char::len_utf8);
        source.problem(ProblemKind::TextAfterBracket, after..after + character);
        return (at..stop, stop);
    }
    (at + 1..close, after)
}

/// Reads `name=value&name=value`. A `+` is a plus.
fn read_query(source: &mut Source<'_>, draft: &mut Draft, mut at: usize) {
    let end = source.end();
    while at < end {
        let stop = source.find(at..end, b"&").unwrap_or(end);
        if let Some(equals) = source.find(at..stop, b"=") {
            if let Some(second) = source.find(equals + 1..stop, b"=") {
                source.problem(ProblemKind::ExtraEquals, second..second + 1);
            }
            let name = source.decode(at..equals, Plus::IsPlus);
            let value = source.decode(equals + 1..stop, Plus::IsPlus);
            // libpq translates this one spelling of JDBC's, in URIs only, and refuses the rest.
            let (name, value) = if name == "ssl" && value == "true" {
                ("sslmode".to_owned(), "require".to_owned())
            } else {
                (name, value)
            };
            draft.store_libpq(source, &name, value, Place { name: at..equals, value: equals + 1..stop });
        } else {
            source.problem(ProblemKind::MissingEquals, at..stop);
        }
        at = stop + 1;
    }
}

/// The white space of C's `isspace`, which separates keywords.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0B | 0x0C | b'\r')
}

/// Reads `name = value name = 'value'` from `start` on.
pub(super) fn read_keywords(source: &mut Source<'_>, start: usize) -> Draft {
    let end = source.end();
    let mut draft = Draft::default();
    let skip_space = |source: &Source<'_>, mut at: usize| {
        while at < end && is_space(source.byte(at)) {
            at += 1;
        }
        at
    };
    let mut at = skip_space(source, start);
    while at < end {
        let name = at;
        while at < end && source.byte(at) != b'=' && !is_space(source.byte(at)) {
            at += 1;
        }
        let name = name..at;
        at = skip_space(source, at);
        if source.byte(at) != b'=' {
            source.problem(ProblemKind::MissingEquals, name);
            continue;
        }
        at = skip_space(source, at + 1);
        let (value, span, next) = keyword_value(source, at);
        let written = source.text[name.clone()].to_owned();
        draft.store_libpq(source, &written, value, Place { name, value: span });
        at = skip_space(source, next);
    }
    draft
}

/// One value, quoted or not: decoded, its place without quotes, and where reading goes on.
fn keyword_value(source: &mut Source<'_>, start: usize) -> (String, Range<usize>, usize) {
    let end = source.end();
    let quoted = source.byte(start) == b'\'';
    let first = if quoted { start + 1 } else { start };
    let mut value = String::new();
    let mut at = first;
    loop {
        // A placeholder in an unquoted value may hold white space; in a quoted one it changes nothing.
        if !quoted
            && source.has_placeholders()
            && let Some(stop) = opaque::placeholder_end(source.text, at)
        {
            value.push_str(&source.text[at..stop]);
            at = stop;
            continue;
        }
        let Some(character) = source.text[at..].chars().next() else {
            if quoted {
                source.problem(ProblemKind::UnterminatedQuote, start..end);
            }
            return (value, first..at, at);
        };
        match character {
            '\'' if quoted => return (value, first..at, at + 1),
            '\\' => {
                let escaped = source.text[at + 1..].chars().next();
                value.extend(escaped);
                at += 1 + escaped.map_or(0, char::len_utf8);
            }
            _ if !quoted && is_space(source.byte(at)) => return (value, first..at, at),
            _ => {
                value.push(character);
                at += character.len_utf8();
            }
        }
    }
}

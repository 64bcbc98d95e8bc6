//! Where libpq and `SQLAlchemy` read the same URL differently.

use super::draft::Draft;
use super::libpq;
use super::parts::{ConnectionString, Dialect};
use super::problem::ProblemKind;
use super::source::Source;
use super::url::{self, UserInfo};

/// The parts of a connection string that a reading can differ in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PartName {
    /// `postgres://`, which `SQLAlchemy` 1.4 and later refuse.
    Scheme,
    /// The user.
    User,
    /// The password.
    Password,
    /// One of the hosts.
    Host,
    /// One of the ports; also several `host:port` pairs, which `SQLAlchemy` refuses before the `?`.
    Port,
    /// The database.
    Database,
    /// A parameter: a `+` in a query is a plus for libpq and a space for `SQLAlchemy`.
    Parameter,
}

/// What libpq and `SQLAlchemy` do not agree on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ambiguity {
    /// Parts that reach the server differently (or not at all), without repetition, in the order of [`PartName`].
    pub parts: Vec<PartName>,
    /// Parts given in the query (`?host=/socket`): the connection is the same, but `SQLAlchemy`'s `URL.host` and
    /// every program that looks at the URL itself see what stands before the `?`.
    pub in_query: Vec<PartName>,
}

/// Compares the readings of what follows `://`, beginning at `start`, up to the end of `text`.
pub(super) fn find(text: &str, scheme: &str, start: usize) -> Option<Ambiguity> {
    let read = |how: &dyn Fn(&mut Source<'_>) -> Draft, dialect| {
        let mut source = Source::with_placeholders(text);
        how(&mut source).finish(&mut source, dialect, "postgresql")
    };
    let source = Source::with_placeholders(text);
    let end = source.end();
    let libpq = read(&|source| libpq::read_uri(source, start), Dialect::LibpqUri);
    let alchemy = read(&|source| url::read(source, start, b'&'), Dialect::SqlAlchemy);

    let mut parts = differing(&libpq, &alchemy);
    if scheme == "postgres" {
        parts.push(PartName::Scheme);
    }
    if alchemy.has_problem(&ProblemKind::SeveralHostsInUrl) {
        parts.push(PartName::Port);
    }
    parts.extend(spoiled(&libpq));
    // What was meant, and what SQLAlchemy read before 1.4: a password up to the last `@` of the authority.
    let query = source.find(start..end, b"?").unwrap_or(end);
    let last = source.find_last(start..end, b"@").filter(|&at| at < query || used_at(&source, start) == Some(at));
    if let (Some(at), Some(colon)) = (last, source.find(start..end, b":"))
        && colon < at
    {
        let meant = read(
            &|source| {
                let info = UserInfo { user: start..colon, password: Some(colon + 1..at), host: at + 1 };
                url::read_after(source, info, b'&')
            },
            Dialect::SqlAlchemy,
        );
        parts.extend(differing(&libpq, &meant));
    }
    let in_query: Vec<PartName> = [
        (PartName::User, libpq.user.as_ref().map(|part| part.span.start)),
        (PartName::Password, libpq.password.as_ref().map(|part| part.span.start)),
        (PartName::Host, libpq.hosts.iter().find_map(|host| host.host.as_ref()).map(|part| part.span.start)),
        (PartName::Port, libpq.hosts.iter().find_map(|host| host.port.as_ref()).map(|part| part.span.start)),
        (PartName::Database, libpq.database.as_ref().map(|part| part.span.start)),
    ]
    .into_iter()
    .filter(|(_, place)| place.is_some_and(|place| place > query))
    .map(|(part, _)| part)
    .collect();
    if query < end && source.find(query..end, b"+").is_some() && !parts.contains(&PartName::Password) {
        parts.push(PartName::Parameter);
    }
    parts.sort_unstable();
    parts.dedup();
    (!parts.is_empty() || !in_query.is_empty()).then_some(Ambiguity { parts, in_query })
}

/// The `@` that ends libpq's user and password.
fn used_at(source: &Source<'_>, start: usize) -> Option<usize> {
    source.find(start..source.end(), b"@/").filter(|&at| source.byte(at) == b'@')
}

/// Whether another reading, with the password up to the last `@`, would take more into the password.
/// `used` is the `@` that this reading took for the end of the password.
pub(super) fn boundaries_in_doubt(source: &Source<'_>, start: usize, used: Option<usize>) -> bool {
    source
        .find_last(start..source.end(), b"@")
        .is_some_and(|last| Some(last) != used && source.find(start..last, b":").is_some())
}

/// [`boundaries_in_doubt`] for libpq's reading.
pub(super) fn libpq_in_doubt(source: &Source<'_>, start: usize) -> bool {
    boundaries_in_doubt(source, start, used_at(source, start))
}

fn differing(one: &ConnectionString, other: &ConnectionString) -> Vec<PartName> {
    let user = |read: &ConnectionString| read.user.as_ref().map(|part| part.value.clone());
    let password = |read: &ConnectionString| read.password.as_ref().map(|part| part.value.clone());
    let database = |read: &ConnectionString| read.database.as_ref().map(|part| part.value.clone());
    [
        (PartName::User, user(one) != user(other)),
        (PartName::Password, password(one) != password(other)),
        (PartName::Host, one.host_list() != other.host_list()),
        (PartName::Port, one.port_list() != other.port_list()),
        (PartName::Database, database(one) != database(other)),
    ]
    .into_iter()
    .filter_map(|(part, differs)| differs.then_some(part))
    .collect()
}

/// The parts that libpq cannot decode; `SQLAlchemy` takes a stray `%` for itself.
fn spoiled(libpq: &ConnectionString) -> Vec<PartName> {
    let encoding: Vec<usize> = libpq
        .problems
        .iter()
        .filter(|problem| {
            matches!(problem.kind, ProblemKind::BadPercent | ProblemKind::PercentNul | ProblemKind::NotUtf8)
        })
        .map(|problem| problem.span.start)
        .collect();
    let hit = |span: Option<&std::ops::Range<usize>>| {
        span.is_some_and(|span| encoding.iter().any(|place| span.contains(place)))
    };
    let hosts = &libpq.hosts;
    [
        (PartName::User, hit(libpq.user.as_ref().map(|part| &part.span))),
        (PartName::Password, hit(libpq.password.as_ref().map(|part| &part.span))),
        (PartName::Host, hosts.iter().any(|host| hit(host.host.as_ref().map(|part| &part.span)))),
        (PartName::Port, hosts.iter().any(|host| hit(host.port.as_ref().map(|part| &part.span)))),
        (PartName::Database, hit(libpq.database.as_ref().map(|part| &part.span))),
        (PartName::Parameter, libpq.parameters.iter().any(|parameter| hit(Some(&parameter.span)))),
    ]
    .into_iter()
    .filter_map(|(part, differs)| differs.then_some(part))
    .collect()
}

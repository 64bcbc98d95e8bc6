//! What a reader has found so far, and how it becomes a connection string.

use std::ops::Range;

use crate::redact::Secret;

use super::parts::{ConnectionString, Dialect, Host, Parameter, ParameterValue, Part, is_plain_word};
use super::problem::ProblemKind;
use super::source::Source;

/// The parts of a connection string before hosts, addresses and ports are put together.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) user: Option<Part<String>>,
    pub(super) password: Option<Part<Secret>>,
    pub(super) hosts: Vec<Option<Part<String>>>,
    pub(super) hostaddrs: Vec<Option<Part<String>>>,
    pub(super) ports: Vec<Option<Part<String>>>,
    pub(super) database: Option<Part<String>>,
    pub(super) parameters: Vec<Parameter>,
}

impl Draft {
    /// Stores a value under the name of a part (`host`, `user`, `dbname` ...), replacing what stood there before.
    /// Gives the value back if the name is that of a mere parameter.
    pub(super) fn store_part(
        &mut self,
        source: &Source<'_>,
        name: &str,
        value: String,
        span: &Range<usize>,
    ) -> Option<String> {
        match name {
            "host" => self.hosts = source.list(&value, span),
            "hostaddr" => self.hostaddrs = source.list(&value, span),
            "port" => self.ports = source.list(&value, span),
            "user" => self.user = Some(Part { value, span: span.clone() }),
            "password" => self.password = Some(Part { value: Secret::new(value), span: span.clone() }),
            "dbname" => self.database = Some(Part { value, span: span.clone() }),
            _ => return Some(value),
        }
        None
    }

    /// Stores a parameter as libpq does: a known name, its old spellings translated, the last of its name.
    pub(super) fn store_libpq(&mut self, source: &mut Source<'_>, name: &str, value: String, place: Place) {
        let Place { name: name_span, value: span } = place;
        // The conninfo code of libpq still translates what `requiressl` meant before `sslmode` existed.
        let (name, value) = if name == "requiressl" {
            ("sslmode", if value.starts_with('1') { "require" } else { "prefer" }.to_owned())
        } else {
            (name, value)
        };
        let known = super::libpq::is_libpq_parameter(name);
        if !known {
            let shown = is_plain_word(name).then(|| name.to_owned());
            source.problem(ProblemKind::UnknownParameter { name: shown }, name_span.clone());
        }
        let Some(value) = self.store_part(source, name, value, &span) else { return };
        let parameter = Parameter { name: name.to_owned(), value: ParameterValue::new(name, value), span };
        // Only known names are looked for: there are few of them, however long a hostile string is.
        let earlier = if known { self.parameters.iter_mut().find(|earlier| earlier.name == name) } else { None };
        match earlier {
            Some(earlier) => {
                source.problem(ProblemKind::RepeatedParameter, name_span);
                *earlier = parameter;
            }
            None => self.parameters.push(parameter),
        }
    }

    /// Puts hosts, addresses and ports together as libpq does when it connects: as many as there are addresses or
    /// else hosts; one port serves all.
    pub(super) fn finish(mut self, source: &mut Source<'_>, dialect: Dialect, engine: &str) -> ConnectionString {
        if self.ports.iter().all(Option::is_none) {
            // Every port is the default one, however many commas say so.
            self.ports.clear();
        }
        let count = if self.hostaddrs.is_empty() { self.hosts.len().max(1) } else { self.hostaddrs.len() };
        let one_port = self.ports.len() == 1;
        for (list, single_serves_all) in [(&self.hosts, false), (&self.ports, true)] {
            let fits = list.is_empty() || list.len() == count || (single_serves_all && list.len() == 1);
            if !fits && let Some(part) = list.iter().flatten().next() {
                source.problem(ProblemKind::CountMismatch, part.span.clone());
            }
        }
        let most = count.max(self.hosts.len()).max(self.ports.len());
        let at = |list: &[Option<Part<String>>], index: usize| list.get(index).cloned().flatten();
        let mut hosts: Vec<Host> = (0..most)
            .map(|index| Host {
                host: at(&self.hosts, index),
                hostaddr: at(&self.hostaddrs, index),
                port: at(&self.ports, if one_port { 0 } else { index }),
            })
            .collect();
        if hosts.len() == 1 && hosts[0] == Host::default() {
            hosts.clear();
        }
        let mut read = ConnectionString::new(dialect, engine);
        read.user = self.user;
        read.password = self.password;
        read.hosts = hosts;
        read.database = self.database;
        read.parameters = self.parameters;
        read.problems = std::mem::take(&mut source.problems);
        read
    }
}

/// Where a parameter stands.
pub(super) struct Place {
    pub(super) name: Range<usize>,
    pub(super) value: Range<usize>,
}

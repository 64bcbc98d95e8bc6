//! Variables of `.env` files and the process environment, collected into one definition for each family of names.

use std::ops::Range;

use crate::document::{Entry, NodeId, ScalarStyle};
use crate::finding::Finding;
use crate::model::{Connection, Key, Origin, Role, Setting, Settings, SourceKind, Store, StorePart, Value};
use crate::redact::{self, Secret};
use crate::rules;
use crate::template::{self, Syntax, Template};

use super::Names;
use super::families::{self, Family, Subject, Variable, classify};
use super::family_draft::Draft;
use super::reader::{Found, FoundUse, Place, Reader, Reading};
use super::synonyms::Field;
use super::url;

/// A variable as it stands in its source.
pub(super) struct Assignment<'source> {
    pub(super) name: &'source str,
    pub(super) text: &'source str,
    pub(super) syntax: Syntax,
    pub(super) origin: &'source Origin,
    /// Where a part of the text stands.
    pub(super) place: &'source dyn Fn(Range<usize>) -> Origin,
}

/// Collects variables, in whatever order they come, into one definition for each family.
#[derive(Default)]
pub(super) struct Collector {
    drafts: Vec<Draft>,
    services: Vec<(&'static str, Settings)>,
    stores: Vec<Store>,
    replicas: Vec<Connection>,
    uses: Vec<Origin>,
    findings: Vec<Finding>,
}

/// What a collector has collected.
pub(super) struct Collected {
    pub(super) found: Vec<Found>,
    pub(super) services: Vec<(&'static str, Settings)>,
    pub(super) stores: Vec<Store>,
    /// Places that refer to `MLflow`'s database.
    pub(super) uses: Vec<Origin>,
    pub(super) findings: Vec<Finding>,
}

impl Collector {
    /// Takes a variable; false if it is nobody's here.
    pub(super) fn take(&mut self, name: &str, text: &str, syntax: Syntax, origin: &Origin, names: &Names) -> bool {
        self.take_placed(&Assignment { name, text, syntax, origin, place: &|_| origin.clone() }, names)
    }

    /// Takes a variable of whose text each part has its own place; false if it is nobody's here.
    pub(super) fn take_placed(&mut self, assignment: &Assignment<'_>, names: &Names) -> bool {
        let Some(variable) = classify(assignment.name, names) else { return false };
        let is_password = variable.field == Field::Key(Key::Password);
        if assignment.text.is_empty() && !is_password {
            return true;
        }
        if variable.field == Field::Key(Key::Port) && is_link(assignment.text) {
            return true;
        }
        match &variable.subject {
            Subject::Replicas => self.replicas(assignment),
            Subject::Service(service) => self.service_variable(service, &variable.field, assignment),
            Subject::Database { place, family } => self.database(place, *family, &variable, assignment),
        }
        true
    }

    fn service_variable(&mut self, service: &'static str, field: &Field, assignment: &Assignment<'_>) {
        let Field::Key(key) = field else { return };
        if *key == Key::TrackingUri
            && let Some(connection) = self.connection(assignment)
        {
            self.uses.push(assignment.origin.clone());
            self.draft(&Place::Role(Role::Mlflow), Family::Mlflow).urls.push((families::TRACKING_URI, connection));
        }
        if let Some(value) = self.value(*key, assignment) {
            let setting = Setting::new(value, assignment.origin.clone());
            self.service(service).add_weaker(*key, setting);
        }
    }

    fn database(&mut self, place: &Place, family: Family, variable: &Variable, assignment: &Assignment<'_>) {
        let Assignment { text, syntax, origin, .. } = *assignment;
        let rank = variable.rank;
        match &variable.field {
            Field::Url => self.url(place, family, rank, assignment),
            Field::Key(key) => {
                if let Some(value) = self.value(*key, assignment) {
                    self.draft(place, family).fields.push((rank, *key, Setting::new(value, origin.clone())));
                }
            }
            Field::PerhapsEngine => {
                if let Some(engine) = super::values::engine(text) {
                    let setting = Setting::new(Value::text(engine), origin.clone());
                    self.draft(place, family).fields.push((rank, Key::Engine, setting));
                }
            }
            Field::Parameter(parameter) => {
                let value = super::values::text_value(text, syntax, redact::is_secret_name(parameter));
                let setting = Setting::new(value, origin.clone());
                self.draft(place, family).parameters.push((parameter.clone(), setting));
            }
            Field::Ssl => {
                let mode = match super::values::switch(text) {
                    Some(true) => "require",
                    Some(false) => "disable",
                    None => text,
                };
                let setting = Setting::new(Value::Text { text: mode.to_owned(), syntax }, origin.clone());
                self.draft(place, family).fields.push((rank, Key::SslMode, setting));
            }
            Field::Replicas => self.replicas(assignment),
            _ => {}
        }
    }

    fn url(&mut self, place: &Place, family: Family, rank: u8, assignment: &Assignment<'_>) {
        let Assignment { name, text, syntax, origin, .. } = *assignment;
        if let Some(connection) = self.connection(assignment) {
            if family == Family::Mlflow {
                self.uses.push(origin.clone());
            }
            self.draft(place, family).urls.push((rank, connection));
        } else if !Template::parse(text, syntax).is_literal() {
            let value = Value::Url { text: Secret::new(text), syntax };
            self.draft(place, family).open_urls.push((rank, Setting::new(value, origin.clone())));
        } else if text.len() >= 3 && text.bytes().all(|byte| byte == b'*') {
            let message = "a mask stands in place of the value";
            let help = "put the value back";
            self.findings.push(Finding::new(&rules::syntax::masked_value::INFO, origin.clone(), message).help(help));
        } else if family == Family::Mlflow {
            let setting = Setting::new(Value::Url { text: Secret::new(text), syntax }, origin.clone());
            self.stores.push(Store { part: StorePart::Backend, setting });
        } else if is_general(place) && !may_be_anothers(text) {
            // The name is a general one; `VECTOR_DB_URL=qdrant:6333` is another engine's business.
            let message = format!("`{}` is not a connection string of a database", redact::show_text(name));
            let help = "write postgresql://user@host:5432/database, or host=... dbname=...";
            self.findings.push(Finding::new(&rules::syntax::unparsable::INFO, origin.clone(), message).help(help));
        }
    }

    fn connection(&mut self, assignment: &Assignment<'_>) -> Option<Connection> {
        url::connection_of_text(assignment.text, assignment.syntax, assignment.place, &mut self.findings)
    }

    fn value(&mut self, key: Key, assignment: &Assignment<'_>) -> Option<Value> {
        let value = super::values::checked(key, assignment.text, assignment.syntax);
        if value.is_none() {
            let (name, wanted) = (redact::show_text(assignment.name), super::values::wanted(key));
            let message = format!("`{name}` takes {wanted}, and this is text");
            let help = format!("write {wanted}, or `${{VARIABLE}}`");
            self.findings
                .push(Finding::new(&rules::syntax::wrong_type::INFO, assignment.origin.clone(), message).help(help));
        }
        value
    }

    fn replicas(&mut self, assignment: &Assignment<'_>) {
        let whole = assignment.text;
        for piece in super::values::split_urls(whole.trim_matches(['[', ']', '"', '\'', ' '])) {
            let piece = piece.trim_matches([',', ' ', '"', '\'']);
            // A piece is a part of the text, so the distance of their beginnings is its place.
            let start = piece.as_ptr() as usize - whole.as_ptr() as usize;
            let place = |range: Range<usize>| (assignment.place)(start + range.start..start + range.end);
            let connection = url::connection_of_text(piece, assignment.syntax, &place, &mut self.findings);
            self.replicas.extend(connection);
        }
    }

    fn service(&mut self, name: &'static str) -> &mut Settings {
        let at = self.services.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
            self.services.push((name, Settings::default()));
            self.services.len() - 1
        });
        &mut self.services[at].1
    }

    fn draft(&mut self, place: &Place, family: Family) -> &mut Draft {
        // `DB_*` belongs to whatever `PRIMARY_DATABASE_URL` or `DATABASE_URL` defines.
        let known = |draft: &Draft| {
            draft.family == family
                && (draft.place == *place
                    || (family == Family::Database && [&draft.place, place].iter().all(|place| is_general(place))))
        };
        let at = self.drafts.iter().position(known).unwrap_or_else(|| {
            self.drafts.push(Draft {
                place: place.clone(),
                family,
                fields: Vec::new(),
                parameters: Vec::new(),
                urls: Vec::new(),
                open_urls: Vec::new(),
            });
            self.drafts.len() - 1
        });
        let draft = &mut self.drafts[at];
        if *place == Place::Role(Role::Main) {
            draft.place = place.clone();
        }
        draft
    }

    /// The definitions, the strongest of a role first, and the findings on the way.
    pub(super) fn finish(mut self, layout: &'static str) -> Collected {
        // The order of variables means nothing, so it must not decide which definition wins.
        self.drafts.sort_by_key(|draft| (!draft.has_url(), draft.family, draft.place == Place::ByDatabaseName));
        let mut findings = self.findings;
        let mut found: Vec<Found> = self.drafts.into_iter().map(|draft| draft.finish(layout, &mut findings)).collect();
        found.retain(|found| !found.connection.settings.is_empty() || !found.connection.parameters.is_empty());
        for replica in self.replicas {
            found.push(Found::new("REPLICA_DATABASE_URLS", layout, Place::Replica, replica));
        }
        Collected { found, services: self.services, stores: self.stores, uses: self.uses, findings }
    }
}

fn is_general(place: &Place) -> bool {
    matches!(place, Place::ByDatabaseName | Place::Role(Role::Main))
}

/// `POSTGRES_PORT=tcp://10.0.0.1:5432` is set by Kubernetes and Docker for a service called `postgres`.
fn is_link(text: &str) -> bool {
    ["tcp://", "udp://"].iter().any(|scheme| text.starts_with(scheme))
}

/// Whether a text that is no connection string may be right in its place all the same: a URL of another kind, a
/// reference to a vault, the connection string of another world (`Server=..;Database=..`), or a template.
fn may_be_anothers(text: &str) -> bool {
    let text = text.trim();
    let is_url = text.split_once("://").is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-._".contains(&byte))
    });
    let is_reference = ["file:", "arn:", "vault:", "ssm:", "secret:", "libsql:", ":memory:"];
    let is_template = ["${", "{{", "%(", "<", "$("];
    text.is_empty()
        || is_url
        || template::is_placeholder(text)
        || is_reference.iter().any(|start| text.starts_with(start))
        || is_template.iter().any(|sign| text.contains(sign))
        || (text.contains(';') && text.contains('='))
}

/// Which database a variable or flat key of this name is about, and what it says of it; nothing if it is about another
/// thing, or is libpq's own.
pub fn flat_key(name: &str, names: &Names) -> Option<(Place, Field)> {
    let variable = classify(name, names)?;
    match variable.subject {
        Subject::Database { place, family } if family != Family::Libpq => Some((place, variable.field)),
        _ => None,
    }
}

/// Reads an `.env` file.
pub(super) fn read_file(reader: &mut Reader<'_>, root: NodeId) {
    let mut collector = Collector::default();
    for (name, entry) in reader.named(root) {
        take_entry(reader, &mut collector, &name, entry);
    }
    reader.add_collected(collector, "variables");
}

/// Takes the variable at an entry; false if it is nobody's here.
pub(super) fn take_entry(reader: &Reader<'_>, collector: &mut Collector, name: &str, entry: Entry) -> bool {
    let node = entry.value;
    let Some(scalar) = reader.document.scalar(node) else {
        let Some(text) = reader.document.text_of(node) else { return false };
        return collector.take(name, text, reader.syntax(node), &reader.origin(node), reader.names);
    };
    let is_env = matches!(reader.kind, SourceKind::Env { .. });
    let is_plain = scalar.style == ScalarStyle::Plain;
    // Laravel's `DB_PASSWORD=null` means that there is none.
    let is_null = is_env && is_plain && scalar.text == "null" && name.to_ascii_lowercase().ends_with("password");
    let text = if is_null { "" } else { scalar.text };
    let origin = reader.origin(node);
    let part = scalar.parts();
    let place = |range: Range<usize>| Origin::part(reader.source, node, part(range));
    let assignment = Assignment { name, text, syntax: reader.syntax(node), origin: &origin, place: &place };
    collector.take_placed(&assignment, reader.names)
}

/// Reads the process environment.
pub(super) fn read_process(variables: &[(String, Secret)], names: &Names, reading: &mut Reading) {
    let mut collector = Collector::default();
    // Its order is an accident.
    let mut variables: Vec<&(String, Secret)> = variables.iter().collect();
    variables.sort_by(|one, other| one.0.cmp(&other.0));
    for (name, value) in variables {
        let origin = Origin::Variable { name: name.as_str().into() };
        collector.take(name, value.expose(), Syntax::Verbatim, &origin, names);
    }
    let collected = collector.finish("variables");
    reading.found.extend(collected.found);
    for (name, settings) in collected.services {
        let name = name.to_owned();
        reading.services.push(super::FoundService { name, environment: None, settings });
    }
    let stores = collected.stores.into_iter().map(|store| super::FoundStore { environment: None, store });
    reading.stores.extend(stores);
    for origin in collected.uses {
        reading.uses.push(FoundUse { origin, name: "mlflow".to_owned(), environment: None });
    }
    reading.findings.extend(collected.findings);
}

impl Reader<'_> {
    /// Adds what a collector has collected.
    pub(super) fn add_collected(&mut self, collector: Collector, layout: &'static str) {
        let mut collected = collector.finish(layout);
        for found in std::mem::take(&mut collected.found) {
            self.add(found);
        }
        self.add_beside(collected);
    }

    /// Adds what a collector has collected besides definitions of databases.
    pub(super) fn add_beside(&mut self, collected: Collected) {
        for (name, settings) in collected.services {
            self.add_service(name, settings);
        }
        for store in collected.stores {
            self.add_store(store);
        }
        for origin in collected.uses {
            self.add_use(origin, "mlflow");
        }
        for finding in collected.findings {
            self.report(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(variables: &[(&str, &str)]) -> Vec<String> {
        let variables: Vec<(String, Secret)> =
            variables.iter().map(|(name, text)| ((*name).to_owned(), Secret::new(*text))).collect();
        let mut reading = Reading::default();
        read_process(&variables, &Names::default(), &mut reading);
        let host = |found: &Found| found.connection.settings.value(Key::Host).map(Value::expose);
        reading.found.iter().filter_map(host).collect()
    }

    #[test]
    fn the_order_of_variables_decides_nothing() {
        let mut variables = [
            ("PGHOST", "h5"),
            ("DB_URL", "postgresql://u@h3/other"),
            ("POSTGRES_HOST", "h2"),
            ("DATABASE_URL", "postgresql://u@h1/app"),
            ("POSTGRES_DB", "app"),
        ];
        for _ in 0..variables.len() {
            variables.rotate_left(1);
            assert_eq!(hosts(&variables), ["h1", "h2", "h5"]);
        }
        variables.reverse();
        assert_eq!(hosts(&variables), ["h1", "h2", "h5"]);
    }

    #[test]
    fn what_is_no_connection_string_may_be_right_all_the_same() {
        for text in ["https://api.example.com", "file:./dev.db", "${DATABASE_URL}", "<DATABASE_URL>", "op://a/b", " "] {
            assert!(may_be_anothers(text), "{text}");
        }
        for text in ["postgres//u@h/d", "=oops", "localhost:5432/app", "://u@h/d"] {
            assert!(!may_be_anothers(text), "{text}");
        }
    }
}

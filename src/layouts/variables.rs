//! Variables of `.env` files and the process environment, collected into one definition for each family of names.

use crate::document::{Entry, NodeId};
use crate::finding::{self, Finding};
use crate::model::{Key, Origin, Role, Setting, Settings, Value};
use crate::redact::{self, Secret};
use crate::template::Syntax;

use super::Names;
use super::families::{Family, Subject, classify};
use super::reader::{Found, Place, Reader, Reading};
use super::section::settle_sqlite;
use super::synonyms::Field;
use super::url;

/// Collects variables, in whatever order they come, into one definition for each family.
#[derive(Default)]
pub(super) struct Collector {
    drafts: Vec<Draft>,
    services: Vec<(&'static str, Settings)>,
    replicas: Vec<crate::model::Connection>,
    findings: Vec<Finding>,
}

struct Draft {
    place: Place,
    family: Family,
    fields: Vec<(u8, Key, Setting)>,
    parameters: Vec<(String, Setting)>,
    url: Option<crate::model::Connection>,
    unresolved_url: Option<Setting>,
}

impl Collector {
    /// Takes a variable; false if it is nobody's here.
    pub(super) fn take(&mut self, name: &str, text: &str, syntax: Syntax, origin: &Origin, names: &Names) -> bool {
        let Some(variable) = classify(name, names) else { return false };
        let is_password = variable.field == Field::Key(Key::Password);
        if text.is_empty() && !is_password {
            return true;
        }
        match variable.subject {
            Subject::Replicas => self.replicas(text, syntax, origin),
            Subject::Service(service) => {
                if let Field::Key(key) = variable.field
                    && let Some(value) = self.value(key, name, text, syntax, origin)
                {
                    let settings = self.service(service);
                    settings.add_weaker(key, Setting::new(value, origin.clone()));
                }
            }
            Subject::Database { place, family } => {
                self.database(place, family, &variable.field, variable.rank, name, text, syntax, origin);
            }
        }
        true
    }

    #[allow(clippy::too_many_arguments, reason = "a variable is all of these, and only take() calls this")]
    fn database(
        &mut self,
        place: Place,
        family: Family,
        field: &Field,
        rank: u8,
        name: &str,
        text: &str,
        syntax: Syntax,
        origin: &Origin,
    ) {
        match field {
            Field::Url => {
                let connection = url::connection_of_variable(text, syntax, origin, &mut self.findings);
                let is_open = text.contains('$');
                let draft = self.draft(place, family);
                match connection {
                    Some(connection) => match &mut draft.url {
                        None => draft.url = Some(connection),
                        Some(first) => {
                            first.fill(connection, |_| true);
                        }
                    },
                    None if is_open => {
                        let value = Value::Url { text: Secret::new(text), syntax };
                        draft.unresolved_url = Some(Setting::new(value, origin.clone()));
                    }
                    None => {}
                }
            }
            Field::Key(key) => {
                if let Some(value) = self.value(*key, name, text, syntax, origin) {
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
                let value = if redact::is_secret_name(parameter) {
                    Value::Secret { text: Secret::new(text), syntax }
                } else {
                    Value::Text { text: text.to_owned(), syntax }
                };
                let setting = Setting::new(value, origin.clone());
                self.draft(place, family).parameters.push((parameter.clone(), setting));
            }
            Field::Ssl => {
                let mode = match text.to_ascii_lowercase().as_str() {
                    "true" | "1" | "yes" | "on" => "require",
                    "false" | "0" | "no" | "off" => "disable",
                    _ => text,
                };
                let setting = Setting::new(Value::Text { text: mode.to_owned(), syntax }, origin.clone());
                self.draft(place, family).fields.push((rank, Key::SslMode, setting));
            }
            Field::Replicas => self.replicas(text, syntax, origin),
            _ => {}
        }
    }

    fn value(&mut self, key: Key, name: &str, text: &str, syntax: Syntax, origin: &Origin) -> Option<Value> {
        let value = super::values::checked(key, text, syntax);
        if value.is_none() {
            let message =
                format!("`{}` takes {}, and this is text", redact::show_text(name), super::values::wanted(key));
            let help = format!("write {}, or `${{VARIABLE}}`", super::values::wanted(key));
            self.findings.push(Finding::new(&finding::WRONG_TYPE, origin.clone(), message).help(help));
        }
        value
    }

    fn replicas(&mut self, text: &str, syntax: Syntax, origin: &Origin) {
        for piece in super::values::split_urls(text.trim_matches(['[', ']', '"', '\'', ' '])) {
            let piece = piece.trim_matches([',', ' ', '"', '\'']);
            self.replicas.extend(url::connection_of_variable(piece, syntax, origin, &mut self.findings));
        }
    }

    fn service(&mut self, name: &'static str) -> &mut Settings {
        let at = self.services.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
            self.services.push((name, Settings::default()));
            self.services.len() - 1
        });
        &mut self.services[at].1
    }

    fn draft(&mut self, place: Place, family: Family) -> &mut Draft {
        // `DB_*` belongs to whatever `PRIMARY_DATABASE_URL` or `DATABASE_URL` defines.
        let known = |draft: &Draft| {
            draft.family == family
                && (draft.place == place
                    || (family == Family::Database && [&draft.place, &place].iter().all(|place| is_general(place))))
        };
        let at = self.drafts.iter().position(known).unwrap_or_else(|| {
            let (fields, parameters) = (Vec::new(), Vec::new());
            self.drafts.push(Draft {
                place: place.clone(),
                family,
                fields,
                parameters,
                url: None,
                unresolved_url: None,
            });
            self.drafts.len() - 1
        });
        let draft = &mut self.drafts[at];
        if place == Place::Role(Role::Main) {
            draft.place = place;
        }
        draft
    }

    /// The definitions, and the findings on the way.
    pub(super) fn finish(self, layout: &'static str) -> (Vec<Found>, Vec<(&'static str, Settings)>, Vec<Finding>) {
        let mut findings = self.findings;
        let mut found: Vec<Found> = self.drafts.into_iter().map(|draft| draft.finish(layout, &mut findings)).collect();
        found.retain(|found| !found.connection.settings.is_empty() || !found.connection.parameters.is_empty());
        for replica in self.replicas {
            found.push(Found::new("REPLICA_DATABASE_URLS", layout, Place::Replica, replica));
        }
        (found, self.services, findings)
    }
}

fn is_general(place: &Place) -> bool {
    matches!(place, Place::ByDatabaseName | Place::Role(Role::Main))
}

impl Draft {
    fn finish(mut self, layout: &'static str, findings: &mut Vec<Finding>) -> Found {
        let is_whole = self.url.is_some() || self.unresolved_url.is_some();
        let has_url = self.url.is_some();
        let mut connection = self.url.unwrap_or_default();
        if let Some(url) = self.unresolved_url {
            connection.settings.set(Key::Url, url);
        }
        let of_url: Vec<Key> = connection.settings.iter().map(|(key, _)| key).collect();
        self.fields.sort_by_key(|(rank, key, _)| (*key, *rank));
        for (_, key, setting) in self.fields {
            let origin = setting.origin.clone();
            let differs = connection.settings.add_weaker(key, setting);
            if differs
                && has_url
                && of_url.contains(&key)
                && let Some(winner) = connection.settings.get(key)
            {
                let message = format!("the URL beside it names another {}, and wins", key.path().replace('_', " "));
                findings.push(
                    Finding::new(&finding::URL_FIELDS_DISAGREE, origin, message)
                        .help("remove the field, or the URL")
                        .related(winner.origin.clone(), "this is used"),
                );
            }
        }
        for (name, setting) in self.parameters {
            connection.parameters.insert_if_absent(name, setting);
        }
        settle_sqlite(&mut connection);
        let role = match &self.place {
            Place::Role(role) => role.name().to_owned(),
            _ => String::new(),
        };
        let title = self.family.title(&role);
        let title = if layout == "flat keys" { title.to_ascii_lowercase() } else { title };
        Found { is_whole, ..Found::new(title, layout, self.place, connection) }
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
    let Some(text) = reader.document.text_of(entry.value) else { return false };
    let (syntax, origin) = (reader.syntax(entry.value), reader.origin(entry.value));
    collector.take(name, text, syntax, &origin, reader.names)
}

/// Reads the process environment.
pub(super) fn read_process(variables: &[(String, Secret)], names: &Names, reading: &mut Reading) {
    let mut collector = Collector::default();
    for (name, value) in variables {
        let origin = Origin::Variable { name: name.as_str().into() };
        collector.take(name, value.expose(), Syntax::Verbatim, &origin, names);
    }
    let (found, services, findings) = collector.finish("variables");
    reading.found.extend(found);
    for (name, settings) in services {
        let name = name.to_owned();
        reading.services.push(super::FoundService { name, environment: None, settings });
    }
    reading.findings.extend(findings);
}

impl Reader<'_> {
    /// Adds what a collector has collected.
    pub(super) fn add_collected(&mut self, collector: Collector, layout: &'static str) {
        let (found, services, findings) = collector.finish(layout);
        for found in found {
            self.add(found);
        }
        for (name, settings) in services {
            self.add_service(name, settings);
        }
        for finding in findings {
            self.report(finding);
        }
    }
}

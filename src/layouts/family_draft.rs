//! One family of variables while it is collected: fields in whatever order, and the URLs that win over them.

use crate::finding::Finding;
use crate::model::{Connection, Key, Origin, Setting, Value};
use crate::rules::endpoint::url_fields_disagree;

use super::families::{self, Family};
use super::reader::{Found, Place};
use super::section::settle_sqlite;

/// What the variables of one family have said so far, each with its rank: the lowest wins.
pub(super) struct Draft {
    pub(super) place: Place,
    pub(super) family: Family,
    pub(super) fields: Vec<(u8, Key, Setting)>,
    pub(super) parameters: Vec<(String, Setting)>,
    pub(super) urls: Vec<(u8, Connection)>,
    /// Templates that may turn out to be URLs.
    pub(super) open_urls: Vec<(u8, Setting)>,
}

impl Draft {
    pub(super) fn has_url(&self) -> bool {
        !self.urls.is_empty() || !self.open_urls.is_empty()
    }

    /// The definition, and what is wrong with it.
    pub(super) fn finish(mut self, layout: &'static str, findings: &mut Vec<Finding>) -> Found {
        let is_whole = self.has_url();
        let has_url = !self.urls.is_empty();
        let title = self.title(layout);
        let mut connection = self.strongest_url(findings);
        let of_url: Vec<Key> = connection.settings.iter().map(|(key, _)| key).collect();
        self.fields.sort_by_key(|(rank, key, _)| (*key, *rank));
        for (_, key, setting) in self.fields {
            let is_of_url = has_url && of_url.contains(&key);
            if is_of_url && key == Key::Password && setting.value.is_empty() {
                // Nothing is said, and the URL has the password.
                continue;
            }
            let origin = setting.origin.clone();
            let is_open = setting.value.is_template();
            let differs = connection.settings.add_weaker(key, setting);
            // `DB_HOST` beside a URL with `${DB_HOST}` is a part of it, and other templates may come down to the same.
            if differs
                && is_of_url
                && !is_open
                && let Some(winner) = connection.settings.get(key).filter(|winner| !winner.value.is_template())
            {
                let message = format!("the URL beside it names another {}, and wins", key.path().replace('_', " "));
                findings.push(
                    Finding::new(&url_fields_disagree::INFO, origin, message)
                        .help("remove the field, or the URL")
                        .related(winner.origin.clone(), "this is used"),
                );
            }
        }
        for (name, setting) in self.parameters {
            connection.parameters.insert_if_absent(name, setting);
        }
        settle_sqlite(&mut connection);
        Found {
            is_whole,
            is_fallback: self.family == Family::Libpq,
            ..Found::new(title, layout, self.place, connection)
        }
    }

    fn title(&self, layout: &'static str) -> String {
        let role = match &self.place {
            Place::Role(role) => role.name().to_owned(),
            _ => String::new(),
        };
        let ranks = self.urls.iter().map(|(rank, _)| rank).chain(self.open_urls.iter().map(|(rank, _)| rank));
        let title = match ranks.min() {
            Some(&families::TRACKING_URI) if self.family == Family::Mlflow => "MLFLOW_TRACKING_URI".to_owned(),
            _ => self.family.title(&role),
        };
        if layout == "flat keys" { title.to_ascii_lowercase() } else { title }
    }

    /// The strongest of several URLs. Another that names the same place fills its gaps.
    fn strongest_url(&mut self, findings: &mut Vec<Finding>) -> Connection {
        self.urls.sort_by_key(|(rank, _)| *rank);
        self.open_urls.sort_by_key(|(rank, _)| *rank);
        let mut urls = std::mem::take(&mut self.urls).into_iter();
        let first = urls.next();
        let rank = first.as_ref().map(|(rank, _)| *rank);
        let mut connection = first.map(|(_, connection)| connection).unwrap_or_default();
        for (_, weaker) in urls {
            let differing = another_place(&connection, &weaker);
            if let Some(key) = differing {
                let origin = |of: &Connection| of.settings.get(key).map(|setting| setting.origin.clone());
                let place = origin(&weaker).or_else(|| weaker.first_origin().cloned()).unwrap_or(Origin::Default);
                let mut finding = Finding::new(
                    &url_fields_disagree::INFO,
                    place,
                    format!("another URL names another {}, and this one loses", key.path().replace('_', " ")),
                )
                .help("remove one of the two, or make them agree");
                if let Some(winner) = origin(&connection).or_else(|| connection.first_origin().cloned()) {
                    finding = finding.related(winner, "this is used");
                }
                findings.push(finding);
            }
            connection.fill(weaker, |_| differing.is_none());
        }
        // What a template comes down to replaces everything, so one that is weaker than a URL must not stay.
        if let Some((open, setting)) = self.open_urls.drain(..).next()
            && rank.is_none_or(|rank| open < rank)
        {
            connection.settings.set(Key::Url, setting);
        }
        connection
    }
}

/// The first key by which two URLs name different places. Templates may come down to the same.
fn another_place(one: &Connection, other: &Connection) -> Option<Key> {
    let said = |of: &Connection, key: Key| match of.settings.value(key) {
        Some(value) => value.expose().to_ascii_lowercase(),
        None => key.info().default.unwrap_or_default().to_owned(),
    };
    let is_open = |of: &Connection, key: Key| of.settings.value(key).is_some_and(Value::is_template);
    [Key::Engine, Key::Host, Key::HostAddress, Key::Port, Key::Path, Key::Database].into_iter().find(|key| {
        let both = [one, other];
        said(one, *key) != said(other, *key) && !both.iter().any(|of| is_open(of, *key))
    })
}

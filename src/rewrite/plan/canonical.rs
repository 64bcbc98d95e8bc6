//! One section in the keys of the canonical schema, in its own order, with everything that it does not know kept.

use std::collections::HashSet;

use crate::document::edit::{At, NewValue, Place};
use crate::layouts::{self, Field, GroupName};
use crate::model::{Key, NoteKind};
use crate::redact;

use super::work::Work;

/// What the canonical schema calls its groups.
fn group_name(group: GroupName) -> Option<&'static str> {
    match group {
        GroupName::Pool => Some("pool"),
        GroupName::Retry => Some("retry"),
        GroupName::Parameters => Some("parameters"),
        GroupName::Ssl | GroupName::Breaker => None,
    }
}

impl Work<'_> {
    /// Gives the keys of a section the names of the canonical schema. A section that is a connection string becomes one
    /// with fields.
    pub(super) fn canonicalise(&mut self, section: Place, is_sqlite: bool) {
        if !self.is_section(section) {
            self.unfold(section);
            return;
        }
        self.expand_merges(section);
        self.split_urls(section);
        if is_sqlite {
            self.settle_path(section);
        }
        for (name, place) in self.draft.entries(section) {
            if let Some(Field::Group(group)) = layouts::field(&name) {
                self.group(section, place, &name, group);
            } else if layouts::field(&name) == Some(Field::Ssl) {
                self.ssl(section, place);
            }
        }
        let mut seen = HashSet::new();
        for (name, place) in self.draft.entries(section) {
            if !self.draft.is_attached(place) || !seen.insert(place) {
                continue;
            }
            match layouts::field(&name) {
                Some(Field::Key(Key::Engine)) => self.engine(section, place),
                Some(Field::PerhapsEngine) if self.text(place).is_some_and(|text| layouts::engine(text).is_some()) => {
                    self.engine(section, place);
                }
                Some(Field::Key(key)) => self.settle(section, place, key.path()),
                Some(Field::Parameter(parameter)) if !self.is_section(place) => match Key::of_libpq(&parameter) {
                    Some(key) => self.settle(section, place, key.path()),
                    None => self.settle(section, place, &format!("parameters.{parameter}")),
                },
                Some(Field::Replicas) => self.members(section, place, "replicas"),
                Some(Field::Failover) => self.members(section, place, "failover"),
                _ => {}
            }
        }
    }

    /// Puts an entry of a section where the canonical schema has it: `pool.max_connections` goes into `pool`.
    pub(super) fn settle(&mut self, section: Place, place: Place, path: &str) {
        let Some((group, key)) = path.split_once('.') else { return self.put(place, section, path) };
        let into = match self.draft.find(section, group) {
            Some(known) if self.is_section(known) => known,
            Some(_) => return,
            None => self.draft.insert(section, At::Before(place), Some(group), NewValue::Map(Vec::new())),
        };
        self.put(place, into, key);
    }

    /// Puts an entry into a section under a key. Of two that say the same, the one that counts stays.
    pub(super) fn put(&mut self, place: Place, into: Place, key: &str) {
        match self.draft.find(into, key) {
            Some(known) if known == place => {}
            Some(known) if self.order(known) > self.order(place) => {
                self.drop_weaker(known, place);
                self.put(place, into, key);
            }
            Some(known) => self.drop_weaker(place, known),
            None if self.draft.parent(place) == Some(into) => {
                // What is renamed within a section that moves is a part of its move.
                let is_alone = !self.is_moving(into);
                if let Some(entry) =
                    self.draft.node(place).and_then(|node| self.document.entry(node)).filter(|_| is_alone)
                {
                    self.moves(entry);
                }
                self.draft.rename(place, key);
            }
            None => self.draft.shift(place, into, At::End, Some(key)),
        }
    }

    /// Drops an entry that another one wins over, and says so unless both say the same.
    pub(super) fn drop_weaker(&mut self, weaker: Place, stronger: Place) {
        let same = match (self.text(weaker), self.text(stronger)) {
            (Some(one), Some(other)) => one == other,
            _ => false,
        };
        if let Some(node) = self.draft.node(weaker) {
            let is_said = same || self.document.is_blank(node);
            if !is_said {
                let path = self.document.path(node).to_string();
                let message = format!("`{path}` is not used, since a stronger value stands elsewhere; it is dropped");
                self.note(NoteKind::Duplicate, node, message);
            }
        }
        self.drop_entry(weaker, Some(stronger));
    }

    /// `postgres` is `postgresql`, and a driver behind a plus has a key of its own.
    fn engine(&mut self, section: Place, place: Place) {
        let text = self.text(place).unwrap_or_default().to_owned();
        self.settle(section, place, Key::Engine.path());
        let Some(engine) = layouts::engine(&text).filter(|engine| *engine != text) else { return };
        if !self.draft.is_attached(place) {
            return;
        }
        let driver = text.split_once('+').map(|(_, driver)| driver.to_owned());
        self.replace(place, NewValue::Text(engine));
        if let Some(driver) = driver.filter(|_| self.draft.find(section, "driver").is_none()) {
            self.draft.insert(section, At::After(place), Some("driver"), NewValue::Text(driver));
        }
    }

    /// Replaces a value by another spelling of it.
    pub(super) fn replace(&mut self, place: Place, value: NewValue) {
        if let Some(node) = self.draft.node(place) {
            self.account(node);
        }
        self.draft.replace(place, value);
    }

    /// A SQLite section may call its file `host` or `database`; it has one place, and that is `path`.
    fn settle_path(&mut self, section: Place) {
        let wanted = [Key::Path, Key::Database, Key::Host];
        let mut found: Option<Place> = None;
        for key in wanted {
            for (name, place) in self.draft.entries(section) {
                let is_it = layouts::field(&name) == Some(Field::Key(key));
                if !is_it || !self.draft.is_attached(place) {
                    continue;
                }
                let is_blank = self.draft.node(place).is_some_and(|node| self.document.is_blank(node));
                match found {
                    Some(path) => self.drop_weaker(place, path),
                    None if is_blank => {}
                    None => {
                        self.draft.rename(place, "path");
                        found = Some(place);
                    }
                }
            }
        }
    }

    /// `connection_pool: {pool_timeout: 30}` is `pool: {acquire_timeout: 30}`; a number alone is the size.
    fn group(&mut self, section: Place, place: Place, name: &str, group: GroupName) {
        let Some(canonical) = group_name(group).filter(|_| name != "enabled") else { return };
        if !self.is_section(place) {
            self.group_number(section, place, group);
            return;
        }
        for (inner, child) in self.draft.entries(place) {
            let Some(key) = group.key_of(&inner) else { continue };
            let path = key.path().rsplit_once('.').map_or(key.path(), |(_, last)| last);
            self.put(child, place, path);
        }
        match self.draft.find(section, canonical) {
            Some(known) if known == place => {}
            Some(known) if self.is_section(known) => self.absorb(place, known, &|_| true),
            Some(_) => {}
            None => self.draft.rename(place, canonical),
        }
    }

    /// `pool: 5`, `retry: 3`
    fn group_number(&mut self, section: Place, place: Place, group: GroupName) {
        let Some(text) = self.text(place).map(str::to_owned) else { return };
        let Ok(number) = text.parse::<i64>() else { return };
        let key = match group {
            GroupName::Pool => Key::PoolMax,
            GroupName::Retry => Key::RetryAttempts,
            _ => return,
        };
        let Some((name, leaf)) = key.path().split_once('.') else { return };
        self.replace(place, NewValue::Map(vec![(leaf.to_owned(), NewValue::Integer(number))]));
        match self.draft.find(section, name) {
            Some(known) if known != place => self.absorb(place, known, &|_| true),
            _ => self.draft.rename(place, name),
        }
    }

    /// `ssl: true` is a mode, and `ssl: {ca: ..}` a group that the canonical schema does not have.
    fn ssl(&mut self, section: Place, place: Place) {
        if self.is_section(place) {
            for (inner, child) in self.draft.entries(place) {
                let Some(key) = GroupName::Ssl.key_of(&inner) else { continue };
                if self.draft.find(section, key.path()).is_some() {
                    self.put(child, section, key.path());
                } else {
                    self.draft.shift(child, section, At::Before(place), Some(key.path()));
                }
            }
            if self.draft.entries(place).is_empty() {
                let heir = self.draft.find(section, Key::SslMode.path());
                self.drop_entry(place, heir);
            }
            return;
        }
        let Some(text) = self.text(place).filter(|text| !text.is_empty()) else { return };
        let mode = layouts::switch(text).map(|is_on| if is_on { "require" } else { "disable" });
        self.settle(section, place, Key::SslMode.path());
        if let Some(mode) = mode.filter(|_| self.draft.is_attached(place)) {
            self.replace(place, NewValue::Text(mode.to_owned()));
        }
    }

    /// `replicas` and `failover`: a list of sections.
    fn members(&mut self, section: Place, place: Place, key: &str) {
        self.put(place, section, key);
        if !self.draft.is_attached(place) {
            return;
        }
        for item in self.draft.items(place) {
            if self.is_section(item) {
                let is_sqlite = self.is_sqlite(item);
                self.canonicalise(item, is_sqlite);
            } else if let Some(text) = self.text(item).map(str::to_owned) {
                if layouts::is_database_url(&text) {
                    self.unfold(item);
                } else if !text.contains("${") && !text.is_empty() {
                    self.replace(item, NewValue::Map(vec![("host".to_owned(), NewValue::Text(text))]));
                }
            }
        }
    }

    /// Whether a section says itself that it is a SQLite file.
    pub(super) fn is_sqlite(&mut self, section: Place) -> bool {
        let entries = self.draft.entries(section);
        let has = |wanted: &dyn Fn(&Field) -> bool, text: Option<&str>| {
            entries.iter().any(|(name, place)| {
                layouts::field(name).is_some_and(|field| wanted(&field))
                    && text.is_none_or(|text| {
                        self.text(*place).and_then(layouts::engine).is_some_and(|engine| engine == text)
                    })
            })
        };
        let is_engine = |field: &Field| matches!(field, Field::PerhapsEngine | Field::Key(Key::Engine));
        if has(&is_engine, Some("sqlite")) {
            return true;
        }
        let is_other = has(&|field| *field == Field::Key(Key::Host), None) || has(&is_engine, Some("postgresql"));
        has(&|field| *field == Field::Key(Key::Path), None) && !is_other
    }

    /// The name of a key for a message.
    pub(super) fn shown(text: &str) -> String {
        redact::show_text(text)
    }
}

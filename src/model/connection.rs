//! The settings of one connection, each with its origin and with the values that lost against it.

use std::ops::Deref;

use crate::redact::Secret;

use super::key::Key;
use super::origin::Origin;
use super::table::Table;
use super::value::Value;

/// The value of a key, where it came from, and what it won against.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The value as written.
    pub value: Value,
    /// Where it stands.
    pub origin: Origin,
    /// Values of the same key that lost, the strongest first.
    pub lost: Losses,
    /// What a template comes down to; none for a value without variables.
    ///
    /// In a box, since few values have one and there are many values.
    pub resolution: Option<Box<Resolution>>,
}

/// What the template of a value comes down to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// The text. It may be a secret, whatever the key, since a variable may hold anything.
    pub text: Secret,
    /// The variables and references that are not known; the text is incomplete if there are any.
    pub missing: Vec<String>,
    /// The variables and references that are.
    pub used: Vec<String>,
}

/// A value that lost.
#[derive(Clone, Debug, PartialEq)]
pub struct Loss {
    /// The value as written.
    pub value: Value,
    /// Where it stands.
    pub origin: Origin,
}

/// The values that lost against one. Most won against nothing, and there are many values, so that an empty list takes no
/// more room than a pointer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Losses(#[allow(clippy::box_collection, reason = "a vector is three times as large")] Option<Box<Vec<Loss>>>);

impl Losses {
    fn push(&mut self, loss: Loss) {
        self.0.get_or_insert_default().push(loss);
    }

    fn append(&mut self, other: Self) {
        if let Some(other) = other.0 {
            self.0.get_or_insert_default().extend(*other);
        }
    }
}

impl Deref for Losses {
    type Target = [Loss];

    fn deref(&self) -> &[Loss] {
        self.0.as_deref().map_or(&[], Vec::as_slice)
    }
}

impl Setting {
    /// A setting that won against nothing.
    pub fn new(value: Value, origin: Origin) -> Self {
        Self { value, origin, lost: Losses::default(), resolution: None }
    }

    /// The text that counts: what the template comes down to, or the value itself. Nothing while a variable is unknown.
    pub fn effective(&self) -> Option<String> {
        match &self.resolution {
            Some(resolution) if resolution.missing.is_empty() => Some(resolution.text.expose().to_owned()),
            Some(_) => None,
            None => Some(self.value.expose()),
        }
    }

    /// Remembers a value that loses against this one, with all that it had won against.
    pub fn outranks(&mut self, other: Self) {
        if other.value != self.value && other.effective() != self.effective() {
            self.lost.push(Loss { value: other.value, origin: other.origin });
        }
        self.lost.append(other.lost);
    }
}

/// Settings by canonical key, in the order of the schema.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings(Table<Key, Setting>);

impl Settings {
    /// The setting of a key.
    pub fn get(&self, key: Key) -> Option<&Setting> {
        self.0.get(&key)
    }

    /// The value of a key.
    pub fn value(&self, key: Key) -> Option<&Value> {
        self.get(key).map(|setting| &setting.value)
    }

    /// Sets a key; what stood there before is forgotten.
    pub fn set(&mut self, key: Key, setting: Setting) {
        self.0.insert(key, setting);
    }

    /// Adds a weaker setting: it fills a gap, or is remembered as lost. True if it lost with another value.
    pub fn add_weaker(&mut self, key: Key, setting: Setting) -> bool {
        match self.get_mut(key) {
            None => {
                self.set(key, setting);
                false
            }
            Some(winner) => {
                let differs = winner.value.expose() != setting.value.expose();
                winner.outranks(setting);
                differs
            }
        }
    }

    /// Removes a key.
    pub fn remove(&mut self, key: Key) -> Option<Setting> {
        self.0.remove(&key)
    }

    /// The setting of a key, to change it.
    pub fn get_mut(&mut self, key: Key) -> Option<&mut Setting> {
        self.0.get_mut(&key)
    }

    /// All settings, to change them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (Key, &mut Setting)> {
        self.0.iter_mut().map(|(key, setting)| (*key, setting))
    }

    /// All settings, in the order of the schema.
    pub fn iter(&self) -> impl Iterator<Item = (Key, &Setting)> {
        self.0.iter().map(|(key, setting)| (*key, setting))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl IntoIterator for Settings {
    type Item = (Key, Setting);
    type IntoIter = std::vec::IntoIter<(Key, Setting)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// One place to connect to, and how.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Connection {
    /// The settings of the canonical schema.
    pub settings: Settings,
    /// Any other libpq parameter, by name.
    pub parameters: Table<String, Setting>,
}

impl Connection {
    /// Whether it says where to connect: a host, a database, a SQLite path, a service, or another database's server.
    pub fn is_place(&self) -> bool {
        [Key::Host, Key::HostAddress, Key::Path, Key::Database, Key::SameServerAs]
            .iter()
            .any(|key| self.settings.value(*key).is_some_and(|value| !value.is_empty()))
            || self.parameters.contains_key("service")
    }

    /// All settings and parameters, to change them.
    pub fn settings_mut(&mut self) -> impl Iterator<Item = &mut Setting> {
        self.settings
            .iter_mut()
            .map(|(_, setting)| setting)
            .chain(self.parameters.iter_mut().map(|(_, setting)| setting))
    }

    /// Fills gaps from a weaker connection, as far as `takes` allows; what loses is remembered.
    pub fn fill(&mut self, weaker: Self, takes: impl Fn(Key) -> bool) {
        for (key, setting) in weaker.settings {
            if self.settings.get(key).is_none() && !takes(key) {
                continue;
            }
            self.settings.add_weaker(key, setting);
        }
        for (name, setting) in weaker.parameters {
            match self.parameters.get_mut(name.as_str()) {
                Some(winner) => winner.outranks(setting),
                None => {
                    self.parameters.insert(name, setting);
                }
            }
        }
    }

    /// The engine as far as it is said: `postgresql` if nothing is.
    pub fn engine(&self) -> String {
        match self.settings.value(Key::Engine) {
            Some(value) => value.expose(),
            None if self.settings.get(Key::Path).is_some() => "sqlite".to_owned(),
            None => "postgresql".to_owned(),
        }
    }

    /// Whether it is a SQLite file.
    pub fn is_sqlite(&self) -> bool {
        self.engine() == "sqlite"
    }

    /// The first setting, to point to when the whole is meant.
    pub fn first_origin(&self) -> Option<&Origin> {
        self.settings.iter().map(|(_, setting)| &setting.origin).next()
    }
}

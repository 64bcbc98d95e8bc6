//! Settings files as nobody would write them on purpose: every layout, with random keys, order, styles and comments.
//!
//! What a file is to say after its migration is made beside it, from the same random choices, and not from its text.

mod brackets;
mod databases;
mod sections;
mod yaml;

use serde_json::{Value, json};

use dbcfg::document::Format;

/// What a file says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Data {
    /// A plain scalar that only a parser can judge: `yes`, `0600`, `~`, `1.50`.
    Plain(&'static str),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Bool(bool),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Data>),
    /// Keys with values.
    Map(Map),
    /// A value with a name that others stand for it by.
    Anchored(&'static str, Box<Data>),
    /// What stands for a value by its name.
    Alias(&'static str, Box<Data>),
}

/// Keys with values, in their order.
pub(crate) type Map = Vec<(String, Data)>;

impl Data {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// What stands under a key.
    fn get(&self, name: &str) -> Option<&Data> {
        let Self::Map(entries) = self else { return None };
        entries.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// As judges.py takes it: with aliases and merge keys resolved, as every loader does.
    pub(super) fn to_json(&self) -> Value {
        match self {
            Self::Plain(text) => json!({"\0plain": text}),
            Self::Integer(number) => json!(number),
            Self::Bool(switch) => json!(switch),
            Self::Text(text) => json!(text),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Anchored(_, inner) | Self::Alias(_, inner) => inner.to_json(),
            Self::Map(entries) => {
                let mut told = serde_json::Map::new();
                for (key, value) in entries.iter().filter(|(key, _)| key == "<<") {
                    let Value::Object(base) = value.to_json() else { panic!("{key} takes a map") };
                    told.extend(base);
                }
                told.extend(entries.iter().filter(|(key, _)| key != "<<").map(|(key, it)| (key.clone(), it.to_json())));
                Value::Object(told)
            }
        }
    }
}

/// Random choices. A tape that is shorter, or has smaller numbers, makes simpler files, so that failures shrink.
pub(crate) struct Dice<'tape> {
    tape: &'tape [u16],
    at: usize,
}

impl<'tape> Dice<'tape> {
    pub(crate) fn new(tape: &'tape [u16]) -> Self {
        Self { tape, at: 0 }
    }

    /// A number below `sides`; 0 once the tape is at its end.
    fn roll(&mut self, sides: usize) -> usize {
        let number = self.tape.get(self.at).copied().unwrap_or_default();
        self.at += 1;
        usize::from(number) % sides.max(1)
    }

    /// True once in so many times; never once the tape is at its end.
    fn once_in(&mut self, times: usize) -> bool {
        self.roll(times) == times - 1
    }

    fn pick<Item: Copy>(&mut self, of: &[Item]) -> Item {
        of[self.roll(of.len())]
    }

    /// Changes the order of some neighbours.
    fn shuffle<Item>(&mut self, items: &mut [Item]) {
        for index in 1..items.len() {
            let other = index - self.roll(index + 1).min(index);
            items.swap(index, other);
        }
    }
}

/// A file and what it is to become.
pub(crate) struct Generated {
    pub(crate) format: Format,
    pub(crate) text: Vec<u8>,
    /// What it says.
    pub(crate) old: Data,
    /// What it is to say.
    pub(crate) new: Data,
}

impl Generated {
    /// The file of some random choices.
    pub(crate) fn new(tape: &[u16]) -> Self {
        let mut dice = Dice::new(tape);
        let formats = [Format::Yaml, Format::Yaml, Format::Yaml, Format::Json, Format::Yaml, Format::Toml];
        let format = dice.pick(&formats);
        let (old, new) = sections::file(&mut dice, format);
        let mut text = match format {
            Format::Yaml => yaml::write(&mut dice, &old),
            Format::Json => brackets::json(&mut dice, &old),
            _ => brackets::toml(&mut dice, &old),
        };
        if dice.once_in(6) {
            text.truncate(text.trim_end_matches('\n').len());
        }
        if dice.once_in(5) {
            text = text.replace('\n', "\r\n");
        }
        if dice.once_in(8) {
            text.insert(0, '\u{FEFF}');
        }
        Self { format, text: text.into_bytes(), old: Data::Map(old), new: Data::Map(new) }
    }

    /// What it is to say where databases on one server share its definition.
    pub(crate) fn shared(&self) -> Data {
        let mut new = self.new.clone();
        let nested = |data: &Data| data.get("databases")?.get("primary")?.get("databases").cloned();
        // What production alone has otherwise would be shared as well.
        let nested = nested(&self.old).filter(|_| self.old.get("environments").is_none());
        let (Some(nested), Data::Map(sections)) = (nested, &mut new) else { return new };
        if let Some((_, Data::Map(databases))) = sections.iter_mut().find(|(key, _)| key == "databases") {
            for (role, database) in databases.iter_mut().filter(|(role, _)| nested.get(role).is_some()) {
                if let Some(name) = database.get("database").cloned().filter(|_| role != "main") {
                    let form = [("same_server_as", Data::text("main")), ("database", name)];
                    *database = Data::Map(form.map(|(key, value)| (key.to_owned(), value)).into());
                }
            }
        }
        new
    }

    /// What a settings file of its format is called.
    pub(crate) fn file_name(&self) -> &'static str {
        match self.format {
            Format::Json => "settings.json",
            Format::Toml => "settings.toml",
            _ => "settings.yaml",
        }
    }
}

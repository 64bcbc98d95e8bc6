//! Settings of the tool itself: `dbcfg.toml`, or `[tool.dbcfg]` in `pyproject.toml`.
//!
//! They are read by the same reader as every other file, so a mistake in them has its place. Unlike a mistake in what
//! dbcfg judges, it ends the run: a setting that is silently without effect is worse than none.

mod probe;

use std::collections::BTreeMap;

use crate::document::{Document, Entry, NodeId};
use crate::finding::{Severity, suggest};
use crate::model::Role;
use crate::redact;

pub use probe::Probe;

/// What the user has set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Further files of the configuration: globs, relative to the directory of the settings.
    pub include: Vec<String>,
    /// Files that do not belong to it, though their names say so: globs, relative to the directory of the settings.
    pub exclude: Vec<String>,
    /// Names of sections, and the roles that they stand for.
    pub roles: BTreeMap<String, Role>,
    /// The rules and groups that count; none for all.
    pub select: Vec<String>,
    /// The rules and groups that do not.
    pub ignore: Vec<String>,
    /// How bad the findings of rules and groups are.
    pub severity: BTreeMap<String, Level>,
    /// Globs of files, relative to the directory of the settings, with the rules and groups that do not count there.
    pub file_ignores: BTreeMap<String, Vec<String>>,
    /// The lowest severity that makes the exit status of `check` 1; never with [`Level::Off`].
    pub fail_on: Option<Level>,
    /// The file of known findings, relative to the directory of the settings.
    pub baseline: Option<String>,
    /// The connections that a server allows to all its pools; none for PostgreSQL's own 97 (100, of which 3 are kept
    /// for superusers).
    pub server_connections: Option<u32>,
    /// How `probe` tries.
    pub probe: Probe,
}

/// How bad the findings of a rule are to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// They are none.
    Off,
    /// So bad, in production too.
    On(Severity),
}

/// A mistake in the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in Unicode scalar values.
    pub column: u32,
    /// What is wrong and what to do about it.
    pub message: String,
}

/// The keys that there are.
const KEYS: &[&str] = &[
    "include",
    "exclude",
    "roles",
    "select",
    "ignore",
    "severity",
    "per-file-ignores",
    "fail-on",
    "baseline",
    "server-connections",
    "probe",
];

/// What `include` and `exclude` take.
const PATHS: &str = "a list of paths is expected: [\"conf/*.yaml\"]";

/// Says what is wrong with the name of a rule; nothing if there is such a rule. The rules stand above the settings, so
/// whoever reads these brings it along.
pub type JudgeRule<'judge> = &'judge dyn Fn(&str) -> Option<String>;

/// Reads settings. `table` is the path of the table that holds them: none for `dbcfg.toml`, `tool.dbcfg` in
/// `pyproject.toml`. Nothing is set if there is no such table.
///
/// # Errors
///
/// All mistakes: text that is no TOML, keys that there are not, values of another type.
pub fn parse(document: &Document, table: &[&str], judge_rule: JudgeRule<'_>) -> Result<Option<Settings>, Vec<Mistake>> {
    let mut reader = Reader { document, judge_rule, mistakes: Vec::new() };
    for problem in document.problems() {
        let at = document.position(problem.span.start);
        let message = format!("{}; {}", problem.kind.message(), problem.kind.help());
        reader.mistakes.push(Mistake { line: at.line, column: at.column, message });
    }
    let root = document.roots().first().and_then(|root| document.get_path(*root, table.iter().copied()));
    let settings = root.map(|root| reader.settings(root));
    if reader.mistakes.is_empty() { Ok(settings) } else { Err(reader.mistakes) }
}

struct Reader<'document> {
    document: &'document Document,
    judge_rule: JudgeRule<'document>,
    mistakes: Vec<Mistake>,
}

impl Reader<'_> {
    fn settings(&mut self, root: NodeId) -> Settings {
        let mut settings = Settings::default();
        for entry in self.document.entries(root).to_vec() {
            match self.document.key(entry) {
                Some("include") => settings.include = self.list(entry, PATHS),
                Some("exclude") => settings.exclude = self.list(entry, PATHS),
                Some("roles") => settings.roles = self.roles(entry),
                Some("select") => settings.select = self.rules(entry),
                Some("ignore") => settings.ignore = self.rules(entry),
                Some("severity") => settings.severity = self.severity(entry),
                Some("per-file-ignores") => settings.file_ignores = self.file_ignores(entry),
                Some("fail-on") => settings.fail_on = self.fail_on(entry),
                Some("baseline") => settings.baseline = self.path(entry),
                Some("server-connections") => settings.server_connections = self.count(entry),
                Some("probe") => settings.probe = self.probe(entry),
                _ => self.unknown(entry, KEYS),
            }
        }
        settings
    }

    /// A key that there is not, with what was most likely meant.
    fn unknown(&mut self, entry: Entry, known: &[&str]) {
        let key = self.document.key(entry).unwrap_or_default().to_owned();
        let hint = match suggest(&key, known) {
            Some(known) => format!("did you mean `{known}`?"),
            None => format!("there are {}", known.join(", ")),
        };
        self.mistake(entry.key, format!("`{}` is not a setting; {hint}", redact::show_text(&key)));
    }

    /// The names of rules and groups in a list.
    fn rules(&mut self, entry: Entry) -> Vec<String> {
        let names = self.list(entry, "a list of rules is expected: [\"no-retry\", \"layout\"]");
        for item in self.document.items(entry.value).to_vec() {
            self.rule_name(item);
        }
        names
    }

    fn rule_name(&mut self, node: NodeId) {
        if let Some(mistake) = self.document.text_of(node).and_then(self.judge_rule) {
            self.mistake(node, mistake);
        }
    }

    fn fail_on(&mut self, entry: Entry) -> Option<Level> {
        let level = match self.document.text_of(entry.value) {
            Some("never") => Some(Level::Off),
            text => text.and_then(Severity::of_name).map(Level::On),
        };
        if level.is_none() {
            self.mistake(entry.value, "a severity is expected: error, warning, info, or never".to_owned());
        }
        level
    }

    fn path(&mut self, entry: Entry) -> Option<String> {
        let text = self.document.text_of(entry.value).filter(|text| !text.is_empty()).map(str::to_owned);
        if text.is_none() {
            self.mistake(entry.value, "a path is expected: \"dbcfg-baseline.json\"".to_owned());
        }
        text
    }

    fn list(&mut self, entry: Entry, expected: &str) -> Vec<String> {
        let items = self.document.items(entry.value).to_vec();
        let texts: Option<Vec<String>> =
            items.iter().map(|item| self.document.text_of(*item).map(str::to_owned)).collect();
        match texts {
            Some(texts) if !texts.is_empty() || self.document.is_flow(entry.value) => texts,
            _ => {
                self.mistake(entry.value, expected.to_owned());
                Vec::new()
            }
        }
    }

    fn roles(&mut self, entry: Entry) -> BTreeMap<String, Role> {
        if !self.document.is_mapping(entry.value) {
            self.mistake(entry.value, "names with roles are expected: {reports = \"main\"}".to_owned());
        }
        let mut roles = BTreeMap::new();
        for role in self.document.entries(entry.value).to_vec() {
            match (self.document.key(role), self.document.text_of(role.value)) {
                (Some(name), Some(text)) => {
                    roles.insert(name.to_owned(), Role::of_name(text));
                }
                _ => self.mistake(role.value, "a role is expected: main, mlflow, vector, or a name".to_owned()),
            }
        }
        roles
    }

    fn severity(&mut self, entry: Entry) -> BTreeMap<String, Level> {
        if !self.document.is_mapping(entry.value) {
            self.mistake(entry.value, "rules with severities are expected: {no-retry = \"off\"}".to_owned());
        }
        let mut levels = BTreeMap::new();
        for rule in self.document.entries(entry.value).to_vec() {
            let level = match self.document.text_of(rule.value) {
                Some("off") => Some(Level::Off),
                text => text.and_then(Severity::of_name).map(Level::On),
            };
            match (self.document.key(rule), level) {
                (Some(name), Some(level)) => {
                    levels.insert(name.to_owned(), level);
                    self.rule_name(rule.key);
                }
                _ => self.mistake(rule.value, "a severity is expected: error, warning, info, or off".to_owned()),
            }
        }
        levels
    }

    fn file_ignores(&mut self, entry: Entry) -> BTreeMap<String, Vec<String>> {
        if !self.document.is_mapping(entry.value) {
            let message = "paths with lists of rules are expected: {\"legacy/*.yaml\" = [\"layout\"]}";
            self.mistake(entry.value, message.to_owned());
        }
        let mut ignores = BTreeMap::new();
        for file in self.document.entries(entry.value).to_vec() {
            if let Some(glob) = self.document.key(file).map(str::to_owned) {
                ignores.insert(glob, self.rules(file));
            }
        }
        ignores
    }

    fn count(&mut self, entry: Entry) -> Option<u32> {
        let number = self.document.text_of(entry.value).and_then(|text| text.parse().ok()).filter(|number| *number > 0);
        if number.is_none() {
            self.mistake(entry.value, "a number above 0 is expected".to_owned());
        }
        number
    }

    fn mistake(&mut self, node: NodeId, message: String) {
        let at = self.document.position(self.document.node(node).span.start);
        self.mistakes.push(Mistake { line: at.line, column: at.column, message });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Format;

    fn read(text: &str, table: &[&str]) -> Result<Option<Settings>, Vec<Mistake>> {
        let judge = |name: &str| (name == "nonsense").then(|| "no rule".to_owned());
        parse(&Document::parse(text.as_bytes(), Format::Toml), table, &judge)
    }

    #[test]
    fn settings_are_read() {
        let text = "include = [\"conf/*.yaml\"]\nexclude = []\n[roles]\nreports = \"main\"\n";
        let settings = read(text, &[]).expect("no mistakes").expect("settings");
        assert_eq!(settings.include, ["conf/*.yaml"]);
        assert_eq!(settings.roles.get("reports"), Some(&Role::Main));
        let table = read("[tool.dbcfg]\nexclude = [\"old.yaml\"]\n", &["tool", "dbcfg"]).expect("no mistakes");
        assert_eq!(table.map(|settings| settings.exclude), Some(vec!["old.yaml".to_owned()]));
        assert_eq!(read("[tool.other]\nx = 1\n", &["tool", "dbcfg"]), Ok(None));
    }

    #[test]
    fn mistakes_have_their_places() {
        let mistakes = read("inclued = []\nexclude = 5\n[roles]\nx = [1]\n", &[]).expect_err("three mistakes");
        let told: Vec<String> = mistakes.iter().map(|it| format!("{}:{} {}", it.line, it.column, it.message)).collect();
        assert_eq!(
            told,
            [
                "1:1 `inclued` is not a setting; did you mean `include`?",
                "2:11 a list of paths is expected: [\"conf/*.yaml\"]",
                "4:5 a role is expected: main, mlflow, vector, or a name",
            ]
        );
    }
}

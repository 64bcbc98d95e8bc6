//! Which rules count, and how bad their findings are: what was typed beats the settings, a rule beats its group.

use std::collections::BTreeMap;

use crate::finding::{Group, RuleInfo, Severity, suggest};
use crate::settings::{Level, Settings};

/// The word for all rules.
const ALL: &str = "all";

/// Which rules count.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    typed: Names,
    set: Names,
    levels: BTreeMap<String, Level>,
}

/// What one side asks for.
#[derive(Clone, Debug, Default)]
struct Names {
    select: Vec<String>,
    ignore: Vec<String>,
}

/// A name that is neither a rule's nor a group's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownRule {
    /// The name.
    pub name: String,
    /// What was most likely meant.
    pub suggestion: Option<&'static str>,
}

impl UnknownRule {
    /// The name, if it looks like one of a rule: what stands in the wrong place may be a password.
    pub fn shown(&self) -> Option<&str> {
        let looks_like_one =
            self.name.len() <= 40 && self.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        looks_like_one.then_some(self.name.as_str())
    }
}

impl Selection {
    /// The selection of the settings, with what was typed before it. Names that there are not speak of nothing; see
    /// [`unknown`].
    pub fn new(settings: &Settings, select: &[String], ignore: &[String]) -> Self {
        Self {
            typed: Names { select: select.to_vec(), ignore: ignore.to_vec() },
            set: Names { select: settings.select.clone(), ignore: settings.ignore.clone() },
            levels: settings.severity.clone(),
        }
    }

    /// Whether the findings of a rule are wanted. Of one side, the closest name decides, and of equally close ones
    /// `ignore`. A typed `--select` replaces the one of the settings, and what these ignore counts against it only if
    /// it is closer.
    pub fn has(&self, rule: &RuleInfo) -> bool {
        let of = |names: &Vec<String>| if names.is_empty() { 1 } else { rank(names, rule) };
        let off = self.level(rule).filter(|(_, level)| *level == Level::Off).map_or(0, |(rank, _)| rank);
        let set = rank(&self.set.ignore, rule).max(off);
        if self.typed.select.is_empty() {
            of(&self.set.select) > rank(&self.typed.ignore, rule).max(set) && off == 0
        } else {
            let typed = of(&self.typed.select);
            typed > rank(&self.typed.ignore, rule) && typed >= set
        }
    }

    /// Whether what was typed leaves rules out.
    pub fn is_partial(&self) -> bool {
        !self.typed.select.is_empty() || !self.typed.ignore.is_empty()
    }

    /// The severity that the settings give a rule; none if they leave it.
    pub fn severity(&self, rule: &RuleInfo) -> Option<Severity> {
        match self.level(rule)?.1 {
            Level::Off => None,
            Level::On(severity) => Some(severity),
        }
    }

    /// The severity that the settings give a rule, and how closely they speak of it, as [`rank`] counts.
    fn level(&self, rule: &RuleInfo) -> Option<(u8, Level)> {
        let names = [(3, rule.id), (2, rule.group.name()), (1, ALL)];
        names.into_iter().find_map(|(rank, name)| Some((rank, *self.levels.get(name)?)))
    }
}

/// How closely names speak of a rule: 3 by its id, 2 by its group, 1 by `all`, 0 not at all.
fn rank(names: &[String], rule: &RuleInfo) -> u8 {
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    match rule {
        _ if has(rule.id) => 3,
        _ if has(rule.group.name()) => 2,
        _ if has(ALL) => 1,
        _ => 0,
    }
}

/// Whether a name of a rule or a group speaks of a rule.
pub(super) fn names(name: &str, rule: &RuleInfo) -> bool {
    name == rule.id || name == rule.group.name() || name == ALL
}

/// What is wrong with a name, if it is neither a rule's nor a group's nor `all`.
pub fn unknown(name: &str) -> Option<UnknownRule> {
    let known: Vec<&'static str> =
        super::all().map(|rule| rule.info.id).chain(Group::ALL.iter().map(|group| group.name())).chain([ALL]).collect();
    if known.contains(&name) {
        return None;
    }
    Some(UnknownRule { name: name.to_owned(), suggestion: suggest(name, &known) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(select: &[&str], ignore: &[&str], levels: &[(&str, Level)], id: &str) -> bool {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let severity = levels.iter().map(|(name, level)| ((*name).to_owned(), *level)).collect();
        let settings = Settings { severity, ..Settings::default() };
        let selection = Selection::new(&settings, &owned(select), &owned(ignore));
        selection.has(crate::rules::find(id).expect("a rule").info)
    }

    #[test]
    fn the_closest_name_decides() {
        assert!(has(&[], &[], &[], "duplicate-key"));
        assert!(!has(&[], &["syntax"], &[], "duplicate-key"));
        assert!(!has(&["layout"], &[], &[], "duplicate-key"));
        assert!(has(&["duplicate-key"], &["syntax"], &[], "duplicate-key"));
        assert!(!has(&["syntax"], &["duplicate-key"], &[], "duplicate-key"));
        assert!(!has(&["all"], &["syntax"], &[], "duplicate-key"));
        assert!(!has(&["syntax"], &["syntax"], &[], "duplicate-key"));
        let (off, on) = (Level::Off, Level::On(Severity::Info));
        assert!(!has(&[], &[], &[("syntax", off)], "duplicate-key"));
        assert!(has(&[], &[], &[("syntax", off), ("duplicate-key", on)], "duplicate-key"));
    }

    #[test]
    fn what_was_typed_beats_the_settings() {
        let has = |select: &str, ignore: &str, set: &str, id: &str| {
            let owned = |names: &str| names.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            let settings = Settings { ignore: owned(set), select: owned("layout"), ..Settings::default() };
            Selection::new(&settings, &owned(select), &owned(ignore)).has(crate::rules::find(id).expect("a rule").info)
        };
        assert!(has("syntax", "", "syntax", "duplicate-key"));
        assert!(has("syntax", "", "all", "duplicate-key"));
        assert!(!has("syntax", "", "duplicate-key", "duplicate-key"));
        assert!(!has("syntax", "duplicate-key", "", "duplicate-key"));
        assert!(!has("", "", "", "duplicate-key"));
        assert!(has("", "", "", "several-names") && !has("", "several-names", "", "several-names"));
    }

    #[test]
    fn unknown_names_are_refused_with_what_was_meant() {
        let told = ["duplicate-kye", "syntax", "all", "colour"].map(|name| unknown(name).map(|it| it.suggestion));
        assert_eq!(told, [Some(Some("duplicate-key")), None, None, Some(None)]);
    }
}

//! What to try next for targets that share a cause: hints that differ in a line of the configuration only are one.

use std::collections::BTreeMap;

use crate::model::health::TargetHealth;

use super::Checkup;

/// Of hints that differ in more than a line, so many are told.
const MOST: usize = 4;

/// Of the lines that a hint is about, so many are told.
const LINES: usize = 8;

/// A hint with the places that stand in it.
struct Hint {
    /// The hint, with [`PLACE`] where it has a place.
    text: String,
    /// At each of them, the places that targets have there.
    places: Vec<Vec<String>>,
}

/// What stands for a place: hints are escaped, and hold no such character.
const PLACE: char = '\0';

/// The hints of some targets, each in one sentence.
pub(super) fn hints(checkup: &Checkup<'_>, targets: &[&TargetHealth]) -> Vec<String> {
    let mut hints: Vec<Hint> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for hint in targets.iter().filter_map(|target| checkup.hint(&target.subject)) {
        let (text, places) = split(&hint);
        let index = *known.entry(text.clone()).or_insert(hints.len());
        if index == hints.len() {
            hints.push(Hint { text, places: vec![Vec::new(); places.len()] });
        }
        for (list, place) in hints[index].places.iter_mut().zip(places) {
            if list.last() != Some(&place) {
                list.push(place);
            }
        }
    }
    let mut told: Vec<String> = hints.iter().take(MOST).map(Hint::told).collect();
    if let Some(rest) = hints.len().checked_sub(MOST).filter(|rest| *rest > 0) {
        told.push(format!("`--format json` has {rest} more hints"));
    }
    told
}

impl Hint {
    /// The hint with the places that it is about.
    fn told(&self) -> String {
        let mut parts = self.text.split(PLACE);
        let mut told = parts.next().unwrap_or_default().to_owned();
        for (places, part) in self.places.iter().zip(parts) {
            told.push_str(&listed(places));
            told.push_str(part);
        }
        told
    }
}

/// A hint with [`PLACE`] instead of its places, and these.
fn split(hint: &str) -> (String, Vec<String>) {
    let (mut words, mut places) = (Vec::new(), Vec::new());
    for word in hint.split(' ') {
        let start = word.len() - word.trim_start_matches('(').len();
        let end = word.trim_end_matches(|c: char| !c.is_ascii_digit()).len();
        match word.get(start..end).filter(|inner| place(inner).is_some()) {
            Some(inner) => {
                places.push(inner.to_owned());
                words.push(format!("{}{PLACE}{}", &word[..start], &word[end..]));
            }
            None => words.push(word.to_owned()),
        }
    }
    (words.join(" "), places)
}

/// The path of `settings.yaml:3:11`, and `3:11`; none if it is no such thing.
fn place(text: &str) -> Option<(&str, &str)> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (rest, column) = text.rsplit_once(':')?;
    let (path, line) = rest.rsplit_once(':')?;
    let is_place = is_number(column) && is_number(line) && !path.is_empty();
    is_place.then(|| (path, &text[path.len() + 1..]))
}

/// `settings.yaml:3:11, 7:11, 12:11 and 96 more`: the path stands before the first of its lines.
fn listed(places: &[String]) -> String {
    let mut before = None;
    let mut told = Vec::new();
    for text in places.iter().take(LINES) {
        let (path, line) = place(text).unzip();
        told.push(if path == before { line.unwrap_or_default() } else { text });
        before = path;
    }
    let rest = places.len().saturating_sub(LINES);
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    told.join(", ") + &more
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_told_from_ports_and_words() {
        let (text, places) = split("look at it (a/b.yaml:3:11); `psql -h db:5432`, or x.env:1:2: it");
        assert_eq!(text, "look at it (\0); `psql -h db:5432`, or \0: it");
        assert_eq!(places, ["a/b.yaml:3:11", "x.env:1:2"]);
        assert_eq!(split("[::1]:5432 :1:2 12:30 b:"), ("[::1]:5432 :1:2 12:30 b:".to_owned(), Vec::new()));
    }

    #[test]
    fn the_path_of_several_lines_is_told_once() {
        let places = |texts: &[&str]| listed(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        assert_eq!(places(&["a:1:2", "a:3:4", "b:5:6", "a:7:8"]), "a:1:2, 3:4, b:5:6, a:7:8");
        let many: Vec<String> = (1..=11).map(|line| format!("a:{line}:1")).collect();
        assert_eq!(listed(&many), "a:1:1, 2:1, 3:1, 4:1, 5:1, 6:1, 7:1, 8:1 and 3 more");
    }
}

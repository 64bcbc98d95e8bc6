//! Comments that suppress findings: `# dbcfg: ignore[rule] reason`, on the line or the line above; of findings about a
//! whole file, on its first line.

use std::collections::HashMap;

use crate::finding::Finding;
use crate::model::{Origin, Project, SourceId, Sources};

use super::Wanted;
use super::selection::{self, Selection};
use super::syntax::unused_suppression;

/// What a comment that suppresses holds, in whatever case and with whatever blanks.
const MARK: &str = "dbcfg:";

/// Words that other tools have for it. A comment that suppresses nothing, and whose author believes that it does, is
/// told.
const OTHER_WORDS: &[&str] = &["disable", "allow", "suppress", "off", "skip", "noqa", "nolint"];

/// Nobody reads of more comments that suppress nothing.
const MOST: usize = 1000;

/// A comment that suppresses.
struct Suppression {
    origin: Origin,
    source: SourceId,
    /// The line that it stands in.
    own: u32,
    /// The line whose findings it suppresses.
    line: u32,
    names: Vec<String>,
    is_used: bool,
}

/// The comments of some sources that suppress.
pub(super) struct Suppressions {
    all: Vec<Suppression>,
    by_line: HashMap<(SourceId, u32), Vec<usize>>,
    /// Those on the first line, which suppress what is about the whole file too.
    by_file: HashMap<SourceId, Vec<usize>>,
}

impl Suppressions {
    /// Those of all sources.
    pub(super) fn of(sources: &Sources) -> Self {
        let mut all = Vec::new();
        for (id, source) in sources.iter() {
            let Some(document) = source.document.as_ref().filter(|document| holds_mark(document.text())) else {
                continue;
            };
            let comments = document.comments();
            // Several comments may stand above a line, of which one suppresses: from the last to the first, the line
            // below the block that a comment begins.
            let mut below: Option<(u32, u32)> = None;
            let first = all.len();
            for comment in comments.iter().rev() {
                let own = document.position(comment.span.start).line;
                let line = match below {
                    _ if !comment.own_line => own,
                    Some((next, line)) if next == own + 1 => line,
                    _ => own + 1,
                };
                below = comment.own_line.then_some((own, line));
                let Some(names) = names(document.slice(comment.span)) else { continue };
                let origin = Origin::Place { source: id, span: comment.span };
                all.push(Suppression { origin, source: id, own, line, names, is_used: false });
            }
            all[first..].reverse();
        }
        let mut by_line: HashMap<(SourceId, u32), Vec<usize>> = HashMap::new();
        let mut by_file: HashMap<SourceId, Vec<usize>> = HashMap::new();
        for (index, suppression) in all.iter().enumerate() {
            if suppression.own == 1 {
                by_file.entry(suppression.source).or_default().push(index);
            }
            by_line.entry((suppression.source, suppression.line)).or_default().push(index);
        }
        Self { all, by_line, by_file }
    }

    /// Whether a comment suppresses a finding; the comment is used then.
    pub(super) fn suppress(&mut self, sources: &Sources, finding: &Finding) -> bool {
        let Some(source) = finding.origin.source().filter(|_| !self.all.is_empty()) else { return false };
        let mut is_suppressed = false;
        let of_line = sources.line(&finding.origin).and_then(|line| self.by_line.get(&(source, line)));
        let of_file = self.by_file.get(&source).filter(|_| matches!(finding.origin, Origin::File { .. }));
        for index in of_line.into_iter().chain(of_file).flatten() {
            let suppression = &mut self.all[*index];
            if suppression.names.iter().any(|name| selection::names(name, finding.rule)) {
                suppression.is_used = true;
                is_suppressed = true;
            }
        }
        is_suppressed
    }
}

/// Removes what comments suppress and adds what is wrong with the comments. Returns how many were removed.
pub(super) fn apply(project: &Project, wanted: &Wanted<'_>, findings: &mut Vec<Finding>) -> usize {
    let mut suppressions = Suppressions::of(&project.sources);
    let before = findings.len();
    findings.retain(|finding| !suppressions.suppress(&project.sources, finding));
    let removed = before - findings.len();
    if wanted.selection.has(&unused_suppression::INFO) {
        let is_asked = |it: &&Suppression| wanted.asked.is_none_or(|asked| asked.contains(&it.source));
        let asked = suppressions.all.iter().filter(is_asked);
        findings.extend(asked.filter_map(|suppression| judge(suppression, wanted.selection)).take(MOST));
    }
    removed
}

/// Whether a text may hold a comment that suppresses: a look that costs little, since most hold none.
fn holds_mark(text: &str) -> bool {
    let colons = text.match_indices(':').filter_map(|(at, _)| text.get(at.checked_sub(MARK.len() - 1)?..=at));
    colons.into_iter().any(|word| word.eq_ignore_ascii_case(MARK))
}

/// The rules that a comment names, if it suppresses or is meant to: none for one that names none.
fn names(comment: &str) -> Option<Vec<String>> {
    let lower = comment.to_ascii_lowercase();
    let rest = lower[lower.find(MARK)? + MARK.len()..].trim_start();
    let word = &rest[..rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(rest.len())];
    if word != "ignore" {
        let is_meant = OTHER_WORDS.contains(&word) || word.starts_with("ignore-");
        return is_meant.then(Vec::new);
    }
    let list = rest[word.len()..].trim_start().strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let names = list.map_or("", |(list, _)| list).split(',').map(str::trim);
    Some(names.filter(|name| !name.is_empty()).map(str::to_owned).collect())
}

/// What is wrong with a comment: it names no rule, one that there is not, or suppresses nothing.
fn judge(suppression: &Suppression, selection: &Selection) -> Option<Finding> {
    let finding = |message: String, help: &str| {
        let severity = selection.severity(&unused_suppression::INFO);
        let mut finding = Finding::new(&unused_suppression::INFO, suppression.origin.clone(), message).help(help);
        finding.severity = severity.unwrap_or(finding.severity);
        Some(finding)
    };
    if suppression.names.is_empty() {
        return finding(
            "this comment names no rule, and suppresses nothing".to_owned(),
            "write `dbcfg: ignore[rule] reason`, with the id of a rule or group",
        );
    }
    if let Some(unknown) = suppression.names.iter().find_map(|name| selection::unknown(name)) {
        let help = match unknown.suggestion {
            Some(known) => format!("did you mean `{known}`?"),
            None => "`dbcfg explain` lists the rules".to_owned(),
        };
        let message = match unknown.shown() {
            Some(name) => format!("there is no rule `{name}`"),
            None => "there is no rule of this name".to_owned(),
        };
        return finding(message, &help);
    }
    // A rule that is not judged in this run finds nothing, and may find something in another: `probe` may find what
    // `check` does not.
    let is_judged = |name: &String| {
        let mut named = super::all().filter(|rule| selection::names(name, rule.info));
        named.any(|rule| rule.is_offline() && selection.has(rule.info))
    };
    let may_be_live = |name: &String| super::all().any(|rule| rule.info.id == name && rule.is_live());
    if suppression.names.iter().any(may_be_live) || suppression.is_used || !suppression.names.iter().all(is_judged) {
        return None;
    }
    finding("nothing is found that this comment could suppress".to_owned(), "remove it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_read() {
        for (comment, expected) in [
            ("# dbcfg: ignore[invalid-port] known", Some(vec!["invalid-port"])),
            ("#dbcfg: ignore [a, b]", Some(vec!["a", "b"])),
            ("; dbcfg: ignore[a]", Some(vec!["a"])),
            ("// dbcfg: ignore[a", Some(vec![])),
            ("# dbcfg: ignore", Some(vec![])),
            ("#  DBCFG:ignore[A]", Some(vec!["a"])),
            ("# known. dbcfg: ignore[a]", Some(vec!["a"])),
            ("# dbcfg: disable=a", Some(vec![])),
            ("# dbcfg: ignore-file[a]", Some(vec![])),
            ("# dbcfg: ignored by most", None),
            ("# the doctor is dbcfg: ask it", None),
            ("# x:", None),
        ] {
            let expected = expected.map(|names| names.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(names(comment), expected, "{comment}");
        }
    }
}

//! Comments that suppress findings: `# dbcfg: ignore[rule] reason`, on the line or the line above.

use std::collections::HashMap;

use crate::finding::Finding;
use crate::model::{Origin, Project, SourceId};
use crate::redact;

use super::Wanted;
use super::selection::{self, Selection};
use super::syntax::unused_suppression;

/// What a comment that suppresses begins with.
const MARK: &str = "dbcfg: ignore";

/// A comment that suppresses.
struct Suppression {
    origin: Origin,
    source: SourceId,
    /// The line whose findings it suppresses.
    line: u32,
    names: Vec<String>,
    is_used: bool,
}

/// Removes what comments suppress and adds what is wrong with the comments. Returns how many were removed.
pub(super) fn apply(project: &Project, wanted: &Wanted<'_>, findings: &mut Vec<Finding>) -> usize {
    let mut suppressions = Vec::new();
    let is_asked = |id: &SourceId| wanted.asked.is_none_or(|asked| asked.contains(id));
    for (id, source) in project.sources.iter().filter(|(id, _)| is_asked(id)) {
        let Some(document) = source.document.as_ref().filter(|document| document.text().contains(MARK)) else {
            continue;
        };
        let comments = document.comments();
        // Several comments may stand above a line, of which one suppresses: from the last to the first, the line below
        // the block that a comment begins.
        let mut below: Option<(u32, u32)> = None;
        let first = suppressions.len();
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
            suppressions.push(Suppression { origin, source: id, line, names, is_used: false });
        }
        suppressions[first..].reverse();
    }
    if suppressions.is_empty() {
        return 0;
    }
    let mut by_line: HashMap<(SourceId, u32), Vec<usize>> = HashMap::new();
    for (index, suppression) in suppressions.iter().enumerate() {
        by_line.entry((suppression.source, suppression.line)).or_default().push(index);
    }
    let before = findings.len();
    findings.retain(|finding| {
        let Some(source) = finding.origin.source() else { return true };
        let Some(line) = project.sources.line(&finding.origin) else { return true };
        let mut is_kept = true;
        for index in by_line.get(&(source, line)).into_iter().flatten() {
            let suppression = &mut suppressions[*index];
            if suppression.names.iter().any(|name| selection::names(name, finding.rule)) {
                suppression.is_used = true;
                is_kept = false;
            }
        }
        is_kept
    });
    let removed = before - findings.len();
    if wanted.selection.has(&unused_suppression::INFO) {
        findings.extend(suppressions.iter().filter_map(|suppression| judge(suppression, wanted.selection)));
    }
    removed
}

/// The rules that a comment names, if it suppresses: none for one that names none.
fn names(comment: &str) -> Option<Vec<String>> {
    let text = comment.trim_start_matches(['#', ';', '/', '*', ' ', '\t']);
    let rest = text.strip_prefix(MARK)?;
    if rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-') {
        return None;
    }
    let list = rest.trim_start().strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or("", |(list, _)| list);
    Some(list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect())
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
            "write `dbcfg: ignore[rule] reason`",
        );
    }
    if let Some(unknown) = suppression.names.iter().find_map(|name| selection::unknown(name)) {
        let help = match unknown.suggestion {
            Some(known) => format!("did you mean `{known}`?"),
            None => "`dbcfg explain` lists the rules".to_owned(),
        };
        return finding(format!("there is no rule `{}`", redact::show_text(&unknown.name)), &help);
    }
    // A rule that is not judged in this run finds nothing, and may find something in another.
    let is_judged =
        |name: &String| super::all().any(|rule| selection::names(name, rule.info) && selection.has(rule.info));
    if suppression.is_used || !suppression.names.iter().all(is_judged) {
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
            ("# dbcfg: ignored", None),
            ("# see dbcfg: ignore[a]", None),
        ] {
            let expected = expected.map(|names| names.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(names(comment), expected, "{comment}");
        }
    }
}

//! What changes in a file: a unified difference whose lines are masked one by one, each by the text that it stands in.
//!
//! Lines are compared as they are and masked when they are printed, so that a password that changes is seen to change,
//! and neither is seen. Where nothing is masked or escaped, `patch` takes it.

use std::fmt::Write as _;
use std::ops::Range;
use std::time::Duration;

use similar::{Algorithm, DiffOp, DiffTag, TextDiff};

use crate::model::Source;
use crate::redact;

use super::quote::whole_line;
use super::style::Style;

/// How many equal lines are shown around those that differ.
const CONTEXT: usize = 3;

/// A difference that takes longer to find is found less well.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a file is and what it becomes, as a unified difference; empty if nothing changes. Without `before` the file is
/// new. Both have documents, and what they hold of secrets is masked.
pub fn diff(before: Option<&Source>, after: &Source, style: Style) -> String {
    let (old_text, new_text) = (text_of(before), text_of(Some(after)));
    let (start, end) = same_ends(old_text, new_text);
    let first = old_text[..start].matches('\n').count();
    let old = Side::of(before, old_text, start..old_text.len() - end);
    let new = Side::of(Some(after), new_text, start..new_text.len() - end);
    let (old_lines, new_lines) = (old.texts(), new.texts());
    let compared =
        TextDiff::configure().algorithm(Algorithm::Patience).timeout(PATIENCE).diff_slices(&old_lines, &new_lines);
    let groups = compared.grouped_ops(CONTEXT);
    let mut text = String::new();
    if !groups.iter().flatten().any(|op| op.tag() != DiffTag::Equal) {
        return text;
    }
    let name = |mark: &str, source: Option<&Source>| match source {
        Some(source) => header_name(mark, &source.name),
        None => "/dev/null".to_owned(),
    };
    let _ = writeln!(text, "{}", style.bold(&format!("--- {}", name("a", before))));
    let _ = writeln!(text, "{}", style.bold(&format!("+++ {}", name("b", Some(after)))));
    for group in &groups {
        let _ = writeln!(text, "{}", style.place(&hunk_header(group, first)));
        for op in group {
            if op.tag() == DiffTag::Equal {
                op.old_range().for_each(|index| old.write(index, ' ', style, &mut text));
            } else {
                op.old_range().for_each(|index| old.write(index, '-', style, &mut text));
                op.new_range().for_each(|index| new.write(index, '+', style, &mut text));
            }
        }
    }
    text
}

fn text_of(source: Option<&Source>) -> &str {
    source.and_then(|source| source.document.as_ref()).map_or("", |document| document.text())
}

/// How many bytes of whole lines are the same at the start and at the end, without the lines that are shown around what
/// differs: of a large file little changes, and the rest need not be taken apart.
fn same_ends(old: &str, new: &str) -> (usize, usize) {
    let is_end = |byte: &u8| *byte == b'\n';
    let nth = |ends: &mut dyn Iterator<Item = usize>| ends.nth(CONTEXT);
    let same = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
    let before = &old.as_bytes()[..same];
    // The end of the line before those that are kept.
    let start = nth(&mut (0..same).rev().filter(|at| is_end(&before[*at]))).map_or(0, |at| at + 1);
    let (old, new) = (&old.as_bytes()[start..], &new.as_bytes()[start..]);
    let same = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let behind = &old[old.len() - same..];
    let end = nth(&mut (0..same).filter(|at| is_end(&behind[*at]))).map_or(0, |at| same - at - 1);
    (start, end)
}

/// One side of a difference.
struct Side<'source> {
    source: Option<&'source Source>,
    /// The lines with their ends, and where they start.
    lines: Vec<(usize, &'source str)>,
}

impl<'source> Side<'source> {
    fn of(source: Option<&'source Source>, text: &'source str, range: Range<usize>) -> Self {
        let mut at = range.start;
        let line = |line: &'source str| {
            at += line.len();
            (at - line.len(), line)
        };
        Self { source, lines: text[range].split_inclusive('\n').map(line).collect() }
    }

    fn texts(&self) -> Vec<&'source str> {
        self.lines.iter().map(|(_, line)| *line).collect()
    }

    fn write(&self, index: usize, mark: char, style: Style, text: &mut String) {
        let Some((start, line)) = self.lines.get(index) else { return };
        let bare = line.strip_suffix('\n').unwrap_or(line);
        let bare = if bare.len() < line.len() { bare.strip_suffix('\r').unwrap_or(bare) } else { bare };
        let shown = self.source.map(|source| whole_line(source, *start..start + bare.len())).unwrap_or_default();
        let shown = format!("{mark}{shown}");
        let shown = match mark {
            '-' => style.removed(&shown),
            '+' => style.added(&shown),
            _ => shown,
        };
        text.push_str(&shown);
        // The end of a line stays what it is, so that a file of Windows stays one when it is patched.
        text.push_str(&line[bare.len()..]);
        if !line.ends_with('\n') {
            text.push_str("\n\\ No newline at end of file\n");
        }
    }
}

/// `a/settings.yaml`, as `patch` reads it.
fn header_name(mark: &str, name: &str) -> String {
    let shown = redact::show_text(name.trim_start_matches('/'));
    // Only a tab ends a name with spaces.
    let end = if shown.contains(' ') { "\t" } else { "" };
    format!("{mark}/{shown}{end}")
}

/// `@@ -1,4 +1,5 @@`
fn hunk_header(group: &[DiffOp], lines_before: usize) -> String {
    let range = |range: fn(&DiffOp) -> Range<usize>| {
        let start = group.first().map_or(0, |op| range(op).start);
        let length = group.last().map_or(0, |op| range(op).end) - start;
        let start = start + lines_before;
        match length {
            // Before the first of no lines stands the line above.
            0 => format!("{start},0"),
            1 => format!("{}", start + 1),
            _ => format!("{},{length}", start + 1),
        }
    };
    format!("@@ -{} +{} @@", range(DiffOp::old_range), range(DiffOp::new_range))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Document, Format};
    use crate::model::{FileFacts, SourceKind};

    const PLAIN: Style = Style { is_coloured: false };

    fn source(name: &str, text: &str) -> Source {
        let format = Format::of_name(name).expect("a known name");
        let kind = match format {
            Format::Env => SourceKind::Env { environment: None },
            _ => SourceKind::Settings { environment: None },
        };
        let document = Some(Document::parse(text.as_bytes(), format));
        Source { name: name.to_owned(), kind, document, facts: FileFacts::default() }
    }

    #[track_caller]
    fn check(name: &str, before: &str, after: &str, expected: &str) {
        assert_eq!(diff(Some(&source(name, before)), &source(name, after), PLAIN), expected);
    }

    #[test]
    fn harmless_lines_are_as_patch_takes_them() {
        check(
            "conf/settings.yaml",
            "# top\npostgres_primary:\n  host: h.example.com  \n  user: u\n",
            "# top\ndatabases:\n  main:\n    host: h.example.com  \n    username: u",
            "--- a/conf/settings.yaml\n+++ b/conf/settings.yaml\n@@ -1,4 +1,5 @@\n # top\n-postgres_primary:\n-  host: h.example.com  \n\
             -  user: u\n+databases:\n+  main:\n+    host: h.example.com  \n+    username: u\n\\ No newline at end of file\n",
        );
        check(
            "/a b.json",
            "{\r\n\t\"port\": \"1\"\r\n}\r\n",
            "{\r\n\t\"port\": 1\r\n}\r\n",
            "--- a/a b.json\t\n+++ b/a b.json\t\n@@ -1,3 +1,3 @@\n {\r\n-\t\"port\": \"1\"\r\n+\t\"port\": 1\r\n }\r\n",
        );
        check("a.yaml", "host: h\n", "host: h\n", "");
    }

    #[test]
    fn secrets_are_masked_and_seen_to_change() {
        check(
            "a.yaml",
            "main:\n  host: h\n  password: c4n4ry\n  url: postgresql://u:c4n4ry@h/d\n",
            "main:\n  host: h\n  password: \"${PW}\"\n  url: postgresql://u:c4n4rz@h/d\n",
            "--- a/a.yaml\n+++ b/a.yaml\n@@ -1,4 +1,4 @@\n main:\n   host: h\n-  password: ********\n-  url: postgresql://u:********@h/d\n\
             +  password: \"${PW}\"\n+  url: postgresql://u:********@h/d\n",
        );
    }

    #[test]
    fn new_files_come_from_nothing() {
        let shown = diff(None, &source(".env", "MAIN_DB_PASSWORD=c4n4ry\n"), PLAIN);
        assert_eq!(shown, "--- /dev/null\n+++ b/.env\n@@ -0,0 +1 @@\n+MAIN_DB_PASSWORD=********\n");
    }

    #[test]
    fn distant_changes_have_their_own_places() {
        let lines: Vec<String> = (0..30).map(|number| format!("a{number}: {number}\n")).collect();
        let lines = lines.concat();
        let changed = lines.replace("a3: 3\n", "").replace("a20: 20\n", "a20: 20\nb: 1\n");
        let shown = diff(Some(&source("a.yaml", &lines)), &source("a.yaml", &changed), PLAIN);
        let hunks: Vec<&str> = shown.lines().filter(|line| line.starts_with("@@")).collect();
        assert_eq!(hunks, ["@@ -1,7 +1,6 @@", "@@ -19,6 +18,7 @@"]);
        let changed = lines.replace("a20: 20\n", "a20: 20\nb: 1\n");
        check(
            "a.yaml",
            &lines,
            &changed,
            "--- a/a.yaml\n+++ b/a.yaml\n@@ -19,6 +19,7 @@\n a18: 18\n a19: 19\n a20: 20\n+b: 1\n a21: 21\n a22: 22\n a23: 23\n",
        );
        check("a.yaml", "a: 1\n", "a: 1\na: 1\n", "--- a/a.yaml\n+++ b/a.yaml\n@@ -1 +1,2 @@\n a: 1\n+a: 1\n");
    }

    /// What a difference makes of a text: its own lines, and those between its places.
    fn apply(text: &str, difference: &str) -> String {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let (mut at, mut new, mut is_new) = (0, String::new(), true);
        for line in difference.split_inclusive('\n').skip(2) {
            if let Some(place) = line.strip_prefix("@@ -") {
                // The old place ends at the space; a count of one is not written.
                let old = place.split(' ').next().expect("a place");
                let mut numbers = old.split(',').map(|number| number.parse::<usize>().expect("a number"));
                let (first, count) = (numbers.next().expect("a line"), numbers.next().unwrap_or(1));
                let start = if count == 0 { first } else { first - 1 };
                new.extend(lines[at..start].iter().copied());
                at = start;
            } else if line.starts_with('\\') {
                new.truncate(new.len() - usize::from(is_new));
            } else {
                is_new = !line.starts_with('-');
                if is_new {
                    new.push_str(&line[1..]);
                }
                if !line.starts_with('+') {
                    at += 1;
                }
            }
        }
        new + &lines[at..].concat()
    }

    proptest::proptest! {
        #[test]
        fn a_difference_makes_one_text_of_the_other(
            old in proptest::collection::vec(0..4_u8, 0..30),
            new in proptest::collection::vec(0..4_u8, 0..30),
            ends in 0..4_u8,
        ) {
            let text = |lines: &[u8], has_end: bool| {
                let text: Vec<String> = lines.iter().map(|line| format!("host: {line}")).collect();
                text.join("\n") + if has_end && !lines.is_empty() { "\n" } else { "" }
            };
            let (old, new) = (text(&old, ends & 1 == 0), text(&new, ends & 2 == 0));
            let shown = diff(Some(&source("a.env", &old)), &source("a.env", &new), PLAIN);
            proptest::prop_assert_eq!(apply(&old, &shown), new, "{}", shown);
        }
    }

    #[test]
    fn colours_and_control_characters() {
        let style = Style { is_coloured: true };
        let shown = diff(Some(&source("a.yaml", "host: h\n")), &source("a.yaml", "host: h # \u{202e}x\n"), style);
        let lines = "\u{1b}[31m-host: h\u{1b}[0m\n\u{1b}[32m+host: h # \\u{202e}x\u{1b}[0m\n";
        assert!(shown.ends_with(lines), "{shown:?}");
    }
}

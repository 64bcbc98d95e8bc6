//! A migration for people: what moves where, what else is to be known, and which other files mention what goes away.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use crate::finding::Severity;
use crate::model::{FilePlan, Move, Note, NoteKind, Origin, Plan, Question, Sources, ValueChange};
use crate::redact;

use super::counts::counted;
use super::style::Style;
use super::wrap::wrap;

/// So many places of a key are listed; more of them are counted.
const PLACES: usize = 8;

/// The plan of one project with what is known about it.
#[derive(Clone, Copy, Debug)]
pub struct Migration<'plan> {
    /// The files that were read.
    pub sources: &'plan Sources,
    /// What is to be done.
    pub plan: &'plan Plan,
    /// Where other files mention what goes away.
    pub mentions: &'plan [Mention],
}

/// A line of another file that mentions a key that goes away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The file.
    pub path: String,
    /// The line, from 1.
    pub line: u32,
    /// The key.
    pub key: String,
}

impl<'plan> Migration<'plan> {
    /// What is left as it is, each with the file that it is about. What is left since a question is open is no part of
    /// it: the question says so.
    fn left(self) -> impl Iterator<Item = (&'plan FilePlan, &'plan Note)> {
        let all = self.plan.files.iter().flat_map(|file| file.notes.iter().map(move |note| (file, note)));
        all.filter(move |(_, note)| note.kind == NoteKind::Left && !self.is_asked(note))
    }

    /// Whether a note is about what an open question is about.
    fn is_asked(self, note: &Note) -> bool {
        let candidates = self.plan.questions.iter().filter_map(|question| match question {
            Question::Prefer { candidates, .. } => Some(candidates),
            _ => None,
        });
        note.kind == NoteKind::Left && candidates.flatten().any(|candidate| candidate.origin == note.origin)
    }

    /// How many parts are left as they are, without those that a question is about.
    pub fn count_left(self) -> usize {
        self.left().count()
    }
}

/// What is left as it is, a line each: `settings.yaml:12:3: not migrated: a sentence`.
pub fn left(migration: Migration<'_>) -> String {
    let line = |(file, note): (&FilePlan, &Note)| {
        format!("{}: {}: {}\n", place(migration.sources, file, note), label(NoteKind::Left).0, sentence(note))
    };
    migration.left().map(line).collect()
}

/// What is to be known about the files of a plan besides what moves, below the name of each file.
pub fn notes(migration: Migration<'_>, style: Style, width: Option<usize>) -> String {
    let mut text = String::new();
    for file in &migration.plan.files {
        let mut told = String::new();
        notes_of(migration, file, false, style, width, &mut told);
        if !told.is_empty() {
            let _ = writeln!(text, "{}\n{told}", style.bold(&redact::show_text(&file.path)));
        }
    }
    text
}

/// The plan of one project: for each file that changes, or of which something is to be said, what moves and the notes,
/// then the mentions. What a question is about is told only if `has_asked`, where no list of questions follows. On a
/// terminal of `width` columns nothing is wider than that, except a word that is.
pub fn plan(migration: Migration<'_>, has_asked: bool, style: Style, width: Option<usize>) -> String {
    let mut text = String::new();
    for file in &migration.plan.files {
        let is_told = |note: &Note| has_asked || !migration.is_asked(note);
        if file.is_changed() || file.notes.iter().any(is_told) {
            let is_new = if file.source.is_none() { " (new)" } else { "" };
            let _ = writeln!(text, "{}{is_new}", style.bold(&redact::show_text(&file.path)));
            moves(&file.moves, width, &mut text);
            changes(file, width, &mut text);
            notes_of(migration, file, has_asked, style, width, &mut text);
            text.push('\n');
        }
    }
    if !migration.mentions.is_empty() {
        for line in wrap("Other files mention what goes away:", 0, 0, width) {
            let _ = writeln!(text, "{}", style.as_severity(Severity::Warning, &line));
        }
        mentions(migration.mentions, width, &mut text);
        text.push('\n');
    }
    text
}

/// `postgres_primary -> databases.main  7 keys, 2 comments`, one below the other, or on two lines if that is too wide.
fn moves(moves: &[Move], width: Option<usize>, text: &mut String) {
    let rows: Vec<[String; 3]> =
        moves.iter().map(|moved| [moved.from.to_string(), moved.to.to_string(), size(moved)]).collect();
    let column = |index: usize| rows.iter().map(|row| row[index].width()).max().unwrap_or(0);
    let (from, to) = (column(0), column(1));
    let is_wide = width.is_none_or(|width| 2 + from + 4 + to + 2 + column(2) <= width);
    for [old, new, count] in &rows {
        let (old_gap, new_gap) = (" ".repeat(from - old.width()), " ".repeat(to - new.width()));
        let line = if is_wide {
            format!("  {old}{old_gap} -> {new}{new_gap}  {count}")
        } else if width.is_none_or(|width| 7 + new.width() + 2 + count.width() <= width) {
            format!("  {old}\n    -> {new}  {count}")
        } else {
            format!("  {old}\n    -> {new}\n       {count}")
        };
        let _ = writeln!(text, "{}", line.trim_end());
    }
}

/// `7 keys, 2 comments`
fn size(moved: &Move) -> String {
    let keys = counted(moved.keys, "key");
    if moved.comments == 0 { keys } else { format!("{keys}, {}", counted(moved.comments, "comment")) }
}

/// Single values that change.
fn changes(file: &FilePlan, width: Option<usize>, text: &mut String) {
    for ValueChange { key, old, new } in &file.changes {
        let key = redact::escape(key);
        let value = |value: &String| redact::escape(value).into_owned();
        let words = match (old.as_ref().map(value), new.as_ref().map(value)) {
            (Some(old), Some(new)) => format!("{key}: {old} -> {new}"),
            (None, Some(new)) => format!("{key}: {new} (new)"),
            (Some(old), None) => format!("{key}: {old} (goes away)"),
            (None, None) => key.into_owned(),
        };
        put(&words, 2, 6, width, text);
    }
}

/// `not migrated: a sentence (settings.yaml:12:3)`, those of a kind together.
fn notes_of(
    migration: Migration<'_>,
    file: &FilePlan,
    has_asked: bool,
    style: Style,
    width: Option<usize>,
    text: &mut String,
) {
    let mut sorted: Vec<&Note> = file.notes.iter().filter(|note| has_asked || !migration.is_asked(note)).collect();
    sorted.sort_by_key(|note| note.kind);
    for note in sorted {
        let (label, severity) = label(note.kind);
        let words = format!("{} ({})", sentence(note), place(migration.sources, file, note));
        let _ = write!(text, "  {}: ", style.as_severity(severity, label));
        for (index, line) in wrap(&words, 4 + label.len(), 4, width).iter().enumerate() {
            let _ = writeln!(text, "{}{line}", if index == 0 { "" } else { "    " });
        }
    }
}

/// Where a note is about; a file that is new has no places yet.
fn place(sources: &Sources, file: &FilePlan, note: &Note) -> String {
    match note.origin {
        Origin::Default => redact::show_text(&file.path),
        _ => sources.describe(&note.origin),
    }
}

/// The words of a note behind its label, which says already that something is not migrated.
fn sentence(note: &Note) -> String {
    let words = redact::escape(&note.message);
    let (words, label) = (words.as_ref(), label(NoteKind::Left).0);
    if note.kind != NoteKind::Left {
        return words.to_owned();
    }
    words
        .strip_prefix(label)
        .and_then(|rest| rest.strip_prefix(": "))
        .map_or_else(|| words.replacen(&format!(" is {label}: "), ": ", 1), str::to_owned)
}

/// What a kind of notes is called, and how much it matters.
pub(super) fn label(kind: NoteKind) -> (&'static str, Severity) {
    match kind {
        NoteKind::Reference => ("reference", Severity::Info),
        NoteKind::Failover => ("failover", Severity::Info),
        NoteKind::Duplicate => ("duplicate", Severity::Info),
        NoteKind::Care => ("take care", Severity::Warning),
        NoteKind::Left => ("not migrated", Severity::Warning),
    }
}

/// The places of each key, in the order in which the keys are first met.
fn mentions(mentions: &[Mention], width: Option<usize>, text: &mut String) {
    let mut keys: Vec<&str> = Vec::new();
    for mention in mentions {
        if !keys.contains(&mention.key.as_str()) {
            keys.push(&mention.key);
        }
    }
    for key in keys {
        let all = mentions.iter().filter(|mention| mention.key == key);
        let places: Vec<String> = all.map(|it| format!("{}:{}", redact::show_text(&it.path), it.line)).collect();
        let shown = places.get(..PLACES.min(places.len())).unwrap_or_default().join(", ");
        let more = match places.len().saturating_sub(PLACES) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        put(&format!("`{}`: {shown}{more}", redact::show_text(key)), 2, 6, width, text);
    }
}

/// Writes words in lines that are indented, the first by `first` columns and the others by `others`.
pub(super) fn put(words: &str, first: usize, others: usize, width: Option<usize>, text: &mut String) {
    for (index, line) in wrap(words, first, others, width).iter().enumerate() {
        let indent = if index == 0 { first } else { others };
        let _ = writeln!(text, "{:indent$}{line}", "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Document, Format, KeyPath, Segment, Span};
    use crate::model::{FileFacts, Origin, Source, SourceKind};

    const PLAIN: Style = Style { is_coloured: false };

    fn path(keys: &[&str]) -> KeyPath {
        KeyPath::new(keys.iter().map(|key| Segment::Key((*key).into())).collect())
    }

    fn moved(from: &[&str], to: &[&str], keys: usize, comments: usize) -> Move {
        Move { from: path(from), to: path(to), keys, comments }
    }

    /// The plan of a file with moves, a change, two notes and a mention, and of a file that is new.
    #[track_caller]
    fn check(width: Option<usize>, expected: &str) {
        let mut sources = Sources::default();
        let source = sources.add(Source {
            name: "settings.yaml".to_owned(),
            kind: SourceKind::Settings { environment: None },
            document: Some(Document::parse(b"postgres_primary:\n  host: h\n", Format::Yaml)),
            facts: FileFacts::default(),
        });
        let origin = |start, end| Origin::Place { source, span: Span::new(start, end) };
        let note = |kind, message: &str, origin| Note { kind, message: message.to_owned(), origin };
        let file = FilePlan {
            source: Some(source),
            path: "settings.yaml".to_owned(),
            before: "a".to_owned(),
            after: "b".to_owned(),
            moves: vec![
                moved(&["postgres_primary"], &["databases", "main"], 7, 2),
                moved(&["mlflow_alt_db"], &["databases", "mlflow"], 1, 0),
            ],
            notes: vec![
                note(NoteKind::Left, "`analytics` stays, since nothing says what it is for", origin(0, 3)),
                note(NoteKind::Reference, "`alternative` follows to `databases.mlflow`", origin(20, 24)),
            ],
            changes: vec![ValueChange {
                key: "databases.mlflow.host".to_owned(),
                old: Some("dead.example.com".to_owned()),
                new: Some("db.example.com".to_owned()),
            }],
            record: Vec::new(),
            is_private: false,
            gone: Vec::new(),
        };
        let env = FilePlan {
            source: None,
            path: ".env".to_owned(),
            after: "b".to_owned(),
            before: String::new(),
            moves: Vec::new(),
            notes: Vec::new(),
            changes: Vec::new(),
            record: Vec::new(),
            is_private: true,
            gone: Vec::new(),
        };
        let plan_ = Plan { files: vec![file, env], questions: Vec::new() };
        let mention = |line| Mention { path: "app/db.py".to_owned(), line, key: "postgres_primary".to_owned() };
        let mentions: Vec<Mention> = (1..=10).map(mention).collect();
        let migration = Migration { sources: &sources, plan: &plan_, mentions: &mentions };
        let text = plan(migration, false, PLAIN, width);
        assert_eq!(text, expected);
        let widest = text.lines().map(str::len).max().expect("lines");
        assert!(width.is_none_or(|width| widest <= width), "{widest}");
    }

    #[test]
    fn what_moves_stands_in_columns() {
        check(
            None,
            "\
settings.yaml
  postgres_primary -> databases.main    7 keys, 2 comments
  mlflow_alt_db    -> databases.mlflow  1 key
  databases.mlflow.host: dead.example.com -> db.example.com
  reference: `alternative` follows to `databases.mlflow` (settings.yaml:2:3)
  not migrated: `analytics` stays, since nothing says what it is for (settings.yaml:1:1)

.env (new)

Other files mention what goes away:
  `postgres_primary`: app/db.py:1, app/db.py:2, app/db.py:3, app/db.py:4, app/db.py:5, app/db.py:6, app/db.py:7, app/db.py:8 and 2 more

",
        );
    }

    #[test]
    fn a_narrow_terminal_has_shorter_lines() {
        check(
            Some(41),
            "\
settings.yaml
  postgres_primary
    -> databases.main  7 keys, 2 comments
  mlflow_alt_db
    -> databases.mlflow  1 key
  databases.mlflow.host: dead.example.com
      -> db.example.com
  reference: `alternative` follows to
    `databases.mlflow`
    (settings.yaml:2:3)
  not migrated: `analytics` stays, since
    nothing says what it is for
    (settings.yaml:1:1)

.env (new)

Other files mention what goes away:
  `postgres_primary`: app/db.py:1,
      app/db.py:2, app/db.py:3,
      app/db.py:4, app/db.py:5,
      app/db.py:6, app/db.py:7,
      app/db.py:8 and 2 more

",
        );
    }
}

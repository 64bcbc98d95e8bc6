//! A migration for programs: version 1, which changes only by addition.

use serde::Serialize;

use crate::model::{Candidate, FilePlan, Move, Note, NoteKind, Origin, Question, Role, Sources, ValueChange};
use crate::redact;

use super::entry::Entry;
use super::json::{Findings, Point, VERSION, safe};
use super::plan::Migration;

/// The plans of several projects as JSON, indented, with a final newline. `differences` holds, for each file of each
/// plan, how it changes, masked.
pub fn migration_json(
    migrations: &[Migration<'_>],
    differences: &[Vec<String>],
    entries: &[Entry],
    is_written: bool,
) -> String {
    let none = Vec::new();
    let all = || migrations.iter().zip(differences.iter().chain(std::iter::repeat(&none)));
    let files = all().flat_map(|(migration, differences)| {
        let differences = differences.iter().map(String::as_str).chain(std::iter::repeat(""));
        migration.plan.files.iter().zip(differences).map(|(plan, diff)| file(migration.sources, plan, diff))
    });
    let questions = all()
        .flat_map(|(migration, _)| migration.plan.questions.iter().map(|question| asked(migration.sources, question)));
    let mentions = all().flat_map(|(migration, _)| migration.mentions).map(|mention| Mention {
        path: redact::show_text(&mention.path),
        line: mention.line,
        key: redact::show_text(&mention.key),
    });
    let report = Report {
        version: VERSION,
        files: files.collect(),
        questions: questions.collect(),
        findings: Findings(entries),
        mentions: mentions.collect(),
        written: is_written,
    };
    serde_json::to_string_pretty(&report).unwrap_or_default() + "\n"
}

#[derive(Serialize)]
struct Report<'run> {
    version: u32,
    files: Vec<File<'run>>,
    questions: Vec<Asked>,
    findings: Findings<'run>,
    mentions: Vec<Mention>,
    written: bool,
}

#[derive(Serialize)]
struct File<'run> {
    path: String,
    changed: bool,
    new: bool,
    moves: Vec<Moved>,
    changes: Vec<Changed>,
    notes: Vec<Told>,
    diff: &'run str,
}

#[derive(Serialize)]
struct Moved {
    from: String,
    to: String,
    keys: usize,
    comments: usize,
}

/// A value that changes, masked; what there is not is `null`.
#[derive(Serialize)]
pub(super) struct Changed {
    key: String,
    old: Option<String>,
    new: Option<String>,
}

#[derive(Serialize)]
struct Told {
    kind: &'static str,
    message: String,
    #[serde(flatten)]
    place: Place,
}

#[derive(Serialize)]
struct Place {
    path: Option<String>,
    start: Option<Point>,
}

#[derive(Serialize)]
struct Mention {
    path: String,
    line: u32,
    key: String,
}

/// What is to be decided, with the flag that does it.
#[derive(Serialize)]
#[serde(rename_all = "lowercase", tag = "kind")]
enum Asked {
    Prefer {
        flag: &'static str,
        role: String,
        candidates: Vec<Named>,
    },
    Map {
        flag: &'static str,
        name: String,
        #[serde(flatten)]
        place: Place,
    },
    Relocate {
        flag: &'static str,
        role: String,
        reason: String,
        #[serde(flatten)]
        place: Place,
        servers: Vec<String>,
    },
    Server {
        flag: &'static str,
        roles: Vec<String>,
    },
    Secrets {
        flag: &'static str,
        count: usize,
    },
}

#[derive(Serialize)]
struct Named {
    name: String,
    shown: String,
    #[serde(flatten)]
    place: Place,
}

fn file<'run>(sources: &Sources, plan: &FilePlan, diff: &'run str) -> File<'run> {
    let moved =
        |it: &Move| Moved { from: it.from.to_string(), to: it.to.to_string(), keys: it.keys, comments: it.comments };
    let told = |note: &Note| Told {
        kind: kind(note.kind),
        message: safe(&note.message),
        place: match note.origin {
            // A file that is new has no places yet.
            Origin::Default => Place { path: Some(redact::show_text(&plan.path)), start: None },
            _ => place(sources, &note.origin),
        },
    };
    File {
        path: redact::show_text(&plan.path),
        changed: plan.is_changed(),
        new: plan.source.is_none(),
        moves: plan.moves.iter().map(moved).collect(),
        changes: plan.changes.iter().map(changed).collect(),
        notes: plan.notes.iter().map(told).collect(),
        diff,
    }
}

fn kind(kind: NoteKind) -> &'static str {
    match kind {
        NoteKind::Reference => "reference",
        NoteKind::Failover => "failover",
        NoteKind::Duplicate => "duplicate",
        NoteKind::Care => "care",
        NoteKind::Left => "left",
    }
}

pub(super) fn changed(change: &ValueChange) -> Changed {
    let text = |text: &Option<String>| text.as_deref().map(safe);
    Changed { key: safe(&change.key), old: text(&change.old), new: text(&change.new) }
}

fn place(sources: &Sources, origin: &Origin) -> Place {
    let location = sources.locate(origin);
    Place {
        path: (!location.path.is_empty()).then(|| redact::show_text(&location.path)),
        start: location.start.map(Point::of),
    }
}

fn asked(sources: &Sources, question: &Question) -> Asked {
    let shown = |role: &Role| redact::show_text(role.name());
    let named = |it: &Candidate| Named {
        name: redact::show_text(&it.name),
        shown: safe(&it.shown),
        place: place(sources, &it.origin),
    };
    match question {
        Question::Prefer { role, candidates } => {
            let candidates = candidates.iter().map(named).collect();
            Asked::Prefer { flag: "--prefer", role: shown(role), candidates }
        }
        Question::Map { name, origin } => {
            Asked::Map { flag: "--map", name: redact::show_text(name), place: place(sources, origin) }
        }
        Question::Relocate { role, reason, origin, servers } => Asked::Relocate {
            flag: "--relocate",
            role: shown(role),
            reason: safe(reason),
            place: place(sources, origin),
            servers: servers.iter().map(shown).collect(),
        },
        Question::Server { roles } => Asked::Server { flag: "--server", roles: roles.iter().map(shown).collect() },
        Question::Secrets { count } => Asked::Secrets { flag: "--secrets", count: *count },
    }
}

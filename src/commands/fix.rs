//! `dbcfg check --fix`: mends findings, reads the new texts again until nothing is left to mend, and then writes once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::document::{Document, Format};
use crate::finding::{Finding, Safety};
use crate::load::{Query, Read};
use crate::model::{FileFacts, Source, SourceKind, ValueChange};
use crate::report::{self, Style};
use crate::rewrite::fix;
use crate::rewrite::write::{self, FileChange, Job};

use super::input;
use super::migrate::store;

/// How often the new texts are read again at most. What is mended in one round seldom lets another one find more.
pub(super) const ROUNDS: usize = 10;

/// One file with what one round, or all of them, make of it.
pub(super) struct Mended {
    /// Its path without detours and links; empty for standard input.
    identity: PathBuf,
    /// Its path, as it was named or found.
    name: String,
    kind: SourceKind,
    format: Format,
    before: String,
    after: String,
    /// How many findings are mended.
    fixed: usize,
    changes: Vec<ValueChange>,
}

/// The files of a run that are mended.
#[derive(Default)]
pub(super) struct Mending {
    files: BTreeMap<PathBuf, Mended>,
}

/// Mends findings of a project, of which all are to be shown: what is suppressed or known already is not mended.
pub(super) fn mend(read: &Read, findings: &[Finding], safety: Safety) -> Vec<Mended> {
    let sources = &read.project.sources;
    let may_change = |id| read.asked.as_ref().is_none_or(|asked| asked.contains(&id));
    let files = fix::fix(sources, findings, safety, may_change).into_iter().filter_map(|file| {
        let source = sources.get(file.source);
        let document = source.document.as_ref()?;
        let is_stdin = read.stdin == Some(file.source);
        let identity = if is_stdin { PathBuf::new() } else { input::identity(Path::new(&source.name)) };
        Some(Mended {
            identity,
            name: source.name.clone(),
            kind: source.kind.clone(),
            format: document.format(),
            before: document.text().to_owned(),
            after: file.after,
            fixed: file.fixed,
            changes: file.changes,
        })
    });
    files.collect()
}

impl Mending {
    /// Takes in what one round has mended, so that the next one reads it. Says whether that was anything.
    pub(super) fn add(&mut self, round: impl IntoIterator<Item = Mended>, query: &mut Query) -> bool {
        let mut new: BTreeMap<PathBuf, Mended> = BTreeMap::new();
        for mended in round {
            // Two projects may both ask for a file, and then it is mended twice in the same way.
            new.entry(mended.identity.clone()).or_insert(mended);
        }
        let is_anything = !new.is_empty();
        for (identity, mut mended) in new {
            let text = mended.after.clone().into_bytes();
            match &mut query.stdin {
                Some(stdin) if identity.as_os_str().is_empty() => stdin.bytes = text,
                _ => {
                    query.texts.insert(identity.clone(), text);
                }
            }
            match self.files.get_mut(&identity) {
                Some(known) => {
                    known.after = mended.after;
                    known.fixed += mended.fixed;
                    known.changes.append(&mut mended.changes);
                }
                None => {
                    self.files.insert(identity, mended);
                }
            }
        }
        is_anything
    }

    /// How many findings are mended.
    pub(super) fn fixed(&self) -> usize {
        self.changed().map(|file| file.fixed).sum()
    }

    /// `2 problems in 1 file`
    pub(super) fn counted(&self) -> String {
        format!("{} in {}", report::counted(self.fixed(), "problem"), report::counted(self.changed().count(), "file"))
    }

    /// The files that are not as they were.
    fn changed(&self) -> impl Iterator<Item = &Mended> {
        self.files.values().filter(|file| file.before != file.after)
    }

    /// What changes, secrets masked.
    pub(super) fn diff(&self, style: Style) -> String {
        let source = |file: &Mended, text: &str| Source {
            name: file.name.clone(),
            kind: file.kind.clone(),
            document: Some(Document::parse(text.as_bytes(), file.format)),
            facts: FileFacts::default(),
        };
        let diff = |file: &Mended| report::diff(Some(&source(file, &file.before)), &source(file, &file.after), style);
        self.changed().map(diff).collect()
    }

    /// Writes the files, all or none. What came from standard input is not among them.
    pub(super) fn write(&self, has_backup: bool) -> Result<()> {
        let files = self.changed().filter(|file| !file.identity.as_os_str().is_empty());
        let change = |file: &Mended| FileChange {
            path: PathBuf::from(&file.name),
            before: Some(file.before.clone().into_bytes()),
            after: file.after.clone().into_bytes(),
            is_private: false,
            changes: file.changes.clone(),
        };
        let job = Job { action: "check --fix", files: files.map(change).collect() };
        if job.files.is_empty() {
            return Ok(());
        }
        let store = if has_backup { Some(store::store()?) } else { None };
        let written = write::write(store.as_ref(), &job).map_err(|error| store::explain(&error))?;
        store::warn(&written);
        Ok(())
    }
}

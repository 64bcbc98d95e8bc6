//! Fixes: what the files of a project become when findings are mended. Nothing is written here.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::edit::{Draft, EditError, Edited, NewValue};
use crate::document::{Document, NodeId};
use crate::finding::{Change, Finding, Fix, FixChange, Safety};
use crate::model::{Source, SourceId, Sources, ValueChange};
use crate::redact::{self, MASK};

/// How often a file is tried to be written with some of its fixes, if all cannot be: each time is as long as reading it.
const ATTEMPTS: u32 = 64;

/// A file with findings mended.
#[derive(Debug)]
pub struct FixedFile {
    /// The file.
    pub source: SourceId,
    /// Its new text.
    pub after: String,
    /// How many findings are mended with it, each counted in one file only.
    pub fixed: usize,
    /// What changes, with secrets masked.
    pub changes: Vec<ValueChange>,
}

/// Mends findings, as far as their fixes are safe enough and within the files that may be changed. Of two that are about
/// the same entry the first is mended; the other one is found again, if it is still one, when the new text is read.
pub fn fix(
    sources: &Sources,
    findings: &[Finding],
    safety: Safety,
    may_change: impl Fn(SourceId) -> bool,
) -> Vec<FixedFile> {
    let mut taken: BTreeSet<(SourceId, NodeId)> = BTreeSet::new();
    let mut by_file: BTreeMap<SourceId, Vec<&Fix>> = BTreeMap::new();
    for fix in findings.iter().filter_map(|finding| finding.fix.as_ref()).filter(|fix| fix.safety <= safety) {
        // No rule mends two files at once.
        let Some(source) = fix.changes.first().map(|change| change.source).filter(|source| may_change(*source)) else {
            continue;
        };
        let Some(document) = sources.get(source).document.as_ref() else { continue };
        let entry = |change: &FixChange| {
            let entry = document.entry(change.node);
            (change.source, entry.map_or(change.node, |entry| entry.key))
        };
        let entries: Vec<(SourceId, NodeId)> = fix.changes.iter().map(entry).collect();
        if entries.iter().all(|entry| entry.0 == source && !taken.contains(entry)) {
            taken.extend(entries);
            by_file.entry(source).or_default().push(fix);
        }
    }
    by_file.into_iter().filter_map(|(source, fixes)| file(source, sources.get(source), fixes)).collect()
}

/// Mends what can be mended in one file, best all at once.
fn file(id: SourceId, source: &Source, fixes: Vec<&Fix>) -> Option<FixedFile> {
    let document = source.document.as_ref()?;
    let (edited, done) = if let Ok(edited) = edit(document, &fixes) {
        (edited, fixes)
    } else {
        let mut attempts = ATTEMPTS;
        let able = able(document, &fixes, &mut attempts);
        (edit(document, &able).ok()?, able)
    };
    let changes = done.iter().flat_map(|fix| &fix.changes).filter_map(|change| told(document, change)).collect();
    let after = edited.document.text().to_owned();
    (after != document.text()).then_some(FixedFile { source: id, after, fixed: done.len(), changes })
}

/// The fixes that can be written: half of them is tried, and half of a half, until those that cannot are found.
fn able<'fixes>(document: &Document, fixes: &[&'fixes Fix], attempts: &mut u32) -> Vec<&'fixes Fix> {
    if fixes.is_empty() || *attempts == 0 {
        return Vec::new();
    }
    *attempts -= 1;
    if edit(document, fixes).is_ok() {
        return fixes.to_vec();
    }
    if fixes.len() == 1 {
        return Vec::new();
    }
    let (first, second) = fixes.split_at(fixes.len() / 2);
    let mut all = able(document, first, attempts);
    all.append(&mut able(document, second, attempts));
    all
}

fn edit(document: &Document, fixes: &[&Fix]) -> Result<Edited, EditError> {
    let mut draft = Draft::new(document);
    for change in fixes.iter().flat_map(|fix| &fix.changes) {
        let place = draft.place(change.node);
        match (&change.change, change.value(document)) {
            (Change::Key(key), _) => draft.rename(place, key),
            (_, Some(value)) => draft.replace(place, value),
            (_, None) => {}
        }
    }
    draft.finish()
}

/// A change as the journal tells it.
fn told(document: &Document, change: &FixChange) -> Option<ValueChange> {
    let key = redact::show_text(&document.path(change.node).to_string());
    let old = document.text_of(change.node)?;
    let (old, new) = match &change.change {
        Change::Key(new) => (redact::show_text(old), redact::show_text(new)),
        Change::Words { old, new, .. } => (redact::show_text(old), redact::show_text(new)),
        // As it is written: quotes may be all that changes.
        Change::Value(value) => (written(document, change.node, old), shown(value)),
        // What is put in quotes may be a password, whatever its key is called.
        Change::Text => (MASK.to_owned(), MASK.to_owned()),
    };
    Some(ValueChange { key, old: Some(old), new: Some(new) })
}

/// A scalar with its quotes, or the mask if its key says that it is secret.
fn written(document: &Document, node: NodeId, text: &str) -> String {
    let name = document.entry(node).and_then(|entry| document.key(entry));
    if name.is_some_and(redact::is_secret_name) {
        return MASK.to_owned();
    }
    let span = document.node(node).span;
    if span.is_empty() { redact::show_text(text) } else { redact::show_text(document.slice(span)) }
}

fn shown(value: &NewValue) -> String {
    match value {
        NewValue::Integer(number) => number.to_string(),
        NewValue::Float(number) => number.to_string(),
        NewValue::Bool(switch) => switch.to_string(),
        NewValue::Text(_) | NewValue::Written(_) | NewValue::Map(_) | NewValue::List(_) => MASK.to_owned(),
    }
}

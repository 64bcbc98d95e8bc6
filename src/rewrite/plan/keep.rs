//! `--keep-legacy`: the canonical sections beside the old ones, for a switch in two steps.

use crate::document::edit::{At, Draft, NewValue};
use crate::document::{Document, Format, Segment};
use crate::model::NoteKind;

use super::value;
use super::work::Done;

/// The old text with the databases that a plan has made, each as a copy.
pub(super) fn beside(before: &Document, done: Done) -> Result<Done, String> {
    let Done { mut file, document: after } = done;
    let mut draft = Draft::new(before);
    for (old_root, new_root) in before.roots().iter().zip(after.roots()) {
        copy_databases(&mut draft, before, *old_root, &after, *new_root);
        let Some(environments) = before.get(*old_root, "environments") else { continue };
        for entry in before.entries(environments.value).to_vec() {
            let new = before.key(entry).and_then(|name| after.get_path(*new_root, ["environments", name]));
            if let Some(new) = new.filter(|_| before.is_mapping(entry.value)) {
                copy_databases(&mut draft, before, entry.value, &after, new);
            }
        }
    }
    let edited = draft.finish().map_err(|error| error.to_string())?;
    file.record = super::changes::between(before, &edited.document, &edited.edits);
    edited.document.text().clone_into(&mut file.after);
    // What stays does not move; what is told is what stands beside it now.
    file.moves.retain(|it| {
        let mut keys = it.to.segments().iter();
        let is_database =
            matches!(keys.next(), Some(Segment::Key(key)) if **key == *"databases" || **key == *"environments");
        is_database && it.keys > 1
    });
    file.notes.retain(|note| matches!(note.kind, NoteKind::Left | NoteKind::Care | NoteKind::Failover));
    file.gone.clear();
    Ok(Done { file, document: edited.document })
}

fn copy_databases(
    draft: &mut Draft<'_>,
    before: &Document,
    old_root: crate::document::NodeId,
    after: &Document,
    new_root: crate::document::NodeId,
) {
    let Some(databases) = after.get(new_root, "databases") else { return };
    let top = draft.place(old_root);
    // Before the first section that would have gone.
    let entries = before.entries(old_root);
    let is_gone =
        |entry: &&crate::document::Entry| before.key(**entry).is_some_and(|key| after.get(new_root, key).is_none());
    let first = entries.iter().find(is_gone).map(|entry| entry.value);
    for entry in after.entries(databases.value).to_vec() {
        let Some(role) = after.key(entry) else { continue };
        if before.get_path(old_root, ["databases", role]).is_some() {
            continue;
        }
        let section = draft.find(top, "databases").unwrap_or_else(|| {
            // In TOML a table ends where the next begins, so that only the end is nobody's.
            let is_toml = before.format() == Format::Toml;
            let at = first.filter(|_| !is_toml).map_or(At::End, |first| At::Before(draft.place(first)));
            draft.insert(top, at, Some("databases"), NewValue::Map(Vec::new()))
        });
        draft.insert(section, At::End, Some(role), value::of_node(after, entry.value));
    }
}

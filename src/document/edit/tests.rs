//! Tables of drafts: a text, what is done to it, and the text that comes of it.

mod corners;
mod env;
mod json;
mod toml;
mod yaml;

use super::{At, Draft, EditError, NewValue, Place};
use crate::document::{Document, Format};

/// Does something to a text, and compares what comes of it.
fn check(format: Format, before: &str, change: impl FnOnce(&mut Draft<'_>), after: &str) {
    let document = Document::parse(before.as_bytes(), format);
    let mut draft = Draft::new(&document);
    change(&mut draft);
    let edited = draft.finish().unwrap_or_else(|error| panic!("{error:?} for {before}"));
    assert_eq!(edited.document.text(), after, "of {before}");
    let mut text = before.to_owned();
    for edit in edited.edits.iter().rev() {
        text.replace_range(edit.span.range(), &edit.text);
    }
    assert_eq!(text, after, "the edits of {before}");
}

/// Does something to a text that there is no text for.
fn refused(format: Format, before: &str, change: impl FnOnce(&mut Draft<'_>)) -> (String, &'static str) {
    let document = Document::parse(before.as_bytes(), format);
    let mut draft = Draft::new(&document);
    change(&mut draft);
    match draft.finish() {
        Err(EditError::Unsupported { path, what }) => (path, what),
        Err(other) => panic!("{other:?} for {before}"),
        Ok(edited) => panic!("{} for {before}", edited.document.text()),
    }
}

/// The place at the end of a path of keys and numbers of items.
fn at(draft: &mut Draft<'_>, path: &str) -> Place {
    let mut place = draft.top();
    for step in path.split('.').filter(|step| !step.is_empty()) {
        place = match step.parse::<usize>() {
            Ok(index) => draft.items(place)[index],
            Err(_) => draft.find(place, step).unwrap_or_else(|| panic!("{step} of {path}")),
        };
    }
    place
}

fn text(text: &str) -> NewValue {
    NewValue::Text(text.to_owned())
}

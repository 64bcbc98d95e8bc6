//! What stands around a key or value.

use crate::document::{Document, Entry, NodeId, Span};
use crate::redact;

/// What a key or value is about.
pub(super) struct Context<'document> {
    /// The keys from the top to it, without its own if it is a key.
    pub(super) names: Vec<&'document str>,
    /// What the outermost key of a secret around it covers.
    pub(super) secret: Option<Span>,
    /// Its entry, if it is a key.
    pub(super) key_of: Option<Entry>,
    /// Whether it is an item of a list.
    pub(super) is_item: bool,
}

impl<'document> Context<'document> {
    /// What is about a key or value: its names, and whether a secret is around it.
    pub(super) fn of(document: &'document Document, leaf: NodeId) -> Self {
        let key_of = document.entry(leaf).filter(|entry| entry.key == leaf);
        let mut context = Self { names: Vec::new(), secret: None, key_of, is_item: false };
        let mut at = leaf;
        while let Some(parent) = document.parent(at) {
            match document.entry(at) {
                Some(entry) if at != leaf || key_of.is_none() => {
                    let name = document.text_of(entry.key).unwrap_or_default();
                    context.names.push(name);
                    if redact::is_secret_name(name) {
                        context.secret = Some(document.node(entry.value).span);
                    }
                }
                Some(_) => {}
                None => context.is_item |= context.names.is_empty(),
            }
            at = parent;
        }
        context.names.reverse();
        context
    }
}

/// The words of a text, with their places.
pub(super) fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split([' ', '\t', '\n', '\r'])
        .map(move |word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
        .filter(|(_, word)| !word.is_empty())
}

/// Whether a text looks like the name of a setting, and not like a piece of a value.
pub(super) fn is_name(text: &str) -> bool {
    text == "<<"
        || (!text.is_empty() && text.len() <= 100 && text.chars().all(|c| c.is_alphanumeric() || "_-./".contains(c)))
}

//! References that follow: `credential_ref`, `backend_options`, and `${databases.old.key}`.

use std::collections::BTreeMap;

use crate::document::edit::NewValue;
use crate::document::{KeyPath, NodeId, ScalarStyle, Segment};
use crate::layouts::{self, Field, REFERRED};
use crate::model::NoteKind;
use crate::template::{Syntax, Template};

use super::work::Work;

impl Work<'_> {
    /// Lets every reference of the file follow what it refers to.
    pub(super) fn follow_references(&mut self, renamed: &BTreeMap<String, String>) {
        let document = self.document;
        let leaves: Vec<NodeId> = document
            .leaves()
            .filter(|leaf| {
                document.text_of(*leaf).is_some_and(|text| text.contains('$')) || self.is_name_of_section(*leaf)
            })
            .collect();
        for leaf in leaves {
            let place = self.draft.place(leaf);
            if !self.draft.is_attached(place) || self.draft.node(place) != Some(leaf) {
                continue;
            }
            let Some(scalar) = document.scalar(leaf) else { continue };
            let (text, raw) = (scalar.text, document.slice(document.node(leaf).span));
            let is_name = !text.contains('$');
            let new = if is_name { self.followed_name(text) } else { Some(self.followed(text, renamed)) };
            let Some(new) = new.filter(|new| new != text) else { continue };
            let message = format!("`{}` follows to `{}`", Self::shown_reference(text), Self::shown_reference(&new));
            self.note(NoteKind::Reference, leaf, message);
            let is_block = matches!(scalar.style, ScalarStyle::Literal | ScalarStyle::Folded);
            let value = if is_block || is_name {
                NewValue::Text(new)
            } else {
                // Only the name changes, and the rest stays as it is written.
                NewValue::Written(self.followed(raw, renamed))
            };
            self.replace(place, value);
        }
    }

    /// A text that holds references may hold secrets beside them.
    fn shown_reference(text: &str) -> String {
        Self::shown(&Template::parse(text, Syntax::Braces).masked(false))
    }

    /// Whether a value is the name of a section, by the key that it stands under.
    fn is_name_of_section(&self, leaf: NodeId) -> bool {
        let document = self.document;
        let key_of = |node: NodeId| document.entry(node).and_then(|entry| document.key(entry));
        if key_of(leaf).is_some_and(|key| layouts::field(key) == Some(Field::CredentialRef)) {
            return true;
        }
        // A mapping of names, or a list of them.
        document.parent(leaf).and_then(key_of) == Some("backend_options")
    }

    /// A text with its references as they are to be.
    fn followed(&mut self, text: &str, renamed: &BTreeMap<String, String>) -> String {
        let template = Template::parse(text, Syntax::Braces);
        let paths: Vec<String> = template.references().into_iter().map(str::to_owned).collect();
        let mut new = text.to_owned();
        for path in paths {
            if let Some(to) = self.new_path(&path) {
                new = new.replace(&format!("${{{path}}}"), &format!("${{{to}}}"));
            }
        }
        for (from, to) in renamed {
            for (open, close) in [("${", "}"), ("${", ":"), ("${", "-"), ("${", "?"), ("${", "+"), ("${oc.env:", "}")] {
                new = new.replace(&format!("{open}{from}{close}"), &format!("{open}{to}{close}"));
            }
        }
        for (from, to) in renamed {
            new = with_bare(&new, from, to);
        }
        new
    }

    /// Where the value at a dotted path stands in the new file, if it moves.
    fn new_path(&mut self, path: &str) -> Option<String> {
        let roots = self.document.roots().to_vec();
        let node = roots.into_iter().find_map(|root| self.document.get_path(root, path.split('.')))?;
        let new = self.path_now(node)?;
        let new = dotted(&new)?;
        (new != path).then_some(new)
    }

    /// The path of a node in the new file, or of what took its place.
    fn path_now(&mut self, node: NodeId) -> Option<KeyPath> {
        let place = self.draft.place(node);
        if self.draft.is_attached(place) {
            return Some(self.draft.path(place));
        }
        let mut heir = *self.heirs.get(&node)?;
        for _ in 0..16 {
            if self.draft.is_attached(heir) {
                return Some(self.draft.path(heir));
            }
            heir = *self.heirs.get(&self.draft.node(heir)?)?;
        }
        None
    }

    /// The new name of a section that is referred to by its old one.
    fn followed_name(&mut self, text: &str) -> Option<String> {
        let last = text.rsplit('.').next().unwrap_or(text);
        let roots = self.document.roots().to_vec();
        let node = roots.into_iter().find_map(|root| {
            let scopes = REFERRED.iter().filter_map(|key| self.document.get(root, key)).map(|entry| entry.value);
            let mut scopes = std::iter::once(root).chain(scopes);
            scopes.find_map(|scope| self.document.get(scope, last)).map(|entry| entry.value)
        })?;
        let before = self.document.path(node);
        let now = self.path_now(node)?;
        if now == before {
            return None;
        }
        // A member of main has no name of its own.
        let named: Vec<Segment> =
            now.segments().iter().take_while(|segment| matches!(segment, Segment::Key(_))).cloned().collect();
        let named = if named.len() < now.segments().len() { named[..2.min(named.len())].to_vec() } else { named };
        dotted(&KeyPath::new(named))
    }
}

/// A path of plain keys, as references write it.
fn dotted(path: &KeyPath) -> Option<String> {
    let key = |segment: &Segment| match segment {
        Segment::Key(key) if !key.contains(['.', '}', '$']) => Some(key.to_string()),
        _ => None,
    };
    path.segments().iter().map(key).collect::<Option<Vec<String>>>().map(|keys| keys.join("."))
}

/// A text with `$NAME` renamed, where no longer name stands.
fn with_bare(text: &str, from: &str, to: &str) -> String {
    let mut new = String::with_capacity(text.len());
    let mut rest = text;
    let sign = format!("${from}");
    while let Some(at) = rest.find(&sign) {
        let behind = &rest[at + sign.len()..];
        let is_whole = !behind.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        let is_escaped = rest[..at].ends_with(['\\', '$']);
        new.push_str(&rest[..at]);
        new.push('$');
        new.push_str(if is_whole && !is_escaped { to } else { from });
        rest = behind;
    }
    new.push_str(rest);
    new
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_names_follow() {
        for (text, expected) in [
            ("$DB_HOST/x", "$NEW/x"),
            ("a $DB_HOST b $DB_HOST", "a $NEW b $NEW"),
            ("$DB_HOSTS $DB_HOST_2", "$DB_HOSTS $DB_HOST_2"),
            ("\\$DB_HOST $$DB_HOST", "\\$DB_HOST $$DB_HOST"),
            ("", ""),
        ] {
            assert_eq!(with_bare(text, "DB_HOST", "NEW"), expected);
        }
    }
}

//! Key paths: the name of a place in a tree, as people and rules speak of it.

use std::fmt;

use crate::redact::{self, MASK};

/// One step of a [`KeyPath`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Segment {
    /// A key of a mapping.
    Key(Box<str>),
    /// An item of a sequence, from 0.
    Index(usize),
}

/// A place in a tree: `databases.main.failover[0].host`. A key that holds a dot or is empty is quoted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyPath(Vec<Segment>);

impl KeyPath {
    /// A path of these steps.
    pub fn new(segments: Vec<Segment>) -> Self {
        Self(segments)
    }

    /// The steps.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut is_secret = false;
        for (index, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Key(_) if is_secret => write!(formatter, ".{MASK}")?,
                Segment::Index(item) => write!(formatter, "[{item}]")?,
                Segment::Key(key) => {
                    if index > 0 {
                        formatter.write_str(".")?;
                    }
                    // A file may use anything for a key, also what belongs into a value.
                    let shown = redact::show_text(key);
                    if key.is_empty() || key.contains(['.', '[', ' ', '"']) {
                        write!(formatter, "\"{shown}\"")?;
                    } else {
                        formatter.write_str(&shown)?;
                    }
                    // What stands in place of a password is no name; what `secrets` hold has one.
                    is_secret |= redact::is_secret_name(key) && !key.ends_with(['s', 'S']);
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_place_of_a_password_is_no_name() {
        for (keys, expected) in [
            (&["main", "a.b", ""][..], "main.\"a.b\".\"\""),
            (&["main", "password", "canary"], "main.password.********"),
            (&["secrets", "db_password", "canary", "x"], "secrets.db_password.********.********"),
        ] {
            let segments = keys.iter().map(|key| Segment::Key((*key).into())).collect();
            assert_eq!(KeyPath::new(segments).to_string(), expected);
        }
    }
}

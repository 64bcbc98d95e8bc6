//! What mends a finding: changes of the tree, and whether anybody who reads the file could mind them.

use crate::document::edit::NewValue;
use crate::document::{Document, Format, NodeId, NodeKind, ProblemKind, ScalarStyle, Span};
use crate::model::{Origin, SourceId, Sources};

/// Whether anybody who reads the file could mind a fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Safety {
    /// Whoever understood the old text takes the new one for the same, and every comment is still there.
    Safe,
    /// What it means changes for somebody, or what was meant is a guess.
    Unsafe,
}

impl Safety {
    /// The word for it, in every output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
        }
    }
}

/// What mends a finding. It holds no secret: what stays of a value is taken from the file when it is mended.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// Whether anybody could mind.
    pub safety: Safety,
    /// What is to change, all of it or nothing.
    pub changes: Vec<FixChange>,
}

/// One change of a fix.
#[derive(Clone, Debug, PartialEq)]
pub struct FixChange {
    /// The file.
    pub source: SourceId,
    /// The value, or the key.
    pub node: NodeId,
    /// What becomes of it.
    pub change: Change,
}

/// What becomes of a key or value.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// The entry that the node is the key of has another key.
    Key(String),
    /// The value is another one, which is no secret.
    Value(NewValue),
    /// The value is the text that it is written as, whatever readers took it for.
    Text,
    /// Words of the value are others. They are all that the span covers, or all that stands behind a `=` in it.
    Words {
        /// The part of the value.
        span: Span,
        /// The words.
        old: String,
        /// The words in their place.
        new: String,
    },
}

impl Fix {
    /// A fix of one change at an origin; none where no file has the value.
    fn at(origin: &Origin, safety: Safety, change: impl FnOnce(Span) -> Change) -> Option<Self> {
        let Origin::Node { source, node, span } = origin else { return None };
        Some(Self { safety, changes: vec![FixChange { source: *source, node: *node, change: change(*span) }] })
    }

    /// Another key for the entry whose key the origin is.
    pub fn key(origin: &Origin, safety: Safety, new: &str) -> Option<Self> {
        Self::at(origin, safety, |_| Change::Key(new.to_owned()))
    }

    /// Another value, which is no secret.
    pub fn value(origin: &Origin, safety: Safety, new: NewValue) -> Option<Self> {
        Self::at(origin, safety, |_| Change::Value(new))
    }

    /// The value as the text that it is written as.
    pub fn text(origin: &Origin, safety: Safety) -> Option<Self> {
        Self::at(origin, safety, |_| Change::Text)
    }

    /// Other words in a value or in the part of one that the origin is.
    pub fn words(origin: &Origin, safety: Safety, old: &str, new: &str) -> Option<Self> {
        Self::at(origin, safety, |span| Change::Words { span, old: old.to_owned(), new: new.to_owned() })
    }

    /// Whether it can be made: each place is as the rule believed, can be written, and changes nothing elsewhere.
    pub fn is_possible(&self, sources: &Sources) -> bool {
        self.changes.iter().all(|change| {
            let document = sources.get(change.source).document.as_ref();
            let is_possible = |document: &Document| {
                is_writable(document) && change.fits(document) && !is_shared(document, change.node)
            };
            document.is_some_and(is_possible)
        })
    }
}

impl FixChange {
    /// What the value becomes, in a document that it fits; none for a key.
    pub fn value(&self, document: &Document) -> Option<NewValue> {
        match &self.change {
            Change::Key(_) => None,
            Change::Value(value) => Some(value.clone()),
            Change::Text => Some(NewValue::Text(document.text_of(self.node)?.to_owned())),
            Change::Words { span, old, new } => {
                let start = words_in(document, self.node, *span, old)?;
                let text = document.text_of(self.node)?;
                Some(NewValue::Text(format!("{}{new}{}", &text[..start], &text[start + old.len()..])))
            }
        }
    }

    /// Whether the place is as the rule believed. An alias, an anchor and a tagged value are written for a reason.
    fn fits(&self, document: &Document) -> bool {
        if !matches!(document.node(self.node).kind, NodeKind::Scalar { .. }) || document.marks(self.node).is_some() {
            return false;
        }
        match &self.change {
            Change::Key(new) => {
                let entry = document.entry(self.node).filter(|entry| entry.key == self.node);
                let mapping = entry.and_then(|_| document.parent(self.node));
                mapping.is_some_and(|mapping| document.get(mapping, new).is_none())
            }
            Change::Value(_) | Change::Text => true,
            Change::Words { span, old, .. } => words_in(document, self.node, *span, old).is_some(),
        }
    }
}

/// Where words stand in the text of a value. A value whose text is not simply what is written has no such place.
fn words_in(document: &Document, node: NodeId, span: Span, words: &str) -> Option<usize> {
    let scalar = document.scalar(node)?;
    let quote = u32::from(matches!(scalar.style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted));
    let is_whole = span == scalar.span && quote > 0;
    let inner = if is_whole { Span { start: span.start + quote, end: span.end.checked_sub(quote)? } } else { span };
    let before = document.slice(inner).strip_suffix(words)?;
    if !before.is_empty() && !before.ends_with('=') {
        return None;
    }
    let place = inner.start as usize + before.len();
    let start = place.checked_sub((scalar.span.start + quote) as usize)?;
    let text = scalar.text.get(start..start + words.len());
    let is_verbatim = scalar.part(start..start + words.len()) == Span::new(place, place + words.len());
    (text == Some(words) && is_verbatim).then_some(start)
}

/// Whether a file can be written at all: no INI file, none that cannot be read, and none with a checksum.
fn is_writable(document: &Document) -> bool {
    let is_harmless = |kind: &ProblemKind| {
        matches!(kind, ProblemKind::DuplicateKey { .. } | ProblemKind::Scrubbed | ProblemKind::UnknownAnchor { .. })
    };
    let has_checksum = |root: &NodeId| document.get_path(*root, ["sops", "mac"]).is_some();
    document.format() != Format::Ini
        && document.problems().iter().all(|problem| is_harmless(&problem.kind))
        && !document.roots().iter().any(has_checksum)
}

/// Whether a node lies in something that aliases elsewhere stand for: they would change behind everybody's back.
fn is_shared(document: &Document, node: NodeId) -> bool {
    let mut above = std::iter::successors(Some(node), |at| document.parent(*at));
    above.any(|at| document.marks(at).is_some_and(|it| it.anchor.is_some()) && !document.aliases_of(at).is_empty())
}

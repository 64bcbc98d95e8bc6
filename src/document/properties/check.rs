//! What must hold for every document, whatever its text.

use crate::document::{Document, Format, NodeId, NodeKind, ProblemKind, ScalarStyle, Segment, Span, Structure};

/// What must hold for every document.
pub(super) fn check(document: &Document) {
    let text = document.text();
    let in_text = |span: Span, what: &str| {
        assert!(span.start <= span.end && text.get(span.range()).is_some(), "{what} {span:?} of {text:?}");
    };
    for problem in document.problems() {
        in_text(problem.span, "problem");
        assert!(!problem.kind.message().is_empty() && !problem.kind.help().is_empty());
    }
    for comment in document.comments() {
        in_text(comment.span, "comment");
        let comment = document.slice(comment.span);
        assert!(["#", ";", "//", "/*"].iter().any(|start| comment.starts_with(start)), "{comment:?} of {text:?}");
    }
    assert!(document.comments().is_sorted_by_key(|comment| comment.span.start), "comments of {text:?}");
    let jumps = matches!(document.format(), Format::Toml | Format::Ini);
    for id in document.node_ids() {
        let node = document.node(id);
        in_text(node.span, "node");
        let children: Vec<NodeId> = match &node.kind {
            NodeKind::Mapping { entries, .. } => {
                for entry in entries {
                    let (key, value) = (document.node(entry.key), document.node(entry.value));
                    let by_header = matches!(
                        value.kind,
                        NodeKind::Mapping { structure: Structure::Block, .. }
                            | NodeKind::Sequence { structure: Structure::Block, .. }
                    );
                    let after = key.span.end <= value.span.start;
                    assert!(after || (jumps && by_header), "{key:?} {value:?} of {text:?}");
                    assert_eq!((key.parent, value.parent), (id, id));
                }
                entries.iter().flat_map(|entry| [entry.key, entry.value]).collect()
            }
            NodeKind::Sequence { items, .. } => items.clone(),
            NodeKind::Scalar { style, cooked } => {
                let quoted = !matches!(style, ScalarStyle::Plain | ScalarStyle::Literal | ScalarStyle::Folded);
                assert!(!quoted || cooked.is_some(), "{node:?} of {text:?}");
                let _ = document.scalar(id).map(|scalar| scalar.kind());
                Vec::new()
            }
            NodeKind::Alias { .. } => Vec::new(),
        };
        for child in children {
            let child = document.node(child);
            assert!(jumps || node.span.contains(child.span), "{child:?} in {node:?} of {text:?}");
        }
    }
    let doubled = |kind: &ProblemKind| matches!(kind, ProblemKind::DuplicateKey { .. });
    if document.problems().iter().any(|problem| doubled(&problem.kind)) || document.roots().len() != 1 {
        return;
    }
    for id in document.leaves().filter(|id| has_plain_path(document, *id)) {
        let path = document.path(id);
        assert_eq!(follow(document, path.segments()), Some(id), "{path} of {text:?}");
    }
}

/// Whether all keys on the way to a node are single values that may stand but once, and it is not itself in a key.
fn has_plain_path(document: &Document, id: NodeId) -> bool {
    let mut at = id;
    while let parent = document.node(at).parent
        && parent != NodeId::NONE
    {
        if let NodeKind::Mapping { entries, .. } = &document.node(parent).kind {
            let entry = entries.iter().find(|entry| entry.value == at);
            if entry.is_none_or(|entry| matches!(document.text_of(entry.key), None | Some("<<"))) {
                return false;
            }
        }
        at = parent;
    }
    true
}

/// The node at the end of a path; of an alias or merge, the node itself is not meant.
fn follow(document: &Document, path: &[Segment]) -> Option<NodeId> {
    let mut at = document.roots()[0];
    for segment in path {
        at = match (segment, &document.node(at).kind) {
            (Segment::Key(key), NodeKind::Mapping { entries, .. }) => {
                entries.iter().find(|entry| document.text_of(entry.key).unwrap_or("?") == &**key)?.value
            }
            (Segment::Index(index), NodeKind::Sequence { items, .. }) => *items.get(*index)?,
            _ => return None,
        };
    }
    Some(at)
}

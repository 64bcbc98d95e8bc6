//! Files that are left as they are, and why.

use crate::document::{Document, Format, NodeKind, ProblemKind, Span};
use crate::model::{Source, SourceKind};

/// Why a file cannot be migrated, and the place that shows it.
pub(super) fn refusal(source: &Source) -> Option<(String, Span)> {
    let Some(document) = &source.document else {
        return Some(("it could not be read".to_owned(), Span::default()));
    };
    let whole = |why: &str| Some((why.to_owned(), Span::default()));
    match source.kind {
        SourceKind::Ini => return whole("INI files have no canonical form; Alembic reads `sqlalchemy.url`"),
        SourceKind::Compose { .. } => {
            return whole("the variables of a compose file are those that its images ask for");
        }
        SourceKind::Template => return whole("it is an example without values; copy it to another name to migrate it"),
        SourceKind::Process(_) | SourceKind::Url(_) => return whole("it is no file"),
        SourceKind::Settings { .. } | SourceKind::Env { .. } => {}
    }
    let problem = document.problems().iter().find(|problem| !matches!(problem.kind, ProblemKind::DuplicateKey { .. }));
    if let Some(problem) = problem {
        let why = format!("it has to be mended first: {}", problem.kind.message());
        return Some((why, problem.span));
    }
    sops(document).map(|span| ("sops has encrypted it, and its checksum would no longer hold".to_owned(), span))
}

/// The section that sops writes at the end of a file.
fn sops(document: &Document) -> Option<Span> {
    document.roots().iter().find_map(|root| {
        let entry = document.get(*root, "sops").or_else(|| document.get(*root, "sops_mac"))?;
        let is_sops = match document.node(entry.value).kind {
            NodeKind::Mapping { .. } => {
                ["mac", "version", "lastmodified"].iter().any(|key| document.get(entry.value, key).is_some())
            }
            _ => document.format() == Format::Env,
        };
        is_sops.then(|| document.node(entry.key).span)
    })
}

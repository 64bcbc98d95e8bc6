//! What is wrong with a text, as findings.

use crate::document::{Document, Problem, ProblemKind};
use crate::finding::{Finding, RuleInfo};
use crate::model::{Origin, SourceId};
use crate::rules;

/// The findings of the problems that a document has.
pub(super) fn findings(source: SourceId, document: &Document) -> Vec<Finding> {
    document.problems().iter().map(|problem| finding_of(source, document, problem)).collect()
}

fn finding_of(source: SourceId, document: &Document, problem: &Problem) -> Finding {
    // What could not be read may be anything, also where a name is expected: it gives no place a name.
    let is_read = !matches!(problem.kind, ProblemKind::Syntax(_));
    let origin = match document.node_at(problem.span).filter(|_| is_read) {
        Some(node) => Origin::part(source, node, problem.span),
        None if problem.span.is_empty() => Origin::File { source },
        None => Origin::Place { source, span: problem.span },
    };
    let finding = Finding::new(rule(&problem.kind), origin, problem.kind.message()).help(problem.kind.help());
    let related = match &problem.kind {
        ProblemKind::DuplicateKey { first, .. } => Some((*first, "first here")),
        ProblemKind::UnknownAnchor { guess: Some(guess), .. } => Some((*guess, "most likely meant")),
        _ => None,
    };
    match related {
        Some((span, part)) => finding.related(Origin::Place { source, span }, part),
        None => finding,
    }
}

fn rule(kind: &ProblemKind) -> &'static RuleInfo {
    match kind {
        ProblemKind::TooLarge
        | ProblemKind::TooManyNodes
        | ProblemKind::TooDeep
        | ProblemKind::AliasBomb
        | ProblemKind::AliasCycle => &rules::syntax::hostile_input::INFO,
        ProblemKind::NotUtf8 { .. } | ProblemKind::Utf16 | ProblemKind::Nul { .. } | ProblemKind::Syntax(_) => {
            &rules::syntax::unparsable::INFO
        }
        ProblemKind::Scrubbed => &rules::syntax::scrubbed_value::INFO,
        ProblemKind::UnknownAnchor { .. } => &rules::syntax::unknown_anchor::INFO,
        ProblemKind::DuplicateKey { .. } => &rules::syntax::duplicate_key::INFO,
    }
}

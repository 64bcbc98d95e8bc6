//! What a document tells a test: every value with its path, every problem with its place.

use super::{Document, Format};

/// The tree as text (`key=value` of every scalar), and the problems as `line:column message`.
pub(super) fn told(text: &str, format: Format) -> (Vec<String>, Vec<String>) {
    let document = Document::parse(text.as_bytes(), format);
    let values = document.leaves().map(|id| {
        let text = document.text_of(id).expect("a scalar");
        format!("{}={text}", document.path(id))
    });
    let problems = document.problems().iter().map(|problem| {
        let at = document.position(problem.span.start);
        format!("{}:{} {}", at.line, at.column, problem.kind.message())
    });
    (values.collect(), problems.collect())
}

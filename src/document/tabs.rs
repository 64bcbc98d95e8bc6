//! YAML with tabs in its indentation: read as an editor shows it.
//!
//! How many spaces a tab stands for is not in the file. The usual widths are tried, and the one that leaves the least
//! to report is what the author saw. Spans are then those of the text as it is, with its tabs.

use super::Span;
use super::decode::Decoded;
use super::problem::{Cause, Problem, ProblemKind};
use super::tree::Tree;

/// Widths of a tab in editors, the commonest first.
const WIDTHS: [usize; 3] = [4, 2, 8];

/// Reads a text with its tabs expanded.
pub(super) fn parse(decoded: &Decoded, parse: impl Fn(&Decoded) -> Tree) -> Tree {
    let mut best: Option<Tree> = None;
    for width in WIDTHS {
        let (expanded, stops) = expand(decoded, width);
        let mut tree = parse(&expanded);
        stops.map_back(&mut tree);
        let is_better = best.as_ref().is_none_or(|best| tree.problems.len() < best.problems.len());
        if is_better {
            best = Some(tree);
        }
    }
    let mut tree = best.unwrap_or_default();
    // One is seldom alone, and the first tells as much as all.
    if let Some(first) = tabs(decoded.clean()).next() {
        tree.problems.push(Problem::new(ProblemKind::Syntax(Cause::Tab), Span::new(first, first + 1)));
    }
    tree
}

/// Where tabs stand in indentations.
fn tabs(text: &str) -> impl Iterator<Item = usize> {
    let mut start = 0;
    text.split_inclusive('\n').flat_map(move |line| {
        let line_start = start;
        start += line.len();
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        line.bytes().take(indent).enumerate().filter(|(_, byte)| *byte == b'\t').map(move |(at, _)| line_start + at)
    })
}

/// Where tabs were expanded.
struct Stops {
    /// The first byte of each run of spaces in the expanded text.
    starts: Vec<usize>,
    width: usize,
}

fn expand(decoded: &Decoded, width: usize) -> (Decoded, Stops) {
    let mut stops = Stops { starts: Vec::new(), width };
    let (mut text, mut clean, mut done) = (String::new(), String::new(), 0);
    for tab in tabs(decoded.clean()) {
        text.push_str(&decoded.text[done..tab]);
        clean.push_str(&decoded.clean()[done..tab]);
        stops.starts.push(text.len());
        for expanded in [&mut text, &mut clean] {
            expanded.extend(std::iter::repeat_n(' ', width));
        }
        done = tab + 1;
    }
    text.push_str(&decoded.text[done..]);
    clean.push_str(&decoded.clean()[done..]);
    (Decoded::changed(text, clean, decoded.base), stops)
}

impl Stops {
    fn map_back(&self, tree: &mut Tree) {
        for node in &mut tree.nodes {
            node.span = self.span(node.span);
        }
        for comment in &mut tree.comments {
            comment.span = self.span(comment.span);
        }
        for problem in &mut tree.problems {
            problem.span = self.span(problem.span);
        }
        #[allow(clippy::iter_over_hash_type, reason = "each is changed on its own")]
        for marks in tree.marks.values_mut() {
            marks.anchor = marks.anchor.map(|span| self.span(span));
            marks.tag = marks.tag.map(|span| self.span(span));
        }
    }

    fn span(&self, span: Span) -> Span {
        Span::new(self.offset(span.start as usize), self.offset(span.end as usize))
    }

    fn offset(&self, at: usize) -> usize {
        let before = self.starts.partition_point(|start| *start <= at);
        let Some(last) = before.checked_sub(1) else { return at };
        // Each tab before is one byte in the text and `width` bytes here; inside a run, the tab itself is meant.
        let inside = (at - self.starts[last]).min(self.width - 1);
        at - inside - last * (self.width - 1)
    }
}

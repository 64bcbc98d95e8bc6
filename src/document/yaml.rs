//! YAML: events of granit-parser into the tree.
//!
//! The parser stops at its first error. The named causes are then mended in a copy of the text, of the same length
//! so that every span still holds, and the copy is read again; see [`super::repair`].

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle as GranitStyle, ScanError, StructureStyle, options};
use std::collections::HashMap;

use super::decode::Decoded;
use super::problem::{Cause, Problem, ProblemKind};
use super::repair::{Failure, Repairs};
use super::tree::Tree;
use super::{NodeId, NodeKind, ScalarStyle, Span, Structure};

/// Reads YAML; one root for each document in the text.
pub(super) fn parse(decoded: &Decoded) -> Tree {
    let first = attempt(decoded, true);
    first.unwrap_or_else(|| super::tabs::parse(decoded, |expanded| attempt(expanded, false).unwrap_or_default()))
}

/// Reads a text, mending what has a known cause; nothing if a tab in the indentation is in the way.
fn attempt(decoded: &Decoded, stops_at_tabs: bool) -> Option<Tree> {
    let mut repairs = Repairs::new(decoded);
    loop {
        let mut reader = Reader::new(&decoded.text, decoded.base);
        let outcome = reader.read(&repairs.text()[decoded.base..]);
        let last = reader.tree.nodes.last().map(|node| node.span);
        let failure = outcome.err().map(|error| Failure {
            at: start_of_character(&decoded.text, decoded.base + error.marker().byte_offset().unwrap_or(0)),
            kind: error.kind().clone(),
            flow_start: reader.tree.flow_start(),
            waiting_key: reader.tree.waiting_key(),
            last,
        });
        match failure {
            Some(failure) if stops_at_tabs && is_tab(&failure.kind) => return None,
            Some(failure) if repairs.mend(&failure) => {}
            failure => {
                reader.finish();
                let mut tree = reader.tree;
                if let Some(failure) = failure {
                    tree.problems.push(unmended(&failure, &decoded.text));
                }
                repairs.apply_to(&mut tree);
                return Some(tree);
            }
        }
    }
}

fn is_tab(kind: &ErrorKind) -> bool {
    matches!(kind, ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation | ErrorKind::TabNotAllowed)
}

/// The problem of an error that was not mended: a limit, or one error too many.
fn unmended(failure: &Failure, text: &str) -> Problem {
    let kind = match failure.kind {
        ErrorKind::RecursionLimitExceeded => ProblemKind::TooDeep,
        _ => ProblemKind::Syntax(Cause::Other),
    };
    let length = text[failure.at..].chars().next().map_or(0, char::len_utf8);
    Problem::new(kind, Span::new(failure.at, failure.at + length))
}

/// The parser places some errors inside a character, or behind the end.
fn start_of_character(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Builds the tree from events.
struct Reader<'text> {
    tree: Tree,
    text: &'text str,
    base: usize,
    anchors: HashMap<usize, NodeId>,
    /// Anchored scalars without content that no alias has asked for: a value that starts with `&`.
    hollow: HashMap<usize, (NodeId, Span)>,
    last: Option<NodeId>,
}

impl<'text> Reader<'text> {
    fn new(text: &'text str, base: usize) -> Self {
        Self { tree: Tree::for_text(text), text, base, anchors: HashMap::new(), hollow: HashMap::new(), last: None }
    }

    fn read(&mut self, clean: &str) -> Result<(), ScanError> {
        let options = options! {
            emit_anchor_events: true,
            emit_unresolved_aliases: true,
            // The size of the file bounds the comments already.
            max_buffered_comment_events: 100_000,
        };
        for next in Parser::new_from_str_with_options(clean, options) {
            let (event, at) = next?;
            let range = at.byte_range().unwrap_or(0..0);
            let span = Span::new(self.base + range.start, self.base + range.end);
            let tag = at.tag_span().and_then(|tag| tag.byte_range());
            let tag = tag.map(|tag| Span::new(self.base + tag.start, self.base + tag.end));
            self.event(&event, span, tag);
            if self.tree.is_full() {
                break;
            }
        }
        Ok(())
    }

    fn event(&mut self, event: &Event<'_>, span: Span, tag: Option<Span>) {
        match event {
            Event::Scalar(value, style, anchor, _) => {
                let id = self.scalar(value, *style, span, tag);
                self.remember(id, *anchor, tag);
            }
            Event::MappingStart(style, anchor, _) => {
                let id = self.tree.open_mapping(span, structure(*style));
                self.remember(id, *anchor, tag);
            }
            Event::SequenceStart(style, anchor, _) => {
                let id = self.tree.open_sequence(span, structure(*style));
                self.remember(id, *anchor, tag);
            }
            Event::MappingEnd | Event::SequenceEnd => {
                let bracket = (!span.is_empty()).then_some(span.end as usize);
                self.tree.close(bracket);
            }
            Event::Alias(anchor) => {
                self.hollow.remove(anchor);
                let target = self.anchors.get(anchor).copied();
                self.tree.add(span, NodeKind::Alias { target });
            }
            Event::UnresolvedAlias(name) if name.starts_with('*') => {
                self.tree.report(ProblemKind::Scrubbed, span);
                self.tree.scalar(span, ScalarStyle::Plain, None);
            }
            Event::UnresolvedAlias(name) => {
                let name = name.to_string();
                self.tree.report(ProblemKind::UnknownAnchor { name, guess: None }, span);
                self.tree.add(span, NodeKind::Alias { target: None });
            }
            Event::Anchor(anchor, _) => {
                if let Some(id) = self.last {
                    self.tree.marks.entry(id).or_default().anchor = Some(span);
                    if matches!(self.tree.nodes[id.index()].kind, NodeKind::Scalar { style: ScalarStyle::Plain, .. })
                        && self.tree.nodes[id.index()].span.is_empty()
                    {
                        self.hollow.insert(*anchor, (id, span));
                    }
                }
            }
            Event::Comment(..) => self.tree.comment(self.text, span),
            _ => {}
        }
    }

    fn scalar(&mut self, value: &str, style: GranitStyle, span: Span, tag: Option<Span>) -> NodeId {
        let style = match style {
            GranitStyle::Plain => ScalarStyle::Plain,
            GranitStyle::SingleQuoted => ScalarStyle::SingleQuoted,
            GranitStyle::DoubleQuoted => ScalarStyle::DoubleQuoted,
            GranitStyle::Literal => ScalarStyle::Literal,
            GranitStyle::Folded => ScalarStyle::Folded,
        };
        if let Some(tag) = tag.filter(|_| span.is_empty() && style == ScalarStyle::Plain) {
            let written = &self.text[tag.range()];
            if !written.starts_with("!!") && !written.starts_with("!<") {
                // `password: !Secret` is a tag without a value; it was meant as the value.
                self.tree.report(ProblemKind::Syntax(Cause::Tag), tag);
                return self.tree.scalar(tag, style, None);
            }
        }
        // The parser says `~` for a value that is missing.
        let cooked = (!span.is_empty() && self.text.get(span.range()) != Some(value)).then(|| value.into());
        self.tree.scalar(span, style, cooked)
    }

    fn remember(&mut self, id: NodeId, anchor: usize, tag: Option<Span>) {
        self.last = Some(id);
        if anchor > 0 {
            self.anchors.insert(anchor, id);
        }
        if let Some(tag) = tag {
            self.tree.marks.entry(id).or_default().tag = Some(tag);
        }
    }

    fn finish(&mut self) {
        self.tree.close_all();
        let mut hollow: Vec<(NodeId, Span)> = self.hollow.drain().map(|(_, found)| found).collect();
        hollow.sort_unstable();
        for (id, span) in hollow {
            self.tree.report(ProblemKind::Syntax(Cause::ReservedStart('&')), span);
            self.tree.nodes[id.index()].span = span;
        }
    }
}

fn structure(style: StructureStyle) -> Structure {
    match style {
        StructureStyle::Block => Structure::Block,
        StructureStyle::Flow => Structure::Flow,
    }
}

#[cfg(test)]
mod tests {
    use crate::document::told::told;
    use crate::document::{Document, Format, ProblemKind};

    #[test]
    fn named_causes_are_mended_and_the_rest_is_read() {
        for (text, values, problems) in [
            (
                "a: ***REMOVED***\nb: 1\n",
                &["a=***REMOVED***", "b=1"][..],
                &["1:4 a marker of a removed secret stands unquoted, so the file is not valid"][..],
            ),
            ("a: @x # c\nb: 1\n", &["a=@x", "b=1"], &["1:4 an unquoted value starts with `@`"]),
            (
                "a: {b: @c, d: %e}\n",
                &["a.b=@c", "a.d=%e"],
                &["1:8 an unquoted value starts with `@`", "1:15 an unquoted value starts with `%`"],
            ),
            ("a:\n\tb: 1\n\tc: 2\n", &["a.b=1", "a.c=2"], &["2:1 a tab in the indentation"]),
            ("a:\n  b:\n\t\tc: 1\n\td: 2\ne: 3\n", &["a.b.c=1", "a.d=2", "e=3"], &["3:1 a tab in the indentation"]),
            (
                "a:\n  b:\n\tc: @x\n    d: 2\n",
                &["a.b.c=@x", "a.b.d=2"],
                &["3:1 a tab in the indentation", "3:5 an unquoted value starts with `@`"],
            ),
            ("a: \"abc\nb: c\n", &["a=abc", "b=c"], &["1:4 a quote that does not close where the value ends"]),
            ("d:\n  host:localhost\n  port: 1\n", &["d.port=1"], &["2:3 a line without a key and its colon"]),
            ("a: {{ x }}_y\nb: 2", &["a={{ x }}_y", "b=2"], &["1:4 an unquoted `{{ }}`"]),
            (
                "a: !Secr3t\nb: 1\n",
                &["a=!Secr3t", "b=1"],
                &["1:4 an unquoted value starts with `!`, which makes it a tag"],
            ),
            (
                "a: !x!y z\nb: 1\n",
                &["a=!x!y z", "b=1"],
                &["1:4 an unquoted value starts with `!`, which makes it a tag"],
            ),
            ("a: &Secr3t\nb: 1\n", &["a=&Secr3t", "b=1"], &["1:4 an unquoted value starts with `&`"]),
            ("a: b: c\nd: 1\n", &["a=b: c", "d=1"], &["1:4 a colon inside an unquoted value"]),
            ("a: [1\nb: 2\n", &["a=[1", "b=2"], &["1:4 a bracket that is not closed, or not open"]),
            (
                "a: \"C:\\Users\"\nb: 1\n",
                &["a=C:\\Users", "b=1"],
                &["1:4 a backslash in double quotes that starts no known escape"],
            ),
            ("a: 1\nb\nc: 2\n", &["a=1", "c=2"], &["2:1 a line without a key and its colon"]),
            ("a: 1\n  b: 2\nc: 3\n", &["a=1", "c=3"], &["2:3 a line whose indentation fits nothing above it"]),
            ("a: 'x' y\nb: 1\n", &["a=x' y", "b=1"], &["1:4 a quote that does not close where the value ends"]),
            ("a: ]\nb: 2\n", &["a=]", "b=2"], &["1:4 a bracket that is not closed, or not open"]),
            ("a: * x\nb: 2\n", &["a=* x", "b=2"], &["1:4 an unquoted value starts with `*`"]),
            ("\u{FEFF}a: @x\r\nb: 2\r\n", &["a=@x", "b=2"], &["1:4 an unquoted value starts with `@`"]),
        ] {
            let (found, wrong) = told(text, Format::Yaml);
            assert_eq!(found, values, "{text}");
            assert_eq!(wrong, problems, "{text}");
        }
    }

    #[test]
    fn merges_and_missing_anchors() {
        let text = "_defaults:\n  host: h\n  port: 1\ndb:\n  <<: *defaults\n  port: 2\n";
        let document = Document::parse(text.as_bytes(), Format::Yaml);
        let root = document.roots()[0];
        let host = document.get_path(root, ["db", "host"]).expect("merged");
        assert_eq!(document.text_of(host), Some("h"));
        assert_eq!(document.path(host).to_string(), "_defaults.host");
        let port = document.get_path(root, ["db", "port"]).expect("own");
        assert_eq!(document.text_of(port), Some("2"));
        assert!(matches!(
            &document.problems()[0].kind,
            ProblemKind::UnknownAnchor { name, guess: Some(_) } if name == "defaults"
        ));
    }

    #[test]
    fn bombs_and_cycles_are_cut() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
            let line = format!("a{level}: &a{level} [{aliases}]\n");
            bomb.push_str(&line);
        }
        for (text, kind) in [(bomb.as_str(), ProblemKind::AliasBomb), ("a: &a [*a]\n", ProblemKind::AliasCycle)] {
            let document = Document::parse(text.as_bytes(), Format::Yaml);
            assert_eq!(document.problems().iter().map(|p| p.kind.clone()).collect::<Vec<_>>(), [kind]);
        }
    }

    #[test]
    fn duplicates_know_both_lines_and_the_last_wins() {
        let document = Document::parse(b"a: 1\nb: 2\na: 3\n", Format::Yaml);
        let root = document.roots()[0];
        assert_eq!(document.text_of(document.get(root, "a").expect("there").value), Some("3"));
        assert_eq!(document.entries(root).len(), 2);
        let [problem] = document.problems() else { panic!("one problem") };
        let ProblemKind::DuplicateKey { first, .. } = problem.kind else { panic!("a duplicate") };
        assert_eq!((document.position(first.start).line, document.position(problem.span.start).line), (1, 3));
    }

    #[test]
    fn deep_brackets_end_in_a_problem() {
        let text = format!("a: 1\nb: {}", "[".repeat(100_000));
        let document = Document::parse(text.as_bytes(), Format::Yaml);
        assert_eq!(document.problems().iter().map(|p| p.kind.clone()).collect::<Vec<_>>(), [ProblemKind::TooDeep]);
        assert_eq!(document.text_of(document.get(document.roots()[0], "a").expect("read").value), Some("1"));
    }

    #[test]
    fn comments_know_their_keys() {
        let text = "# file\n\n# one\n# two\na: 1 # behind\n# block\nb: # head\n  c: 2 # tail\n";
        let document = Document::parse(text.as_bytes(), Format::Yaml);
        let root = document.roots()[0];
        let above = |key: &str| {
            let entry = document.get(root, key).expect("there");
            let above: Vec<&str> = document.comments_above(entry).iter().map(|c| document.slice(c.span)).collect();
            (above.join("|"), document.comment_behind(entry).map(|c| document.slice(c.span)))
        };
        assert_eq!(above("a"), ("# one|# two".to_owned(), Some("# behind")));
        assert_eq!(above("b"), ("# block".to_owned(), Some("# head")));
    }
}

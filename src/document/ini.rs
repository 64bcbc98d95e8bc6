//! INI, as Python's `configparser` reads it (`alembic.ini`, `setup.cfg`).
//!
//! A section is a mapping of the root. Keys are looked up in lower case, as `configparser` does. Only whole lines are
//! comments. A deeper indented line goes on with the value above it.

mod interpolation;

use std::collections::HashMap;

use super::decode::Decoded;
use super::problem::{Cause, ProblemKind};
use super::tree::Tree;
use super::{NodeId, ScalarStyle, Span, Structure};

/// The section whose values are seen in all others. It may stand more than once.
const DEFAULT_SECTION: &str = "DEFAULT";

/// Reads INI.
pub(super) fn parse(decoded: &Decoded) -> Tree {
    let mut reader = Reader {
        text: &decoded.text,
        tree: Tree::default(),
        root: None,
        section: None,
        default: None,
        is_growing: true,
        value: None,
        indent: 0,
        end: decoded.base,
        raw: HashMap::new(),
    };
    let mut at = decoded.base;
    while at < decoded.clean().len() && !reader.tree.is_full() {
        let rest = &decoded.clean()[at..];
        let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
        reader.line(&rest[..length], at);
        at += length;
        at += if decoded.clean()[at..].starts_with("\r\n") { 2 } else { 1 };
    }
    reader.finish()
}

/// A value that following lines may go on with.
struct Value {
    start: usize,
    /// Where the text of the last line that is not empty ends.
    end: usize,
    /// Its lines, where there is more than one.
    lines: String,
    is_long: bool,
}

struct Reader<'text> {
    text: &'text str,
    tree: Tree,
    root: Option<NodeId>,
    section: Option<NodeId>,
    default: Option<NodeId>,
    /// Whether the section ends with its last value; taken up again, it does not reach over what came in between.
    is_growing: bool,
    value: Option<Value>,
    /// The indentation of the last line that did not go on with a value.
    indent: usize,
    /// Where the last value or header ended.
    end: usize,
    /// The values with a `%`, before it is resolved.
    raw: HashMap<NodeId, Box<str>>,
}

impl Reader<'_> {
    fn line(&mut self, line: &str, at: usize) {
        let content = line.trim();
        let indent = line.len() - line.trim_start().len();
        let start = at + indent;
        if content.is_empty() {
            if let Some(value) = &mut self.value {
                value.lines.push('\n');
            }
            return;
        }
        if content.starts_with(['#', ';']) {
            // It ends with its line, and may stand between the lines of a value.
            self.tree.comment(self.text, Span::new(start, start + content.len()));
            return;
        }
        if let Some(value) = self.value.as_mut().filter(|_| indent > self.indent) {
            value.lines.push('\n');
            value.lines.push_str(content);
            value.end = start + content.len();
            value.is_long = true;
            return;
        }
        self.indent = indent;
        if let Some(close) = content.strip_prefix('[').and_then(|name| name.rfind(']')).filter(|close| *close > 0) {
            self.finish_value();
            self.header(start, close + 2);
            let behind = content[close + 2..].trim_start();
            if behind.starts_with(['#', ';']) {
                // configparser takes no notice of what stands behind a header.
                let end = start + content.len();
                self.tree.comment(self.text, Span::new(end - behind.len(), end));
            }
        } else if let Some(delimiter) = content.find(['=', ':']) {
            self.finish_value();
            self.entry(start, content, delimiter);
        } else {
            let span = Span::new(start, start + content.len());
            self.tree.report(ProblemKind::Syntax(Cause::NotAnAssignment), span);
        }
    }

    fn root(&mut self, at: usize) -> NodeId {
        *self.root.get_or_insert_with(|| self.tree.open_mapping(Span::new(at, at), Structure::Block))
    }

    /// A header of `length` bytes, brackets included.
    fn header(&mut self, start: usize, length: usize) {
        self.root(start);
        self.end_section();
        let name = Span::new(start + 1, start + length - 1);
        self.end = start + length;
        let is_default = &self.text[name.range()] == DEFAULT_SECTION;
        if let Some(default) = self.default.filter(|_| is_default) {
            self.section = Some(default);
            self.is_growing = false;
            return;
        }
        self.is_growing = true;
        self.tree.scalar(name, ScalarStyle::Plain, None);
        let section = self.tree.open_mapping(Span::new(start, start + length), Structure::Block);
        self.tree.leave();
        self.section = Some(section);
        if is_default {
            self.default = Some(section);
        }
    }

    fn entry(&mut self, start: usize, content: &str, delimiter: usize) {
        let name = content[..delimiter].trim_end();
        let key = Span::new(start, start + name.len());
        let root = self.root(start);
        if self.section.is_none() {
            // One section is missing, not one for each setting.
            self.tree.report(ProblemKind::Syntax(Cause::NoSection), key);
            self.section = Some(root);
        }
        if name.is_empty() {
            self.tree.report(ProblemKind::Syntax(Cause::Key), Span::new(start, start + 1));
        }
        let section = self.section.unwrap_or(root);
        let lower = Some(name.to_lowercase()).filter(|lower| lower != name);
        self.tree.enter(section);
        self.tree.scalar(key, ScalarStyle::Plain, lower.map(Into::into));
        let behind = &content[delimiter + 1..];
        let value = behind.trim_start();
        let from = start + delimiter + 1 + if value.is_empty() { 0 } else { behind.len() - value.len() };
        self.value = Some(Value { start: from, end: from + value.len(), lines: value.to_owned(), is_long: false });
    }

    fn finish_value(&mut self) {
        let Some(value) = self.value.take() else { return };
        let span = Span::new(value.start, value.end);
        let joined = value.lines.trim_end();
        let id = self.tree.scalar(span, ScalarStyle::Plain, value.is_long.then(|| joined.into()));
        if joined.contains('%') {
            self.raw.insert(id, joined.into());
        }
        self.tree.leave();
        self.end = value.end;
    }

    fn end_section(&mut self) {
        if let Some(section) = self.section.take().filter(|_| self.is_growing) {
            let span = &mut self.tree.nodes[section.index()].span;
            span.end = Span::new(0, self.end).end;
        }
    }

    fn finish(mut self) -> Tree {
        self.finish_value();
        self.end_section();
        if let Some(root) = self.root {
            self.tree.nodes[root.index()].span.end = Span::new(0, self.end).end;
            self.tree.leave();
        }
        if !self.raw.is_empty() {
            interpolation::resolve(&mut self.tree, self.text, self.root, self.default, &self.raw);
        }
        self.tree
    }
}

#[cfg(test)]
mod tests;

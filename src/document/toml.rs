//! TOML: events of the parser under the toml crate into the tree.
//!
//! The toml crate itself keeps neither the order of keys nor the second of two equal ones, so the tree is built from
//! the events that the crate builds its own tables from. The parser goes on after most errors by itself; a value that
//! it cannot make sense of is mended in a copy and read again, see [`repair`].

mod cause;
mod repair;
mod tables;

use std::borrow::Cow;

use toml_parser::decoder::{Encoding, ScalarKind};
use toml_parser::lexer::{Token, TokenKind};
use toml_parser::parser::{Event, EventKind, RecursionGuard, ValidateWhitespace, parse_document};
use toml_parser::{ParseError, Source};

use self::repair::Repairs;
use self::tables::{Key, Tables};
use super::decode::Decoded;
use super::problem::{Problem, ProblemKind};
use super::tree::Tree;
use super::{NODE_LIMIT, NodeId, ScalarStyle, Span, Structure};

/// How deep values, and the names of a dotted key, may nest: the toml crate has the same limit.
const DEPTH_LIMIT: u32 = 80;

/// The most errors of one file that are looked at. A text with more is not TOML at all.
const ERROR_LIMIT: usize = 1000;

/// The most tokens of one file: four for each line with one key, so that the tree is full before.
const TOKEN_LIMIT: usize = 2 * NODE_LIMIT;

/// Reads TOML.
pub(super) fn parse(decoded: &Decoded) -> Tree {
    let mut repairs = Repairs::new(decoded);
    loop {
        let parsed = Parsed::new(repairs.text());
        let found = repairs.find(&parsed);
        if !found.is_empty() {
            repairs.apply(found);
            continue;
        }
        let mut reader = Reader::new(&decoded.text, decoded.base, parsed.source, &repairs);
        for event in &parsed.events {
            reader.event(event);
            if reader.tree.is_full() {
                break;
            }
        }
        if let Some(cut) = parsed.cut.filter(|_| !reader.tree.is_full()) {
            let at = decoded.base + cut;
            let end = decoded.text[at..].chars().next().map_or(at, |next| at + next.len_utf8());
            reader.tree.problems.push(Problem::new(ProblemKind::TooManyNodes, Span::new(at, end)));
        }
        return reader.finish(&parsed);
    }
}

/// What the parser says about a text.
struct Parsed<'text> {
    source: Source<'text>,
    /// Without white space, line ends, and what the parser skips.
    events: Vec<Event>,
    errors: Vec<ParseError>,
    comments: Vec<toml_parser::Span>,
    /// Where reading ended, if there is too much.
    cut: Option<usize>,
}

impl<'text> Parsed<'text> {
    fn new(text: &'text str) -> Self {
        let mut source = Source::new(text);
        let mut tokens: Vec<Token> = source.lex().take(TOKEN_LIMIT).collect();
        let mut cut = None;
        if let Some(last) = tokens.last().filter(|_| tokens.len() == TOKEN_LIMIT) {
            let end = text[..last.span().start()].rfind('\n').map_or(0, |end| end + 1);
            cut = Some(end);
            source = Source::new(&text[..end]);
            tokens.clear();
            tokens.extend(source.lex());
        }
        let (mut events, mut errors) = (Vec::new(), Vec::new());
        let mut keep = |event: Event| {
            if !matches!(event.kind(), EventKind::Whitespace | EventKind::Newline | EventKind::Error) {
                events.push(event);
            }
        };
        let mut note = |error: ParseError| {
            if errors.len() < ERROR_LIMIT {
                errors.push(error);
            }
        };
        let mut validate = ValidateWhitespace::new(&mut keep, source);
        let mut guard = RecursionGuard::new(&mut validate, DEPTH_LIMIT);
        parse_document(&tokens, &mut guard, &mut note);
        let comments = tokens.iter().filter(|token| token.kind() == TokenKind::Comment).map(Token::span).collect();
        Self { source, events, errors, comments, cut }
    }
}

/// What is open while events are read.
enum Frame {
    /// A key that waits for its value, with the dotted tables around it that end where the value ends.
    Entry(Vec<NodeId>),
    Array,
    /// An inline table, with the dotted tables that the entry before it was in.
    Inline(NodeId, Vec<NodeId>),
}

/// The header that is being read.
struct Header {
    start: usize,
    is_array: bool,
}

/// Builds the tree from events.
struct Reader<'text> {
    tree: Tree,
    text: &'text str,
    base: usize,
    source: Source<'text>,
    repairs: &'text Repairs,
    tables: Tables<'text>,
    frames: Vec<Frame>,
    header: Option<Header>,
    /// The names of a dotted key, as far as they were read.
    keys: Vec<Key<'text>>,
    /// Whether the last event was the dot of a dotted key.
    dotted: bool,
}

impl<'text> Reader<'text> {
    fn new(text: &'text str, base: usize, source: Source<'text>, repairs: &'text Repairs) -> Self {
        Self {
            tree: Tree::default(),
            text,
            base,
            source,
            repairs,
            tables: Tables::default(),
            frames: Vec::new(),
            header: None,
            keys: Vec::new(),
            dotted: false,
        }
    }

    fn event(&mut self, event: &Event) {
        let span = self.span(event.span());
        let was_dotted = std::mem::take(&mut self.dotted);
        let in_header = matches!(
            event.kind(),
            EventKind::SimpleKey | EventKind::KeySep | EventKind::StdTableClose | EventKind::ArrayTableClose
        );
        let next_key = event.kind() == EventKind::SimpleKey && !was_dotted && !self.keys.is_empty();
        if self.header.is_some() && (!in_header || next_key) {
            // A header that is not closed ends with its line.
            self.finish_header(None);
        }
        match event.kind() {
            EventKind::StdTableOpen | EventKind::ArrayTableOpen => {
                self.unwind();
                self.keys.clear();
                let is_array = event.kind() == EventKind::ArrayTableOpen;
                self.header = Some(Header { start: span.range().start, is_array });
            }
            EventKind::StdTableClose | EventKind::ArrayTableClose => self.finish_header(Some(span.range().end)),
            EventKind::SimpleKey => {
                if !was_dotted {
                    self.keys.clear();
                }
                let key = self.key(event, span);
                self.keys.push(key);
            }
            EventKind::KeySep => self.dotted = true,
            EventKind::KeyValSep => self.enter_entry(span),
            EventKind::Scalar => {
                self.want_entry(span);
                self.scalar(event, span);
                self.value_ends(span.range().end);
            }
            EventKind::ArrayOpen => {
                self.want_entry(span);
                self.tree.open_sequence(span, Structure::Flow);
                self.frames.push(Frame::Array);
            }
            EventKind::InlineTableOpen => {
                self.want_entry(span);
                let id = self.tree.open_mapping(span, Structure::Flow);
                let before = self.tables.swap_dotted(Vec::new());
                self.frames.push(Frame::Inline(id, before));
            }
            EventKind::ArrayClose | EventKind::InlineTableClose => self.close(span.range().end),
            _ => {}
        }
    }

    /// A span of the whole text.
    fn span(&self, span: toml_parser::Span) -> Span {
        Span::new(self.base + span.start(), self.base + span.end())
    }

    fn key(&mut self, event: &Event, span: Span) -> Key<'text> {
        let mut name = Cow::Borrowed("");
        let mut errors: Vec<ParseError> = Vec::new();
        if let Some(raw) = self.source.get(event) {
            raw.decode_key(&mut name, &mut errors);
        }
        if let Some(error) = errors.first() {
            self.tree.report(ProblemKind::Syntax(cause::of(error)), span);
        }
        Key { name, span, style: style(event.encoding()) }
    }

    fn scalar(&mut self, event: &Event, span: Span) {
        let raw = self.text.get(span.range()).unwrap_or_default();
        let unquoted = |raw: &str| Some(raw.trim_matches(['"', '\''])).filter(|bare| *bare != raw).map(Box::from);
        if self.repairs.mended(span) {
            self.tree.scalar(span, ScalarStyle::Plain, unquoted(raw));
            return;
        }
        let mut value = Cow::Borrowed("");
        let mut errors: Vec<ParseError> = Vec::new();
        let kind = self.source.get(event).map(|raw| raw.decode_scalar(&mut value, &mut errors));
        let wrong_date = kind == Some(ScalarKind::DateTime) && value.parse::<toml::value::Datetime>().is_err();
        if let Some(kind) = cause::of_scalar(raw, event.encoding(), &errors, wrong_date) {
            // A mistake in one escape does not make the rest of a string less of a value.
            let closed = event.encoding().is_some() && cause::is_closed(raw);
            self.tree.report(kind, span);
            if !closed {
                self.tree.scalar(span, ScalarStyle::Plain, unquoted(raw));
                return;
            }
        }
        let cooked = event.encoding().is_some().then(|| value.into());
        self.tree.scalar(span, style(event.encoding()), cooked);
    }

    /// A value that came without `=`, after an error.
    fn want_entry(&mut self, span: Span) {
        let has_place = matches!(self.frames.last(), Some(Frame::Entry(_) | Frame::Array));
        if !has_place {
            self.enter_entry(Span { end: span.start, ..span });
        }
    }

    fn enter_entry(&mut self, at: Span) {
        let mut keys = std::mem::take(&mut self.keys);
        if keys.is_empty() {
            keys.push(Key { name: Cow::Borrowed(""), span: at, style: ScalarStyle::Plain });
        }
        let keys = self.bounded(keys);
        let inline = self.frames.last().and_then(|frame| match frame {
            Frame::Inline(id, _) => Some(*id),
            Frame::Entry(_) | Frame::Array => None,
        });
        let chain = self.tables.enter_entry(&mut self.tree, inline, &keys);
        self.frames.push(Frame::Entry(chain));
    }

    /// A dotted key of too many names becomes one name: nobody means that many tables.
    fn bounded(&mut self, keys: Vec<Key<'text>>) -> Vec<Key<'text>> {
        match (keys.first(), keys.last()) {
            (Some(first), Some(last)) if keys.len() > DEPTH_LIMIT as usize => {
                let span = Span { start: first.span.start, end: last.span.end };
                self.tree.report(ProblemKind::TooDeep, span);
                let name = Cow::Borrowed(self.text.get(span.range()).unwrap_or_default());
                vec![Key { name, span, style: ScalarStyle::Plain }]
            }
            _ => keys,
        }
    }

    fn finish_header(&mut self, end: Option<usize>) {
        let Some(header) = self.header.take() else { return };
        let keys = std::mem::take(&mut self.keys);
        let Some(last) = keys.last().map(|key| key.span.range().end) else { return };
        let keys = self.bounded(keys);
        let span = Span::new(header.start, end.unwrap_or(last));
        self.tables.header(&mut self.tree, &keys, span, header.is_array);
    }

    fn close(&mut self, end: usize) {
        match self.frames.pop() {
            Some(Frame::Inline(_, before)) => {
                self.tables.swap_dotted(before);
                self.tree.close(Some(end));
                self.value_ends(end);
            }
            Some(Frame::Array) => {
                self.tree.close(Some(end));
                self.value_ends(end);
            }
            // A bracket that nothing was opened for.
            Some(entry @ Frame::Entry(_)) => self.frames.push(entry),
            None => {}
        }
        self.keys.clear();
    }

    fn value_ends(&mut self, end: usize) {
        if let Some(Frame::Entry(chain)) = self.frames.pop_if(|frame| matches!(frame, Frame::Entry(_))) {
            self.tables.leave_entry(&mut self.tree, chain, end);
        }
    }

    /// Closes what an error left open before a header.
    fn unwind(&mut self) {
        while let Some(frame) = self.frames.pop() {
            match frame {
                Frame::Entry(chain) => {
                    let end = self.tables.end();
                    self.tables.leave_entry(&mut self.tree, chain, end);
                }
                Frame::Array | Frame::Inline(..) => self.tree.close(None),
            }
        }
    }

    fn finish(mut self, parsed: &Parsed<'_>) -> Tree {
        self.finish_header(None);
        self.unwind();
        self.tables.finish(&mut self.tree);
        self.tree.close_all();
        for comment in &parsed.comments {
            let span = self.span(*comment);
            self.tree.comment(self.text, span);
        }
        let mut tree = self.tree;
        self.repairs.report(&mut tree, &parsed.errors);
        tree
    }
}

fn style(encoding: Option<Encoding>) -> ScalarStyle {
    match encoding {
        None => ScalarStyle::Plain,
        Some(Encoding::LiteralString) => ScalarStyle::SingleQuoted,
        Some(Encoding::BasicString) => ScalarStyle::DoubleQuoted,
        Some(Encoding::MlLiteralString | Encoding::MlBasicString) => ScalarStyle::TripleQuoted,
    }
}

#[cfg(test)]
mod tests;

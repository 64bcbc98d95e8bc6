//! One line, piece by piece, with the place of each piece in the line and in what is shown of it.

use std::borrow::Cow;
use std::ops::Range;

use crate::document::{Comment, Document, Entry, Format, NodeId, NodeKind, ScalarStyle, Span};
use crate::model::Source;
use crate::redact::{self, MASK};
use crate::template::Syntax;

use super::context::{Context, is_name, words};
use super::value::{self, Name};
use super::{HIDDEN, Quote};

/// How many columns a tab is shown as.
const TAB: &str = "    ";

/// A line that is being read.
pub(super) struct Line<'document> {
    source: &'document Source,
    document: &'document Document,
    range: Range<usize>,
    /// Up to where it is read.
    at: usize,
    shown: String,
    /// What stands where: bytes of the file, bytes of what is shown, and whether they are the same.
    pieces: Vec<(Range<usize>, Range<usize>, bool)>,
    /// Whether what comes next may be a part of a secret: the key of one stands before it.
    is_secret: bool,
    /// Whether something was hidden: what looks like a comment behind it may be its end.
    has_hidden: bool,
    /// Whether a value was read and nothing yet that separates it from a key.
    is_after_value: bool,
    /// What a tab is shown as.
    tab: &'static str,
}

impl<'document> Line<'document> {
    pub(super) fn new(source: &'document Source, document: &'document Document, range: Range<usize>) -> Self {
        Self {
            source,
            document,
            at: range.start,
            range,
            shown: String::new(),
            pieces: Vec::new(),
            is_secret: false,
            has_hidden: false,
            is_after_value: false,
            tab: TAB,
        }
    }

    /// Tabs are shown as they are: nobody counts columns in the line.
    pub(super) fn with_tabs(mut self) -> Self {
        self.tab = "\t";
        self
    }

    /// Reads the line.
    pub(super) fn read(&mut self) {
        let document = self.document;
        let span = Span::new(self.range.start, self.range.end);
        let comments = document.comments();
        let first = comments.partition_point(|comment| comment.span.end <= span.start);
        let mut comments = comments[first..].iter().take_while(|comment| comment.span.start < span.end).peekable();
        for leaf in document.leaves_in(span) {
            let start = document.node(leaf).span.start;
            while let Some(comment) = comments.next_if(|comment| comment.span.start < start) {
                self.comment(*comment);
            }
            self.leaf(leaf);
        }
        for comment in comments {
            self.comment(*comment);
        }
        self.gap(self.range.end, &[]);
    }

    /// Ends with the place that is meant.
    pub(super) fn finish(mut self, span: Range<usize>) -> Quote {
        let length = self.shown.trim_end().len();
        self.shown.truncate(length);
        let start = self.find(span.start, false).min(length);
        let end = if span.end > self.range.end { length } else { self.find(span.end, true).min(length) };
        let mut end = end.max(start);
        // Where nothing is, the place itself; a mark that is not seen marks nothing.
        if end == start && start < length {
            end += self.shown[start..].chars().next().map_or(0, char::len_utf8);
        }
        Quote { text: self.shown, mark: start..end }
    }

    /// Ends with all of the line, white space at its end included.
    pub(super) fn into_text(self) -> String {
        self.shown
    }

    /// Where a byte of the file is in what is shown.
    fn find(&self, at: usize, is_end: bool) -> usize {
        for (from, to, is_same) in &self.pieces {
            let is_in = if is_end { from.start < at && at <= from.end } else { from.start <= at && at < from.end };
            if is_in {
                return match (is_same, is_end) {
                    (true, _) => to.start + (at - from.start),
                    (false, true) => to.end,
                    (false, false) => to.start,
                };
            }
        }
        let behind = self.pieces.iter().find(|(from, ..)| from.start >= at);
        behind.map_or(self.shown.len(), |(_, to, _)| to.start)
    }

    fn leaf(&mut self, leaf: NodeId) {
        let span = self.document.node(leaf).span.range();
        if span.end <= self.at {
            return;
        }
        let context = Context::of(self.document, leaf);
        self.gap(span.start, &context.names);
        let range = self.at.max(span.start)..span.end.min(self.range.end);
        let is_whole = span.start >= self.range.start && span.end <= self.range.end;
        if let Some(secret) = context.secret.filter(|_| context.key_of.is_some() || !is_whole || context.is_item) {
            self.mask(range.start..secret.range().end.min(self.range.end).max(range.end));
            return;
        }
        if !is_whole {
            self.indent(&range);
            self.hide(self.at..range.end);
            return;
        }
        match context.key_of {
            Some(entry) => self.key(entry, range),
            None => self.value(leaf, range, &context),
        }
    }

    fn key(&mut self, entry: Entry, range: Range<usize>) {
        let raw = &self.document.text()[range.clone()];
        let behind = self.document.text()[range.end..].trim_start_matches([' ', '\t']);
        let name = self.document.text_of(entry.key).unwrap_or_default();
        let is_key = self.is_separated(behind) && !self.is_after_value && is_name(name);
        self.is_secret = !is_key || redact::is_secret_name(name);
        self.is_after_value = !is_key;
        if !is_key {
            self.hide(range);
        } else if redact::show_text(raw) == raw {
            self.show(range);
        } else {
            self.replace(range, &redact::show_text(name));
        }
    }

    /// Whether what stands behind a word makes it a key.
    fn is_separated(&self, behind: &str) -> bool {
        match self.document.format() {
            Format::Yaml | Format::Json => behind.starts_with(':'),
            Format::Toml => behind.starts_with(['=', '.', ']']),
            Format::Ini => behind.starts_with(['=', ':', ']']),
            Format::Env => behind.starts_with(['=', ':']),
        }
    }

    fn value(&mut self, leaf: NodeId, range: Range<usize>, context: &Context<'_>) {
        let is_hidden_key = self.is_secret && context.secret.is_none();
        self.is_after_value = true;
        let Some(scalar) = Some(leaf).filter(|leaf| self.is_scalar(*leaf)).and_then(|leaf| self.document.scalar(leaf))
        else {
            self.alias(leaf, range, context, is_hidden_key);
            return;
        };
        if range.is_empty() {
            return;
        }
        let is_quoted = matches!(scalar.style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
        let quote = usize::from(is_quoted);
        let raw = &self.document.text()[range.clone()];
        let Some(inner) = raw.get(quote..raw.len().saturating_sub(quote)) else {
            self.hide(range);
            return;
        };
        // Escapes and doubled quotes hide from a mask what they stand for.
        let is_verbatim = scalar.text == inner || self.document.format() == Format::Ini;
        let is_broken = scalar.style == ScalarStyle::Plain && (raw.starts_with(['"', '\'', '`']) || !is_verbatim);
        let start = range.start + quote;
        self.show(range.start..start);
        if context.secret.is_none() && (is_hidden_key || is_broken) {
            self.hide(start..start + inner.len());
        } else if !is_verbatim && context.secret.is_none() && redact::mask_text(scalar.text) != scalar.text {
            self.mask(start..start + inner.len());
        } else {
            let mut name = Name { name: context.names.last().copied().unwrap_or_default(), is_item: context.is_item };
            let (mut inner, mut start) = (inner, start);
            let mut is_secret = context.secret.is_some();
            if let Some((variable, text)) = value::assignment(inner).filter(|_| context.is_item) {
                // `- POSTGRES_HOST=db.example.com` of a compose file.
                let equals = start + variable.len() + 1;
                self.show(start..equals);
                name = Name { name: variable, is_item: false };
                is_secret |= redact::is_secret_name(variable);
                (inner, start) = (text, equals);
            }
            let pieces = value::pieces(name, inner, self.syntax(scalar.style), is_secret);
            // A password may hold what ends a URL and looks like a comment.
            self.has_hidden |= !pieces.is_empty() || inner.contains("://");
            self.pieces_of(start, inner, &pieces);
        }
        self.show(range.end - quote..range.end);
    }

    fn is_scalar(&self, leaf: NodeId) -> bool {
        matches!(self.document.node(leaf).kind, NodeKind::Scalar { .. })
    }

    fn alias(&mut self, leaf: NodeId, range: Range<usize>, context: &Context<'_>, is_hidden_key: bool) {
        let target = self.document.resolve(leaf);
        let is_anchored = self.document.marks(target).is_some_and(|marks| marks.anchor.is_some());
        // Without its anchor it may be a value that begins with `*`, but nobody merges a value.
        let is_merge = context.names.last() == Some(&"<<");
        if is_anchored || (is_merge && is_name(&self.document.text()[range.clone()][1..])) {
            self.show(range);
        } else if context.secret.is_some() || is_hidden_key {
            self.mask(range);
        } else {
            self.hide(range);
        }
    }

    fn pieces_of(&mut self, start: usize, inner: &str, pieces: &[(Range<usize>, String)]) {
        let mut done = 0;
        for (range, text) in pieces {
            self.show(start + done..start + range.start);
            self.replace(start + range.start..start + range.end, text);
            done = range.end;
        }
        self.show(start + done..start + inner.len());
    }

    /// What a `$` means in a value of the file.
    fn syntax(&self, style: ScalarStyle) -> Syntax {
        match (self.document.format(), style) {
            (Format::Env, ScalarStyle::SingleQuoted) => Syntax::Verbatim,
            (Format::Env, _) => Syntax::Shell,
            _ if self.source.kind.is_compose() => Syntax::Compose,
            _ => Syntax::Braces,
        }
    }

    fn comment(&mut self, comment: Comment) {
        let span = comment.span.range();
        if span.start < self.at.min(self.range.end) {
            return;
        }
        self.gap(span.start, &[]);
        let range = span.start..span.end.min(self.range.end);
        let text = &self.document.text()[range.clone()];
        let is_apart = comment.own_line || self.document.text()[..range.start].ends_with([' ', '\t']);
        let is_whole = span.end <= self.range.end;
        if self.has_hidden || !is_apart || !is_whole {
            let mark = text.len() - text.trim_start_matches(['#', ';', '/', '*', ' ']).len();
            self.show(range.start..range.start + mark);
            self.hide(self.at..range.end);
            return;
        }
        let masked = redact::mask_text(text);
        let pieces = value::difference(text, &masked);
        self.pieces_of(range.start, text, &pieces);
    }

    /// What stands between keys and values: punctuation and words of the format. `names` are those of the keys around
    /// what comes behind, which a header of TOML repeats.
    fn gap(&mut self, end: usize, names: &[&str]) {
        let range = self.at..end.min(self.range.end);
        if range.start >= range.end {
            return;
        }
        let text = &self.document.text()[range.clone()];
        let mut start = 0;
        for (index, piece) in words(text) {
            if index > start {
                self.show(range.start + start..range.start + index);
            }
            start = index + piece.len();
            let place = range.start + index..range.start + start;
            if self.is_punctuation(piece, names) {
                self.is_after_value &= !piece.contains([',', '{', '[', '}', ']']);
                self.is_secret &= !piece.contains(',');
                self.show(place);
            } else {
                self.is_after_value = true;
                self.hide(place);
            }
        }
        self.show(range.start + start..range.end);
        if text.contains(['\n', '\r']) {
            self.is_after_value = false;
        }
    }

    fn is_punctuation(&self, word: &str, names: &[&str]) -> bool {
        let format = self.document.format();
        if word.chars().all(|character| ":=,{}[]-?".contains(character)) {
            return true;
        }
        match format {
            Format::Env => word == "export",
            Format::Toml => word
                .split(['.', '[', ']'])
                .all(|part| part.is_empty() || names.contains(&part.trim_matches(['"', '\'']))),
            Format::Yaml => {
                let is_header = word
                    .strip_prefix(['|', '>'])
                    .is_some_and(|rest| rest.len() <= 2 && rest.chars().all(|it| "+-123456789".contains(it)));
                let mark = word.strip_prefix(['&', '!']).map(|name| name.trim_start_matches('!'));
                let is_behind_key = self.shown.trim_end().ends_with(':') && !self.is_secret && !self.has_hidden;
                is_header || (is_behind_key && mark.is_some_and(is_name))
            }
            Format::Json | Format::Ini => false,
        }
    }

    /// Shows the white space at the start of a range.
    fn indent(&mut self, range: &Range<usize>) {
        let text = &self.document.text()[range.clone()];
        let length = text.len() - text.trim_start_matches([' ', '\t']).len();
        self.show(range.start..range.start + length);
    }

    /// Shows a range as it is, escaped.
    fn show(&mut self, range: Range<usize>) {
        let mut start = range.start;
        let text = &self.document.text()[range.clone()];
        for (index, character) in text.char_indices() {
            if matches!(character, ' '..='~') {
                continue;
            }
            let mut buffer = [0; 4];
            let character: &str = character.encode_utf8(&mut buffer);
            let escaped = if character == "\t" { Cow::Borrowed(self.tab) } else { redact::escape(character) };
            if escaped == character {
                continue;
            }
            let at = range.start + index;
            self.same(start..at);
            start = at + character.len();
            self.put(at..start, &escaped, false);
        }
        self.same(start..range.end);
        self.at = self.at.max(range.end);
    }

    fn same(&mut self, range: Range<usize>) {
        if !range.is_empty() {
            let document = self.document;
            self.put(range.clone(), &document.text()[range], true);
        }
    }

    fn replace(&mut self, range: Range<usize>, text: &str) {
        self.put(range.clone(), &redact::escape(text), false);
        self.at = self.at.max(range.end);
    }

    fn mask(&mut self, range: Range<usize>) {
        self.indent(&range);
        self.has_hidden = true;
        self.is_after_value = true;
        self.replace(self.at.max(range.start)..range.end, MASK);
    }

    /// Shows that something stands there that is not shown.
    pub(super) fn hide(&mut self, range: Range<usize>) {
        self.has_hidden = true;
        let end = self.shown.trim_end().len();
        if self.shown[..end].ends_with(HIDDEN) && !range.is_empty() {
            // Words beside each other are hidden by one.
            self.pieces.push((range.clone(), end - HIDDEN.len()..end, false));
        } else {
            self.put(range.clone(), HIDDEN, false);
        }
        self.at = self.at.max(range.end);
    }

    fn put(&mut self, range: Range<usize>, text: &str, is_same: bool) {
        let start = self.shown.len();
        self.shown.push_str(text);
        self.pieces.push((range, start..self.shown.len(), is_same));
    }
}

//! JSON: tokens of our own scanner into the tree.
//!
//! The readers at hand stop at the first mistake, and the lenient ones let an unclosed quote run on into the next
//! lines. Here every mistake has its place and the rest is read: comments, trailing and missing commas, single quotes,
//! words without quotes, brackets that are never closed. What strict readers refuse is always reported.

mod scan;

use self::scan::{Scanner, Token, TokenKind};
use super::decode::Decoded;
use super::problem::{Cause, ProblemKind};
use super::tree::Tree;
use super::{ScalarStyle, Span, Structure};

/// How deep brackets may nest: as deep as in YAML.
const DEPTH_LIMIT: usize = 255;

/// Reads JSON.
pub(super) fn parse(decoded: &Decoded) -> Tree {
    let mut reader = Reader {
        scanner: Scanner::new(decoded.clean(), decoded.base),
        text: &decoded.text,
        tree: Tree::default(),
        open: Vec::new(),
        want: Want::Value,
        comma: None,
        last_end: decoded.base,
    };
    reader.read();
    reader.finish()
}

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Want {
    /// A key, or the end of the object.
    Key,
    Colon,
    Value,
    /// A value, or the end of the array.
    Item,
    /// A comma, or the end of the object or array.
    Comma,
    /// Nothing more.
    End,
}

/// A bracket that is not closed yet.
struct Open {
    span: Span,
    is_object: bool,
}

/// Builds the tree from tokens.
struct Reader<'text> {
    scanner: Scanner<'text>,
    text: &'text str,
    tree: Tree,
    open: Vec<Open>,
    want: Want,
    /// The comma that was read last, while nothing stands behind it.
    comma: Option<Span>,
    last_end: usize,
}

impl Reader<'_> {
    fn read(&mut self) {
        loop {
            // A file that starts with `{{` is an object with a brace too many.
            self.scanner.expect(self.want == Want::Key, !self.open.is_empty());
            let Some(token) = self.scanner.next() else { return };
            let end = token.span.range().end;
            match token.kind {
                TokenKind::Comment => self.tree.comment(self.text, token.span),
                TokenKind::Stray => self.wrong(Cause::Other, token.span),
                _ => {
                    self.token(token);
                    self.last_end = end;
                }
            }
            if self.tree.is_full() || self.want == Want::End && self.has_more() {
                return;
            }
        }
    }

    /// After the end there may be comments and nothing else; what else there is, is reported once.
    fn has_more(&mut self) -> bool {
        while let Some(token) = self.scanner.next() {
            match token.kind {
                TokenKind::Comment => self.tree.comment(self.text, token.span),
                TokenKind::Stray => self.wrong(Cause::Other, token.span),
                TokenKind::Close { .. } => {
                    self.wrong(Cause::Brackets, token.span);
                    return true;
                }
                _ => {
                    self.wrong(Cause::Trailing, token.span);
                    return true;
                }
            }
        }
        true
    }

    /// One token. A token that cannot stand where it stands is read as if what is missing before it were there.
    fn token(&mut self, token: Token<'_>) {
        let span = token.span;
        let before = Span::new(self.last_end, self.last_end);
        if self.want == Want::Comma && !matches!(token.kind, TokenKind::Comma | TokenKind::Close { .. }) {
            self.wrong(if token.kind == TokenKind::Colon { Cause::Other } else { Cause::Comma }, span);
            if token.kind == TokenKind::Colon {
                return;
            }
            self.want = self.inside();
        }
        if self.want == Want::Colon && token.kind != TokenKind::Colon {
            let cause = if token.ends_value() { Cause::MissingValue } else { Cause::NoColon };
            self.wrong(cause, before);
            self.want = if token.ends_value() { self.empty(before) } else { Want::Value };
        } else if self.want == Want::Value && token.ends_value() && !self.open.is_empty() {
            self.wrong(Cause::MissingValue, before);
            self.want = self.empty(before);
        }
        match token.kind {
            TokenKind::Comma if self.want == Want::Comma => {
                self.comma = Some(span);
                self.want = self.inside();
                return;
            }
            TokenKind::Comma => self.wrong(Cause::Comma, span),
            TokenKind::Colon if self.want == Want::Colon => self.want = Want::Value,
            TokenKind::Colon if self.want == Want::Key => {
                self.wrong(Cause::Key, span);
                self.empty(before);
                self.want = Want::Value;
            }
            TokenKind::Colon => self.wrong(Cause::Other, span),
            TokenKind::Open { is_object } => self.bracket(span, is_object),
            TokenKind::Close { is_object } => self.close(span, is_object),
            TokenKind::Scalar { style, value, problem } => {
                if let Some(kind) = problem {
                    self.tree.report(kind, span);
                }
                let cooked = value.filter(|value| self.text.get(span.range()) != Some(value.as_ref()));
                self.tree.scalar(span, style, cooked.map(|value| value.into_owned().into()));
                self.want = if self.want == Want::Key { Want::Colon } else { self.after_value() };
            }
            TokenKind::Comment | TokenKind::Stray => {}
        }
        self.comma = None;
    }

    fn bracket(&mut self, span: Span, is_object: bool) {
        if self.want == Want::Key {
            self.wrong(Cause::Key, span);
            self.empty(Span { end: span.start, ..span });
        }
        if self.open.len() >= DEPTH_LIMIT {
            self.tree.report(ProblemKind::TooDeep, span);
            self.scanner.stop();
            self.open.clear();
            return;
        }
        if is_object {
            self.tree.open_mapping(span, Structure::Flow);
        } else {
            self.tree.open_sequence(span, Structure::Flow);
        }
        self.open.push(Open { span, is_object });
        self.want = self.inside();
    }

    fn close(&mut self, span: Span, is_object: bool) {
        let Some(found) = self.open.iter().rposition(|open| open.is_object == is_object) else {
            self.wrong(Cause::Brackets, span);
            return;
        };
        if let Some(comma) = self.comma {
            self.wrong(Cause::Comma, comma);
        }
        // What is still open inside of it ends here too, and was not closed.
        while self.open.len() > found + 1 {
            if let Some(inner) = self.open.pop() {
                self.wrong(Cause::Brackets, inner.span);
            }
            self.tree.close(Some(self.last_end));
        }
        self.open.pop();
        self.tree.close(Some(span.range().end));
        self.want = self.after_value();
    }

    /// An empty text in the place of what is missing.
    fn empty(&mut self, at: Span) -> Want {
        self.tree.scalar(at, ScalarStyle::Plain, None);
        self.after_value()
    }

    /// What comes first inside the innermost bracket, and behind its commas.
    fn inside(&self) -> Want {
        match self.open.last() {
            Some(open) if open.is_object => Want::Key,
            Some(_) => Want::Item,
            None => Want::End,
        }
    }

    fn after_value(&self) -> Want {
        if self.open.is_empty() { Want::End } else { Want::Comma }
    }

    fn wrong(&mut self, cause: Cause, span: Span) {
        self.tree.report(ProblemKind::Syntax(cause), span);
    }

    fn finish(mut self) -> Tree {
        // Of a tree that is full, the end was not read.
        if let Some(open) = self.open.last().filter(|_| !self.tree.is_full()) {
            self.tree.report(ProblemKind::Syntax(Cause::Brackets), open.span);
        }
        // Comments are a mistake in JSON, but one that is made on purpose: one word about it is enough.
        if let Some(comment) = self.tree.comments.first() {
            self.tree.report(ProblemKind::Syntax(Cause::Comment), comment.span);
        }
        self.tree.close_all();
        self.tree
    }
}

#[cfg(test)]
mod tests;

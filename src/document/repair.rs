//! Mends the named causes of YAML errors in a copy of the text, so that the rest of the file can still be read.
//!
//! A mended place keeps its length: a value is overwritten with `x`, a line becomes a comment. Spans
//! of the copy are spans of the text, and values are always taken from the text. Each repair is reported, their
//! number and the bytes that are read again are bounded, and the copy is never written anywhere.

use granit_parser::ErrorKind;
use std::borrow::Cow;
use std::ops::Range;

use super::decode::Decoded;
use super::problem::{Cause, Problem, ProblemKind};
use super::tree::{PROBLEM_LIMIT, Tree};
use super::{NodeKind, ScalarStyle, Span};

/// The most repairs of one file. After that, what precedes the next error is what was read.
const REPAIR_LIMIT: usize = 48;

/// The most bytes that are read again because of repairs (granit-parser reads some 20 MB a second).
const BYTE_LIMIT: usize = 8 << 20;

/// Where and how reading failed.
pub(super) struct Failure {
    /// The byte.
    pub(super) at: usize,
    pub(super) kind: ErrorKind,
    /// Where the outermost open collection in brackets starts.
    pub(super) flow_start: Option<u32>,
    /// The key whose value was being read.
    pub(super) waiting_key: Option<Span>,
    /// The node that was read last.
    pub(super) last: Option<Span>,
}

/// The copy, and what was mended in it.
pub(super) struct Repairs<'text> {
    /// Copied once there is something to mend.
    text: Cow<'text, str>,
    original: &'text str,
    mended: Vec<Span>,
    problems: Vec<Problem>,
    read_again: usize,
    count: usize,
}

impl<'text> Repairs<'text> {
    pub(super) fn new(decoded: &'text Decoded) -> Self {
        let mut repairs = Self {
            text: Cow::Borrowed(decoded.clean()),
            original: &decoded.text,
            mended: Vec::new(),
            problems: Vec::new(),
            read_again: 0,
            count: 0,
        };
        if repairs.text.contains("{{") {
            repairs.template_braces();
        }
        repairs
    }

    /// The copy.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Mends the cause of a failure; false if there is nothing to mend or the limit is reached.
    pub(super) fn mend(&mut self, failure: &Failure) -> bool {
        self.read_again += self.text.len();
        let hopeless = matches!(
            failure.kind,
            ErrorKind::RecursionLimitExceeded
                | ErrorKind::TooManyComments
                | ErrorKind::DirectiveByteLimitExceeded { .. }
                | ErrorKind::TooManyReservedDirectiveParams { .. }
        );
        if hopeless || self.count >= REPAIR_LIMIT || self.read_again > BYTE_LIMIT {
            return false;
        }
        self.count += 1;
        let before = self.mended.len();
        self.value_or_line(failure);
        self.mended.len() > before
    }

    /// Takes the values of mended places from the text, drops comments that are lines of ours, and adds the problems.
    pub(super) fn apply_to(mut self, tree: &mut Tree) {
        if self.mended.is_empty() {
            return;
        }
        self.mended.sort_unstable();
        let touched = |span: Span| {
            let next = self.mended.partition_point(|mended| mended.end <= span.start);
            self.mended.get(next).is_some_and(|mended| mended.overlaps(span))
        };
        for node in &mut tree.nodes {
            if let NodeKind::Scalar { style, cooked } = &mut node.kind
                && touched(node.span)
            {
                let raw = &self.original[node.span.range()];
                *style = ScalarStyle::Plain;
                *cooked = Some(raw.trim_matches(['"', '\'']).into());
            }
        }
        tree.comments.retain(|comment| !touched(comment.span));
        tree.problems.append(&mut self.problems);
    }

    /// A value that starts with `{{` is a template's, not a mapping with a mapping for a key.
    fn template_braces(&mut self) {
        let mut start = 0;
        for line in self.original.split_inclusive('\n') {
            if line.contains("{{")
                && let Some(region) = value_region(line)
                && line[region.clone()].starts_with("{{")
            {
                let range = start + region.start..start + region.end;
                let span = Span::new(range.start, range.end);
                self.text.to_mut().replace_range(range.clone(), &"x".repeat(range.len()));
                self.mended.push(span);
                if self.problems.len() < PROBLEM_LIMIT {
                    self.problems.push(Problem::new(ProblemKind::Syntax(Cause::TemplateBraces), span));
                }
            }
            start += line.len();
        }
    }

    fn value_or_line(&mut self, failure: &Failure) {
        let mut at = failure.at.min(self.text.len().saturating_sub(1));
        while !self.original.is_char_boundary(at) {
            at -= 1;
        }
        let starts_value = matches!(
            failure.kind,
            ErrorKind::UnexpectedCharacter { .. }
                | ErrorKind::UndeclaredTagHandle
                | ErrorKind::MissingAnchorOrAliasName
                | ErrorKind::InvalidTagTerminator
                | ErrorKind::ExpectedTagBang
                | ErrorKind::MissingTagUri
                | ErrorKind::UnclosedVerbatimTag
                | ErrorKind::InvalidTagEscape
        );
        if starts_value && failure.flow_start.is_some() && self.flow_token(at, failure) {
            return;
        }
        // The words of a scalar that runs over several lines are most often lines whose colon has no space behind it.
        let cause = cause(&failure.kind, self.original[at..].chars().next());
        if matches!(failure.kind, ErrorKind::MappingValueNotAllowed)
            && let Some(last) = failure.last
            && self.text[last.range()].contains('\n')
        {
            let is_value = value_region(self.line(last.start as usize).1).is_some();
            let (line, cause) = if is_value { (at, Cause::Indentation) } else { (last.start as usize, Cause::NoColon) };
            self.comment_out(line, cause);
            return;
        }
        let from = failure.flow_start.or(failure.waiting_key.map(|key| key.end)).map_or(at, |from| from as usize);
        if self.line_value(from.min(at), cause) || self.line_value(at, cause) {
            return;
        }
        self.comment_out(at, cause);
    }

    /// A value inside brackets: up to the comma or bracket behind it.
    fn flow_token(&mut self, at: usize, failure: &Failure) -> bool {
        let rest = &self.original[at..];
        let end = rest.find([',', '}', ']', '\n', '\r']).unwrap_or(rest.len());
        let end = at + rest[..end].trim_end().len();
        self.overwrite(at..end, ProblemKind::Syntax(cause(&failure.kind, rest.chars().next())))
    }

    /// The value on the line of `at`.
    fn line_value(&mut self, at: usize, cause: Cause) -> bool {
        let (start, line) = self.line(at);
        let Some(region) = value_region(line) else { return false };
        let value = &line[region.clone()];
        let kind = if value.starts_with("***") { ProblemKind::Scrubbed } else { ProblemKind::Syntax(cause) };
        let range = start + region.start..start + region.end;
        self.overwrite(range, kind)
    }

    fn comment_out(&mut self, at: usize, cause: Cause) -> bool {
        let (start, line) = self.line(at);
        let content = start + line.len() - line.trim_start().len()..start + line.trim_end().len();
        let Some(first) = self.text[content.start..].chars().next().filter(|_| !content.is_empty()) else {
            return false;
        };
        if first == '#' {
            return false;
        }
        let hashes = "#".repeat(first.len_utf8());
        self.text.to_mut().replace_range(content.start..content.start + first.len_utf8(), &hashes);
        self.note(content, ProblemKind::Syntax(cause));
        true
    }

    fn overwrite(&mut self, range: Range<usize>, kind: ProblemKind) -> bool {
        if range.is_empty() || self.text[range.clone()].bytes().all(|byte| byte == b'x') {
            return false;
        }
        self.text.to_mut().replace_range(range.clone(), &"x".repeat(range.len()));
        self.note(range, kind);
        true
    }

    fn note(&mut self, range: Range<usize>, kind: ProblemKind) {
        let span = Span::new(range.start, range.end);
        // A line that could not be mended by its value alone was reported with the value.
        if !self.problems.iter().any(|problem| problem.span.overlaps(span)) {
            self.problems.push(Problem::new(kind, span));
        }
        self.mended.push(span);
    }

    /// The line around a byte, without its end, and where it starts.
    fn line(&self, at: usize) -> (usize, &str) {
        let start = self.text[..at].rfind('\n').map_or(0, |end| end + 1);
        let start = if self.text[start..].starts_with('\u{FEFF}') { start + 3 } else { start };
        let end = self.text[start..].find('\n').map_or(self.text.len(), |length| start + length);
        (start, self.text[start..end].trim_end_matches('\r'))
    }
}

/// The byte range of the value on a line `key: value` or `- value`, without a comment behind it.
fn value_region(line: &str) -> Option<Range<usize>> {
    let content = line.trim_end();
    let indent = content.len() - content.trim_start().len();
    let item = content[indent..].starts_with("- ");
    let from = indent + if item { 2 } else { 0 };
    let start = match colon(&content[from..]) {
        Some(colon) => from + colon + 1,
        None if item => from,
        None => return None,
    };
    let value = &content[start..];
    let start = start + value.len() - value.trim_start().len();
    let value = &content[start..];
    let end = if value.starts_with(['"', '\'']) { value.len() } else { value.find(" #").unwrap_or(value.len()) };
    let end = start + value[..end].trim_end().len();
    (end > start).then_some(start..end)
}

/// The first colon that ends a key: outside quotes, with white space or the end of the line behind it.
fn colon(text: &str) -> Option<usize> {
    let mut quote = None;
    for (index, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            (None, b':') if text[index + 1..].bytes().next().is_none_or(|next| next.is_ascii_whitespace()) => {
                return Some(index);
            }
            _ => {}
        }
    }
    None
}

/// Our words for an error of the parser.
fn cause(kind: &ErrorKind, at: Option<char>) -> Cause {
    match kind {
        ErrorKind::UnexpectedCharacter { character } => Cause::ReservedStart(*character),
        ErrorKind::MissingAnchorOrAliasName => Cause::ReservedStart(at.filter(|c| "*&".contains(*c)).unwrap_or('*')),
        ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabNotAllowed
        | ErrorKind::TabInPlainScalar
        | ErrorKind::TabAtBlockScalarStart => Cause::Tab,
        ErrorKind::InvalidQuotedScalarIndent
        | ErrorKind::UnclosedQuotedScalar
        | ErrorKind::DocumentIndicatorInQuotedScalar
        | ErrorKind::InvalidTrailingSingleQuotedScalar
        | ErrorKind::InvalidTrailingDoubleQuotedScalar => Cause::Quotes,
        ErrorKind::UnknownQuotedScalarEscape
        | ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidUnicodeEscape
        | ErrorKind::InvalidLowSurrogate
        | ErrorKind::InvalidLowSurrogateHexEscape
        | ErrorKind::MissingLowSurrogate
        | ErrorKind::UnpairedLowSurrogate => Cause::Escape,
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidMappingValueWhitespace => Cause::ColonInValue,
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => Cause::NoColon,
        ErrorKind::InvalidIndentation
        | ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::ExpectedBlockSequenceEntry
        | ErrorKind::BlockSequenceEntryNotAllowed
        | ErrorKind::MappingKeyNotAllowed
        | ErrorKind::ExpectedDocumentStart
        | ErrorKind::InvalidBlockScalarIndent => Cause::Indentation,
        ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping
        | ErrorKind::MisplacedFlowCollectionEnd
        | ErrorKind::MismatchedFlowCollectionEnd { .. }
        | ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::InvalidFlowScalarIndent
        | ErrorKind::InvalidColonPlacement => Cause::Brackets,
        ErrorKind::ExpectedFlowMappingSeparator | ErrorKind::ExpectedFlowSequenceSeparator => Cause::Comma,
        ErrorKind::UndeclaredTagHandle
        | ErrorKind::InvalidTagTerminator
        | ErrorKind::ExpectedTagBang
        | ErrorKind::MissingTagUri
        | ErrorKind::UnclosedVerbatimTag
        | ErrorKind::InvalidTagEscape
        | ErrorKind::InvalidGlobalTagCharacter => Cause::Tag,
        ErrorKind::CommentInterceptedScalar | ErrorKind::CommentNotSeparated => Cause::Comment,
        _ => Cause::Other,
    }
}

//! `.env` files: `NAME=value` lines, read as python-dotenv, Docker Compose and dotenv for JavaScript agree.
//!
//! `${NAME:-default}` and `$NAME` stay as they are written. In single quotes and backticks they are not meant as
//! references, which the style of the value tells; in double quotes `\$` keeps its backslash for the same reason.

use super::decode::Decoded;
use super::problem::{Cause, ProblemKind};
use super::tree::Tree;
use super::{ScalarStyle, Span, Structure};

/// Reads a `.env` file; one mapping, if there is anything in it.
pub(super) fn parse(decoded: &Decoded) -> Tree {
    let mut reader =
        Reader { text: &decoded.text, clean: decoded.clean(), at: decoded.base, tree: Tree::default(), is_open: false };
    while reader.at < decoded.clean().len() && !reader.tree.is_full() {
        reader.line();
    }
    reader.tree.close_all();
    reader.tree
}

struct Reader<'text> {
    text: &'text str,
    clean: &'text str,
    at: usize,
    tree: Tree,
    is_open: bool,
}

impl Reader<'_> {
    /// One line, or all lines of a value in quotes.
    fn line(&mut self) {
        let rest = &self.clean[self.at..];
        let line = &rest[..line_length(rest)];
        let content = line.trim_start();
        let start = self.at + line.len() - content.len();
        let content = content.trim_end();
        self.at += line.len() + 1;
        if content.is_empty() {
            return;
        }
        if content.starts_with('#') {
            self.comment(start, start + content.len());
            return;
        }
        let declaration = without_export(content);
        let start = start + content.len() - declaration.len();
        if let Some(colon) = yaml_colon(declaration) {
            let name = Span::new(start, start + colon);
            self.tree.report(ProblemKind::Syntax(Cause::NotAnAssignment), name);
            self.key(name);
            self.value(start + colon + 1);
        } else if let Some(equals) = cut_comment(declaration).0.find('=') {
            let name = Span::new(start, start + declaration[..equals].trim_end().len());
            if name.is_empty() {
                self.tree.report(ProblemKind::Syntax(Cause::Key), Span::new(start, start + 1));
            } else if !is_name(unquoted(&declaration[..name.range().len()])) {
                self.tree.report(ProblemKind::Syntax(Cause::NotAnAssignment), name);
            }
            self.key(name);
            self.value(start + equals + 1);
        } else {
            // A name alone takes its value from the environment.
            let (name, comment) = cut_comment(declaration);
            let span = Span::new(start, start + name.len());
            if is_name(unquoted(name)) {
                self.key(span);
                self.tree.scalar(Span { start: span.end, ..span }, ScalarStyle::Plain, None);
            } else {
                self.tree.report(ProblemKind::Syntax(Cause::NotAnAssignment), span);
            }
            if let Some(comment) = comment {
                self.comment(start + comment, start + declaration.len());
            }
        }
    }

    fn comment(&mut self, start: usize, end: usize) {
        self.tree.comment(self.text, Span::new(start, end));
    }

    fn key(&mut self, span: Span) {
        if !self.is_open {
            self.tree.open_mapping(span, Structure::Block);
            self.is_open = true;
        }
        let raw = &self.clean[span.range()];
        let name = unquoted(raw);
        let quoted = name.len() < raw.len();
        let style = if quoted { ScalarStyle::SingleQuoted } else { ScalarStyle::Plain };
        self.tree.scalar(span, style, quoted.then(|| name.into()));
    }

    /// The value behind `=`, and what stands behind it.
    fn value(&mut self, from: usize) {
        let rest = &self.clean[from..];
        let line = &rest[..line_length(rest)];
        let content = line.trim_start();
        let start = from + line.len() - content.len();
        if content.is_empty() {
            self.tree.scalar(Span::new(from, from), ScalarStyle::Plain, None);
            return;
        }
        if content.starts_with('#') && start > from {
            self.tree.scalar(Span::new(from, from), ScalarStyle::Plain, None);
            self.comment(start, start + content.trim_end().len());
            return;
        }
        let quote = content.chars().next().filter(|first| "'\"`".contains(*first));
        if let Some(quote) = quote {
            if let Some(end) = closing_quote(&self.clean[start..], quote) {
                self.quoted(start, start + end, quote);
                return;
            }
            self.broken(start, content.trim_end(), quote);
            return;
        }
        let (value, comment) = cut_comment(content.trim_end());
        self.tree.scalar(Span::new(start, start + value.len()), ScalarStyle::Plain, None);
        if let Some(comment) = comment {
            self.comment(start + comment, start + content.trim_end().len());
        }
    }

    fn quoted(&mut self, start: usize, end: usize, quote: char) {
        let inside = &self.clean[start + 1..end - 1];
        let (style, value) = match quote {
            '"' => (ScalarStyle::DoubleQuoted, unescape(inside)),
            _ => (ScalarStyle::SingleQuoted, inside.replace("\r\n", "\n")),
        };
        self.tree.scalar(Span::new(start, end), style, Some(value.into()));
        let rest = &self.clean[end..];
        let line = &rest[..line_length(rest)];
        let behind = line.trim_start();
        if behind.starts_with('#') {
            let comment = end + line.len() - behind.len();
            self.comment(comment, comment + behind.trim_end().len());
        }
        self.at = end + line.len() + 1;
    }

    /// A quote that is never closed, or that more text stands behind: the value ends with its line.
    fn broken(&mut self, start: usize, content: &str, quote: char) {
        let last = content.rfind(quote).unwrap_or(0);
        let (kept, comment) = cut_comment(&content[last..]);
        // Without a second quote, a `#` may as well belong to the value.
        let length = if last == 0 { content.len() } else { last + kept.len() };
        let span = Span::new(start, start + length);
        self.tree.report(ProblemKind::Syntax(Cause::Quotes), span);
        let value = content[..length].trim_matches(quote);
        self.tree.scalar(span, ScalarStyle::Plain, Some(value.into()));
        if let Some(comment) = comment.filter(|_| last > 0) {
            self.comment(start + last + comment, start + content.len());
        }
    }
}

fn line_length(text: &str) -> usize {
    text.find(['\n', '\r']).unwrap_or(text.len())
}

/// What follows `export `.
fn without_export(content: &str) -> &str {
    let rest = content.strip_prefix("export").map(|rest| (rest, rest.trim_start()));
    match rest {
        Some((rest, name)) if name.len() < rest.len() && !name.is_empty() && !name.starts_with(['=', ':']) => name,
        _ => content,
    }
}

/// A name that may stand in single quotes.
fn unquoted(name: &str) -> &str {
    name.strip_prefix('\'').and_then(|name| name.strip_suffix('\'')).unwrap_or(name)
}

fn is_name(text: &str) -> bool {
    !text.starts_with(|c: char| c.is_ascii_digit())
        && !text.is_empty()
        && text.chars().all(|c| c.is_alphanumeric() || "_.-".contains(c))
}

/// The colon of `NAME: value`, which YAML and some readers of `.env` take for `=`.
fn yaml_colon(declaration: &str) -> Option<usize> {
    let colon = declaration.find(':')?;
    let behind = &declaration[colon + 1..];
    let is_end = behind.is_empty() || behind.starts_with([' ', '\t']);
    (is_end && is_name(&declaration[..colon])).then_some(colon)
}

/// A value without quotes, and where the comment behind it starts.
fn cut_comment(content: &str) -> (&str, Option<usize>) {
    let mut blank = false;
    for (index, character) in content.char_indices() {
        if character == '#' && blank {
            return (content[..index].trim_end(), Some(index));
        }
        blank = character == ' ' || character == '\t';
    }
    (content, None)
}

/// The end of a text that starts with a quote, if the quote is closed and only a comment stands behind it. It may
/// be closed on a later line.
fn closing_quote(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    let mut last_escaped = None;
    let mut is_first_line = true;
    for (index, character) in text.char_indices().skip(1) {
        let ends = || {
            let end = index + 1;
            let behind = text[end..][..line_length(&text[end..])].trim();
            (behind.is_empty() || behind.starts_with('#')).then_some(end)
        };
        if character == quote && !escaped {
            return ends();
        }
        if character == quote && is_first_line {
            last_escaped = ends();
        }
        if character == '\n' && is_first_line {
            // `'C:\'`: a backslash at the end of its line is one, and does not join the next lines to the value.
            if last_escaped.is_some() && quote != '"' {
                return last_escaped;
            }
            is_first_line = false;
        }
        escaped = character == '\\' && !escaped;
    }
    last_escaped.filter(|_| quote != '"')
}

/// The escapes that all readers know; other backslashes stay.
fn unescape(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let known = match (character, characters.peek()) {
            ('\\', Some('n')) => '\n',
            ('\\', Some('r')) => '\r',
            ('\\', Some('t')) => '\t',
            ('\\', Some('"')) => '"',
            ('\\', Some('\\')) => '\\',
            ('\r', Some('\n')) => continue,
            _ => {
                value.push(character);
                continue;
            }
        };
        value.push(known);
        characters.next();
    }
    value
}

#[cfg(test)]
mod tests {
    use crate::document::told::told;
    use crate::document::{Document, Format, ScalarStyle};

    #[test]
    fn valid_texts() {
        for (text, values) in [
            ("", &[][..]),
            ("# only\n\n", &[]),
            ("A=1\nB = x y \nexport C=3\n", &["A=1", "B=x y", "C=3"]),
            ("\u{FEFF}A=1\r\nB=2\r\n", &["A=1", "B=2"]),
            ("A=x # c\nB=x#y\nC= # c\nD=#x\nE=\n", &["A=x", "B=x#y", "C=", "D=#x", "E="]),
            ("A='x # $y\\n' # c\nB=\"x # \\\"y\\\"\\n\\t\\\\\" # c\n", &["A=x # $y\\n", "B=x # \"y\"\n\t\\"]),
            ("A=`x 'y' \"z\"`\nB=\"\"\nC=''\n", &["A=x 'y' \"z\"", "B=", "C="]),
            ("A=\"x\ny\n\"\nB='-----\r\nkey\r\n'\nC=1\n", &["A=x\ny\n", "B=-----\nkey\n", "C=1"]),
            ("A=${B:-c}/$D\nB=\"$A\\$B\"\n", &["A=${B:-c}/$D", "B=$A\\$B"]),
            ("A\nexport B\nC # c=d\n'D'\n", &["A=", "B=", "C=", "D="]),
            ("A=pg://u:p=w@h/d?x=y\n'B'=1\na.b-c=2\n", &["A=pg://u:p=w@h/d?x=y", "B=1", "\"a.b-c\"=2"]),
            ("A=***REMOVED***\nexport=1\nB='C:\\'\nD=1\n", &["A=***REMOVED***", "export=1", "B=C:\\", "D=1"]),
        ] {
            let (found, wrong) = told(text, Format::Env);
            assert_eq!(found, values, "{text}");
            assert!(wrong.is_empty(), "{text}: {wrong:?}");
        }
    }

    #[test]
    fn mistakes_are_named_and_the_rest_is_read() {
        const LINE: &str = "a line that is neither a setting nor a section nor a comment";
        const QUOTE: &str = "a quote that does not close where the value ends";
        for (text, values, problems) in [
            ("A: x # c\nB=1\n", &["A=x", "B=1"][..], &[("1:1", LINE)][..]),
            ("A=\"x\nB=1\n", &["A=x", "B=1"], &[("1:3", QUOTE)]),
            ("A='x # y\nB='z'\n", &["A=x # y", "B=z"], &[("1:3", QUOTE)]),
            ("A=\"x\" y # c\nB=1\n", &["A=x\" y", "B=1"], &[("1:3", QUOTE)]),
            ("A=\"x\"y\"\nB=1\n", &["A=x\"y", "B=1"], &[("1:3", QUOTE)]),
            ("A B=1\nC=2\n", &["\"A B\"=1", "C=2"], &[("1:1", LINE)]),
            ("hello world\nA=1\n{\n", &["A=1"], &[("1:1", LINE), ("3:1", LINE)]),
            ("=1\nA=2\n", &["\"\"=1", "A=2"], &[("1:1", "something that cannot be a key")]),
            ("A=1\nA=2\n", &["A=1", "A=2"], &[("2:1", "the key `A` stands twice")]),
        ] {
            let (found, wrong) = told(text, Format::Env);
            assert_eq!(found, values, "{text}");
            let problems: Vec<String> = problems.iter().map(|(at, message)| format!("{at} {message}")).collect();
            assert_eq!(wrong, problems, "{text}");
        }
    }

    #[test]
    fn spans_styles_and_comments() {
        let text = "# file\n\n# one\nexport A='x' # behind\nB=\"y\"\nC= z\n";
        let document = Document::parse(text.as_bytes(), Format::Env);
        let root = document.roots()[0];
        let raw = |key: &str| {
            let entry = document.get(root, key).expect("there");
            let style = document.scalar(entry.value).expect("a scalar").style;
            (document.raw(entry.key), document.raw(entry.value), style)
        };
        assert_eq!(raw("A"), ("A", "'x'", ScalarStyle::SingleQuoted));
        assert_eq!(raw("B"), ("B", "\"y\"", ScalarStyle::DoubleQuoted));
        assert_eq!(raw("C"), ("C", "z", ScalarStyle::Plain));
        let entry = document.get(root, "A").expect("there");
        assert_eq!(document.comments_above(entry).len(), 1);
        assert_eq!(document.comment_behind(entry).map(|c| document.slice(c.span)), Some("# behind"));
    }
}

//! What may be shown of a URL: the parts that are certain.

use std::ops::Range;

use crate::redact::{self, MASK};
use crate::template::{Syntax, Template, is_placeholder};

use super::value::{self, Name};

/// Whether a text is, or begins like, a URL.
pub(super) fn is_url(text: &str) -> bool {
    let Some((scheme, _)) = text.split_once("://") else { return false };
    !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-._:".contains(&byte))
}

/// The pieces of a URL that are not shown as they are. What a sign in a password can have moved is not shown at all:
/// each part has to look as such a part does.
pub(super) fn pieces(text: &str, syntax: Syntax) -> Vec<(Range<usize>, String)> {
    let start = text.find("://").map_or(0, |at| at + 3);
    Parts { text, syntax, pieces: Vec::new() }.read(start).unwrap_or_else(|| vec![(start..text.len(), MASK.to_owned())])
}

struct Parts<'text> {
    text: &'text str,
    syntax: Syntax,
    pieces: Vec<(Range<usize>, String)>,
}

impl Parts<'_> {
    fn read(mut self, start: usize) -> Option<Vec<(Range<usize>, String)>> {
        let text = self.text;
        let authority = self.find(start, &['/', '?', '#']);
        if self.find(authority, &['@']) < text.len() {
            return None;
        }
        let at = self.find(start, &['@']).min(authority);
        let host = if at < authority { at + 1 } else { start };
        if at < authority {
            self.login(start, at)?;
        }
        self.hosts(host, authority)?;
        let query = self.find(authority, &['?', '#']);
        let path = &text[authority..query];
        (self.is_plain(path, "/.-_+~: ") && redact::mask_text(path) == path).then_some(())?;
        let fragment = self.find(query, &['#']);
        if query < fragment {
            self.query(query + 1, fragment);
        }
        if fragment < text.len() {
            self.hide(fragment + 1..text.len());
        }
        Some(self.pieces)
    }

    /// `user:password`
    fn login(&mut self, start: usize, end: usize) -> Option<()> {
        let colon = self.find(start, &[':']).min(end);
        let user = &self.text[start..colon];
        let is_database = ["postgres", "mysql", "mariadb", "mssql", "oracle", "mongodb"]
            .iter()
            .any(|scheme| self.text[..start].contains(scheme));
        if colon == end && !is_database && !is_open(user, self.syntax) {
            // A token in place of user and password.
            self.pieces.push((start..end, MASK.to_owned()));
            return Some(());
        }
        self.is_plain(user, ".-_+%").then_some(())?;
        if colon < end {
            let password = &self.text[colon + 1..end];
            let name = Name { name: "password", is_item: false };
            for (range, shown) in value::pieces(name, password, self.syntax, true) {
                self.pieces.push((colon + 1 + range.start..colon + 1 + range.end, shown));
            }
        }
        Some(())
    }

    /// `host:port,host:port`
    fn hosts(&self, start: usize, end: usize) -> Option<()> {
        let hosts = &self.text[start..end];
        let is_whole = self.is_plain(hosts, ".-_:,[]");
        let is_port = |host: &str| {
            let port = host.rsplit_once(':').map_or("", |(_, port)| port);
            host.starts_with('[') || is_open(port, self.syntax) || port.bytes().all(|byte| byte.is_ascii_digit())
        };
        // A variable with a default has colons of its own.
        let is_simple = hosts.contains("${") || hosts.split(',').all(is_port);
        (is_whole && is_simple && redact::mask_text(hosts) == hosts).then_some(())
    }

    fn query(&mut self, start: usize, end: usize) {
        let mut at = start;
        for pair in self.text[start..end].split('&') {
            let range = at..at + pair.len();
            at = range.end + 1;
            match value::assignment(pair) {
                Some((name, text)) => {
                    let is_secret = redact::is_secret_name(name);
                    let from = range.start + name.len() + 1;
                    let is_nested = text.contains(['%', '=', ';']);
                    if is_nested && !is_secret {
                        self.hide(from..range.end);
                        continue;
                    }
                    for (piece, shown) in value::pieces(Name { name, is_item: false }, text, self.syntax, is_secret) {
                        self.pieces.push((from + piece.start..from + piece.end, shown));
                    }
                }
                None => self.hide(range),
            }
        }
    }

    fn hide(&mut self, range: Range<usize>) {
        if !range.is_empty() {
            self.pieces.push((range, super::HIDDEN.to_owned()));
        }
    }

    /// The next of some signs outside `${...}`, or the end.
    fn find(&self, from: usize, signs: &[char]) -> usize {
        let mut depth = 0_u32;
        for (index, character) in self.text[from..].char_indices() {
            match character {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                sign if depth == 0 && signs.contains(&sign) => return from + index,
                _ => {}
            }
        }
        self.text.len()
    }

    /// Whether a part holds nothing but letters, digits and these signs, besides variables without secrets.
    fn is_plain(&self, part: &str, signs: &str) -> bool {
        let template = Template::parse(part, self.syntax);
        if template.masked(false) != part || redact::mask_text(part) != part {
            return false;
        }
        let signs =
            |c: char| c.is_alphanumeric() || signs.contains(c) || (!template.is_literal() && "${}:-?+".contains(c));
        part.chars().all(signs) || is_placeholder(part) || is_marked(part)
    }
}

/// Whether a part is a placeholder or one variable without a default.
fn is_open(part: &str, syntax: Syntax) -> bool {
    let template = Template::parse(part, syntax);
    is_placeholder(part) || (!template.is_literal() && !template.masked(true).contains(MASK))
}

/// Whether a part is placeholders with separators between them: `<HOST>:5432/<DATABASE>`.
fn is_marked(part: &str) -> bool {
    part.split([':', '/', ',']).all(|word| {
        word.is_empty() || is_placeholder(word) || word.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
    })
}

//! What the template of a value comes down to.

use crate::redact;

use super::{DEPTH_LIMIT, Part, Syntax, Template, Written};

/// The most substitutions for one value: enough for any file of a person, and it ends what refers to itself.
pub(super) const STEP_LIMIT: usize = 256;

/// The longest text that a value can become, in bytes.
pub(super) const LENGTH_LIMIT: usize = 64 << 10;

/// What a [`Template`] is resolved against.
pub trait Lookup {
    /// The value of a variable and the syntax that it is written in.
    fn variable(&self, name: &str) -> Option<(String, Syntax)>;
    /// The value at a dotted path of the same file.
    fn reference(&self, path: &str) -> Option<(String, Syntax)>;
}

/// A resolved text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolved {
    /// The text; what could not be resolved stands in it as it was written.
    pub text: String,
    /// The variables and references that could not be resolved.
    pub missing: Vec<String>,
    /// The variables and references that were, and those with a secret's name whose default stands for them.
    pub used: Vec<String>,
}

impl Template {
    /// Resolves what is known. Ends whatever refers to what.
    pub fn resolve(&self, lookup: &dyn Lookup) -> Resolved {
        let mut run = Run { lookup, steps: 0, found: Resolved::default() };
        let text = run.expand(self, 0);
        Resolved { text, ..run.found }
    }
}

struct Run<'lookup> {
    lookup: &'lookup dyn Lookup,
    steps: usize,
    found: Resolved,
}

impl Run<'_> {
    fn expand(&mut self, template: &Template, depth: usize) -> String {
        let mut text = String::new();
        for part in &template.parts {
            let piece = match part {
                Part::Text(literal) => literal.clone(),
                Part::Reference { path } => {
                    let value = self.lookup.reference(path);
                    self.substitute(path, value, depth).unwrap_or_else(|| self.miss(path, format!("${{{path}}}")))
                }
                Part::Variable { name, operator, written } => self.variable(name, operator.as_ref(), *written, depth),
            };
            if text.len() + piece.len() > LENGTH_LIMIT {
                self.found.missing.push("(too long)".to_owned());
                break;
            }
            text.push_str(&piece);
        }
        text
    }

    fn variable(
        &mut self,
        name: &str,
        operator: Option<&(&'static str, Template)>,
        written: Written,
        depth: usize,
    ) -> String {
        let mut value = self.lookup.variable(name);
        if operator.is_some_and(|(operator, _)| operator.starts_with(':')) {
            value = value.filter(|(text, _)| !text.is_empty());
        }
        let default = operator.filter(|(operator, _)| matches!(*operator, ":-" | "-" | ","));
        let other = operator.filter(|(operator, _)| matches!(*operator, ":+" | "+"));
        if (default.is_some() || other.is_some()) && redact::is_secret_name(name) {
            // Whatever comes out of it, a default included, is a secret.
            self.found.used.push(name.to_owned());
        }
        match (value, default, other) {
            (Some(_), _, Some((_, word))) => self.expand(word, depth + 1),
            (None, _, Some(_)) => String::new(),
            (None, Some((_, word)), _) if depth < DEPTH_LIMIT => self.expand(word, depth + 1),
            (value, ..) => match self.substitute(name, value, depth) {
                Some(text) => text,
                // `$x` in a password is text as long as there is no such variable.
                None if written == Written::Bare => format!("${name}"),
                None => self.miss(name, format!("${{{name}}}")),
            },
        }
    }

    fn substitute(&mut self, name: &str, value: Option<(String, Syntax)>, depth: usize) -> Option<String> {
        let (text, syntax) = value?;
        self.steps += 1;
        if self.steps > STEP_LIMIT || depth >= DEPTH_LIMIT {
            return None;
        }
        self.found.used.push(name.to_owned());
        let template = Template::parse(&text, syntax);
        Some(if template.is_literal() { text } else { self.expand(&template, depth + 1) })
    }

    fn miss(&mut self, name: &str, written: String) -> String {
        self.found.missing.push(name.to_owned());
        written
    }
}

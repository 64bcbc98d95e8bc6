//! The value of a canonical key.

use crate::redact::{self, Secret};
use crate::template::{Syntax, Template};

/// A value, of the type that its key wants, or the text of a template.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text; it may hold `${VAR}`.
    Text {
        /// The text as written.
        text: String,
        /// What a `$` means in it.
        syntax: Syntax,
    },
    /// A secret; it may hold `${VAR}` too.
    Secret {
        /// The text as written.
        text: Secret,
        /// What a `$` means in it.
        syntax: Syntax,
    },
    /// A URL, or another text whose parts may be secret: shown with its secrets masked.
    Url {
        /// The text as written.
        text: Secret,
        /// What a `$` means in it.
        syntax: Syntax,
    },
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Float(f64),
    /// True or false.
    Bool(bool),
}

impl Value {
    /// Text from a place where only `${...}` is special.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into(), syntax: Syntax::Braces }
    }

    /// The text as written, secrets included: for comparing and resolving, never for output.
    pub fn expose(&self) -> String {
        match self {
            Self::Integer(number) => number.to_string(),
            Self::Float(number) => number.to_string(),
            Self::Bool(switch) => switch.to_string(),
            _ => self.as_text().unwrap_or_default().to_owned(),
        }
    }

    /// The text as written, secrets included, unless it is a number or switch: to look into it without copying it.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text { text, .. } => Some(text),
            Self::Secret { text, .. } | Self::Url { text, .. } => Some(text.expose()),
            Self::Integer(_) | Self::Float(_) | Self::Bool(_) => None,
        }
    }

    /// What a `$` means in it.
    pub fn syntax(&self) -> Syntax {
        match self {
            Self::Text { syntax, .. } | Self::Secret { syntax, .. } | Self::Url { syntax, .. } => *syntax,
            _ => Syntax::Verbatim,
        }
    }

    /// As a template.
    pub fn template(&self) -> Template {
        Template::parse(&self.expose(), self.syntax())
    }

    /// Whether it holds a variable or reference.
    pub fn is_template(&self) -> bool {
        !self.template().is_literal()
    }

    /// Whether it is an empty text.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text { text, .. } => text.is_empty(),
            Self::Secret { text, .. } | Self::Url { text, .. } => text.is_empty(),
            _ => false,
        }
    }

    /// As it stands, secrets masked; not yet escaped.
    ///
    /// A placeholder (`<DB_PASSWORD>`) is no secret and is shown.
    pub fn shown(&self) -> String {
        match self {
            Self::Secret { text, .. } if crate::template::is_placeholder(text.expose()) => text.expose().to_owned(),
            Self::Secret { .. } => self.template().masked(true),
            Self::Url { text, syntax } => masked_url(text.expose(), *syntax),
            Self::Text { text, syntax } => {
                redact::mask_text(&Template::parse(text, *syntax).masked(false)).into_owned()
            }
            _ => self.expose(),
        }
    }
}

/// A URL with its password masked; a variable in place of the password stands.
fn masked_url(text: &str, syntax: Syntax) -> String {
    let Some(scheme) = text.find("://") else {
        let template = Template::parse(text, syntax);
        // Beside a variable, text without a scheme may be anything that was put in the wrong place.
        return redact::mask_text(&template.masked(!template.is_literal())).into_owned();
    };
    let (head, rest) = text.split_at(scheme + 3);
    // An `@` behind a `?` is one of a password, or of a parameter: then everything doubtful is masked.
    let before_query = rest.find('?').unwrap_or(rest.len());
    let Some(at) = rest.rfind('@').filter(|at| *at < before_query) else {
        return redact::mask_text(&Template::parse(text, syntax).masked(false)).into_owned();
    };
    let (userinfo, tail) = rest.split_at(at);
    let tail = redact::mask_text(&Template::parse(tail, syntax).masked(false)).into_owned();
    // The first colon outside `${...}` separates the user from the password.
    let mut depth = 0;
    let colon = userinfo.char_indices().find(|(_, character)| {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        depth == 0 && *character == ':'
    });
    match colon {
        Some((colon, _)) => {
            let (user, password) = (&userinfo[..colon], &userinfo[colon + 1..]);
            let user = Template::parse(user, syntax).masked(false);
            let password = if crate::template::is_placeholder(password) {
                password.to_owned()
            } else {
                Template::parse(password, syntax).masked(true)
            };
            format!("{head}{user}:{password}{tail}")
        }
        None => format!("{head}{}{tail}", Template::parse(userinfo, syntax).masked(false)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_shown_without_their_passwords() {
        for (text, expected) in [
            ("redis://:canary@h:1/0", "redis://:********@h:1/0"),
            ("postgresql://u:canary@h/d", "postgresql://u:********@h/d"),
            ("postgresql://${U:-x}:${P:-canary}@h/d", "postgresql://${U:-x}:${P:-********}@h/d"),
            ("postgresql://u:can@ry/x#@h/d", "postgresql://u:********@h/d"),
            ("postgresql://<U>:<P>@<H>:5432/<D>", "postgresql://<U>:<P>@<H>:5432/<D>"),
            ("https://h/p?token=canary", "https://h/p?token=********"),
            ("http://localhost:5000", "http://localhost:5000"),
            ("s3://bucket/mlflow/", "s3://bucket/mlflow/"),
            ("databricks", "databricks"),
            ("redis://h:6379/0?password=p@canary", "redis://h:********"),
            ("redis://u:x@h/0?password=p@canary", "redis://u:********"),
            ("${RU}", "${RU}"),
            ("canary${X}", "********${X}"),
        ] {
            let url = Value::Url { text: Secret::new(text), syntax: Syntax::Braces };
            assert_eq!(url.shown(), expected);
        }
    }
}

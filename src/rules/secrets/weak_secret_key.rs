//! `weak-secret-key`.

use crate::finding::Finding;
use crate::model::SourceKind;
use crate::redact::show_text;
use crate::rules::named_secret::Assignment;
use crate::rules::{Leaf, secret};
use crate::template::is_placeholder;

rule! {
    /// A key for signing or encryption that anybody can guess.
    ///
    /// Keys like `SECRET_KEY`, `JWT_SECRET_KEY`, `SESSION_SECRET` and `ENCRYPTION_KEY` are meant.
    /// Found are placeholders that were left in place (`change-me`, `your-super-secret-key-here`), values that begin
    /// with `dev-` or `test-` or say that they are insecure, and keys that are too short for the algorithm: HS256 takes
    /// at least 32 bytes, HS384 48 and HS512 64 (RFC 7518, section 3.2).
    /// A key for JWT counts as one for HS256 where nothing says otherwise.
    /// Development environments are not judged, nor values of development in `.env` and compose files as long as nothing
    /// says that they are for another environment.
    /// Signs that a deployment replaces (`<JWT_SECRET>`, `{{ key }}`) are no values.
    /// What says that it is for development, and stands in production, is found by `development-secret-in-production`.
    ///
    /// # Why it matters
    /// Whoever knows the key signs tokens and sessions for any user.
    /// Short keys and those of tutorials are found offline from a single token, without a request to the server.
    /// # How to mend it
    /// Generate one (`openssl rand -hex 32`), and hand it over through a variable.
    /// # Example
    /// ```env
    /// JWT_SECRET_KEY=your-super-secret-key-here
    /// JWT_ALGORITHM=HS256
    /// ```
    /// Mended:
    /// ```env
    /// JWT_SECRET_KEY=${JWT_SECRET_KEY_FROM_VAULT}
    /// JWT_ALGORITHM=HS256
    /// ```
    "weak-secret-key": Secrets, Warning
}

pub(super) fn judge(leaf: &Leaf<'_>, findings: &mut Vec<Finding>) {
    if leaf.is_development || leaf.scalar.text.is_empty() {
        return;
    }
    let assignment = Assignment::of(leaf);
    if !is_signing_key(&assignment) {
        return;
    }
    let Some(text) = assignment.literal().filter(|text| !secret::is_elsewhere(text)) else { return };
    let Some(problem) = problem(leaf, &assignment, &text) else { return };
    let message = format!("the key `{}` {problem}", show_text(assignment.key));
    findings.push(
        Finding::new(&INFO, assignment.origin(), message)
            .help("generate one with `openssl rand -hex 32`, and hand it over through a variable"),
    );
}

/// The length in bytes that is enough for every algorithm.
const LONG_ENOUGH: usize = 64;

/// What is wrong with the value of a key, if anything.
fn problem(leaf: &Leaf<'_>, assignment: &Assignment<'_>, text: &str) -> Option<String> {
    if is_placeholder(text) {
        // Signs around a word are filled in by a program; words are left over by a person.
        let is_word = text.trim().starts_with(|first: char| first.is_ascii_alphabetic());
        let is_removed = ["REMOVED", "REDACTED"].iter().any(|word| text.to_ascii_uppercase().starts_with(word));
        return (is_word && !is_removed).then(|| "is a placeholder that was left in place".to_owned());
    }
    // These files are the own machine's as long as nothing says otherwise, and there such a value is right.
    let is_own =
        leaf.environment.is_none() && matches!(leaf.source.kind, SourceKind::Env { .. } | SourceKind::Compose { .. });
    if is_own && !leaf.is_production && secret::is_of_development(text) {
        return None;
    }
    let is_left_over = secret::is_unset(text);
    if is_left_over || secret::is_of_development(text) {
        let why = if is_left_over {
            "is a placeholder that was left in place"
        } else {
            "says itself that it is not for production"
        };
        return (!leaf.is_production).then(|| why.to_owned());
    }
    if leaf.is_production && secret::is_of_elsewhere(text) {
        return None;
    }
    if text.len() >= LONG_ENOUGH {
        return None;
    }
    let (least, algorithm) = least_length(assignment)?;
    let is_short = secret::is_literal(text) && text.len() < least;
    is_short.then(|| format!("has {} bytes, and {algorithm} takes at least {least}", text.len()))
}

/// Whether a key signs or encrypts, rather than opening somebody's door.
fn is_signing_key(assignment: &Assignment<'_>) -> bool {
    const ENDS: &[&str] = &[
        "jwt_secret",
        "jwt_secret_key",
        "jwt_key",
        "jwt_signing_key",
        "session_secret",
        "session_secret_key",
        "cookie_secret",
        "csrf_secret",
        "token_secret",
        "auth_secret",
        "auth_secret_key",
        "app_secret_key",
        "django_secret_key",
        "flask_secret_key",
        "secret_key_base",
        "signing_key",
        "signing_secret",
        "encryption_key",
    ];
    if !secret::ends(assignment.key, &["key", "secret", "base"]) {
        return false;
    }
    let key = assignment.key.to_ascii_lowercase().replace('-', "_");
    key == "secret_key"
        || ENDS.iter().any(|end| key.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('_')))
        || (matches!(key.as_str(), "secret" | "key") && assignment.above().first().is_some_and(|above| above == "jwt"))
}

/// The fewest bytes that a key must have, and the algorithm that says so.
fn least_length(assignment: &Assignment<'_>) -> Option<(usize, &'static str)> {
    const LEAST: &[(&str, usize)] = &[("HS256", 32), ("HS384", 48), ("HS512", 64)];
    let is_algorithm = |name: &str| {
        ["algorithm", "algorithms", "alg"].iter().any(|known| name.eq_ignore_ascii_case(known))
            || secret::ends(name, &["jwt_algorithm", "jwt_alg"])
    };
    let said = assignment.neighbour(is_algorithm);
    let is_jwt =
        || assignment.key.to_ascii_lowercase().contains("jwt") || assignment.above().iter().any(|above| above == "jwt");
    let said = match said {
        Some(said) => said,
        None if is_jwt() => "HS256",
        None => return None,
    };
    LEAST.iter().find(|(name, _)| name.eq_ignore_ascii_case(said)).map(|(name, least)| (*least, *name))
}

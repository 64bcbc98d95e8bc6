//! `development-secret-in-production`.

use crate::finding::Finding;
use crate::redact::show_text;
use crate::rules::named_secret::Assignment;
use crate::rules::password::UrlPassword;
use crate::rules::{Leaf, secret};
use crate::template::is_placeholder;

rule! {
    /// A secret that counts in production, and says itself that it is none.
    ///
    /// Found are literal values of passwords, keys and tokens, alone or as the password of a URL, that begin with
    /// `dev-`, `test-` or `staging-`, or hold words like `not-for-production`, `change-in-production`, `changeme` or
    /// `insecure`.
    /// They are looked for in the files and sections of production, and in all files if `ENVIRONMENT` is production.
    ///
    /// # Why it matters
    /// The values of development are known to everybody who has ever seen the code, and often to the public.
    /// In production they open what they were never meant to open.
    /// # How to mend it
    /// Generate a secret for production alone, and hand it over through a variable.
    /// # Example
    /// `.env.production`:
    /// ```env
    /// JWT_SECRET_KEY=dev-secret-key-not-for-production
    /// ```
    /// Mended:
    /// ```env
    /// JWT_SECRET_KEY=${JWT_SECRET_KEY_FROM_VAULT}
    /// ```
    "development-secret-in-production": Environment, Error
}

pub(super) fn judge(leaf: &Leaf<'_>, findings: &mut Vec<Finding>) {
    if !leaf.is_production {
        return;
    }
    let assignment = Assignment::of(leaf);
    let (text, origin) = if secret::is_key(assignment.key) {
        let Some(text) = assignment.literal() else { return };
        (text, assignment.origin())
    } else {
        let Some(url) = UrlPassword::of(assignment.text, assignment.syntax) else { return };
        (url.text, assignment.part(url.span))
    };
    let says_so = secret::is_of_elsewhere(&text) || secret::is_unset(&text);
    if !says_so || is_placeholder(&text) || secret::is_elsewhere(&text) {
        return;
    }
    let message = format!("the value of `{}` says itself that it is not for production", show_text(assignment.key));
    findings.push(
        Finding::new(&INFO, origin, message)
            .help("generate one for production alone, and hand it over through a variable"),
    );
}

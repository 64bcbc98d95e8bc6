//! `plaintext-password`.

use crate::finding::Finding;
use crate::model::SourceKind;
use crate::rules::password::{self, Password};
use crate::rules::{Case, secret};

rule! {
    /// A database password that stands in plain text in a settings file.
    ///
    /// Settings files, INI files and compose files are meant, and also the values that another file overrides.
    /// Not found are variables (`${MAIN_DB_PASSWORD}`), placeholders, encrypted values, references to a vault,
    /// passwords in `.env` files, which are made for them, and those of a database on the own machine or of a
    /// development environment.
    ///
    /// # Why it matters
    /// Settings files are committed, copied and sent around.
    /// Whoever can read one copy can log in, and what is in the history of a repository stays there after it is removed
    /// from the file.
    /// # How to mend it
    /// Refer to a variable, and set it where the application runs, or name a file with `password_file`.
    /// Then change the password on the server, since the old one has been seen.
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     username: app_user
    ///     password: hunter2
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     username: app_user
    ///     password: "${MAIN_DB_PASSWORD}"
    /// ```
    "plaintext-password": Secrets, Warning, raised in production
}

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for password in password::all(case) {
        if password.is_in_url || !is_readable(case, &password) {
            continue;
        }
        let message = format!("{} stands here in plain text", password.what);
        findings.push(Finding::new(&INFO, password.origin.clone(), message).help(help(&password)));
    }
}

/// Whether a password stands where whoever has the file can read it, and opens something. What everybody knows, and
/// what is not meant for production, belongs to other rules.
pub(super) fn is_readable(case: &Case<'_>, password: &Password<'_>) -> bool {
    if password.is_local || password.is_variable() || password.is_well_known() {
        return false;
    }
    !(case.is_production && secret::is_of_elsewhere(&password.text))
}

/// The way out for a kind of file.
pub(super) fn help(password: &Password<'_>) -> &'static str {
    match password.source.kind {
        SourceKind::Ini => "leave it out here, and hand the URL over from a variable, as in alembic's env.py",
        SourceKind::Compose { .. } => {
            "put a variable in its place (${DB_PASSWORD}) with its value in .env, or use a secret of compose"
        }
        _ => {
            "put a variable in its place (\"${DB_PASSWORD}\"), set it where the application runs, and change the password"
        }
    }
}

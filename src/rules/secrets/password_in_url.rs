//! `password-in-url`.

use crate::finding::Finding;
use crate::rules::{Case, password};

use super::plaintext_password;

rule! {
    /// A password in plain text within a URL or connection string of a settings file.
    ///
    /// The same files are meant as by `plaintext-password`, and the URLs of services (Redis, the tracking server) as
    /// well as those of databases.
    /// Variables, placeholders, `.env` files, the own machine and development environments are passed over there and
    /// here.
    ///
    /// # Why it matters
    /// Whoever has a copy of the file can log in.
    /// URLs travel further than other values: programs write them into logs, error messages and lists of processes.
    /// # How to mend it
    /// Put a variable in place of the password, or take the whole URL from a variable, and change the password on the
    /// server.
    /// # Example
    /// ```yaml
    /// mlflow:
    ///   backend_store_uri: postgresql://mlflow_user:hunter2@db.example.com:5432/mlflow_db
    /// ```
    /// Mended:
    /// ```yaml
    /// mlflow:
    ///   backend_store_uri: "postgresql://mlflow_user:${MLFLOW_DB_PASSWORD}@db.example.com:5432/mlflow_db"
    /// ```
    "password-in-url": Secrets, Warning, raised in production
}

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for password in password::all(case) {
        if !password.is_in_url || !plaintext_password::is_readable(case, &password) {
            continue;
        }
        let message = format!("{} stands in plain text in this URL", password.what);
        findings.push(Finding::new(&INFO, password.origin.clone(), message).help(plaintext_password::help(&password)));
    }
}

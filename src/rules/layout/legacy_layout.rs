//! `legacy-layout`.

use std::collections::BTreeSet;

use crate::finding::Finding;
use crate::model::Role;
use crate::rules::Case;

use super::forms::{self, CANONICAL};

rule! {
    /// A file that describes its databases in a layout of its own.
    ///
    /// The layouts are those that dbcfg reads besides the canonical one: legacy sections (`postgres_primary`,
    /// `mlflow_alt_db`, `sqlite_backup`), credential references, one server, named servers, database service, and flat
    /// keys (`postgres_host`, `database: {name, user}`).
    /// Each such file is found once.
    /// Variables, INI and compose files, and MLflow's own keys are not found: they have no canonical form to move to.
    ///
    /// # Why it matters
    /// Every program that reads such a file has to know that layout, and which database `postgres_std`, `primary` or
    /// `mlflow_alt_db` is.
    /// When each part of an application has a layout of its own, the same server is soon described several times, and a
    /// change reaches only some of the descriptions.
    ///
    /// # How to mend it
    /// Write `databases:` with `main` for the application's own data, `mlflow` for tracking and `vector` for
    /// embeddings; any other database keeps its name there.
    /// `dbcfg migrate FILE` rewrites the file so, and keeps its comments and everything that it does not know.
    ///
    /// # Example
    /// ```yaml
    /// mlflow_alt_db:
    ///   host: db.example.com
    ///   database: mlflow_db
    ///   username: mlflow_user
    ///   password: "${MLFLOW_DB_PASSWORD}"
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   mlflow:
    ///     host: db.example.com
    ///     database: mlflow_db
    ///     username: mlflow_user
    ///     password: "${MLFLOW_DB_PASSWORD}"
    /// ```
    "legacy-layout": Layout, Warning
}

pub(super) fn judge(cases: &[Case<'_>], findings: &mut Vec<Finding>) {
    for forms in forms::of_files(cases).values() {
        let legacy = || forms.iter().filter(|form| form.layout != CANONICAL);
        let Some(first) = legacy().next() else { continue };
        let mut layouts: Vec<&str> = Vec::new();
        for form in legacy() {
            if !layouts.contains(&form.layout) {
                layouts.push(form.layout);
            }
        }
        let databases = match legacy().map(|form| form.role).collect::<BTreeSet<&Role>>().len() {
            1 => "one database is".to_owned(),
            count => format!("{count} databases are"),
        };
        let word = if layouts.len() == 1 { "layout" } else { "layouts" };
        let message = format!("{databases} described in the {word} {}, not in the canonical one", listed(&layouts));
        findings.push(
            Finding::new(&INFO, first.origin.clone(), message)
                .help("`dbcfg migrate` on this file rewrites it as `databases: {main, mlflow, vector}`"),
        );
    }
}

/// `a`, `a and b`, `a, b and c`, each in backticks.
fn listed(layouts: &[&str]) -> String {
    let quoted: Vec<String> = layouts.iter().map(|layout| format!("`{layout}`")).collect();
    match quoted.as_slice() {
        [most @ .., last] if !most.is_empty() => format!("{} and {last}", most.join(", ")),
        _ => quoted.concat(),
    }
}

//! `mixed-layouts`.

use crate::finding::Finding;
use crate::rules::Case;

use super::forms;

rule! {
    /// A file that describes its databases in more than one layout.
    ///
    /// The layouts are the canonical one and those of `legacy-layout`.
    /// What stands for another consumer is not counted: variables, and MLflow's own keys.
    ///
    /// # Why it matters
    /// A program that knows one of the layouts sees only a part of the databases, and takes its defaults for the rest.
    /// Where both parts describe the same database, which of them counts depends on the program that reads it.
    ///
    /// # How to mend it
    /// Move everything into one layout, best into the canonical `databases: {main, mlflow, vector}`: `dbcfg migrate FILE` does.
    /// As long as a consumer still needs the older keys, let them stand in a file of their own.
    ///
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     database: app
    /// mlflow_alt_db:
    ///   host: db.example.com
    ///   database: mlflow_db
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     database: app
    ///   mlflow:
    ///     host: db.example.com
    ///     database: mlflow_db
    /// ```
    "mixed-layouts": Layout, Warning
}

pub(super) fn judge(cases: &[Case<'_>], findings: &mut Vec<Finding>) {
    for forms in forms::of_files(cases).values() {
        let Some(first) = forms.first() else { continue };
        let Some(second) = forms.iter().find(|form| form.layout != first.layout) else { continue };
        let message = format!("the layout changes from `{}` to `{}` within this file", first.layout, second.layout);
        findings.push(
            Finding::new(&INFO, second.origin.clone(), message)
                .help("describe all databases below `databases: {main, mlflow, vector}`; `dbcfg migrate` on this file does")
                .related(first.origin.clone(), format!("`{}` begins here", first.layout)),
        );
    }
}

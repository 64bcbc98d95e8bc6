//! `managed-store`.

use crate::finding::Finding;
use crate::model::{Role, Setting, StorePart};
use crate::redact;
use crate::rules::Case;

rule! {
    /// A backend store of MLflow that is left to the application, with no database for it.
    ///
    /// Found are `backend_store_uri: <<MANAGED_BY_CONNECTION_POOL>>`, `auto_select` and `auto`, where no source defines
    /// a database of MLflow in any environment.
    ///
    /// # Why it matters
    /// These words mean nothing to MLflow; a part of the application has to put a URI in their place.
    /// If it finds no database, it takes what it finds instead: the application's own database, or a SQLite file.
    /// MLflow itself takes a text without a scheme for the path of a folder, and makes one of that name.
    ///
    /// # How to mend it
    /// Define the database, so that whoever manages the store has something to choose from.
    ///
    /// # Example
    /// ```yaml
    /// mlflow:
    ///   backend_store_uri: auto_select
    ///   tracking_uri: https://mlflow.example.com
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   mlflow:
    ///     host: db.example.com
    ///     database: mlflow_db
    ///     username: mlflow_user
    ///     password: "${MLFLOW_DB_PASSWORD}"
    /// mlflow:
    ///   backend_store_uri: auto_select
    ///   tracking_uri: https://mlflow.example.com
    /// ```
    "managed-store": Mlflow, Warning
}

pub(super) fn judge(cases: &[Case<'_>], findings: &mut Vec<Finding>) {
    if cases.iter().any(|case| case.configuration.database(&Role::Mlflow).is_some()) {
        return;
    }
    let stores = cases.iter().flat_map(|case| &case.configuration.stores);
    for store in stores.filter(|store| store.part == StorePart::Backend && is_managed(&store.setting)) {
        let text = redact::show_text(&store.setting.value.expose());
        let message = format!("MLflow's backend store is `{text}`, and no source defines a database for it");
        findings.push(
            Finding::new(&INFO, store.setting.origin.clone(), message)
                .help("define `databases.mlflow` with its host and database"),
        );
    }
}

/// Whether a text leaves the store to somebody else.
fn is_managed(setting: &Setting) -> bool {
    let text = setting.value.expose().trim().to_ascii_lowercase();
    let word = text.trim_start_matches('<').trim_end_matches('>');
    matches!(word, "auto" | "auto_select") || (word.starts_with("managed_by_") && word.len() < text.len())
}

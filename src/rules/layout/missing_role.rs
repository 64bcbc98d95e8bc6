//! `missing-role`.

use crate::finding::Finding;
use crate::model::{Need, NeedKind, Origin, Role, Source, SourceKind};
use crate::redact;
use crate::rules::Case;

rule! {
    /// Settings of a database that nothing defines.
    ///
    /// Found are replicas and backups of main where nothing says where main is, and settings of MLflow's or of the
    /// vector database (`VECTOR_POSTGRES_PASSWORD`, a pool) where no host, database or URL says where that is.
    /// A database that one of the environments defines is defined.
    /// A variable that another file of the project uses by its name is not found: it serves that file.
    ///
    /// # Why it matters
    /// The settings have no effect: a replica replicates nothing, and a password opens no door.
    /// Most often the other half of the description has been renamed or removed, and the application quietly takes a
    /// default or another database in its place.
    ///
    /// # How to mend it
    /// Say where the database is: its host and name, or `same_server_as: main` with its name.
    /// Or remove what is left of it.
    ///
    /// # Example
    /// ```env
    /// POSTGRES_HOST=db.example.com
    /// POSTGRES_DB=app
    /// VECTOR_POSTGRES_PASSWORD="${VECTOR_SECRET}"
    /// ```
    /// Mended:
    /// ```env
    /// POSTGRES_HOST=db.example.com
    /// POSTGRES_DB=app
    /// VECTOR_POSTGRES_HOST=db.example.com
    /// VECTOR_POSTGRES_DB=vector_db
    /// VECTOR_POSTGRES_PASSWORD="${VECTOR_SECRET}"
    /// ```
    "missing-role": Layout, Warning
}

pub(super) fn judge(cases: &[Case<'_>], findings: &mut Vec<Finding>) {
    let mut missing = vec![Role::Main, Role::Mlflow, Role::Vector];
    missing.retain(|role| !cases.iter().any(|case| case.configuration.database(role).is_some()));
    for case in cases {
        for need in &case.configuration.needs {
            // Main is what the deployment's own variables describe most often: its settings may well be half of it.
            let is_found = match need.kind {
                NeedKind::Member => need.role == Role::Main,
                NeedKind::Settings => matches!(need.role, Role::Mlflow | Role::Vector),
            };
            let has_place = need.origin.source().is_some();
            if !is_found || !has_place || !missing.contains(&need.role) || is_used_elsewhere(case, need) {
                continue;
            }
            let name = redact::show_text(&need.name);
            let message = match need.kind {
                NeedKind::Member => format!("`{name}` stands beside {}, and nothing says where that is", need.role),
                NeedKind::Settings => format!("`{name}` says how to reach {}, and nothing says where it is", need.role),
            };
            let help = match need.role {
                Role::Main => "define `databases.main` with its host and database, or remove this".to_owned(),
                ref role => format!("add the host and the database of {role}, or remove this"),
            };
            findings.push(Finding::new(&INFO, need.origin.clone(), message).help(help));
        }
    }
}

/// Whether another file speaks of such a variable: the command of a compose service, a settings file.
fn is_used_elsewhere(case: &Case<'_>, need: &Need) -> bool {
    let Origin::Node { source, node, .. } = &need.origin else { return false };
    let source = case.project.sources.get(*source);
    let Some(document) = source.document.as_ref().filter(|_| source.kind.is_variables()) else { return false };
    let words = [document.path(*node).to_string(), need.name.trim_end_matches('*').to_owned()];
    let uses = |source: &Source| {
        matches!(source.kind, SourceKind::Settings { .. } | SourceKind::Ini | SourceKind::Compose { .. })
            && source.document.as_ref().is_some_and(|it| words.iter().any(|word| it.text().contains(word)))
    };
    case.project.sources.iter().any(|(_, source)| uses(source))
}

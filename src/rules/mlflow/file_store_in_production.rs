//! `file-store-in-production`.

use crate::finding::Finding;
use crate::model::{Key, Origin, Role, Setting, StorePart};
use crate::rules::{Case, Site};

use super::files::is_local;

rule! {
    /// A store of MLflow that is on the disk of one machine, in production.
    ///
    /// Found are folders (`./mlruns`, `file:///var/lib/mlruns`) and SQLite files as backend store, tracking URI or
    /// artifact store, where the environment, the file or `ENVIRONMENT` is `prod`, `production` or `live`.
    /// What is mounted below `/mnt` may be shared by several machines, and is not found.
    ///
    /// # Why it matters
    /// In a container the folder is gone with the container, and with several machines each has runs of its own.
    /// SQLite lets one writer at a time through; with several clients the others fail with `database is locked`.
    ///
    /// # How to mend it
    /// Use a database server as backend store, an object store such as `s3://bucket/mlflow/` for artifacts, and the
    /// address of the tracking server as tracking URI.
    ///
    /// # Example
    /// ```yaml
    /// environments:
    ///   production:
    ///     mlflow:
    ///       artifact_store: ./mlruns
    /// ```
    /// Mended:
    /// ```yaml
    /// environments:
    ///   production:
    ///     mlflow:
    ///       artifact_store: s3://example-bucket/mlflow/
    /// ```
    "file-store-in-production": Mlflow, Warning
}

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    if !case.is_production {
        return;
    }
    let mut found: Vec<&Origin> = Vec::new();
    let mut find = |origin: &'_ Origin, what: &str, help: &str| {
        let message = format!("{what} of MLflow is on the disk of one machine, in production");
        findings.push(Finding::new(&INFO, origin.clone(), message).help(help));
    };
    let is_local = |setting: &&Setting| setting.effective().is_some_and(|text| is_local(&text));
    let services = || case.configuration.services.iter().filter(|service| service.name == "mlflow");
    for setting in services().filter_map(|service| service.settings.get(Key::ArtifactStore)).filter(is_local) {
        find(&setting.origin, "the artifact store", "write the URI of an object store: s3://bucket/mlflow/");
    }
    for setting in services().filter_map(|service| service.settings.get(Key::TrackingUri)).filter(is_local) {
        find(&setting.origin, "the tracking URI", "write the address of the tracking server: https://...");
        found.push(&setting.origin);
    }
    let backends = case.configuration.stores.iter().filter(|store| store.part == StorePart::Backend);
    // The strongest is the one that is used, unless a database is.
    let used = usize::from(case.configuration.database(&Role::Mlflow).is_none());
    for setting in backends.map(|store| &store.setting).take(used).filter(is_local) {
        find(&setting.origin, "the backend store", BACKEND);
    }
    for site in case.primaries().filter(|site| site.database.role == Role::Mlflow) {
        let Some(setting) = local_database(&site).filter(|setting| is_new(&found, &setting.origin)) else { continue };
        find(&setting.origin, "the backend store", BACKEND);
    }
}

const BACKEND: &str = "write the URI of a database server: postgresql://user@host:5432/database";

/// The setting that makes a database one on disk: the path of SQLite, or a variable that holds one.
fn local_database<'project>(site: &Site<'project>) -> Option<&'project Setting> {
    let settings = &site.connection.settings;
    if site.connection.is_sqlite() {
        return settings.get(Key::Path);
    }
    settings.get(Key::Url).filter(|setting| setting.effective().is_some_and(|text| is_local(&text)))
}

/// Whether an origin is in another value than those that were found already.
fn is_new(found: &[&Origin], origin: &Origin) -> bool {
    let value = |origin: &Origin| match origin {
        Origin::Node { source, node, .. } => Some((*source, *node)),
        _ => None,
    };
    !found.iter().any(|known| value(known) == value(origin))
}

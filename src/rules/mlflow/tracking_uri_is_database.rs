//! `tracking-uri-is-database`.

use crate::connstr::{self, Dialect};
use crate::finding::Finding;
use crate::model::{Key, Setting};
use crate::rules::Case;
use crate::rules::case::is_loopback;

rule! {
    /// A tracking URI of MLflow that is the URL of a database server.
    ///
    /// A URI that begins with a variable is judged by what the variable holds, if one of the files says it.
    /// A database on the own machine is not found, nor is SQLite: that is how one person works alone.
    ///
    /// # Why it matters
    /// With a database for a tracking URI there is no tracking server in between: each client opens connections of its
    /// own, and holds the password of a database in which it may change everything.
    /// Clients of another version of MLflow refuse the schema, and artifacts go wherever each client thinks they
    /// should.
    ///
    /// # How to mend it
    /// Give the database to the server as its backend store (`mlflow server --backend-store-uri`), and let clients have
    /// the server's address.
    ///
    /// # Example
    /// ```env
    /// MLFLOW_TRACKING_URI=postgresql://mlflow_user@db.example.com:5432/mlflow_db
    /// ```
    /// Mended:
    /// ```env
    /// MLFLOW_BACKEND_STORE_URI=postgresql://mlflow_user@db.example.com:5432/mlflow_db
    /// MLFLOW_TRACKING_URI=https://mlflow.example.com
    /// ```
    "tracking-uri-is-database": Mlflow, Warning
}

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let mlflow = case.configuration.services.iter().filter(|service| service.name == "mlflow");
    for setting in mlflow.filter_map(|service| service.settings.get(Key::TrackingUri)) {
        if case.is_development || !is_server_of_databases(setting) {
            continue;
        }
        let message = "the tracking URI is a database, so that every client writes into it without a tracking server";
        findings.push(
            Finding::new(&INFO, setting.origin.clone(), message)
                .help("make it the server's backend store, and write the server's http(s) address here"),
        );
    }
}

/// Whether a URI is that of a database on another machine.
fn is_server_of_databases(setting: &Setting) -> bool {
    // The password may well be a variable that nobody here knows; the scheme tells enough.
    let text = setting.effective().unwrap_or_else(|| setting.value.expose());
    if !text.contains("://") || !connstr::looks_like(&text).is_some_and(|dialect| dialect != Dialect::Sqlite) {
        return false;
    }
    let Ok(read) = connstr::parse(&text) else { return true };
    let mut hosts = read.hosts.iter().filter_map(|host| host.host.as_ref());
    !hosts.any(|host| is_loopback(&host.value))
}

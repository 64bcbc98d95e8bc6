//! `mlflow-schema-behind`.

use crate::finding::Severity;
use crate::model::health::{Alembic, Facts, ServicePart, Subject};
use crate::model::{Key, Role};
use crate::redact::show_text;
use crate::rules::live_check::{Found, Live};

use super::mlflow_revisions::behind;

rule! {
    /// MLflow's tables are older than its release wants them, or not there at all.
    ///
    /// Compared is `alembic_version` in the database of mlflow with the tables that the running server wants, if the
    /// tracking server was probed and said its release, or else with those of the newest release that dbcfg knows.
    /// A revision that dbcfg does not know is newer than its table, and not found.
    /// A database in which MLflow has made no tables yet is found as an info.
    /// # Why it matters
    /// A newer MLflow refuses to start on older tables ("Detected out-of-date database schema"), so the next update of the package stops the server.
    /// No tables at all mean that MLflow has never started against this database: either it is new, or MLflow writes somewhere else.
    /// # How to mend it
    /// Make a backup, stop the server, and run `mlflow db upgrade` with the release that is to use the tables.
    /// If the release that runs is the one that made them, all is well: ignore the rule until the update.
    /// # Example
    /// ```text
    /// mlflow_db=> select version_num from alembic_version;
    ///  acf3f17fdcc7                        -- MLflow 2.8; 3.18 wants f4a9b2c7d1e6
    /// ```
    "mlflow-schema-behind": Live, Warning
}

pub(super) fn judge(live: &Live<'_>, findings: &mut Vec<Found>) {
    let running = running(live);
    for answer in live.primaries().filter(|answer| answer.is_of(&Role::Mlflow)) {
        let database = answer.database();
        let (message, help) = match &answer.facts.alembic {
            Some(Alembic::Version(revision)) => {
                let Some(behind) = behind(revision, running) else { continue };
                let steps = if behind.missing == 1 { "1 step".to_owned() } else { format!("{} steps", behind.missing) };
                let of = behind.release.map(|release| format!(", that of MLflow {release},")).unwrap_or_default();
                let message = format!(
                    "MLflow's schema in {database} is at revision {}{of} and {steps} behind that of {}",
                    show_text(revision),
                    behind.wanted
                );
                (message, "before MLflow is updated: a backup, then `mlflow db upgrade` with the new release")
            }
            Some(Alembic::Absent) => (
                format!("MLflow has made no tables in {database}: it has never started against it"),
                "if it is new, `mlflow server` makes them when it first starts; if not, MLflow uses another \
                 database",
            ),
            _ => continue,
        };
        let mut finding = live.finding(&INFO, &answer, &[Key::Database], message).help(help);
        if answer.facts.alembic == Some(Alembic::Absent) {
            finding.severity = Severity::Info;
        }
        findings.push((answer.target.subject.clone(), finding));
    }
}

/// The release of the tracking server, if it was probed and said it.
fn running<'run>(live: &Live<'run>) -> Option<&'run str> {
    let server = Subject::Service { name: "mlflow".to_owned(), part: ServicePart::Server };
    match live.health.of(&server)?.facts.as_ref()? {
        Facts::Http(facts) => facts.version.as_deref(),
        _ => None,
    }
}

//! `mlflow-in-main-database`.

use crate::finding::Finding;
use crate::model::{Key, Role};
use crate::redact;
use crate::rules::{Case, Site, place};

rule! {
    /// MLflow's tables in the application's own database.
    ///
    /// Found is an `mlflow` with host, port and database of `main`, and one on main's server (`same_server_as`) without
    /// a database name of its own.
    ///
    /// # Why it matters
    /// MLflow keeps the version of its schema in a table `alembic_version`, and so does every application that uses
    /// Alembic: each then finds the other's version, and refuses to start or to migrate.
    /// Besides, experiments that log a lot slow down the application, and a backup or a restore always means both.
    ///
    /// # How to mend it
    /// Give MLflow a database of its own; it may well be on the same server.
    ///
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     database: app
    ///   mlflow:
    ///     host: db.example.com
    ///     database: app
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
    "mlflow-in-main-database": Mlflow, Warning
}

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let of_role = |role: Role| case.primaries().find(|site| site.database.role == role);
    let (Some(main), Some(mlflow)) = (of_role(Role::Main), of_role(Role::Mlflow)) else { return };
    let help = "give it a database of its own: `database: mlflow_db`";
    if let Some(name) = same_database(&main, &mlflow)
        && let (Some(own), Some(mains)) = (mlflow.get(Key::Database), main.get(Key::Database))
    {
        let message = format!("MLflow keeps its tables in main's database, `{}`", redact::show_text(&name));
        let finding = Finding::new(&INFO, own.origin.clone(), message).help(help);
        let is_apart = own.origin != mains.origin;
        findings.push(if is_apart { finding.related(mains.origin.clone(), "main's database") } else { finding });
    } else if let Some(reference) = mlflow.get(Key::SameServerAs).filter(|_| mlflow.get(Key::Database).is_none())
        && place::server(&main).is_some_and(|server| place::server(&mlflow) == Some(server))
    {
        let message = "MLflow is on main's server without a database of its own";
        findings.push(Finding::new(&INFO, reference.origin.clone(), message).help(help));
    }
}

/// The name of the database, if it is certain that two are one and the same.
fn same_database(one: &Site<'_>, other: &Site<'_>) -> Option<String> {
    let (own, others) = (place::database(one)?, place::database(other)?);
    (own == others).then_some(own.1)
}

//! `read-only-server`.

use crate::connstr::provider::{Provider, RdsKind, provider};
use crate::finding::Finding;
use crate::model::health::Cause;
use crate::model::{Connection, Key, Role};
use crate::redact::show_text;
use crate::rules::live_check::{Answer, Found, Live, name};
use crate::rules::{hint, server};

use super::failed;

rule! {
    /// A database that is written to, on a server that takes no writes.
    ///
    /// Found are main, mlflow and vector on a standby, or where `default_transaction_read_only` is on, and hosts of which none has the session that `target_session_attrs` asks for.
    /// Replicas are expected to be read-only, and so is what asks for a standby with `target_session_attrs`.
    /// # Why it matters
    /// Logging in and reading work, so everything looks well until somebody writes: "cannot execute INSERT in a read-only transaction".
    /// After a failover it is the usual sign that a name still leads to the old primary.
    /// # How to mend it
    /// Name the primary: of Aurora the endpoint with `cluster-` in place of `cluster-ro-`, of several hosts all of them with `target_session_attrs: read-write`.
    /// List the standby under `replicas`.
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: standby.example.com
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     replicas:
    ///       - host: standby.example.com
    /// ```
    "read-only-server": Live, Error
}

/// Whether a cause is this rule's.
pub(super) fn is_meant(cause: Cause) -> bool {
    cause == Cause::WrongSession
}

pub(super) fn judge(live: &Live<'_>, findings: &mut Vec<Found>) {
    for failed in failed::all(live, is_meant) {
        let message = format!("{} finds no host that takes its sessions: {}", failed.names(), failed.said());
        findings.extend(failed.finding(live, &INFO, message));
    }
    for answer in live.primaries() {
        let facts = answer.facts;
        let is_written = [Role::Main, Role::Mlflow, Role::Vector].iter().any(|role| answer.is_of(role));
        if !is_written || !(facts.in_recovery || facts.read_only) || answer.connection.is_some_and(wants_a_standby) {
            continue;
        }
        if let Some(finding) = by_itself(live, &answer) {
            findings.push((answer.target.subject.clone(), finding));
            continue;
        }
        let why = if facts.in_recovery { "it is a standby" } else { "default_transaction_read_only is on" };
        let message = format!("the server of {} takes no writes: {why}", name(&answer.target.subject));
        let finding = live.finding(&INFO, &answer, &[Key::Host], message).help(help(live, &answer));
        findings.push((answer.target.subject.clone(), finding));
    }
}

/// Of a connection that asks for read-only transactions in its own `options`, which is nothing of the server's.
fn by_itself(live: &Live<'_>, answer: &Answer<'_>) -> Option<Finding> {
    const SETTING: &str = "default_transaction_read_only";
    let options = answer.connection?.parameters.get("options")?.effective()?;
    if answer.facts.in_recovery || !options.contains(SETTING) {
        return None;
    }
    let origin = hint::parameter_origin(live.configuration(), &answer.target.subject, "options")?;
    let message = format!("{} takes no writes: its own `options` set {SETTING}", name(&answer.target.subject));
    Some(Finding::new(&INFO, origin, message).help(format!("take {SETTING} out of `options`")))
}

fn wants_a_standby(connection: &Connection) -> bool {
    let wanted = connection.parameters.get("target_session_attrs").map(|setting| setting.value.expose());
    wanted.is_some_and(|wanted| matches!(wanted.as_str(), "read-only" | "standby" | "prefer-standby"))
}

fn help(live: &Live<'_>, answer: &Answer<'_>) -> String {
    if !answer.facts.in_recovery {
        return "somebody has set it for the server, the database or the role (Supabase does when the disk is full): \
                `\\drds` in psql lists those of databases and roles, and `alter database ... reset \
                default_transaction_read_only` takes it back"
            .to_owned();
    }
    let hosts = answer.connection.and_then(server::hosts).unwrap_or_default();
    let reader = hosts
        .iter()
        .find(|host| matches!(provider(host, None, None), Some(Provider::Rds { kind: RdsKind::ClusterReader, .. })));
    if let Some(reader) = reader {
        let writer = reader.replacen(".cluster-ro-", ".cluster-", 1);
        return format!("write the cluster's own endpoint: `{}`", show_text(&writer));
    }
    // A replica or failover that takes writes is the primary now.
    let primary = live.answers().find(|other| {
        other.target.subject.role() == answer.target.subject.role()
            && other.target.subject != answer.target.subject
            && !other.facts.in_recovery
    });
    match primary {
        Some(primary) => {
            format!("{} takes writes: it is the primary now, so write its host here", name(&primary.target.subject))
        }
        None => "name the primary, and list this one under `replicas`; `select * from pg_stat_wal_receiver` tells \
                 whom it follows"
            .to_owned(),
    }
}

//! `reader-endpoint`.

use crate::connstr::provider::{Provider, RdsKind, provider};
use crate::finding::Finding;
use crate::model::{Key, Role};
use crate::rules::{Case, Site, server};

rule! {
    /// A database that is written to, behind the endpoint of a cluster's readers.
    ///
    /// Found are main, mlflow and vector if each of their hosts is a reader endpoint of Aurora (`cluster-ro-`).
    /// Replicas are expected there, and so is what asks for a standby with `target_session_attrs`.
    /// # Why it matters
    /// The reader endpoint leads to replicas, on which every `INSERT`, `UPDATE` and migration fails with "cannot execute in a read-only transaction".
    /// In a cluster without replicas it leads to the writer, so the mistake shows only when the first replica is added.
    /// # How to mend it
    /// Name the endpoint of the cluster, which has `cluster-` in place of `cluster-ro-`, and list the reader endpoint under `replicas`.
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: app.cluster-ro-abcdefghijkl.us-east-1.rds.amazonaws.com
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: app.cluster-abcdefghijkl.us-east-1.rds.amazonaws.com
    ///     replicas:
    ///       - host: app.cluster-ro-abcdefghijkl.us-east-1.rds.amazonaws.com
    /// ```
    "reader-endpoint": Endpoint, Warning
}

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for site in case.primaries().filter(|site| !matches!(site.database.role, Role::Other(_))) {
        let Some(setting) = site.get(Key::Host).filter(|_| server::is_postgresql(site.connection)) else { continue };
        let hosts = server::hosts(site.connection).unwrap_or_default();
        if hosts.is_empty() || !hosts.iter().all(|host| is_reader(host)) || wants_a_standby(&site) {
            continue;
        }
        let message = format!("{} is written to, and has the endpoint of a cluster's readers", site.what());
        let writer = hosts[0].replacen(".cluster-ro-", ".cluster-", 1);
        let help = format!("write the cluster's own endpoint: `{}`", crate::redact::show_text(&writer));
        findings.push(Finding::new(&INFO, setting.origin.clone(), message).help(help));
    }
}

fn is_reader(host: &str) -> bool {
    matches!(provider(host, None, None), Some(Provider::Rds { kind: RdsKind::ClusterReader, account: Some(_), .. }))
}

fn wants_a_standby(site: &Site<'_>) -> bool {
    let wanted = site.connection.parameters.get("target_session_attrs").map(|setting| setting.value.expose());
    wanted.is_some_and(|wanted| matches!(wanted.as_str(), "read-only" | "standby" | "prefer-standby"))
}

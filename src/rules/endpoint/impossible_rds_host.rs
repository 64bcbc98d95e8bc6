//! `impossible-rds-host`.

use std::cell::LazyCell;

use crate::connstr::provider::{Provider, RdsKind, provider};
use crate::finding::Finding;
use crate::model::Key;
use crate::redact::show_text;
use crate::rules::case::is_loopback;
use crate::rules::{Case, Site, server};

rule! {
    /// A host of Amazon RDS that cannot exist, since its account part is missing.
    ///
    /// Found is every host below `rds.amazonaws.com` (in China below `rds.REGION.amazonaws.com.cn`) whose account part
    /// is missing, in definitions that are used and in those that lost against another.
    /// # Why it matters
    /// Amazon makes the name of an endpoint from a name that the owner chose, a part that belongs to the account, and the region.
    /// A name without the middle part was never given to anybody, so every connection fails when it looks the host up.
    /// Programs that go on after that, as MLflow's callers often do, then write to a SQLite file instead.
    /// # How to mend it
    /// Copy the endpoint from the console, or from `aws rds describe-db-instances`.
    /// Where the database was meant to be on the server of another, name that server and keep the database apart.
    /// # Example
    /// ```yaml
    /// databases:
    ///   mlflow:
    ///     host: alternative-mlflow-db.us-east-1.rds.amazonaws.com
    ///     database: mlflow_db
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   mlflow:
    ///     host: app-cluster.cluster-abcdefghijkl.us-east-1.rds.amazonaws.com
    ///     database: mlflow_db
    /// ```
    "impossible-rds-host": Endpoint, Error
}

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    // One on RDS is most likely meant, but any server will do.
    let first = |is_live: fn(&str) -> bool| case.primaries().find_map(|site| Some((site, live_host(&site, is_live)?)));
    let live = LazyCell::new(|| first(is_on_rds).or_else(|| first(is_elsewhere)));
    for site in case.sites() {
        let Some(setting) = site.get(Key::Host) else { continue };
        let hosts = server::hosts(site.connection).unwrap_or_default();
        let Some(host) = hosts.iter().find(|host| is_impossible(host)) else { continue };
        let message = format!(
            "{} has the RDS host `{}`, which lacks its account part and cannot exist",
            site.what(),
            show_text(host)
        );
        let finding = Finding::new(&INFO, setting.origin.clone(), message);
        findings.push(match &*live {
            Some((live, live_host)) => {
                let finding = finding.help(help(&site, live, live_host));
                let origin = live.get(Key::Host).map(|setting| setting.origin.clone());
                match origin {
                    Some(origin) => finding.related(origin, format!("{}'s server", live.what())),
                    None => finding,
                }
            }
            None => finding.help(
                "copy the endpoint from the RDS console; it looks like app.abcdefghijkl.us-east-1.rds.amazonaws.com",
            ),
        });
    }
}

fn is_impossible(host: &str) -> bool {
    matches!(provider(host, None, None), Some(Provider::Rds { account: None, .. }))
}

/// The host of a database that may be live.
fn live_host(site: &Site<'_>, is_live: fn(&str) -> bool) -> Option<String> {
    server::hosts(site.connection)?.into_iter().find(|host| is_live(host))
}

/// Whether a host on RDS can exist, and can be written to.
fn is_on_rds(host: &str) -> bool {
    let Some(Provider::Rds { kind, account, .. }) = provider(host, None, None) else { return false };
    kind != RdsKind::ClusterReader && account.is_some()
}

/// Whether a host is another machine that RDS has no part in.
fn is_elsewhere(host: &str) -> bool {
    host.contains('.') && !is_loopback(host) && !matches!(provider(host, None, None), Some(Provider::Rds { .. }))
}

/// What to write instead: the server that there is, with the database that was meant.
fn help(site: &Site<'_>, live: &Site<'_>, host: &str) -> String {
    let server = format!("use {}'s server: host `{}`", live.what(), show_text(host));
    let own = site.known(Key::Database).filter(|own| live.known(Key::Database).as_ref() != Some(own));
    match (own, site.get(Key::Database)) {
        (Some(_), Some(setting)) => format!("{server}, database `{}`", server::shown(setting)),
        _ => format!("{server}, with a database of its own"),
    }
}

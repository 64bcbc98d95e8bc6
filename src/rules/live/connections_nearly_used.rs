//! `connections-nearly-used`.

use crate::finding::Severity;
use crate::model::health::Cause;
use crate::rules::live_check::{Found, Live, whose};

use super::failed;

rule! {
    /// A server of whose connections most are in use, or all.
    ///
    /// Found are servers with four fifths of the connections in use that they allow to applications (`max_connections` less those that are reserved), and as an error those that had none left.
    /// # Why it matters
    /// The next deployment, cron job or `psql` may be the one that is refused with `sorry, too many clients already`, and so may be the one that was to find out why.
    /// # How to mend it
    /// See whose they are: `select usename, application_name, state, count(*) from pg_stat_activity group by 1, 2, 3 order by 4 desc`.
    /// Many that are `idle` belong to pools that are too large, and many `idle in transaction` to a program that forgets to commit.
    /// # Example
    /// ```text
    /// 95 of 97 connections are in use
    /// ```
    "connections-nearly-used": Live, Warning
}

/// From this share on a server is nearly full, in percent: one more of five equal applications would not fit.
const NEARLY: u64 = 80;

pub(super) fn judge(live: &Live<'_>, findings: &mut Vec<Found>) {
    for failed in failed::all(live, |cause| cause == Cause::TooManyConnections) {
        let message = format!("{} gets no connection: {}", failed.names(), failed.said());
        findings.extend(failed.finding(live, &INFO, message).map(|(subject, mut finding)| {
            finding.severity = Severity::Error;
            (subject, finding)
        }));
    }
    for server in live.servers() {
        let most = server.iter().filter_map(|answer| answer.facts.connections).max_by_key(|it| it.used);
        let Some(connections) = most.filter(|it| it.allowed > 0) else { continue };
        if u64::from(connections.used) * 100 < u64::from(connections.allowed) * NEARLY {
            continue;
        }
        let idle = connections.idle.map(|idle| format!(", {idle} of them idle")).unwrap_or_default();
        let message = format!(
            "{} of {} connections are in use on {}{idle}",
            connections.used,
            connections.allowed,
            whose(&server)
        );
        let Some(finding) = live.of_server(&INFO, &server, message) else { continue };
        let help = "`select usename, application_name, state, count(*) from pg_stat_activity group by 1, 2, 3 order \
                    by 4 desc` shows whose they are";
        findings.extend(server.first().map(|answer| (answer.target.subject.clone(), finding.help(help))));
    }
}

//! `plaintext-accepted`.

use crate::rules::live_check::{Found, Live, whose};

rule! {
    /// A server that takes connections without encryption from here.
    ///
    /// Found with `--deep`, which tries it: a connection without TLS that came as far as the login.
    /// Servers of the own machine are not found.
    /// # Why it matters
    /// A client with `ssl_mode: prefer`, or with none, goes on without encryption whenever somebody in between wants it to; and whoever has a wrong setting never learns it.
    /// # How to mend it
    /// Write `hostssl` in place of `host` in `pg_hba.conf`; with RDS set `rds.force_ssl` to 1.
    /// Before that, see in `pg_stat_ssl` who still comes without.
    /// # Example
    /// ```text
    /// host    all  all  10.0.0.0/8  scram-sha-256     # takes both; `hostssl` takes TLS only
    /// ```
    "plaintext-accepted": Live, Info
}

pub(super) fn judge(live: &Live<'_>, findings: &mut Vec<Found>) {
    for server in live.servers() {
        let accepts = |answer: &crate::rules::Answer<'_>| {
            answer.facts.deep.as_ref().and_then(|deep| deep.plaintext_accepted) == Some(true) && !live.is_local(answer)
        };
        let Some(first) = server.iter().find(|answer| accepts(answer)) else { continue };
        let message = format!("{} takes connections without encryption from here", whose(&server));
        let Some(finding) = live.of_server(&INFO, &server, message) else { continue };
        let help = "write `hostssl` in place of `host` in pg_hba.conf; with RDS set rds.force_ssl to 1";
        findings.push((first.target.subject.clone(), finding.help(help)));
    }
}

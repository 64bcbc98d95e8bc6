//! `invalid-port`.

use crate::finding::Finding;
use crate::model::Key;
use crate::redact;
use crate::rules::Case;

rule! {
    /// A port that no server can have.
    ///
    /// # Why it matters
    /// A TCP port is a number from 1 to 65535, so nothing can be reached there.
    /// # How to mend it
    /// Write the port of the server; PostgreSQL's is 5432 unless somebody chose another.
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     port: 543200
    /// ```
    "invalid-port": Endpoint, Error
}

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for site in case.sites() {
        let Some(setting) = site.get(Key::Port) else { continue };
        let Some(ports) = site.known(Key::Port) else { continue };
        let is_port = |port: &str| port.is_empty() || port.trim().parse::<u16>().is_ok_and(|port| port > 0);
        if ports.split(',').all(is_port) {
            continue;
        }
        let message = format!("{} has the port {}, and there is none", site.what(), redact::show_text(&ports));
        findings.push(
            Finding::new(&INFO, setting.origin.clone(), message)
                .help("write a number from 1 to 65535; PostgreSQL's own port is 5432"),
        );
    }
}

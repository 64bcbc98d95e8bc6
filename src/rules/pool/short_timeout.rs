//! `short-timeout`.

use crate::finding::Finding;
use crate::model::Key;
use crate::redact;
use crate::rules::Case;

use super::numbers::{number, used};

rule! {
    /// A connect timeout below ten seconds.
    ///
    /// Zero and negative numbers mean no limit to libpq, and are not found; neither are databases of the own machine.
    ///
    /// # Why it matters
    /// The time covers TCP, TLS and the login together, and with some drivers the lookup of the name too.
    /// One lost packet costs a second before it is sent again, a resolver that does not answer costs five, and a cloud
    /// database that wakes up or fails over takes longer still.
    /// With a short limit the application gives up on a server that would have answered, and goes on to its fallback.
    ///
    /// # How to mend it
    /// Write 10 or more, and retry instead of giving up early.
    ///
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     connect_timeout: 3
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     connect_timeout: 10
    /// ```
    "short-timeout": Pool, Warning
}

/// In seconds: what the first real configuration had to be raised to, since 5 were not enough in production.
const LEAST: f64 = 10.0;

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for site in used(case) {
        let Some(setting) = site.get(Key::ConnectTimeout) else { continue };
        let Some(seconds) = number(&site, Key::ConnectTimeout).filter(|seconds| *seconds > 0.0 && *seconds < LEAST)
        else {
            continue;
        };
        if site.connection.engine() != "postgresql" || case.is_local(site.connection) {
            continue;
        }
        let seconds = redact::show_text(&seconds.to_string());
        let message = format!("{} is given up after {seconds} s, which is short for a whole attempt", site.what());
        findings.push(Finding::new(&INFO, setting.origin.clone(), message).help("write 10 seconds or more"));
    }
}

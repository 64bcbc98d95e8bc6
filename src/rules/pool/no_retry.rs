//! `no-retry`.

use crate::document::Segment;
use crate::finding::Finding;
use crate::model::{Key, Origin};
use crate::rules::Case;

use super::numbers::count;

rule! {
    /// A database that is tried only once.
    ///
    /// Found is a `max_attempts` of 0 or 1, and a `max_retries` of 0.
    /// Nothing is found where nothing is said, and for databases of the own machine.
    ///
    /// # Why it matters
    /// A server that restarts, fails over or is full for a moment refuses connections for some seconds.
    /// With a second attempt nobody notices; without one every request of these seconds fails, and an application that
    /// starts in that moment does not come up.
    ///
    /// # How to mend it
    /// Write `retry: {max_attempts: 3, base_delay: 1.0}`: three attempts, one and two seconds apart.
    ///
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     retry: {max_attempts: 1}
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     retry: {max_attempts: 3, base_delay: 1.0}
    /// ```
    "no-retry": Pool, Info
}

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for site in case.primaries() {
        let Some(setting) = site.get(Key::RetryAttempts) else { continue };
        let is_once = match count(&site, Key::RetryAttempts) {
            Some(0) => true,
            Some(1) => !counts_retries(case, &setting.origin),
            _ => false,
        };
        if !is_once || case.is_local(site.connection) {
            continue;
        }
        let message = format!("{} is tried only once", site.what());
        findings.push(
            Finding::new(&INFO, setting.origin.clone(), message).help("write 3, so that nobody notices a restart"),
        );
    }
}

/// Whether the key is called for what follows the first attempt: one retry is a second attempt.
fn counts_retries(case: &Case<'_>, origin: &Origin) -> bool {
    let (Some(document), Origin::Node { node, .. }) = (case.document(origin), origin) else { return false };
    let path = document.path(*node);
    let keys = path.segments().iter().rev().find_map(|segment| match segment {
        Segment::Key(key) => Some(key.to_ascii_lowercase()),
        Segment::Index(_) => None,
    });
    keys.is_some_and(|key| key.contains("retries"))
}

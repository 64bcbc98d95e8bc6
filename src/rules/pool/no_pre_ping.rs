//! `no-pre-ping`.

use crate::finding::Finding;
use crate::model::Key;
use crate::rules::Case;

use super::numbers::{count, number, switch};

rule! {
    /// A pool that hands out connections without knowing whether they are still alive.
    ///
    /// Found is `pre_ping: false` without `recycle`, and a pool with `max_connections` but neither of the two.
    /// Pools of SQLite and of the own machine are not found.
    ///
    /// # Why it matters
    /// A restart of the server, a failover, a firewall or a load balancer that forgets idle connections: afterwards the
    /// pool is full of connections that are dead, and each fails once, in the face of a user.
    /// With `pre_ping` the pool asks before it hands one out, for one round trip; with `recycle` it replaces those that
    /// are older than so many seconds.
    ///
    /// # How to mend it
    /// Add `pre_ping: true`, or a `recycle` below the time after which idle connections are cut.
    ///
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     pool: {max_connections: 20}
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     pool: {max_connections: 20, pre_ping: true}
    /// ```
    "no-pre-ping": Pool, Info
}

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for site in case.primaries() {
        if site.connection.engine() != "postgresql" || case.is_local(site.connection) {
            continue;
        }
        // SQLAlchemy's own word for never is -1.
        let recycles = match site.get(Key::PoolRecycle) {
            Some(_) => number(&site, Key::PoolRecycle).is_none_or(|seconds| seconds > 0.0),
            None => false,
        };
        if recycles {
            continue;
        }
        let (setting, message) = match site.get(Key::PoolPrePing) {
            Some(setting) if switch(&site, Key::PoolPrePing) == Some(false) => {
                (setting, format!("the pool of {} does not ask whether a connection is still alive", site.what()))
            }
            Some(_) => continue,
            None => {
                let Some(setting) = site.get(Key::PoolMax).filter(|_| count(&site, Key::PoolMax).is_some()) else {
                    continue;
                };
                (setting, format!("the pool of {} has neither pre_ping nor recycle", site.what()))
            }
        };
        findings.push(
            Finding::new(&INFO, setting.origin.clone(), message)
                .help("add `pre_ping: true`, so that a dead connection is replaced before it is used"),
        );
    }
}

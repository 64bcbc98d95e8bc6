//! `pool-bounds`.

use crate::finding::{Finding, Severity};
use crate::model::{Key, Setting};
use crate::redact;
use crate::rules::{Case, Site};

use super::numbers::{count, number, used};

rule! {
    /// A pool, a timeout or a retry whose numbers cannot be.
    ///
    /// Found are pools that are to hold more connections than they may open, pools of no connection, and negative
    /// numbers.
    /// `recycle: -1` is not found, since it is SQLAlchemy's word for never, and `connect_timeout: 0` neither, which
    /// means no limit to libpq.
    /// `max_overflow: -1` is SQLAlchemy's word for no limit; it is a warning, since nothing bounds such a pool.
    ///
    /// # Why it matters
    /// asyncpg and psycopg refuse such a pool when the application starts.
    /// Others take the number for something else: to SQLAlchemy a pool of 0 connections has no upper limit.
    ///
    /// # How to mend it
    /// Let the pool hold at least one connection and not more at least than at most.
    ///
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     pool: {min_connections: 20, max_connections: 10}
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     pool: {min_connections: 2, max_connections: 10}
    /// ```
    "pool-bounds": Pool, Error
}

/// The keys whose numbers count something, or are seconds, and are never below zero.
const NEVER_NEGATIVE: &[Key] =
    &[Key::PoolMin, Key::PoolMax, Key::PoolAcquireTimeout, Key::CommandTimeout, Key::RetryAttempts, Key::RetryDelay];

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for site in used(case) {
        let before = findings.len();
        negative(&site, findings);
        if findings.len() == before {
            bounds(&site, findings);
        }
    }
}

fn negative(site: &Site<'_>, findings: &mut Vec<Finding>) {
    for key in NEVER_NEGATIVE {
        if let Some(setting) = site.get(*key).filter(|_| number(site, *key).is_some_and(|number| number < 0.0)) {
            findings.push(below_zero(site, *key, setting, "write 0 or a number above it"));
        }
    }
    if let Some(setting) = site.get(Key::PoolRecycle)
        && number(site, Key::PoolRecycle).is_some_and(|number| number < 0.0 && (number + 1.0).abs() > f64::EPSILON)
    {
        findings.push(below_zero(site, Key::PoolRecycle, setting, "write the seconds, or -1 for never"));
    }
    let Some(setting) = site.get(Key::PoolOverflow) else { return };
    match count(site, Key::PoolOverflow) {
        Some(-1) => {
            let message = format!("max_overflow -1 lets the pool of {} grow without an upper limit", site.what());
            let mut finding = Finding::new(&INFO, setting.origin.clone(), message)
                .help("write how many connections it may open beyond max_connections");
            finding.severity = Severity::Warning;
            findings.push(finding);
        }
        Some(number) if number < 0 => {
            findings.push(below_zero(site, Key::PoolOverflow, setting, "write 0 or a number above it"));
        }
        _ => {}
    }
}

fn below_zero(site: &Site<'_>, key: Key, setting: &Setting, help: &str) -> Finding {
    let number = redact::show_text(&site.known(key).unwrap_or_default());
    let message = format!("{} of {} is {number}, and cannot be below 0", key.path(), site.what());
    Finding::new(&INFO, setting.origin.clone(), message).help(help)
}

fn bounds(site: &Site<'_>, findings: &mut Vec<Finding>) {
    let (Some(most), Some(max)) = (site.get(Key::PoolMax), count(site, Key::PoolMax)) else { return };
    if max == 0 {
        let message = format!("the pool of {} may open no connection", site.what());
        findings.push(
            Finding::new(&INFO, most.origin.clone(), message)
                .help("write how many it may open; some pools refuse 0, and SQLAlchemy takes it for no limit"),
        );
        return;
    }
    let overflow = match site.get(Key::PoolOverflow) {
        Some(_) => count(site, Key::PoolOverflow),
        None => Some(0),
    };
    let (Some(least), Some(min), Some(overflow)) = (site.get(Key::PoolMin), count(site, Key::PoolMin), overflow) else {
        return;
    };
    let max = max.saturating_add(overflow);
    if min > max {
        let message = format!("the pool of {} is to hold at least {min} connections, and at most {max}", site.what());
        findings.push(
            Finding::new(&INFO, least.origin.clone(), message)
                .help(format!("write {max} or less, or raise the upper limit"))
                .related(most.origin.clone(), "the upper limit"),
        );
    }
}

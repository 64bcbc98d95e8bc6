//! `pool-exceeds-server`.

use std::collections::BTreeMap;

use crate::finding::Finding;
use crate::model::health::Subject;
use crate::model::{Key, Origin, Setting};
use crate::redact;
use crate::rules::hint::identifier;
use crate::rules::live_check::{Answer, Found, Live};
use crate::rules::{Case, Part, Site, place};

use super::numbers::count;

rule! {
    /// Pools that may open more connections to a server than it allows.
    ///
    /// The sum of all pools on one host and port is judged, each of `max_connections` and `max_overflow`, as far as the
    /// files say them.
    /// The limit is 97 unless `server-connections` in `dbcfg.toml` says another: PostgreSQL allows 100 connections, and
    /// keeps 3 of them for superusers.
    /// Servers on the own machine and poolers (PgBouncer, Supabase's pooler, RDS Proxy) are not found.
    ///
    /// `dbcfg probe` asks the server for its limit, and for those of the role and the database, and judges by them;
    /// then servers on the own machine are judged too.
    ///
    /// # Why it matters
    /// As long as the load is low nothing shows.
    /// In the hour of the highest load the server answers `sorry, too many clients already`, and that to every
    /// application that shares it, migrations and `psql` included.
    /// Each process opens pools of its own: with four workers the sum counts four times.
    ///
    /// # How to mend it
    /// Lower `max_connections` or `max_overflow`: some ten connections for each core of the server are often enough.
    /// Or put PgBouncer in between, or raise `max_connections` of the server and say so in `dbcfg.toml`.
    ///
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     database: app
    ///     pool: {max_connections: 60, max_overflow: 20, pre_ping: true}
    ///   vector:
    ///     host: db.example.com
    ///     database: vector_db
    ///     pool: {max_connections: 30, pre_ping: true}
    /// ```
    "pool-exceeds-server": Pool, Warning
}

/// What PostgreSQL leaves to applications: `max_connections` is 100 and `superuser_reserved_connections` is 3.
const SERVER_LIMIT: u32 = 97;

/// The most databases that a message names, and the most places that a finding points to.
const NAME_LIMIT: usize = 3;
const RELATED_LIMIT: usize = 10;

/// The pool of one database.
struct Pool<'project> {
    site: Site<'project>,
    setting: &'project Setting,
    most: i64,
}

/// The pool of a database, if it has one of its own and its size is known.
fn pool(site: Site<'_>) -> Option<Pool<'_>> {
    let setting = site.connection.settings.get(Key::PoolMax)?;
    let max = count(&site, Key::PoolMax).filter(|max| *max > 0 && !place::is_pooler(&site))?;
    let most = max.saturating_add(count(&site, Key::PoolOverflow).unwrap_or(0).max(0));
    Some(Pool { site, setting, most })
}

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let mut servers: BTreeMap<String, Vec<Pool<'_>>> = BTreeMap::new();
    for site in case.primaries().filter(|site| !case.is_local(site.connection)) {
        let Some(server) = place::server(&site) else { continue };
        servers.entry(server).or_default().extend(pool(site));
    }
    let (limit, whose) = match case.settings.server_connections {
        Some(limit) => (limit, "as dbcfg.toml says"),
        None => (SERVER_LIMIT, "unless somebody has raised its limit"),
    };
    for (server, pools) in servers {
        let server = redact::show_text(&server);
        let help = "lower max_connections or max_overflow; what the server allows is server-connections in dbcfg.toml";
        findings.extend(exceeded(&pools, limit, &format!("{server}, which allows {limit}, {whose}"), help));
    }
}

/// What a probe knows better: the limits of the server, of the database and of the role.
pub(super) fn judge_live(live: &Live<'_>, findings: &mut Vec<Found>) {
    let help = "lower max_connections or max_overflow, or raise max_connections of the server";
    for server in live.servers() {
        let Some(first) = server.first() else { continue };
        let subject = &first.target.subject;
        let pools: Vec<Pool<'_>> = server.iter().filter_map(|answer| pool(site(live, answer)?)).collect();
        let allowed = server.iter().find_map(|answer| answer.facts.connections).map(|connections| connections.allowed);
        if let Some(allowed) = allowed.filter(|allowed| *allowed > 0) {
            let whose = format!(
                "{}, which allows {allowed}",
                redact::show_text(&crate::rules::live_check::server(first.target))
            );
            if let Some(finding) = exceeded(&pools, allowed, &whose, help) {
                findings.push((subject.clone(), finding));
                continue;
            }
        }
        let mut places: Vec<Origin> = Vec::new();
        for (limit, what, name, answers) in narrower(&server) {
            let pools: Vec<Pool<'_>> = answers.iter().filter_map(|answer| pool(site(live, answer)?)).collect();
            let whose = format!("the server, which allows {limit} to the {what} `{}`", redact::show_text(name));
            let help = format!(
                "lower max_connections or max_overflow, or raise the limit: `alter {what} {} connection limit ...`",
                redact::show_text(&identifier(name))
            );
            // Of two limits that one pool exceeds, the lower is told.
            let finding = exceeded(&pools, limit, &whose, &help).filter(|it| !places.contains(&it.origin));
            let subject = answers.first().map(|answer| &answer.target.subject);
            if let Some((finding, subject)) = finding.zip(subject) {
                places.push(finding.origin.clone());
                findings.push((subject.clone(), finding));
            }
        }
    }
}

/// A limit, whether it is a role's or a database's, whose it is, and the answers that it holds for.
type Narrower<'run, 'server> = (u32, &'static str, &'run str, Vec<&'server Answer<'run>>);

/// The limits of roles and databases on a server, the lowest first. A role's holds for all its databases together.
fn narrower<'run, 'server>(server: &'server [Answer<'run>]) -> Vec<Narrower<'run, 'server>> {
    let mut limits: Vec<Narrower<'run, 'server>> = Vec::new();
    for answer in server {
        let facts = answer.facts;
        let role = facts.role.as_ref().and_then(|it| Some((it.connection_limit?, "role", it.name.as_str())));
        let database = facts.database.as_ref();
        let database = database.and_then(|it| Some((it.connection_limit?, "database", it.name.as_str())));
        for (limit, what, name) in role.into_iter().chain(database) {
            match limits.iter_mut().find(|known| (known.1, known.2) == (what, name)) {
                Some(known) => known.3.push(answer),
                None => limits.push((limit, what, name, vec![answer])),
            }
        }
    }
    limits.sort_by_key(|limit| limit.0);
    limits
}

/// The database of a target that answered as it is configured.
fn site<'run>(live: &Live<'run>, answer: &Answer<'run>) -> Option<Site<'run>> {
    let Subject::Database { role, .. } = &answer.target.subject else { return None };
    let database = live.configuration().database(role).filter(|_| answer.is_primary())?;
    Some(Site { database, part: Part::Primary, connection: &database.connection })
}

/// The finding about pools on one server that may open more connections than its limit, if they may.
fn exceeded(pools: &[Pool<'_>], limit: u32, whose: &str, help: &str) -> Option<Finding> {
    let sum = pools.iter().fold(0_i64, |sum, pool| sum.saturating_add(pool.most));
    let largest = pools.iter().rev().max_by_key(|pool| pool.most).filter(|_| sum > i64::from(limit))?;
    let message = format!("{} may open {sum} connections to {whose}", whose_pools(pools));
    let finding = Finding::new(&INFO, largest.setting.origin.clone(), message).help(help);
    Some(with_others(finding, largest, pools))
}

/// `the pools of main and vector`.
fn whose_pools(pools: &[Pool<'_>]) -> String {
    let names: Vec<String> = pools.iter().take(NAME_LIMIT).map(|pool| pool.site.what()).collect();
    match names.as_slice() {
        [one] => format!("the pool of {one}"),
        _ if pools.len() > NAME_LIMIT => {
            format!("the pools of {} and {} others", names.join(", "), pools.len() - NAME_LIMIT)
        }
        [most @ .., last] => format!("the pools of {} and {last}", most.join(", ")),
        [] => String::new(),
    }
}

/// Points to the other pools, each place once: one that is inherited counts for several.
fn with_others(mut finding: Finding, largest: &Pool<'_>, pools: &[Pool<'_>]) -> Finding {
    let mut seen: Vec<&Origin> = vec![&largest.setting.origin];
    for pool in pools {
        if seen.len() > RELATED_LIMIT {
            break;
        }
        if !seen.contains(&&pool.setting.origin) {
            seen.push(&pool.setting.origin);
            let part = format!("{} of them are {}'s", pool.most, pool.site.what());
            finding = finding.related(pool.setting.origin.clone(), part);
        }
    }
    finding
}

//! `server-settings`.

use crate::model::health::ServerSetting;
use crate::redact::show_text;
use crate::rules::live_check::{Found, Live, whose};

use super::listed;

rule! {
    /// A setting of the server that is worse than what is recommended.
    ///
    /// Found with `--deep`: `checkpoint_completion_target` below 0.9, `random_page_cost` above 2 (1.1 suits SSDs), `effective_io_concurrency` below 100 (200 suits SSDs), `default_statistics_target` below 100, `work_mem` below 4 MB, `maintenance_work_mem` below 64 MB, fewer than 3 `superuser_reserved_connections`, and `shared_preload_libraries` without `pg_stat_statements`.
    /// With `--server-memory` also `shared_buffers` that are not 15 to 40 % of it (25 % is recommended), and `effective_cache_size` below half of it (75 % is).
    /// # Why it matters
    /// The defaults of PostgreSQL are made to start everywhere, and expect the disks of the nineties: with them the planner reads whole tables where an index would do, and most of the memory lies idle.
    /// Without `pg_stat_statements` nobody can say which statements are slow.
    /// # How to mend it
    /// `alter system set random_page_cost = 1.1; select pg_reload_conf()`, or the parameter group of RDS.
    /// `shared_buffers` and `shared_preload_libraries` take a restart.
    /// # Example
    /// ```text
    /// random_page_cost = 4
    /// ```
    "server-settings": Live, Info
}

const MEGABYTE: f64 = 1024.0 * 1024.0;

/// A number that a setting should not be beyond.
enum Bound {
    /// At least.
    Least(f64),
    /// At most.
    Most(f64),
    /// A part of the server's memory: at least, at most, and what is recommended, each of 1.
    Share(f64, f64, f64),
    /// A word that should stand in its list.
    Word(&'static str),
}

/// The settings, what they should not be beyond, and what is recommended where that is another value.
const SETTINGS: &[(&str, Bound, &str)] = &[
    ("shared_buffers", Bound::Share(0.15, 0.40, 0.25), ""),
    ("effective_cache_size", Bound::Share(0.50, f64::INFINITY, 0.75), ""),
    ("work_mem", Bound::Least(4.0 * MEGABYTE), "4MB"),
    ("maintenance_work_mem", Bound::Least(64.0 * MEGABYTE), "64MB"),
    ("checkpoint_completion_target", Bound::Least(0.9), "0.9"),
    ("superuser_reserved_connections", Bound::Least(3.0), "3"),
    ("shared_preload_libraries", Bound::Word("pg_stat_statements"), "pg_stat_statements"),
    ("random_page_cost", Bound::Most(2.0), "1.1"),
    ("effective_io_concurrency", Bound::Least(100.0), "200"),
    ("default_statistics_target", Bound::Least(100.0), "100"),
];

pub(super) fn judge(live: &Live<'_>, findings: &mut Vec<Found>) {
    for server in live.servers() {
        let Some((first, deep)) = server.iter().find_map(|answer| Some((answer, answer.facts.deep.as_ref()?))) else {
            continue;
        };
        for (name, bound, recommended) in SETTINGS {
            let Some(setting) = deep.settings.iter().find(|setting| setting.name == *name) else { continue };
            let Some(recommended) = judge_one(setting, bound, recommended, live.server_memory) else { continue };
            let message = format!("{name} is {} on {}; `{recommended}` is recommended", shown(setting), whose(&server));
            let Some(finding) = live.of_server(&INFO, &server, message) else { continue };
            findings.push((first.target.subject.clone(), finding.help(help(name, &recommended))));
        }
    }
}

/// What is recommended, if a setting is beyond its bound.
fn judge_one(setting: &ServerSetting, bound: &Bound, recommended: &str, memory: Option<u64>) -> Option<String> {
    let is_beyond = match bound {
        Bound::Least(least) => number(setting)? < *least,
        Bound::Most(most) => number(setting)? > *most,
        Bound::Word(word) => !setting.value.split(',').any(|item| item.trim().trim_matches('"') == *word),
        Bound::Share(least, most, wanted) => {
            let memory = bytes(memory?);
            let value = number(setting)?;
            let recommended = compact(memory * wanted);
            return (value < memory * least || value > memory * most).then_some(recommended);
        }
    };
    is_beyond.then(|| recommended.to_owned())
}

/// The number of a setting, in bytes if it is a size. `-1` means that another setting counts.
fn number(setting: &ServerSetting) -> Option<f64> {
    let number: f64 = setting.value.trim().parse().ok()?;
    let unit = match setting.unit.as_deref() {
        Some("kB") => 1024.0,
        Some("8kB") => 8.0 * 1024.0,
        Some("MB") => MEGABYTE,
        Some("16MB") => 16.0 * MEGABYTE,
        Some("GB") => 1024.0 * MEGABYTE,
        _ => 1.0,
    };
    (number >= 0.0).then_some(number * unit)
}

/// A size without its blank, as SQL takes it: `4GB`.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size is a whole number of bytes")]
fn compact(bytes: f64) -> String {
    listed::size(bytes as u64).replace(' ', "")
}

#[allow(clippy::cast_precision_loss, reason = "memory is compared roughly")]
fn bytes(memory: u64) -> f64 {
    memory as f64
}

/// A setting as people write it: sizes in their largest unit.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size is a whole number of bytes")]
fn shown(setting: &ServerSetting) -> String {
    match (&setting.unit, number(setting)) {
        (Some(unit), Some(number)) if unit.ends_with('B') => listed::size(number as u64),
        _ if setting.value.is_empty() => "empty".to_owned(),
        _ => show_text(&setting.value),
    }
}

fn help(name: &str, recommended: &str) -> String {
    if name == "shared_preload_libraries" {
        return "add it to `shared_preload_libraries`, restart the server, and say `create extension pg_stat_statements`"
            .to_owned();
    }
    let then = if name == "shared_buffers" { "and restart the server" } else { "then `select pg_reload_conf()`" };
    format!("`alter system set {name} = '{recommended}'`, {then}; with RDS in the parameter group")
}

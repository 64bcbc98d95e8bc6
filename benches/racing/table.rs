//! Who raced whom over what, what is promised, and the table that shows it.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::measure::Contender;

/// What the project promises of dbcfg.
#[allow(dead_code, reason = "each benchmark has limits of its own kinds")]
pub(crate) enum Limit {
    /// At most so long.
    Time(Duration),
    /// At most so many times as long as the contender of this name, and this much more.
    Times(f64, &'static str, Duration),
    /// Less than so many bytes.
    Memory(u64),
}

/// Programs that read the same files. The first is dbcfg.
pub(crate) struct Case {
    /// What they read.
    pub(crate) title: String,
    /// Those that take part.
    pub(crate) contenders: Vec<Contender>,
    /// Each with the name of the contender that it is promised of.
    pub(crate) limits: Vec<(&'static str, Limit)>,
}

/// All cases as a table in Markdown.
pub(crate) fn table(cases: &[Case]) -> String {
    let mut table = heading();
    for case in cases {
        add(&mut table, case);
    }
    table
}

/// The size of some files together, in words.
pub(crate) fn size(directory: &Path, files: &[String]) -> String {
    let length = |file| fs::metadata(directory.join(file)).map_or(0, |metadata| metadata.len());
    let bytes: u64 = files.iter().map(length).sum();
    if bytes < 100_000 { format!("{:.1} kB", as_f64(bytes) / 1e3) } else { format!("{:.1} MB", as_f64(bytes) / 1e6) }
}

fn heading() -> String {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    format!(
        "\n{cores} cores, {} {}, dbcfg {}\n\n\
         | input | program | median | shortest | beside dbcfg | peak memory | limit |\n\
         |---|---|--:|--:|--:|--:|---|\n",
        env::consts::OS,
        env::consts::ARCH,
        env!("CARGO_PKG_VERSION"),
    )
}

fn add(table: &mut String, case: &Case) {
    let ours = &case.contenders[0];
    for (index, contender) in case.contenders.iter().enumerate() {
        let title = if index == 0 { case.title.as_str() } else { "" };
        let limits = judge(case, contender);
        let (Some(median), Some(shortest)) = (contender.median(), contender.minimum()) else {
            let absence = contender.absence.as_deref().unwrap_or("not measured");
            let _ = writeln!(table, "| {title} | {} | {absence} | | | | |", contender.name);
            continue;
        };
        let beside = ours.median().map(|ours| median.as_secs_f64() / ours.as_secs_f64()).unwrap_or_default();
        let peak = contender.peak.map(|peak| format!("{:.0} MB", as_f64(peak) / 1e6)).unwrap_or_default();
        let (median, shortest) = (shown(median), shown(shortest));
        let name = &contender.name;
        let _ = writeln!(table, "| {title} | {name} | {median} | {shortest} | {beside:.2} × | {peak} | {limits} |");
    }
}

/// The limits of a contender, and whether it keeps them.
fn judge(case: &Case, ours: &Contender) -> String {
    let median = ours.median().unwrap_or_default();
    let own = case.limits.iter().filter(|(name, _)| *name == ours.name).map(|(_, limit)| limit);
    let judged = own.map(|limit| {
        let (words, is_met) = match limit {
            Limit::Time(most) => (format!("at most {}", shown(*most)), Some(median <= *most)),
            Limit::Times(most, name, more) => {
                let peer = case.contenders.iter().find(|contender| contender.name == *name).and_then(Contender::median);
                let ratio = peer.map(|peer| median.saturating_sub(*more).as_secs_f64() / peer.as_secs_f64());
                let now = ratio.map(|ratio| format!(" (now {ratio:.2})")).unwrap_or_default();
                let more = if more.is_zero() { String::new() } else { format!(" and {} more", shown(*more)) };
                (format!("at most {most} × the {name}{more}{now}"), ratio.map(|ratio| ratio <= *most))
            }
            Limit::Memory(below) => {
                (format!("below {:.0} MB", as_f64(*below) / 1e6), ours.peak.map(|peak| peak < *below))
            }
        };
        let verdict = is_met.map_or("not measured", |is_met| if is_met { "met" } else { "**not met**" });
        format!("{words}: {verdict}")
    });
    judged.collect::<Vec<_>>().join("; ")
}

fn shown(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1e3;
    match milliseconds {
        ..10.0 => format!("{milliseconds:.1} ms"),
        10.0..1e3 => format!("{milliseconds:.0} ms"),
        _ => format!("{:.1} s", milliseconds / 1e3),
    }
}

/// Sizes of files and of memory are far below the 52 bits that a float holds exactly.
#[expect(clippy::cast_precision_loss, reason = "the numbers are small, and are shown with three digits")]
fn as_f64(number: u64) -> f64 {
    number as f64
}

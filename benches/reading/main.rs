//! How long `dbcfg show` and `dbcfg check` take, and how much memory, beside other programs in the same run.
//!
//! `cargo bench --bench reading` prints the table that stands in the README. Whole processes are timed, since that is
//! what a person or a commit hook waits for. Called without `--bench`, as by `cargo test --benches`, it only tries
//! whether everything still works.

mod input;
mod measure;
mod peers;

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use granit_parser::{Parser, options};

use input::Input;
use measure::{Contender, race};
use peers::Peers;

/// The names under which this program starts itself as a peer.
const NOTHING: &str = "do-nothing";
const BARE: &str = "bare-pass";

/// What the project promises of dbcfg.
enum Limit {
    /// At most so long.
    Time(Duration),
    /// At most so many times as long as the contender of this name, and this much more.
    Times(f64, &'static str, Duration),
    /// Less than so many bytes.
    Memory(u64),
}

/// Programs that read the same files. The first is dbcfg.
struct Case {
    title: String,
    contenders: Vec<Contender>,
    /// Each with the name of the contender that it is promised of.
    limits: Vec<(&'static str, Limit)>,
}

/// The contenders that are dbcfg.
const SHOW: &str = "dbcfg show";
const CHECK: &str = "dbcfg check, all rules";
const BARE_NAME: &str = "bare granit-parser pass";

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.split_first() {
        Some((role, _)) if role == NOTHING => Ok(()),
        Some((role, files)) if role == BARE => bare_pass(files),
        _ => compare(arguments.iter().any(|argument| argument == "--bench")),
    }
}

/// Reads files and takes all events of the parser that dbcfg uses, with the options that dbcfg sets, and does nothing
/// with them: what cannot be saved without another parser.
fn bare_pass(files: &[String]) -> io::Result<()> {
    let mut count = 0_u64;
    for file in files {
        let text = fs::read_to_string(file)?;
        let options = options! {
            emit_anchor_events: true,
            emit_unresolved_aliases: true,
            max_buffered_comment_events: 100_000,
        };
        for next in Parser::new_from_str_with_options(&text, options) {
            let (event, _) = next.map_err(|error| io::Error::other(error.to_string()))?;
            black_box(event);
            count += 1;
        }
    }
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{count}")?;
    stdout.flush()?;
    // Until whoever started it has seen how much memory it took.
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

fn compare(is_measured: bool) -> io::Result<()> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (count, large, rounds) = if is_measured { (2000, 5_000_000, 20) } else { (20, 50_000, 1) };
    let input = input::write(&target.join("reading"), count, large)?;
    let peers = Peers::install(&target.join("peers"), is_measured)?;
    let this = env::current_exe()?;
    let mut cases = cases(&input, &peers, &this);
    for case in &mut cases {
        // A process of two milliseconds is gone before anybody has seen how much memory it took.
        let with_memory = case.limits.iter().all(|(_, limit)| !matches!(limit, Limit::Time(_)));
        race(&mut case.contenders, rounds, Duration::from_secs(15), with_memory);
    }
    let ours = cases.iter().flat_map(|case| &case.contenders).filter(|contender| contender.name.starts_with("dbcfg"));
    for contender in ours {
        assert!(contender.absence.is_none(), "{}: {:?}", contender.name, contender.absence);
    }
    let mut table = heading();
    for case in &cases {
        add(&mut table, case);
    }
    io::stdout().lock().write_all(table.as_bytes())
}

fn cases(input: &Input, peers: &Peers, this: &Path) -> Vec<Case> {
    let start = |mut command: Command, files: &[String]| {
        let path = env::var_os("PATH").unwrap_or_default();
        command.args(files).current_dir(&input.directory).env_clear().env("PATH", path);
        command
    };
    let dbcfg = |arguments: &[&str], files: &[String]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dbcfg"));
        command.args(arguments);
        start(command, files)
    };
    let show = |files: &[String]| dbcfg(&["show", "--quiet"], files);
    let check = |files: &[String]| dbcfg(&["check", "--fail-on", "never"], files);
    let one_core = |files: &[String]| {
        let mut command = Command::new("taskset");
        command.args(["--cpu-list", "0", env!("CARGO_BIN_EXE_dbcfg"), "show", "--quiet"]);
        start(command, files)
    };
    let role = |role: &str, files: &[String]| {
        let mut command = Command::new(this);
        command.arg(role);
        start(command, files)
    };
    let yamllint = |files: &[String]| peers.yamllint().map(|command| start(command, files));
    let check_jsonschema = |files: &[String]| peers.check_jsonschema().map(|command| start(command, files));
    let (small, large) = ([input.small.clone()], [input.large.clone()]);
    vec![
        Case {
            title: format!("one file of {}", size(input, &small)),
            contenders: vec![
                Contender::new(SHOW, show(&small)),
                Contender::new(CHECK, check(&small)),
                Contender::new("a process that does nothing", role(NOTHING, &[])),
                Contender::new(BARE_NAME, role(BARE, &small)),
                Contender::new("yamllint", yamllint(&small)),
                Contender::new("check-jsonschema", check_jsonschema(&small)),
            ],
            limits: vec![(SHOW, Limit::Time(Duration::from_millis(5))), (CHECK, Limit::Time(Duration::from_millis(5)))],
        },
        Case {
            title: format!("{} files, together {}", input.many.len(), size(input, &input.many)),
            contenders: vec![
                Contender::new(SHOW, show(&input.many)),
                Contender::new(CHECK, check(&input.many)),
                Contender::new("dbcfg show, on one core", one_core(&input.many)),
                Contender::new(BARE_NAME, role(BARE, &input.many)),
                Contender::new("yamllint", yamllint(&input.many)),
                Contender::new("check-jsonschema", check_jsonschema(&input.many)),
            ],
            limits: vec![
                (SHOW, Limit::Times(2.0, BARE_NAME, Duration::ZERO)),
                (SHOW, Limit::Memory(50_000_000)),
                (CHECK, Limit::Times(2.0, BARE_NAME, Duration::from_millis(100))),
                (CHECK, Limit::Memory(50_000_000)),
            ],
        },
        Case {
            title: format!("one file of {}", size(input, &large)),
            contenders: vec![
                Contender::new(SHOW, show(&large)),
                Contender::new(CHECK, check(&large)),
                Contender::new(BARE_NAME, role(BARE, &large)),
                Contender::new("yamllint", yamllint(&large)),
            ],
            limits: Vec::new(),
        },
    ]
}

fn size(input: &Input, files: &[String]) -> String {
    let length = |file| fs::metadata(input.directory.join(file)).map_or(0, |metadata| metadata.len());
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

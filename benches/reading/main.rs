//! How long `dbcfg show` and `dbcfg check` take, and how much memory, beside other programs in the same run.
//!
//! `cargo bench --bench reading` prints the table that stands in the README. Whole processes are timed, since that is
//! what a person or a commit hook waits for. Called without `--bench`, as by `cargo test --benches`, it only tries
//! whether everything still works.

mod input;
mod peers;
#[path = "../racing/mod.rs"]
mod racing;

use std::env;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use input::Input;
use peers::Peers;
use racing::{BARE, BARE_NAME, Case, Contender, Limit, bare_pass, race, size, table};

/// The name under which this program starts itself as a peer that does nothing.
const NOTHING: &str = "do-nothing";

/// The contenders that are dbcfg.
const SHOW: &str = "dbcfg show";
const CHECK: &str = "dbcfg check, all rules";

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.split_first() {
        Some((role, _)) if role == NOTHING => Ok(()),
        Some((role, files)) if role == BARE => bare_pass(files),
        _ => compare(arguments.iter().any(|argument| argument == "--bench")),
    }
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
    io::stdout().lock().write_all(table(&cases).as_bytes())
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
            title: format!("one file of {}", size(&input.directory, &small)),
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
            title: format!("{} files, together {}", input.many.len(), size(&input.directory, &input.many)),
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
            title: format!("one file of {}", size(&input.directory, &large)),
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

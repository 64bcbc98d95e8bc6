//! How long a migration takes, and how much memory, beside a bare parse and ruamel.yaml's round trip in the same run.
//!
//! `cargo bench --bench rewriting` prints the table. Whole processes are timed, since that is what a person waits for.
//! Called without `--bench`, as by `cargo test --benches`, it only tries whether everything still works.

mod input;
#[path = "../racing/mod.rs"]
mod racing;

use std::env;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use input::Input;
use racing::{BARE, BARE_NAME, Case, Contender, Limit, bare_pass, race, size, table};

/// The contenders that are dbcfg: all read, plan, read the new text and compare what it means.
const CHECK: &str = "dbcfg migrate --check";
const DIFF: &str = "dbcfg migrate --diff";
const OUTPUT: &str = "dbcfg migrate --output -";

/// What those have who edit such files by script and keep the comments.
const RUAMEL: &str = "\
import io, sys, ruamel.yaml
reader = ruamel.yaml.YAML()
out = io.StringIO()
reader.dump(reader.load(open(sys.argv[1], encoding='utf-8')), out)
print(len(out.getvalue()), flush=True)
sys.stdin.read()
";

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.split_first() {
        Some((role, files)) if role == BARE => bare_pass(files),
        _ => compare(arguments.iter().any(|argument| argument == "--bench")),
    }
}

fn compare(is_measured: bool) -> io::Result<()> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (length, rounds) = if is_measured { (5_000_000, 20) } else { (50_000, 1) };
    let input = input::write(&target.join("rewriting"), length)?;
    let this = env::current_exe()?;
    let mut cases = cases(&input, &this);
    for case in &mut cases {
        race(&mut case.contenders, rounds, Duration::from_secs(15), true);
        for ours in case.contenders.iter().filter(|contender| contender.name.starts_with("dbcfg")) {
            assert!(ours.absence.is_none(), "{}: {:?}", ours.name, ours.absence);
        }
    }
    io::stdout().lock().write_all(table(&cases).as_bytes())
}

fn cases(input: &Input, this: &Path) -> Vec<Case> {
    let start = |program: &Path, arguments: &[&str], file: &str| {
        let mut command = Command::new(program);
        let path = env::var_os("PATH").unwrap_or_default();
        command.args(arguments).arg(file).current_dir(&input.directory).env_clear().env("PATH", path);
        command
    };
    // The package is Debian's, and so is the Python that sees it.
    let python = Some(Path::new("/usr/bin/python3")).filter(|python| has_ruamel(python));
    let dbcfg = Path::new(env!("CARGO_BIN_EXE_dbcfg"));
    let case = |title: &str, file: &String| Case {
        title: format!("one file of {}, {title}", size(&input.directory, std::slice::from_ref(file))),
        contenders: vec![
            Contender::new(CHECK, start(dbcfg, &["migrate", "--check"], file)).ending_with(1),
            Contender::new(DIFF, start(dbcfg, &["migrate", "--diff"], file)).ending_with(1),
            Contender::new(OUTPUT, start(dbcfg, &["migrate", "--output", "-"], file)),
            Contender::new(BARE_NAME, start(this, &[BARE], file)),
            Contender::new("ruamel.yaml's round trip", python.map(|python| start(python, &["-c", RUAMEL], file))),
        ],
        limits: [CHECK, DIFF, OUTPUT]
            .into_iter()
            .flat_map(|ours| [(ours, Limit::Times(3.0, BARE_NAME, Duration::ZERO)), (ours, Limit::Memory(200_000_000))])
            .collect(),
    };
    vec![
        case("every section of which is of an old layout", &input.all),
        case("three sections of which are", &input.few),
    ]
}

fn has_ruamel(python: &Path) -> bool {
    let output = Command::new(python).args(["-c", "import ruamel.yaml"]).output();
    output.is_ok_and(|output| output.status.success())
}

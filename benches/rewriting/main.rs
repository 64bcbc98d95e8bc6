//! How long a migration takes, and how much memory, beside a bare parse and ruamel.yaml's round trip in the same run.
//!
//! `cargo bench --bench rewriting` prints the table. Whole processes are timed, since that is what a person waits for.
//! Called without `--bench`, as by `cargo test --benches`, it only tries whether everything still works.

mod input;
#[path = "../racing/mod.rs"]
mod racing;

use std::env;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use dbcfg::load::{Query, projects};
use dbcfg::model::Decisions;
use dbcfg::rewrite::plan::plan;

use input::Input;
use racing::bare::wait_to_be_measured;
use racing::{BARE, BARE_NAME, Case, Contender, Limit, bare_pass, race, size, table};

/// The name under which this program starts itself to plan, and nothing else.
const PLAN: &str = "plan";

/// The contender that is dbcfg.
const MIGRATE: &str = "dbcfg: read, plan, read again";

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
        Some((role, files)) if role == PLAN => migrate(files),
        _ => compare(arguments.iter().any(|argument| argument == "--bench")),
    }
}

/// Plans the migration of files, and says how long the new texts are.
fn migrate(files: &[String]) -> io::Result<()> {
    let query = Query { paths: files.iter().map(PathBuf::from).collect(), ..Query::default() };
    let lengths = projects(&query, |read| {
        let read = read.map_err(|_| io::Error::other("the settings of the tool have mistakes"))?;
        let sources = read.project.sources.iter();
        let asked = |id| read.asked.as_ref().is_none_or(|asked| asked.contains(&id));
        let targets: Vec<_> = sources.map(|(id, _)| id).filter(|id| asked(*id)).collect();
        let plan = plan(&read.project, &read.names, &targets, &Decisions::default());
        let plan = plan.map_err(|_| io::Error::other("the meaning would change"))?;
        if !plan.files.iter().all(dbcfg::model::FilePlan::is_changed) {
            return Err(io::Error::other("nothing changes"));
        }
        Ok(plan.files.iter().map(|file| file.after.len()).sum::<usize>())
    });
    wait_to_be_measured(lengths.into_iter().sum::<io::Result<usize>>()?)
}

fn compare(is_measured: bool) -> io::Result<()> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (length, rounds) = if is_measured { (5_000_000, 20) } else { (50_000, 1) };
    let input = input::write(&target.join("rewriting"), length)?;
    let this = env::current_exe()?;
    let mut cases = cases(&input, &this);
    for case in &mut cases {
        race(&mut case.contenders, rounds, Duration::from_secs(15), true);
        let ours = &case.contenders[0];
        assert!(ours.absence.is_none(), "{}: {:?}", ours.name, ours.absence);
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
    let case = |title: &str, file: &String| Case {
        title: format!("one file of {}, {title}", size(&input.directory, std::slice::from_ref(file))),
        contenders: vec![
            Contender::new(MIGRATE, start(this, &[PLAN], file)),
            Contender::new(BARE_NAME, start(this, &[BARE], file)),
            Contender::new("ruamel.yaml's round trip", python.map(|python| start(python, &["-c", RUAMEL], file))),
        ],
        limits: vec![(MIGRATE, Limit::Times(3.0, BARE_NAME, Duration::ZERO)), (MIGRATE, Limit::Memory(200_000_000))],
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

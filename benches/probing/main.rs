//! How long probes take, and how much memory, beside a bare loop of tokio-postgres and psql in the same run.
//!
//! `cargo bench --bench probing` prints the table. Whole processes are timed, since that is what a person waits for. All
//! run the same statement: the one that dbcfg asks a server, which is read from the server's log. Called without `--bench`,
//! as by `cargo test --benches`, it only tries whether everything still works.

mod bare;
mod cluster;
#[path = "../racing/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the other benchmarks race over the reading of files, too")]
mod racing;

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use bare::{LOOP, bare_loop};
use cluster::{Cluster, DATABASE, LOGGED, PASSWORD, role};
use racing::{Case, Contender, Limit, race, table};

const PROBE: &str = "dbcfg probe";
const BARE_LOOP: &str = "bare tokio-postgres loop";
const XARGS: &str = "xargs -P16 psql";
const PSQL: &str = "psql";

/// How many probes are under way at once.
const JOBS: &str = "16";

/// No probe of ours takes more memory (bytes).
const MEMORY: u64 = 50_000_000;

/// What dbcfg begins its question with.
const BEGINNING: &str = "begin";

/// Starts psql once for each number, so many at once: the number of starts, of jobs, psql and the connection.
const SHELL: &str = "\
seq \"$1\" | xargs -P \"$2\" -I @@ \"$3\" -X -w -q -A -t -c \"$STATEMENT\" -d \"$4\"";

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.split_first() {
        Some((role, rest)) if role == LOOP => bare_loop(rest),
        _ => compare(arguments.iter().any(|argument| argument == "--bench")),
    }
}

fn compare(is_measured: bool) -> io::Result<()> {
    let (count, rounds, single_rounds) = if is_measured { (1000, 3, 40) } else { (20, 1, 1) };
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("probing");
    let cluster = Cluster::start(count)?;
    let statement = learn(&cluster, &directory)?;
    let bench = Bench { cluster: &cluster, directory: &directory, statement: &statement };
    let mut cases = Vec::new();
    for (mode, words, beside_xargs) in [("disable", "without TLS", 2.5), ("require", "with TLS", 2.0)] {
        let mut many = bench.many(count, mode, words, beside_xargs)?;
        race(&mut many.contenders, rounds, Duration::from_secs(120), true);
        let mut one = bench.one(mode, words)?;
        race(&mut one.contenders, single_rounds, Duration::from_secs(15), true);
        cases.extend([many, one]);
    }
    for contender in cases.iter().flat_map(|case| &case.contenders) {
        assert!(contender.absence.is_none(), "{}: {:?}", contender.name, contender.absence);
    }
    io::stdout().lock().write_all(table(&cases).as_bytes())
}

/// What dbcfg asks a server, by the log of the server.
fn learn(cluster: &Cluster, directory: &Path) -> io::Result<String> {
    let directory = settings(&directory.join("learning"), cluster, "disable", &[LOGGED.to_owned()])?;
    let output = dbcfg(&directory, &["probe", "main"]).output()?;
    if !output.status.success() {
        io::stderr().lock().write_all(&[output.stdout, output.stderr].concat())?;
        return Err(io::Error::other("dbcfg cannot probe the server"));
    }
    cluster.last_statement(BEGINNING)
}

struct Bench<'a> {
    cluster: &'a Cluster,
    directory: &'a Path,
    statement: &'a str,
}

impl Bench<'_> {
    /// Many probes of one server.
    fn many(&self, count: usize, mode: &str, words: &str, beside_xargs: f64) -> io::Result<Case> {
        let roles: Vec<String> = (1..=count).map(role).collect();
        let directory = settings(&self.directory.join(format!("many-{mode}")), self.cluster, mode, &roles)?;
        let ours = dbcfg(&directory, &["probe", "--all", "--per-server", JOBS, "--jobs", JOBS]);
        all_are_healthy(&directory, count)?;
        let count = count.to_string();
        let port = self.cluster.port.to_string();
        let mut bare = Command::new(env::current_exe()?);
        bare.args([LOOP, &port, mode, &count, JOBS, self.statement]);
        let mut xargs = Command::new("sh");
        xargs
            .args(["-c", SHELL, "sh", &count, JOBS])
            .arg(self.cluster.psql())
            .arg(self.cluster.conninfo(&role("@@"), mode));
        xargs.env("PGPASSWORD", PASSWORD).env("STATEMENT", self.statement);
        Ok(Case {
            title: format!("{count} probes of one server, {JOBS} at once, {words}"),
            contenders: vec![
                Contender::new(PROBE, ours),
                Contender::new(BARE_LOOP, bare),
                Contender::new(XARGS, xargs),
            ],
            limits: vec![
                (PROBE, Limit::Times(1.25, BARE_LOOP, Duration::ZERO)),
                (PROBE, Limit::Times(1.0 / beside_xargs, XARGS, Duration::ZERO)),
                (PROBE, Limit::Memory(MEMORY)),
            ],
        })
    }

    /// One probe.
    fn one(&self, mode: &str, words: &str) -> io::Result<Case> {
        let directory = settings(&self.directory.join(format!("one-{mode}")), self.cluster, mode, &[role(1)])?;
        let mut psql = Command::new(self.cluster.psql());
        psql.args(["-X", "-w", "-q", "-A", "-t", "-c", self.statement, "-d", &self.cluster.conninfo(&role(1), mode)]);
        psql.env("PGPASSWORD", PASSWORD);
        Ok(Case {
            title: format!("one probe, {words}"),
            contenders: vec![Contender::new(PROBE, dbcfg(&directory, &["probe", "main"])), Contender::new(PSQL, psql)],
            limits: vec![(PROBE, Limit::Times(1.0, PSQL, Duration::ZERO)), (PROBE, Limit::Memory(MEMORY))],
        })
    }
}

/// dbcfg in a directory, with no variable but the search path.
fn dbcfg(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dbcfg"));
    let path = env::var_os("PATH").unwrap_or_default();
    command.args(arguments).current_dir(directory).env_clear().env("PATH", path).env("HOME", directory);
    command
}

/// That dbcfg probes so many databases, each of which answers: otherwise it would win by doing less.
fn all_are_healthy(directory: &Path, count: usize) -> io::Result<()> {
    let output = dbcfg(directory, &["probe", "--all", "--format", "json"]).output()?;
    let health: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let targets = health["targets"].as_array().map(Vec::as_slice).unwrap_or_default();
    let healthy = targets.iter().filter(|target| target["status"] == "healthy").count();
    let message = || format!("{healthy} of {} targets are healthy, and {count} should be", targets.len());
    if healthy == count { Ok(()) } else { Err(io::Error::other(message())) }
}

/// A directory with a file of settings: one database, for one role after the other. The first is the main one.
fn settings(directory: &Path, cluster: &Cluster, mode: &str, roles: &[String]) -> io::Result<PathBuf> {
    fs::create_dir_all(directory)?;
    let mut text = "databases:\n".to_owned();
    let port = cluster.port;
    for (index, role) in roles.iter().enumerate() {
        let name = if index == 0 { "main" } else { role };
        let _ = writeln!(
            text,
            "  {name}: {{host: 127.0.0.1, port: {port}, database: {DATABASE}, username: {role}, \
             password: {PASSWORD}, ssl_mode: {mode}}}"
        );
    }
    fs::write(directory.join("settings.yaml"), text)?;
    Ok(directory.to_owned())
}

//! A PostgreSQL server of the benchmark's own, with TLS, which ends with the value that stands for it.

use std::fmt::Display;
use std::fs;
use std::io::{self, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, geteuid, kill_process};

/// The role whose statements are logged.
pub(crate) const LOGGED: &str = "logged";
/// The password of all roles but the superuser: invented for this.
pub(crate) const PASSWORD: &str = "invented-4711";
/// The database, which is every server's.
pub(crate) const DATABASE: &str = "postgres";

/// The user and group that servers run as when the benchmark runs as the superuser, whom PostgreSQL refuses: `nobody`.
const NOBODY: u32 = 65534;

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(30);

/// Nothing is written to the disk for good, and the statements of one role stand in a log that a program can read.
const SETTINGS: &str = "\
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 100
shared_buffers = 16MB
fsync = off
synchronous_commit = off
autovacuum = off
ssl = on
logging_collector = on
log_destination = 'jsonlog'
log_directory = 'log'
log_filename = 'server.log'
";

/// The superuser needs no password, and all others do.
const ACCESS: &str = "\
host all postgres 127.0.0.1/32 trust
host all all 127.0.0.1/32 scram-sha-256
";

/// A running server.
#[derive(Debug)]
pub(crate) struct Cluster {
    programs: PathBuf,
    directory: PathBuf,
    child: Child,
    /// Where it listens, at 127.0.0.1.
    pub(crate) port: u16,
}

impl Cluster {
    /// Makes a server with so many roles to probe and starts it.
    pub(crate) fn start(roles: usize) -> io::Result<Self> {
        let programs = programs()?;
        let directory = std::env::temp_dir().join(format!("dbcfg-probing-{}", process::id()));
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir(&directory)?;
        if geteuid().is_root() {
            chown(&directory, Some(NOBODY), Some(NOBODY))?;
        }
        let data = directory.join("data");
        let made = as_server(&programs.join("initdb"), &directory)
            .args(["--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"])
            .arg(&data)
            .output()?;
        succeeded(&made, "initdb")?;
        let certificate = as_server(Path::new("openssl"), &directory)
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"])
            .args(["-days", "2", "-subj", "/CN=localhost"])
            .args(["-keyout", "data/server.key", "-out", "data/server.crt"])
            .output()?;
        succeeded(&certificate, "openssl")?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        fs::write(data.join("postgresql.conf"), format!("{SETTINGS}port = {port}\n"))?;
        fs::write(data.join("pg_hba.conf"), ACCESS)?;
        let mut server = as_server(&programs.join("postgres"), &directory);
        let child = server.arg("-D").arg(&data).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let cluster = Self { child: child.spawn()?, programs, directory, port };
        cluster.wait()?;
        cluster.sql(&format!("create role {LOGGED} login password '{PASSWORD}'"))?;
        cluster.sql(&format!("alter role {LOGGED} set log_statement = 'all'"))?;
        // All take over the hash of the one password: a thousand of their own would take half a minute.
        cluster.sql(&format!(
            "do $$ declare hash text := (select rolpassword from pg_authid where rolname = '{LOGGED}'); begin \
             for number in 1..{roles} loop \
             execute format('create role %I login password %L', 'prober' || number, hash); end loop; end $$"
        ))?;
        Ok(cluster)
    }

    /// psql itself: what Debian puts into the search path is a script in front of it.
    pub(crate) fn psql(&self) -> PathBuf {
        self.programs.join("psql")
    }

    /// A connection string for psql.
    pub(crate) fn conninfo(&self, user: &str, mode: &str) -> String {
        format!("host=127.0.0.1 port={} user={user} dbname={DATABASE} sslmode={mode}", self.port)
    }

    /// The last statement of the logged role that begins so. The log is written by a process of its own, a moment later.
    pub(crate) fn last_statement(&self, beginning: &str) -> io::Result<String> {
        let start = Instant::now();
        loop {
            let log = fs::read_to_string(self.directory.join("data/log/server.json"))?;
            if let Some(statement) = statement_of(&log, beginning) {
                return Ok(statement);
            }
            if start.elapsed() > PATIENCE {
                return Err(io::Error::other("dbcfg has asked the server nothing"));
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn sql(&self, statement: &str) -> io::Result<()> {
        let mut psql = Command::new(self.psql());
        psql.args(["-X", "-q", "-c", statement, "-d", &self.conninfo("postgres", "disable")]);
        succeeded(&psql.output()?, "psql")
    }

    /// Waits until it lets somebody in.
    fn wait(&self) -> io::Result<()> {
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() || self.sql("select 1").is_err() {
            if start.elapsed() > PATIENCE {
                return Err(io::Error::other("the server does not start"));
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Asked by the interrupt, it ends its sessions and then itself.
        let _ = kill_process(Pid::from_child(&self.child), Signal::INT);
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// The role of a number, from 1.
///
/// Each probe of a run has one of its own: dbcfg knows what is one database under two names, and probes it once.
pub(crate) fn role(number: impl Display) -> String {
    format!("prober{number}")
}

/// The last statement of a log that begins so.
fn statement_of(log: &str, beginning: &str) -> Option<String> {
    log.lines().rev().find_map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).ok()?;
        let statement = line.get("message")?.as_str()?.strip_prefix("statement: ")?;
        statement.starts_with(beginning).then(|| statement.to_owned())
    })
}

/// Where the programs of the newest PostgreSQL are.
fn programs() -> io::Result<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql")?.flatten().map(|version| version.path().join("bin"));
    let newest = versions.filter(|programs| programs.join("postgres").is_file()).max();
    newest.ok_or_else(|| io::Error::other("PostgreSQL is not installed"))
}

/// A program that runs as another user than the superuser.
fn as_server(program: &Path, directory: &Path) -> Command {
    let mut command = if geteuid().is_root() {
        let mut command = Command::new("setpriv");
        command.args([format!("--reuid={NOBODY}"), format!("--regid={NOBODY}"), "--clear-groups".to_owned()]);
        command.arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir(directory).env("LC_ALL", "C").env("HOME", directory);
    command
}

fn succeeded(output: &Output, program: &str) -> io::Result<()> {
    if output.status.success() {
        return Ok(());
    }
    io::stderr().lock().write_all(&output.stderr)?;
    Err(io::Error::other(format!("{program} failed")))
}

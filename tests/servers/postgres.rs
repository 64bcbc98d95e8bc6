//! PostgreSQL servers of the test's own, and psql as the judge.
//!
//! A data directory is made once for the test program, with all [`roles`] and the database `app` in it, and copied for
//! each server, which is much quicker than `initdb`. Nothing is synced to the disk: no data outlives a test.

pub(crate) mod roles;
mod states;
mod template;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use rustix::process::Signal;

use super::certificates::{self, ServerCertificate};
use super::network::Namespace;
use super::running::{Running, on_free_port};
use super::{PASSWORD, as_server_user, give_to_server_user, install_secret, installed, server_directory};
use crate::support::{Dbcfg, Output};
pub(crate) use states::{Held, full, hot_standby_off, shutting_down, standby, standby_of, starting_up};
pub(crate) use template::Installation;

/// How long a server may take to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// The superuser of every cluster. It can only log in through the socket.
pub(crate) const SUPERUSER: &str = "postgres";

/// A server that runs until the value is dropped.
#[derive(Debug)]
pub(crate) struct Cluster {
    running: Running,
    installation: &'static Installation,
    port: u16,
}

/// A server that is about to start.
#[derive(Debug)]
pub(crate) struct Builder {
    installation: &'static Installation,
    settings: Vec<(String, String)>,
    access: String,
    certificate: Option<ServerCertificate>,
    client_authority: bool,
    statements: String,
    namespace: Option<String>,
    signal_files: Vec<&'static str>,
    data: Option<PathBuf>,
    ready_state: &'static str,
}

impl Cluster {
    /// A server with everything as in [`Builder`]'s beginning.
    #[track_caller]
    pub(crate) fn start() -> Self {
        Self::with().start()
    }

    /// Says how a server should be before it starts. Without more: Debian's PostgreSQL, no TLS, the rules of [`roles`].
    pub(crate) fn with() -> Builder {
        Self::of(Installation::debian())
    }

    /// The same with another PostgreSQL.
    pub(crate) fn of(installation: &'static Installation) -> Builder {
        Builder {
            installation,
            settings: Vec::new(),
            access: roles::ACCESS.to_owned(),
            certificate: None,
            client_authority: false,
            statements: String::new(),
            namespace: None,
            signal_files: Vec::new(),
            data: None,
            ready_state: "ready",
        }
    }

    /// The port at 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The directory of its Unix socket; short enough for one.
    pub(crate) fn socket_directory(&self) -> &Path {
        self.running.directory()
    }

    /// The directory of its data.
    pub(crate) fn data_directory(&self) -> PathBuf {
        self.running.directory().join("data")
    }

    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        self.running.log()
    }

    /// A connection string over TCP, without password.
    pub(crate) fn conninfo(&self, role: &str, database: &str) -> String {
        format!("host=127.0.0.1 port={} user={role} dbname={database}", self.port)
    }

    /// A URL over TCP with [`PASSWORD`].
    pub(crate) fn url(&self, role: &str, database: &str) -> String {
        format!("postgresql://{role}:{}@127.0.0.1:{}/{database}", super::PASSWORD_IN_URL, self.port)
    }

    /// The superuser's connection string, through the socket.
    pub(crate) fn superuser_conninfo(&self, database: &str) -> String {
        format!("host={} port={} user={SUPERUSER} dbname={database}", self.socket_directory().display(), self.port)
    }

    /// Runs statements as the superuser, and returns what they print: columns divided by `|`, no headings.
    #[track_caller]
    pub(crate) fn sql(&self, database: &str, statements: &str) -> String {
        let conninfo = self.superuser_conninfo(database);
        let arguments = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", &conninfo];
        Dbcfg::program(psql()).args(&arguments).stdin(statements).run().expect_status(0).stdout
    }

    /// Reads its settings, rules and certificates again.
    pub(crate) fn reload(&self) {
        self.running.signal(Signal::HUP);
    }

    /// A session that stays open until the value is dropped.
    #[track_caller]
    pub(crate) fn hold(&self, role: &str, database: &str) -> Held {
        Held::new(&self.conninfo(role, database))
    }
}

impl Builder {
    /// A line of `postgresql.conf`. The value is quoted here.
    pub(crate) fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Other rules of `pg_hba.conf` instead of those of [`roles`]. The superuser comes through the socket in any case.
    pub(crate) fn access(mut self, lines: &str) -> Self {
        lines.clone_into(&mut self.access);
        self
    }

    /// TLS with this certificate.
    pub(crate) fn tls(mut self, certificate: ServerCertificate) -> Self {
        self.certificate = Some(certificate);
        self
    }

    /// Client certificates are checked against the authority, and the rules of [`roles::ACCESS_BY_CERTIFICATE`] hold.
    pub(crate) fn client_authority(mut self) -> Self {
        self.client_authority = true;
        self
    }

    /// Statements that the superuser runs in the database `postgres` once the server accepts.
    pub(crate) fn sql(mut self, statements: &str) -> Self {
        self.statements.push_str(statements);
        self
    }

    /// The server runs in a network namespace, at all of its addresses. Its socket is reached from everywhere.
    pub(crate) fn within(mut self, namespace: &Namespace) -> Self {
        self.namespace = Some(namespace.name().to_owned());
        self.setting("listen_addresses", "*")
    }

    /// An empty file in the data directory: `standby.signal` or `recovery.signal`.
    fn signal_file(mut self, name: &'static str) -> Self {
        self.signal_files.push(name);
        self
    }

    /// A copy of this data directory instead of the template's.
    fn data(mut self, directory: &Path) -> Self {
        self.data = Some(directory.to_owned());
        self
    }

    /// In which state the server counts as started, by the words of `postmaster.pid`: `ready`, `starting`, `standby`.
    fn ready_when(mut self, state: &'static str) -> Self {
        self.ready_state = state;
        self
    }

    /// Starts it, and waits until it accepts sessions.
    #[track_caller]
    pub(crate) fn start(self) -> Cluster {
        let (port, running) = on_free_port(|port| self.try_port(port));
        let cluster = Cluster { running, installation: self.installation, port };
        if !self.statements.is_empty() {
            cluster.sql("postgres", &self.statements);
        }
        cluster
    }

    /// Starts it at a port. Without the port it ends at once, and its log is returned.
    fn try_port(&self, port: u16) -> Result<Running, String> {
        let directory = server_directory();
        let data = directory.path().join("data");
        copy_directory(self.data.as_deref().unwrap_or_else(|| self.installation.template()), &data);
        self.configure(&data, directory.path(), port);
        let postgres = self.installation.program("postgres");
        let mut command = as_server_user(&postgres);
        command.arg("-D").arg(&data).env("LC_ALL", "C");
        if let Some(namespace) = &self.namespace {
            command = Namespace::command(namespace, &command);
        }
        // Asked by the interrupt, it ends its sessions and then itself: "fast shutdown".
        let mut running = Running::start(&mut command, directory, Signal::INT);
        let is_ready = |directory: &Path| state_of(directory) == self.ready_state;
        if running.wait_until(PATIENCE, is_ready) { Ok(running) } else { Err(running.log()) }
    }

    /// Writes the server's settings, rules, certificates and signals.
    fn configure(&self, data: &Path, sockets: &Path, port: u16) {
        let mut settings = format!(
            "listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = '{}'\n\
             fsync = off\nfull_page_writes = off\nsynchronous_commit = off\nshared_buffers = 8MB\n\
             autovacuum = off\nlogging_collector = off\nlog_timezone = UTC\ntimezone = UTC\n",
            sockets.display()
        );
        let mut add = |name: &str, value: &str| {
            writeln!(settings, "{name} = '{}'", value.replace('\'', "''")).expect("write to a string");
        };
        if let Some(certificate) = self.certificate {
            fs::copy(certificate.file(), data.join("server.crt")).expect("copy a certificate");
            give_to_server_user(&data.join("server.crt"));
            install_secret(&ServerCertificate::key_file(), &data.join("server.key"));
            add("ssl", "on");
        }
        if self.client_authority {
            fs::copy(certificates::root_file(), data.join("root.crt")).expect("copy a certificate");
            give_to_server_user(&data.join("root.crt"));
            add("ssl_ca_file", "root.crt");
        }
        for (name, value) in &self.settings {
            add(name, value);
        }
        fs::write(data.join("postgresql.conf"), settings).expect("write the settings of a server");
        let superuser = format!("local all {SUPERUSER} trust\nlocal replication {SUPERUSER} trust\n");
        let by_certificate = if self.client_authority { roles::ACCESS_BY_CERTIFICATE } else { "" };
        fs::write(data.join("pg_hba.conf"), superuser + &self.access + by_certificate)
            .expect("write the rules of a server");
        for name in &self.signal_files {
            fs::write(data.join(name), "").expect("write a signal of a server");
            give_to_server_user(&data.join(name));
        }
    }
}

/// What a server says of itself in the eighth line of its `postmaster.pid`, as `pg_ctl` reads it too.
fn state_of(directory: &Path) -> String {
    let text = fs::read_to_string(directory.join("data/postmaster.pid")).unwrap_or_default();
    text.lines().nth(7).unwrap_or_default().trim().to_owned()
}

/// Copies a directory with its owners and rights; `cp` does it faster than we would.
fn copy_directory(from: &Path, to: &Path) {
    let status = Command::new("cp").arg("-a").arg(from).arg(to).stdin(Stdio::null()).status().expect("run cp");
    assert!(status.success(), "cannot copy {} to {}", from.display(), to.display());
}

/// The psql binary itself: what Debian puts into the search path is a script around it.
pub(crate) fn psql() -> PathBuf {
    installed("psql", template::DEBIAN)
}

/// psql connecting and asking for a 1, as a program that a test may give variables and files before it runs.
///
/// Its environment is scrubbed and its home is the test's directory, as it is for dbcfg. A password is only read from
/// where the test puts it; nobody is asked.
pub(crate) fn judge(conninfo: &str) -> Dbcfg {
    Dbcfg::program(psql())
        .args(&["-X", "-w", "-A", "-t", "-c", "select 1", "-d", conninfo])
        .env("PGCONNECT_TIMEOUT", "5")
}

/// What psql says with the right password in `PGPASSWORD`.
#[track_caller]
pub(crate) fn judged(conninfo: &str) -> Output {
    judge(conninfo).env("PGPASSWORD", PASSWORD).run()
}

/// The server that tests share which do not change it: the good certificate, client certificates, and the databases of
/// [`roles::DATABASES`].
pub(crate) fn standard() -> &'static Cluster {
    with_certificate(ServerCertificate::Good)
}

/// The same with another certificate. Each is started when it is first asked for.
pub(crate) fn with_certificate(certificate: ServerCertificate) -> &'static Cluster {
    static CLUSTERS: [OnceLock<Cluster>; ServerCertificate::ALL.len()] =
        [const { OnceLock::new() }; ServerCertificate::ALL.len()];
    let at = ServerCertificate::ALL.iter().position(|one| *one == certificate).expect("one of ALL");
    CLUSTERS[at].get_or_init(|| {
        let builder = Cluster::with().tls(certificate).client_authority();
        if certificate == ServerCertificate::Good { builder.sql(roles::DATABASES).start() } else { builder.start() }
    })
}

/// The server that tests share which has no TLS.
pub(crate) fn without_tls() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(Cluster::start)
}

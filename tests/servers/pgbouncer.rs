//! `PgBouncer` in transaction mode in front of a cluster.

use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

use rustix::process::Signal;

use super::certificates::ServerCertificate;
use super::postgres::Cluster;
use super::running::{Running, accepts, on_free_port};
use super::{PASSWORD, as_server_user, install_secret, installed, server_directory};

/// A pooler that runs until the value is dropped.
#[derive(Debug)]
pub(crate) struct PgBouncer {
    _running: Running,
    port: u16,
}

impl PgBouncer {
    /// In front of a cluster: SCRAM for `scram_role`, `limited` and `unlisted`, any database of the cluster, and the settings
    /// given, which beat those set here. Without others there is one connection to the server, and a client waits two
    /// seconds for it (`query_wait_timeout`).
    #[track_caller]
    pub(crate) fn start(cluster: &Cluster, settings: &[(&str, &str)]) -> Self {
        let (port, running) = on_free_port(|port| Self::try_port(cluster, settings, port));
        Self { _running: running, port }
    }

    fn try_port(cluster: &Cluster, settings: &[(&str, &str)], port: u16) -> Result<Running, String> {
        let directory = server_directory();
        let path = directory.path();
        let mut users = String::new();
        for role in ["scram_role", "limited", "unlisted"] {
            writeln!(users, "\"{role}\" \"{PASSWORD}\"").expect("write to a string");
        }
        fs::write(path.join("users"), users).expect("write the users of the pooler");
        // For tests that switch TLS on.
        fs::copy(ServerCertificate::Good.file(), path.join("server.crt")).expect("copy a certificate");
        super::give_to_server_user(&path.join("server.crt"));
        install_secret(&ServerCertificate::key_file(), &path.join("server.key"));
        let here = path.display();
        let mut lines = format!(
            "[databases]\napp = host=127.0.0.1 port={server}\nno_such_database = host=127.0.0.1 port={server}\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = scram-sha-256\n\
             auth_file = {here}/users\npool_mode = transaction\ndefault_pool_size = 1\nquery_wait_timeout = 2\n\
             client_tls_cert_file = {here}/server.crt\nclient_tls_key_file = {here}/server.key\n",
            server = cluster.port()
        );
        for (name, value) in settings {
            writeln!(lines, "{name} = {value}").expect("write to a string");
        }
        fs::write(path.join("settings.ini"), lines).expect("write the settings of the pooler");
        let mut command = as_server_user(&installed("pgbouncer", &[]));
        command.arg(path.join("settings.ini"));
        // The interrupt asks for a good end, which waits for clients; this one does not.
        let mut running = Running::start(&mut command, directory, Signal::TERM);
        if running.wait_until(Duration::from_secs(10), |_| accepts(port)) { Ok(running) } else { Err(running.log()) }
    }

    /// Its port at 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// A connection string, without password.
    pub(crate) fn conninfo(&self, role: &str, database: &str) -> String {
        format!("host=127.0.0.1 port={} user={role} dbname={database}", self.port())
    }
}

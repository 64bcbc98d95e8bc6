//! A real MLflow tracking server, with its schema in a real PostgreSQL.

use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use rustix::process::Signal;

use super::postgres::Cluster;
use super::python;
use super::running::{Running, accepts, on_free_port};
use crate::support::TestDirectory;

/// How long it may take: it imports half of Python's science before it listens.
const PATIENCE: Duration = Duration::from_secs(120);

/// A server that runs until the value is dropped, and the cluster that holds its schema.
#[derive(Debug)]
pub(crate) struct Mlflow {
    running: Running,
    port: u16,
    cluster: Cluster,
}

impl Mlflow {
    /// The server that tests share.
    pub(crate) fn standard() -> &'static Self {
        static SERVER: OnceLock<Mlflow> = OnceLock::new();
        SERVER.get_or_init(Self::start)
    }

    /// A server with a cluster of its own, whose database `mlflow_db` it fills.
    #[track_caller]
    pub(crate) fn start() -> Self {
        let cluster = Cluster::with().sql("create database mlflow_db owner scram_role;").start();
        // The driver is named: which one SQLAlchemy takes without its name changes with its version.
        let store = cluster.url("scram_role", "mlflow_db").replace("postgresql:", "postgresql+psycopg2:");
        let (port, running) = on_free_port(|port| Self::try_port(&store, port));
        Self { running, port, cluster }
    }

    fn try_port(store: &str, port: u16) -> Result<Running, String> {
        let directory = TestDirectory::new();
        let mut command = python::program("mlflow");
        command.args(["server", "--backend-store-uri", store, "--host", "127.0.0.1", "--port", &port.to_string()]);
        command.args(["--workers", "1", "--artifacts-destination"]).arg(directory.path().join("artifacts"));
        // Its own files stay in its directory; it tells nobody that it is used, and starts no workers for jobs.
        command.current_dir(directory.path()).env("HOME", directory.path());
        command.env("MLFLOW_DISABLE_TELEMETRY", "true").env("DO_NOT_TRACK", "true");
        command.env("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false");
        let mut running = Running::start(&mut command, directory, Signal::TERM);
        if running.wait_until(PATIENCE, |_: &Path| accepts(port)) { Ok(running) } else { Err(running.log()) }
    }

    /// Its port at 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The cluster with its schema, in the database `mlflow_db` of `scram_role`.
    pub(crate) fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        self.running.log()
    }
}

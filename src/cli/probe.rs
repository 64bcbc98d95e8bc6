//! What was typed behind `dbcfg probe`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::model::health::Status;
use crate::model::measure;

pub(super) const STATUS: &str = "\
Exit status:
  0    all targets are healthy
  1    one is not; with --fail-on down: one is down
  2    dbcfg could not do its job: usage, an unknown name, an unreadable file,
       or nothing found to probe
  130  interrupted; what was known so far is printed

With --format nagios: 0 healthy, 1 degraded, 2 down, 3 not measured or not probed";

/// Arguments of `probe`.
#[derive(Debug, Args)]
pub struct Probe {
    /// What to probe: a database (main), a part of one (`main.replicas[0]`), a service (redis, services.auth). Default:
    /// main, mlflow and vector, as far as they are defined.
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,

    /// Every host that the configuration names: services, replicas, failover and definitions that lost, too.
    #[arg(long)]
    pub all: bool,

    /// A directory, or a file, with the configuration; files may be given several times. Default: the working directory.
    #[arg(short, long, value_name = "PATH", help_heading = "Configuration")]
    pub config: Vec<PathBuf>,

    /// The environment: chooses `.env.NAME` and `environments.NAME`. Default: the variable ENVIRONMENT.
    #[arg(long, value_name = "NAME", help_heading = "Configuration")]
    pub env: Option<String>,

    /// Probe this connection string; with --config, it wins over what the files say. `-` reads it from standard input, so
    /// that nobody sees a password in it.
    #[arg(long, value_name = "URL", allow_hyphen_values = true, help_heading = "Configuration")]
    pub url: Option<String>,

    /// Log in with the first line of this file instead of every configured password.
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
    pub password_file: Option<PathBuf>,

    /// How long one attempt may take, with name, connection, TLS, login and questions. Default: the variable
    /// `DBCFG_PROBE_TIMEOUT`, what `dbcfg.toml` says, `connect_timeout` of the database, or 10s.
    #[arg(long, value_name = "DURATION", value_parser = measure::some_duration, help_heading = "Trying")]
    pub timeout: Option<Duration>,

    /// How often a target is tried in all, if it fails with what may pass by itself. Default: the variable
    /// `DBCFG_PROBE_ATTEMPTS`, what `dbcfg.toml` says, `retry.max_attempts` of the database, or 3; with --wait, 1.
    #[arg(long, value_name = "COUNT", value_parser = measure::count, help_heading = "Trying")]
    pub attempts: Option<u32>,

    /// How long the whole run may take. Also the variable `DBCFG_PROBE_DEADLINE`.
    #[arg(long, value_name = "DURATION", value_parser = measure::some_duration, help_heading = "Trying")]
    pub deadline: Option<Duration>,

    /// How many targets are tried at once. Default: the variable `DBCFG_PROBE_JOBS`, what `dbcfg.toml` says, or as many
    /// as the system allows to be open, 256 at most.
    #[arg(long, value_name = "COUNT", value_parser = measure::count, help_heading = "Trying")]
    pub jobs: Option<u32>,

    /// How many sessions are opened to one server at once. Default: the variable `DBCFG_PROBE_PER_SERVER`, what
    /// `dbcfg.toml` says, or 4.
    #[arg(long, value_name = "COUNT", value_parser = measure::count, help_heading = "Trying")]
    pub per_server: Option<u32>,

    /// Ask for what takes longer, too: settings of the server, slow queries, indexes, sizes, replication.
    #[arg(long, help_heading = "Trying")]
    pub deep: bool,

    /// How much memory the server has (8GB), to judge its settings with --deep.
    #[arg(long, value_name = "SIZE", value_parser = measure::memory, requires = "deep", help_heading = "Trying")]
    pub server_memory: Option<u64>,

    /// Try again until all targets are healthy, but no longer than this. What does not pass by itself, such as a wrong
    /// password, ends it at once.
    #[arg(long, value_name = "DURATION", value_parser = measure::duration, help_heading = "Repeating")]
    pub wait: Option<Duration>,

    /// Repeat until Ctrl-C, and tell what changes. Default: every 10s.
    #[arg(
        long,
        value_name = "INTERVAL",
        value_parser = watch,
        num_args = 0..=1,
        default_missing_value = "10s",
        conflicts_with = "wait",
        help_heading = "Repeating"
    )]
    pub watch: Option<Watch>,

    /// How to print it. Default: the variable `DBCFG_PROBE_FORMAT`, or human.
    #[arg(long, value_enum, value_name = "FORMAT", help_heading = "Result")]
    pub format: Option<ProbeFormat>,

    /// Write the result into a file too, in this format; may be given several times.
    #[arg(long, value_name = "FORMAT=PATH", help_heading = "Result")]
    pub report: Vec<String>,

    /// The verdict that makes the exit status 1. Default: the variable `DBCFG_PROBE_FAIL_ON`, what `dbcfg.toml` says,
    /// or degraded, which counts what could not be measured, too.
    #[arg(long, value_enum, value_name = "VERDICT", help_heading = "Result")]
    pub fail_on: Option<ProbeFailOn>,

    /// Only these rules or groups of rules about what was found, separated by commas. Also the variable `DBCFG_SELECT`.
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Result")]
    pub select: Vec<String>,

    /// All but these rules or groups of rules, separated by commas. Also the variable `DBCFG_IGNORE`.
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Result")]
    pub ignore: Vec<String>,

    /// Log each attempt on standard error; twice, each stage too. Also the variable `DBCFG_LOG`: error, warn, info,
    /// debug or off.
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// What stands behind `--watch`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Watch {
    /// How often it is repeated.
    Every(Duration),
    /// `--watch main`: nothing, and what follows is a name.
    Name(String),
}

/// What begins with a digit is an interval: no database is called so.
fn watch(text: &str) -> Result<Watch, measure::Expected> {
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        return measure::some_duration(text).map(Watch::Every);
    }
    Ok(Watch::Name(text.to_owned()))
}

/// How `probe` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProbeFormat {
    /// For people: a table with the worst first, causes, and what to try.
    Human,
    /// For programs.
    Json,
    /// `JUnit` XML, for whatever shows results of tests.
    Junit,
    /// For the textfile collector of Prometheus' node exporter.
    Prometheus,
    /// A plugin of Nagios and its kin: one line, and statuses of its own.
    Nagios,
}

/// From which verdict on the status is 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProbeFailOn {
    /// Everything but healthy.
    Degraded,
    /// Down.
    Down,
}

impl ProbeFailOn {
    /// Whether a verdict makes the status 1.
    pub fn fails(self, status: Status) -> bool {
        match self {
            Self::Degraded => status != Status::Healthy,
            Self::Down => status == Status::Down,
        }
    }
}

/// How much is logged on standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum LogLevel {
    /// Nothing.
    Off,
    /// What keeps dbcfg from its job.
    Error,
    /// Targets that are not healthy.
    Warn,
    /// Attempts and their ends.
    Info,
    /// Stages, too.
    Debug,
}

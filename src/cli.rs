//! What was typed.

mod migrate;
mod probe;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::finding::Severity;

pub use migrate::{Migrate, MigrateFormat, Secrets, Server};
pub use probe::{LogLevel, Probe, ProbeFailOn, ProbeFormat, Watch};

/// The doctor and migration tool for database configuration.
#[derive(Debug, Parser)]
#[command(name = "dbcfg", version, arg_required_else_help = true, args_override_self = true, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,

    /// When to use colour.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,

    /// Print the result only, and why there is none.
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Find what is wrong with the configurations below some paths, offline.
    ///
    /// Each directory that holds settings files, .env files, alembic.ini or compose files is a project, and is judged in
    /// each of its environments. Of files that are named one by one, the rest of their project is read as context.
    #[command(after_help = CHECK_STATUS)]
    Check(Check),

    /// Rewrite legacy settings into the canonical `databases: {main, mlflow, vector}`, comments kept, nothing lost.
    ///
    /// On a terminal, asks what is not clear, shows the plan and what would change, and writes after a last question.
    /// Elsewhere nothing is asked, and nothing is written without --yes. A backup is kept, and --undo takes it back.
    #[command(after_help = migrate::STATUS)]
    Migrate(Migrate),

    /// Connect to the databases of a configuration, and say which are down, at which stage, why, and what to try.
    ///
    /// Each target goes through stages: name, connection, TLS, login, session, query, extension. What may pass by itself
    /// is tried again; then the older name of the database, replicas and failover are tried.
    #[command(after_help = probe::STATUS)]
    Probe(Box<Probe>),

    /// Print what a configuration comes down to: each database and service, secrets masked.
    ///
    /// Reads settings files, .env files, alembic.ini and compose files in any layout, and the process environment.
    /// What is wrong with them is printed on standard error.
    #[command(after_help = STATUS)]
    Show(Show),

    /// Tell what a rule finds, why it matters and how to mend it; without a rule, list them all.
    Explain(Explain),
}

const STATUS: &str = "\
Exit status:
  0  nothing at or above --fail-on was found
  1  something was
  2  dbcfg could not do its job: usage, a missing path, an unreadable file,
     or no path given and nothing found";

const CHECK_STATUS: &str = "\
Exit status:
  0    nothing at or above --fail-on was found, or with --fix nothing is left;
       with --diff: nothing would change
  1    something was; with --diff: something would change
  2    dbcfg could not do its job: usage, a missing path, an unreadable file,
       or no path given and nothing found
  130  interrupted";

/// Arguments of `check`.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag that somebody types")]
pub struct Check {
    /// Directories, files, or `-` for standard input. Default: the working directory.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// How to print it. Default: the variable `DBCFG_FORMAT`, or human.
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<CheckFormat>,

    /// Write the findings into a file too, in this format; may be given several times.
    #[arg(long, value_name = "FORMAT=PATH")]
    pub report: Vec<String>,

    /// Only these rules or groups of rules, separated by commas; `dbcfg explain` lists them. Also the variable
    /// `DBCFG_SELECT`.
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub select: Vec<String>,

    /// All but these rules or groups of rules, separated by commas. Also the variable `DBCFG_IGNORE`.
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub ignore: Vec<String>,

    /// The lowest severity that makes the exit status 1. Default: the variable `DBCFG_FAIL_ON`,
    /// what `dbcfg.toml` says, or error.
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub fail_on: Option<FailOn>,

    /// A file of known findings, which are not shown. Default: the variable `DBCFG_BASELINE`, or what `dbcfg.toml` says.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,

    /// Write what is found into the baseline instead of showing it; without one, into dbcfg-baseline.json.
    #[arg(long)]
    pub write_baseline: bool,

    /// The file that standard input (`-`) stands for: tells its format and its project.
    #[arg(long, value_name = "NAME")]
    pub stdin_filename: Option<String>,

    /// Mend what can be mended without a change of meaning, and show what is left. The new text of standard input is
    /// printed. A backup is kept, and `dbcfg migrate --undo` takes it back.
    #[arg(long, help_heading = "Mending", conflicts_with = "write_baseline")]
    pub fix: bool,

    /// With --fix or --diff, also mend where the meaning changes for somebody, or what was meant is a guess.
    #[arg(long, help_heading = "Mending")]
    pub unsafe_fixes: bool,

    /// Write nothing, and print what --fix would change; the exit status is 1 if that is anything.
    #[arg(long, help_heading = "Mending", conflicts_with_all = ["write_baseline", "report"])]
    pub diff: bool,

    /// With --fix, keep no backup and no journal. There is no way back.
    #[arg(long, help_heading = "Mending", requires = "fix")]
    pub no_backup: bool,

    /// Tell what is read and which databases are found.
    #[arg(short, long)]
    pub verbose: bool,
}

/// How `check` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// For people: each finding with its line, its cause and the way out.
    Human,
    /// One line a finding.
    Concise,
    /// For programs.
    Json,
    /// SARIF 2.1.0, for code scanning and editors.
    Sarif,
    /// Workflow commands of GitHub Actions, which annotate lines.
    Github,
    /// A Code Quality report of GitLab.
    Gitlab,
    /// `JUnit` XML, for whatever shows results of tests.
    Junit,
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// A rule, or a group of rules.
    #[arg(value_name = "RULE")]
    pub rule: Option<String>,

    /// How to print it.
    #[arg(long, value_enum, default_value_t = ExplainFormat::Human, value_name = "FORMAT")]
    pub format: ExplainFormat,
}

/// How `explain` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExplainFormat {
    /// For people.
    Human,
    /// For programs.
    Json,
}

/// Arguments of `show`.
#[derive(Debug, Args)]
pub struct Show {
    /// A directory, files, or `-` for standard input. Default: the working directory.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// How to print it.
    #[arg(long, value_enum, default_value_t = Format::Table, value_name = "FORMAT")]
    pub format: Format,

    /// Where each value comes from, what it won against, and what uses each database.
    #[arg(long)]
    pub origins: bool,

    /// The environment: chooses `.env.NAME` and `environments.NAME`. Default: the variable ENVIRONMENT.
    #[arg(long, value_name = "NAME")]
    pub env: Option<String>,

    /// A connection string that wins over everything else; `-` reads it from standard input.
    #[arg(long, value_name = "URL", allow_hyphen_values = true)]
    pub url: Option<String>,

    /// The name that tells the format of standard input.
    #[arg(long, value_name = "NAME")]
    pub stdin_filename: Option<String>,

    /// The lowest severity that makes the exit status 1.
    #[arg(long, value_enum, default_value_t = FailOn::Error, value_name = "SEVERITY")]
    pub fail_on: FailOn,
}

/// How `show` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table for people; on a narrow terminal a list.
    Table,
    /// The canonical schema as YAML.
    Yaml,
    /// The canonical schema as TOML.
    Toml,
    /// The canonical schema as JSON.
    Json,
}

/// From which severity on the status is 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Any finding.
    Info,
    /// Warnings and errors.
    Warning,
    /// Errors.
    Error,
    /// Nothing.
    Never,
}

impl FailOn {
    /// The severity; none for never.
    pub fn severity(self) -> Option<Severity> {
        match self {
            Self::Info => Some(Severity::Info),
            Self::Warning => Some(Severity::Warning),
            Self::Error => Some(Severity::Error),
            Self::Never => None,
        }
    }
}

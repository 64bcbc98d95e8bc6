//! What was typed behind `dbcfg migrate`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

pub(super) const STATUS: &str = "\
Exit status:
  0    nothing is to be migrated, or all of it was written; what nobody can migrate
       is left, and the plan says why
  1    something is, and was not written; or somebody has to do something first:
       decide between definitions (--prefer), or mend a file
  2    dbcfg could not do its job: usage, a missing path, a file that it cannot replace,
       or no path given and nothing found
  130  interrupted; the files are as they were, or as the last lines say";

/// Arguments of `migrate`.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch that is typed or not")]
pub struct Migrate {
    /// Settings files and .env files; a directory stands for the settings files of the projects in it. Default: the
    /// working directory.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// What a section is for: main, mlflow or vector, or its own name to keep it; may be given several times.
    #[arg(long, value_name = "NAME=ROLE", help_heading = "Decisions")]
    pub map: Vec<String>,

    /// The section that stays where several define one database differently; may be given several times.
    #[arg(long, value_name = "NAME", help_heading = "Decisions")]
    pub prefer: Vec<String>,

    /// Another server for a database: that of another database, HOST or HOST:PORT; may be given several times.
    #[arg(long, value_name = "ROLE=SERVER", help_heading = "Decisions")]
    pub relocate: Vec<String>,

    /// How databases on main's server are written.
    #[arg(long, value_enum, value_name = "FORM", help_heading = "Decisions")]
    pub server: Option<Server>,

    /// What becomes of passwords that stand in settings files.
    #[arg(long, value_enum, value_name = "FORM", help_heading = "Decisions")]
    pub secrets: Option<Secrets>,

    /// Keep the old sections beside the canonical one, for applications that still read them.
    #[arg(long, help_heading = "Decisions")]
    pub keep_legacy: bool,

    /// Write without asking.
    #[arg(short, long, help_heading = "Writing")]
    pub yes: bool,

    /// Write nothing, and say by the status whether anything is to be migrated.
    #[arg(long, help_heading = "Writing", conflicts_with_all = ["yes", "diff", "output"])]
    pub check: bool,

    /// Write nothing, and print what would change.
    #[arg(long, help_heading = "Writing", conflicts_with_all = ["yes", "output"])]
    pub diff: bool,

    /// Write the new text of one file here instead of into the file; `-` is standard output. A file that is there
    /// already is replaced only with --yes.
    #[arg(long, value_name = "FILE", help_heading = "Writing")]
    pub output: Option<PathBuf>,

    /// Keep no backup and no journal. There is no way back.
    #[arg(long, help_heading = "Writing")]
    pub no_backup: bool,

    /// How to print the plan.
    #[arg(long, value_enum, default_value_t = MigrateFormat::Human, value_name = "FORMAT", help_heading = "Writing")]
    pub format: MigrateFormat,

    /// Put files back to what they were before the last change by dbcfg; a directory stands for the files below it.
    /// Without a path: what the last run that wrote anything below the working directory wrote there.
    #[arg(long, help_heading = "Earlier runs", conflicts_with_all = [
        "map", "prefer", "relocate", "server", "secrets", "keep_legacy", "output", "no_backup", "history", "check",
    ])]
    pub undo: bool,

    /// With --undo, also put back a file that was changed since.
    #[arg(long, help_heading = "Earlier runs", requires = "undo")]
    pub force: bool,

    /// List what dbcfg changed, the newest first; a directory stands for the files below it. Without a path: everywhere.
    #[arg(long, help_heading = "Earlier runs", conflicts_with_all = [
        "map", "prefer", "relocate", "server", "secrets", "keep_legacy", "output", "no_backup", "yes", "check", "diff",
    ])]
    pub history: bool,

    /// With --history, tell each value that changed.
    #[arg(short, long, help_heading = "Earlier runs", requires = "history")]
    pub verbose: bool,
}

/// How databases on one server are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Server {
    /// Each in full, so that every consumer can read it; the default.
    Separate,
    /// As `same_server_as: main` and what differs.
    Shared,
}

/// What becomes of passwords that stand in settings files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Secrets {
    /// They stay; the default.
    Keep,
    /// They move to .env beside the file, and `${VAR}` takes their place.
    Env,
}

/// How `migrate` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MigrateFormat {
    /// For people.
    Human,
    /// For programs; nothing is asked.
    Json,
}

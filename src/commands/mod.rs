//! The subcommands: wiring only.

mod arguments;
mod baseline;
mod check;
mod explain;
mod fix;
mod input;
mod migrate;
mod output;
mod show;
mod usage;

use std::ffi::OsString;
use std::panic;

use clap::Parser as _;

use crate::cli::{Cli, Command};
use crate::exit::ExitStatus;
use output::Output;

/// Runs the program with the arguments that were typed.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitStatus {
    // A panic's message can hold the text that it happened on, and so a secret: only the place is told.
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(|at| format!("{}:{}", at.file(), at.line())).unwrap_or_default();
        output::say(&format!("dbcfg: internal error at {place}; this is a bug, please report it"));
    }));
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    panic::catch_unwind(|| run_parsed(&arguments)).unwrap_or(ExitStatus::Failure)
}

fn run_parsed(arguments: &[OsString]) -> ExitStatus {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return usage::explain(&error, arguments),
    };
    let output = Output::new(cli.color, cli.quiet);
    let outcome = match cli.command {
        Command::Check(arguments) => check::run(&arguments, output),
        Command::Migrate(arguments) => migrate::run(&arguments, output),
        Command::Show(arguments) => show::run(&arguments, output),
        Command::Explain(arguments) => explain::run(&arguments, output),
    };
    match outcome {
        Ok(status) => status,
        Err(error) => {
            for line in error.chain().flat_map(|cause| cause.to_string().lines().map(str::to_owned).collect::<Vec<_>>())
            {
                output::say(&format!("dbcfg: {}", crate::redact::show_text(line.trim_start_matches("dbcfg: "))));
            }
            ExitStatus::Failure
        }
    }
}

//! The subcommands: wiring only.

mod arguments;
mod baseline;
mod check;
mod explain;
mod fix;
mod input;
mod migrate;
mod output;
mod probe;
mod show;
mod usage;
mod variables;

use std::ffi::OsString;
use std::panic;

use clap::Parser as _;

use crate::cli::{Cli, Command};
use crate::exit::{ExitStatus, PluginState};
use output::Output;

/// Runs the program with the arguments that were typed.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitStatus {
    // A panic's message can hold the text that it happened on, and so a secret: only the place is told.
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(|at| format!("{}:{}", at.file(), at.line())).unwrap_or_default();
        output::say(&format!("dbcfg: internal error at {place}; this is a bug, please report it"));
    }));
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let outcome = panic::catch_unwind(|| run_parsed(&arguments));
    let outcome = outcome.unwrap_or_else(|_| Err(vec!["internal error".to_owned()]));
    let (status, reason) = match outcome {
        Ok(status) => (status, None),
        Err(lines) => (ExitStatus::Failure, lines.into_iter().next()),
    };
    if status == ExitStatus::Failure && probe::is_plugin(&arguments) {
        let reason = reason.unwrap_or_else(|| "standard error says why".to_owned());
        // Nobody is left to be told if standard output is closed.
        let _ = Output::result(&format!("{}{reason}\n", probe::UNKNOWN));
        return ExitStatus::Plugin(PluginState::Unknown);
    }
    status
}

/// What becomes of a run; if it fails, why, in lines that were said already.
fn run_parsed(arguments: &[OsString]) -> Result<ExitStatus, Vec<String>> {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return usage::explain(&error, arguments),
    };
    let output = Output::new(cli.color, cli.quiet);
    let outcome = match cli.command {
        Command::Check(arguments) => check::run(&arguments, output),
        Command::Migrate(arguments) => migrate::run(&arguments, output),
        Command::Probe(arguments) => probe::run(&arguments, output),
        Command::Show(arguments) => show::run(&arguments, output),
        Command::Explain(arguments) => explain::run(&arguments, output),
    };
    outcome.map_err(|error| {
        let lines = error.chain().flat_map(|cause| cause.to_string().lines().map(str::to_owned).collect::<Vec<_>>());
        let lines: Vec<String> =
            lines.map(|line| crate::redact::show_text(line.trim_start_matches("dbcfg: "))).collect();
        for line in &lines {
            output::say(&format!("dbcfg: {line}"));
        }
        lines
    })
}

//! The `dbcfg` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    dbcfg::commands::run(std::env::args_os()).into()
}

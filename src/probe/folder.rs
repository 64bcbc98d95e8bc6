//! A folder, as MLflow keeps artifacts in one: whether it is there, and can be written.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::health::{Facts, Stage, StoreFacts};

use super::attempt::Answer;
use super::blocking::blocking;
use super::fault::{Fault, FileFault};
use super::recorder::Recorder;

/// A folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// Where it is, from the working directory of this process.
    pub(super) path: PathBuf,
    /// As it is written, for people.
    pub(super) shown: String,
}

/// Tries once.
pub(super) async fn attempt(endpoint: &Endpoint, recorder: &Recorder) -> Result<Answer, Fault> {
    recorder.begin(Stage::Session);
    let path = endpoint.path.clone();
    let is_there = blocking(move || look(&path)).await?;
    let facts = Facts::Store(StoreFacts { region: None, writable: Some(true) });
    if !is_there {
        let remark = "it is not there yet; MLflow makes it when it writes the first artifact".to_owned();
        return Ok(Answer { facts: Some(facts), remarks: vec![remark], trouble: None });
    }
    recorder.begin(Stage::Query);
    let path = endpoint.path.clone();
    blocking(move || try_to_write(&path)).await?;
    Ok(Answer { facts: Some(facts), ..Answer::default() })
}

/// Whether the folder is there. If it is not, somebody has to be able to make it.
fn look(path: &Path) -> Result<bool, Fault> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Ok(true),
        Ok(_) => Err(Fault::File(FileFault::NoFolder)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // MLflow makes all folders that are missing on the way.
            let nearest = path.ancestors().skip(1).find(|ancestor| ancestor.exists());
            let nearest = nearest.unwrap_or(Path::new("."));
            if nearest.is_dir() && is_writable(nearest) { Ok(false) } else { Err(Fault::File(FileFault::Missing)) }
        }
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Err(Fault::File(FileFault::Missing)),
        Err(_) => Err(Fault::File(FileFault::Unreadable)),
    }
}

/// Makes a file of a name that nobody else has, and removes it.
fn try_to_write(folder: &Path) -> Result<(), Fault> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let path = folder.join(format!(".dbcfg-probe-{}-{number}", std::process::id()));
    let made = OpenOptions::new().write(true).create_new(true).open(&path);
    let not_writable = |_| Fault::File(FileFault::NotWritable);
    made.map_err(not_writable)?;
    fs::remove_file(&path).map_err(not_writable)
}

/// Whether this process may write to a file, or make files in a folder. Nothing is tried.
#[cfg(unix)]
pub(super) fn is_writable(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_ok()
}

/// Whether this process may write to a file, or make files in a folder. Nothing is tried.
#[cfg(not(unix))]
pub(super) fn is_writable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.permissions().readonly())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::tests::{self as trial, Folder};

    fn tried(path: &Path) -> Result<Answer, Fault> {
        let endpoint = Endpoint { path: path.to_owned(), shown: String::new() };
        trial::run(attempt(&endpoint, &Recorder::default()))
    }

    #[test]
    fn a_folder_is_written_to_and_left_as_it_was() {
        let folder = Folder::new();
        let answer = tried(folder.path()).expect("an answer");
        assert_eq!(answer.facts, Some(Facts::Store(StoreFacts { region: None, writable: Some(true) })));
        assert_eq!(answer.remarks, Vec::<String>::new());
        assert_eq!(fs::read_dir(folder.path()).expect("list the folder").count(), 0);
    }

    #[test]
    fn a_folder_that_can_be_made_is_not_made() {
        let folder = Folder::new();
        let answer = tried(&folder.path().join("mlruns/artifacts")).expect("an answer");
        assert_eq!(answer.remarks, ["it is not there yet; MLflow makes it when it writes the first artifact"]);
        assert!(!folder.path().join("mlruns").exists());
    }

    #[test]
    fn a_file_is_no_folder_and_holds_none() {
        let folder = Folder::new();
        let file = folder.path().join("mlruns");
        fs::write(&file, "x").expect("write a file");
        assert_eq!(tried(&file).err(), Some(Fault::File(FileFault::NoFolder)));
        assert_eq!(tried(&file.join("artifacts")).err(), Some(Fault::File(FileFault::Missing)));
    }

    /// Nobody can make files there, not even root.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_that_takes_no_files_is_not_writable() {
        assert_eq!(tried(Path::new("/proc/self")).err(), Some(Fault::File(FileFault::NotWritable)));
    }
}

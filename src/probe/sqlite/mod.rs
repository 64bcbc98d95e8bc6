//! A SQLite file: whether it is there, can be read and written, and is whole. Nothing is made, recovered or left.

mod check;
mod file;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use crate::model::health::{Cause, Facts, Failure, Stage};

use super::attempt::Answer;
use super::blocking::blocking;
use super::fault::{Fault, FileFault};
use super::plan::{Peer, failure};
use super::recorder::Recorder;

/// A SQLite file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// Where it is, from the working directory of this process.
    path: PathBuf,
    /// As it is written, for people.
    pub(super) shown: String,
}

/// How to get to a SQLite file, by its path as it is written (`./data/backup.db`, `file:backup.db?mode=ro`). A relative
/// one starts at `base`.
///
/// # Errors
///
/// It is no file: a database in memory, or nothing is written.
pub(super) fn peer(written: &str, base: &Path) -> Result<Peer, Failure> {
    let (path, parameters) = match written.strip_prefix("file:") {
        Some(uri) => uri.split_once('?').unwrap_or((uri, "")),
        None => (written, ""),
    };
    let path = path.strip_prefix("//").filter(|rest| rest.starts_with('/')).unwrap_or(path);
    if path == ":memory:" || parameters.split('&').any(|it| it == "mode=memory") {
        let message = "the database is in memory, and is gone with the program that made it";
        return Err(failure(Cause::Unsupported, message));
    }
    if path.is_empty() {
        return Err(failure(Cause::NoPlace, "no path is given"));
    }
    Ok(Peer::Sqlite(Endpoint { path: base.join(path), shown: path.to_owned() }))
}

/// Tries once.
pub(super) async fn attempt(endpoint: &Endpoint, recorder: &Recorder) -> Result<Answer, Fault> {
    recorder.begin(Stage::Session);
    let path = endpoint.path.clone();
    let found = blocking(move || file::look(&path)).await?;
    recorder.begin(Stage::Query);
    let unchecked = match found.way {
        Some(way) => check::in_time(&endpoint.path, way, recorder.share(1)).await?,
        None => found.reason,
    };
    let is_writable = found.facts.writable && found.facts.directory_writable;
    let trouble = (!is_writable).then_some(Fault::File(FileFault::NotWritable));
    let remarks = unchecked.map(str::to_owned).into_iter().collect();
    Ok(Answer { facts: Some(Facts::Sqlite(found.facts)), remarks, trouble })
}

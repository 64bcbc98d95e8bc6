//! Files as programs leave them: whole, damaged, in use, and given up in the middle.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use rusqlite::Connection;

use super::*;
use crate::model::health::SqliteFacts;
use crate::probe::tests::{self as trial, Folder};

fn endpoint(path: &Path) -> Endpoint {
    match peer(&path.to_string_lossy(), Path::new("/")).expect("a file") {
        Peer::Sqlite(endpoint) => endpoint,
        other => panic!("no SQLite file: {other:?}"),
    }
}

/// What becomes of a file. Whatever it is, nothing in its folder may change.
#[track_caller]
fn tried(path: &Path) -> Result<Answer, Fault> {
    let folder = path.parent().expect("a folder");
    let before = contents(folder);
    let outcome = looked_at(path);
    assert_eq!(contents(folder), before, "something in the folder has changed");
    outcome
}

fn looked_at(path: &Path) -> Result<Answer, Fault> {
    trial::run(attempt(&endpoint(path), &Recorder::default()))
}

/// The names in a folder, and a sum of what is in the files.
fn contents(folder: &Path) -> BTreeMap<String, u64> {
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.expect("an entry"));
    let sum = |path: PathBuf| {
        let mut hasher = DefaultHasher::new();
        fs::read(path).ok().hash(&mut hasher);
        hasher.finish()
    };
    entries.map(|entry| (entry.file_name().to_string_lossy().into_owned(), sum(entry.path()))).collect()
}

/// A database with some tables, and its connection.
fn database(path: &Path, mode: &str) -> Connection {
    let connection = Connection::open(path).expect("make a database");
    let set: String = connection.pragma_update_and_check(None, "journal_mode", mode, |row| row.get(0)).expect("a mode");
    assert_eq!(set, mode);
    let filled = "create table t (a integer primary key, b text); create index i on t (b);
        with recursive n (x) as (select 1 union all select x + 1 from n where x < 2000)
        insert into t select x, hex(randomblob(40)) from n;";
    connection.execute_batch(filled).expect("fill it");
    connection
}

fn facts_of(answer: &Answer) -> &SqliteFacts {
    match &answer.facts {
        Some(Facts::Sqlite(facts)) => facts,
        other => panic!("no facts of SQLite: {other:?}"),
    }
}

fn is_damaged(outcome: &Result<Answer, Fault>) -> bool {
    matches!(outcome, Err(Fault::File(FileFault::Damaged(what))) if !what.is_empty())
}

#[test]
fn a_whole_database_is_whole() {
    let folder = Folder::new();
    let path = folder.path().join("back up #1.db");
    drop(database(&path, "delete"));
    let answer = tried(&path).expect("an answer");
    let facts = facts_of(&answer);
    assert_eq!(facts.bytes, fs::metadata(&path).expect("the file").len());
    assert!(facts.age.is_some_and(|age| age < 60), "{facts:?}");
    assert_eq!(facts.journal_mode, "delete");
    assert!(facts.writable && facts.directory_writable);
    assert_eq!((answer.remarks.as_slice(), &answer.trouble), (&[][..], &None));
}

#[test]
fn a_log_that_nobody_has_open_is_not_made() {
    let folder = Folder::new();
    let path = folder.path().join("a.db");
    drop(database(&path, "wal"));
    assert_eq!(contents(folder.path()).len(), 1, "SQLite removes the log in the end");
    let answer = tried(&path).expect("an answer");
    assert_eq!(facts_of(&answer).journal_mode, "wal");
    assert_eq!(answer.remarks, Vec::<String>::new());
}

#[test]
fn a_database_in_use_is_checked_with_its_log() {
    let folder = Folder::new();
    let path = folder.path().join("a.db");
    let _writer = database(&path, "wal");
    assert!(fs::metadata(folder.path().join("a.db-wal")).expect("a log").len() > 0);
    // Connections of one process share the right to write to the index, so that it may change here.
    let answer = looked_at(&path).expect("an answer");
    assert_eq!((facts_of(&answer).journal_mode.as_str(), answer.remarks.as_slice()), ("wal", &[][..]));
}

#[test]
fn a_log_that_a_writer_has_left_is_not_recovered() {
    let folder = Folder::new();
    let (path, copy) = (folder.path().join("a.db"), Folder::new());
    let writer = database(&path, "wal");
    for ending in ["", "-wal"] {
        let from = folder.path().join(format!("a.db{ending}"));
        fs::copy(from, copy.path().join(format!("a.db{ending}"))).expect("copy");
    }
    let answer = tried(&copy.path().join("a.db")).expect("an answer");
    assert_eq!(answer.remarks, ["not checked: its log has not been recovered since a writer broke off"]);
    // With the index that was left, too, the log can be read, and nobody needs to write to it.
    fs::copy(folder.path().join("a.db-shm"), copy.path().join("a.db-shm")).expect("copy");
    drop(writer);
    let answer = tried(&copy.path().join("a.db")).expect("an answer");
    assert_eq!(answer.remarks, Vec::<String>::new());
}

#[test]
fn a_journal_that_a_writer_has_left_is_not_rolled_back() {
    let folder = Folder::new();
    let (path, copy) = (folder.path().join("a.db"), Folder::new());
    let writer = database(&path, "delete");
    // With so small a cache, pages reach the file before the transaction ends.
    writer.execute_batch("pragma cache_size = 2; begin").expect("begin");
    // The journal counts once its beginning is written, which SQLite does when it likes.
    let journal = folder.path().join("a.db-journal");
    let is_hot = || fs::read(&journal).is_ok_and(|bytes| bytes.first().is_some_and(|byte| *byte != 0));
    let mut left = 100;
    while !is_hot() && left > 0 {
        writer.execute_batch("update t set b = hex(randomblob(40))").expect("change it");
        left -= 1;
    }
    assert!(is_hot(), "the journal is never written");
    for ending in ["", "-journal"] {
        let from = folder.path().join(format!("a.db{ending}"));
        fs::copy(from, copy.path().join(format!("a.db{ending}"))).expect("copy");
    }
    let answer = tried(&copy.path().join("a.db")).expect("an answer");
    assert_eq!(answer.remarks, ["not checked: a writer broke off, and the next one that opens it rolls that back"]);
}

#[test]
fn a_database_that_somebody_keeps_is_locked() {
    let folder = Folder::new();
    let path = folder.path().join("a.db");
    let writer = database(&path, "delete");
    writer.execute_batch("begin exclusive").expect("keep it");
    assert_eq!(tried(&path).err(), Some(Fault::File(FileFault::Locked)));
    writer.execute_batch("rollback").expect("give it back");
    assert_eq!(tried(&path).map(|answer| answer.trouble), Ok(None));
}

#[test]
fn an_empty_file_is_a_database() {
    let folder = Folder::new();
    let path = folder.path().join("a.db");
    fs::write(&path, "").expect("write");
    let answer = tried(&path).expect("an answer");
    assert_eq!(
        (facts_of(&answer).bytes, answer.remarks.as_slice()),
        (0, &["it is empty: a database without a table".to_owned()][..])
    );
}

#[test]
fn damage_is_found() {
    let folder = Folder::new();
    let path = folder.path().join("a.db");
    drop(database(&path, "delete"));
    let whole = fs::read(&path).expect("read");
    let mut damaged = whole.clone();
    damaged[3 * 4096..5 * 4096].fill(0xa5);
    fs::write(&path, &damaged).expect("write");
    let outcome = tried(&path);
    assert!(is_damaged(&outcome), "{outcome:?}");
    fs::write(&path, &whole[..whole.len() / 2]).expect("write");
    let outcome = tried(&path);
    assert!(is_damaged(&outcome), "cut off: {outcome:?}");
    fs::write(&path, &whole[..50]).expect("write");
    let outcome = tried(&path);
    assert!(is_damaged(&outcome), "a piece of the header: {outcome:?}");
}

#[test]
fn what_is_no_database_is_told() {
    let folder = Folder::new();
    let path = folder.path().join("a.db");
    let damaged = |what: &str| Some(Fault::File(FileFault::Damaged(what.to_owned())));
    assert_eq!(tried(&path).err(), Some(Fault::File(FileFault::Missing)));
    assert_eq!(tried(&path.join("b.db")).err(), Some(Fault::File(FileFault::Missing)));
    fs::write(&path, "PGDMP or anything else that is no such database").expect("write");
    assert_eq!(tried(&path).err(), damaged("it is no SQLite database"));
    assert_eq!(tried(&path.join("b.db")).err(), Some(Fault::File(FileFault::Missing)));
    fs::remove_file(&path).expect("remove");
    fs::create_dir(&path).expect("make a directory");
    assert_eq!(tried(&path).err(), damaged("it is a directory"));
}

#[cfg(unix)]
#[test]
fn a_pipe_is_not_waited_for() {
    let folder = Folder::new();
    let path = folder.path().join("a.db");
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0).expect("make a pipe");
    assert_eq!(looked_at(&path).err(), Some(Fault::File(FileFault::Damaged("it is no regular file".to_owned()))));
}

/// Root may read and write everything, so that nothing is left to see for it.
#[cfg(unix)]
#[test]
fn rights_are_told() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = Folder::new();
    let path = folder.path().join("a.db");
    drop(database(&path, "delete"));
    let change =
        |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("change rights");
    let is_root = rustix::process::geteuid().is_root();
    let trouble = (!is_root).then_some(Fault::File(FileFault::NotWritable));
    change(&path, 0o400);
    assert_eq!(tried(&path).map(|answer| answer.trouble), Ok(trouble.clone()));
    change(&path, 0o600);
    change(folder.path(), 0o500);
    let answer = tried(&path);
    change(folder.path(), 0o700);
    assert_eq!(answer.map(|answer| answer.trouble), Ok(trouble));
    change(&path, 0);
    let unreadable = (!is_root).then_some(Fault::File(FileFault::Unreadable));
    assert_eq!(tried(&path).err(), unreadable);
}

#[test]
fn a_check_ends_when_its_time_is_up() {
    let folder = Folder::new();
    let path = folder.path().join("a.db");
    // Large enough that no machine checks it at once.
    let more = "with recursive n (x) as (select 2001 union all select x + 1 from n where x < 200000)
        insert into t select x, hex(randomblob(40)) from n";
    database(&path, "delete").execute_batch(more).expect("fill it");
    let checked = |left| trial::run(check::in_time(&path, file::Way::ReadOnly, left));
    let unchecked = checked(std::time::Duration::ZERO).expect("an answer");
    assert_eq!(unchecked, Some("it opens; it is too large to be checked within the time that an attempt has"));
    assert_eq!(checked(std::time::Duration::from_secs(20)), Ok(None));
}

#[test]
fn paths_are_read_as_they_are_written() {
    let planned = |written: &str| match peer(written, Path::new("/srv/app")) {
        Ok(Peer::Sqlite(Endpoint { path, shown })) => Ok((path.to_string_lossy().into_owned(), shown)),
        Ok(other) => panic!("no SQLite file: {other:?}"),
        Err(failure) => Err(failure.cause),
    };
    let found = |path: &str, shown: &str| Ok((path.to_owned(), shown.to_owned()));
    assert_eq!(planned("data/a.db"), found("/srv/app/data/a.db", "data/a.db"));
    assert_eq!(planned("/var/a.db"), found("/var/a.db", "/var/a.db"));
    assert_eq!(planned("file:data/a.db?mode=ro&uri=true"), found("/srv/app/data/a.db", "data/a.db"));
    assert_eq!(planned("file:///var/a.db"), found("/var/a.db", "/var/a.db"));
    assert_eq!(planned(":memory:"), Err(Cause::Unsupported));
    assert_eq!(planned("file:x?mode=memory&cache=shared"), Err(Cause::Unsupported));
    assert_eq!(planned(""), Err(Cause::NoPlace));
}

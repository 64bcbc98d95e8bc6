//! SQLite's own check of a database, which ends when nobody waits for it any more.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, InterruptHandle, OpenFlags, ffi};
use tokio::time::timeout;

use crate::probe::blocking::blocking;
use crate::probe::fault::{Fault, FileFault};

use super::file::Way;

/// How long somebody may keep the database to himself.
const BUSY: Duration = Duration::from_secs(1);

/// No more of what SQLite says is kept, in characters.
const SHOWN: usize = 200;

/// What is said if there was no time to read all of it.
const TOO_LARGE: &str = "it opens; it is too large to be checked within the time that an attempt has";

/// What is said of a journal that nobody has rolled back.
const HOT: &str = "not checked: a writer broke off, and the next one that opens it rolls that back";

/// What is said if the index of the log cannot be used without changing it.
const NO_INDEX: &str = "not checked: its log could not be read without changing the index of it";

/// Checks a database, as far as a part of the time allows. Why it was not checked to its end, if it was not.
pub(super) async fn in_time(path: &Path, way: Way, left: Duration) -> Result<Option<&'static str>, Fault> {
    let brake = Arc::new(Brake::default());
    // Pulled when the check has had its time, and when the whole attempt has.
    let _guard = PulledAtTheEnd(Arc::clone(&brake));
    let path = path.to_owned();
    // What is left is for whoever else works on this machine: the answer has to come before the attempt's end.
    let most = left / 4 * 3;
    match timeout(most, blocking(move || check(&path, way, &brake))).await {
        Ok(outcome) => outcome,
        Err(_) => Ok(Some(TOO_LARGE)),
    }
}

/// Ends a check that goes on.
#[derive(Default)]
struct Brake {
    handle: OnceLock<InterruptHandle>,
    is_pulled: AtomicBool,
}

/// Pulls the brake when it is dropped.
struct PulledAtTheEnd(Arc<Brake>);

impl Drop for PulledAtTheEnd {
    fn drop(&mut self) {
        self.0.is_pulled.store(true, Ordering::Release);
        if let Some(handle) = self.0.handle.get() {
            handle.interrupt();
        }
    }
}

/// Checks a database. Why it was not checked to its end, if it was not.
fn check(path: &Path, way: Way, brake: &Brake) -> Result<Option<&'static str>, Fault> {
    match quick_check(path, way, brake) {
        Ok(text) if text == "ok" => Ok(None),
        Ok(text) => Err(damaged(&text)),
        Err(error) => judge(&error),
    }
}

fn quick_check(path: &Path, way: Way, brake: &Brake) -> rusqlite::Result<String> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(uri(path, way), flags)?;
    connection.busy_timeout(BUSY)?;
    // Whoever closes a database last would otherwise clear its log away.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    let _ = brake.handle.set(connection.get_interrupt_handle());
    if brake.is_pulled.load(Ordering::Acquire) {
        return Ok("ok".to_owned());
    }
    connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
}

/// The file in the form in which SQLite takes parameters.
fn uri(path: &Path, way: Way) -> String {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(byte) {
            uri.push(char::from(*byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri.push_str(match way {
        Way::ReadOnly => "?mode=ro",
        Way::SharedIndex => "?mode=ro&readonly_shm=1",
        Way::Immutable => "?mode=ro&immutable=1",
    });
    uri
}

/// What an error of SQLite means: a fault of the file, or why it was not checked.
fn judge(error: &rusqlite::Error) -> Result<Option<&'static str>, Fault> {
    let Some(told) = error.sqlite_error() else {
        return Err(damaged("its tables cannot be read"));
    };
    match (told.code, told.extended_code) {
        (ErrorCode::OperationInterrupted, _) => Ok(Some(TOO_LARGE)),
        (_, ffi::SQLITE_READONLY_ROLLBACK) => Ok(Some(HOT)),
        (ErrorCode::ReadOnly, _) => Ok(Some(NO_INDEX)),
        (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => Err(Fault::File(FileFault::Locked)),
        (ErrorCode::NotADatabase, _) => Err(damaged("it is no SQLite database, or it is encrypted")),
        (ErrorCode::DatabaseCorrupt, _) => Err(damaged("its structure is broken")),
        (ErrorCode::SystemIoFailure, _) => Err(damaged("it cannot be read to its end")),
        _ => Err(Fault::File(FileFault::Unreadable)),
    }
}

/// What SQLite says is wrong, in one line.
fn damaged(text: &str) -> Fault {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    Fault::File(FileFault::Damaged(line.chars().take(SHOWN).collect()))
}

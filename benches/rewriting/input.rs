//! What is migrated: two settings files of five megabytes, invented.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The files that a run migrates.
pub(crate) struct Input {
    /// Where they lie.
    pub(crate) directory: PathBuf,
    /// Every section is of an old layout, so that every line but the comments moves or changes.
    pub(crate) all: String,
    /// Three sections of an old layout among thousands of others.
    pub(crate) few: String,
}

/// Writes the files anew, below a directory that is removed first.
pub(crate) fn write(directory: &Path, length: usize) -> io::Result<Input> {
    if directory.exists() {
        fs::remove_dir_all(directory)?;
    }
    fs::create_dir_all(directory)?;
    let input = Input { directory: directory.to_path_buf(), all: "all.yaml".to_owned(), few: "few.yaml".to_owned() };
    let repeated = |begin: &str, section: fn(usize) -> String| {
        let mut text = begin.to_owned();
        for number in 1.. {
            if text.len() >= length {
                break;
            }
            text.push_str(&section(number));
        }
        text
    };
    fs::write(directory.join(&input.all), repeated("databases:\n", server))?;
    fs::write(directory.join(&input.few), repeated("features:\n", feature) + LEGACY)?;
    Ok(input)
}

/// A named server, in old words.
fn server(number: usize) -> String {
    let mut text = String::new();
    let _ = write!(
        text,
        "  # The application's own data; ask team {number} before changing the host.
  team_{number:05}_app:
    purpose: \"orders and customers of team {number}\"
    hostname: db-{number:05}.example.com
    port: {port}
    db_name: app_{number:05}
    user: app_{number:05}
    password: ${{TEAM_{number:05}_DB_PASSWORD}}
    sslmode: verify-full
    connection_pool_size: {size} # per worker
    max_retries: 3

    # Statements of the nightly export take longer than those of a person.
    query_timeout: 120

",
        port = 5400 + number % 64,
        size = 5 + number % 20,
    );
    text
}

/// Something of the application's own.
fn feature(number: usize) -> String {
    let mut text = String::new();
    let _ = write!(
        text,
        "  # Switched on for region {number}.
  export_{number:05}:
    enabled: {is_on}   # see the board
    format: 'parquet'
    keep_days: {days}
    columns: [order, customer, \"total price\"]

",
        is_on = number.is_multiple_of(2),
        days = 7 + number % 30,
    );
    text
}

const LEGACY: &str = "# The application's own data.
postgres_primary:
  host: db.example.com
  db_name: app
  user: app
  password: ${DB_PASSWORD}
  connection_pool_size: 10 # per worker

mlflow_alt_db:
  host: mlflow.example.com
  db_name: mlflow_db

sqlite_backup:
  db_path: ./data/backup.db
";

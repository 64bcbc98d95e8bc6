//! What was typed in the wrong place, and what is read from standard input.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::connstr;
use crate::document::SIZE_LIMIT;
use crate::load::{LoadError, Stdin};
use crate::redact;
use crate::rules::UnknownRule;

/// All of standard input, which stands for the file of this name, and one byte more than a file may have, which shows that there is more.
pub(super) fn standard_input(name: Option<&str>) -> Result<Stdin> {
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .take(SIZE_LIMIT as u64 + 1)
        .read_to_end(&mut bytes)
        .context("standard input could not be read")?;
    Ok(Stdin { bytes, name: name.map(str::to_owned) })
}

/// What a path is if it is none: a connection string, whose text may hold a password. It is told by its scheme alone.
pub(super) fn connection_string(path: &Path) -> Option<&'static str> {
    let text = path.to_string_lossy();
    let is_string = text.contains("://")
        || connstr::looks_like(&text).is_some()
        || (redact::mask_text(&text) != text && !path.exists());
    let scheme = ["postgresql", "postgres", "redis", "sqlite", "http", "jdbc"];
    is_string.then(|| match scheme.into_iter().find(|scheme| text.starts_with(scheme)) {
        Some("postgresql" | "postgres") => "postgresql URL",
        Some("redis") => "redis URL",
        Some("sqlite") => "sqlite URL",
        Some("http") => "http URL",
        Some("jdbc") => "JDBC URL",
        _ => "connection string",
    })
}

/// A path for a person to read, masked and escaped.
pub(super) fn shown(path: &Path) -> String {
    redact::show_text(&path.to_string_lossy())
}

/// The path of a file without detours, to see whether two paths mean the same file.
pub(super) fn identity(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}

/// Why nothing could be read, in words.
pub(super) fn explain(error: &LoadError) -> anyhow::Error {
    match error {
        // The name is not repeated: what was typed in the wrong place may be a password.
        LoadError::UnknownEnvironment { known, .. } if known.is_empty() => {
            anyhow::anyhow!("there is no environment of this name: no `.env.NAME` and no `environments:` was found")
        }
        LoadError::UnknownEnvironment { known, .. } => {
            let known: Vec<String> = known.iter().map(|name| redact::show_text(name)).collect();
            anyhow::anyhow!("there is no environment of this name; there are {}", known.join(", "))
        }
        LoadError::SeveralDirectories => {
            anyhow::anyhow!("more than one directory was named, and each is a configuration of its own; name one")
        }
        LoadError::Settings { path, mistakes } => {
            let lines = mistakes.iter().map(|it| {
                let path = redact::show_text(&path.to_string_lossy());
                format!("{path}:{}:{}: {}", it.line, it.column, it.message)
            });
            anyhow::anyhow!("{}", lines.collect::<Vec<_>>().join("\ndbcfg: "))
        }
    }
}

/// A name that is neither a rule's nor a group's, in words. It is repeated only if it looks like one: what was typed in
/// the wrong place may be a password.
pub(super) fn unknown_rule(unknown: &UnknownRule) -> String {
    match (unknown.suggestion, unknown.shown()) {
        (Some(known), Some(name)) => format!("there is no rule or group `{name}`; did you mean `{known}`?"),
        _ => "there is no rule or group of this name; `dbcfg explain` lists them".to_owned(),
    }
}

//! Reads files into sources: bounded, in parallel, and never from what could block.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::document::{Document, Format, SIZE_LIMIT};
use crate::model::{FileFacts, Source, SourceKind};

use super::{facts, parallel};

/// Why a file could not be read.
pub(super) struct Unreadable {
    pub(super) message: String,
    pub(super) help: String,
}

type Read = Result<Source, Box<(Source, Unreadable)>>;

/// Reads all files, in their order.
pub(super) fn all(paths: &[PathBuf]) -> Vec<Read> {
    parallel::map(paths, |path| file(path))
}

/// Standard input as a source.
pub(super) fn stdin(bytes: &[u8], name: Option<&str>) -> Source {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]);
    let format = name.and_then(Format::of_name).unwrap_or_else(|| Format::of_text(&text));
    let shown = name.unwrap_or("<stdin>");
    let facts = FileFacts { exists: true, length: bytes.len() as u64, ..FileFacts::default() };
    Source { name: shown.to_owned(), kind: kind(shown, format), document: Some(Document::parse(bytes, format)), facts }
}

fn file(path: &Path) -> Read {
    let name = path.to_string_lossy().into_owned();
    let metadata = fs::metadata(path);
    let facts = metadata.as_ref().map_or_else(|_| FileFacts::default(), facts::of_metadata);
    let by_name = Format::of_name(&name);
    let source = |document, format| Source { name: name.clone(), kind: kind(&name, format), document, facts };
    let refuse = |message: &str, help: &str| {
        let problem = Unreadable { message: message.to_owned(), help: help.to_owned() };
        Err(Box::new((source(None, by_name.unwrap_or(Format::Yaml)), problem)))
    };
    if !facts.exists {
        return match fs::symlink_metadata(path) {
            Ok(_) => refuse("a symbolic link that leads nowhere", "mend the link, or name the file itself"),
            Err(error) => {
                refuse(reason(&error), "check the name; `dbcfg show` without one looks in the working directory")
            }
        };
    }
    // A FIFO or a device could block for ever or never end.
    if !metadata.is_ok_and(|metadata| metadata.is_file()) {
        return refuse("not a regular file", "pipe its content in and name `-` instead");
    }
    if facts.length > SIZE_LIMIT as u64 {
        let format = by_name.unwrap_or(Format::Yaml);
        return Ok(source(Some(Document::too_large(format)), format));
    }
    match bytes(path, facts.length) {
        Ok(bytes) => {
            let format =
                by_name.unwrap_or_else(|| Format::of_text(&String::from_utf8_lossy(&bytes[..bytes.len().min(4096)])));
            Ok(source(Some(Document::parse(&bytes, format)), format))
        }
        Err(error) => refuse(reason(&error), "check the permissions of the file and of its directory"),
    }
}

fn bytes(path: &Path, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0) + 1);
    // One byte more than is read shows that there is more, even if the file grows.
    File::open(path)?.take(SIZE_LIMIT as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Our words for what the system says.
fn reason(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file or directory",
        io::ErrorKind::PermissionDenied => "no permission to read it",
        io::ErrorKind::IsADirectory => "a directory",
        io::ErrorKind::NotADirectory => "a part of the path is not a directory",
        _ => "it could not be read",
    }
}

/// What kind of source a file is, by its name and format.
fn kind(name: &str, format: Format) -> SourceKind {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name).to_ascii_lowercase();
    match format {
        Format::Env => match base.strip_prefix(".env.") {
            Some("example" | "sample" | "template" | "dist") => SourceKind::Template,
            Some(environment) => SourceKind::Env { environment: Some(environment.to_owned()) },
            None => SourceKind::Env { environment: None },
        },
        Format::Ini => SourceKind::Ini,
        Format::Yaml if base.starts_with("docker-compose") || base.starts_with("compose.") => SourceKind::Compose,
        _ => SourceKind::Settings,
    }
}

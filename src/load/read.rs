//! Reads files into sources: bounded, in parallel, and never from what could block.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::document::{Document, Format, SIZE_LIMIT};
use crate::finding::Finding;
use crate::model::{FileFacts, Origin, Source, SourceId, SourceKind};
use crate::rules;

use super::{facts, parallel};

/// Why a file could not be read.
pub(super) struct Unreadable {
    pub(super) message: String,
    pub(super) help: String,
}

impl Unreadable {
    /// The finding.
    pub(super) fn finding(self, source: SourceId) -> Finding {
        Finding::new(&rules::syntax::unreadable::INFO, Origin::File { source }, self.message).help(self.help)
    }
}

type Read = Result<Source, Box<(Source, Unreadable)>>;

/// Reads all files, in their order.
pub(super) fn all(paths: &[PathBuf]) -> Vec<Read> {
    parallel::map(paths, |path| file(path))
}

/// The text of standard input.
#[derive(Clone, Debug, Default)]
pub struct Stdin {
    /// What was read.
    pub bytes: Vec<u8>,
    /// The name of the file that it stands for; it tells the format.
    pub name: Option<String>,
}

/// Standard input as a source.
pub(super) fn stdin(stdin: &Stdin) -> Source {
    let (bytes, name) = (&stdin.bytes, stdin.name.as_deref());
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]);
    let format = name.and_then(Format::of_name).unwrap_or_else(|| Format::of_text(&text));
    let shown = name.unwrap_or("<stdin>");
    let facts = FileFacts { exists: true, length: bytes.len() as u64, ..FileFacts::default() };
    Source { name: shown.to_owned(), kind: kind(shown, format), document: Some(Document::parse(bytes, format)), facts }
}

/// Reads one file.
pub(super) fn file(path: &Path) -> Read {
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
            Err(error) => refuse(reason(&error), "check the name, and from which directory it is meant"),
        };
    }
    if facts.is_directory {
        return refuse("a directory that cannot be listed", "check the permissions of the directory");
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

/// A text that is read in place of what a file holds. The file has been read before.
pub(super) fn in_place_of(path: &Path, text: &[u8]) -> Source {
    let name = path.to_string_lossy().into_owned();
    let format = Format::of_name(&name)
        .unwrap_or_else(|| Format::of_text(&String::from_utf8_lossy(&text[..text.len().min(4096)])));
    let facts = facts::of(path);
    Source { kind: kind(&name, format), document: Some(Document::parse(text, format)), facts, name }
}

/// What a file of another kind than settings holds: nothing if it is not there or a directory, and an error in our words
/// if it cannot be read. No more than may be read of any file, and never from what could block or has no end.
pub(super) fn whole(path: &Path) -> Result<Option<Vec<u8>>, &'static str> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => bytes(path, metadata.len().min(SIZE_LIMIT as u64)).map(Some),
        Ok(metadata) if metadata.is_dir() => Ok(None),
        Ok(_) => return Err("not a regular file"),
        Err(_) => Ok(None),
    }
    .map_err(|error| reason(&error))
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

/// What `settings.NAME.yaml` calls an environment. Other names there say nothing: `settings.database.yaml`.
const ENVIRONMENTS: &[&str] = &[
    "dev",
    "development",
    "local",
    "test",
    "testing",
    "ci",
    "qa",
    "uat",
    "stage",
    "staging",
    "preprod",
    "prod",
    "production",
    "live",
];

/// What files that hold no values of their own are called.
const TEMPLATES: &[&str] = &["example", "sample", "template", "dist"];

/// What kind of source a file is, by its name and format.
fn kind(name: &str, format: Format) -> SourceKind {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name).to_ascii_lowercase();
    match format {
        Format::Env => match base.strip_prefix(".env.") {
            Some(name) if is_template(name) => SourceKind::Template,
            Some(name) if !is_backup(name) => SourceKind::Env { environment: Some(environment(name).to_owned()) },
            _ => SourceKind::Env { environment: None },
        },
        Format::Ini => SourceKind::Ini,
        Format::Yaml if base.starts_with("docker-compose") || base.starts_with("compose.") => compose(&base),
        _ => settings(&base),
    }
}

/// Whether what a file is called besides says that it holds no values of its own: `example`, `local.example`.
fn is_template(name: &str) -> bool {
    name.rsplit(['.', '-', '_']).next().is_some_and(|last| TEMPLATES.contains(&last))
}

/// `production` of `production.local`, which is one person's own changes of it.
fn environment(name: &str) -> &str {
    name.strip_suffix(".local").filter(|name| !name.is_empty()).unwrap_or(name)
}

/// `docker-compose.prod.yml` is for one environment, `docker-compose.override.yml` and any other file for all.
fn compose(name: &str) -> SourceKind {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let named = ["docker-compose", "compose"].iter().find_map(|start| stem.strip_prefix(start));
    let named = named.and_then(|rest| rest.strip_prefix(['.', '-', '_']));
    SourceKind::Compose { environment: named.filter(|name| ENVIRONMENTS.contains(name)).map(str::to_owned) }
}

/// `settings.example.yaml` is a template, `settings.production.yaml` for one environment, any other file for all.
fn settings(name: &str) -> SourceKind {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let named = stem.strip_prefix("settings").and_then(|rest| rest.strip_prefix(['.', '-', '_']));
    if named.is_some_and(is_template) {
        return SourceKind::Template;
    }
    let named = named.map(environment);
    SourceKind::Settings { environment: named.filter(|name| ENVIRONMENTS.contains(name)).map(str::to_owned) }
}

/// Whether the name of a file is what editors and careful people leave behind: `.env.bak`, `.env.production~`.
pub(super) fn is_backup(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let last = name.rsplit('.').next().unwrap_or_default();
    name.ends_with('~') || matches!(last, "bak" | "backup" | "old" | "orig" | "save" | "swp" | "swo" | "tmp")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_kinds() {
        let settings = |name: &str| SourceKind::Settings { environment: Some(name.to_owned()) };
        let compose = |name: Option<&str>| SourceKind::Compose { environment: name.map(str::to_owned) };
        let env = |name: Option<&str>| SourceKind::Env { environment: name.map(str::to_owned) };
        for (name, expected) in [
            ("settings.yaml", SourceKind::Settings { environment: None }),
            ("config/settings.Production.yaml", settings("production")),
            ("settings-dev.toml", settings("dev")),
            ("settings_live.json", settings("live")),
            ("settings.database.yaml", SourceKind::Settings { environment: None }),
            ("production.yaml", SourceKind::Settings { environment: None }),
            ("settings.example.yaml", SourceKind::Template),
            ("settings.prod.sample.toml", SourceKind::Template),
            (".env.Example", SourceKind::Template),
            (".env.Production", env(Some("production"))),
            (".env.production~", env(None)),
            (".env.bak", env(None)),
            (".env.local", env(Some("local"))),
            (".env.production.local", env(Some("production"))),
            ("settings.production.local.yaml", settings("production")),
            ("settings.local.yaml", settings("local")),
            (".env.local.example", SourceKind::Template),
            ("docker-compose.yml", compose(None)),
            ("docker-compose.override.yml", compose(None)),
            ("docker-compose.Prod.yml", compose(Some("prod"))),
            ("docker-compose-staging.yaml", compose(Some("staging"))),
            ("compose.production.yaml", compose(Some("production"))),
            ("compose.tools.yaml", compose(None)),
        ] {
            let format = Format::of_name(name).unwrap_or(Format::Yaml);
            assert_eq!(kind(name, format), expected, "{name}");
        }
    }
}

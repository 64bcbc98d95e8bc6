//! Commands for a shell that findings advise: they are typed where dbcfg was started, wherever the project lies.

use std::path::{Path, PathBuf};

use crate::model::Origin;

use super::Case;

/// `chmod 600` of a file, by its path from the working directory.
pub(super) fn chmod(path: &str) -> String {
    format!("chmod 600 {}", quoted(path))
}

/// The path from the working directory of a file that a value names: relative ones begin at the project.
pub(super) fn path_of(case: &Case<'_>, origin: &Origin, path: &str) -> String {
    let source = case.source(origin).map(|source| Path::new(&source.name));
    source.map_or_else(|| path.to_owned(), |source| below_project(source, path).to_string_lossy().into_owned())
}

/// A path below the project of a file: files in `config` belong to the directory above.
fn below_project(source: &Path, path: &str) -> PathBuf {
    let folder = source.parent().unwrap_or(Path::new(""));
    let project = if folder.ends_with("config") { folder.parent().unwrap_or(Path::new("")) } else { folder };
    project.join(path.strip_prefix("./").unwrap_or(path))
}

/// A path as a shell takes it for one word, and not for an option.
pub(super) fn quoted(path: &str) -> String {
    let path = if path.starts_with('-') { format!("./{path}") } else { path.to_owned() };
    let is_plain = |character: char| character.is_alphanumeric() || "/._-+@%,:=".contains(character);
    if !path.is_empty() && path.chars().all(is_plain) { path } else { format!("'{}'", path.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_one_word() {
        for (path, expected) in [
            ("b/.env", "b/.env"),
            ("my app/.env", "'my app/.env'"),
            ("it's/.env", r"'it'\''s/.env'"),
            ("$HOME/.env", "'$HOME/.env'"),
            ("-x/.env", "./-x/.env"),
        ] {
            assert_eq!(quoted(path), expected);
        }
    }

    #[test]
    fn relative_paths_begin_at_the_project() {
        for (source, path, expected) in [
            ("settings.yaml", "client.key", "client.key"),
            ("b/settings.yaml", "./tls/client.key", "b/tls/client.key"),
            ("b/config/settings.yaml", "client.key", "b/client.key"),
            ("b/settings.yaml", "/etc/client.key", "/etc/client.key"),
        ] {
            assert_eq!(below_project(Path::new(source), path), Path::new(expected), "{source}");
        }
    }
}

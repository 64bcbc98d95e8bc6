//! Which files of a directory belong to its configuration.

use std::fs;
use std::path::{Path, PathBuf};

use super::facts::Ignores;
use super::read::is_backup;

/// The files of one configuration, in the order of precedence among files of a kind: `settings.yaml`, other settings,
/// those under `config/`, `.env`, `.env.NAME`, `alembic.ini`, compose files. `.env.NAME.local` stands before `.env.NAME`.
/// What git ignores is left out, except `.env` files.
pub(super) fn configuration(directory: &Path, ignores: &Ignores) -> Vec<PathBuf> {
    let mut found: Vec<(u8, bool, PathBuf)> = Vec::new();
    for (folder, is_config) in [(directory.to_path_buf(), false), (directory.join("config"), true)] {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        let mut ignore = None;
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some(rank) = rank(&name) else { continue };
            if is_config && rank > 1 {
                continue;
            }
            let path = entry.path();
            let path = path.strip_prefix(".").map(Path::to_path_buf).unwrap_or(path);
            let is_env = name.starts_with(".env");
            // Most directories hold no such file, and nobody asks what git ignores there. Whoever names a directory that
            // git ignores as a whole wants it read.
            let mut is_ignored = |path: &Path| {
                let ignore = ignore.get_or_insert_with(|| ignores.of(&folder));
                ignore.is_ignored(path) == Some(true) && !ignores.of(directory).is_itself_ignored()
            };
            if entry.path().is_dir() || (!is_env && is_ignored(&entry.path())) {
                continue;
            }
            let is_plain = !name.to_ascii_lowercase().contains(".local");
            found.push((rank + if is_config { 2 } else { 0 }, is_plain, path));
        }
    }
    found.sort();
    found.into_iter().map(|(_, _, path)| path).collect()
}

/// Whether the name of a file says that it belongs to a configuration.
pub(super) fn is_by_name(name: &str) -> bool {
    rank(name).is_some()
}

/// The rank of a file by its name; nothing if it does not belong to a configuration.
fn rank(name: &str) -> Option<u8> {
    let lower = name.to_ascii_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| lower.ends_with(ending));
    if lower.starts_with("settings") && ends(&[".yaml", ".yml", ".toml", ".json"]) {
        // What has more to its name says the rest.
        Some(u8::from(lower.matches('.').count() > 1 || !lower.starts_with("settings.")))
    } else if lower == ".env" {
        Some(4)
    } else if lower.starts_with(".env.") && !is_backup(&lower) {
        Some(5)
    } else if lower == "alembic.ini" {
        Some(6)
    } else if (lower.starts_with("docker-compose") || lower.starts_with("compose.")) && ends(&[".yaml", ".yml"]) {
        Some(7)
    } else {
        None
    }
}

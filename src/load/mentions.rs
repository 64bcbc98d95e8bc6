//! Which other files of a project mention a key: the code, scripts and documents that read it by its name.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::{DirEntry, WalkBuilder};

use super::facts::Ignores;
use super::plan::{FOREIGN, plain};
use super::{Folders, parallel, read};

/// Longer files than this are data, and no one's code. In bytes.
const FILE_LIMIT: u64 = 1 << 20;

/// More files than this are not looked at: the directory is no project.
const FILES: usize = 100_000;

/// More mentions than this in one file are not told, and no more than this of all files together: nobody reads them.
const MENTIONS: usize = 200;
const ALL_MENTIONS: usize = 2_000;

/// Hidden directories that people write files in.
const HIDDEN_DIRECTORIES: &[&str] = &[".ci", ".circleci", ".devcontainer", ".github", ".gitlab"];

/// How the names of hidden files begin that people write, and programs read.
const HIDDEN_FILES: &[&str] = &[".env", ".gitlab-ci", ".pre-commit", ".travis"];

/// Calls that look something up by its name.
const LOOKUPS: &[&[u8]] = &[b"get", b"pop", b"fetch", b"dig", b"setdefault"];

/// How the name of a variable ends that holds settings.
const HOLDERS: &[&[u8]] = &[b"settings", b"config", b"configuration", b"conf", b"cfg"];

/// A line of a file that mentions a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mention {
    /// The file, as it is seen from where dbcfg runs if the directory is.
    pub path: String,
    /// The line, from 1.
    pub line: u32,
    /// The key, as it was asked for.
    pub key: String,
}

/// The lines of the files below a directory that mention one of some keys, in the order of paths, lines and keys.
///
/// A name with an underscore or an upper-case letter (`postgres_primary`, `DB_HOST`) is found wherever it stands as a
/// word. Of a path (`databases.primary`) all parts must stand together: dotted, in brackets, looked up with `get`, or
/// as a variable with `__`. A single general word (`primary`, `mlflow`) is found only where something is looked up by it.
/// `skip` are files that are not looked at. What git ignores is none of the project, except `.env` and its kin.
pub fn mentions(directory: &Path, names: &[String], skip: &[PathBuf]) -> Vec<Mention> {
    let names = Names::new(names);
    if names.is_empty() {
        return Vec::new();
    }
    let files = files(directory, skip);
    let found = parallel::map(&files, |path| in_file(path, &names));
    let mut all: Vec<Mention> = found.into_iter().flatten().collect();
    all.sort_unstable();
    all.truncate(ALL_MENTIONS);
    all
}

/// The files of a project that people write.
fn files(directory: &Path, skip: &[PathBuf]) -> Vec<PathBuf> {
    let ignores = Arc::new(Ignores::default());
    let is_wanted = {
        let ignores = Arc::clone(&ignores);
        move |entry: &DirEntry| entry.depth() == 0 || is_wanted(entry, &ignores)
    };
    // Ignore files are read elsewhere: they may be pipes, or without end.
    let walk = WalkBuilder::new(directory).standard_filters(false).filter_entry(is_wanted).build();
    let mut folders = Folders::default();
    let skip: HashSet<PathBuf> = skip.iter().map(|path| folders.identity(path)).collect();
    // What cannot be listed cannot be read by the application either.
    let files = walk.flatten().filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
    let files = files.map(|entry| plain(entry.into_path()));
    files.filter(|path| !skip.contains(&folders.identity(path))).take(FILES).collect()
}

fn is_wanted(entry: &DirEntry, ignores: &Ignores) -> bool {
    let Some(name) = entry.file_name().to_str() else { return false };
    let above = entry.path().parent().unwrap_or(Path::new("."));
    if entry.file_type().is_some_and(|kind| kind.is_dir()) {
        let is_hidden = name.starts_with('.') && !HIDDEN_DIRECTORIES.contains(&name);
        return !is_hidden
            && !FOREIGN.contains(&name)
            && !ignores.of_found(above).is_directory_ignored(entry.file_name());
    }
    if name.starts_with('.') && !HIDDEN_FILES.iter().any(|known| name.starts_with(known)) {
        return false;
    }
    // Git ignores `.env` so that it stays secret, and applications read it all the same.
    name.starts_with(".env") || ignores.of_found(above).is_ignored(entry.path()) != Some(true)
}

fn in_file(path: &Path, names: &Names) -> Vec<Mention> {
    let is_short = fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.len() <= FILE_LIMIT);
    let bytes = is_short.then(|| read::whole(path).ok().flatten()).flatten().unwrap_or_default();
    let shown = path.to_string_lossy();
    let found = names.lines(&bytes);
    let mention = |(line, key): (u32, &str)| Mention { path: shown.clone().into_owned(), line, key: key.to_owned() };
    found.into_iter().take(MENTIONS).map(mention).collect()
}

/// A key that is looked for.
struct Name {
    /// As it was asked for.
    whole: String,
    /// Its parts between dots.
    parts: Vec<String>,
}

/// The keys that are looked for.
struct Names {
    all: Vec<Name>,
    /// Those that end in a word, by that word.
    by_last: HashMap<Vec<u8>, Vec<usize>>,
    /// Those with other characters than words and dots are made of.
    odd: Vec<usize>,
}

impl Names {
    fn new(names: &[String]) -> Self {
        let all: BTreeSet<&String> = names.iter().filter(|name| !name.is_empty()).collect();
        let parts = |name: &str| name.split('.').map(str::to_owned).collect();
        let all: Vec<Name> = all.into_iter().map(|name| Name { whole: name.clone(), parts: parts(name) }).collect();
        let mut names = Self { all, by_last: HashMap::new(), odd: Vec::new() };
        for (index, name) in names.all.iter().enumerate() {
            let is_plain = name.parts.iter().all(|part| !part.is_empty() && part.bytes().all(is_of_word));
            match name.parts.last().filter(|_| is_plain) {
                Some(last) => names.by_last.entry(last.clone().into_bytes()).or_default().push(index),
                None => names.odd.push(index),
            }
        }
        names
    }

    fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The lines of a text that mention a key, each key once a line.
    fn lines(&self, text: &[u8]) -> BTreeSet<(u32, &str)> {
        let mut found = BTreeSet::new();
        // Only files that are no text hold this; UTF-16 is none for the programs that read settings.
        if text.contains(&0) {
            return found;
        }
        let mut line: u32 = 1;
        let mut at = 0;
        while let Some(byte) = text.get(at) {
            if !is_of_word(*byte) {
                line = line.saturating_add(u32::from(*byte == b'\n'));
                at += 1;
                continue;
            }
            let length = text[at..].iter().take_while(|byte| is_of_word(**byte)).count();
            let word = &text[at..at + length];
            for name in self.by_last.get(word).into_iter().flatten().map(|index| &self.all[*index]) {
                if name.ends_at(text, at, length) {
                    found.insert((line, name.whole.as_str()));
                }
            }
            if length > 4 && word.windows(2).any(|two| two == b"__") {
                let nested = self.all.iter().filter(|name| name.is_nested_in(word));
                found.extend(nested.map(|name| (line, name.whole.as_str())));
            }
            at += length;
        }
        for name in self.odd.iter().map(|index| &self.all[*index]) {
            found.extend(name.places(text).map(|line| (line, name.whole.as_str())));
        }
        found
    }
}

impl Name {
    /// Whether the key ends in the word at a place of a text.
    fn ends_at(&self, text: &[u8], at: usize, length: usize) -> bool {
        let Some((_, before)) = self.parts.split_last() else { return false };
        let mut start = at;
        for part in before.iter().rev() {
            let Some(end) = above(text, start) else { return false };
            let word = last_word(&text[..end]);
            if word != part.as_bytes() {
                return false;
            }
            start = end - word.len();
        }
        !before.is_empty() || !is_general(&self.whole) || is_looked_up(text, at, length)
    }

    /// Whether a variable such as `APP_DATABASES__PRIMARY__HOST` reaches into the key.
    fn is_nested_in(&self, word: &[u8]) -> bool {
        let word = String::from_utf8_lossy(word).to_ascii_lowercase();
        let levels: Vec<&str> = word.split("__").collect();
        let parts: Vec<String> = self.parts.iter().map(|part| part.to_ascii_lowercase()).collect();
        let is_prefixed = |first: &str, part: &str| first.strip_suffix(part).is_some_and(|rest| rest.ends_with('_'));
        levels.windows(parts.len()).enumerate().any(|(index, window)| {
            let mut pairs = window.iter().zip(&parts);
            let is_first = |(level, part): (&&str, &String)| *level == part || (index == 0 && is_prefixed(level, part));
            pairs.next().is_some_and(is_first) && pairs.all(|(level, part)| level == part)
        })
    }

    /// The lines in which the key stands as it is, between other characters than those of words.
    fn places<'text>(&self, text: &'text [u8]) -> impl Iterator<Item = u32> + use<'_, 'text> {
        let name = self.whole.as_bytes();
        let is_whole = move |line: &[u8], at: usize| {
            let is_bound = |byte: Option<&u8>| byte.is_none_or(|byte| !is_of_word(*byte));
            is_bound(at.checked_sub(1).and_then(|at| line.get(at))) && is_bound(line.get(at + name.len()))
        };
        let has = move |line: &[u8]| {
            let mut windows = line.windows(name.len()).enumerate();
            windows.any(|(at, window)| window == name && is_whole(line, at))
        };
        (1..).zip(text.split(|byte| *byte == b'\n')).filter(move |(_, line)| has(line)).map(|(line, _)| line)
    }
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The word that a text ends with.
fn last_word(text: &[u8]) -> &[u8] {
    let length = text.iter().rev().take_while(|byte| is_of_word(**byte)).count();
    &text[text.len() - length..]
}

/// Whether a name is a word of everyday speech, which stands in many files and means something else there.
fn is_general(name: &str) -> bool {
    !name.bytes().any(|byte| byte == b'_' || byte.is_ascii_uppercase())
}

/// Where the word ends that a word is looked up in: the `databases` of `databases.primary`, `databases["primary"]`,
/// `["databases"]["primary"]`, `databases?.primary` and `.get("databases", {}).get('primary')`.
fn above(text: &[u8], start: usize) -> Option<usize> {
    let mut before = match opened(&text[..start]) {
        Some(before) => before,
        None => text[..start].strip_suffix(b".")?,
    };
    before = before.strip_suffix(b"?").unwrap_or(before);
    if let Some(inside) = before.strip_suffix(b"]").or_else(|| before.strip_suffix(b")")) {
        let inside =
            inside.strip_suffix(b"{}").and_then(|rest| rest.trim_ascii_end().strip_suffix(b",")).unwrap_or(inside);
        before = unquoted(inside)?;
    }
    Some(before.len())
}

/// What stands before a lookup of a quoted word: `x` of `x["` and `x.get("`.
fn opened(text: &[u8]) -> Option<&[u8]> {
    if let Some(symbol) = text.strip_suffix(b"[:") {
        return Some(symbol);
    }
    let open = unquoted(text)?;
    if let Some(before) = open.strip_suffix(b"[") {
        // A list of words (`["primary", ..]`) begins with the same characters.
        let is_lookup = before.last().is_some_and(|byte| is_of_word(*byte) || b"]).".contains(byte));
        return is_lookup.then(|| before.strip_suffix(b"?.").unwrap_or(before));
    }
    let call = open.strip_suffix(b"(")?;
    let word = last_word(call);
    LOOKUPS.contains(&word).then(|| call[..call.len() - word.len()].strip_suffix(b".")).flatten()
}

/// A text without the quote at its end.
fn unquoted(text: &[u8]) -> Option<&[u8]> {
    text.strip_suffix(b"\"").or_else(|| text.strip_suffix(b"'"))
}

/// Whether something is looked up by a word: `x["mlflow"]`, `x.get("mlflow")`, `settings.mlflow`.
fn is_looked_up(text: &[u8], at: usize, length: usize) -> bool {
    if opened(&text[..at]).is_some() {
        return text.get(at + length).is_some_and(|byte| matches!(byte, b'"' | b'\'' | b']'));
    }
    let Some(holder) =
        text[..at].strip_suffix(b".").map(|before| last_word(before.strip_suffix(b"?").unwrap_or(before)))
    else {
        return false;
    };
    let holder = holder.to_ascii_lowercase();
    let is_method = text.get(at + length) == Some(&b'(');
    !is_method && HOLDERS.iter().any(|known| holder.ends_with(known))
}

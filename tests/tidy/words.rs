//! Words that stand in no file: traces of one machine, and notes that something is not done.
//!
//! Every needle is put together from two halves, so that this file does not find itself.

use super::rust::tokens;
use super::{File, demand_none, demand_one, project};

/// Traces of the machine that something was written on, and of the mirrors that it fetched from.
/// They mean nothing to anyone else. Capitals do not matter.
const MACHINE: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/fa", "rm/"),
    concat!("/ro", "ot/"),
    concat!(".lib", "rary"),
    concat!("bash_", "jobs"),
    concat!("/tmp/wt", "-"),
    concat!("/tmp/tar", "get"),
    concat!("arti", "factory"),
    concat!("artifact-", "registry"),
    concat!("pkg", ".dev"),
    concat!("index.cra", "tes.io"),
    concat!("static.cra", "tes.io"),
    concat!("deb.deb", "ian.org"),
    concat!("snapshot.deb", "ian.org"),
    concat!("pypi", ".org"),
    concat!("pythonho", "sted.org"),
    concat!("registry.npm", "js.org"),
];

/// Notes that something is not done. An issue is the place for them.
const UNDONE: &[&str] = &[concat!("to", "do!("), concat!("unimpl", "emented!(")];

/// The same, where they are words of their own.
const UNDONE_WORDS: &[&str] = &[concat!("FIX", "ME"), concat!("XX", "X")];

/// Names of modules that say nothing about what is in them, so that anything may be put there.
const EMPTY_NAMES: &[&str] = &["utils", "util", "common", "helpers", "helper", "misc"];

/// The forbidden words of one file.
fn word_faults(file: &File) -> Vec<String> {
    let mut faults = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        let mut fault = |what: String| faults.push(file.fault(index + 1, what));
        let lower = line.to_lowercase();
        for word in MACHINE.iter().filter(|word| lower.contains(**word)) {
            fault(format!("`{word}` is a trace of one machine; say it in terms of the project"));
        }
        for word in UNDONE.iter().filter(|word| line.contains(**word)) {
            fault(format!("`{word}` is left undone; do it, or open an issue and remove the word"));
        }
        for word in UNDONE_WORDS.iter().filter(|word| holds_word(line, word)) {
            fault(format!("`{word}` is left undone; do it, or open an issue and remove the word"));
        }
    }
    if file.is_rust() {
        faults.extend(rust_faults(file));
    }
    faults
}

/// Whether the word stands in the line on its own.
fn holds_word(line: &str, word: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    line.match_indices(word)
        .any(|(at, _)| !line[..at].ends_with(is_part) && !line[at + word.len()..].starts_with(is_part))
}

/// Names and calls that no file of Rust has.
fn rust_faults(file: &File) -> Vec<String> {
    let mut faults = Vec::new();
    let name_of = |part: &str| part.strip_suffix(".rs").unwrap_or(part).to_owned();
    for name in file.path.split('/').map(name_of).filter(|name| EMPTY_NAMES.contains(&name.as_str())) {
        faults.push(file.fault(1, format!("`{name}` says nothing; name the module after what it is about")));
    }
    let tokens = tokens(&file.text);
    for two in tokens.windows(2) {
        if two[0].is("mod") && EMPTY_NAMES.iter().any(|name| two[1].is(name)) {
            let what = format!("`{}` says nothing; name the module after what it is about", two[1].text);
            faults.push(file.fault(two[1].line, what));
        }
    }
    for three in tokens.windows(3) {
        if three[0].is("process") && three[1].is("::") && three[2].is("exit") {
            let what = "this ends the program without running destructors; return an `ExitStatus` to `main`";
            faults.push(file.fault(three[0].line, what));
        }
    }
    faults
}

#[test]
fn no_file_holds_a_forbidden_word() {
    demand_none(&project().iter().flat_map(word_faults).collect::<Vec<_>>());
}

#[test]
fn every_forbidden_word_is_found() {
    for word in MACHINE.iter().chain(UNDONE).chain(UNDONE_WORDS) {
        demand_one(&word_faults(&File::new("notes.md", &format!("fine\nan {word} here\n"))), &["notes.md:2", word]);
    }
    let upper = MACHINE[0].to_uppercase();
    demand_one(&word_faults(&File::new("notes.md", &upper)), &["notes.md:1"]);
    let part = format!("mktemp {}{}", UNDONE_WORDS[1], UNDONE_WORDS[1]);
    demand_none(&word_faults(&File::new("notes.md", &part)));
}

#[test]
fn empty_names_and_sudden_ends_are_found() {
    let faults = |path: &str, text: &str| word_faults(&File::new(path, text));
    demand_one(&faults("src/utils.rs", ""), &["src/utils.rs:1", "says nothing"]);
    demand_one(&faults("src/load/common/files.rs", ""), &["`common` says nothing"]);
    demand_one(&faults("src/load/mod.rs", "//! L.\npub(crate) mod helpers;\n"), &["src/load/mod.rs:2"]);
    demand_one(&faults("src/main.rs", "fn main() {\n std::process::exit(1) }"), &["src/main.rs:2", "destructors"]);
    demand_none(&faults("src/main.rs", "// process::exit\nfn main() { helpers(); }"));
    demand_none(&faults("docs/common/utils.md", "process::exit"));
}

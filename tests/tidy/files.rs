//! What every file has, and what the project as a whole has.

use super::rust::{test_lines, tokens};
use super::{File, demand_none, demand_one, project};

/// The most lines of a source file, tests not counted. A file that needs more has two subjects.
const MOST_LINES: usize = 500;

/// A file of Rust begins by saying what it is for.
fn header_faults(file: &File) -> Vec<String> {
    let counts = ["src/", "tests/", "benches/"].iter().any(|top| file.path.starts_with(top));
    if !counts || !file.is_rust() || file.text.starts_with("//! ") {
        return Vec::new();
    }
    vec![file.fault(1, "begin the file with a `//!` sentence that says what it is for")]
}

/// A source file is short enough to be read at once.
fn size_faults(file: &File) -> Vec<String> {
    let is_test = file.path.ends_with("/tests.rs") || file.path.contains("/tests/");
    if !file.path.starts_with("src/") || !file.is_rust() || is_test {
        return Vec::new();
    }
    let tests: usize = test_lines(&tokens(&file.text)).into_iter().map(Iterator::count).sum();
    let lines = file.text.lines().count() - tests;
    if lines <= MOST_LINES {
        return Vec::new();
    }
    vec![file.fault(MOST_LINES + 1, format!("{lines} lines without tests; split the file, {MOST_LINES} is the most"))]
}

/// Tests run, and say something.
fn test_faults(file: &File) -> Vec<String> {
    if !file.is_rust() {
        return Vec::new();
    }
    let tokens = tokens(&file.text);
    let mut faults = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let begins = |with: &[&str]| {
            tokens.len() >= at + with.len() && tokens[at..].iter().zip(with).all(|(token, text)| token.is(text))
        };
        if begins(&["#", "[", "ignore"]) || begins(&[",", "ignore", ")", "]"]) {
            faults.push(file.fault(token.line, "a test that does not run proves nothing; mend it or remove it"));
        }
        if begins(&["assert", "!", "(", "true"]) {
            faults.push(file.fault(token.line, "this holds whatever the program does; assert what it should do"));
        }
    }
    faults
}

/// Files of tests that `tests/main.rs` does not name, and that would never run.
fn forgotten_test_faults(files: &[File]) -> Vec<String> {
    let Some(main) = files.iter().find(|file| file.path == "tests/main.rs") else { return Vec::new() };
    let tokens = tokens(&main.text);
    let named = |name: &str| tokens.windows(3).any(|three| three[0].is("mod") && three[1].is(name) && three[2].is(";"));
    let forgotten = files.iter().filter(|file| {
        let name = file.path.strip_prefix("tests/").and_then(|path| path.strip_suffix(".rs"));
        name.is_some_and(|name| name != "main" && !name.contains('/') && !named(name))
    });
    forgotten.map(|file| file.fault(1, "these tests never run; name the file in tests/main.rs")).collect()
}

/// The changelog speaks of what is here: of what is not yet released, or of this version.
fn changelog_faults(changelog: &File, manifest: &File) -> Vec<String> {
    let version = manifest.text.lines().find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"'));
    let version = version.unwrap_or("no version");
    let headings = changelog.text.lines().filter_map(|line| line.strip_prefix("## ["));
    let told =
        headings.filter_map(|heading| heading.split(']').next()).any(|name| name == "Unreleased" || name == version);
    if told {
        return Vec::new();
    }
    vec![changelog.fault(1, format!("add a section `## [Unreleased]` or `## [{version}]`"))]
}

#[test]
fn every_file_says_what_it_is_for() {
    demand_none(&project().iter().flat_map(header_faults).collect::<Vec<_>>());
    demand_one(&header_faults(&File::new("src/a.rs", "use b;\n")), &["src/a.rs:1", "//!"]);
    demand_one(&header_faults(&File::new("benches/a.rs", "//!\n")), &["benches/a.rs:1"]);
    demand_none(&header_faults(&File::new("tests/a.rs", "//! Tests.\n")));
}

#[test]
fn no_source_file_is_too_long() {
    demand_none(&project().iter().flat_map(size_faults).collect::<Vec<_>>());
    let code = "fn f() {}\n".repeat(MOST_LINES);
    let tests = format!("#[cfg(test)]\nmod tests {{\n{code}}}\n");
    demand_none(&size_faults(&File::new("src/a.rs", &format!("{code}{tests}"))));
    demand_one(
        &size_faults(&File::new("src/a.rs", &format!("{code}{tests}fn g() {{}}\n"))),
        &["src/a.rs:501", "501 lines"],
    );
}

#[test]
fn no_test_is_switched_off_or_empty() {
    demand_none(&project().iter().flat_map(test_faults).collect::<Vec<_>>());
    let faults = |text: &str| test_faults(&File::new("src/a.rs", text));
    demand_one(&faults("#[test]\n#[ignore = \"slow\"]\nfn f() {}"), &["src/a.rs:2", "does not run"]);
    demand_one(&faults("#[cfg_attr(unix, ignore)]\nfn f() {}"), &["src/a.rs:1"]);
    demand_one(&faults("fn f() {\n assert!(true);\n}"), &["src/a.rs:2", "holds whatever"]);
    demand_none(&faults("// #[ignore]\nfn f() { assert!(true_enough); ignore(); }"));
}

#[test]
fn every_file_of_tests_runs() {
    demand_none(&forgotten_test_faults(&project()));
    let files = [File::new("tests/main.rs", "mod show;\n// mod check;\n"), File::new("tests/show.rs", "")];
    demand_none(&forgotten_test_faults(&files));
    let [main, show] = files;
    let files = [main, show, File::new("tests/check.rs", ""), File::new("tests/tidy/words.rs", "")];
    demand_one(&forgotten_test_faults(&files), &["tests/check.rs:1", "never run"]);
}

#[test]
fn the_changelog_is_up_to_date() {
    let files = project();
    let find = |path: &str| files.iter().find(|file| file.path == path).unwrap_or_else(|| panic!("no {path}"));
    demand_none(&changelog_faults(find("CHANGELOG.md"), find("Cargo.toml")));
    let manifest = File::new("Cargo.toml", "[package]\nversion = \"0.2.0\"\n");
    let faults = |text: &str| changelog_faults(&File::new("CHANGELOG.md", text), &manifest);
    demand_none(&faults("## [0.2.0] - 2026-12-01\n"));
    demand_none(&faults("## [Unreleased]\n"));
    demand_one(&faults("## [0.1.0]\nUnreleased\n"), &["CHANGELOG.md:1", "0.2.0"]);
}

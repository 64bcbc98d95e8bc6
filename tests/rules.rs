//! Every fixture of every rule: a bad one has exactly the findings that stand beside it, a good one none.
//!
//! A case is `fixtures/rules/<rule>/{bad,good}*`: one file, which is read alone, or a folder, which is a project. Beside
//! a bad file stands `<case>.findings`, in a bad folder `findings.txt`: `path:line:column-line:column severity[rule]
//! message`, then the lines of related places and of the help. `DBCFG_WRITE_EXPECTED=1` writes them, to be judged.
//!
//! In a folder, `health.json` is what a probe found there: then the live rules are judged too, and their findings stand
//! behind the others.
//!
//! What git keeps of no file is said by two files of the folder: `gitignore` becomes the `.gitignore` of a work tree
//! (without it the project is in none), and each line of `modes` gives a file its permissions (`600 client.key`).
//! Projects in `fixtures/projects/` are realistic ones; `findings.txt` says what is truly wrong with them, if anything.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use dbcfg::finding::Finding;
use dbcfg::load::{Query, Read, projects};
use dbcfg::model::{Location, Origin, Sources};
use dbcfg::rules::{self, LiveWanted, Selection, Wanted};

use crate::support::{TestDirectory, health, name_of, sorted};

/// Files of a case that say something about it and are not part of it.
const ABOUT: &[&str] = &["findings.txt", "gitignore", "modes"];

fn fixtures(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder)
}

/// Copies a case to where no work tree of git is, except one of its own.
fn copy(from: &Path, to: &Path) {
    if from.is_file() {
        fs::copy(from, to.join(name_of(from))).expect("the fixture can be copied");
        return;
    }
    for path in sorted(from) {
        let target = to.join(name_of(&path));
        if path.is_dir() {
            fs::create_dir_all(&target).expect("a folder");
            copy(&path, &target);
        } else if name_of(&path) == "gitignore" {
            fs::create_dir_all(to.join(".git")).expect("a work tree");
            fs::copy(&path, to.join(".gitignore")).expect("the fixture can be copied");
        } else if !ABOUT.contains(&name_of(&path).as_str()) {
            fs::copy(&path, target).expect("the fixture can be copied");
        }
    }
    for line in fs::read_to_string(from.join("modes")).unwrap_or_default().lines() {
        let (mode, file) = line.split_once(' ').expect("a mode and a file");
        let mode = u32::from_str_radix(mode, 8).expect("an octal mode");
        fs::set_permissions(to.join(file), fs::Permissions::from_mode(mode)).expect("the mode can be set");
    }
}

/// What is found in a case, with all rules.
fn found(case: &Path) -> String {
    let directory = TestDirectory::new();
    copy(case, directory.path());
    let path = if case.is_dir() { directory.path().to_path_buf() } else { directory.path().join(name_of(case)) };
    found_below(&directory, vec![path])
}

/// What is found in some paths of a directory in one run, with all rules.
fn found_below(directory: &TestDirectory, paths: Vec<PathBuf>) -> String {
    let query = Query { paths, ..Query::default() };
    let found = projects(&query, |read| {
        let mut read = read.unwrap_or_else(|error| panic!("{error:?}"));
        assert!(!read.has_unreadable);
        let selection = Selection::new(&read.settings, &[], &[]);
        let wanted = Wanted { selection: &selection, asked: None, ignores: &read.ignores };
        let verdict = rules::check(&read.project, std::mem::take(&mut read.findings), &read.settings, &wanted);
        let sources = &read.project.sources;
        let mut text = String::new();
        for finding in verdict.findings.iter().chain(&live(&read)) {
            let place = place(sources, &finding.origin);
            let _ = writeln!(text, "{place} {}[{}] {}", finding.severity, finding.rule.id, finding.message);
            for (origin, part) in &finding.related {
                let _ = writeln!(text, "  {} {part}", self::place(sources, origin));
            }
            if let Some(help) = &finding.help {
                let _ = writeln!(text, "  help: {help}");
            }
        }
        text
    });
    found.concat().replace(&format!("{}/", directory.path().display()), "")
}

/// The memory of every server in the fixtures.
const SERVER_MEMORY: u64 = 16 * 1024 * 1024 * 1024;

/// What live rules find, if a probe found something.
fn live(read: &Read) -> Vec<Finding> {
    let (Ok(json), Some(configuration)) =
        (fs::read_to_string(read.directory.join("health.json")), read.project.configurations.first())
    else {
        return Vec::new();
    };
    let selection = Selection::new(&read.settings, &[], &[]);
    let wanted = LiveWanted { selection: &selection, ignores: &read.ignores, server_memory: Some(SERVER_MEMORY) };
    let verdict = rules::check_live(configuration, &health(configuration, &json), &read.settings, &wanted);
    verdict.findings.into_iter().map(|(_, finding)| finding).collect()
}

fn place(sources: &Sources, origin: &Origin) -> String {
    match sources.locate(origin) {
        Location { path, start: Some(start), end: Some(end), .. } => {
            format!("{path}:{}:{}-{}:{}", start.line, start.column, end.line, end.column)
        }
        location => location.path,
    }
}

/// Compares what is found in a case with what is expected, or writes it down.
fn judge(case: &Path, expectation: &Path, wrong: &mut String) {
    let found = found(case);
    let expected = fs::read_to_string(expectation).unwrap_or_default();
    if found == expected {
        return;
    }
    if std::env::var_os("DBCFG_WRITE_EXPECTED").is_some() {
        fs::write(expectation, &found).expect("the expectation can be written");
    }
    let name = case.strip_prefix(env!("CARGO_MANIFEST_DIR")).expect("below the project").display();
    let _ = writeln!(wrong, "--- {name}: expected\n{expected}--- {name}: found\n{found}");
}

#[test]
fn every_fixture_has_exactly_its_findings() {
    let mut wrong = String::new();
    for folder in sorted(&fixtures("rules")) {
        let rule = name_of(&folder);
        let (mut bad, mut good) = (0, 0);
        for case in sorted(&folder) {
            let case_name = name_of(&case);
            if case_name.ends_with(".findings") {
                continue;
            }
            if case_name.starts_with("good") {
                good += 1;
                let found = found(&case);
                if !found.is_empty() {
                    let _ = writeln!(wrong, "--- {rule}/{case_name}: this is good, but found was\n{found}");
                }
                continue;
            }
            assert!(case_name.starts_with("bad"), "{rule}/{case_name}: name it bad or good");
            bad += 1;
            let stem = case_name.split('.').next().unwrap_or_default();
            let beside = folder.join(format!("{stem}.findings"));
            let expectation = if case.is_dir() { case.join("findings.txt") } else { beside };
            judge(&case, &expectation, &mut wrong);
            let expected = fs::read_to_string(&expectation).unwrap_or_default();
            if !expected.contains(&format!("[{rule}]")) {
                let _ = writeln!(wrong, "--- {rule}/{case_name}: the rule finds nothing in its bad fixture");
            }
        }
        if bad == 0 || good == 0 {
            let _ = writeln!(wrong, "--- {rule}: {bad} bad and {good} good fixtures; both are needed");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A file that cannot be read has no fixture, since there is nothing to copy.
#[test]
fn an_unreadable_file_is_found_and_the_rest_is_judged() {
    let directory = TestDirectory::new();
    copy(&fixtures("rules").join("invalid-port/bad.yaml"), directory.path());
    std::os::unix::fs::symlink("nowhere.yaml", directory.path().join("link.yaml")).expect("a link");
    let named = ["missing.yaml", "link.yaml", "bad.yaml"];
    let query = Query { paths: named.map(|name| directory.path().join(name)).to_vec(), ..Query::default() };
    let found = projects(&query, |read| {
        let read = read.expect("a project");
        let selection = Selection::new(&read.settings, &[], &[]);
        let wanted = Wanted { selection: &selection, asked: None, ignores: &read.ignores };
        let verdict = rules::check(&read.project, read.findings, &read.settings, &wanted);
        let line = |finding: &Finding| {
            format!("{} {}[{}]", place(&read.project.sources, &finding.origin), finding.severity, finding.rule.id)
        };
        (read.has_unreadable, verdict.findings.iter().map(line).collect::<Vec<String>>().join("\n"))
    });
    let has_unreadable: Vec<bool> = found.iter().map(|(has_unreadable, _)| *has_unreadable).collect();
    assert_eq!(has_unreadable, [true, true, false]);
    let found: Vec<String> = found.into_iter().map(|(_, found)| found).collect();
    let found = found.join("\n").replace(&format!("{}/", directory.path().display()), "");
    assert_eq!(
        found,
        "missing.yaml error[unreadable]\nlink.yaml error[unreadable]\nbad.yaml:4:11-4:17 error[invalid-port]"
    );
}

#[test]
fn all_good_fixtures_together_have_no_findings() {
    let directory = TestDirectory::new();
    let mut paths = Vec::new();
    for (index, case) in sorted(&fixtures("rules")).iter().flat_map(|folder| sorted(folder)).enumerate() {
        if name_of(&case).starts_with("good") {
            let folder = directory.path().join(index.to_string());
            fs::create_dir(&folder).expect("a folder");
            copy(&case, &folder);
            paths.push(if case.is_dir() { folder } else { folder.join(name_of(&case)) });
        }
    }
    assert!(paths.len() > 100, "only {} were found", paths.len());
    assert_eq!(found_below(&directory, paths), "");
}

/// What was typed and what comments say hold for what a probe found, too.
#[test]
fn live_findings_are_selected_and_those_that_are_suppressed_are_counted() {
    let case = |name: &str, select: &[String]| {
        let directory = TestDirectory::new();
        copy(&fixtures("rules").join(name), directory.path());
        let query = Query { paths: vec![directory.path().to_path_buf()], ..Query::default() };
        let found = projects(&query, |read| {
            let read = read.expect("a project");
            let selection = Selection::new(&read.settings, select, &[]);
            let wanted = LiveWanted { selection: &selection, ignores: &read.ignores, server_memory: None };
            let configuration = read.project.configurations.first().expect("a configuration");
            let json = fs::read_to_string(read.directory.join("health.json")).expect("what a probe found");
            let verdict = rules::check_live(configuration, &health(configuration, &json), &read.settings, &wanted);
            let ids = verdict.findings.iter().map(|(subject, it)| format!("{} {}", subject.name(), it.rule.id));
            (ids.collect::<Vec<String>>(), verdict.suppressed)
        });
        found.into_iter().next().expect("one project")
    };
    let found = |ids: &[&str], suppressed| (ids.iter().map(|id| (*id).to_owned()).collect(), suppressed);
    let select = |name: &str| vec![name.to_owned()];
    assert_eq!(case("host-not-found/bad", &[]), found(&["mlflow host-not-found"], 0));
    assert_eq!(case("host-not-found/bad", &select("live")), found(&["mlflow host-not-found"], 0));
    assert_eq!(case("host-not-found/bad", &select("unreachable")), found(&[], 0));
    assert_eq!(case("host-not-found/good_suppressed", &[]), found(&[], 1));
    assert_eq!(case("host-not-found/good_settings", &[]), found(&[], 1));
    // Nobody has said how much memory the server has, so nothing is said about shares of it.
    assert_eq!(case("server-settings/bad", &[]).0.len(), 8);
}

#[test]
fn realistic_projects_have_no_false_alarms() {
    let mut wrong = String::new();
    for case in sorted(&fixtures("projects")) {
        judge(&case, &case.join("findings.txt"), &mut wrong);
    }
    assert!(wrong.is_empty(), "{wrong}");
}

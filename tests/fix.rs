//! `dbcfg check --fix`: each fix on a file of its own, and what is mended when.
//!
//! A case is `fixtures/fix/<rule>/<safety>_<what>/`: `before` is mended to `after`, byte for byte, by `--fix` if its name
//! begins with `safe`, and by `--fix --unsafe-fixes` alone if it begins with `unsafe`. What begins with `none` has a
//! finding of the rule, and stays. Only the rule of the folder is asked for.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use dbcfg::document::{Document, Format};
use dbcfg::rules;
use serde_json::Value;

use crate::support::{Dbcfg, Output, name_of, sorted};

/// One fixture.
struct Case {
    name: String,
    rule: String,
    /// What the fixes are: `safe`, `unsafe` or `none`.
    safety: String,
    /// What the file is called, so that dbcfg takes it for what it is.
    file: String,
    before: String,
    after: String,
}

impl Case {
    fn read(rule: &str, folder: &Path) -> Self {
        let file = |stem: &str| sorted(folder).into_iter().find(|path| name_of(path).starts_with(stem));
        let before = file("before").unwrap_or_else(|| panic!("{}: there is no before", folder.display()));
        let text = |path: &Path| fs::read_to_string(path).expect("a fixture");
        let extension = before.extension().expect("an extension").to_string_lossy().into_owned();
        Self {
            name: format!("{rule}/{}", name_of(folder)),
            rule: rule.to_owned(),
            safety: name_of(folder).split('_').next().unwrap_or_default().to_owned(),
            file: if extension == "env" { ".env".to_owned() } else { format!("settings.{extension}") },
            after: text(&file("after").unwrap_or_else(|| before.clone())),
            before: text(&before),
        }
    }

    /// Runs `check` with arguments on a text. Gives what was printed, and the text that the file then has.
    fn run(&self, text: &str, arguments: &[&str]) -> (Output, String) {
        let dbcfg = Dbcfg::new()
            .file(&self.file, text)
            .args(&["check", "--format", "json", "--select", &self.rule])
            .args(arguments);
        let output = dbcfg.run();
        let text = fs::read_to_string(dbcfg.path(&self.file)).expect("the file is there");
        (output, text)
    }

    /// Tells what is wrong with the fixes of the case.
    fn judge(&self, wrong: &mut String) {
        let mut demand = |is_so: bool, what: &str, shown: &dyn std::fmt::Display| {
            if !is_so {
                let _ = writeln!(wrong, "--- {}: {what}\n{shown}", self.name);
            }
        };
        let (found, _) = self.run(&self.before, &[]);
        let fixes = fixes(&found);
        demand(fixes.contains(&self.safety), "its findings say otherwise", &found.stdout);
        let (output, text) = self.run(&self.before, &["--fix"]);
        let is_safe = self.safety == "safe";
        let safe = if is_safe { &self.after } else { &self.before };
        demand(text == *safe, "`--fix` makes this of it", &format!("{text}\n{}{}", output.stdout, output.stderr));
        let (output, text) = self.run(&self.before, &["--fix", "--unsafe-fixes"]);
        demand(text == self.after, "`--unsafe-fixes` makes this of it", &format!("{text}\n{}", output.stderr));
        let left = self::fixes(&output);
        demand(left.iter().all(|fix| fix == "none"), "something is left", &output.stdout);
        demand(self.safety == "none" || left.len() < fixes.len(), "the finding is not gone", &output.stdout);
        let said = parsed(&output)["summary"]["fixed"].as_u64();
        demand(said == Some((fixes.len() - left.len()) as u64), "another number is said to be mended", &output.stdout);
        let (output, again) = self.run(&self.after, &["--fix", "--unsafe-fixes"]);
        demand(again == self.after, "a second run changes it", &again);
        demand(output.stderr.is_empty(), "a second run says something", &output.stderr);
        let format = Format::of_name(&self.file).expect("a format");
        let comments = |text: &str| {
            let document = Document::parse(text.as_bytes(), format);
            assert_eq!(document.problems(), [], "{}", self.name);
            let comments = document.comments().iter().map(|comment| document.slice(comment.span).to_owned());
            comments.collect::<Vec<String>>()
        };
        demand(comments(&self.before) == comments(&self.after), "comments differ", &"");
    }
}

fn parsed(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", output.stdout, output.stderr))
}

/// The fixes of the findings that were printed as JSON.
fn fixes(output: &Output) -> Vec<String> {
    let report = parsed(output);
    let findings = report["findings"].as_array().expect("findings").clone();
    findings.iter().map(|finding| finding["fix"].as_str().expect("a word").to_owned()).collect()
}

#[test]
fn every_fix_mends_its_finding_and_nothing_else() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/fix");
    let mut wrong = String::new();
    let mut tried = BTreeSet::new();
    for folder in sorted(&root) {
        let rule = name_of(&folder);
        for case in sorted(&folder) {
            let case = Case::read(&rule, &case);
            case.judge(&mut wrong);
            if case.safety != "none" {
                tried.insert(rule.clone());
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    let fixable: BTreeSet<String> =
        rules::all().filter(|rule| rule.info.is_fixable).map(|rule| rule.info.id.to_owned()).collect();
    assert_eq!(tried, fixable, "rules with a fix, and rules that say so");
}

/// Every finding that says it can be mended is gone when it is, in the fixtures of all rules.
#[test]
fn whatever_says_that_it_can_be_mended_can_be() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rules");
    let mut count = 0;
    for path in sorted(&root).iter().flat_map(|folder| sorted(folder)) {
        if !name_of(&path).starts_with("bad") || path.extension().is_some_and(|extension| extension == "findings") {
            continue;
        }
        let files = if path.is_dir() { sorted(&path) } else { vec![path.clone()] };
        let mut dbcfg = Dbcfg::new().args(&["check", ".", "--format", "json", "--fix", "--unsafe-fixes"]);
        for file in files.iter().filter(|file| file.is_file()) {
            let name = if path.is_dir() { name_of(file) } else { name_of(file).replacen("bad", "settings", 1) };
            dbcfg = dbcfg.bytes(&name, &fs::read(file).expect("a fixture"));
        }
        let run = dbcfg.run();
        let left = fixes(&run);
        assert!(left.iter().all(|fix| fix == "none"), "{}: {}", path.display(), run.stdout);
        count += parsed(&run)["summary"]["fixed"].as_u64().expect("a number");
    }
    assert!(count > 20, "only {count} were mended");
}

/// A file with a finding that is mended safely, one that is not, and one that is not mended at all.
const SETTINGS: &str = "\
# Ask the platform team.
databases:
  main:
    host: db.example.com
    port: \"5432\"
    ssl_mode: requre   # soon
    pool: {max_connections: many}
    password: v0rtex
";

/// What is asked for, so that other rules may find what they will.
const RULES: &[&str] = &["--select", "wrong-type,unknown-ssl-mode,unknown-key,unused-suppression"];

fn check(arguments: &[&str]) -> Dbcfg {
    Dbcfg::new().args(&["check"]).args(RULES).args(arguments)
}

fn text(dbcfg: &Dbcfg, path: &str) -> String {
    fs::read_to_string(dbcfg.path(path)).expect("the file is there")
}

#[test]
fn what_is_left_is_shown_and_decides_the_status() {
    let dbcfg = check(&["--fix", "--format", "concise"]).file("settings.yaml", SETTINGS);
    let run = dbcfg.run().expect_status(1).expect_nowhere("v0rtex");
    run.expect_stderr("Mended 1 problem in 1 file.\n").expect_stdout(
        "settings.yaml:6:15: error[unknown-ssl-mode]: main has the ssl_mode `requre`, which libpq does not know\n\
         settings.yaml:7:29: error[wrong-type]: `max_connections` takes a whole number, and this is text\n\
         Found 2 errors in 1 file.\n\
         1 can be mended with `--fix --unsafe-fixes`.\n",
    );
    assert_eq!(text(&dbcfg, "settings.yaml"), SETTINGS.replace("\"5432\"", "5432"));
    let dbcfg = check(&["--fix", "--unsafe-fixes"]).file("settings.yaml", &SETTINGS.replace("many", "5"));
    dbcfg
        .run()
        .expect_status(0)
        .expect_stdout("No problems in 1 file.\n")
        .expect_stderr("Mended 2 problems in 1 file.\n");
    dbcfg.run().expect_status(0).expect_stdout("No problems in 1 file.\n").expect_stderr("").expect_files_unchanged();
}

#[test]
fn what_can_be_mended_is_said() {
    let dbcfg = check(&[]).file("settings.yaml", SETTINGS);
    let run = dbcfg.run().expect_status(1).expect_files_unchanged();
    for expected in [
        "= help: write 5432 without quotes (`--fix` does it)\n",
        "= help: write `require` (`--fix --unsafe-fixes` does it)\n",
        "= help: write a whole number, or `${VARIABLE}`\n",
        "\n1 can be mended with `--fix`, and 1 more with `--fix --unsafe-fixes`.\n",
    ] {
        assert!(run.stdout.contains(expected), "{expected}\n{}", run.stdout);
    }
}

#[test]
fn a_difference_is_shown_masked_and_nothing_is_written() {
    let url = SETTINGS.replace("    ssl_mode: requre   # soon\n", "").replace("many", "5").replace(
        "    password: v0rtex\n",
        "    url: postgresql://app_user:v0rtex@db.example.com/app?aplication_name=x\n",
    );
    let dbcfg = check(&["--diff"]).file("settings.yaml", &url);
    let run = dbcfg.run().expect_status(1).expect_files_unchanged().expect_nowhere("v0rtex");
    run.expect_stderr("`--fix` would mend 1 problem in 1 file.\n").expect_stdout(
        "--- a/settings.yaml\n+++ b/settings.yaml\n@@ -2,6 +2,6 @@\n databases:\n   main:\n     host: db.example.com\n\
         -    port: \"5432\"\n+    port: 5432\n     pool: {max_connections: 5}\n\
         \u{20}    url: postgresql://app_user:********@db.example.com/app?aplication_name=x\n",
    );
    let dbcfg = check(&["--diff", "--fix", "--unsafe-fixes"]).file("settings.yaml", &url);
    let run = dbcfg.run().expect_status(1).expect_files_unchanged().expect_nowhere("v0rtex");
    assert!(run.stdout.contains("\n+    url: postgresql://app_user:********@db.example.com/app?application_name=x\n"));
    run.expect_stderr("`--fix` would mend 2 problems in 1 file.\n");
    let nothing = check(&["--diff"]).file("settings.yaml", &SETTINGS.replace("\"5432\"", "5432")).run();
    nothing.expect_status(0).expect_stdout("").expect_stderr("");
}

#[test]
fn standard_input_is_printed_as_it_becomes() {
    let dbcfg = check(&["--fix", "--format", "concise", "-", "--stdin-filename", "settings.yaml"]).stdin(SETTINGS);
    let run = dbcfg.run().expect_status(1).expect_files_unchanged();
    run.expect_stdout(&SETTINGS.replace("\"5432\"", "5432")).expect_stderr(
        "Mended 1 problem in 1 file.\n\
         settings.yaml:6:15: error[unknown-ssl-mode]: main has the ssl_mode `requre`, which libpq does not know\n\
         settings.yaml:7:29: error[wrong-type]: `max_connections` takes a whole number, and this is text\n\
         Found 2 errors in 1 file.\n\
         1 can be mended with `--fix --unsafe-fixes`.\n",
    );
    // It stands for the file that is there, which stays what it is.
    let good = "databases: {main: {host: db.example.com}}\r\n";
    let dbcfg = check(&["--fix", "-", "--stdin-filename", "settings.yaml"]).file("settings.yaml", SETTINGS).stdin(good);
    dbcfg.run().expect_status(0).expect_stdout(good).expect_files_unchanged();
}

#[test]
fn one_fix_may_show_another_problem_which_is_mended_too() {
    let before = "databases:\n  main:\n    host: db.example.com\n    prot: \"5432\" # see above\n";
    let dbcfg = check(&["--fix", "--unsafe-fixes"]).file("settings.yaml", before);
    dbcfg.run().expect_status(0).expect_stderr("Mended 2 problems in 1 file.\n");
    assert_eq!(text(&dbcfg, "settings.yaml"), before.replace("prot: \"5432\"", "port: 5432"));
}

#[test]
fn what_is_not_asked_for_or_not_shown_is_not_mended() {
    let bad = "databases:\n  main:\n    host: db.example.com\n    port: \"5432\"\n";
    let suppressed = bad.replace("\"5432\"", "\"5432\" # dbcfg: ignore[wrong-type] a driver of ours wants text");
    let dbcfg = check(&["--fix", "."])
        .file("a/settings.yaml", &suppressed)
        .file("b/dbcfg.toml", "exclude = [\"settings.yaml\"]\n")
        .file("b/settings.yaml", bad)
        .file("c/dbcfg.toml", "[per-file-ignores]\n\"settings.yaml\" = [\"wrong-type\"]\n")
        .file("c/settings.yaml", bad);
    dbcfg.run().expect_status(0).expect_stderr("").expect_files_unchanged();
    let dbcfg = Dbcfg::new().file("settings.yaml", bad).args(&["check", "--fix", "--select", "unknown-key"]);
    dbcfg.run().expect_status(0).expect_stderr("").expect_files_unchanged();
    let write = check(&["--write-baseline"]).file("settings.yaml", bad);
    let known = write.run().expect_status(0);
    drop(known);
    let baseline = text(&write, "dbcfg-baseline.json");
    let dbcfg = check(&["--fix", "--baseline", "known.json"]).file("settings.yaml", bad).file("known.json", &baseline);
    dbcfg.run().expect_status(0).expect_stderr("").expect_files_unchanged();
    // The rest of a project is context.
    let dbcfg = check(&["--fix", "settings.yaml"])
        .file("settings.yaml", bad)
        .file("settings.production.yaml", bad)
        .run()
        .expect_status(0)
        .expect_stderr("Mended 1 problem in 1 file.\n");
    drop(dbcfg);
}

#[test]
fn files_that_cannot_be_written_again_say_so_beforehand() {
    let bad = "databases:\n  main:\n    host: db.example.com\n    port: \"5432\"\n";
    let sops = format!("{bad}sops:\n  mac: ENC[AES256_GCM,data:x]\n");
    let ini = "[alembic]\nsqlalchemy.url = sqlite:///var/lib/app.db\n";
    for (path, text) in [("settings.yaml", sops.as_str()), ("alembic.ini", ini)] {
        let arguments =
            ["check", "--format", "json", "--select", "wrong-type,sqlite-slashes", "--fix", "--unsafe-fixes"];
        let run = Dbcfg::new().file(path, text).args(&arguments).run().expect_files_unchanged();
        assert_eq!(fixes(&run), ["none"], "{path}");
    }
}

#[test]
fn several_files_and_a_file_under_two_names() {
    let bad = "databases:\n  main:\n    host: db.example.com\n    port: \"5432\"\n";
    let dbcfg = check(&["--fix", "."]).file("a/settings.yaml", bad).file("b/config/settings.yaml", bad);
    std::os::unix::fs::symlink("settings.yaml", dbcfg.path("a/settings.local.yaml")).expect("a link");
    dbcfg.run().expect_status(0).expect_stderr("Mended 2 problems in 2 files.\n");
    for path in ["a/settings.yaml", "a/settings.local.yaml", "b/config/settings.yaml"] {
        assert_eq!(text(&dbcfg, path), bad.replace("\"5432\"", "5432"), "{path}");
    }
    let link = fs::symlink_metadata(dbcfg.path("a/settings.local.yaml")).expect("it is there");
    assert!(link.file_type().is_symlink());
}

#[test]
fn it_can_be_taken_back() {
    let dbcfg = check(&["--fix", "--format", "concise"]).file("settings.yaml", SETTINGS);
    dbcfg.run().expect_status(1);
    assert_ne!(text(&dbcfg, "settings.yaml"), SETTINGS);
    let state = dbcfg.path(".local");
    let undo = Dbcfg::new().env("HOME", &state.parent().expect("a home").to_string_lossy());
    let file = dbcfg.path("settings.yaml");
    let run = undo.args(&["migrate", "--undo", "--yes", &file.to_string_lossy()]).run();
    assert_eq!(text(&dbcfg, "settings.yaml"), SETTINGS, "{}{}", run.stdout, run.stderr);
    run.expect_nowhere("v0rtex");
    let dbcfg = check(&["--fix", "--no-backup"]).file("settings.yaml", SETTINGS);
    dbcfg.run().expect_status(1);
    assert_ne!(text(&dbcfg, "settings.yaml"), SETTINGS);
    assert!(!dbcfg.path(".local").exists());
}

#[test]
fn a_file_that_cannot_be_replaced_is_told_and_stays() {
    let dbcfg = check(&["--fix"]).file("settings.yaml", SETTINGS);
    fs::hard_link(dbcfg.path("settings.yaml"), dbcfg.path("same.txt")).expect("a link");
    let run = dbcfg.run().expect_status(2).expect_stdout("").expect_nowhere("v0rtex");
    assert!(run.stderr.starts_with("dbcfg: settings.yaml: "), "{}", run.stderr);
    assert_eq!(text(&dbcfg, "settings.yaml"), SETTINGS);
}

#[test]
fn arguments_that_make_no_sense_together_are_told() {
    for (arguments, expected) in [
        (["check", "--unsafe-fixes", "."].as_slice(), "`--unsafe-fixes` goes with `--fix`, or with `--diff`"),
        (&["check", "--fix", "--write-baseline", "."], "--write-baseline"),
        (&["check", "--no-backup", "."], "--fix"),
    ] {
        let run = Dbcfg::new().file("settings.yaml", SETTINGS).args(arguments).run().expect_status(2);
        assert!(run.stderr.contains(expected), "{}", run.stderr);
        run.expect_files_unchanged();
    }
}

//! `dbcfg migrate` where nobody is asked: what is printed, what is written, what is taken back, and what is refused.

use super::support::{Dbcfg, ENTER, Output, Step, TestDirectory};

const BEFORE: &str = "\
app: {name: shop}

# The big database.
postgres_primary:
  host: db.example.com  # on its own
  port: 5432
  database: shop
  user: shop
  password: c4n4ry
  connection_pool: {min_connections: 1, max_connections: 5}
";

const AFTER: &str = "\
app: {name: shop}

databases:
  # The big database.
  main:
    host: db.example.com  # on its own
    port: 5432
    database: shop
    username: shop
    password: c4n4ry
    pool: {min_connections: 1, max_connections: 5}
";

const DIFF: &str = "\
--- a/settings.yaml
+++ b/settings.yaml
@@ -1,10 +1,11 @@
 app: {name: shop}
 
-# The big database.
-postgres_primary:
-  host: db.example.com  # on its own
-  port: 5432
-  database: shop
-  user: shop
-  password: ********
-  connection_pool: {min_connections: 1, max_connections: 5}
+databases:
+  # The big database.
+  main:
+    host: db.example.com  # on its own
+    port: 5432
+    database: shop
+    username: shop
+    password: ********
+    pool: {min_connections: 1, max_connections: 5}
";

const PLAN: &str = "\
settings.yaml
  postgres_primary -> databases.main  7 keys, 2 comments

Further choices:
  1 password stands in the file
    --secrets env moves it to .env; without it it stays

";

/// The shop, whose backups are kept elsewhere.
struct Shop {
    state: TestDirectory,
    run: Dbcfg,
}

impl Shop {
    fn new() -> Self {
        let state = TestDirectory::new();
        let path = state.path().to_str().expect("a plain path");
        let run = Dbcfg::new().file("settings.yaml", BEFORE).env("XDG_STATE_HOME", path);
        Self { state, run }
    }

    fn file(mut self, path: &str, text: &str) -> Self {
        self.run = self.run.file(path, text);
        self
    }

    /// Runs `dbcfg migrate` with these arguments, after the runs before.
    #[track_caller]
    fn migrate(&mut self, arguments: &[&str]) -> Output {
        self.run.set_args(&[&["migrate"], arguments].concat());
        self.run.run()
    }
}

#[test]
fn without_yes_the_difference_is_printed_and_nothing_is_written() {
    let mut shop = Shop::new();
    let talk = format!("{PLAN}1 file would change; `--yes` writes it.\n");
    shop.migrate(&[]).expect_status(1).expect_stdout(DIFF).expect_stderr(&talk).expect_files_unchanged();
    shop.migrate(&["settings.yaml"]).expect_status(1).expect_stdout(DIFF).expect_stderr(&talk).expect_files_unchanged();
    let output = shop.migrate(&["--diff"]).expect_status(1);
    output.expect_stdout(DIFF).expect_stderr("").expect_files_unchanged();
    let output = shop.migrate(&["--check"]).expect_status(1);
    output.expect_stdout("").expect_stderr("settings.yaml: to be migrated\n").expect_files_unchanged();
    shop.migrate(&["--check", "-q"]).expect_status(1).expect_stdout("").expect_stderr("");
}

#[test]
fn with_yes_it_is_written_and_taken_back() {
    let mut shop = Shop::new();
    let talk = format!("{PLAN}Wrote settings.yaml.\n`dbcfg migrate --undo settings.yaml --yes` takes it back.\n");
    let output = shop.migrate(&["--yes"]).expect_status(0).expect_stdout("").expect_stderr(&talk);
    output.expect_file("settings.yaml", AFTER);
    shop.migrate(&[]).expect_status(0).expect_stdout("").expect_stderr("Nothing is to be migrated.\n");
    shop.migrate(&["--check"]).expect_status(0).expect_stdout("").expect_stderr("");
    shop.migrate(&["--yes"]).expect_status(0).expect_files_unchanged();

    let output = shop.migrate(&["--undo"]).expect_status(1).expect_files_unchanged();
    assert!(output.stdout.contains("\n-databases:\n") && output.stdout.contains("\n+postgres_primary:\n"));
    output.expect_stderr("1 file would be put back; `--yes` does it.\n").expect_nowhere("c4n4ry");
    let output = shop.migrate(&["--undo", "--yes"]).expect_status(0).expect_stdout("");
    output.expect_stderr("Put back settings.yaml.\n").expect_file("settings.yaml", BEFORE);
    shop.migrate(&["--undo", "--yes"])
        .expect_status(0)
        .expect_stderr("There is nothing to take back below this directory.\n");
}

#[test]
fn only_what_was_written_below_here_is_taken_back() {
    let mut shop = Shop::new().file("sub/settings.yaml", BEFORE).file("sub/deep/settings.yaml", BEFORE);
    shop.migrate(&["settings.yaml", "--yes"]).expect_status(0);
    shop.migrate(&["sub", "--yes"]).expect_status(0).expect_file("sub/deep/settings.yaml", AFTER);
    // Another project, whose run is the last one of all.
    let path = shop.state.path().to_str().expect("a plain path").to_owned();
    let mut other = Dbcfg::new().file("settings.yaml", BEFORE).env("XDG_STATE_HOME", &path);
    other.set_args(&["migrate", "--yes"]);
    other.run().expect_status(0);

    let output = shop.migrate(&["--undo"]).expect_status(1).expect_files_unchanged();
    output.expect_stderr("2 files would be put back; `--yes` does it.\n");
    let output = shop.migrate(&["--undo", "sub/deep", "--yes"]).expect_status(0);
    output.expect_stderr("Put back sub/deep/settings.yaml.\n").expect_file("sub/settings.yaml", AFTER);
    let output = shop.migrate(&["--undo", "--yes"]).expect_status(0);
    output.expect_stderr("Put back sub/settings.yaml.\n").expect_file("settings.yaml", AFTER);
    let output = shop.migrate(&["--undo", ".", "--yes"]).expect_status(0);
    output.expect_stderr("Put back settings.yaml.\n").expect_file("settings.yaml", BEFORE);
    shop.migrate(&["--undo", "--yes"]).expect_status(0).expect_files_unchanged();

    let output = shop.migrate(&["--history", "sub"]).expect_status(0);
    assert_eq!(output.stdout.lines().count(), 5, "{}", output.stdout);
    for flag in ["--undo", "--history"] {
        let output = shop.migrate(&[flag, "missing.yaml"]).expect_status(2).expect_stdout("").expect_files_unchanged();
        output.expect_stderr_contains("dbcfg: missing.yaml: it is not there, and dbcfg has never written it\n");
    }
    // What was written and is gone is known by its name.
    std::fs::remove_file(shop.run.path("sub/settings.yaml")).expect("remove it");
    shop.migrate(&["--history", "sub/settings.yaml"]).expect_status(0).expect_stdout_contains("  undo  ");
    assert_eq!(std::fs::read_to_string(other.path("settings.yaml")).expect("the other file"), AFTER);
}

#[test]
fn what_was_written_is_listed() {
    let mut shop = Shop::new();
    shop.migrate(&["--history"]).expect_status(0).expect_stdout("").expect_stderr("dbcfg has written nothing here.\n");
    shop.migrate(&["--yes", "--secrets", "env"]).expect_status(0);
    let output = shop.migrate(&["--history"]).expect_status(0).expect_stderr("").expect_nowhere("c4n4ry");
    let lines: Vec<&str> = output.stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[0].starts_with("TIME") && lines[1].contains("  migrate  "), "{lines:?}");
    let output = shop.migrate(&["--history", "settings.yaml"]).expect_status(0).expect_nowhere("c4n4ry");
    output.expect_stdout_contains("databases.main.password: ${MAIN_PASSWORD} (new)");
    let output = shop.migrate(&["--history", "--format", "json"]).expect_status(0).expect_nowhere("c4n4ry");
    let json: serde_json::Value = serde_json::from_str(&output.stdout).expect("JSON");
    assert_eq!(json["version"], 1);
    assert_eq!(json["entries"].as_array().map(Vec::len), Some(2));
    assert_eq!(json["entries"][0]["action"], "migrate");
}

#[test]
fn passwords_move_to_a_private_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut shop = Shop::new().file(".git/HEAD", "");
    let output = shop.migrate(&["--yes", "--secrets", "env"]).expect_status(0).expect_nowhere("c4n4ry");
    output
        .expect_stderr_contains(".env (new)\n")
        .expect_stderr_contains("take care: git does not ignore it; add it to .gitignore")
        .expect_stderr_contains("Wrote settings.yaml, .env.\n")
        .expect_file("settings.yaml", &AFTER.replace("c4n4ry", "\"${MAIN_PASSWORD}\""))
        .expect_file(".env", "MAIN_PASSWORD=c4n4ry\n");
    let mode = std::fs::metadata(shop.run.path(".env")).expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    shop.migrate(&["--undo", "--yes"]).expect_status(0).expect_file("settings.yaml", BEFORE);
    assert!(!shop.run.path(".env").exists());
}

#[test]
fn the_new_text_goes_elsewhere() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut shop = Shop::new().file("other.yaml", "x: 1\n");
    shop.migrate(&["settings.yaml", "--output", "-"]).expect_status(0).expect_stdout(AFTER).expect_files_unchanged();
    let output = shop.migrate(&["--output", "new.yaml"]).expect_status(0).expect_stdout("");
    output
        .expect_stderr("Wrote new.yaml; settings.yaml is as it was.\n")
        .expect_file("new.yaml", AFTER)
        .expect_file("settings.yaml", BEFORE);
    let mode = std::fs::metadata(shop.run.path("new.yaml")).expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let output = shop.migrate(&["settings.yaml", "--output", "other.yaml"]).expect_status(2).expect_files_unchanged();
    output.expect_stderr("dbcfg: other.yaml is there already; `--yes` replaces it\n");
    shop.migrate(&["settings.yaml", "--output", "other.yaml", "--yes"])
        .expect_status(0)
        .expect_file("other.yaml", AFTER);
    let output = shop.migrate(&["--output", "./settings.yaml", "--yes"]).expect_status(2).expect_files_unchanged();
    output.expect_stderr_contains("names the file itself");
    let output = shop.migrate(&["--output", "x.yaml", "--secrets", "env"]).expect_status(2).expect_files_unchanged();
    output.expect_stderr_contains("`--secrets env` makes another");
}

#[test]
fn programs_get_all_of_it() {
    let mut shop = Shop::new().file("app/db.py", "\nprint(settings['postgres_primary'])\n");
    let output = shop.migrate(&["--format", "json"]).expect_status(1).expect_stderr("").expect_files_unchanged();
    let json: serde_json::Value = serde_json::from_str(&output.stdout).expect("JSON");
    let expected = serde_json::json!({
        "version": 1,
        "files": [{
            "path": "settings.yaml",
            "changed": true,
            "new": false,
            "moves": [{"from": "postgres_primary", "to": "databases.main", "keys": 7, "comments": 2}],
            "changes": [],
            "notes": [],
            "diff": DIFF,
        }],
        "questions": [{"kind": "secrets", "flag": "--secrets", "count": 1}],
        "findings": [],
        "mentions": [{"path": "app/db.py", "line": 2, "key": "postgres_primary"}],
        "written": false,
    });
    assert_eq!(json, expected);
    let output = shop.migrate(&["--format", "json", "--yes"]).expect_status(0).expect_file("settings.yaml", AFTER);
    let json: serde_json::Value = serde_json::from_str(&output.stdout).expect("JSON");
    assert_eq!(json["written"], true);
    let output = shop.migrate(&["--format", "json"]).expect_status(0);
    let json: serde_json::Value = serde_json::from_str(&output.stdout).expect("JSON");
    assert_eq!((&json["files"][0]["changed"], &json["files"][0]["diff"]), (&false.into(), &"".into()));
}

#[test]
fn other_files_that_mention_what_goes_away_are_listed() {
    let mut shop = Shop::new().file("app/db.py", "\nprint(settings['postgres_primary'])\n");
    let mentions = "Other files mention what goes away:\n  `postgres_primary`: app/db.py:2\n\n";
    shop.migrate(&[]).expect_status(1).expect_stderr_contains(mentions);
    let output = shop.migrate(&["--keep-legacy", "--yes"]).expect_status(0);
    assert!(!output.stderr.contains("mention"), "{}", output.stderr);
}

#[test]
fn several_files_and_projects_are_one_run() {
    let mut shop = Shop::new().file("sub/settings.yaml", BEFORE);
    let output = shop.migrate(&[]).expect_status(1).expect_files_unchanged();
    output.expect_stderr_contains("2 files would change; `--yes` writes them.\n");
    let output = shop.migrate(&["--check"]).expect_status(1);
    output.expect_stderr("settings.yaml: to be migrated\nsub/settings.yaml: to be migrated\n");
    let output = shop.migrate(&["--yes"]).expect_status(0);
    output.expect_file("settings.yaml", AFTER).expect_file("sub/settings.yaml", AFTER);
    let output = shop.migrate(&["--undo", "--yes"]).expect_status(0);
    output.expect_file("settings.yaml", BEFORE).expect_file("sub/settings.yaml", BEFORE);
}

/// Two definitions of main that name different places.
const CONFLICT: &str = "\
postgres_primary:
  host: a.example.com
  database: shop
app_postgres:
  host: b.example.com
  database: shop
";

#[test]
fn what_has_to_be_decided_is_told_with_its_flags() {
    let mut shop = Shop::new().file("settings.yaml", CONFLICT);
    let output = shop.migrate(&["--yes"]).expect_status(1).expect_files_unchanged();
    let output = output
        .expect_stderr_contains("  main is defined differently by\n")
        .expect_stderr_contains("--prefer postgres_primary or --prefer app_postgres;")
        .expect_stderr_contains("Nothing changes before that is decided.\n");
    // The question says it; it is not told twice.
    assert!(!output.stderr.contains("not migrated:"), "{}", output.stderr);
    shop.migrate(&["--check"]).expect_status(1).expect_stderr(".: a decision is missing (--prefer)\n");
    let output = shop.migrate(&["--yes", "--prefer", "app_postgres"]).expect_status(0);
    output.expect_stderr_contains("Wrote settings.yaml.\n");
    let text = std::fs::read_to_string(shop.run.path("settings.yaml")).expect("the file");
    assert_eq!(text, "databases:\n  main:\n    host: b.example.com\n    database: shop\n");
}

/// A section that stays since another place uses it.
const LEFT: &str = "\
postgres_primary: &primary
  host: db.example.com
  database: shop
jobs: *primary
";

#[test]
fn what_is_left_is_told_and_nobody_has_to_do_anything_about_it() {
    let reason = "`postgres_primary`: it is anchored, and line 4 would change with it";
    let mut shop = Shop::new().file("settings.yaml", LEFT);
    let output = shop.migrate(&[]).expect_status(0).expect_stdout("").expect_files_unchanged();
    let talk = format!(
        "settings.yaml\n  not migrated: {reason} (settings.yaml:1:1)\n\nNothing more can be migrated; 1 part is left as it is.\n"
    );
    output.expect_stderr(&talk);
    let line = format!("settings.yaml:1:1: not migrated: {reason}\n");
    shop.migrate(&["--check"]).expect_status(0).expect_stderr(&line);
    let output = shop.migrate(&["--output", "-"]).expect_status(0).expect_stdout(LEFT);
    output.expect_stderr(&format!("settings.yaml\n  not migrated: {reason} (settings.yaml:1:1)\n\n"));
    // A refusal is all there is to say.
    let output = shop.migrate(&["--output", "settings.yaml"]).expect_status(2);
    assert!(!output.stderr.contains("not migrated"), "{}", output.stderr);
}

#[test]
fn what_has_to_be_mended_first_is_something_to_do() {
    let twice = "postgres_primary:\n  host: a.example.com\n  host: b.example.com\n  database: shop\n";
    for (text, what) in [("a: [b\n", "it has to be mended first"), (twice, "a key stands in it twice")] {
        let mut shop = Shop::new().file("bad.yaml", text);
        let output = shop.migrate(&["--check", "bad.yaml"]).expect_status(1).expect_stdout("");
        output.expect_stderr_contains("not migrated: ").expect_stderr_contains(what);
        shop.migrate(&["--yes", "bad.yaml"]).expect_status(1).expect_files_unchanged();
    }
}

#[test]
fn files_of_the_run_are_not_told_as_mentions() {
    let mut shop = Shop::new().file("config/real.yaml", BEFORE).file("sub/settings.yaml", BEFORE);
    std::fs::remove_file(shop.run.path("settings.yaml")).expect("remove it");
    std::os::unix::fs::symlink("config/real.yaml", shop.run.path("settings.yaml")).expect("a link");
    let output = shop.migrate(&["settings.yaml", "sub"]).expect_status(1);
    assert!(!output.stderr.contains("mention"), "{}", output.stderr);
    // Which of several projects a choice is about is said.
    output
        .expect_stderr_contains("Further choices in settings.yaml:\n")
        .expect_stderr_contains("Further choices in sub/settings.yaml:\n");
}

#[test]
fn the_history_of_a_mended_value_tells_its_quotes() {
    let mut shop = Shop::new().file("settings.yaml", &BEFORE.replace("5432", "\"5432\""));
    shop.run.set_args(&["check", "--fix"]);
    shop.run.run();
    let output = shop.migrate(&["--history", "-v"]).expect_status(0).expect_nowhere("c4n4ry");
    output.expect_stdout_contains("port: \"5432\" -> 5432\n");
}

#[test]
fn nonsense_is_refused_and_not_repeated() {
    for (arguments, expected) in [
        (&["-"][..], "files are migrated, not standard input; `--output -` prints the new text of a file"),
        (&["postgresql://u:c4n4ry@h/d"], "a path is expected, and this is a postgresql URL"),
        (&["--map", "c4n4ry"], "`--map` takes the name of a section and its role: --map reports=main"),
        (
            &["--relocate", "mlflow=u:c4n4ry@h"],
            "`--relocate`: a server is a host, and perhaps a port, and no connection string",
        ),
        (&["--relocate", "reports=main"], "`--relocate` names a database that is not there; there are main"),
        (&["--map", "c4n4rz=main"], "`--map` names a section that is in none of the files; there is postgres_primary"),
        (&["--prefer", "c4n4rz"], "`--prefer` names a section that is in none of the files; there is postgres_primary"),
        // No name, although the text of it stands in the file.
        (
            &["--prefer", "database"],
            "`--prefer` names a section that is in none of the files; there is postgres_primary",
        ),
        (&["--map", "shop=main"], "`--map` names a section that is in none of the files; there is postgres_primary"),
        (&["--check", "--yes"], "`--check` does not go with `--yes`"),
        (&["--diff", "--output", "c4n4ry"], "`--diff` does not go with `--output`"),
        (&["--undo", "--map", "c4n4ry=main"], "`--undo` does not go with `--map`"),
        (&["--history", "--yes"], "`--history` does not go with `--yes`"),
        (&["--force"], "`--force` goes with `--undo`"),
        (&["-v"], "`--verbose` goes with `--history`"),
        (&["--server", "c4n4ry"], "`--server` does not take this value; it is one of separate, shared"),
        (&["--password", "c4n4ry"], "unexpected argument `--password`"),
    ] {
        let mut shop = Shop::new();
        let output = shop.migrate(arguments).expect_status(2).expect_stdout("").expect_files_unchanged();
        let output = output.expect_nowhere("c4n4r");
        assert_eq!(output.stderr.lines().next(), Some(format!("dbcfg: {expected}").as_str()), "{arguments:?}");
        if let Some(hint) = output.stderr.lines().find(|line| line.starts_with("For more")) {
            assert_eq!(hint, "For more information, try `dbcfg migrate --help`.", "{arguments:?}");
        }
    }
}

#[test]
fn nothing_is_written_while_a_file_cannot_be_read() {
    let mut shop = Shop::new();
    let output = shop.migrate(&["settings.yaml", "missing.yaml", "--yes"]).expect_status(2).expect_files_unchanged();
    output
        .expect_stderr_contains("missing.yaml")
        .expect_stderr_contains("nothing is migrated while a file of it cannot be read\n");
    let mut shop = Shop::new().file("dbcfg.toml", "nonsense = 1\n");
    shop.migrate(&["--yes"]).expect_status(2).expect_files_unchanged().expect_stderr_contains("dbcfg.toml:1:1");
}

#[test]
fn a_broken_file_is_left_with_the_reason() {
    let mut shop = Shop::new().file("settings.yaml", "postgres_primary:\n  host: [h\n");
    let output = shop.migrate(&["--yes"]).expect_status(1).expect_stdout("").expect_files_unchanged();
    output.expect_stderr_contains("error[unparsable]");
}

#[test]
fn where_nothing_is_nothing_is_done() {
    let empty = Dbcfg::new().args(&["migrate"]).run();
    empty.expect_status(2).expect_stdout("").expect_stderr("No settings files were found.\n");
    let named = Dbcfg::new().args(&["migrate", "."]).run();
    named.expect_status(0).expect_stderr("No settings files were found.\n");
}

#[test]
fn without_a_place_for_backups_nothing_is_written_unless_nobody_wants_them() {
    let run = || Dbcfg::new().file("settings.yaml", BEFORE).env("HOME", "").args(&["migrate", "--yes"]);
    let output = run().run().expect_status(2).expect_files_unchanged();
    output.expect_stderr_contains("there is no place for backups").expect_stderr_contains("`--no-backup`");
    let output = run().args(&["--no-backup"]).run().expect_status(0).expect_file("settings.yaml", AFTER);
    output.expect_stderr(&format!("{PLAN}Wrote settings.yaml.\n"));
}

#[test]
fn the_difference_is_one_that_git_applies() {
    let text = BEFORE.replace("  password: c4n4ry\n", "");
    let mut shop = Shop::new().file("settings.yaml", &text);
    let diff = shop.migrate(&["--diff"]).expect_status(1).stdout;
    let apply = Dbcfg::program("git").file("settings.yaml", &text).args(&["apply", "-"]).stdin(diff).run();
    apply.expect_status(0).expect_file("settings.yaml", &AFTER.replace("    password: c4n4ry\n", ""));
}

/// Makes a run of two files look as if it had been killed between them: the journal lacks its end, and the second file
/// was not reached.
fn kill(shop: &Shop) {
    let journal = shop.state.path().join("dbcfg/journal.jsonl");
    let text = std::fs::read_to_string(&journal).expect("the journal");
    let kept: Vec<&str> = text.lines().filter(|line| !line.contains("\"end\"")).collect();
    assert!(kept.len() < text.lines().count(), "{text}");
    std::fs::write(&journal, kept.join("\n") + "\n").expect("write the journal");
    std::fs::write(shop.run.path("sub/settings.yaml"), BEFORE).expect("write the second file");
}

#[test]
fn a_run_that_was_killed_is_taken_back_first() {
    let killed = || {
        let mut shop = Shop::new().file("sub/settings.yaml", BEFORE).file("other/settings.yaml", AFTER);
        shop.migrate(&["--yes"]).expect_status(0).expect_file("sub/settings.yaml", AFTER);
        kill(&shop);
        shop
    };
    let mut shop = killed();
    for arguments in [&["settings.yaml"][..], &["--check"], &["--undo", "--diff"]] {
        let output = shop.migrate(arguments).expect_status(2).expect_stdout("").expect_files_unchanged();
        output
            .expect_stderr_contains("was ended before it was done. It had written settings.yaml.\n")
            .expect_stderr_contains("`dbcfg migrate --yes` does it first\n");
    }
    // It concerns no other project.
    shop.migrate(&["other/settings.yaml"]).expect_status(0).expect_stderr("Nothing is to be migrated.\n");
    let output = shop.migrate(&["--yes"]).expect_status(0).expect_stderr_contains("Put back settings.yaml.\n");
    output
        .expect_stderr_contains("Wrote settings.yaml, sub/settings.yaml.\n")
        .expect_file("settings.yaml", AFTER)
        .expect_file("sub/settings.yaml", AFTER);
    // At a terminal it is asked.
    let mut shop = killed();
    shop.run.set_args(&["migrate", "settings.yaml"]);
    let ask = Step::See("Put back what was there before?");
    shop.run.dialogue(80, &[ask, Step::Press(ENTER)]).expect_status(2).expect_files_unchanged();
    let steps = [ask, Step::Press("y"), Step::Press(ENTER), Step::See("in the file"), Step::Press(ENTER)];
    let steps = [&steps[..], &[Step::See("Write 1 file?"), Step::Press(ENTER)]].concat();
    shop.run.dialogue(80, &steps).expect_status(1).expect_file("settings.yaml", BEFORE);
}

#[test]
fn an_interrupted_run_has_written_all_or_nothing_and_says_which() {
    use std::os::unix::process::ExitStatusExt as _;
    let mut fates = std::collections::BTreeMap::new();
    for moment in (0..60).map(|step| std::time::Duration::from_micros(step * 500)) {
        let shop = Shop::new();
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_dbcfg"));
        command.args(["migrate", "--yes"]).current_dir(shop.run.path("")).env_clear();
        command.env("XDG_STATE_HOME", shop.state.path()).stderr(std::process::Stdio::piped());
        let child = command.spawn().expect("dbcfg runs");
        std::thread::sleep(moment);
        let process = rustix::process::Pid::from_child(&child);
        // It may have ended.
        let _ = rustix::process::kill_process(process, rustix::process::Signal::INT);
        let output = child.wait_with_output().expect("dbcfg ends");
        let (talk, text) =
            (String::from_utf8_lossy(&output.stderr), std::fs::read_to_string(shop.run.path("settings.yaml")));
        let text = text.expect("the file is there");
        let fate = match (output.status.code(), output.status.signal()) {
            (Some(0), _) => "done",
            (Some(130), _) if talk.contains("nothing was written") => "stopped",
            (Some(130), _) => "done and told",
            (_, Some(2)) => "ended",
            other => panic!("{other:?}\n{talk}"),
        };
        let is_written = fate.starts_with("done");
        assert_eq!(text, if is_written { AFTER } else { BEFORE }, "{fate} after {moment:?}\n{talk}");
        assert_eq!(talk.contains("Wrote settings.yaml."), is_written, "{fate}\n{talk}");
        let names = std::fs::read_dir(shop.run.path("")).expect("list").count();
        assert_eq!(names, 1, "{fate}: something is left behind");
        *fates.entry(fate).or_insert(0) += 1;
    }
    assert!(fates.len() > 1, "{fates:?}");
}

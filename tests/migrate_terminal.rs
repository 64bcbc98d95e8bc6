//! `dbcfg migrate` at a terminal: what somebody sees, answers, and gets.

use super::support::{CONTROL_C, DOWN, Dbcfg, ENTER, Output, Screen, Step};

/// Settings with an MLflow host that cannot exist.
const SETTINGS: &str = "\
# The databases of the shop.
app: {name: shop}

postgres_primary:
  host: db.example.com  # the big one
  port: 5432
  database: shop
  user: shop
  password: \"${SHOP_DB_PASSWORD}\"

mlflow_alt_db:
  host: mlflow-alt.us-east-1.rds.amazonaws.com
  database: mlflow_db
  user: mlflow
  password: \"${MLFLOW_DB_PASSWORD}\"
";

fn shop(settings: &str) -> Dbcfg {
    Dbcfg::new().file("settings.yaml", settings).args(&["migrate", "settings.yaml"])
}

fn screen(output: &Output, columns: u16) -> String {
    Screen::of(output.stdout.as_bytes(), columns).lines().join("\n")
}

/// The migrated file when MLflow is on this host.
fn migrated(mlflow_host: &str) -> String {
    let text = SETTINGS.replace("postgres_primary:\n", "databases:\n  main:\n").replace("user: ", "username: ");
    let text = text.replace("mlflow_alt_db:\n", "  mlflow:\n").replace("\n  host", "\n    host");
    let text = ["port", "database", "username", "password"]
        .iter()
        .fold(text, |text, key| text.replace(&format!("\n  {key}"), &format!("\n    {key}")));
    text.replace("mlflow-alt.us-east-1.rds.amazonaws.com", mlflow_host)
}

const WHERE: Step = Step::See("Where is mlflow?");
const WRITE: Step = Step::See("Write 1 file?");

#[test]
fn a_dead_host_is_asked_about_and_the_answer_is_written() {
    // On main's server, which is what Enter alone takes.
    let steps =
        [WHERE, Step::See("leave it as it is"), Step::Press(ENTER), WRITE, Step::Press("y"), Step::Press(ENTER)];
    let output = shop(SETTINGS).dialogue(80, &steps).expect_status(0);
    let seen = screen(&output, 80);
    for part in [
        "Where is mlflow? on main's server\n",
        "\n  mlflow_alt_db    -> databases.mlflow  4 keys\n",
        "\n+    host: db.example.com\n",
        "\nWrite 1 file? yes\nWrote settings.yaml.\n`dbcfg migrate --undo settings.yaml` takes it back.",
    ] {
        assert!(seen.contains(part), "{part:?} is missing:\n{seen}");
    }
    output.expect_file("settings.yaml", &migrated("db.example.com"));
}

#[test]
fn a_host_can_be_typed() {
    let typed = [WHERE, Step::Press(DOWN), Step::Press(ENTER), Step::See("Its host")];
    let answer = |text| [Step::Press(text), Step::Press(ENTER)];
    let write = [WRITE, Step::Press("y"), Step::Press(ENTER)];
    // What makes no sense is asked again.
    let refused = [&typed[..], &answer("a/b"), &[Step::See("no connection string")]].concat();
    let steps = [&refused[..], &answer("ml.example.com:5433"), &write].concat();
    let output = shop(SETTINGS).dialogue(80, &steps).expect_status(0);
    let expected = migrated("ml.example.com").replace("ml.example.com\n", "ml.example.com\n    port: 5433\n");
    output.expect_file("settings.yaml", &expected);
    // Nothing typed leaves it.
    let steps = [&typed[..], &[Step::Press(ENTER)], &write].concat();
    let output = shop(SETTINGS).dialogue(80, &steps).expect_status(0);
    output.expect_file("settings.yaml", &migrated("mlflow-alt.us-east-1.rds.amazonaws.com"));
}

#[test]
fn no_is_what_enter_alone_means() {
    for answer in [&[Step::Press(ENTER)][..], &[Step::Press("n"), Step::Press(ENTER)]] {
        let steps = [&[WHERE, Step::Press(ENTER), WRITE], answer].concat();
        let output = shop(SETTINGS).dialogue(80, &steps).expect_status(1).expect_files_unchanged();
        assert!(screen(&output, 80).ends_with("Write 1 file? no\nNothing was written."));
    }
}

#[test]
fn escape_leaves_things_as_they_are() {
    let steps = [WHERE, Step::Press("\u{1b}"), WRITE, Step::Press("y"), Step::Press(ENTER)];
    let output = shop(SETTINGS).dialogue(80, &steps).expect_status(0);
    output.expect_file("settings.yaml", &migrated("mlflow-alt.us-east-1.rds.amazonaws.com"));
}

#[test]
fn every_other_question_is_asked() {
    let settings = "\
postgres_primary: {host: db.example.com, database: shop, password: c4n4ry}
app_postgres: {host: other.example.com, database: shop, password: c4n4ry}
postgres_vector: {host: db.example.com, database: vectors, password: \"${VECTOR_PASSWORD}\"}
databases:
  reports: {host: reports.example.com, database: reports}
";
    let steps = [
        Step::See("main is defined differently by"),
        Step::See("Which one is main?"),
        Step::Press(DOWN),
        Step::Press("k"),
        Step::Press(ENTER),
        Step::See("`reports` does not say what it is for"),
        Step::See("What is `reports` for?"),
        Step::Press(ENTER),
        Step::See("vector are on one server"),
        Step::See("How are they written?"),
        Step::Press(DOWN),
        Step::Press(ENTER),
        Step::See("in the file"),
        Step::See("What becomes of"),
        Step::Press(DOWN),
        Step::Press(ENTER),
        Step::See("Write 2 files?"),
        Step::Press("y"),
        Step::Press(ENTER),
    ];
    let output = shop(settings).dialogue(80, &steps).expect_status(0).expect_nowhere("c4n4ry");
    let text = String::from_utf8_lossy(&output.files["settings.yaml"]).into_owned();
    for part in ["db.example.com", "same_server_as: main", "\"${MAIN_PASSWORD}\"", "  reports: {"] {
        assert!(text.contains(part), "{part:?} is missing:\n{text}");
    }
    output.expect_file(".env", "MAIN_PASSWORD=c4n4ry\n");
}

#[test]
fn taking_back_is_asked_too() {
    let mut run = shop(SETTINGS);
    let steps = [WHERE, Step::Press(ENTER), WRITE, Step::Press("y"), Step::Press(ENTER)];
    run.dialogue(80, &steps).expect_status(0);
    run.set_args(&["migrate", "--undo"]);
    let ask = Step::See("Put back 1 file?");
    run.dialogue(80, &[ask, Step::Press(ENTER)]).expect_status(1).expect_files_unchanged();
    run.dialogue(80, &[ask, Step::Press(CONTROL_C)]).expect_status(130).expect_files_unchanged();
    let output = run.dialogue(80, &[ask, Step::Press("y"), Step::Press(ENTER)]).expect_status(0);
    output.expect_file("settings.yaml", SETTINGS);
}

#[test]
fn an_interrupted_question_leaves_everything_whole() {
    for stop in [Step::Press(CONTROL_C), Step::Interrupt] {
        let asked = [WHERE, Step::See("leave it as it is")];
        let typing = [WHERE, Step::Press(DOWN), Step::Press(ENTER), Step::See("Its host"), Step::Press("db.")];
        let last = [WHERE, Step::Press(ENTER), WRITE, Step::Press("y")];
        for steps in [&asked[..], &typing, &last] {
            let output = shop(SETTINGS).dialogue(80, &[steps, &[stop]].concat()).expect_status(130);
            output.expect_stdout_contains("Interrupted; nothing was written.").expect_files_unchanged();
        }
    }
}

#[test]
fn nobody_is_asked_in_ci_or_where_flags_say_what_to_do() {
    shop(SETTINGS).env("CI", "true").terminal(80).expect_status(1).expect_files_unchanged();
    for flags in [&["--check"][..], &["--diff"], &["--format", "json"], &["--output", "-"]] {
        let output = shop(SETTINGS).args(flags).terminal(80).expect_files_unchanged();
        assert!(!output.stdout.contains("Where is"), "{flags:?}");
    }
    let output = shop(SETTINGS).args(&["--yes"]).terminal(80).expect_status(0);
    output.expect_file("settings.yaml", &migrated("mlflow-alt.us-east-1.rds.amazonaws.com"));
}

#[test]
fn the_plan_fits_every_terminal() {
    for columns in [60, 80, 120, 200] {
        let output = shop(SETTINGS).args(&["--color", "never"]).env("CI", "true").terminal(columns).expect_status(1);
        let plan = output.stdout.split("--- a/").next().unwrap_or_default();
        for line in plan.lines() {
            assert!(line.chars().count() <= columns.into(), "{columns}: {line}");
        }
        let is_in_columns =
            plan.contains("-> databases.main    4 keys") || plan.contains("-> databases.main    5 keys");
        assert!(is_in_columns, "{columns}:\n{plan}");
    }
}

//! `dbcfg migrate` at a terminal: what somebody sees, answers, and gets.

use super::support::{CONTROL_C, DOWN, Dbcfg, ENTER, Step};

/// Settings with an MLflow host that cannot exist.
const SETTINGS: &str = "\
# The databases of the shop.
postgres_primary:
  host: db.example.com  # the big one
  port: 5432
  database: shop
  user: shop
  password: c4n4ry

mlflow_alt_db:
  host: mlflow-alt.us-east-1.rds.amazonaws.com
  database: mlflow_db
  user: mlflow
  password: \"${MLFLOW_DB_PASSWORD}\"
";

fn settings() -> Dbcfg {
    Dbcfg::new().file("settings.yaml", SETTINGS).args(&["migrate", "settings.yaml"])
}

#[test]
fn an_interrupted_question_leaves_everything_whole() {
    for stop in [Step::Press(CONTROL_C), Step::Interrupt] {
        let output = settings().dialogue(80, &[Step::See("Where is mlflow?"), Step::See("leave it as it is"), stop]);
        output.expect_status(130).expect_stdout_contains("nothing was written").expect_files_unchanged();
        // In the middle of a text that is typed.
        let steps = [
            Step::See("Where is mlflow?"),
            Step::Press(DOWN),
            Step::Press(ENTER),
            Step::See("Its host"),
            Step::Press("db."),
            stop,
        ];
        settings().dialogue(80, &steps).expect_status(130).expect_files_unchanged();
    }
}

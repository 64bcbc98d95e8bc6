//! The session in the README is one that took place: somebody at a real terminal of 80 columns migrates a file.
//!
//! `DBCFG_WRITE_EXPECTED=1` writes it anew.

use std::fs;
use std::path::Path;

use super::support::{Dbcfg, ENTER, Screen, Step};

/// The file that is migrated.
const SETTINGS: &str = "\
# Everything that the shop connects to.
postgres_primary:
  host: db.example.com  # moved here in March
  port: 5432
  db_name: shop
  user: shop
  password: ${SHOP_DB_PASSWORD}

mlflow_alt_db:
  host: mlflow-alt.us-east-1.rds.amazonaws.com
  database: mlflow_db
  user: mlflow
  password: ${MLFLOW_DB_PASSWORD}

sqlite_backup:
  db_path: ./data/backup.db
";

/// What begins the session in the README.
const START: &str = "```console\n$ cat settings.yaml\n";

fn record() -> String {
    let steps = [
        Step::See("Where is mlflow?"),
        Step::See("> on main's server"),
        Step::Press(ENTER),
        Step::See("Write 1 file?"),
        Step::Press("y"),
        Step::Press(ENTER),
    ];
    let run = Dbcfg::new().file("settings.yaml", SETTINGS).args(&["migrate", "settings.yaml"]);
    let run = run.file("app/db.py", "import yaml\n\nshop = settings[\"postgres_primary\"]\n");
    let output = run.dialogue(80, &steps).expect_status(0);
    let seen = Screen::of(output.stdout.as_bytes(), 80).lines().join("\n");
    format!("{START}{SETTINGS}$ dbcfg migrate settings.yaml\n{}\n```\n", seen.trim_end())
}

#[test]
fn the_session_in_the_readme_took_place() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = fs::read_to_string(&path).expect("the README");
    let start = text.find(START).expect("the session in the README");
    let end = start + text[start..].find("\n```\n").expect("its end") + "\n```\n".len();
    let session = record();
    if text[start..end] == session {
        return;
    }
    if std::env::var_os("DBCFG_WRITE_EXPECTED").is_some() {
        fs::write(&path, format!("{}{session}{}", &text[..start], &text[end..])).expect("write the README");
    }
    panic!("the session in README.md is another one now:\n{session}");
}

//! What is read: settings files as people write them, invented, and each another one.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The files that a run reads.
pub(crate) struct Input {
    /// Where they lie. A work tree of git, as configuration is kept in one, so that what git ignores is looked up too.
    pub(crate) directory: PathBuf,
    /// One file of an ordinary project.
    pub(crate) small: String,
    /// Many files of about 2 kB.
    pub(crate) many: Vec<String>,
    /// One file of about 5 MB.
    pub(crate) large: String,
}

/// Writes the files anew, below a directory that is removed first.
pub(crate) fn write(directory: &Path, count: usize, large: usize) -> io::Result<Input> {
    if directory.exists() {
        fs::remove_dir_all(directory)?;
    }
    fs::create_dir_all(directory.join(".git"))?;
    fs::write(directory.join(".gitignore"), ".env\n.env.*\n!.env.example\nbuild/\n*.local.yaml\n")?;
    let mut input = Input {
        directory: directory.to_path_buf(),
        small: "settings.yaml".to_owned(),
        many: (1..=count).map(|number| format!("team_{number:04}.yaml")).collect(),
        large: "large.yaml".to_owned(),
    };
    fs::write(directory.join(&input.small), project())?;
    for (name, number) in input.many.iter_mut().zip(1..) {
        fs::write(directory.join(name.as_str()), team(number))?;
    }
    let mut text = "databases:\n".to_owned();
    for number in 1.. {
        if text.len() >= large {
            break;
        }
        text.push_str(&databases(number));
    }
    fs::write(directory.join(&input.large), text)?;
    Ok(input)
}

/// The settings of one project: main, mlflow and a SQLite file, by the names that legacy files have for them.
fn project() -> String {
    let mut text = "# Settings of the service. Values in ${...} come from the environment.\n".to_owned();
    text.push_str(
        "postgres_primary:\n  type: postgres\n  db_name: service\n  host: db.example.com\n  port: 5432\n  username: service\n  \
         password: ${SERVICE_DB_PASSWORD}\n  ssl_mode: verify-full\n  connection_pool_size: 10 # per worker\n  \
         max_overflow: 5\n\nsqlite_backup:\n  type: sqlite\n  db_path: data/backup.db\n\n",
    );
    text.push_str("mlflow_alt_db:\n  type: postgres\n  db_name: mlflow\n  host: mlflow-db.example.com\n  port: 5432\n");
    text.push_str("  username: mlflow\n  password: ${MLFLOW_DB_PASSWORD}\n\n");
    text.push_str(&mlflow("mlflow_alt_db", "mlflow.example.com"));
    text.push_str("\nfeatures:\n  search: true\n  export: [csv, parquet]\n  banner: |\n    Maintenance on Sunday.\n");
    text
}

/// The settings of one team. Each defines databases of its own names: two thousand definitions of `main` would be
/// two thousand conflicts, and reporting them is not what is measured here.
fn team(number: usize) -> String {
    let mut text = format!(
        "# Settings of team {number}.\n# Values in ${{...}} come from the environment of the deployment; ask the \
         platform team before changing hosts.\n\ndatabases:\n"
    );
    text.push_str(&databases(number));
    text.push('\n');
    text.push_str(&mlflow(&format!("team_{number:04}_mlflow"), &format!("mlflow-{number:04}.example.com")));
    let _ = write!(
        text,
        "\n# Read by the application only.\nfeatures:\n  search: {}\n  batch_size: {}\n  regions: [eu-{}, us-{}]\n  \
         nightly_exports:\n    - {{name: orders, format: parquet, keep_days: 30}}\n    \
         - {{name: customers, format: csv, keep_days: 7}}\n",
        number.is_multiple_of(2),
        64 + number,
        number % 5,
        number % 3,
    );
    text
}

/// Three databases, in the keys of three layouts.
fn databases(number: usize) -> String {
    let mut text = String::new();
    let _ = write!(
        text,
        "  # The application's own data.
  team_{number:04}_app:
    type: postgres
    purpose: \"orders and customers of team {number}\"
    host: db-{number:04}.example.com
    port: {port}
    db_name: app_{number:04}
    username: app_{number:04}
    password: ${{TEAM_{number:04}_DB_PASSWORD}}
    ssl_mode: verify-full
    ssl_root_cert: /etc/ssl/certs/team-{number:04}.pem
    connection_pool_size: {size} # per worker
    max_overflow: {overflow}
    pool_timeout: 30
    pool_recycle: 1800
    max_retries: 3
    retry_delay: 0.5
    # Statements of the nightly export take longer than those of a person.
    command_timeout: 120

  team_{number:04}_mlflow:
    url: postgresql://mlflow_{number:04}:${{TEAM_{number:04}_MLFLOW_PASSWORD}}@mlflow-db-{number:04}.example.com:5432/mlflow_{number:04}?sslmode=require
    pool:
      min_connections: 1
      max_connections: {size}
      acquire_timeout: 10.5

  # Read-only; filled every night from the replica of the application's database. Reports that
  # need today's rows ask the application instead; see the runbook before pointing it elsewhere.
  team_{number:04}_reports:
    engine: postgresql
    host: 'reports-{number:04}.example.com'
    port: 6432
    database: reports
    user: reader
    password: <REPORTS_PASSWORD>
    connect_timeout: 5
    application_name: reports-{number:04}
    pool: {{min_connections: 0, max_connections: 4}}
    retry:
      max_attempts: 5
      base_delay: 0.5
",
        port = 5400 + number % 64,
        size = 5 + number % 20,
        overflow = number % 7,
    );
    text
}

fn mlflow(database: &str, host: &str) -> String {
    format!(
        "mlflow:
  tracking_uri: https://{host}
  experiment_name: {database}
  artifact_store: s3://{database}/artifacts
  backend_options:
    primary: {database}
  timeout: 30
  circuit_breaker:
    failure_threshold: 5
    recovery_timeout: 60
"
    )
}

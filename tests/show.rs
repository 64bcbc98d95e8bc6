//! `dbcfg show`: what wins, where values come from, what uses a database, and the ways of naming input.

use crate::support::Dbcfg;

const SETTINGS: &str = "\
# The application.
postgres_primary:
  host: file.example.com
  port: 5432
  database: app
  username: app_user
  password: ${APP_PASSWORD}
mlflow:
  backend_options: {alternative: mlflow_alt_db}
  tracking_uri: http://localhost:5000
mlflow_alt_db: {host: \"${MLFLOW_HOST:-${FALLBACK:-mlflow.example.com}}\", database: mlflow_db}
environments:
  staging: {postgres_primary: {host: staging.example.com}}
";

fn project() -> Dbcfg {
    Dbcfg::new().file("settings.yaml", SETTINGS)
}

/// The value at a path of what `show --format json` printed.
fn json(output: &str, pointer: &str) -> serde_json::Value {
    let value: serde_json::Value = serde_json::from_str(output).expect("JSON");
    value.pointer(pointer).cloned().unwrap_or_else(|| panic!("nothing at {pointer} in {output}"))
}

#[test]
fn the_stronger_source_wins_and_the_weaker_is_kept() {
    let host = "/databases/main/host";
    let run = |dbcfg: Dbcfg, arguments: &[&str]| {
        let arguments = [&["show", "--format", "json", "--origins"], arguments].concat();
        let output = dbcfg.args(&arguments).run();
        json(&output.stdout, host)
    };
    let file = run(project(), &[]);
    assert_eq!(
        file,
        serde_json::json!({
            "value": "file.example.com", "origin": {"path": "settings.yaml", "line": 3, "column": 9},
        })
    );
    let env = |dbcfg: Dbcfg| dbcfg.file(".env", "# hosts\nPOSTGRES_HOST=env.example.com\n");
    let dot_env = run(env(project()), &[]);
    assert_eq!(
        dot_env,
        serde_json::json!({
            "value": "env.example.com", "origin": {"path": ".env", "line": 2, "column": 15},
            "lost": [{"value": "file.example.com", "origin": {"path": "settings.yaml", "line": 3, "column": 9}}],
        })
    );
    let named = |dbcfg: Dbcfg| env(dbcfg).file(".env.staging", "POSTGRES_HOST='named.example.com'\n");
    assert_eq!(run(named(project()), &["--env", "staging"])["value"], "named.example.com");
    let process = run(named(project()).env("postgres_host", "process.example.com"), &["--env", "staging"]);
    assert_eq!(process["value"], "process.example.com");
    assert_eq!(process["origin"], serde_json::json!({"variable": "postgres_host"}));
    assert_eq!(process["lost"].as_array().map(Vec::len), Some(4), "{process}");
    let url = run(named(project()), &["--url", "postgresql://app@url.example.com/app"]);
    assert_eq!(url["value"], "url.example.com");
    assert_eq!(url["origin"], serde_json::json!({"command_line": true}));
}

#[test]
fn libpq_variables_fill_gaps_only() {
    let output =
        project().env("PGHOST", "pg.example.com").env("PGAPPNAME", "shell").args(&["show", "--format", "json"]).run();
    assert_eq!(json(&output.stdout, "/databases/main/host"), "file.example.com");
    assert_eq!(json(&output.stdout, "/databases/main/parameters/application_name"), "shell");
}

#[test]
fn environments_override_deeply() {
    let staging = project().args(&["show", "--env", "staging", "--format", "json"]).run();
    assert_eq!(json(&staging.stdout, "/databases/main/host"), "staging.example.com");
    assert_eq!(json(&staging.stdout, "/databases/main/database"), "app");
    let chosen = project().env("ENVIRONMENT", "staging").args(&["show", "--format", "json"]).run();
    assert_eq!(json(&chosen.stdout, "/environment"), "staging");
    project().env("ENVIRONMENT", "elsewhere").args(&["show", "-q"]).run().expect_status(0);
    let unknown = project().args(&["show", "--env", "elsewhere"]).run().expect_status(2);
    assert_eq!(unknown.stderr, "dbcfg: there is no environment of this name; there are staging\n");
}

#[test]
fn defaults_variables_and_uses_are_told() {
    let output =
        project().env("FALLBACK", "fallback.example.com").args(&["show", "--format", "json", "--origins"]).run();
    let host = json(&output.stdout, "/databases/mlflow/host");
    assert_eq!(host["value"], "fallback.example.com");
    assert_eq!(host["written"], "${MLFLOW_HOST:-${FALLBACK:-mlflow.example.com}}");
    assert_eq!(
        json(&output.stdout, "/databases/mlflow/port"),
        serde_json::json!({"value": 5432, "origin": {"default": true}})
    );
    assert_eq!(
        json(&output.stdout, "/databases/mlflow/used_by"),
        serde_json::json!([{"key": "mlflow.backend_options.alternative", "path": "settings.yaml", "line": 9}])
    );
    assert_eq!(json(&output.stdout, "/databases/main/password/value"), "${APP_PASSWORD}");
}

#[test]
fn input_can_be_files_a_directory_or_standard_input() {
    let pipe = |arguments: &[&str], text: &str| Dbcfg::new().stdin(text.as_bytes().to_vec()).args(arguments).run();
    let host = |stdout: &str| json(stdout, "/databases/main/host");
    for (name, text) in [
        ("a.yaml", "databases: {main: {host: h.example.com}}"),
        ("a.toml", "[databases.main]\nhost = \"h.example.com\"\n"),
        ("a.json", "{\"databases\": {\"main\": {\"host\": \"h.example.com\"}}}"),
        (".env", "POSTGRES_HOST=h.example.com\n"),
        ("alembic.ini", "[alembic]\nsqlalchemy.url = postgresql://h.example.com/app\n"),
        ("docker-compose.yml", "services: {web: {environment: [\"POSTGRES_HOST=h.example.com\"]}}"),
    ] {
        let named = pipe(&["show", "-", "--stdin-filename", name, "--format", "json"], text).expect_status(0);
        assert_eq!(host(&named.stdout), "h.example.com", "{name}");
        if name != "docker-compose.yml" {
            let guessed = pipe(&["show", "-", "--format", "json"], text).expect_status(0);
            assert_eq!(host(&guessed.stdout), "h.example.com", "{name}, guessed");
        }
    }
    let several = project().file("b.env", "VECTOR_POSTGRES_HOST=v.example.com\n");
    let several = several.args(&["show", "settings.yaml", "b.env", "--format", "yaml"]).run().expect_status(0);
    several.expect_stdout_contains("host: v.example.com").expect_stdout_contains("host: file.example.com");
    let below = Dbcfg::new().file("app/settings.yaml", SETTINGS).args(&["show", "app"]).run().expect_status(0);
    below.expect_stdout_contains("app/settings.yaml:2");
    Dbcfg::new().file("a/.env", "").file("b/.env", "").args(&["show", "a", "b"]).run().expect_status(2);
}

#[test]
fn what_git_ignores_is_left_out_except_env_files() {
    let ignored = |name: &str| {
        let project = Dbcfg::new().file(".git/HEAD", "").file(".gitignore", "settings.local.yaml\n.env\n");
        let project = project.file("settings.local.yaml", "databases: {main: {host: local.example.com}}");
        let output =
            project.file(".env", "VECTOR_POSTGRES_HOST=v.example.com\n").args(&["show"]).run().expect_status(0);
        output.stdout.contains(name)
    };
    assert!(ignored("v.example.com") && !ignored("local.example.com"));
}

#[test]
fn settings_of_the_tool_add_files_and_roles() {
    let project = || Dbcfg::new().file("conf/db.yaml", "databases: {reporting: {host: r.example.com, database: r}}");
    let set = "include = [\"conf/*.yaml\"]\n[roles]\nreporting = \"main\"\n";
    let output = project().file("dbcfg.toml", set).args(&["show"]).run().expect_status(0);
    output.expect_stdout_contains("main      r.example.com:5432").expect_stdout_contains("conf/db.yaml:1");
    let table = "[tool.dbcfg]\ninclude = [\"conf/**\"]\nexclude = [\"settings.old.yaml\"]\n";
    let old = project().file("pyproject.toml", table).file("settings.old.yaml", SETTINGS);
    let output = old.args(&["show", "--format", "json"]).run().expect_status(0);
    assert_eq!(json(&output.stdout, "/databases/reporting/host"), "r.example.com");
    assert!(!output.stdout.contains("file.example.com"));
    let wrong = project().file("dbcfg.toml", "inclued = []\n").args(&["show"]).run().expect_status(2);
    assert!(
        wrong.stderr.contains("dbcfg.toml:1:1: `inclued` is not a setting; did you mean `include`?"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn every_format_says_the_same() {
    let output = |format: &str| {
        let output = project().args(&["show", "-q", "--format", format]).run().expect_status(0);
        output.stdout
    };
    let json: serde_json::Value = serde_json::from_str(&output("json")).expect("JSON");
    let yaml: serde_json::Value = serde_yaml::from_str(&output("yaml")).expect("YAML");
    let toml: serde_json::Value = toml::from_str(&output("toml")).expect("TOML");
    assert_eq!(json, yaml);
    assert_eq!(json, toml);
}

/// A settings file with main on this host.
fn host(name: &str) -> String {
    format!("databases: {{main: {{host: {name}.example.com, database: app}}}}\n")
}

#[test]
fn the_plain_settings_come_first_and_those_of_an_environment_are_for_it_alone() {
    let project = || {
        let project =
            Dbcfg::new().file("settings.example.yaml", &host("example")).file("settings.yaml", &host("plain"));
        project.file("settings-production.toml", "[databases.main]\nhost = \"prod.example.com\"\n")
    };
    let found = |arguments: &[&str]| {
        let output = project().args(&["show", "-q", "--format", "json"]).args(arguments).run().expect_status(0);
        assert!(!output.stdout.contains("example.example.com"), "{}", output.stdout);
        json(&output.stdout, "/databases/main/host")
    };
    assert_eq!(found(&[]), "plain.example.com");
    assert_eq!(found(&["--env", "Production"]), "prod.example.com");
    assert_eq!(found(&["settings.yaml", "settings-production.toml"]), "prod.example.com");
    let chosen = project().env("ENVIRONMENT", "PRODUCTION").args(&["show", "--format", "json"]).run();
    assert_eq!(json(&chosen.stdout, "/environment"), "production");
}

#[test]
fn alternatives_that_were_named_are_not_passed_over_in_silence() {
    let project = || {
        let project = Dbcfg::new().file(".env.staging", "DB_PORT=1\n").file(".env.production", "DB_PORT=2\n");
        let project = project.file(".env.bak", "DB_PORT=3\n").file(".env.staging~", "DB_PORT=4\n");
        project.file("settings.yaml", &host("plain"))
    };
    let both = project().args(&["show", ".env.staging", ".env.production", "settings.yaml"]).run().expect_status(0);
    both.expect_stderr("`.env.staging` and `.env.production` are alternatives; choose one with --env.\n");
    let unknown = project().args(&["show", "--env", "bak"]).run().expect_status(2);
    assert!(unknown.stderr.ends_with("; there are production, staging\n"), "{}", unknown.stderr);
}

#[test]
fn a_file_that_is_named_twice_is_read_once() {
    let project = || Dbcfg::new().file("app/settings.yaml", "databases: {main: {host: h, prot: 1}}\n");
    for arguments in [&["app/settings.yaml", "./app/settings.yaml"], &["app", "app/settings.yaml"]] {
        let output = project().args(&["show"]).args(arguments).run().expect_status(0);
        output.expect_stderr_contains("1 warning\n");
    }
}

#[test]
fn what_is_no_connection_string_is_refused_and_not_repeated() {
    for (url, stdin) in [("c4n4ry", ""), ("", ""), ("-", ""), ("-", "c4n4ry\n")] {
        let output =
            project().stdin(stdin).args(&["show", "--url", url]).run().expect_status(2).expect_nowhere("c4n4ry");
        output.expect_stderr_contains("`--url` takes a connection string");
    }
    for path in ["host=h password=c4n4ry dbname=x", "u:c4n4ry@h", "password=c4n4ry"] {
        project().args(&["show", path]).run().expect_status(2).expect_nowhere("c4n4ry");
    }
    let known = || Dbcfg::new().file("password=c4n4ry/settings.yaml", "databases: {main: {host: h, prot: 1}}\n");
    for format in ["table", "json"] {
        let show = known().args(&["show", "password=c4n4ry", "--origins", "--format", format]);
        show.run().expect_status(0).expect_nowhere("c4n4ry").expect_stderr_contains("password=********:1:29");
    }
}

#[test]
fn services_and_replicas_tell_where_they_stand() {
    let services = Dbcfg::new().file("settings.yaml", "services:\n  redis: {url: 'redis://h/0'}\n");
    services.args(&["show", "--origins"]).run().expect_status(0).expect_stdout_contains("settings.yaml:2:16");
    let text = "databases:\n  main:\n    engine: postgresql\n    host: h\n    replicas:\n    - {host: r}\n";
    let output = Dbcfg::new().file("settings.yaml", text).args(&["show"]).run().expect_status(0);
    assert!(
        output.stdout.lines().any(|line| line.contains("replica 1") && line.ends_with("settings.yaml:6")),
        "{}",
        output.stdout
    );
}

#[test]
fn what_is_shown_is_what_is_meant() {
    let text = "databases:
  main: {parameters: {service: app}}
  mlflow: {same_server_as: nobody, database: m, retry: {base_delay: 1.0}}
services:
  redis: {url: '${RU}'}
";
    let show = |arguments: &[&str]| {
        let show = Dbcfg::new().file("settings.yaml", text).env("RU", "redis://:c4n4ry@h.example.com/0");
        show.args(&["show", "--fail-on", "never"]).args(arguments).run().expect_status(0).expect_nowhere("c4n4ry")
    };
    let table = show(&[]).expect_stdout_contains("service app").expect_stdout_contains("same server as nobody");
    table.expect_stdout_contains("redis://:********@h.example.com/0");
    show(&["--origins"]).expect_stdout_contains("retry.base_delay  1.0");
    show(&["--format", "yaml"]).expect_stdout_contains("base_delay: 1.0");
}

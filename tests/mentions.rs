//! Which files of a project mention a key that goes away.

use std::fs;
use std::path::{Path, PathBuf};

use dbcfg::load::{Mention, mentions};

use crate::support::TestDirectory;

/// The mentions in a project of some files, as `path:line key`.
fn found(files: &[(&str, &str)], names: &[&str], skip: &[&str]) -> Vec<String> {
    let directory = TestDirectory::new();
    let root = directory.path();
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("create a folder");
        fs::write(path, text).expect("write a file");
    }
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let skip: Vec<PathBuf> = skip.iter().map(|path| root.join(path)).collect();
    let shown = |mention: Mention| {
        let path = Path::new(&mention.path).strip_prefix(root).expect("it lies in the project");
        format!("{}:{} {}", path.display(), mention.line, mention.key)
    };
    mentions(root, &names, &skip).into_iter().map(shown).collect()
}

/// The lines of a text that mention a key.
fn lines(text: &str, name: &str) -> Vec<usize> {
    let found = found(&[("app.py", text)], &[name], &[]);
    found.iter().filter_map(|line| line.split([':', ' ']).nth(1)?.parse().ok()).collect()
}

#[test]
fn a_key_is_found_as_code_writes_it() {
    for (name, text, is_found) in [
        ("postgres_primary", "db = settings['postgres_primary']", true),
        ("postgres_primary", "db = settings.postgres_primary.host", true),
        ("postgres_primary", "see postgres_primary: it is the main one", true),
        ("postgres_primary", "postgres_primary", true),
        ("postgres_primary", "my_postgres_primary = 1", false),
        ("postgres_primary", "postgres_primary_2 = 1", false),
        ("postgres_primary", "POSTGRES_PRIMARY = 1", false),
        ("postgres_primary", "APP_POSTGRES_PRIMARY__HOST=db.example.com", true),
        ("DB_HOST", "os.environ['DB_HOST']", true),
        ("DB_HOST", "host: ${DB_HOST:-localhost}", true),
        ("DB_HOST", "OLD_DB_HOST=x", false),
        ("dbHost", "config.dbHost", true),
        ("databases.primary", "settings.databases.primary.host", true),
        ("databases.primary", "settings.databases?.primary?.host", true),
        ("databases.primary", "cfg[\"databases.primary\"]", true),
        ("databases.primary", "databases[\"primary\"]", true),
        ("databases.primary", "databases?.['primary']", true),
        ("databases.primary", "databases['primary']", true),
        ("databases.primary", "databases[:primary]", true),
        ("databases.primary", "s[\"databases\"][\"primary\"]", true),
        ("databases.primary", "s[\"databases\"].primary", true),
        ("databases.primary", "s.get(\"databases\").get(\"primary\")", true),
        ("databases.primary", "s.get('databases', {}).get('primary')", true),
        ("databases.primary", "s.get('databases', {})['primary']", true),
        ("databases.primary", "APP_DATABASES__PRIMARY__HOST=x", true),
        ("databases.primary", "DATABASES__PRIMARY_2__HOST=x", false),
        ("databases.primary", "the primary of all databases", false),
        ("databases.primary", "our databases. primary keys", false),
        ("databases.primary", "old_databases.primary", false),
        ("databases.primary", "databases.primary_key", false),
        ("databases.primary", "servers['primary']", false),
        ("databases.primary.host", "databases['primary'].host", true),
        ("databases.primary.host", "primary.host", false),
        ("primary", "x['primary']", true),
        ("primary", "x.get(\"primary\")", true),
        ("primary", "x.get(\"primary\", None)", true),
        ("primary", "settings.primary", true),
        ("primary", "app_config.primary.host", true),
        ("primary", "config.primary()", false),
        ("primary", "the primary one", false),
        ("primary", "button.primary", false),
        ("primary", "print('primary')", false),
        ("primary", "['primary', 'secondary']", false),
        ("primary", "x()?.[\"primary\"]", true),
        ("primary", "jq '.[\"primary\"]'", true),
        ("mlflow", "import mlflow", false),
        ("mlflow", "mlflow.set_tracking_uri(uri)", false),
        ("mlflow", "pip install mlflow", false),
        ("mlflow", "settings[\"mlflow\"]", true),
        ("mlflow-db", "x['mlflow-db']", true),
        ("mlflow-db", "my_mlflow-db", false),
        ("databases.mlflow-db", "databases.mlflow-db.host", true),
    ] {
        assert_eq!(lines(text, name) == [1], is_found, "{name} in {text}");
    }
}

#[test]
fn lines_count_from_one_whatever_ends_them() {
    assert_eq!(lines("a_b\r\n\r\n\"x\" a_b a_b\n\n\u{f6} a_b", "a_b"), [1, 3, 5]);
}

#[test]
fn what_people_write_is_looked_at_and_nothing_else() {
    let text = "x = \"old_db\"\n";
    let long = "x\n".repeat(600_000) + text;
    let files = [
        (".env", text),
        (".git/config", text),
        (".github/workflows/ci.yml", text),
        (".gitignore", "/out/\n*.log\n.env\n"),
        (".secret/notes", text),
        (".venv/lib/a.py", text),
        ("README.md", text),
        ("a.log", text),
        ("deploy/run.sh", text),
        ("image.png", "\0old_db"),
        ("long.txt", &long),
        ("node_modules/a/index.js", text),
        ("out/a.py", text),
        ("settings.yaml", text),
        ("src/app.py", "\nold_db = settings.databases.old\n"),
        ("src/empty.py", ""),
    ];
    let expected = [
        ".env:1 old_db",
        ".github/workflows/ci.yml:1 old_db",
        "README.md:1 old_db",
        "deploy/run.sh:1 old_db",
        "src/app.py:2 databases.old",
        "src/app.py:2 old_db",
    ];
    assert_eq!(found(&files, &["old_db", "databases.old", "old_db"], &["settings.yaml"]), expected);
    assert_eq!(found(&files, &[], &[]), [""; 0]);
}

#[test]
fn there_are_no_more_than_somebody_may_read() {
    let many = "old_db\n".repeat(10_000);
    let files: Vec<(String, &str)> = (0..20).map(|index| (format!("{index}.txt"), many.as_str())).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    assert_eq!(found(&files[..1], &["old_db"], &[]).len(), 200);
    assert_eq!(found(&files, &["old_db"], &[]).len(), 2_000);
}

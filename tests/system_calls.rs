//! What `dbcfg check` asks of the system: no connection to anywhere, and no file but the ones that it was told to write.
//! strace watches every call, those of threads included.

use crate::support::{Dbcfg, Output};

/// Everything that rules, variables and discovery look at: hosts of every kind, URLs, files beside it, environments.
const SETTINGS: &str = "\
databases:
  main: {host: db.example.com, hostaddr: 192.0.2.1, port: 5432, database: app, ssl_mode: verify-full, ssl_root_cert: ca.pem}
  mlflow: {host: localhost, database: mlflow_db, password: Canary}
  vector: {url: \"postgresql://u:Canary@[::1]:5432/v?sslmode=disable\"}
services:
  mlflow: {tracking_uri: \"http://localhost:5000\", artifact_store: \"s3://bucket/mlflow/\"}
  redis: {url: \"redis://cache.example.com:6379/0\"}
environments: {production: {databases: {main: {host: prod.example.com}}}}
";

fn project(program: Dbcfg) -> Dbcfg {
    program
        .file(".git/HEAD", "")
        .file(".gitignore", ".env\n")
        .file("settings.yaml", SETTINGS)
        .file(".env", "DATABASE_URL=postgresql://u:Canary@db.example.com/app\n")
        .file(".env.staging", "DB_HOST=staging.example.com\nDB_NAME=app\n")
        .file("sub/docker-compose.yml", "services: {db: {environment: {POSTGRES_HOST: db, POSTGRES_DB: app}}}\n")
        .file("known.json", "{\"version\":1,\"findings\":[]}\n")
}

/// Runs a program under strace, and returns what it asked for, a line a call.
fn calls(program: &str, arguments: &[&str]) -> (Output, Vec<String>) {
    let watch = ["-f", "-qq", "-s", "200", "-e", "trace=%network,%file,write,pwrite64,ftruncate", "-o", "calls.txt"];
    let run = project(Dbcfg::program("strace")).args(&watch).args(&[program]).args(arguments).run();
    let calls = String::from_utf8_lossy(run.files.get("calls.txt").expect("strace writes its file")).into_owned();
    assert!(calls.contains("execve("), "strace saw nothing:\n{calls}\n{}", run.stderr);
    (run, calls.lines().map(str::to_owned).collect())
}

/// The calls that reach for the network.
fn connections(calls: &[String]) -> Vec<&String> {
    let network = ["AF_INET", "SOCK_DGRAM", "sendto(", "sendmsg("];
    calls.iter().filter(|call| network.iter().any(|word| call.contains(word))).collect()
}

/// The calls that change a file or directory.
fn changes(calls: &[String]) -> Vec<&String> {
    let changing = [
        "O_WRONLY",
        "O_RDWR",
        "O_CREAT",
        "rename",
        "unlink",
        "mkdir",
        "rmdir",
        "link(",
        "linkat(",
        "chmod",
        "chown",
        "ftruncate",
        "truncate(",
        "mknod",
        "utimensat",
        "setxattr",
    ];
    let is_ours = |call: &&String| !call.contains("readlink") && !call.contains("\"/dev/");
    calls.iter().filter(|call| changing.iter().any(|word| call.contains(word))).filter(is_ours).collect()
}

#[test]
fn a_check_connects_nowhere_and_writes_nothing() {
    for arguments in [
        &["check"][..],
        &["check", "--format", "json", "--verbose", "--color", "always"],
        &["check", "--format", "concise", "--baseline", "known.json", "settings.yaml"],
        &["explain", "plaintext-password"],
    ] {
        let (run, calls) = calls(env!("CARGO_BIN_EXE_dbcfg"), arguments);
        assert!(run.status < 2, "{arguments:?}: {}{}", run.stdout, run.stderr);
        assert_eq!(connections(&calls), Vec::<&String>::new(), "{arguments:?}");
        assert_eq!(changes(&calls), Vec::<&String>::new(), "{arguments:?}");
    }
}

#[test]
fn a_report_and_a_baseline_are_all_that_is_written() {
    let arguments = ["check", "--report", "json=out.json", "--report", "concise=out.txt"];
    for (arguments, expected) in
        [(&arguments[..], &["out.json", "out.txt"][..]), (&["check", "--write-baseline"], &["dbcfg-baseline.json"])]
    {
        let (_, calls) = calls(env!("CARGO_BIN_EXE_dbcfg"), arguments);
        assert_eq!(connections(&calls), Vec::<&String>::new());
        let changes = changes(&calls);
        assert!(changes.iter().all(|call| expected.iter().any(|name| call.contains(name))), "{changes:#?}");
        let is_changed = |name: &&str| changes.iter().any(|call| call.contains("rename") && call.contains(*name));
        assert!(expected.iter().all(is_changed), "{changes:#?}");
    }
}

#[test]
fn the_watch_sees_what_it_is_there_to_see() {
    let (_, calls) = calls("bash", &["-c", "exec 3<>/dev/tcp/127.0.0.1/9; echo x >written"]);
    assert_eq!(connections(&calls).len(), 2, "{:#?}", connections(&calls));
    assert_eq!(changes(&calls).len(), 1, "{:#?}", changes(&calls));
}

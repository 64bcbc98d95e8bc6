//! `dbcfg probe` and where passwords come from: `--password-file`, `.pgpass`, service files, with psql beside them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::probing::{Probe, entry};
use crate::servers::PASSWORD;
use crate::servers::postgres::{self, judge};
use crate::support::Dbcfg;

/// Writes a file that only its owner can read, unless the mode says otherwise.
fn secret(dbcfg: Dbcfg, name: &str, text: &str, mode: u32) -> Dbcfg {
    let dbcfg = dbcfg.file(name, text);
    fs::set_permissions(dbcfg.path(name), fs::Permissions::from_mode(mode)).expect("change the mode");
    dbcfg
}

#[test]
fn a_password_file_beats_every_configured_password() {
    let port = postgres::standard().port();
    let configured = entry("main", port, "app");
    let line = format!("password: \"{PASSWORD}\"");
    assert!(configured.contains(&line));
    let url = format!("  main: {{url: 'postgresql://scram_role:${{NOBODY_SETS_IT}}@127.0.0.1:{port}/app'}}\n");
    for (settings, without) in [
        (configured.replace(&line, "password: nobodys"), "password-rejected"),
        (configured.replace(&line, "password: \"${NOBODY_SETS_IT}\""), "unresolved-variable"),
        (configured.replace(&line, "password: \"<PASSWORD>\""), "placeholder"),
        (configured.replace(&line, "password_file: /nonexistent/password"), "configuration"),
        (configured.replace(&line, "password_file: \"${NOBODY_SETS_IT}\""), "unresolved-variable"),
        (url, "unresolved-variable"),
    ] {
        let probe = || Probe::settings(&format!("databases:\n{settings}"));
        let found = probe().run().expect_status(1);
        assert_eq!(found.target("main").get("/error/cause"), without, "{settings}\n{:#}", found.json);
        let probe = probe().with(|dbcfg| secret(dbcfg, "pw", &format!("{PASSWORD}\n"), 0o600));
        let found = probe.args(&["--password-file", "pw"]).run().expect_status(0);
        found.target("main").expect_status("healthy");
        assert!(!found.output.stdout.contains(PASSWORD) && !found.output.stderr.contains(PASSWORD));
    }
    // It counts when it is wrong, too.
    let probe = Probe::settings(&format!("databases:\n{configured}"));
    let probe = probe.with(|dbcfg| secret(dbcfg, "pw", "nobodys\n", 0o600)).args(&["--password-file", "pw"]);
    let found = probe.run().expect_status(1);
    assert_eq!(found.target("main").expect_status("down").get("/error/cause"), "password-rejected");
}

#[test]
fn an_unknown_password_is_told_where_one_is_asked_for_only() {
    let cluster = postgres::standard();
    let settings = entry("main", cluster.port(), "app").replace(PASSWORD, "${NOBODY_SETS_IT}");
    let found = Probe::settings(&format!("databases:\n{settings}")).run().expect_status(1);
    let target = found.target("main").expect_status("not-measured");
    let message = target.get("/error/message").as_str().unwrap_or_default();
    assert!(message.contains("NOBODY_SETS_IT"), "{message}");
    let settings = settings.replace("scram_role", "trusted");
    Probe::settings(&format!("databases:\n{settings}")).run().expect_status(0).target("main").expect_status("healthy");
}

#[test]
fn pgpass_is_read_as_libpq_reads_it() {
    let cluster = postgres::standard();
    let conninfo = cluster.conninfo("scram_role", "app");
    let port = cluster.port();
    for (text, mode, is_let_in) in [
        (format!("127.0.0.1:{port}:app:scram_role:{PASSWORD}\n"), 0o600, true),
        (format!("# all\n*:*:*:scram_role:{PASSWORD}"), 0o600, true),
        (format!("*:*:*:*:nobodys\n127.0.0.1:{port}:app:scram_role:{PASSWORD}\n"), 0o600, false),
        (format!("localhost:{port}:app:scram_role:{PASSWORD}\n"), 0o600, false),
        (format!("127.0.0.1:{port}:other:scram_role:{PASSWORD}\n"), 0o600, false),
        (format!("127.0.0.1:{port}:app:scram_role:{PASSWORD}\n"), 0o644, false),
    ] {
        let home = |dbcfg: Dbcfg| secret(dbcfg, ".pgpass", &text, mode);
        let found = Probe::url(&conninfo).env("PGPASSWORD", "").with(home).run();
        let psql = home(judge(&conninfo)).run();
        assert_eq!(psql.status == 0, is_let_in, "{text}\n{}", psql.stderr);
        let found = found.expect_status(i32::from(!is_let_in));
        found.only().expect_status(if is_let_in { "healthy" } else { "down" });
        let remarks = found.only().get("/remarks").to_string();
        assert_eq!(remarks.contains("is passed over"), mode == 0o644, "{remarks}");
    }
    let elsewhere = |dbcfg: Dbcfg| secret(dbcfg, "keys/pgpass", &format!("*:*:*:*:{PASSWORD}"), 0o600);
    let probe = Probe::url(&conninfo).env("PGPASSWORD", "").env("PGPASSFILE", "keys/pgpass").with(elsewhere);
    probe.run().expect_status(0).only().expect_status("healthy");
    elsewhere(judge(&conninfo).env("PGPASSFILE", "keys/pgpass")).run().expect_status(0);
}

#[test]
fn services_of_libpq_are_found() {
    let cluster = postgres::standard();
    let port = cluster.port();
    let file = format!(
        "[live]\nhost=127.0.0.1\nport={port}\nuser=scram_role\ndbname=app\npassword={PASSWORD}\n[dead]\nhost=127.0.0.1\n"
    );
    let at_home = |dbcfg: Dbcfg| dbcfg.file(".pg_service.conf", &file);
    let named = |dbcfg: Dbcfg| dbcfg.file("services", &file).env("PGSERVICEFILE", "services");
    for (conninfo, place, variable, is_let_in) in [
        ("service=live", &at_home as &dyn Fn(Dbcfg) -> Dbcfg, None, true),
        ("service=live", &named, None, true),
        ("dbname=app", &named, Some("live"), true),
        ("postgresql:///app", &at_home, Some("live"), true),
        ("service=live user=nobody_at_all", &named, None, false),
        ("service=missing", &named, None, false),
        ("dbname=app", &named, Some("missing"), false),
    ] {
        let with = |dbcfg: Dbcfg| match variable {
            Some(service) => place(dbcfg).env("PGSERVICE", service),
            None => place(dbcfg),
        };
        let found = Probe::url(conninfo).env("PGPASSWORD", "").with(with).run();
        let psql = with(judge(conninfo)).run();
        assert_eq!(psql.status == 0, is_let_in, "{conninfo} {variable:?}\n{}", psql.stderr);
        assert_eq!(found.only().status() == "healthy", is_let_in, "{conninfo} {variable:?}\n{:#}", found.json);
        assert!(!found.output.stdout.contains(PASSWORD));
    }
    // A configuration that leaves its place to the service.
    let probe = Probe::settings("databases:\n  main: {username: scram_role, database: app}\n").with(named);
    probe.env("PGSERVICE", "live").run().expect_status(0).target("main").expect_status("healthy");
}

#[test]
fn a_rejected_password_is_blamed_on_where_it_came_from() {
    let port = postgres::standard().port();
    let settings = |password: &str| {
        format!(
            "databases:\n  main: {{host: 127.0.0.1, port: {port}, database: app, username: scram_role, password: {password}}}\n"
        )
    };
    let hint = |probe: Probe| {
        let found = probe.run().expect_status(1);
        let target = found.only().expect_status("down");
        assert_eq!(target.get("/error/cause"), "password-rejected");
        target.get("/hint").as_str().unwrap_or_default().to_owned()
    };
    let given = Probe::settings(&settings("nobodys")).with(|dbcfg| dbcfg.file("secret", "nobodys-either\n"));
    let told = hint(given.args(&["--password-file", "secret"]));
    assert!(told.contains("--password-file") && !told.contains("settings.yaml"), "{told}");
    assert!(hint(Probe::settings(&settings("nobodys"))).contains("settings.yaml:2:"));
    // The sentence goes on behind the name of the variable.
    let told = hint(Probe::settings(&settings("\"${APP_DB_PASSWORD}\"")).env("APP_DB_PASSWORD", "nobodys"));
    assert!(told.contains("APP_DB_PASSWORD") && told.contains("psql") && !told.contains("****"), "{told}");
}

//! psql is started with the same connection, variables and files, and has to come to the same server, as the same user,
//! with the same password; or to refuse, too.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::listener::Listener;
use super::scene::Scene;
use crate::model::health::Cause;
use crate::probe::libpq::passfile;
use crate::probe::postgres::Place;
use crate::redact::Secret;

/// The psql of the newest server that is installed: the one of the path may be a script in front of it.
fn psql() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL is installed");
    let programs = versions.flatten().map(|version| version.path().join("bin/psql"));
    programs.filter(|program| program.is_file()).max().expect("psql is installed")
}

/// Starts psql, and tells whether it called the connection itself wrong.
fn start(scene: &Scene, words: &str, variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(psql());
    command.args(["-X", "-w", "-c", "select 1"]).arg(scene.words(words)).current_dir(&scene.home);
    let output = command.env_clear().envs(scene.variables(variables)).output().expect("start psql");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// psql and we come to the same listener. The words and values have `PORT` where its port belongs.
fn check(scene: &Scene, words: &str, variables: &[(&str, &str)]) {
    let (listener, port) = Listener::tcp();
    let port = port.to_string();
    let words = words.replace("PORT", &port);
    let variables: Vec<(&str, String)> =
        variables.iter().map(|(name, value)| (*name, value.replace("PORT", &port))).collect();
    let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    for file in [".pg_service.conf", "system/pg_service.conf", "own.conf", ".pgpass"] {
        let path = scene.home.join(file);
        if let Ok(text) = fs::read_to_string(&path) {
            fs::write(&path, text.replace("PORT", &port)).expect("name the port");
        }
    }
    let said = start(scene, &words, &variables);
    compare(scene, &words, &variables, &listener, &said);
}

fn compare(scene: &Scene, words: &str, variables: &[(&str, &str)], listener: &Listener, said: &str) {
    let ours = scene.endpoint(words, variables);
    let Some((parameters, password)) = listener.visit() else {
        let ours = ours.map(|endpoint| endpoint.to_string());
        assert!(ours.as_ref().is_err_and(|it| it.cause == Cause::Configuration), "{words}: {ours:?}; psql: {said}");
        return;
    };
    let ours = ours.unwrap_or_else(|failure| panic!("{words}: {}; psql came", failure.message));
    assert_eq!(Some(&ours.user), parameters.get("user"), "{words}");
    assert_eq!(Some(&ours.database), parameters.get("database"), "{words}");
    assert_eq!(ours.options.as_ref(), parameters.get("options"), "{words}");
    let name = parameters.get("application_name").map(String::as_str);
    assert_eq!(Some(ours.application_name.as_str()), name.map(|it| if it == "psql" { "dbcfg" } else { it }), "{words}");
    // The hosts before the one that listens refuse.
    let host = ours.hosts.last().expect("there is a host");
    assert_eq!(host.password.as_ref().map_or("", Secret::expose), password, "{words}");
}

#[test]
fn the_strongest_place_counts() {
    let service = "[one]\nhost=h.test\nhostaddr=127.0.0.1\nport=PORT\nuser=u1\ndbname=d1\npassword=p1\n\
                   [two]\nport=PORT\nhostaddr=127.0.0.1\napplication_name=a2\nport=1\n";
    let scene = || Scene::new().with(".pg_service.conf", service, 0o644);
    let variables = [("PGUSER", "u0"), ("PGPASSWORD", "p0"), ("PGDATABASE", "d0"), ("PGAPPNAME", "a0")];
    let here = [("PGHOSTADDR", "127.0.0.1"), ("PGPORT", "PORT"), ("PGOPTIONS", "-c geqo=off")];
    check(&scene(), "service=one", &[]);
    check(&scene(), "service=one user=u2 password=p2", &variables);
    check(&scene(), "service=two", &variables);
    check(&scene(), "service=two", &[]);
    check(&scene(), "dbname=d3", &[&variables[..], &here[..]].concat());
    check(&scene(), "user='' dbname='' password=''", &[&variables[..], &here[..]].concat());
    check(&scene(), "dbname=d3", &[("PGSERVICE", "one")]);
    check(&scene(), "service=three", &here);
    check(&scene(), "hostaddr=127.0.0.1 port=PORT application_name=a3 fallback_application_name=a4", &variables);
    check(&scene(), "hostaddr=127.0.0.1 port=PORT", &[]);
}

#[test]
fn service_files_are_found_and_read() {
    let own = "[one]\nhostaddr=127.0.0.1\nport=PORT\nuser=own\n";
    let system = "[one]\nuser=system\n[sys]\nhostaddr=127.0.0.1\nport=PORT\nuser=system\n";
    let both = || Scene::new().with(".pg_service.conf", own, 0o644).with("system/pg_service.conf", system, 0o644);
    check(&both(), "service=one", &[]);
    check(&both(), "service=sys", &[]);
    check(&both(), "service=none", &[]);
    check(&both(), "service=sys", &[("PGSERVICEFILE", "~/missing.conf")]);
    check(
        &both().with("own.conf", "[one]\nuser=third\nhostaddr=127.0.0.1\nport=PORT\n", 0o644),
        "service=one",
        &[("PGSERVICEFILE", "~/own.conf")],
    );
    check(&Scene::new(), "service=one", &[]);
    let port = "hostaddr=127.0.0.1\nport=PORT\n";
    for lines in [
        "user\n",
        "user = u\n",
        " user=u v \n",
        "colour=red\n",
        "service=two\n",
        "#user\n\n",
        "user=u\nuser=w\n",
        "[one]\nuser=u\n",
        "user=u\r\n",
        "[two]\nnonsense\n",
        "requiressl=1\n",
    ] {
        let scene = Scene::new().with(".pg_service.conf", &format!("[one]\n{port}{lines}"), 0o644);
        check(&scene, "service=one", &[]);
    }
}

#[test]
fn passwords_are_found_in_pgpass() {
    for (text, _) in passfile::LINES {
        let scene = Scene::new().with(".pgpass", &text.replace("5432", "PORT"), 0o600);
        check(&scene, "host=h hostaddr=127.0.0.1 port=PORT dbname=d:b user='u\\\\v'", &[]);
    }
    let all = "*:*:*:*:moss\n";
    let to = "host=h hostaddr=127.0.0.1 port=PORT";
    check(&Scene::new().with(".pgpass", all, 0o640), to, &[]);
    check(&Scene::new().with(".pgpass", all, 0o600), to, &[("PGPASSWORD", "fern")]);
    check(&Scene::new().with("other", all, 0o600), &format!("{to} passfile=~/other"), &[("PGPASSFILE", "~/missing")]);
    check(&Scene::new().with("other", all, 0o600), to, &[("PGPASSFILE", "~/other")]);
    check(&Scene::new().with(".pgpass", all, 0o600), to, &[("PGPASSFILE", "~/missing")]);
    check(&Scene::new().with(".pgpass", all, 0o600), to, &[("PGPASSFILE", "~/.postgresql")]);
    check(&Scene::new().with(".pgpass", "127.0.0.1:*:*:*:moss\n", 0o600), to, &[]);
    check(&Scene::new().with(".pgpass", "127.0.0.1:*:*:*:moss\n", 0o600), "hostaddr=127.0.0.1 port=PORT", &[]);
    check(&Scene::new().with(".pgpass", "127.0.0.1:*:*:*:moss\n", 0o600), "host=127.0.0.1 port=PORT", &[]);
    let several = "a:1:*:*:fern\nb:PORT:*:*:moss\n";
    let list = "host=a,b hostaddr=127.0.0.1,127.0.0.1 port=1,PORT";
    check(&Scene::new().with(".pgpass", several, 0o600), list, &[]);
}

#[test]
fn sockets_are_searched_for_by_their_path() {
    for line in ["localhost:*:*:*:fern\n", "~:*:*:*:moss\n", "*:*:*:*:moss\n"] {
        let scene = Scene::new();
        let line = line.replace('~', &scene.home.display().to_string());
        let scene = scene.with(".pgpass", &line, 0o600);
        let listener = Listener::unix(&scene.home, 5432);
        let said = start(&scene, "host=~ user=u", &[]);
        compare(&scene, &scene.words("host=~ user=u"), &[], &listener, &said);
    }
}

#[test]
fn wrong_values_are_refused() {
    for words in [
        "port=99999",
        "port=0",
        "port=abc",
        "port='5432x'",
        "port=-1",
        "sslmode=nonsense",
        "sslmode=REQUIRE",
        "sslmode=''",
        "connect_timeout=abc",
        "connect_timeout=''",
        "channel_binding=no",
        "target_session_attrs=master",
        "target_session_attrs=''",
        "gssencmode=no",
        "ssl_min_protocol_version=1.2",
        "ssl_max_protocol_version=TLSv1.1",
        "host=a,b,c",
        "port=1,2",
        "keepalives=abc",
        "tcp_user_timeout=1s",
        "hostaddr=db.test",
    ] {
        let (name, _) = words.split_once('=').expect("a word");
        let rest = ["host=h.test", "hostaddr=127.0.0.1", "port=PORT"];
        let rest = rest.into_iter().filter(|word| !word.starts_with(&format!("{name}=")));
        let words = rest.chain([words]).collect::<Vec<_>>().join(" ");
        check(&Scene::new(), &words, &[]);
    }
}

#[test]
fn fine_values_are_taken() {
    for words in [
        "sslmode=allow",
        "sslmode=disable",
        "requiressl=0",
        "connect_timeout=0",
        "connect_timeout=-1",
        "ssl_min_protocol_version=tlsv1.3",
        "ssl_min_protocol_version=''",
        "ssl_max_protocol_version=''",
        "channel_binding=disable",
        "target_session_attrs=any",
        "gssencmode=disable",
        "keepalives=0",
        "sslcert=~/missing",
        "sslkey=~/missing",
        "sslcrl=~/missing",
        "sslrootcert=~/missing",
        "options=-cgeqo=off",
    ] {
        check(&Scene::new(), &format!("host=h.test hostaddr=127.0.0.1 port=PORT user=u {words}"), &[]);
    }
}

#[test]
fn the_default_host_is_the_one_of_psql() {
    // Nobody listens at port 9 of the default directory; the message tells where psql looked.
    let scene = Scene::new();
    let said = start(&scene, "port=9", &[]);
    let ours = scene.endpoint("port=9", &[]).expect("it is fine");
    let Place::Socket(directory) = &ours.hosts[0].place else { panic!("no socket: {ours}") };
    assert!(said.contains(&format!("{}/.s.PGSQL.9", directory.display())), "{said}");
}

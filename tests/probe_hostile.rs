//! `dbcfg probe` against peers that misbehave: every probe ends in its time and its memory, tells what the matter is, and
//! lets nothing through that a terminal or a reader should not see.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::probing::{Found, Probe};
use crate::servers::hostile::{Behaviour, ESCAPES, Hostile};
use crate::servers::{PASSWORD, postgres};

/// How long an attempt may take here.
const TIMEOUT: Duration = Duration::from_secs(2);

/// What a run may take besides its attempts, on a machine that does much else.
const START: Duration = Duration::from_secs(3);

/// The most memory that the program may take for its data (DESIGN: below 50 MB).
const MEMORY_KIB: u64 = 48 << 10;

#[track_caller]
fn probe(peer: &Hostile, more: &str) -> Found {
    let started = Instant::now();
    let probe = Probe::url(&format!("{} {more}", peer.conninfo())).args(&["--timeout", "2s"]);
    let found = probe.with(|dbcfg| dbcfg.memory_limit_kib(MEMORY_KIB)).run();
    assert!(started.elapsed() < TIMEOUT + START, "{:?}", started.elapsed());
    found
}

/// What each peer is called, encrypted or not. A peer that agrees to TLS has no part in plain connections.
fn cause(behaviour: Behaviour, is_encrypted: bool) -> Option<&'static str> {
    let (plain, encrypted) = match behaviour {
        Behaviour::Silent | Behaviour::SilentAfterTlsQuestion => ("timeout", "timeout"),
        Behaviour::OneByteAtATime => ("timeout", "tls-refused"),
        Behaviour::Reset => ("reset", "reset"),
        Behaviour::Close => ("closed", "closed"),
        Behaviour::Http | Behaviour::Ssh | Behaviour::Mysql => ("wrong-protocol", "wrong-protocol"),
        Behaviour::ResetAfterTlsAnswer => ("", "reset"),
        Behaviour::SilentInHandshake => ("", "timeout"),
        Behaviour::NoiseInHandshake => ("", "wrong-protocol"),
        Behaviour::HugeMessage | Behaviour::EndlessNotices | Behaviour::EndlessRows => ("too-much-data", ""),
        // No server tells its parameters before it knows who asks, and each knows the password that it asks for.
        Behaviour::EndlessParameters | Behaviour::WrongScramSignature => ("wrong-protocol", ""),
        Behaviour::ExpensiveScram => ("limitation", ""),
        Behaviour::EchoedPassword | Behaviour::Nonsense => ("", ""),
    };
    let cause = if is_encrypted { encrypted } else { plain };
    (!cause.is_empty()).then_some(cause)
}

#[test]
fn every_peer_is_left_in_time_and_called_by_its_name() {
    let mut count = 0;
    for behaviour in Behaviour::ALL {
        let peer = Hostile::start(behaviour);
        for (mode, is_encrypted) in [("disable", false), ("require", true)] {
            let Some(cause) = cause(behaviour, is_encrypted) else { continue };
            let found = probe(&peer, &format!("sslmode={mode}"));
            let target = found.only();
            assert_eq!(target.get("/error/cause"), cause, "{behaviour:?} {mode}: {:#}", found.json);
            let verdict = if cause == "limitation" { "not-measured" } else { "down" };
            target.expect_status(verdict);
            assert!(!target.get("/hint").is_null(), "{behaviour:?} {mode}: {:#}", found.json);
            found.expect_status(1);
            count += 1;
        }
        // Whatever the default mode makes of it, it ends.
        probe(&peer, "").only();
    }
    assert_eq!(count, 25);
}

#[test]
fn what_answers_something_else_is_told_as_not_measured() {
    let peer = Hostile::start(Behaviour::Nonsense);
    let found = probe(&peer, "sslmode=disable");
    let target = found.only().expect_status("healthy");
    let remark = "not measured: what the server knows of itself (it answers something else than it was asked)";
    assert_eq!(target.get("/remarks"), &serde_json::json!([remark]));
    assert_eq!(target.get("/facts/version"), "15.9");
}

#[test]
fn a_server_that_drips_is_not_called_silent() {
    let peer = Hostile::start(Behaviour::OneByteAtATime);
    let found = probe(&peer, "sslmode=disable");
    assert_eq!(found.only().get("/error/message"), "the session did not begin in time");
}

#[test]
fn what_a_server_says_reaches_no_terminal() {
    let peer = Hostile::start(Behaviour::EchoedPassword);
    for format in ["human", "json", "junit", "prometheus", "nagios"] {
        let found = Probe::url(&format!("{} sslmode=disable", peer.conninfo()))
            .with(|dbcfg| dbcfg.args(&["--format", format, "-v", "-v", "--color", "always"]));
        let output = found.with(|dbcfg| dbcfg.env("DBCFG_LOG", "debug")).output();
        let output = output.expect_nowhere(PASSWORD).expect_nowhere(ESCAPES);
        for text in [&output.stdout, &output.stderr] {
            let is_hostile = |c: char| (c.is_control() && !matches!(c, '\n' | '\u{1b}')) || c == '\u{202e}';
            assert!(!text.contains(is_hostile), "{format}: {text:?}");
            // Colours are our own; a title of the window is not.
            assert!(!text.contains("\u{1b}]"), "{format}: {text:?}");
        }
    }
}

#[test]
fn hostile_servers_do_not_touch_others() {
    let peers: Vec<Hostile> = Behaviour::ALL.into_iter().map(Hostile::start).collect();
    let cluster = postgres::standard();
    let mut settings = String::from("databases:\n");
    let good = [("main", "scram_role"), ("other", "md5_role"), ("third", "password_role")];
    for (name, role) in good {
        let port = cluster.port();
        let _ = writeln!(
            settings,
            "  {name}: {{host: 127.0.0.1, port: {port}, database: app, username: {role}, password: \"{PASSWORD}\"}}"
        );
    }
    for (index, peer) in peers.iter().enumerate() {
        let port = peer.port();
        let _ = writeln!(
            settings,
            "  peer{index}: {{host: 127.0.0.1, port: {port}, database: app, username: app, password: \"{PASSWORD}\"}}"
        );
    }
    let started = Instant::now();
    let probe = Probe::settings(&settings).args(&["--timeout", "2s"]);
    let found = probe.with(|dbcfg| dbcfg.memory_limit_kib(MEMORY_KIB)).run().expect_status(1);
    assert!(started.elapsed() < TIMEOUT + START, "{:?}", started.elapsed());
    for (name, _) in good {
        let target = found.target(name).expect_status("healthy");
        let millis = target.get("/millis").as_f64().expect("it took some time");
        assert!(millis < 1500.0, "{name} took {millis} ms");
    }
    for index in 0..peers.len() {
        assert_ne!(found.target(&format!("peer{index}")).status(), "healthy", "{:?}", Behaviour::ALL[index]);
    }
}

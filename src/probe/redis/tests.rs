//! What Redis says, and what is no Redis.

mod server;

use super::*;
use crate::probe::fault::Protocol;
use crate::probe::tests::{self as trial, Part};

fn endpoint(password: Option<&str>, database: u32) -> Endpoint {
    let place = Place::Host { host: "localhost".to_owned(), port: PORT, tls: None };
    Endpoint { place, user: None, password: password.map(Secret::new), database }
}

/// What becomes of a conversation with a server that speaks a part, and the stage that it came to.
fn talked(part: Part, endpoint: &Endpoint) -> (Result<Answer, Fault>, Stage) {
    let recorder = Recorder::default();
    let outcome = trial::run(async { talk(trial::connection(part).await, endpoint, &recorder).await });
    (outcome, recorder.stage())
}

fn failed(part: Part, password: Option<&str>, database: u32) -> (Fault, Stage) {
    let (outcome, stage) = talked(part, &endpoint(password, database));
    (outcome.expect_err("a fault"), stage)
}

#[test]
fn a_server_says_what_it_is() {
    let part = Part::Answers(&[
        b"+PONG\r\n",
        b"+PONG\r\n$38\r\n# Server\r\nredis_version:7.0.15\r\nos:x\r\n\r\n$33\r\n# Replication\r\nrole:master\r\na:b\r\n\r\n",
    ]);
    let answer = talked(part, &endpoint(None, 0)).0.expect("an answer");
    let facts = RedisFacts { version: Some("7.0.15".to_owned()), role: Some("master".to_owned()), tls: None };
    assert_eq!((answer.facts, answer.remarks), (Some(Facts::Redis(facts)), Vec::new()));
}

#[test]
fn what_may_not_be_asked_is_not_known() {
    let refused: &[&[u8]] = &[b"+OK\r\n", b"-NOPERM ping\r\n-NOPERM info\r\n-NOPERM info\r\n"];
    let answer = talked(Part::Answers(refused), &endpoint(Some("x"), 0)).0.expect("an answer");
    assert_eq!(answer.facts, Some(Facts::Redis(RedisFacts::default())));
    assert_eq!(answer.remarks, ["the user may not ping; that the login works is all that was seen"]);
}

#[test]
fn a_replica_is_told() {
    for (link, expected) in [
        ("up", "it is a replica, which takes no writes unless that is allowed"),
        ("down", "it is a replica, which takes no writes, and it has lost its master"),
    ] {
        let facts = RedisFacts { role: Some("slave".to_owned()), ..RedisFacts::default() };
        let told = remarks_on(&facts, &format!("role:slave\r\nmaster_link_status:{link}\r\n"));
        assert_eq!(told.as_deref(), Some(expected));
    }
}

#[test]
fn errors_are_told_at_their_stage() {
    let redis = |text: &str| Fault::Redis(text.to_owned());
    let wanted: &[&[u8]] = &[b"-NOAUTH Authentication required.\r\n"];
    assert_eq!(failed(Part::Answers(wanted), None, 0), (redis("NOAUTH Authentication required."), Stage::Auth));
    let loading: &[&[u8]] = &[b"-LOADING Redis is loading the dataset in memory\r\n"];
    let text = "LOADING Redis is loading the dataset in memory";
    assert_eq!(failed(Part::Answers(loading), None, 0), (redis(text), Stage::Query));
    let login: &[&[u8]] = &[b"+OK\r\n", b"-ERR DB index is out of range\r\n"];
    // What is a word of the error is not taken for the password that it happens to be.
    assert_eq!(
        failed(Part::Answers(login), Some("index"), 99),
        (redis("ERR DB index is out of range"), Stage::Session)
    );
    let full: &[&[u8]] = &[b"-ERR max number of clients reached\r\n"];
    assert_eq!(failed(Part::Answers(full), None, 0), (redis("ERR max number of clients"), Stage::Auth));
}

#[test]
fn a_password_that_is_echoed_is_taken_out() {
    let echo: &[&[u8]] = &[b"-ERR canary is wrong, canary!\r\n"];
    let (fault, _) = failed(Part::Answers(echo), Some("canary"), 0);
    assert_eq!(fault, Fault::Redis("ERR ******** is wrong, ********!".to_owned()));
}

#[test]
fn what_is_no_redis_is_told_by_its_first_bytes() {
    for (part, expected) in [
        (Part::Answers(&[b"HTTP/1.1 400 Bad Request\r\n\r\n"]), Protocol::Http),
        (Part::Greets(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"), Protocol::Ssh),
        (Part::Greets(b"J\0\0\0\n8.0.36\0"), Protocol::Mysql),
        (Part::Answers(&[b"\x15\x03\x01\0\x02\x02\x46"]), Protocol::Tls),
        (Part::Answers(&[b"E\0\0\0\x8fSFATAL\0"]), Protocol::Postgresql),
        (Part::Answers(&[b"220 mail.example.com ESMTP"]), Protocol::Mail),
        (Part::Answers(&[b"what?"]), Protocol::Unknown),
        (Part::Answers(&[b"$many\r\n"]), Protocol::Unknown),
    ] {
        assert_eq!(failed(part, Some("x"), 0).0, Fault::Protocol(expected), "{part:?}");
    }
}

#[test]
fn no_more_is_read_than_redis_says() {
    assert_eq!(failed(Part::Floods(b"+aaaaaaaaaaaaaaaaaaaaaaaa"), None, 0).0, Fault::TooMuch);
    assert_eq!(failed(Part::Answers(&[b"$2000000000\r\nabc"]), None, 0).0, Fault::TooMuch);
    assert_eq!(failed(Part::Answers(&[b""]), None, 0).0, Fault::Closed);
    assert_eq!(failed(Part::Answers(&[b"$10\r\nabc"]), None, 0).0, Fault::Closed);
}

#[test]
fn endpoints_are_shown_without_their_login() {
    let shown = endpoint(Some("canary"), 3);
    assert_eq!(shown.to_string(), "redis://localhost:6379/3");
    assert!(!format!("{shown:?}").contains("canary"));
    let socket = Endpoint { place: Place::Socket("/run/redis.sock".into()), ..shown };
    assert_eq!(socket.to_string(), "unix:///run/redis.sock?db=3");
}

//! What a web server says, and what is no web server.

use super::*;
use crate::probe::fault::Protocol;
use crate::probe::tests::{self as trial, Part};
use crate::redact::Secret;

fn site() -> Site {
    Site { tls: None, host: "localhost".to_owned(), port: Some(5000), login: None }
}

/// So many bytes of a body are asked for.
const MOST: usize = 1000;

/// What a request comes to, over a connection to a server that speaks a part.
fn asked(part: Part) -> Result<Reply, Fault> {
    trial::run(async {
        let mut client = Client::over(trial::connection(part).await, None, &site()).await?;
        client.send(Method::GET, "/health", MOST).await
    })
}

#[test]
fn an_answer_is_read() {
    let reply = asked(Part::Answers(&[b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Some: thing\r\n\r\nOK"]));
    let reply = reply.expect("an answer");
    assert_eq!((reply.status, reply.body.as_slice(), reply.header("x-some")), (200, &b"OK"[..], Some("thing")));
    assert!(is_ok_of_mlflow(&reply));
}

#[test]
fn several_requests_go_over_one_connection() {
    const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK";
    const VERSION: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n2.22.0";
    trial::run(async {
        let connection = trial::connection(Part::Answers(&[OK, VERSION])).await;
        let mut client = Client::over(connection, None, &site()).await.expect("a client");
        assert_eq!(client.send(Method::GET, "/health", MOST).await.expect("an answer").body, b"OK");
        let reply = client.send(Method::GET, "/version", MOST).await.expect("an answer");
        assert_eq!(version_in(&reply.body).as_deref(), Some("2.22.0"));
    });
}

#[test]
fn what_is_no_web_server_is_told_by_its_first_bytes() {
    for (part, expected) in [
        (Part::Greets(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"), Protocol::Ssh),
        (Part::Greets(b"J\0\0\0\n8.0.36\0\x08\0\0\0"), Protocol::Mysql),
        (Part::Greets(b"220 mail.example.com ESMTP\r\n"), Protocol::Mail),
        (Part::Answers(&[b"-ERR wrong number of arguments for 'get' command\r\n"]), Protocol::Redis),
        (Part::Answers(&[b"\x15\x03\x01\0\x02\x02\x46"]), Protocol::Tls),
        (Part::Answers(&[b"E\0\0\0\x8fSFATAL\0"]), Protocol::Postgresql),
        (Part::Answers(&[b"what?\r\n\r\n"]), Protocol::Unknown),
    ] {
        assert_eq!(asked(part).err(), Some(Fault::Protocol(expected)), "{part:?}");
    }
}

#[test]
fn who_closes_without_a_word_is_said_to() {
    assert_eq!(asked(Part::Answers(&[b""])).err(), Some(Fault::Closed));
}

#[test]
fn no_more_is_read_than_a_probe_needs() {
    let body = asked(Part::Answers(&[b"HTTP/1.1 200 OK\r\nContent-Length: 2000000000\r\n\r\nx"])).err();
    assert_eq!(body, Some(Fault::Closed), "the body breaks off");
    assert_eq!(asked(Part::Floods(b"HTTP/1.1 200 OK\r\nX-Long: y\r\nX-Long: ")).err(), Some(Fault::TooMuch));
    let chunk = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nHTTP\r\n";
    let endless = trial::run(async {
        let mut client =
            Client::over(trial::connection(Part::Pours(chunk, b"4\r\nabcd\r\n")).await, None, &site()).await?;
        client.send(Method::GET, "/", MOST).await
    });
    assert_eq!(endless.expect("an answer").body.len(), MOST);
}

#[test]
fn a_body_that_nobody_asks_for_is_not_waited_for() {
    let reply = trial::run(async {
        let part = Part::Pours(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n", b"data: 1\n\n");
        let mut client = Client::over(trial::connection(part).await, None, &site()).await?;
        client.send(Method::GET, "/", 0).await
    });
    assert_eq!(reply.map(|reply| (reply.status, reply.body)), Ok((200, Vec::new())));
}

#[test]
fn a_request_says_who_asks_and_logs_in() {
    let login = Some(("app".to_owned(), Secret::new("canary")));
    let site = Site { login, ..site() };
    assert!(!format!("{site:?} {site}").contains("canary"), "{site:?}");
    let heard = trial::run(async {
        let (connection, heard) = trial::listener(b"HTTP/1.1 204 No Content\r\n\r\n").await;
        let mut client = Client::over(connection, None, &site).await.expect("a client");
        assert!(!format!("{client:?}").contains("canary"));
        client.send(Method::HEAD, "/a?b=c", 0).await.expect("an answer");
        heard.await.expect("a request")
    });
    let heard = heard.to_ascii_lowercase();
    assert!(heard.starts_with("head /a?b=c http/1.1\r\n"), "{heard}");
    for line in [
        "host: localhost:5000",
        &format!("user-agent: dbcfg/{}", env!("CARGO_PKG_VERSION")),
        // `app:canary`, encoded by hand.
        "authorization: basic yxbwomnhbmfyeq==",
    ] {
        assert!(heard.contains(&format!("\r\n{line}\r\n")), "{line} is missing in {heard}");
    }
}

#[test]
fn statuses_are_judged() {
    let judged = |status: u16, location: Option<&'static str>| {
        let mut headers = hyper::header::HeaderMap::new();
        if let Some(location) = location {
            headers.insert("location", hyper::header::HeaderValue::from_static(location));
        }
        judge(&Reply { status, headers, body: Vec::new() })
    };
    assert_eq!(judged(200, None), Ok(None));
    assert_eq!(judged(204, None), Ok(None));
    assert_eq!(judged(302, None), Ok(Some("it answers with a redirect (302)".to_owned())));
    let login = judged(302, Some("https://u:canary@login.example.com/in?token=canary#x"));
    assert_eq!(
        login,
        Ok(Some("it answers with a redirect (302) to https://u:********@login.example.com/in".to_owned()))
    );
    assert_eq!(judged(401, None), Ok(Some("it answers, and wants a login first (401)".to_owned())));
    assert_eq!(judged(403, None), Ok(Some("it answers, and wants a login first (403)".to_owned())));
    assert_eq!(judged(404, None), Err(Fault::Http(404)));
    assert_eq!(judged(503, None), Err(Fault::Http(503)));
    assert_eq!(no_tracker(Fault::Http(404)), Fault::NoTracker(404));
    assert_eq!(no_tracker(Fault::Http(503)), Fault::Http(503));
}

#[test]
fn only_a_version_is_taken_for_one() {
    for (body, expected) in [
        (&b"2.9.2"[..], Some("2.9.2")),
        (b"3.1.0rc0\n", Some("3.1.0rc0")),
        (b"<!doctype html><title>MLflow</title>", None),
        (b"12", None),
        (b"2.\x1b[31m", None),
        (b"1.00000000000000000000000000000000000000000000000", None),
        (b"", None),
    ] {
        assert_eq!(version_in(body).as_deref(), expected);
    }
}

#[test]
fn a_tracking_server_below_a_path_is_asked_there() {
    let endpoint = |path: &str, query: Option<&str>, kind| Endpoint {
        site: site(),
        path: path.to_owned(),
        query: query.map(Secret::new),
        kind,
    };
    assert_eq!(endpoint("", None, Kind::Tracker).target(), "/health");
    assert_eq!(endpoint("/", None, Kind::Tracker).target(), "/health");
    assert_eq!(endpoint("/ml/", None, Kind::Tracker).target(), "/ml/health");
    assert_eq!(endpoint("", None, Kind::Any).target(), "/");
    let secret = endpoint("/up", Some("token=canary"), Kind::Any);
    assert_eq!(
        (secret.target().as_str(), secret.to_string().as_str()),
        ("/up?token=canary", "http://localhost:5000/up")
    );
    assert!(!format!("{secret:?}").contains("canary"));
}

//! What a hostile server says reaches no output as it stands, and no password does.

use super::super::{human, json, junit, log, nagios, prometheus};
use super::*;
use crate::model::health::{Alembic, Deep, Event, HttpFacts, SlowQuery, StoreFacts};
use crate::report::style::Style;

/// A server's text: control sequences, a line break, an override of the direction, and passwords.
const HOSTILE: &str = "\u{1b}[2J\u{7}bad\r\n\u{202e}postgres://app:canary-1@db.example.com/app password=canary-2 | <x>";

/// A run in which every text is hostile that a server or a file may have written.
fn hostile() -> Sample {
    let text = HOSTILE.to_owned();
    let fault = Failure { code: text.clone(), ..failure(Stage::Tcp, Cause::Other, Class::Permanent, HOSTILE) };
    let address = Address { address: "192.0.2.7:5432".to_owned(), is_ok: Some(false), error: Some(text.clone()) };
    let tried = Attempt {
        addresses: vec![address],
        database: Some("\u{1b}[2Japp".to_owned()),
        ..attempt(Via::Primary, "db.example.com\u{1b}[2J:5432", &[(Stage::Tcp, 1)], Some(&fault))
    };
    let other = Attempt { via: Via::Failover(0), ..tried.clone() };
    let tls = Some(TlsFacts { version: text.clone(), cipher: text.clone(), ..TlsFacts::default() });
    let facts = [
        Facts::Postgresql(Box::new(PostgresFacts {
            version: text.clone(),
            databases: vec![text.clone()],
            tls: tls.clone(),
            vector: Some(VectorFacts { version: Some(text.clone()), ..VectorFacts::default() }),
            deep: Some(Box::new(Deep {
                slow_queries: Some(vec![SlowQuery { query: text.clone(), ..SlowQuery::default() }]),
                never_analysed: Some(vec![text.clone()]),
                ..Deep::default()
            })),
            alembic: Some(Alembic::Version(text.clone())),
            ..PostgresFacts::default()
        })),
        Facts::Redis(RedisFacts { version: Some(text.clone()), role: Some(text.clone()), tls: tls.clone() }),
        Facts::Http(HttpFacts { status: 200, version: Some(text.clone()), tls }),
        Facts::Store(StoreFacts { region: Some(text.clone()), writable: None }),
    ];
    let targets = facts.into_iter().enumerate().map(|(index, facts)| TargetHealth {
        failure: Some(fault.clone()),
        attempts: vec![tried.clone(), other.clone()],
        facts: Some(facts),
        remarks: vec![text.clone()],
        ..target(
            Subject::primary(Role::Other(format!("{index}\u{1b}[2J\u{202e}"))),
            if index == 2 { Engine::Mlflow } else { Engine::Other("\u{1b}[2J".to_owned()) },
            "db.example.com\u{1b}[2J:5432/\u{202e}app",
            if index == 0 { Status::Degraded } else { Status::Down },
        )
    });
    let subject = Subject::primary(Role::Other("0\u{1b}[2J\u{202e}".to_owned()));
    Sample::new(targets.collect()).note(subject, &["databases", "main", "host"], Some(HOSTILE))
}

#[test]
fn no_format_shows_what_must_not_be_seen() {
    let sample = hostile();
    let checkup = sample.checkup();
    let plain = Style { is_coloured: false };
    let mut texts: Vec<String> =
        [None, Some(120), Some(80), Some(40)].map(|width| human(&checkup, plain, width)).into();
    texts.extend([
        json(&checkup),
        junit(&checkup, std::time::SystemTime::UNIX_EPOCH),
        prometheus(&checkup),
        nagios(&checkup),
    ]);
    let target = &sample.health.targets[1];
    let failure = target.failure.as_ref().expect("it failed");
    let (subject, endpoint) = (&target.subject, target.endpoint.as_str());
    let events = [
        Event::Started { subject },
        Event::Attempt {
            subject,
            endpoint,
            database: Some("\u{1b}[2J"),
            number: 1,
            of: 1,
            timeout: Duration::from_secs(1),
        },
        Event::Failed { subject, endpoint, number: 1, of: 1, failure, retry_in: None },
        Event::Finished { target },
    ];
    texts.extend(events.iter().map(|event| log(event).1 + "\n"));
    assert_eq!(texts.len(), 12);
    for text in &texts {
        assert!(!text.contains("canary"), "{text}");
        let is_hostile = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!text.contains(is_hostile), "{text:?}");
    }
    // It was there to be seen.
    assert!(texts[0].contains("\\u{1b}[2J") && texts[0].contains("********"), "{}", texts[0]);
    // What divides the output of a plugin is in no text, and every event is a line.
    assert!(nagios(&checkup).lines().skip(1).all(|line| !line.contains('|')));
    assert!(texts[8..].iter().all(|line| line.matches('\n').count() == 1));
    assert!(serde_json::from_str::<serde_json::Value>(&json(&checkup)).is_ok());
}

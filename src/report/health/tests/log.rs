//! The lines of the log.

use super::super::{Level, log, transition};
use super::*;
use crate::model::health::Event;

#[test]
fn every_event_has_a_line() {
    let (subject, target) = (database("main"), failed_over());
    let fault = Failure {
        code: "53300".to_owned(),
        ..failure(Stage::Session, Cause::TooManyConnections, Class::Transient, "the server says \"sorry\"\nand no more")
    };
    let endpoint = "db.example.com:5432";
    let (number, of) = (1, 3);
    let attempt = |database| Event::Attempt {
        subject: &subject,
        endpoint,
        database,
        number,
        of,
        timeout: Duration::from_secs(10),
    };
    let failed = |retry_in| Event::Failed { subject: &subject, endpoint, number, of, failure: &fault, retry_in };
    let cause = "stage=session cause=too-many-connections code=53300 class=transient";
    let message = r#"message="the server says \"sorry\"\\nand no more""#;
    let head = "level=warn event=failed target=main endpoint=db.example.com:5432 attempt=1 of=3";
    for (event, level, expected) in [
        (Event::Started { subject: &subject }, Level::Debug, "level=debug event=started target=main".to_owned()),
        (
            attempt(Some("app")),
            Level::Info,
            "level=info event=attempt target=main endpoint=db.example.com:5432 database=app attempt=1 of=3 \
             timeout_millis=10000"
                .to_owned(),
        ),
        (
            attempt(Some("")),
            Level::Info,
            "level=info event=attempt target=main endpoint=db.example.com:5432 database=\"\" attempt=1 of=3 \
             timeout_millis=10000"
                .to_owned(),
        ),
        (
            Event::Stage { subject: &subject, stage: Stage::Tls },
            Level::Debug,
            "level=debug event=stage target=main stage=tls".to_owned(),
        ),
        (failed(None), Level::Warn, format!("{head} {cause} {message}")),
        (
            failed(Some(Duration::from_millis(812))),
            Level::Warn,
            format!("{head} {cause} {message} retry_in_millis=812"),
        ),
        (
            Event::Finished { target: &target },
            Level::Warn,
            "level=warn event=finished target=main status=degraded via=failover[0] stage=tcp cause=refused attempts=4 \
             millis=2035"
                .to_owned(),
        ),
    ] {
        assert_eq!(log(&event), (level, expected));
    }
}

#[test]
fn results_matter_by_their_verdict() {
    for (target, level) in [
        (vector(), Level::Info),
        (unmeasured(), Level::Warn),
        (failed_over(), Level::Warn),
        (unresolved("x"), Level::Error),
    ] {
        assert_eq!(log(&Event::Finished { target: &target }).0, level);
    }
    assert!(Level::Error < Level::Warn && Level::Info < Level::Debug);
}

#[test]
fn breakers_have_lines() {
    let open = transition(&database("main"), "db.example.com:5432/app", "closed", "open");
    let line = "level=warn event=breaker target=main endpoint=db.example.com:5432/app from=closed to=open";
    assert_eq!(open, (Level::Warn, line.to_owned()));
    assert_eq!(transition(&database("main"), "x", "half-open", "closed").0, Level::Info);
}

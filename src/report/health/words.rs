//! Parts of a target's health in words, masked and escaped: what several formats say.

use std::time::Duration;

use crate::model::health::{
    Alembic, Attempt, Engine, Facts, Failure, HttpFacts, PostgresFacts, SqliteFacts, Stage, Status, StoreFacts,
    Subject, TargetHealth, TlsFacts, VectorFacts, Via,
};
use crate::redact;
use crate::report::counts::counted;

/// A certificate that ends within so many days is worth a word: the shortest period in which authorities renew.
const CERTIFICATE_DAYS: i64 = 30;

/// What was said about a server: our words, and perhaps its own.
pub(super) fn said(text: &str) -> String {
    redact::show_said(text)
}

/// The name of a target.
pub(super) fn name(subject: &Subject) -> String {
    redact::show_text(&subject.name())
}

/// A place to connect to. It holds no secret, so nothing is masked: a host may be called `token`.
pub(super) fn place(text: &str) -> String {
    redact::escape(text).into_owned()
}

/// `0.4 ms`, `18 ms`, `2.4 s`, `1 min 12 s`, `3 h 20 min`, `2 days`
pub(super) fn time(time: Duration) -> String {
    let millis = time.as_secs_f64() * 1000.0;
    let short = |number: f64| format!("{number:.1}").trim_end_matches(".0").to_owned();
    if millis < 9.95 {
        format!("{} ms", short(millis))
    } else if millis < 999.5 {
        format!("{millis:.0} ms")
    } else if millis < 9_950.0 {
        format!("{:.1} s", millis / 1000.0)
    } else if millis < 59_950.0 {
        format!("{} s", short(millis / 1000.0))
    } else {
        let seconds = (time.as_millis() + 500) / 1000;
        let (minutes, hours) = (seconds / 60, seconds / 3600);
        match hours {
            0 => format!("{minutes} min {} s", seconds % 60),
            1..48 => format!("{hours} h {} min", minutes % 60),
            _ => format!("{} days", hours / 24),
        }
    }
}

/// Milliseconds for programs, to the microsecond.
pub(super) fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 1_000_000.0).round() / 1000.0
}

/// `name-not-found`, `password-rejected (28P01)`: the cause, and the code where it says more.
pub(super) fn cause(failure: &Failure) -> String {
    let (cause, code) = (failure.cause.name(), said(&failure.code));
    if code.is_empty() || code == cause { cause } else { format!("{cause} ({code})") }
}

/// How far a target came: where it failed, or the last stage that it reached. None if nothing was tried.
pub(super) fn stage(target: &TargetHealth) -> Option<Stage> {
    let reached = target.attempts.last()?.stages.last().map(|it| it.stage);
    match &target.failure {
        Some(failure) => Some(failure.stage),
        None => reached,
    }
}

/// The attempts that went the way that failed: to the first choice, if it was tried.
pub(super) fn failed_attempts(target: &TargetHealth) -> Vec<&Attempt> {
    let first = |attempt: &&Attempt| attempt.via == Via::Primary;
    let attempts: Vec<&Attempt> = target.attempts.iter().filter(first).collect();
    if attempts.is_empty() { target.attempts.iter().collect() } else { attempts }
}

/// `transient` or `permanent`, with the code where it says more than the cause.
pub(super) fn class(failure: &Failure) -> String {
    let class = failure.class.name();
    let code = said(&failure.code);
    if code.is_empty() || code == failure.cause.name() { class.to_owned() } else { format!("{code}, {class}") }
}

/// What is known of a target in a few short parts: why it is not healthy, by which way it answered, and what answered.
pub(super) fn known(target: &TargetHealth) -> Vec<String> {
    let mut parts = Vec::new();
    match target.via {
        Some(via) if via != Via::Primary => parts.push(format!("via {via}")),
        // It may answer and lack something, such as pgvector.
        _ => parts.extend(target.failure.as_ref().filter(|_| target.status != Status::Healthy).map(cause)),
    }
    match &target.facts {
        Some(Facts::Postgresql(facts)) => postgres(facts, &mut parts),
        Some(Facts::Sqlite(facts)) => sqlite(facts, &mut parts),
        Some(Facts::Redis(facts)) => {
            parts.push(facts.version.as_ref().map_or_else(|| "Redis".to_owned(), |it| format!("Redis {it}")));
            parts.extend(facts.role.clone());
            tls(facts.tls.as_ref(), &mut parts);
        }
        Some(Facts::Http(facts)) => http(facts, &target.engine, &mut parts),
        Some(Facts::Store(facts)) => store(facts, &mut parts),
        None => {}
    }
    parts.iter().map(|part| said(part)).collect()
}

fn postgres(facts: &PostgresFacts, parts: &mut Vec<String>) {
    parts.push(format!("PostgreSQL {}", facts.version).trim_end().to_owned());
    tls(facts.tls.as_ref(), parts);
    if let Some(connections) = facts.connections {
        parts.push(format!("{} of {} connections", connections.used, connections.allowed));
    }
    if facts.in_recovery {
        parts.push("standby".to_owned());
    } else if facts.read_only {
        parts.push("read-only".to_owned());
    }
    match &facts.vector {
        Some(VectorFacts { version: Some(version), works: Some(false), .. }) => {
            parts.push(format!("pgvector {version} fails"));
        }
        Some(VectorFacts { version: Some(version), .. }) => parts.push(format!("pgvector {version}")),
        _ => {}
    }
    if let Some(Alembic::Version(version)) = &facts.alembic {
        parts.push(format!("MLflow schema {version}"));
    }
}

fn tls(facts: Option<&TlsFacts>, parts: &mut Vec<String>) {
    let Some(facts) = facts else { return };
    parts.push(facts.version.clone());
    match facts.certificate_days_left {
        Some(days) if days < 0 => parts.push("certificate has expired".to_owned()),
        Some(days) if days <= CERTIFICATE_DAYS => {
            let days = counted(usize::try_from(days).unwrap_or_default(), "day");
            parts.push(format!("certificate expires in {days}"));
        }
        _ => {}
    }
}

fn sqlite(facts: &SqliteFacts, parts: &mut Vec<String>) {
    const DAY: u64 = 24 * 60 * 60;
    parts.push("SQLite".to_owned());
    parts.push(bytes(facts.bytes));
    parts.extend(facts.age.filter(|age| *age >= DAY).map(|age| {
        let days = usize::try_from(age / DAY).unwrap_or(usize::MAX);
        format!("changed {} ago", counted(days, "day"))
    }));
    if !facts.writable {
        parts.push("read-only".to_owned());
    } else if !facts.directory_writable {
        parts.push("folder is read-only".to_owned());
    }
}

fn http(facts: &HttpFacts, engine: &Engine, parts: &mut Vec<String>) {
    if let (Engine::Mlflow, Some(version)) = (engine, &facts.version) {
        parts.push(format!("MLflow {version}"));
    }
    parts.push(format!("HTTP {}", facts.status));
    tls(facts.tls.as_ref(), parts);
}

fn store(facts: &StoreFacts, parts: &mut Vec<String>) {
    parts.extend(facts.region.clone());
    parts.extend(facts.writable.map(|it| if it { "writable" } else { "not writable" }.to_owned()));
}

/// `980 B`, `1.2 MB`: bytes in units of 1,024, as PostgreSQL and the findings tell sizes.
#[allow(clippy::cast_precision_loss, reason = "one digit behind the point is shown")]
pub(super) fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let (mut number, mut unit) = (bytes as f64 / 1024.0, 0);
    while number >= 1023.95 && unit + 1 < UNITS.len() {
        number /= 1024.0;
        unit += 1;
    }
    format!("{number:.1} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_the_unit_that_fits() {
        for (micros, expected) in [
            (0, "0 ms"),
            (412, "0.4 ms"),
            (9_960, "10 ms"),
            (18_400, "18 ms"),
            (999_600, "1.0 s"),
            (2_440_000, "2.4 s"),
            (10_000_000, "10 s"),
            (59_990_000, "1 min 0 s"),
            (72_000_000, "1 min 12 s"),
            (3_600_000_000, "1 h 0 min"),
            (200_000_000_000, "2 days"),
        ] {
            assert_eq!(time(Duration::from_micros(micros)), expected, "{micros}");
        }
    }

    #[test]
    fn lengths_have_the_unit_that_fits() {
        for (length, expected) in
            [(980, "980 B"), (1_240_000, "1.2 MB"), (1_048_540, "1.0 MB"), (u64::MAX, "16777216.0 TB")]
        {
            assert_eq!(bytes(length), expected, "{length}");
        }
    }
}

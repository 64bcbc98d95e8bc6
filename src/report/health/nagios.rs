//! A checkup as a plugin of Nagios and its kin prints it: one line with the worst, performance data, then the details.

use std::fmt::Write as _;

use crate::model::health::{Facts, Status, TargetHealth, Via};

use super::human::some;
use super::{Checkup, words};

/// So many names stand in the first line, which is shown in lists and sent in short messages.
const MOST: usize = 5;

/// The checkup as text. Performance data is as the Monitoring Plugins guidelines have it; what did not answer is `U`.
pub fn nagios(checkup: &Checkup<'_>) -> String {
    let targets = checkup.worst_first();
    let data: Vec<String> = checkup.health.targets.iter().flat_map(performance).collect();
    let data = if data.is_empty() { String::new() } else { format!(" | {}", data.join(" ")) };
    let mut text = format!("DBCFG {} - {}{data}\n", word(checkup.health.status()), plain(&summary(checkup, &targets)));
    for target in targets.iter().filter(|target| target.status != Status::Healthy) {
        let _ = writeln!(text, "{}", plain(&detail(checkup, target)));
    }
    for entry in checkup.entries {
        let line =
            format!("{}: {}[{}]: {}", entry.place.name, entry.severity, entry.rule.id, words::said(&entry.message));
        let _ = writeln!(text, "{}", plain(&line));
    }
    text
}

/// The word for the worst verdict.
fn word(status: Status) -> &'static str {
    match status {
        Status::Healthy => "OK",
        Status::Degraded => "WARNING",
        Status::Down => "CRITICAL",
        Status::NotMeasured => "UNKNOWN",
    }
}

/// `1 of 3 down: mlflow (name-not-found); 1 of 3 degraded: main (via failover[0])`
fn summary(checkup: &Checkup<'_>, targets: &[&TargetHealth]) -> String {
    if targets.is_empty() {
        return "nothing was probed".to_owned();
    }
    let bad: Vec<_> = checkup.counts().into_iter().filter(|(status, _)| *status != Status::Healthy).collect();
    if bad.is_empty() {
        return format!("{0} of {0} healthy", targets.len());
    }
    let parts = bad.into_iter().map(|(status, count)| {
        let with = targets.iter().filter(|target| target.status == status);
        let names: Vec<String> =
            with.map(|target| format!("{}{}", words::name(&target.subject), why(target))).collect();
        let status = status.name().replace('-', " ");
        format!("{count} of {} {status}: {}", targets.len(), some(&names, MOST))
    });
    parts.collect::<Vec<_>>().join("; ")
}

/// ` (name-not-found)`, ` (via failover[0])`; nothing where only a finding says why.
fn why(target: &TargetHealth) -> String {
    match (&target.failure, target.via) {
        (_, Some(via)) if via != Via::Primary => format!(" (via {via})"),
        (Some(failure), _) => format!(" ({})", failure.cause.name()),
        (None, _) => String::new(),
    }
}

fn detail(checkup: &Checkup<'_>, target: &TargetHealth) -> String {
    let mut text = format!("{}: {}", words::name(&target.subject), target.status.name().replace('-', " "));
    if let Some(failure) = &target.failure {
        let stage = words::stage(target).map(|stage| format!(" at {stage}")).unwrap_or_default();
        let _ = write!(text, "{stage}, {}: {}", words::cause(failure), words::said(&failure.message));
    }
    if let Some(place) = checkup.place(&target.subject) {
        let _ = write!(text, " ({place})");
    }
    if let Some(hint) = checkup.hint(&target.subject) {
        let _ = write!(text, "; try: {hint}");
    }
    text
}

/// `main=18ms;;;0;10000` and `main_connections=12;;;0;97`
fn performance(target: &TargetHealth) -> Vec<String> {
    let name = target.subject.name();
    let limit = target.attempts.last().map(|attempt| attempt.timeout.as_millis().to_string()).unwrap_or_default();
    let time = match target.status {
        Status::Healthy | Status::Degraded => format!("{}ms;;;0;{limit}", words::millis(target.time)),
        Status::Down | Status::NotMeasured => "U".to_owned(),
    };
    let mut data = vec![format!("{}={time}", label(&name))];
    if let Some(connections) = target.facts.as_ref().and_then(Facts::postgres).and_then(|facts| facts.connections) {
        let name = label(&format!("{name}_connections"));
        data.push(format!("{name}={};;;0;{}", connections.used, connections.allowed));
    }
    data
}

/// A label, in quotes unless it is a plain word. What would end it is replaced.
fn label(name: &str) -> String {
    let name = plain(&words::said(name)).replace(['\'', '='], "_");
    let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'));
    if is_plain { name } else { format!("'{name}'") }
}

/// Text without what divides a plugin's output. Line breaks are escaped already.
fn plain(text: &str) -> String {
    text.replace('|', "/")
}

//! A checkup as metrics, in Prometheus' text format 0.0.4.
//!
//! There is no time of the run in it: whoever collects metrics knows when.

use std::fmt::{Display, Write as _};

use crate::finding::Severity;
use crate::model::health::{Facts, Status, TargetHealth, TlsFacts};
use crate::redact;

use super::Checkup;

/// The verdicts, each a series of its own.
const STATUSES: [Status; 4] = [Status::Healthy, Status::NotMeasured, Status::Degraded, Status::Down];

/// The checkup as metrics. What was not measured has no series.
pub fn prometheus(checkup: &Checkup<'_>) -> String {
    let mut metrics = Metrics(String::new());
    let targets = &checkup.health.targets;
    metrics.of_targets(
        targets,
        "dbcfg_up",
        "Whether the target answers, through its first choice or another.",
        |target| {
            let labels = labels(target);
            match target.status {
                Status::NotMeasured => Vec::new(),
                status => vec![(labels, number(status != Status::Down))],
            }
        },
    );
    metrics.of_targets(targets, "dbcfg_status", "The verdict about the target: 1 for the one that holds.", |target| {
        let series = |status: Status| (with(target, &[("status", status.name())]), number(status == target.status));
        STATUSES.into_iter().map(series).collect()
    });
    metrics.of_targets(targets, "dbcfg_failure_info", "Why the target is not healthy; always 1.", |target| {
        let Some(failure) = &target.failure else { return Vec::new() };
        let (cause, code) = (failure.cause.name(), failure.code.as_str());
        let (stage, class) = (failure.stage.name(), failure.class.name());
        vec![(with(target, &[("stage", stage), ("cause", &cause), ("code", code), ("class", class)]), number(true))]
    });
    metrics.of_targets(
        targets,
        "dbcfg_target_duration_seconds",
        "How long the target took, queues not counted.",
        |target| {
            if target.attempts.is_empty() { Vec::new() } else { vec![(with(target, &[]), seconds(target.time))] }
        },
    );
    metrics.of_targets(targets, "dbcfg_stage_seconds", "How long each stage of the last attempt took.", |target| {
        let stages = target.attempts.last().map(|attempt| attempt.stages.as_slice()).unwrap_or_default();
        stages.iter().map(|it| (with(target, &[("stage", it.stage.name())]), seconds(it.time))).collect()
    });
    metrics.of_targets(targets, "dbcfg_attempts", "How many attempts were made.", |target| {
        vec![(with(target, &[]), target.attempts.len().to_string())]
    });
    let connections = |target: &TargetHealth| target.facts.as_ref()?.postgres()?.connections;
    metrics.of_targets(targets, "dbcfg_connections_used", "How many clients are connected to the server.", |target| {
        connections(target).map(|it| (with(target, &[]), it.used.to_string())).into_iter().collect()
    });
    metrics.of_targets(
        targets,
        "dbcfg_connections_allowed",
        "How many clients may be connected to the server.",
        |target| connections(target).map(|it| (with(target, &[]), it.allowed.to_string())).into_iter().collect(),
    );
    metrics.of_targets(
        targets,
        "dbcfg_tls_certificate_days_left",
        "In how many days the certificate of the server expires.",
        |target| {
            let days = target.facts.as_ref().and_then(tls).and_then(|facts| facts.certificate_days_left);
            days.map(|days| (with(target, &[]), days.to_string())).into_iter().collect()
        },
    );
    let findings = [Severity::Error, Severity::Warning, Severity::Info].into_iter().map(|severity| {
        let count = checkup.entries.iter().filter(|entry| entry.severity == severity).count();
        (vec![("severity", severity.name().to_owned())], count.to_string())
    });
    metrics.family("dbcfg_findings", "What the live rules found.", findings);
    let whole = [(Vec::new(), seconds(checkup.health.time))];
    metrics.family("dbcfg_probe_duration_seconds", "How long the whole run took.", whole);
    metrics.0
}

type Labels = Vec<(&'static str, String)>;

/// What makes a target known: of its name, role and engine, the first is enough.
fn labels(target: &TargetHealth) -> Labels {
    let mut labels = with(target, &[]);
    labels.extend(target.subject.role().map(|role| ("role", role.name().to_owned())));
    labels.push(("engine", target.engine.name().to_owned()));
    labels
}

/// The name of a target, and further labels.
fn with(target: &TargetHealth, further: &[(&'static str, &str)]) -> Labels {
    let further = further.iter().map(|(name, value)| (*name, (*value).to_owned()));
    std::iter::once(("target", target.subject.name())).chain(further).collect()
}

fn tls(facts: &Facts) -> Option<&TlsFacts> {
    match facts {
        Facts::Postgresql(facts) => facts.tls.as_ref(),
        Facts::Redis(facts) => facts.tls.as_ref(),
        Facts::Http(facts) => facts.tls.as_ref(),
        Facts::Sqlite(_) | Facts::Store(_) => None,
    }
}

fn number(switch: bool) -> String {
    u8::from(switch).to_string()
}

/// Seconds to the microsecond.
fn seconds(time: std::time::Duration) -> String {
    format!("{:.6}", time.as_secs_f64())
}

/// The text, family by family.
struct Metrics(String);

impl Metrics {
    fn of_targets(
        &mut self,
        targets: &[TargetHealth],
        name: &str,
        help: &str,
        series: impl Fn(&TargetHealth) -> Vec<(Labels, String)>,
    ) {
        self.family(name, help, targets.iter().flat_map(series));
    }

    /// All series of one name stand together, below what it means; a name without series is left out.
    fn family(&mut self, name: &str, help: &str, series: impl IntoIterator<Item = (Labels, impl Display)>) {
        let mut series = series.into_iter().peekable();
        if series.peek().is_none() {
            return;
        }
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} gauge\n");
        for (labels, value) in series {
            let labels: Vec<String> =
                labels.iter().map(|(label, value)| format!("{label}=\"{}\"", escape(value))).collect();
            let _ = match labels.as_slice() {
                [] => writeln!(self.0, "{name} {value}"),
                labels => writeln!(self.0, "{name}{{{}}} {value}", labels.join(",")),
            };
        }
    }
}

/// The value of a label, between its quotes.
fn escape(value: &str) -> String {
    redact::show_text(value).replace('\\', "\\\\").replace('"', "\\\"")
}

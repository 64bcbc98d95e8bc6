//! A checkup for programs: version 1, which changes only by addition.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::model::health::{Address, Attempt, Cause, Facts, Failure, Stage, TargetHealth};
use crate::model::{Origin, Sources};
use crate::redact;
use crate::report::json::{Findings, VERSION};

use super::databases::{Database, databases};
use super::{Checkup, words};

/// The checkup as JSON, indented, with a final newline. Targets stand in the order of the configuration.
pub fn json(checkup: &Checkup<'_>) -> String {
    let health = checkup.health;
    let report = Report {
        version: VERSION,
        status: health.status().name(),
        targets: Targets(checkup),
        databases: databases(&health.targets),
        findings: Findings(checkup.entries),
        interrupted: health.is_interrupted,
        millis: words::millis(health.time),
    };
    serde_json::to_string_pretty(&report).unwrap_or_default() + "\n"
}

#[derive(Serialize)]
struct Report<'run> {
    version: u32,
    status: &'static str,
    targets: Targets<'run>,
    databases: BTreeMap<String, Database>,
    findings: Findings<'run>,
    interrupted: bool,
    millis: f64,
}

/// The targets, of which each is put into words when it is written: there may be many.
struct Targets<'run>(&'run Checkup<'run>);

impl Serialize for Targets<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.health.targets.iter().map(|target| TargetView::of(self.0, target)))
    }
}

/// A target; what it has not is `null`.
#[derive(Serialize)]
struct TargetView {
    name: String,
    role: Option<String>,
    engine: String,
    endpoint: String,
    status: &'static str,
    stage: Option<&'static str>,
    error: Option<ErrorView>,
    hint: Option<String>,
    origin: Option<Value>,
    via: Option<String>,
    attempts: Vec<AttemptView>,
    facts: Option<Value>,
    remarks: Vec<String>,
    millis: f64,
}

#[derive(Serialize)]
struct ErrorView {
    class: &'static str,
    code: String,
    message: String,
    cause: String,
    /// None if nobody was asked, since what is configured cannot be used.
    stage: Option<&'static str>,
}

#[derive(Serialize)]
struct AttemptView {
    via: String,
    endpoint: String,
    database: Option<String>,
    timeout_millis: u64,
    delay_millis: u64,
    addresses: Vec<AddressView>,
    stages: Vec<StageView>,
    error: Option<ErrorView>,
}

#[derive(Serialize)]
struct AddressView {
    address: String,
    ok: Option<bool>,
    error: Option<String>,
}

#[derive(Serialize)]
struct StageView {
    stage: &'static str,
    millis: f64,
    ok: bool,
}

/// A wait in whole milliseconds: nobody waits more precisely.
fn whole_millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl TargetView {
    fn of(checkup: &Checkup<'_>, target: &TargetHealth) -> Self {
        let note = checkup.notes.get(&target.subject);
        Self {
            name: words::name(&target.subject),
            role: target.subject.role().map(|role| redact::show_text(role.name())),
            engine: redact::show_text(target.engine.name()),
            endpoint: words::place(&target.endpoint),
            status: target.status.name(),
            stage: words::stage(target).map(Stage::name),
            error: target.failure.as_ref().map(ErrorView::of),
            hint: checkup.hint(&target.subject),
            origin: note.and_then(|note| note.origin.as_ref()).map(|origin| place(checkup.sources, origin)),
            via: target.via.map(|via| via.to_string()),
            attempts: target.attempts.iter().map(AttemptView::of).collect(),
            facts: target.facts.as_ref().map(facts),
            remarks: target.remarks.iter().map(|remark| words::said(remark)).collect(),
            millis: words::millis(target.time),
        }
    }
}

impl ErrorView {
    fn of(failure: &Failure) -> Self {
        Self {
            class: failure.class.name(),
            code: words::said(&failure.code),
            message: words::said(&failure.message),
            cause: failure.cause.name(),
            stage: (failure.cause != Cause::Configuration).then(|| failure.stage.name()),
        }
    }
}

impl AttemptView {
    fn of(attempt: &Attempt) -> Self {
        let address = |it: &Address| AddressView {
            address: words::place(&it.address),
            ok: it.is_ok,
            error: it.error.as_deref().map(words::said),
        };
        let stages = attempt.stages.iter();
        Self {
            via: attempt.via.to_string(),
            endpoint: words::place(&attempt.endpoint),
            database: attempt.database.as_deref().map(words::place),
            timeout_millis: whole_millis(attempt.timeout),
            delay_millis: whole_millis(attempt.delay),
            addresses: attempt.addresses.iter().map(address).collect(),
            stages: stages
                .map(|it| StageView { stage: it.stage.name(), millis: words::millis(it.time), ok: it.is_ok })
                .collect(),
            error: attempt.failure.as_ref().map(ErrorView::of),
        }
    }
}

/// `{"path","line","column"}`, `{"variable"}`, or what else says where a value came from, as in `show --origins`.
fn place(sources: &Sources, origin: &Origin) -> Value {
    let location = sources.locate(origin);
    match origin {
        Origin::Default => serde_json::json!({"default": true}),
        Origin::CommandLine => serde_json::json!({"command_line": true}),
        Origin::Variable { name } => serde_json::json!({"variable": redact::show_text(name)}),
        _ => serde_json::json!({
            "path": redact::show_text(&location.path),
            "line": location.start.map(|start| start.line),
            "column": location.start.map(|start| start.column),
        }),
    }
}

/// The facts, in which every text is a server's.
fn facts(facts: &Facts) -> Value {
    let mut value = serde_json::to_value(facts).unwrap_or_default();
    escape(&mut value);
    value
}

fn escape(value: &mut Value) {
    match value {
        Value::String(text) => *text = words::said(text),
        Value::Array(items) => items.iter_mut().for_each(escape),
        Value::Object(entries) => entries.values_mut().for_each(escape),
        _ => {}
    }
}

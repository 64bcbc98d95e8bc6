//! A checkup as results of tests in `JUnit`'s XML: one suite, a case for each target.

use std::time::SystemTime;

use crate::model::health::{Status, TargetHealth};
use crate::redact;
use crate::report::forge;
use crate::report::junit::{Case, Suite, Verdict, write};

use super::{Checkup, human, words};

/// The checkup as XML. What is down or degraded fails; what could not be tried is skipped, which both published schemas
/// know. Findings and remarks are told in the output of the suite. `now` is when the run ended.
pub fn junit(checkup: &Checkup<'_>, now: SystemTime) -> String {
    let cases = checkup.health.targets.iter().map(|target| Case {
        name: words::name(&target.subject),
        verdict: verdict(checkup, target),
        time: Some(target.time),
    });
    let mut output = vec![human::counts(checkup)];
    for target in &checkup.health.targets {
        let known = words::known(target).join(", ");
        let known = if known.is_empty() { String::new() } else { format!(" ({known})") };
        output.push(format!("{}: {}{known}", words::name(&target.subject), target.status));
        output.extend(target.remarks.iter().map(|remark| format!("  note: {}", words::said(remark))));
    }
    for entry in checkup.entries {
        let (place, message) = (&entry.place.name, redact::escape(&entry.message));
        output.push(format!("{place}: {}[{}]: {message}", entry.severity, entry.rule.id));
        output.extend(forge::details(entry).into_iter().map(|line| format!("  {line}")));
    }
    let output = output.into_iter().filter(|line| !line.is_empty()).map(|line| line + "\n").collect();
    let (since, time) = (now.checked_sub(checkup.health.time), Some(checkup.health.time));
    write(&[Suite { name: "dbcfg".to_owned(), cases: cases.collect(), output, since, time }])
}

fn verdict(checkup: &Checkup<'_>, target: &TargetHealth) -> Verdict {
    let message = target.failure.as_ref().map(|failure| words::said(&failure.message));
    match target.status {
        Status::Healthy => Verdict::Passed,
        Status::NotMeasured => Verdict::Skipped { text: message.unwrap_or_else(|| "not measured".to_owned()) },
        Status::Degraded | Status::Down => {
            let message = message.unwrap_or_else(|| "a live rule found an error; the output says which".to_owned());
            let mut lines = vec![format!("{}: {message}", words::place(&target.endpoint))];
            if let Some(failure) = &target.failure {
                let stage = words::stage(target).map(|stage| format!("stage {stage}: ")).unwrap_or_default();
                lines.push(format!("{stage}{}, {}", words::cause(failure), failure.class.name()));
            }
            lines.extend(checkup.place(&target.subject).map(|place| format!("--> {place}")));
            lines.extend(checkup.hint(&target.subject).map(|hint| format!("try: {hint}")));
            Verdict::Failed { kind: target.status.name(), message, text: lines.join("\n") }
        }
    }
}

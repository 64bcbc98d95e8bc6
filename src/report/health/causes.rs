//! Why targets are not healthy: one cause for all targets that share it, with the line to change and what to try.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use unicode_width::UnicodeWidthStr as _;

use crate::finding::Severity;
use crate::model::health::{Address, Attempt, Cause, Failure, Stage, Status, TargetHealth, Via};
use crate::redact;
use crate::report::counts::counted;
use crate::report::style::Style;
use crate::report::wrap::wrap_all;

use super::human::{MOST, some};
use super::{Checkup, hints, words};

/// Of addresses, messages and other ways of one cause, so many are told.
const FEW: usize = 8;

/// Of more places than [`FEW`], so many are told on lines of their own.
const FIRST: usize = 4;

/// Targets that fail at the same stage, for the same cause, at the same server.
struct Group<'run> {
    failure: &'run Failure,
    targets: Vec<&'run TargetHealth>,
}

/// The causes as text, the worst first.
pub(super) fn causes(checkup: &Checkup<'_>, style: Style, width: Option<usize>) -> String {
    let mut text = String::new();
    let groups = groups(checkup);
    for group in groups.iter().take(MOST) {
        if !text.is_empty() {
            text.push('\n');
        }
        group.push(&mut text, checkup, style, width);
    }
    if let Some(rest) = groups.get(MOST..).filter(|rest| !rest.is_empty()) {
        let targets: usize = rest.iter().map(|group| group.targets.len()).sum();
        let (causes, targets) = (counted(rest.len(), "more cause"), counted(targets, "target"));
        let said = format!("{causes} of {targets}, which the table names; `--format json` tells all");
        text.push('\n');
        push(&mut text, &style.bold("and"), "and", &said, width);
    }
    text
}

/// What else is worth knowing of targets, each remark once.
pub(super) fn remarks(checkup: &Checkup<'_>, style: Style, width: Option<usize>) -> String {
    let mut remarks: Vec<(String, Vec<String>)> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for target in checkup.worst_first() {
        for remark in &target.remarks {
            let remark = words::said(remark);
            let index = *known.entry(remark.clone()).or_insert(remarks.len());
            if index == remarks.len() {
                remarks.push((remark, Vec::new()));
            }
            remarks[index].1.push(words::name(&target.subject));
        }
    }
    let mut text = String::new();
    let rest = remarks.len().saturating_sub(MOST);
    for (remark, names) in remarks.into_iter().take(MOST) {
        push(&mut text, &style.bold("note:"), "note:", &format!("{}: {remark}", some(&names, MOST)), width);
    }
    if rest > 0 {
        let said = format!("{rest} more; `--format json` tells all");
        push(&mut text, &style.bold("note:"), "note:", &said, width);
    }
    text
}

/// The groups, in the order of their worst target.
fn groups<'run>(checkup: &Checkup<'run>) -> Vec<Group<'run>> {
    let mut groups: Vec<Group<'run>> = Vec::new();
    let mut known: BTreeMap<(Stage, Cause, String), usize> = BTreeMap::new();
    for target in checkup.worst_first() {
        let Some(failure) = target.failure.as_ref().filter(|_| target.status != Status::Healthy) else { continue };
        let key = (failure.stage, failure.cause, server(target, failure));
        let index = *known.entry(key).or_insert(groups.len());
        if index == groups.len() {
            groups.push(Group { failure, targets: Vec::new() });
        }
        groups[index].targets.push(target);
    }
    groups
}

/// What tells the server of a failure from others. Where no server was reached for, the message tells causes apart.
fn server(target: &TargetHealth, failure: &Failure) -> String {
    let Some(attempt) = words::failed_attempts(target).last().copied() else { return failure.message.clone() };
    if failure.cause.is_not_measured() {
        return failure.message.clone();
    }
    let endpoint = attempt.endpoint.as_str();
    let database = attempt.database.as_ref().map(|database| format!("/{database}"));
    let server = database.and_then(|database| endpoint.strip_suffix(&database)).unwrap_or(endpoint);
    // Another port does not make a name resolve.
    let name = server.rsplit_once(':').filter(|_| failure.stage == Stage::Dns).map(|(name, _)| name);
    name.unwrap_or(server).to_owned()
}

impl Group<'_> {
    fn push(&self, text: &mut String, checkup: &Checkup<'_>, style: Style, width: Option<usize>) {
        let status = self.targets.iter().map(|target| target.status).max().unwrap_or_default();
        let cause = format!("[{}]", self.failure.cause.name());
        let head = format!("{}{}{}", style.as_status(status, status.name()), style.faint(&cause), style.bold(":"));
        push(text, &head, &format!("{}{cause}:", status.name()), &words::said(&self.failure.message), width);
        self.push_places(text, checkup, style, width);
        let mut line = |word: &str, said: &str| {
            let plain = format!("  = {word}:");
            let painted = format!("  {} {}", style.frame("="), style.bold(&format!("{word}:")));
            push(text, &painted, &plain, said, width);
        };
        // The head has the words of the first.
        let mut told = vec![words::said(&self.failure.message)];
        for target in &self.targets {
            let message = target.failure.as_ref().map(|failure| words::said(&failure.message)).unwrap_or_default();
            if told.len() < FIRST && !told.contains(&message) {
                line(&words::name(&target.subject), &message);
                told.push(message);
            }
        }
        if let Some(stage) = self.stage() {
            line("stage", &stage);
        }
        if matches!(self.failure.stage, Stage::Dns | Stage::Tcp) {
            self.addresses().iter().for_each(|address| line("tried", address));
        }
        for (name, outcome) in self.others() {
            line(&name, &outcome);
        }
        for hint in hints::hints(checkup, &self.targets) {
            let painted = format!("  {} {}", style.frame("="), style.as_severity(Severity::Info, "try:"));
            push(text, &painted, "  = try:", &hint, width);
        }
    }

    /// The lines to change, each with the targets that it is about.
    fn push_places(&self, text: &mut String, checkup: &Checkup<'_>, style: Style, width: Option<usize>) {
        let mut places: Vec<(Option<String>, Vec<String>)> = Vec::new();
        let mut known: BTreeMap<Option<String>, usize> = BTreeMap::new();
        for target in &self.targets {
            let place = checkup.place(&target.subject);
            let index = *known.entry(place.clone()).or_insert(places.len());
            if index == places.len() {
                places.push((place, Vec::new()));
            }
            places[index].1.push(words::name(&target.subject));
        }
        let mut line = |said: &str| push(text, &format!(" {}", style.frame("-->")), " -->", said, width);
        let first = if places.len() > FEW { FIRST } else { FEW };
        for (place, names) in places.iter().take(first) {
            let names = some(names, MOST);
            line(&place.as_ref().map_or_else(|| names.clone(), |place| format!("{place} ({names})")));
        }
        let rest = places.into_iter().skip(first).flat_map(|(_, names)| names);
        let rest: Vec<String> = rest.collect();
        if !rest.is_empty() {
            line(&format!("elsewhere: {}", some(&rest, MOST)));
        }
    }

    /// `tcp; transient; 3 attempts in 31.8 s, 1.8 s of it waiting; limit 10 s each`, of the target that took longest.
    fn stage(&self) -> Option<String> {
        let spent = |attempts: &[&Attempt]| -> Duration { attempts.iter().map(|it| it.time() + it.delay).sum() };
        let attempts_of = self.targets.iter().map(|target| words::failed_attempts(target));
        let tried = attempts_of.max_by_key(|attempts| spent(attempts)).filter(|attempts| !attempts.is_empty())?;
        let waited: Duration = tried.iter().map(|attempt| attempt.delay).sum();
        let mut parts = vec![self.failure.stage.name().to_owned(), words::class(self.failure)];
        let mut count = format!("{} in {}", counted(tried.len(), "attempt"), words::time(spent(&tried)));
        if !waited.is_zero() {
            let _ = write!(count, ", {} of it waiting", words::time(waited));
        }
        parts.push(count);
        if let Some(limit) = tried.first().filter(|_| self.failure.cause == Cause::Timeout).map(|it| it.timeout) {
            parts.push(format!("limit {}{}", words::time(limit), if tried.len() > 1 { " each" } else { "" }));
        }
        Some(parts.join("; "))
    }

    /// The addresses of the last attempt, with what became of each.
    fn addresses(&self) -> Vec<String> {
        let Some(attempt) = self.targets.first().and_then(|target| words::failed_attempts(target).last().copied())
        else {
            return Vec::new();
        };
        let outcome = |address: &Address| match (address.is_ok, &address.error) {
            (Some(true), _) => "accepts connections".to_owned(),
            (_, Some(error)) => words::said(error),
            (Some(false), None) => "failed".to_owned(),
            (None, None) => "not tried".to_owned(),
        };
        let known = attempt.addresses.iter().take(FEW);
        let mut lines: Vec<String> =
            known.map(|address| format!("{}: {}", redact::escape(&address.address), outcome(address))).collect();
        if let Some(rest) = attempt.addresses.len().checked_sub(FEW).filter(|rest| *rest > 0) {
            lines.push(format!("and {rest} more"));
        }
        lines
    }

    /// What became of the other ways that were tried: the last attempt of each.
    fn others(&self) -> Vec<(String, String)> {
        let mut others = Vec::new();
        for target in &self.targets {
            let mut vias: Vec<Via> = Vec::new();
            for attempt in target.attempts.iter().filter(|attempt| attempt.via != Via::Primary) {
                if !vias.contains(&attempt.via) {
                    vias.push(attempt.via);
                }
            }
            for via in vias {
                let last = target.attempts.iter().rev().find(|attempt| attempt.via == via);
                let outcome = last.and_then(|attempt| attempt.failure.as_ref()).map_or_else(
                    || "answers".to_owned(),
                    |failure| format!("{}: {}", failure.cause.name(), words::said(&failure.message)),
                );
                let endpoint = last.map(|attempt| words::place(&attempt.endpoint)).unwrap_or_default();
                others.push((format!("{}.{via}", words::name(&target.subject)), format!("{endpoint}: {outcome}")));
            }
        }
        others.truncate(FEW);
        others
    }
}

/// A line that begins with `head`, whose plain form is `plain`; what has no room goes on below, indented.
fn push(text: &mut String, head: &str, plain: &str, said: &str, width: Option<usize>) {
    const INDENT: usize = 4;
    for (index, line) in wrap_all(said, plain.width() + 1, INDENT, width).iter().enumerate() {
        let _ = if index == 0 { writeln!(text, "{head} {line}") } else { writeln!(text, "{:INDENT$}{line}", "") };
    }
}

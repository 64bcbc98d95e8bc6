//! Findings as results of tests in `JUnit`'s XML: a suite for each file, a case for each finding.
//!
//! Two published schemas disagree about what may stand where: that of Jenkins and that of Apache Ant. This is valid
//! under both. A case has a name that stays when lines move, by which histories of results are kept.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::finding::Severity;
use crate::model::moment::rfc3339;
use crate::redact;

use super::counts;
use super::entry::{Entry, Summary};
use super::forge::{self, Run};

/// The cases of one suite.
#[derive(Default)]
pub(super) struct Suite {
    pub(super) name: String,
    pub(super) cases: Vec<Case>,
    /// What is said beside failures.
    pub(super) output: String,
    /// When it began, if that matters. A report that is the same for the same files has no time of its own.
    pub(super) since: Option<SystemTime>,
    /// How long it took, if that was measured.
    pub(super) time: Option<Duration>,
}

/// One case.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) verdict: Verdict,
    /// How long it took, if that was measured.
    pub(super) time: Option<Duration>,
}

/// What became of a case.
pub(super) enum Verdict {
    Passed,
    /// It was not tried.
    Skipped {
        text: String,
    },
    Failed {
        kind: &'static str,
        message: String,
        text: String,
    },
    /// No finding, but what kept dbcfg from looking for them.
    Broken {
        message: &'static str,
    },
}

/// The findings as XML. Errors and warnings are failures. What is only worth knowing is a case that passes, and is told
/// in the output of its suite, since a failure would turn a run red that the exit status calls good.
pub fn junit(entries: &[Entry], summary: Summary, run: Run<'_>) -> String {
    let mut suites = suites(entries, run);
    if suites.is_empty() || run.has_failed {
        suites.push(whole(summary, run));
    }
    write(&suites)
}

/// Suites as a whole document.
pub(super) fn write(suites: &[Suite]) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for (id, suite) in suites.iter().enumerate() {
        push(&mut text, id, suite);
    }
    text.push_str("</testsuites>\n");
    text
}

/// The suites of the files that have findings, in the order of the findings.
fn suites(entries: &[Entry], run: Run<'_>) -> Vec<Suite> {
    let mut suites: Vec<Suite> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut names: BTreeMap<(usize, String), usize> = BTreeMap::new();
    for entry in entries {
        let file = forge::file(&entry.place, run.root);
        let index = *known.entry(file.clone()).or_insert(suites.len());
        if index == suites.len() {
            suites.push(Suite { name: file, ..Suite::default() });
        }
        let mut name = entry.rule.id.to_owned();
        if let Some(key) = entry.place.location.key.as_ref().map(ToString::to_string).filter(|key| !key.is_empty()) {
            let _ = write!(name, ": {key}");
        }
        let count = names.entry((index, name.clone())).or_default();
        *count += 1;
        if *count > 1 {
            let _ = write!(name, " ({count})");
        }
        let message = redact::escape(&entry.message).into_owned();
        let head = format!("{}: {}[{}]: {message}", entry.place.name, entry.severity, entry.rule.id);
        let details = forge::details(entry).into_iter().map(|line| format!("\n  {line}"));
        let text = head + &details.collect::<String>();
        let Some(suite) = suites.get_mut(index) else { continue };
        let verdict = match entry.severity {
            Severity::Error | Severity::Warning => Verdict::Failed { kind: entry.severity.name(), message, text },
            Severity::Info => {
                let _ = writeln!(suite.output, "{text}");
                Verdict::Passed
            }
        };
        suite.cases.push(Case { name, verdict, time: None });
    }
    suites
}

/// The suite that speaks of the run as a whole: some viewers call a report without a case broken.
fn whole(summary: Summary, run: Run<'_>) -> Suite {
    let message = "dbcfg could not do its job; standard error says why";
    let verdict = if run.has_failed { Verdict::Broken { message } } else { Verdict::Passed };
    let cases = vec![Case { name: "check".to_owned(), verdict, time: None }];
    Suite { name: "dbcfg".to_owned(), cases, output: counts::line(summary) + "\n", ..Suite::default() }
}

/// Adds a suite. What was not measured takes no time: the same findings are the same text.
fn push(text: &mut String, id: usize, suite: &Suite) {
    let count = |is: fn(&Verdict) -> bool| suite.cases.iter().filter(|case| is(&case.verdict)).count();
    let failures = count(|verdict| matches!(verdict, Verdict::Failed { .. }));
    let errors = count(|verdict| matches!(verdict, Verdict::Broken { .. }));
    let skipped = count(|verdict| matches!(verdict, Verdict::Skipped { .. }));
    let skipped = if skipped > 0 { format!(" skipped=\"{skipped}\"") } else { String::new() };
    let (name, tests, time) = (escape(&suite.name), suite.cases.len(), seconds(suite.time));
    // The schemas want a time without a zone.
    let since = rfc3339(suite.since.unwrap_or(UNIX_EPOCH));
    let since = since.trim_end_matches('Z');
    let _ = writeln!(
        text,
        "  <testsuite id=\"{id}\" package=\"dbcfg\" name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" \
         errors=\"{errors}\"{skipped} time=\"{time}\" timestamp=\"{since}\" hostname=\"localhost\">"
    );
    text.push_str("    <properties/>\n");
    for case in &suite.cases {
        let (case_name, time) = (escape(&case.name), seconds(case.time));
        let _ = write!(text, "    <testcase classname=\"{name}\" name=\"{case_name}\" time=\"{time}\"");
        let _ = match &case.verdict {
            Verdict::Passed => writeln!(text, "/>"),
            Verdict::Skipped { text: body } => {
                writeln!(text, ">\n      <skipped>{}</skipped>\n    </testcase>", escape(body))
            }
            Verdict::Failed { kind, message, text: body } => {
                let (message, body) = (escape(message), escape(body));
                let failure = format!("<failure type=\"{kind}\" message=\"{message}\">{body}</failure>");
                writeln!(text, ">\n      {failure}\n    </testcase>")
            }
            Verdict::Broken { message } => {
                writeln!(text, ">\n      <error type=\"failure\" message=\"{message}\"/>\n    </testcase>")
            }
        };
    }
    let _ = writeln!(text, "    <system-out>{}</system-out>\n    <system-err/>\n  </testsuite>", escape(&suite.output));
}

/// Seconds as XML takes them.
fn seconds(time: Option<Duration>) -> String {
    time.map_or_else(|| "0".to_owned(), |time| format!("{:.3}", time.as_secs_f64()))
}

/// Text as XML takes it, also between quotes. The characters that XML has no way to write are replaced.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\n' | '\t' => escaped.push(character),
            '\u{FFFE}' | '\u{FFFF}' => escaped.push('\u{FFFD}'),
            control if control.is_control() => escaped.push('\u{FFFD}'),
            plain => escaped.push(plain),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_takes_every_text() {
        assert_eq!(escape("a<b>&\"'\n]]>"), "a&lt;b&gt;&amp;&quot;&apos;\n]]&gt;");
        assert_eq!(
            escape("\u{0}\u{1b}[1m\r\u{FFFE}\u{FFFF}\u{1F600}表"),
            "\u{FFFD}\u{FFFD}[1m\u{FFFD}\u{FFFD}\u{FFFD}\u{1F600}表"
        );
    }
}

//! The run of all rules over one project, and what is left of their findings.

use std::collections::{BTreeMap, HashSet};

use crate::finding::{Finding, Severity};
use crate::model::{Origin, Project, SourceId};
use crate::settings::Settings;

use super::selection::{self, Selection};
use super::{Case, Judge, Rule, leaf, suppression};

/// What is wrong with a project.
#[derive(Debug, Default)]
pub struct Verdict {
    /// The findings, in the order of the sources and of the text within a source.
    pub findings: Vec<Finding>,
    /// How many were found and are suppressed by comments or by the settings of the tool.
    pub suppressed: usize,
}

/// Which findings are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'run> {
    /// The rules that count.
    pub selection: &'run Selection,
    /// The sources whose findings are asked for; none for all.
    pub asked: Option<&'run HashSet<SourceId>>,
    /// The rules that the settings of the tool ignore in a source.
    pub ignores: &'run [(SourceId, Vec<String>)],
}

/// Judges a project. `met` is what was met while reading.
pub fn check(project: &Project, met: Vec<Finding>, settings: &Settings, wanted: &Wanted<'_>) -> Verdict {
    let selection = wanted.selection;
    let mut findings: Vec<Finding> = met.into_iter().filter(|finding| selection.has(finding.rule)).collect();
    judge(project, settings, selection, &mut findings);
    for finding in &mut findings {
        finding.severity = selection.severity(finding.rule).unwrap_or(finding.severity);
    }
    let mut findings = unique(project, findings);
    if let Some(asked) = wanted.asked {
        // What a file has a part in is about it too: that it contradicts another, which was there before.
        let is_asked = |origin: &Origin| origin.source().is_some_and(|source| asked.contains(&source));
        findings
            .retain(|finding| is_asked(&finding.origin) || finding.related.iter().any(|(origin, _)| is_asked(origin)));
    }
    let before = findings.len();
    findings.retain(|finding| !is_ignored(finding, wanted.ignores));
    let mut suppressed = before - findings.len();
    suppressed += suppression::apply(project, wanted, &mut findings);
    for finding in &mut findings {
        finding.fix = finding.fix.take().filter(|fix| fix.is_possible(&project.sources));
    }
    findings
        .sort_by_key(|finding| (finding.origin.source(), finding.origin.start(), std::cmp::Reverse(finding.severity)));
    Verdict { findings, suppressed }
}

/// Whether the settings of the tool ignore the rule of a finding in its file.
pub(super) fn is_ignored(finding: &Finding, ignores: &[(SourceId, Vec<String>)]) -> bool {
    let source = finding.origin.source();
    let here = ignores.iter().filter(|(id, _)| Some(*id) == source);
    here.flat_map(|(_, names)| names).any(|name| selection::names(name, finding.rule))
}

fn judge(project: &Project, settings: &Settings, selection: &Selection, findings: &mut Vec<Finding>) {
    if project.is_empty() {
        // Where no database is described, debug switches and signing keys are somebody else's business.
        return;
    }
    let cases: Vec<Case<'_>> =
        project.configurations.iter().map(|configuration| Case::new(project, configuration, settings)).collect();
    let Some(base) = cases.first() else { return };
    let rules: Vec<&'static Rule> = super::all().filter(|rule| selection.has(rule.info)).collect();
    let of_leaves: Vec<&'static Rule> =
        rules.iter().copied().filter(|rule| rule.judges.iter().any(|judge| matches!(judge, Judge::Leaf(_)))).collect();
    leaf::walk(base, &of_leaves, &mut |rule, leaf, mut found| {
        raise(leaf.is_production, rule, &mut found);
        findings.append(&mut found);
    });
    for (rule, judge) in rules.into_iter().flat_map(|rule| rule.judges.iter().map(move |judge| (rule, judge))) {
        match judge {
            Judge::Case(judge) => {
                for case in &cases {
                    let mut found = Vec::new();
                    judge(case, &mut found);
                    if case.is_of_compose {
                        found.retain(|finding| case.counts(&finding.origin) && !case.is_variable(&finding.origin));
                    }
                    raise(case.is_production, rule, &mut found);
                    findings.append(&mut found);
                }
            }
            Judge::Project(judge) => of_project(*judge, &cases, findings),
            Judge::Reading | Judge::Leaf(_) | Judge::Live(_) | Judge::Control => {}
        }
    }
}

/// Makes findings of a rule one step worse in production, if the rule wants that and the finding does not say how bad it
/// is.
pub(super) fn raise<'found>(is_production: bool, rule: &Rule, found: impl IntoIterator<Item = &'found mut Finding>) {
    for finding in found.into_iter().filter(|_| is_production && rule.info.is_raised_in_production) {
        if finding.severity == rule.info.severity {
            finding.severity = finding.severity.raised();
        }
    }
}

/// What a comparison of environments finds. Those of compose files alone tell nothing about other files.
fn of_project(judge: fn(&[Case<'_>], &mut Vec<Finding>), cases: &[Case<'_>], findings: &mut Vec<Finding>) {
    if !cases.iter().any(|case| case.is_of_compose) {
        return judge(cases, findings);
    }
    let ordinary: Vec<Case<'_>> = cases.iter().filter(|case| !case.is_of_compose).copied().collect();
    judge(&ordinary, findings);
    let mut found = Vec::new();
    judge(cases, &mut found);
    let Some(own) = cases.iter().find(|case| case.is_of_compose) else { return };
    findings.extend(found.into_iter().filter(|finding| own.counts(&finding.origin)));
}

/// What tells one finding from another: a rule finds a place once, however many databases and environments use it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Identity {
    rule: &'static str,
    source: Option<SourceId>,
    span: Option<(u32, u32)>,
    /// Of findings about a whole file, or about no file.
    message: Option<String>,
}

/// Each finding once, with the worst severity that it has in any environment.
fn unique(project: &Project, findings: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<Finding> = Vec::with_capacity(findings.len());
    let mut known: BTreeMap<Identity, usize> = BTreeMap::new();
    debug_assert!(!project.configurations.is_empty() || findings.is_empty(), "somebody found them");
    for finding in findings {
        let identity = identity(&finding);
        match known.get(&identity).and_then(|index| kept.get_mut(*index)) {
            Some(same) if same.severity < finding.severity => *same = finding,
            Some(_) => {}
            None => {
                known.insert(identity, kept.len());
                kept.push(finding);
            }
        }
    }
    kept
}

fn identity(finding: &Finding) -> Identity {
    let rule = finding.rule.id;
    match &finding.origin {
        Origin::Node { source, span, .. } | Origin::Place { source, span } => {
            Identity { rule, source: Some(*source), span: Some((span.start, span.end)), message: None }
        }
        origin => Identity { rule, source: origin.source(), span: None, message: Some(finding.message.clone()) },
    }
}

impl Verdict {
    /// The worst severity among the findings.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }
}

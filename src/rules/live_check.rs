//! The run of the live rules over what a probe found, and what is left of their findings.

use std::collections::BTreeMap;

use crate::finding::Finding;
use crate::model::health::{Facts, Failure, Health, Part, PostgresFacts, Subject, TargetHealth, TlsFacts, Via};
use crate::model::{Configuration, Connection, Key, Origin, Project, Role, SourceId};
use crate::redact::show_text;
use crate::settings::Settings;

use super::check::{is_ignored, raise};
use super::selection::Selection;
use super::suppression::Suppressions;
use super::{Case, Judge, hint, password};

/// A finding, and the target that it is about: of several on one server the first.
pub type Found = (Subject, Finding);

/// What live rules find.
#[derive(Debug, Default)]
pub struct LiveVerdict {
    /// The findings, in the order of the targets; those about one target as the rules are listed.
    pub findings: Vec<Found>,
    /// How many were found and are suppressed by comments or by the settings of the tool.
    pub suppressed: usize,
}

/// Which live findings are wanted, and what is known besides.
#[derive(Clone, Copy, Debug)]
pub struct LiveWanted<'run> {
    /// The rules that count.
    pub selection: &'run Selection,
    /// The rules that the settings of the tool ignore in a source.
    pub ignores: &'run [(SourceId, Vec<String>)],
    /// The memory of the server in bytes, if somebody said it: a probe cannot see it.
    pub server_memory: Option<u64>,
}

/// What live rules see.
#[derive(Clone, Copy, Debug)]
pub struct Live<'run> {
    /// What the files say.
    pub case: &'run Case<'run>,
    /// What the probe found.
    pub health: &'run Health,
    /// The memory of the server in bytes, if somebody said it.
    pub server_memory: Option<u64>,
}

/// A PostgreSQL server that answered, as one target saw it.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'run> {
    /// The target.
    pub target: &'run TargetHealth,
    /// What it said.
    pub facts: &'run PostgresFacts,
    /// The way by which it answered: the target's own, or that of what took over. None if no file says it.
    pub connection: Option<&'run Connection>,
}

/// Judges what a probe found.
pub fn check_live(
    configuration: &Configuration,
    health: &Health,
    settings: &Settings,
    wanted: &LiveWanted<'_>,
) -> LiveVerdict {
    let sources = &configuration.sources;
    let project = Project { sources: sources.clone(), configurations: Vec::new() };
    let case = Case::new(&project, configuration, settings);
    let live = Live { case: &case, health, server_memory: wanted.server_memory };
    let mut findings: Vec<Found> = Vec::new();
    for rule in super::all().filter(|rule| wanted.selection.has(rule.info)) {
        for judge in rule.judges {
            let Judge::Live(judge) = judge else { continue };
            let mut found = Vec::new();
            judge(&live, &mut found);
            raise(case.is_production, rule, found.iter_mut().map(|(_, finding)| finding));
            findings.append(&mut found);
        }
    }
    for (_, finding) in &mut findings {
        finding.severity = wanted.selection.severity(finding.rule).unwrap_or(finding.severity);
    }
    let before = findings.len();
    let mut suppressions = Suppressions::of(sources);
    findings.retain(|(_, finding)| !is_ignored(finding, wanted.ignores) && !suppressions.suppress(sources, finding));
    let suppressed = before - findings.len();
    let order = |subject: &Subject| health.targets.iter().position(|target| target.subject == *subject);
    findings.sort_by_key(|(subject, _)| order(subject));
    LiveVerdict { findings, suppressed }
}

impl<'run> Live<'run> {
    /// What the files say.
    pub fn configuration(&self) -> &'run Configuration {
        self.case.configuration
    }

    /// The targets that failed, or answered by another way than the first. What could not be tried is none of them.
    pub fn failures(&self) -> impl Iterator<Item = (&'run TargetHealth, &'run Failure)> + use<'run> {
        let failed = self.health.targets.iter().filter_map(|target| Some((target, target.failure.as_ref()?)));
        failed.filter(|(_, failure)| !failure.cause.is_not_measured())
    }

    /// The PostgreSQL servers that answered, one for each target.
    pub fn answers(&self) -> impl Iterator<Item = Answer<'run>> + use<'run> {
        let configuration = self.case.configuration;
        self.health.targets.iter().filter_map(move |target| {
            let facts = target.facts.as_ref()?.postgres()?;
            let connection = configuration.connection(&way(target));
            Some(Answer { target, facts, connection })
        })
    }

    /// The answers of databases that are written to, through what they are configured with: no replica, nothing that
    /// took over, no definition that lost.
    pub fn primaries(&self) -> impl Iterator<Item = Answer<'run>> + use<'run> {
        self.answers().filter(Answer::is_primary)
    }

    /// The answers by the server that gave them, in the order of the targets: what is the server's is found once.
    pub fn servers(&self) -> Vec<Vec<Answer<'run>>> {
        let mut servers: Vec<Vec<Answer<'run>>> = Vec::new();
        let mut known: BTreeMap<String, usize> = BTreeMap::new();
        for answer in self.answers() {
            let index = *known.entry(server(answer.target)).or_insert(servers.len());
            match servers.get_mut(index) {
                Some(same) => same.push(answer),
                None => servers.push(vec![answer]),
            }
        }
        servers
    }

    /// Whether a target is on the own machine or beside it, where nobody else is.
    pub fn is_local(&self, answer: &Answer<'_>) -> bool {
        answer.connection.is_some_and(|connection| password::is_local(self.case, connection))
    }

    /// A finding about what a server said, at the first of some keys that a file gives.
    pub fn finding(
        &self,
        rule: &'static crate::finding::RuleInfo,
        answer: &Answer<'_>,
        keys: &[Key],
        message: String,
    ) -> Finding {
        Finding::new(rule, self.origin(answer, keys), message)
    }

    /// The same about a server that several targets share.
    pub fn of_server(
        &self,
        rule: &'static crate::finding::RuleInfo,
        server: &[Answer<'_>],
        message: String,
    ) -> Option<Finding> {
        let (first, others) = server.split_first()?;
        let mut finding = self.finding(rule, first, &[Key::Host], message);
        let mut seen = vec![finding.origin.clone()];
        for other in others {
            let origin = self.origin(other, &[Key::Host]);
            if !seen.contains(&origin) {
                seen.push(origin.clone());
                finding = finding.related(origin, format!("the same server, as {}", name(&other.target.subject)));
            }
        }
        Some(finding)
    }

    fn origin(&self, answer: &Answer<'_>, keys: &[Key]) -> Origin {
        hint::origin(self.configuration(), &way(answer.target), keys).unwrap_or(Origin::CommandLine)
    }
}

impl Answer<'_> {
    /// Whether it is a database itself that answered, and on its own server.
    pub fn is_primary(&self) -> bool {
        self.target.subject.is_primary() && matches!(self.target.via, Some(Via::Primary | Via::FallbackDatabase))
    }

    /// The name of the database that answered, for a message.
    pub fn database(&self) -> String {
        match &self.facts.database {
            Some(database) => format!("`{}`", show_text(&database.name)),
            None => format!("the database of {}", name(&self.target.subject)),
        }
    }

    /// What the database is for.
    pub fn is_of(&self, wanted: &Role) -> bool {
        self.target.subject.role() == Some(wanted)
    }
}

/// The part of the configuration by which a target answered.
fn way(target: &TargetHealth) -> Subject {
    match (&target.subject, target.via) {
        (Subject::Database { role, part: Part::Primary }, Some(Via::Replica(index))) => {
            Subject::Database { role: role.clone(), part: Part::Replica(index) }
        }
        (Subject::Database { role, part: Part::Primary }, Some(Via::Failover(index))) => {
            Subject::Database { role: role.clone(), part: Part::Failover(index) }
        }
        (subject, _) => subject.clone(),
    }
}

/// The name of a target, for a message.
pub(super) fn name(subject: &Subject) -> String {
    show_text(&subject.name())
}

/// `main`, `main and vector`, `main, mlflow and vector`: the targets that share a server. Many are counted.
pub(super) fn names(subjects: impl IntoIterator<Item = Subject>) -> String {
    const MOST: usize = 3;
    let mut names: Vec<String> = subjects.into_iter().map(|subject| name(&subject)).collect();
    names.dedup();
    if names.len() > MOST {
        return format!("{} and {} others", names[..MOST].join(", "), names.len() - MOST);
    }
    match names.split_last() {
        Some((last, first)) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}

/// The server that some targets share: `the server of main and vector`.
pub(super) fn whose(server: &[Answer<'_>]) -> String {
    format!("the server of {}", names(server.iter().map(|answer| way(answer.target))))
}

/// The encryption of what answered, whatever it is.
pub(super) fn tls(target: &TargetHealth) -> Option<&TlsFacts> {
    match target.facts.as_ref()? {
        Facts::Postgresql(facts) => facts.tls.as_ref(),
        Facts::Redis(facts) => facts.tls.as_ref(),
        Facts::Http(facts) => facts.tls.as_ref(),
        Facts::Sqlite(_) | Facts::Store(_) => None,
    }
}

/// The server of a target, whatever the database: of the one that answered, or else of the one that is configured.
pub(super) fn server(target: &TargetHealth) -> String {
    let answered = target.via.is_some_and(|via| via != Via::Primary);
    let attempt = target.attempts.iter().rev().find(|attempt| answered && attempt.failure.is_none());
    let endpoint = attempt.map_or(&target.endpoint, |attempt| &attempt.endpoint);
    let first = attempt.or(target.attempts.first());
    let known = target.facts.as_ref().and_then(Facts::postgres).and_then(|facts| facts.database.as_ref());
    let database = first.and_then(|attempt| attempt.database.as_ref()).or(known.map(|database| &database.name));
    let suffix = database.map(|database| format!("/{database}")).unwrap_or_default();
    endpoint.strip_suffix(suffix.as_str()).unwrap_or(endpoint).to_owned()
}

//! `dbcfg probe`: which databases are down, where, why, and what to try.

mod checkup;
mod logs;
mod password;
mod plugin;
mod print;
mod round;
mod wait;
mod watch;
mod wishes;

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, anyhow};

use crate::cli::{Probe, ProbeFailOn, ProbeFormat};
use crate::exit::{ExitStatus, PluginState};
use crate::finding::suggest;
use crate::load::{self, Loaded};
use crate::model::health::{Health, Status};
use crate::probe::{self, Options, PlanError, Target, Which};
use crate::redact;
use crate::report;
use crate::rules::Selection;
use crate::terminal::{Interrupt, Progress};

use super::input::explain;
use super::output::Output;
use checkup::{Checked, Judge};
use logs::Log;
use print::{Shape, render, write_reports};
use round::Rounds;
use wait::{Next, Patience};
use wishes::{Pace, Wishes};

pub(super) use plugin::{UNKNOWN, is_plugin};

/// A run: what was asked for, what was read, and what it is tried with.
struct Session<'run> {
    wishes: &'run Wishes,
    judge: Judge<'run>,
    targets: Vec<Target>,
    options: Options,
    fail_on: ProbeFailOn,
    rounds: Rounds,
    log: Log,
    shape: Shape,
    output: Output,
}

pub(super) fn run(arguments: &Probe, output: Output) -> Result<ExitStatus> {
    let wishes = Wishes::new(arguments, output)?;
    let interrupt = Interrupt::watch();
    let loaded = load::load(&wishes.request).map_err(|error| explain(&error))?;
    tell_findings(&loaded, output);
    let options = wishes.options(&loaded);
    let planned = probe::plan(&loaded.configuration, &wishes.which, &options);
    let targets = planned.map_err(|error| unknown_name(&error))?;
    if targets.is_empty() {
        return Err(nothing(&loaded, &wishes, &options));
    }
    let log = Log::new(wishes.level);
    let session = Session {
        judge: Judge {
            loaded: &loaded,
            selection: Selection::new(&loaded.settings, &wishes.select, &wishes.ignore),
            server_memory: wishes.server_memory,
            has_password_file: options.password.is_some(),
        },
        fail_on: wishes.fail_on(loaded.settings.probe),
        rounds: Rounds::new(interrupt, log),
        log,
        shape: (output.result_style(), Output::width()),
        wishes: &wishes,
        targets,
        options,
        output,
    };
    let checked = match wishes.pace {
        Pace::Watch(interval) => return watch::watch(&session, interval),
        Pace::Wait(limit) => session.wait(limit)?,
        Pace::Once => session.judge.judge(session.round(&session.targets, &session.options)?),
    };
    Output::result(&session.render(&checked))?;
    write_reports(&wishes.reports, &checked, &loaded.configuration.sources)?;
    Ok(status(&session, &checked))
}

impl Session<'_> {
    /// One round over some targets, with its progress on standard error: only if nothing else is written there meanwhile.
    fn round(&self, targets: &[Target], options: &Options) -> Result<Health> {
        let is_drawn = !self.output.is_quiet && !self.log.is_on();
        let progress = is_drawn.then(|| Progress::new(targets.len(), self.output.talk_style().is_coloured));
        self.rounds.round(targets, options, progress)
    }

    /// Rounds until all is well, the time is up, or waiting is of no use.
    fn wait(&self, limit: Duration) -> Result<Checked> {
        let mut patience = Patience::new(limit);
        let mut before: Option<Health> = None;
        let mut told = String::new();
        loop {
            let mut health = self.round(&self.targets, &patience.options(&self.options))?;
            if let Some(before) = &before {
                wait::keep_causes(&mut health.targets, &before.targets);
            }
            let known = health.clone();
            let mut checked = self.judge.judge(health);
            match patience.next(&checked, |status| self.fail_on.fails(status)) {
                _ if checked.health.is_interrupted => return Ok(checked),
                Next::Stop => return Ok(checked),
                Next::GiveUp(name, reason) => {
                    let (name, reason) = (redact::show_text(&name), redact::show_said(&reason));
                    self.output.talk(&format!("Waiting for {name} is of no use: {reason}.\n"));
                    return Ok(checked);
                }
                Next::Again(pause) => {
                    let waiting = wait::told(&checked, |status| self.fail_on.fails(status));
                    if waiting != told {
                        self.output.talk(&waiting);
                        told = waiting;
                    }
                    if !self.rounds.pause(pause) {
                        checked.health.is_interrupted = true;
                        return Ok(checked);
                    }
                }
            }
            before = Some(known);
        }
    }

    /// A round in the format that was asked for.
    fn render(&self, checked: &Checked) -> String {
        let sources = &self.judge.loaded.configuration.sources;
        render(self.wishes.format, checked, sources, self.shape)
    }
}

/// What was met while reading, on standard error.
fn tell_findings(loaded: &Loaded, output: Output) {
    let (sources, style) = (&loaded.configuration.sources, output.talk_style());
    output.talk(&report::findings(sources, &loaded.findings, style, Output::talk_width()));
    if let Some(ends) = report::ends(&loaded.findings, style) {
        output.talk(&format!("{ends}\n"));
    }
    if !loaded.unchosen.is_empty() {
        let names: Vec<String> = loaded.unchosen.iter().map(|name| format!("`{}`", redact::show_text(name))).collect();
        output.talk(&format!("{} are alternatives; choose one with --env.\n", names.join(" and ")));
    }
}

/// A name that nothing has, in words. It is repeated only if it looks like one: what was typed in the wrong place may be
/// a password.
fn unknown_name(error: &PlanError) -> anyhow::Error {
    let PlanError::UnknownName { name, known } = error;
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_-.[]".contains(c);
    let looks_like_one = name.len() <= 40 && name.chars().all(is_name);
    let shown =
        if looks_like_one { format!("there is no `{name}`") } else { "there is nothing of this name".to_owned() };
    let words: Vec<&str> = known.iter().map(String::as_str).collect();
    if Path::new(name).exists() {
        return anyhow!("{shown} to probe; `--config` takes files and directories");
    }
    match suggest(name, &words) {
        Some(known) => anyhow!("{shown} to probe; did you mean `{}`?", redact::show_text(known)),
        None if known.is_empty() => anyhow!("{shown} to probe, nor anything else"),
        None => anyhow!("{shown} to probe; there are {}", listed(known)),
    }
}

fn listed(names: &[String]) -> String {
    const MOST: usize = 12;
    let shown: Vec<String> = names.iter().take(MOST).map(|name| redact::show_text(name)).collect();
    let more = names.len().saturating_sub(MOST);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

/// Why there is nothing to probe.
fn nothing(loaded: &Loaded, wishes: &Wishes, options: &Options) -> anyhow::Error {
    let configuration = &loaded.configuration;
    if loaded.has_unreadable {
        return anyhow!("nothing is left to probe");
    }
    if configuration.environment.is_none() && !configuration.environments.is_empty() && loaded.is_empty() {
        let known = listed(&configuration.environments);
        return anyhow!("nothing is defined outside an environment; choose one with --env: {known}");
    }
    let all = probe::plan(configuration, &Which::All, options).unwrap_or_default();
    if wishes.which == Which::Roles && !all.is_empty() {
        let names: Vec<String> = all.iter().map(|target| target.subject.name()).collect();
        return anyhow!("none of main, mlflow and vector is defined; `--all` probes what is: {}", listed(&names));
    }
    anyhow!("no database settings were found")
}

/// The status of a round.
fn status(session: &Session<'_>, checked: &Checked) -> ExitStatus {
    let loaded = session.judge.loaded;
    if checked.health.is_interrupted {
        ExitStatus::Interrupted
    } else if loaded.has_unreadable {
        ExitStatus::Failure
    } else if session.wishes.format == ProbeFormat::Nagios {
        ExitStatus::Plugin(match checked.health.status() {
            Status::Healthy => PluginState::Ok,
            Status::Degraded => PluginState::Warning,
            Status::Down => PluginState::Critical,
            Status::NotMeasured => PluginState::Unknown,
        })
    } else if checked.health.targets.iter().any(|target| session.fail_on.fails(target.status)) {
        ExitStatus::Findings
    } else {
        ExitStatus::Success
    }
}

//! Migrates at a terminal: what is not clear is asked, then the plan and the differences are shown, then it is written
//! if somebody says so.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::cli::Migrate;
use crate::exit::ExitStatus;
use crate::model::Question;
use crate::report;
use crate::terminal::{self, Answer, Stopped, Terminal};

use super::super::output::{self, Output};
use super::arguments::read_server;
use super::planning::{Decided, Planned, look_around, plans};
use super::{Outcome, differences, status, stop, writing};

pub(super) fn run(
    arguments: &Migrate,
    mut decided: Decided,
    planned: Vec<Planned>,
    terminal: &Terminal,
    output: Output,
) -> Result<ExitStatus> {
    let mut planned = match ask(&mut decided, planned, terminal)? {
        Outcome::Done(planned) => planned,
        Outcome::Stopped(stopped) => return Ok(stop(stopped)),
    };
    look_around(&mut planned);
    let (style, width) = (output.result_style(), Output::width());
    for project in &planned {
        Output::result(&report::plan(project.migration(), true, style, width))?;
    }
    let changed = planned.iter().flat_map(|project| &project.plan.files).filter(|file| file.is_changed()).count();
    if changed == 0 {
        output.talk(&writing::nothing_changes(&planned));
        return Ok(status(&planned, false));
    }
    for project in &planned {
        Output::result(&differences(project, style).concat())?;
    }
    let prompt = format!("Write {}?", report::counted(changed, "file"));
    output::say("");
    match terminal.confirm(&prompt) {
        Ok(true) => {}
        Ok(false) => {
            output.talk("Nothing was written.\n");
            return Ok(status(&planned, false));
        }
        Err(stopped) => return Ok(stop(stopped)),
    }
    writing::write(arguments, &planned, output)?;
    Ok(if terminal.is_interrupted() { ExitStatus::Interrupted } else { status(&planned, true) })
}

/// Asks what the plans leave open, and plans again after each answer, until nothing is open that was not asked.
fn ask(decided: &mut Decided, mut planned: Vec<Planned>, terminal: &Terminal) -> Result<Outcome<Vec<Planned>>> {
    let mut asked: BTreeSet<(String, String)> = BTreeSet::new();
    loop {
        let all = planned.iter().flat_map(|project| project.plan.questions.iter().map(move |it| (project, it)));
        let mut open = all.filter(|(project, question)| !asked.contains(&(project.key.clone(), name(question))));
        let Some((project, question)) = open.next() else { break };
        asked.insert((project.key.clone(), name(question)));
        let about = report::question(&project.read.project.sources, question, Output::talk_width());
        output::say(about.trim_end());
        let answer = match terminal::ask(terminal, question, read_server) {
            Ok(answer) => answer,
            Err(stopped) => return Ok(Outcome::Stopped(stopped)),
        };
        output::say("");
        if take(decided, &project.key, question, answer) {
            planned = plans(decided)?;
            if terminal.is_interrupted() {
                return Ok(Outcome::Stopped(Stopped::Interrupted));
            }
        }
    }
    Ok(Outcome::Done(planned))
}

/// What tells a question from others of its project.
fn name(question: &Question) -> String {
    match question {
        Question::Prefer { role, .. } => format!("prefer {role}"),
        Question::Map { name, .. } => format!("map {name}"),
        Question::Relocate { role, .. } => format!("relocate {role}"),
        Question::Server { .. } => "server".to_owned(),
        Question::Secrets { .. } => "secrets".to_owned(),
    }
}

/// Takes an answer down. Says whether it may change a plan.
fn take(decided: &mut Decided, project: &str, question: &Question, answer: Answer) -> bool {
    match (question, answer) {
        (_, Answer::Prefer(name)) => decided.of(project).prefer.push(name),
        (Question::Map { name, .. }, Answer::Map(role)) => decided.name(name.clone(), role),
        (Question::Relocate { role, .. }, Answer::Relocate(server)) => {
            decided.of(project).relocate.insert(role.clone(), server);
        }
        (_, Answer::Server(form)) => decided.of(project).server = Some(form),
        (_, Answer::Secrets(form)) => decided.of(project).secrets = Some(form),
        (_, Answer::Map(_) | Answer::Relocate(_) | Answer::Leave) => return false,
    }
    true
}

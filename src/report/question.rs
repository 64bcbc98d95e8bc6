//! What somebody has to decide, in words: above a prompt, or with the flags that answer it.

use crate::finding::Severity;
use crate::model::{Question, Role, Sources};
use crate::redact;

use super::counts::counted;
use super::plan::put;
use super::style::Style;
use super::wrap::wrap;

/// What a question is about, with places, for above its prompt.
pub fn question(sources: &Sources, question: &Question, width: Option<usize>) -> String {
    let mut text = String::new();
    about(sources, question, 0, width, &mut text);
    text
}

/// What is to be decided, and if `has_choices` what else could be, with the flags that do it; nothing if nothing is.
/// `about_files` are the files of the project, where there are several projects. A choice that several files offer is told
/// once: its flag is for all of them.
pub fn questions(
    sources: &Sources,
    questions: &[Question],
    has_choices: bool,
    about_files: &[&str],
    style: Style,
    width: Option<usize>,
) -> String {
    let mut text = String::new();
    let is_needed = |question: &&Question| matches!(question, Question::Prefer { .. });
    let needed: Vec<&Question> = questions.iter().filter(is_needed).collect();
    let choices = if has_choices { joined(questions) } else { Vec::new() };
    let others: Vec<&Question> = choices.iter().filter(|it| !is_needed(it)).collect();
    let files: Vec<String> = about_files.iter().map(|file| redact::show_text(file)).collect();
    let about_files = if files.is_empty() { String::new() } else { format!(" in {}", files.join(", ")) };
    for (index, group) in [needed, others].into_iter().enumerate().filter(|(_, group)| !group.is_empty()) {
        let title = format!("{}{about_files}:", if index == 0 { "To decide" } else { "Further choices" });
        for line in wrap(&title, 0, 4, width) {
            let line = if index == 0 { style.as_severity(Severity::Warning, &line) } else { style.bold(&line) };
            text.push_str(&line);
            text.push('\n');
        }
        for question in group {
            about(sources, question, 2, width, &mut text);
            put(&flags(question), 4, 6, width, &mut text);
        }
        text.push('\n');
    }
    text
}

/// The questions, with those together that one flag answers for all files.
fn joined(questions: &[Question]) -> Vec<Question> {
    let mut all: Vec<Question> = Vec::new();
    for question in questions {
        let known = all.iter_mut().find(|known| {
            matches!(
                (question, known),
                (Question::Secrets { .. }, Question::Secrets { .. })
                    | (Question::Server { .. }, Question::Server { .. })
            )
        });
        match (question, known) {
            (Question::Secrets { count: more }, Some(Question::Secrets { count })) => *count += more,
            (Question::Server { roles: more }, Some(Question::Server { roles })) => {
                for role in more {
                    if !roles.contains(role) {
                        roles.push(role.clone());
                    }
                }
            }
            _ => all.push(question.clone()),
        }
    }
    all
}

fn about(sources: &Sources, question: &Question, indent: usize, width: Option<usize>, text: &mut String) {
    let words = match question {
        Question::Prefer { role, .. } => format!("{} is defined differently by", shown(role)),
        Question::Map { name, origin } => {
            format!("`{}` does not say what it is for ({})", redact::show_text(name), sources.describe(origin))
        }
        Question::Relocate { role, reason, origin, .. } => {
            format!("{}: {} ({})", shown(role), redact::escape(reason), sources.describe(origin))
        }
        Question::Server { roles } => format!("{} on one server", are(roles)),
        Question::Secrets { count: 1 } => "1 password stands in the file".to_owned(),
        Question::Secrets { count: number } => format!("{} stand in the files", counted(*number, "password")),
    };
    put(&words, indent, indent + 2, width, text);
    if let Question::Prefer { candidates, .. } = question {
        for candidate in candidates {
            let (name, what) = (redact::show_text(&candidate.name), redact::escape(&candidate.shown));
            let words = format!("`{name}`: {what} ({})", sources.describe(&candidate.origin));
            put(&words, indent + 2, indent + 6, width, text);
        }
    }
}

/// `main, mlflow and vector are`; main is one of them, and may not be named.
fn are(roles: &[Role]) -> String {
    let mut names: Vec<String> = Vec::new();
    if !roles.contains(&Role::Main) {
        names.push(Role::Main.name().to_owned());
    }
    names.extend(roles.iter().map(shown));
    format!("{} are", listed(&names, "and"))
}

/// `a, b and c`
fn listed(names: &[String], word: &str) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {word} {last}", first.join(", ")),
    }
}

/// The flags that answer a question, and what becomes of it without one.
fn flags(question: &Question) -> String {
    match question {
        Question::Prefer { candidates, .. } => {
            let flag = |name: &str| format!("--prefer {}", redact::show_text(name));
            let flags: Vec<String> = candidates.iter().map(|candidate| flag(&candidate.name)).collect();
            format!("{}; without it none of them is touched", listed(&flags, "or"))
        }
        Question::Map { name, .. } => {
            format!(
                "--map {}=ROLE, where ROLE is main, mlflow or vector; without it the name stays",
                redact::show_text(name)
            )
        }
        Question::Relocate { role, servers, .. } => {
            let mut flags: Vec<String> =
                servers.iter().map(|server| format!("--relocate {}={}", shown(role), shown(server))).collect();
            flags.push(format!("--relocate {}=HOST[:PORT]", shown(role)));
            format!("{}; without it the host stays", listed(&flags, "or"))
        }
        Question::Server { .. } => {
            "--server shared writes `same_server_as: main`; without it each is written in full".to_owned()
        }
        Question::Secrets { count: 1 } => "--secrets env moves it to .env; without it it stays".to_owned(),
        Question::Secrets { .. } => "--secrets env moves them to .env; without it they stay".to_owned(),
    }
}

fn shown(role: &Role) -> String {
    redact::show_text(role.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Candidate, Origin};

    #[test]
    fn each_question_names_its_flags() {
        let sources = Sources::default();
        let candidate = |name: &str, shown: &str| Candidate {
            name: name.to_owned(),
            shown: shown.to_owned(),
            origin: Origin::CommandLine,
        };
        let all = [
            Question::Prefer {
                role: Role::Main,
                candidates: vec![
                    candidate("postgres_primary", "a.example.com/app as app"),
                    candidate("app_postgres", "b.example.com/app"),
                ],
            },
            Question::Map { name: "reports".to_owned(), origin: Origin::CommandLine },
            Question::Relocate {
                role: Role::Mlflow,
                reason: "its RDS host lacks its account part and cannot exist".to_owned(),
                origin: Origin::CommandLine,
                servers: vec![Role::Main],
            },
            Question::Server { roles: vec![Role::Mlflow, Role::Vector] },
            Question::Secrets { count: 1 },
        ];
        let text = questions(&sources, &all, true, &[], Style { is_coloured: false }, Some(80));
        let expected = "\
To decide:
  main is defined differently by
    `postgres_primary`: a.example.com/app as app (command line)
    `app_postgres`: b.example.com/app (command line)
    --prefer postgres_primary or --prefer app_postgres; without it none of them
      is touched

Further choices:
  `reports` does not say what it is for (command line)
    --map reports=ROLE, where ROLE is main, mlflow or vector; without it the
      name stays
  mlflow: its RDS host lacks its account part and cannot exist (command line)
    --relocate mlflow=main or --relocate mlflow=HOST[:PORT]; without it the host
      stays
  main, mlflow and vector are on one server
    --server shared writes `same_server_as: main`; without it each is written in
      full
  1 password stands in the file
    --secrets env moves it to .env; without it it stays

";
        assert_eq!(text, expected);
        let needed = questions(&sources, &all, false, &[], Style { is_coloured: false }, Some(80));
        assert_eq!(needed, expected[..expected.find("Further").expect("both titles")]);
    }

    #[test]
    fn what_several_files_ask_is_told_once() {
        let all = [
            Question::Server { roles: vec![Role::Mlflow] },
            Question::Secrets { count: 1 },
            Question::Server { roles: vec![Role::Mlflow, Role::Vector] },
            Question::Secrets { count: 2 },
        ];
        let style = Style { is_coloured: false };
        let text = questions(&Sources::default(), &all, true, &["a.yaml", "b.yaml"], style, None);
        let expected = "\
Further choices in a.yaml, b.yaml:
  main, mlflow and vector are on one server
    --server shared writes `same_server_as: main`; without it each is written in full
  3 passwords stand in the files
    --secrets env moves them to .env; without it they stay

";
        assert_eq!(text, expected);
    }
}

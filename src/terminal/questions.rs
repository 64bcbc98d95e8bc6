//! What is asked for each thing that somebody has to decide.

use crate::model::{Question, Relocation, Role, SecretForm, ServerForm};
use crate::redact;

use super::{Stopped, Terminal};

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The definition of this name stays.
    Prefer(String),
    /// The section is for this.
    Map(Role),
    /// The database is there.
    Relocate(Relocation),
    /// Databases on one server are written like this.
    Server(ServerForm),
    /// This becomes of passwords.
    Secrets(SecretForm),
    /// Nothing is decided, and what the question is about stays as it is.
    Leave,
}

/// Asks a question, of which what it is about is said already. `read_server` reads a host and perhaps a port that was
/// typed, or says what is wrong with it.
///
/// # Errors
///
/// There is no answer.
pub fn ask(
    terminal: &Terminal,
    question: &Question,
    read_server: impl Fn(&str) -> Result<Relocation, String>,
) -> Result<Answer, Stopped> {
    match question {
        Question::Prefer { role, candidates } => {
            let named = |name: &str, shown: &str| format!("{}: {}", redact::show_text(name), redact::escape(shown));
            let mut choices: Vec<(String, Answer)> =
                candidates.iter().map(|it| (named(&it.name, &it.shown), Answer::Prefer(it.name.clone()))).collect();
            choices.push((if choices.len() == 2 { "leave both" } else { "leave all" }.to_owned(), Answer::Leave));
            choose(terminal, &format!("Which one is {}?", shown(role)), choices)
        }
        Question::Map { name, .. } => {
            let known = [
                ("application data: main", Role::Main),
                ("MLflow's tracking: mlflow", Role::Mlflow),
                ("embeddings: vector", Role::Vector),
            ];
            let keep = ("something else: keep the name".to_owned(), Answer::Map(Role::Other(name.clone())));
            let known = known.map(|(label, role)| (label.to_owned(), Answer::Map(role)));
            let choices = std::iter::once(keep).chain(known).collect();
            choose(terminal, &format!("What is `{}` for?", redact::show_text(name)), choices)
        }
        Question::Relocate { role, servers, .. } => relocate(terminal, role, servers, read_server),
        Question::Server { .. } => {
            let choices = vec![
                ("each in full, so that every consumer can read it".to_owned(), Answer::Server(ServerForm::Separate)),
                ("shorter, with `same_server_as: main`".to_owned(), Answer::Server(ServerForm::Shared)),
            ];
            choose(terminal, "How are they written?", choices)
        }
        Question::Secrets { count } => {
            let (they, prompt) = match count {
                1 => ("it stays", "What becomes of it?"),
                _ => ("they stay", "What becomes of them?"),
            };
            let choices = vec![
                (they.to_owned(), Answer::Secrets(SecretForm::Keep)),
                ("move to .env, with `${VAR}` in the settings".to_owned(), Answer::Secrets(SecretForm::Env)),
            ];
            choose(terminal, prompt, choices)
        }
    }
}

/// One of several choices, the first unless another is taken. Escape leaves things as they are.
fn choose(terminal: &Terminal, prompt: &str, mut choices: Vec<(String, Answer)>) -> Result<Answer, Stopped> {
    let labels: Vec<String> = choices.iter().map(|(label, _)| label.clone()).collect();
    Ok(match terminal.select(prompt, &labels, 0)? {
        Some(index) if index < choices.len() => choices.swap_remove(index).1,
        _ => Answer::Leave,
    })
}

fn relocate(
    terminal: &Terminal,
    role: &Role,
    servers: &[Role],
    read_server: impl Fn(&str) -> Result<Relocation, String>,
) -> Result<Answer, Stopped> {
    let on_server = |server: &Role| {
        (format!("on {}'s server", shown(server)), Some(Answer::Relocate(Relocation::Server(server.clone()))))
    };
    let mut choices: Vec<(String, Option<Answer>)> = servers.iter().map(on_server).collect();
    choices.push(("on another server".to_owned(), None));
    choices.push(("leave it as it is".to_owned(), Some(Answer::Leave)));
    let labels: Vec<String> = choices.iter().map(|(label, _)| label.clone()).collect();
    let chosen = terminal.select(&format!("Where is {}?", shown(role)), &labels, 0)?;
    let chosen = chosen.filter(|index| *index < choices.len()).map(|index| choices.swap_remove(index).1);
    match chosen {
        None => Ok(Answer::Leave),
        Some(Some(answer)) => Ok(answer),
        Some(None) => {
            let check = |text: &str| if text.is_empty() { Ok(()) } else { read_server(text).map(|_| ()) };
            let typed = terminal.text("Its host, and perhaps :PORT (empty leaves it as it is):", check)?;
            Ok(read_server(&typed).map_or(Answer::Leave, Answer::Relocate))
        }
    }
}

fn shown(role: &Role) -> String {
    redact::show_text(role.name())
}

//! Questions to a person at a terminal, on standard error.
//!
//! dialoguer draws them. It leaves the cursor hidden when it is interrupted in the middle of a question, and sends the
//! process the signal of Ctrl-C; so signals become a flag here, and the cursor is given back whatever happens.

mod interrupt;
mod progress;
mod questions;
mod theme;

use std::env;
use std::io::{self, ErrorKind, IsTerminal as _};

use dialoguer::console::Term;
use dialoguer::{Confirm, Error, Input, Select};

pub use interrupt::Interrupt;
pub use progress::Progress;
pub use questions::{Answer, ask};

use theme::Theme;

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Ctrl-C, or another signal that ends a program.
    Interrupted,
    /// The terminal is gone.
    Broken,
}

/// Whether somebody can be asked: standard input, output and error are terminals, and no CI says that it runs this.
pub fn is_interactive() -> bool {
    let is_ci = env::var_os("CI").is_some_and(|value| !value.is_empty());
    !is_ci && io::stdin().is_terminal() && io::stdout().is_terminal() && io::stderr().is_terminal()
}

/// The terminal that questions are asked on.
#[derive(Debug)]
pub struct Terminal {
    theme: Theme,
    interrupt: Interrupt,
}

impl Terminal {
    /// The terminal, with colours or without.
    pub fn new(is_coloured: bool, interrupt: Interrupt) -> Self {
        Self { theme: Theme { is_coloured }, interrupt }
    }

    /// Whether somebody wants the program to end.
    pub fn is_interrupted(&self) -> bool {
        self.interrupt.is_set()
    }

    /// One of several, by its index; none if somebody leaves the question with Escape.
    ///
    /// # Errors
    ///
    /// There is no answer.
    pub fn select(&self, prompt: &str, items: &[String], default: usize) -> Result<Option<usize>, Stopped> {
        // What is wider than the terminal is drawn over what stands above it.
        let columns = usize::from(Term::stderr().size().1).max(20);
        let items: Vec<String> = items.iter().map(|item| theme::cut(item, columns - 4)).collect();
        let select = Select::with_theme(&self.theme).with_prompt(theme::cut(prompt, columns - 2)).items(&items);
        let select = select.default(default).report(true);
        self.answer(|| select.interact_opt(), false)
    }

    /// A text, which may be empty. What `check` refuses, with a reason, is asked again.
    ///
    /// # Errors
    ///
    /// There is no answer.
    pub fn text(&self, prompt: &str, check: impl Fn(&str) -> Result<(), String>) -> Result<String, Stopped> {
        let input = Input::<String>::with_theme(&self.theme).with_prompt(prompt).allow_empty(true);
        let input = input.validate_with(|text: &String| check(text.trim()));
        self.answer(|| input.interact_text(), true).map(|text| text.trim().to_owned())
    }

    /// Yes or no, no being what Enter alone means.
    ///
    /// # Errors
    ///
    /// There is no answer.
    pub fn confirm(&self, prompt: &str) -> Result<bool, Stopped> {
        let confirm = Confirm::with_theme(&self.theme).with_prompt(prompt).default(false).wait_for_newline(true);
        self.answer(|| confirm.interact(), true)
    }

    /// What was answered, with the cursor as it was. `is_in_line` says that the question leaves it behind a text.
    fn answer<Value>(
        &self,
        question: impl FnOnce() -> Result<Value, Error>,
        is_in_line: bool,
    ) -> Result<Value, Stopped> {
        let stopped = match self.interrupt.waking(question) {
            // A signal between two keys is only known by its flag.
            Ok(value) if !self.interrupt.is_set() => return Ok(value),
            Ok(_) => Stopped::Interrupted,
            Err(Error::IO(error)) if error.kind() == ErrorKind::Interrupted => Stopped::Interrupted,
            Err(_) if self.interrupt.is_set() => Stopped::Interrupted,
            Err(_) => Stopped::Broken,
        };
        let terminal = Term::stderr();
        // Nobody is left to see it if the terminal is gone.
        let _ = terminal.show_cursor();
        if is_in_line {
            let _ = terminal.write_line("");
        }
        Err(stopped)
    }
}

//! How questions look: as plain as the rest of the output, and coloured when that is.

use std::fmt::{self, Write};

use dialoguer::console::{Style, truncate_str};

/// What stands where a line was cut.
const CUT: &str = "...";

/// The look of questions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Theme {
    /// Whether there are colours.
    pub(super) is_coloured: bool,
}

/// The part of a line that has room in so many columns.
pub(super) fn cut(text: &str, columns: usize) -> String {
    truncate_str(text, columns, CUT).into_owned()
}

impl Theme {
    fn bold(self, text: &str) -> String {
        // Whether there are colours was decided once for the whole run, not by what dialoguer thinks of the terminal.
        if self.is_coloured {
            Style::new().force_styling(true).bold().apply_to(text).to_string()
        } else {
            text.to_owned()
        }
    }
}

impl dialoguer::theme::Theme for Theme {
    fn format_prompt(&self, formatter: &mut dyn Write, prompt: &str) -> fmt::Result {
        write!(formatter, "{}", self.bold(prompt))
    }

    fn format_confirm_prompt(&self, formatter: &mut dyn Write, prompt: &str, default: Option<bool>) -> fmt::Result {
        let choice = match default {
            None => "[y/n]",
            Some(true) => "[Y/n]",
            Some(false) => "[y/N]",
        };
        write!(formatter, "{} {choice} ", self.bold(prompt))
    }

    fn format_confirm_prompt_selection(
        &self,
        formatter: &mut dyn Write,
        prompt: &str,
        selection: Option<bool>,
    ) -> fmt::Result {
        let answer = match selection {
            None => "",
            Some(true) => "yes",
            Some(false) => "no",
        };
        write!(formatter, "{} {answer}", self.bold(prompt))
    }

    fn format_input_prompt(&self, formatter: &mut dyn Write, prompt: &str, _default: Option<&str>) -> fmt::Result {
        write!(formatter, "{} ", self.bold(prompt))
    }

    fn format_input_prompt_selection(&self, formatter: &mut dyn Write, prompt: &str, chosen: &str) -> fmt::Result {
        write!(formatter, "{} {chosen}", self.bold(prompt))
    }

    fn format_error(&self, formatter: &mut dyn Write, error: &str) -> fmt::Result {
        write!(formatter, "{error}")
    }
}

//! How questions look: as plain as the rest of the output, and coloured when that is.

use std::fmt::{self, Write};

use dialoguer::console::{Style, Term, measure_text_width, truncate_str};

/// What stands where a line was cut.
const CUT: &str = "...";

/// What stands before the further lines of an answer.
const INDENT: &str = "  ";

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

/// A text in lines that end between words; of the first so many columns are used already.
fn broken(text: &str, used: usize, columns: usize) -> String {
    let (mut lines, mut column) = (String::new(), used);
    for (index, word) in text.split(' ').enumerate() {
        let width = measure_text_width(word);
        if index > 0 && column + 1 + width <= columns {
            lines.push(' ');
            column += 1;
        } else if index > 0 || (used + width > columns && used > INDENT.len()) {
            lines.push('\n');
            lines.push_str(INDENT);
            column = INDENT.len();
        }
        lines.push_str(word);
        column += width;
    }
    lines
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
        let columns = usize::from(Term::stderr().size().1).max(20);
        write!(formatter, "{} {}", self.bold(prompt), broken(chosen, measure_text_width(prompt) + 1, columns))
    }

    fn format_error(&self, formatter: &mut dyn Write, error: &str) -> fmt::Result {
        write!(formatter, "{error}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_break_between_words() {
        for (used, expected) in [
            (0, "each in full, so\n  that everyone can\n  read it"),
            (15, "each\n  in full, so that\n  everyone can read\n  it"),
            (19, "\n  each in full, so\n  that everyone can\n  read it"),
        ] {
            assert_eq!(broken("each in full, so that everyone can read it", used, 20), expected, "{used}");
        }
    }
}

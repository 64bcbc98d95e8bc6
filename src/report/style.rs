//! Colours, where they are wanted.

use annotate_snippets::renderer::AnsiColor;

use crate::finding::Severity;
use crate::model::health::Status;

/// Whether and how text is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether there are colours at all.
    pub is_coloured: bool,
}

impl Style {
    /// A severity in its colour.
    pub fn severity(self, severity: Severity) -> String {
        self.as_severity(severity, severity.name())
    }

    /// A text in the colour of a severity.
    pub fn as_severity(self, severity: Severity, text: &str) -> String {
        let code = match severity {
            Severity::Error => "1;31",
            Severity::Warning => "1;33",
            Severity::Info => "1;36",
        };
        self.paint(code, text)
    }

    /// The colour of a severity, for what draws with colours of its own.
    pub(super) fn drawn(severity: Severity) -> annotate_snippets::renderer::Style {
        let color = match severity {
            Severity::Error => AnsiColor::Red,
            Severity::Warning => AnsiColor::Yellow,
            Severity::Info => AnsiColor::Cyan,
        };
        color.on_default().bold()
    }

    /// A text in the colour of a verdict.
    pub(super) fn as_status(self, status: Status, text: &str) -> String {
        let code = match status {
            Status::Healthy => "1;32",
            Status::NotMeasured => "1;36",
            Status::Degraded => "1;33",
            Status::Down => "1;31",
        };
        self.paint(code, text)
    }

    /// Bold.
    pub fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    /// Faint.
    pub fn faint(self, text: &str) -> String {
        self.paint("2", text)
    }

    /// What is drawn around quoted lines.
    pub fn frame(self, text: &str) -> String {
        self.paint("1;34", text)
    }

    /// A line that goes away.
    pub(super) fn removed(self, text: &str) -> String {
        self.paint("31", text)
    }

    /// A line that comes.
    pub(super) fn added(self, text: &str) -> String {
        self.paint("32", text)
    }

    /// Where lines stand.
    pub(super) fn place(self, text: &str) -> String {
        self.paint("36", text)
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.is_coloured && !text.is_empty() { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

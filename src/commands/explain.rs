//! `dbcfg explain`: what a rule finds, why it matters, and how to mend it.

use anyhow::{Result, bail};

use crate::cli::{Explain, ExplainFormat};
use crate::exit::ExitStatus;
use crate::finding::RuleInfo;
use crate::report;
use crate::rules;

use super::input;
use super::output::Output;

pub(super) fn run(arguments: &Explain, output: Output) -> Result<ExitStatus> {
    // `Plaintext_Password` is clear enough.
    let name = arguments.rule.as_deref().map(|name| name.trim().to_ascii_lowercase().replace('_', "-"));
    if let Some(unknown) = name.as_deref().and_then(rules::unknown) {
        bail!("{}", input::unknown_rule(&unknown));
    }
    let is_meant = |rule: &RuleInfo| match name.as_deref() {
        None | Some("all") => true,
        Some(name) => name == rule.id || name == rule.group.name(),
    };
    let meant: Vec<&RuleInfo> = rules::all().map(|rule| rule.info).filter(|rule| is_meant(rule)).collect();
    let (style, width) = (output.result_style(), Output::width());
    let text = match (arguments.format, meant.as_slice()) {
        (ExplainFormat::Json, meant) => report::rules_as_json(meant),
        (ExplainFormat::Human, [rule]) if name.as_deref() == Some(rule.id) => report::rule(rule, style, width),
        (ExplainFormat::Human, meant) => report::rules(meant, style, width),
    };
    Output::result(&text)?;
    Ok(ExitStatus::Success)
}

//! Prints the result of a round, and writes the reports.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context as _, Result, bail};

use crate::cli::ProbeFormat;
use crate::model::Sources;
use crate::report::Style;
use crate::report::health;

use super::super::input::{identity, shown};
use super::super::output;
use super::checkup::Checked;

/// The style of the output, and its columns if it is a terminal.
pub(super) type Shape = (Style, Option<usize>);

/// A round in a format.
pub(super) fn render(format: ProbeFormat, checked: &Checked, sources: &Sources, (style, width): Shape) -> String {
    let checkup = checked.as_checkup(format, sources);
    match format {
        ProbeFormat::Human => health::human(&checkup, style, width),
        ProbeFormat::Json => health::json(&checkup),
        ProbeFormat::Junit => health::junit(&checkup, SystemTime::now()),
        ProbeFormat::Prometheus => health::prometheus(&checkup),
        ProbeFormat::Nagios => health::nagios(&checkup),
    }
}

/// JSON as one line. A line of it begins between two values, never in a text, which has no line ends of its own.
pub(super) fn one_line(json: &str) -> String {
    let mut line: String = json.lines().map(str::trim_start).collect();
    line.push('\n');
    line
}

/// Writes the reports that were asked for.
pub(super) fn write_reports(reports: &[(ProbeFormat, PathBuf)], checked: &Checked, sources: &Sources) -> Result<()> {
    for (format, path) in reports {
        let is_read = |name: &str| identity(Path::new(name)) == identity(path);
        if sources.iter().any(|(_, source)| source.document.is_some() && is_read(&source.name)) {
            bail!("{} was read, and is not written over", shown(path));
        }
        let text = render(*format, checked, sources, (Style { is_coloured: false }, None));
        output::write_file(path, &text).with_context(|| format!("{} could not be written", shown(path)))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn json_fits_on_a_line() {
        let value = serde_json::json!({"a": [1, {"b": "  two\n  lines  "}], "c": {}});
        let line = one_line(&serde_json::to_string_pretty(&value).expect("JSON"));
        assert_eq!(line.matches('\n').count(), 1, "{line}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&line).expect("JSON"), value);
    }
}

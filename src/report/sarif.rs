//! Findings as SARIF 2.1.0, for code scanning of forges and for editors.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;

use crate::finding::{RuleInfo, Severity};
use crate::redact;

use super::entry::{Entry, Place};
use super::forge::{self, Run};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The name of our fingerprints, and the version of the way in which they are made.
const FINGERPRINT: &str = "dbcfg/v1";

/// The findings as JSON, indented, with a final newline. `rules` are those that could have found something.
pub fn sarif(entries: &[Entry], rules: &[&'static RuleInfo], run: Run<'_>) -> String {
    let indices: HashMap<&str, usize> = rules.iter().enumerate().map(|(index, rule)| (rule.id, index)).collect();
    let results = entries.iter().zip(forge::fingerprints(entries)).map(|(entry, fingerprint)| Result {
        rule_id: entry.rule.id,
        rule_index: indices.get(entry.rule.id).copied(),
        level: level(entry.severity),
        message: Text::new(forge::sentence(entry)),
        locations: vec![location(&entry.place, None, run.root)],
        related_locations: entry
            .related
            .iter()
            .map(|(place, part)| location(place, Some(&redact::escape(part)), run.root))
            .collect(),
        partial_fingerprints: BTreeMap::from([(FINGERPRINT, fingerprint)]),
    });
    let driver = Driver {
        name: "dbcfg",
        semantic_version: env!("CARGO_PKG_VERSION"),
        information_uri: information_uri(),
        rules: rules.iter().map(|rule| descriptor(rule)).collect(),
    };
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Recorded {
            tool: Tool { driver },
            invocations: [Invocation { execution_successful: !run.has_failed }],
            results: results.collect(),
            column_kind: "unicodeCodePoints",
        }],
    };
    serde_json::to_string_pretty(&log).unwrap_or_default() + "\n"
}

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Recorded; 1],
}

/// What SARIF calls a run.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Recorded {
    tool: Tool,
    invocations: [Invocation; 1],
    results: Vec<Result>,
    column_kind: &'static str,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    information_uri: Option<&'static str>,
    rules: Vec<Descriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: &'static str,
    short_description: Text,
    full_description: Text,
    help: Help,
    default_configuration: Configuration,
    properties: Properties,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Properties {
    tags: [&'static str; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Result {
    rule_id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Text,
    locations: Vec<Where>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Where>,
    partial_fingerprints: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Where {
    #[serde(skip_serializing_if = "Option::is_none")]
    physical_location: Option<PhysicalLocation>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<LogicalLocation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation {
    fully_qualified_name: String,
}

impl Text {
    /// Plain text. A viewer makes a link of `[text](target)`, and no text from a file is to become one.
    fn new(text: impl AsRef<str>) -> Self {
        Self { text: text.as_ref().replace("](", "] (") }
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn information_uri() -> Option<&'static str> {
    [env!("CARGO_PKG_HOMEPAGE"), env!("CARGO_PKG_REPOSITORY")].into_iter().find(|uri| !uri.is_empty())
}

fn descriptor(rule: &RuleInfo) -> Descriptor {
    let text: Vec<&str> = rule.text().collect();
    let introduction: Vec<&str> = text.iter().copied().take_while(|line| !line.starts_with('#')).collect();
    let introduction = introduction.iter().filter(|line| !line.is_empty()).copied().collect::<Vec<_>>().join(" ");
    let whole = text.join("\n");
    Descriptor {
        id: rule.id,
        short_description: Text::new(rule.summary()),
        full_description: Text::new(introduction),
        help: Help { text: whole.clone(), markdown: whole },
        default_configuration: Configuration { level: level(rule.severity) },
        properties: Properties { tags: [rule.group.name()] },
    }
}

fn location(place: &Place, message: Option<&str>, root: &Path) -> Where {
    let message = message.map(Text::new);
    let found = &place.location;
    let logical = |name: String| vec![LogicalLocation { fully_qualified_name: name }];
    if found.path.is_empty() {
        return Where { physical_location: None, logical_locations: logical(place.name.clone()), message };
    }
    let region = found.start.zip(found.end).map(|(start, end)| Region {
        start_line: start.line,
        start_column: start.column,
        end_line: end.line,
        end_column: end.column,
    });
    let key = found.key.as_ref().map(ToString::to_string).filter(|key| !key.is_empty());
    Where {
        physical_location: Some(PhysicalLocation {
            artifact_location: ArtifactLocation { uri: uri(&found.path, root) },
            region,
        }),
        logical_locations: key.map(logical).unwrap_or_default(),
        message,
    }
}

/// The file as a reference that is relative to the root, or as a `file:` URI if it is not below it. What other outputs
/// escape is percent-encoded, so that the file can still be found by it.
fn uri(path: &str, root: &Path) -> String {
    let path = forge::relative(path, root);
    let mut uri = if Path::new(&path).is_absolute() { "file://".to_owned() } else { String::new() };
    if !uri.is_empty() && !path.starts_with('/') {
        // A drive.
        uri.push('/');
    }
    for byte in redact::mask_text(&path).bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            other => {
                let _ = write!(uri, "%{other:02X}");
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_hold_no_more_than_they_may() {
        for (path, expected) in [
            ("./config/settings.yaml", "config/settings.yaml"),
            ("a b/100%:x,#?.yaml", "a%20b/100%25%3Ax%2C%23%3F.yaml"),
            ("表/\u{202e}\n", "%E8%A1%A8/%E2%80%AE%0A"),
            ("/srv/a/b", "a/b"),
            ("/else/a b", "file:///else/a%20b"),
        ] {
            assert_eq!(uri(path, Path::new("/srv")), expected);
        }
    }
}

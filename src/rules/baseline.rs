//! A baseline: the findings that are known, so that only new ones are shown.
//!
//! A finding is known by its fingerprint: the rule, the file relative to the baseline, and the key. Neither lines nor
//! values are part of it, so that it holds no secret and stays when other lines change. Of several findings with one
//! fingerprint, as many are known as stand in the baseline.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::finding::Finding;
use crate::model::Sources;
use crate::redact;

/// The version of the file.
const VERSION: u32 = 1;

/// What is known.
#[derive(Debug, Default)]
pub struct Baseline {
    /// The findings.
    pub findings: Vec<Known>,
    /// How many there are of each fingerprint.
    counts: HashMap<String, usize>,
}

/// One known finding in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Known {
    /// The file, relative to the baseline, with `/` between its parts.
    pub path: String,
    /// The key in the file, or the variable; empty where the whole file is meant.
    pub key: String,
    /// The rule.
    pub rule: String,
    /// What tells it from others.
    pub fingerprint: String,
}

/// The file as it is written.
#[derive(Serialize, Deserialize)]
struct File {
    version: u32,
    findings: Vec<Known>,
}

/// Why a text is no baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BaselineError {
    /// It is no JSON, or not of the form that dbcfg writes.
    Form {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// A newer dbcfg wrote it.
    Version(u32),
}

impl Known {
    /// The known form of a finding, whose file has this path relative to the baseline.
    pub fn of(sources: &Sources, finding: &Finding, path: &str) -> Self {
        let location = sources.locate(&finding.origin);
        let key = location.key.map(|key| key.to_string()).or(location.variable).unwrap_or_default();
        let path = redact::show_text(path);
        let fingerprint = fingerprint(&[finding.rule.id, &path, &key]);
        Self { path, key, rule: finding.rule.id.to_owned(), fingerprint }
    }
}

/// FNV-1a, 64 bits, in hexadecimal: short, the same for ever and on every machine. No secret goes in, so nothing has to
/// be kept from coming out.
fn fingerprint(parts: &[&str]) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for part in parts {
        for byte in part.bytes().chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    format!("{hash:016x}")
}

impl Baseline {
    /// Reads a baseline.
    ///
    /// # Errors
    ///
    /// Text that `dbcfg check --write-baseline` did not write.
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        let file: File = serde_json::from_str(text)
            .map_err(|error| BaselineError::Form { line: error.line(), column: error.column() + 1 })?;
        if file.version != VERSION {
            return Err(BaselineError::Version(file.version));
        }
        let mut counts = HashMap::new();
        for finding in &file.findings {
            *counts.entry(finding.fingerprint.clone()).or_default() += 1;
        }
        Ok(Self { findings: file.findings, counts })
    }

    /// The text of a baseline of these findings, in the order of files and keys.
    pub fn write(mut findings: Vec<Known>) -> String {
        findings.sort();
        let file = File { version: VERSION, findings };
        serde_json::to_string_pretty(&file).map(|text| text + "\n").unwrap_or_default()
    }

    /// How many findings like this one are known.
    pub fn count(&self, known: &Known) -> usize {
        self.counts.get(&known.fingerprint).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(path: &str, key: &str) -> Known {
        let fingerprint = fingerprint(&["invalid-port", path, key]);
        Known { path: path.to_owned(), key: key.to_owned(), rule: "invalid-port".to_owned(), fingerprint }
    }

    #[test]
    fn what_is_written_is_known() {
        let text = Baseline::write(vec![known("b.yaml", "x"), known("a.yaml", "x"), known("a.yaml", "x")]);
        let baseline = Baseline::parse(&text).expect("its own text");
        let counts =
            [("a.yaml", "x"), ("b.yaml", "x"), ("a.yaml", "y")].map(|(path, key)| baseline.count(&known(path, key)));
        assert_eq!(counts, [2, 1, 0]);
        assert_eq!(baseline.findings.len(), 3);
        assert!(text.find("a.yaml") < text.find("b.yaml"), "{text}");
    }

    #[test]
    fn fingerprints_stay() {
        // Written down, since baselines are kept in repositories for years.
        assert_eq!(known("settings.yaml", "databases.main.port").fingerprint, "26c6cda4afe0e6e8");
        assert_ne!(fingerprint(&["a", "bc"]), fingerprint(&["ab", "c"]));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "{}", "{\"version\":1}", "{\"version\":1,\"findings\":[{\"rule\":\"a\"}]}"] {
            assert!(matches!(Baseline::parse(text), Err(BaselineError::Form { .. })), "{text}");
        }
        assert_eq!(Baseline::parse("{\"version\":2,\"findings\":[]}").err(), Some(BaselineError::Version(2)));
    }
}

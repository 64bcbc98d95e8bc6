//! Where baselines stand: read once each, and the paths in them relative to their own directory.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context as _, Result, anyhow};

use crate::finding::Finding;
use crate::model::Sources;
use crate::redact;
use crate::rules::{Baseline, BaselineError, Known};

use super::output;

/// The file that is written if none is named.
const DEFAULT: &str = "dbcfg-baseline.json";

/// The baselines of a run.
pub(super) struct Files {
    /// The one that was typed; it counts for all projects.
    typed: Option<PathBuf>,
    /// Whether it is written and not read.
    pub(super) is_written: bool,
    /// Those that were read. Projects are checked in parallel, and what one has met is not known to another.
    read: Mutex<BTreeMap<PathBuf, String>>,
}

/// A baseline and its directory.
pub(super) struct Placed {
    baseline: Baseline,
    directory: PathBuf,
}

impl Files {
    /// The baselines that what was typed asks for.
    pub(super) fn new(typed: Option<&Path>, is_written: bool) -> Result<Self> {
        let typed = typed.map(Path::to_path_buf).or_else(|| is_written.then(|| PathBuf::from(DEFAULT)));
        let files = Self { typed, is_written, read: Mutex::default() };
        // A typed one that cannot be read is told before anything else is done.
        if let Some(path) = files.typed.as_ref().filter(|_| !is_written) {
            files.text(path)?;
        }
        Ok(files)
    }

    /// The baseline that counts for a project: the one that was typed, or the one that its settings name.
    pub(super) fn of(&self, set: Option<&Path>) -> Result<Option<Placed>> {
        let Some(path) = self.typed.as_deref().or(set.filter(|_| !self.is_written)) else { return Ok(None) };
        let baseline = if self.is_written {
            Baseline::default()
        } else {
            Baseline::parse(&self.text(path)?).map_err(|error| explain(path, &error))?
        };
        let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let directory = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_path_buf());
        Ok(Some(Placed { baseline, directory }))
    }

    fn text(&self, path: &Path) -> Result<String> {
        let mut read = self.read.lock().map_err(|_| anyhow!("a baseline could not be read"))?;
        if let Some(text) = read.get(path) {
            return Ok(text.clone());
        }
        let help = "`--write-baseline` writes it";
        let text = fs::read_to_string(path).ok();
        let text = text.with_context(|| format!("the baseline {} could not be read; {help}", shown(path)))?;
        read.insert(path.to_path_buf(), text.clone());
        Ok(text)
    }
}

impl Placed {
    /// A finding as a baseline knows it.
    pub(super) fn known(&self, sources: &Sources, finding: &Finding) -> Known {
        let name = sources.locate(&finding.origin).path;
        let path = fs::canonicalize(&name).unwrap_or_else(|_| PathBuf::from(&name));
        let path = path.strip_prefix(&self.directory).map(Path::to_path_buf).unwrap_or(path);
        let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        Known::of(sources, finding, &parts.join("/"))
    }

    /// Whether a finding is known; each counts once.
    pub(super) fn take(&mut self, sources: &Sources, finding: &Finding) -> bool {
        let known = self.known(sources, finding);
        self.baseline.take(&known)
    }
}

/// Writes the baseline, and says where.
pub(super) fn write(files: &Files, known: Vec<Known>) -> Result<PathBuf> {
    let path = files.typed.clone().unwrap_or_else(|| PathBuf::from(DEFAULT));
    let text = Baseline::write(known);
    output::write_file(&path, &text).with_context(|| format!("the baseline {} could not be written", shown(&path)))?;
    Ok(path)
}

fn explain(path: &Path, error: &BaselineError) -> anyhow::Error {
    match error {
        BaselineError::Form { line, column } => {
            anyhow!("{}:{line}:{column}: this is no baseline; `--write-baseline` writes one anew", shown(path))
        }
        BaselineError::Version(version) => anyhow!(
            "{}: a baseline of version {version}, which a newer dbcfg has written; write it anew with this one",
            shown(path)
        ),
    }
}

fn shown(path: &Path) -> String {
    redact::show_text(&path.to_string_lossy())
}

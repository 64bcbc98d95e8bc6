//! Where baselines stand, and what is kept when one is written anew.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, anyhow, bail};

use crate::finding::Finding;
use crate::model::Sources;
use crate::rules::{Baseline, BaselineError, Known};

use super::input::{identity, shown};
use super::output;

/// The file that is written if none is named.
const DEFAULT: &str = "dbcfg-baseline.json";

/// The baselines of a run.
pub(super) struct Files {
    /// The one that was typed; it counts for all projects.
    typed: Option<PathBuf>,
    /// Whether they are written and not read.
    pub(super) is_written: bool,
    /// Those that were read. Projects are checked in parallel, and what one has met is not known to another.
    read: Mutex<BTreeMap<PathBuf, Arc<Baseline>>>,
}

/// A baseline and its directory.
pub(super) struct Placed {
    /// The file.
    pub(super) path: PathBuf,
    baseline: Arc<Baseline>,
    directory: PathBuf,
    /// How many findings of a fingerprint were met in this project.
    met: HashMap<String, usize>,
    /// The paths of the files relative to the directory.
    paths: HashMap<String, String>,
}

/// What one project adds to the baseline that is written.
pub(super) struct Added {
    /// The file.
    pub(super) path: PathBuf,
    /// The findings.
    pub(super) findings: Vec<Known>,
    /// The files that were judged, as the baseline names them.
    pub(super) judged: Vec<String>,
}

impl Files {
    /// The baselines that what was typed asks for.
    pub(super) fn new(typed: Option<&Path>, is_written: bool) -> Result<Self> {
        let files = Self { typed: typed.map(Path::to_path_buf), is_written, read: Mutex::default() };
        // A typed one that cannot be read is told before anything else is done.
        if let Some(path) = files.typed.as_ref().filter(|path| !is_written || path.exists()) {
            files.read(path)?;
        }
        Ok(files)
    }

    /// The baseline that counts for a project: the one that was typed, or the one that its settings name.
    pub(super) fn of(&self, set: Option<&Path>) -> Result<Option<Placed>> {
        let default = self.is_written.then_some(Path::new(DEFAULT));
        let Some(path) = self.typed.as_deref().or(set).or(default) else { return Ok(None) };
        let baseline = if self.is_written && !path.exists() { Arc::default() } else { self.read(path)? };
        let (path, directory) = (path.to_path_buf(), directory_of(path));
        Ok(Some(Placed { path, baseline, directory, met: HashMap::new(), paths: HashMap::new() }))
    }

    fn read(&self, path: &Path) -> Result<Arc<Baseline>> {
        // Whoever panicked with the lock has left the map whole.
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(baseline) = read.get(path) {
            return Ok(Arc::clone(baseline));
        }
        let is_there = path.exists();
        let text = text(path);
        let help = if is_there { "" } else { "; `--write-baseline` writes it" };
        let text = text.with_context(|| format!("the baseline {} could not be read{help}", shown(path)))?;
        let baseline = Arc::new(Baseline::parse(&text).map_err(|error| self.explain(path, &error))?);
        read.insert(path.to_path_buf(), Arc::clone(&baseline));
        Ok(baseline)
    }

    fn explain(&self, path: &Path, error: &BaselineError) -> anyhow::Error {
        let path = shown(path);
        match error {
            BaselineError::Form { line, column } if self.is_written => {
                anyhow!("{path}:{line}:{column}: this is no baseline, and is not written over")
            }
            BaselineError::Form { line, column } => {
                anyhow!("{path}:{line}:{column}: this is no baseline; `--write-baseline` writes one")
            }
            BaselineError::Version(version) => {
                anyhow!("{path}: a baseline of version {version}, which a newer dbcfg has written")
            }
        }
    }

    /// Writes the baselines. Of what one held, that stays which this run says nothing about: other files that are
    /// still there, and rules that were left out. Returns the files with how many findings each holds.
    pub(super) fn write(&self, added: Vec<Added>, has_rule: impl Fn(&str) -> bool) -> Result<Vec<(PathBuf, usize)>> {
        // Projects in several directories may name one file in several ways.
        let mut all: BTreeMap<PathBuf, (PathBuf, Vec<Known>, HashSet<String>)> = BTreeMap::new();
        for added in added {
            let file = directory_of(&added.path).join(added.path.file_name().unwrap_or_default());
            let (_, findings, judged) = all.entry(file).or_insert_with(|| (added.path, Vec::new(), HashSet::new()));
            findings.extend(added.findings);
            judged.extend(added.judged);
        }
        let mut written = Vec::new();
        for (path, mut findings, judged) in all.into_values() {
            let Some(placed) = self.of(Some(&path))? else { bail!("there is no baseline to write") };
            let is_kept = |known: &Known| {
                let is_judged = judged.contains(&known.path) && has_rule(&known.rule);
                !is_judged && placed.directory.join(&known.path).exists()
            };
            findings.extend(placed.baseline.findings.iter().filter(|known| is_kept(known)).cloned());
            let count = findings.len();
            output::write_file(&path, &Baseline::write(findings))
                .with_context(|| format!("the baseline {} could not be written", shown(&path)))?;
            written.push((path, count));
        }
        Ok(written)
    }
}

/// More than a hundred thousand findings take.
const LIMIT: u64 = 64 << 20;

/// The text of a baseline: of a file, since a pipe may never end.
fn text(path: &Path) -> Option<String> {
    let metadata = fs::metadata(path).ok()?;
    if metadata.is_file() && metadata.len() <= LIMIT { fs::read_to_string(path).ok() } else { None }
}

impl Placed {
    /// A finding as the baseline knows it.
    pub(super) fn known(&mut self, sources: &Sources, finding: &Finding) -> Known {
        let name = sources.locate(&finding.origin).path;
        if !self.paths.contains_key(&name) {
            let path = self.relative(&name);
            self.paths.insert(name.clone(), path);
        }
        Known::of(sources, finding, &self.paths[&name])
    }

    /// The path of a file from the baseline, with `/` between its parts.
    pub(super) fn relative(&self, name: &str) -> String {
        let path = identity(Path::new(name));
        let (own, other): (Vec<_>, Vec<_>) = (self.directory.components().collect(), path.components().collect());
        let shared = own.iter().zip(&other).take_while(|(one, other)| one == other).count();
        let up = own[shared..].iter().map(|_| "..".into());
        let parts: Vec<_> = up.chain(other[shared..].iter().map(|part| part.as_os_str().to_string_lossy())).collect();
        parts.join("/")
    }

    /// Whether a finding is known; each counts once.
    pub(super) fn take(&mut self, sources: &Sources, finding: &Finding) -> bool {
        let known = self.known(sources, finding);
        let most = self.baseline.count(&known);
        let met = self.met.entry(known.fingerprint).or_default();
        *met += 1;
        *met <= most
    }
}

/// The directory of a file without detours.
fn directory_of(file: &Path) -> PathBuf {
    let folder = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    identity(folder)
}

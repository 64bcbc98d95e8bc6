//! Plans become files, and what is said about it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::cli::Migrate;
use crate::exit::ExitStatus;
use crate::model::FilePlan;
use crate::redact;
use crate::report;
use crate::rewrite::write::{self, FileChange, Job};

use super::super::input::{self, shown};
use super::super::output::{self, Output};
use super::planning::Planned;
use super::{arguments, status, store};

/// So many files are named in the command that takes a run back; of more, the whole run is taken back.
const NAMED: usize = 3;

/// Writes what all plans change, in one go, and says so.
pub(super) fn write(arguments: &Migrate, planned: &[Planned], output: Output) -> Result<()> {
    let store = if arguments.no_backup { None } else { Some(store::store()?) };
    let changed = || planned.iter().flat_map(|project| &project.plan.files).filter(|file| file.is_changed());
    let change = |file: &FilePlan| FileChange {
        path: PathBuf::from(&file.path),
        before: file.source.map(|_| file.before.clone().into_bytes()),
        after: file.after.clone().into_bytes(),
        is_private: file.is_private,
        changes: file.record.clone(),
    };
    let job = Job { action: "migrate", files: changed().map(change).collect() };
    let written = write::write(store.as_ref(), &job).map_err(|error| store::explain(&error))?;
    store::warn(&written);
    let names: Vec<String> = written.files.iter().map(|path| shown(path)).collect();
    output.talk(&format!("Wrote {}.\n", names.join(", ")));
    if store.is_some() {
        let paths = if names.len() <= NAMED { quoted(&written.files) } else { String::new() };
        output.talk(&format!("`dbcfg migrate --undo{paths}` takes it back.\n"));
    }
    Ok(())
}

/// Paths as a shell takes them, each behind a space.
pub(super) fn quoted(paths: &[PathBuf]) -> String {
    let quote = |path: &PathBuf| {
        let name = shown(path);
        let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-+=:@%".contains(&byte));
        if is_plain { format!(" {name}") } else { format!(" '{}'", name.replace('\'', "'\\''")) }
    };
    paths.iter().map(quote).collect()
}

/// Writes the new text of the one file to another place.
pub(super) fn elsewhere(arguments: &Migrate, path: &Path, planned: &[Planned], output: Output) -> Result<ExitStatus> {
    let files: Vec<&FilePlan> = planned.iter().flat_map(|project| &project.plan.files).collect();
    let file = match files.as_slice() {
        [file] => file,
        all if all.iter().any(|file| file.source.is_none()) => {
            bail!("`--output` takes the text of one file, and `--secrets env` makes another")
        }
        all => bail!("`--output` takes the text of one file, and there are {}; name one", all.len()),
    };
    let (style, width) = (output.talk_style(), Output::talk_width());
    for project in planned {
        let sources = &project.read.project.sources;
        output.talk(&report::questions(sources, &project.plan.questions, false, style, width));
    }
    if arguments::is_dash(path) {
        Output::result(&file.after)?;
        return Ok(status(planned, true));
    }
    if input::identity(path) == input::identity(Path::new(&file.path)) {
        bail!("`--output` names the file itself; without `--output` it is rewritten, with a backup");
    }
    if path.symlink_metadata().is_ok() && !arguments.yes {
        bail!("{} is there already; `--yes` replaces it", shown(path));
    }
    output::write_private_file(path, &file.after).with_context(|| format!("{} could not be written", shown(path)))?;
    output.talk(&format!("Wrote {}; {} is as it was.\n", shown(path), redact::show_text(&file.path)));
    Ok(status(planned, true))
}

/// A line for each file of a project that is not as it is to be.
pub(super) fn one_line_each(project: &Planned) -> String {
    let mut lines = String::new();
    for file in project.plan.files.iter().filter(|file| file.is_changed()) {
        let _ = writeln!(lines, "{}: to be migrated", redact::show_text(&file.path));
    }
    if project.is_undecided() {
        let _ = writeln!(lines, "{}: a decision is missing (--prefer)", shown(&project.read.directory));
    }
    lines
}

/// What comes next where nothing was written.
pub(super) fn would_change(planned: &[Planned]) -> String {
    let changed = planned.iter().flat_map(|project| &project.plan.files).filter(|file| file.is_changed());
    match changed.count() {
        1 => "1 file would change; `--yes` writes it.\n".to_owned(),
        count => format!("{count} files would change; `--yes` writes them.\n"),
    }
}

/// Why nothing changes.
pub(super) fn nothing_changes(planned: &[Planned]) -> &'static str {
    if planned.iter().any(Planned::is_undecided) {
        "Nothing changes before that is decided.\n"
    } else {
        "Nothing is to be migrated.\n"
    }
}

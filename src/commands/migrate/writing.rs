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
use crate::terminal;

use super::super::input::{self, shown};
use super::super::output::{self, Output};
use super::planning::Planned;
use super::{arguments, status, store, tell_questions};

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
        let here = input::identity(Path::new("."));
        let is_below = |path: &PathBuf| input::identity(path).starts_with(&here);
        let is_short = names.len() > NAMED && written.files.iter().all(is_below);
        let paths = if is_short { String::new() } else { quoted(&written.files) };
        // Where nobody can be asked, nothing is written without it.
        let yes = if terminal::is_interactive() { "" } else { " --yes" };
        output.talk(&format!("`dbcfg migrate --undo{paths}{yes}` takes it back.\n"));
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
    if arguments::is_dash(path) {
        tell_notes(planned, output);
        Output::result(&file.after)?;
        return Ok(status(planned, true));
    }
    if input::identity(path) == input::identity(Path::new(&file.path)) {
        bail!("`--output` names the file itself; without `--output` it is rewritten, with a backup");
    }
    if path.symlink_metadata().is_ok() && !arguments.yes {
        bail!("{} is there already; `--yes` replaces it", shown(path));
    }
    tell_notes(planned, output);
    if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
        bail!("{} is no regular file; `--output -` writes into a pipe", shown(path));
    }
    output::write_private_file(path, &file.after).with_context(|| format!("{} could not be written", shown(path)))?;
    output.talk(&format!("Wrote {}; {} is as it was.\n", shown(path), redact::show_text(&file.path)));
    Ok(status(planned, true))
}

/// What is to be known about the new text, and what is to be decided.
fn tell_notes(planned: &[Planned], output: Output) {
    for project in planned {
        output.talk(&report::notes(project.migration(), output.talk_style(), Output::talk_width()));
        tell_questions(project, false, false, output);
    }
}

/// A line for each file of a project that is not as it is to be, and for each part that is left.
pub(super) fn one_line_each(project: &Planned) -> String {
    let mut lines = String::new();
    for file in project.plan.files.iter().filter(|file| file.is_changed()) {
        let _ = writeln!(lines, "{}: to be migrated", redact::show_text(&file.path));
    }
    lines.push_str(&report::left(project.migration()));
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
pub(super) fn nothing_changes(planned: &[Planned]) -> String {
    if planned.iter().any(Planned::is_undecided) {
        return "Nothing changes before that is decided.\n".to_owned();
    }
    match planned.iter().map(|project| project.migration().count_left()).sum::<usize>() {
        0 => "Nothing is to be migrated.\n".to_owned(),
        1 => "Nothing more can be migrated; 1 part is left as it is.\n".to_owned(),
        count => format!("Nothing more can be migrated; {count} parts are left as they are.\n"),
    }
}

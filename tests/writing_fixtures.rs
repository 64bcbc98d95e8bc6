//! The way back from every migration: what is planned for the fixtures is written, undone, and compared byte for byte.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process;

use dbcfg::rewrite::write::{FileChange, Job, Store, history, undo, write};

use crate::migrate_fixtures::{case, fixtures, project};
use crate::migrating::{Change, Files, Wishes, plan_of};
use crate::support::{name_of, sorted};
use crate::writing::mode;

/// What is asked for of the layouts: lines of arguments.
const ASKED: [&str; 3] = ["", "--secrets=env", "--keep-legacy"];

/// A directory in memory, if there is such a place: hundreds of runs would wait for a disk.
struct Room(PathBuf);

impl Room {
    fn new() -> Self {
        let memory = Path::new("/dev/shm");
        let above = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let path = above.join(format!("dbcfg-undo-{}", process::id()));
        // One that an earlier process of the same number left.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).expect("make a directory");
        Self(path.canonicalize().expect("resolve it"))
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Names, bytes and modes of everything in a directory.
type State = BTreeMap<String, (Vec<u8>, u32)>;

fn state(directory: &Path) -> State {
    sorted(directory)
        .into_iter()
        .map(|path| (name_of(&path), (fs::read(&path).expect("read it"), mode(&path))))
        .collect()
}

/// Writes a plan and takes it back; returns how many files were changed, and how many were made.
fn there_and_back(directory: &Path, files: &Files, changes: &[Change]) -> Result<(usize, usize), String> {
    let project = directory.join("project");
    let store = Store::new(directory.join("state/dbcfg"));
    fs::create_dir_all(&project).expect("make the project");
    for (name, bytes) in files {
        let path = project.join(name);
        fs::write(&path, bytes).expect("write a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("set its mode");
    }
    let before = state(&project);
    let written_to: Vec<&Change> = changes.iter().filter(|change| change.plan.is_changed()).collect();
    let change = |change: &&Change| FileChange {
        path: project.join(&change.name),
        before: change.plan.source.is_some().then(|| change.plan.before.clone().into_bytes()),
        after: change.plan.after.clone().into_bytes(),
        is_private: change.plan.is_private,
        changes: change.plan.record.clone(),
    };
    let job = Job { action: "migrate", files: written_to.iter().map(change).collect() };
    let written = write(Some(&store), &job).map_err(|error| format!("write: {} ({})", error.message, error.state))?;
    if written.files.len() != written_to.len() || !written.warnings.is_empty() {
        return Err(format!("{} files were to be written: {written:?}", written_to.len()));
    }
    let mut expected = before.clone();
    for change in &written_to {
        let was = expected.get(&change.name).map_or(0o600, |(_, mode)| *mode);
        let mode = if change.plan.is_private { 0o600 } else { was };
        expected.insert(change.name.clone(), (change.plan.after.clone().into_bytes(), mode));
    }
    demand(&state(&project), &expected, "written")?;
    if written_to.is_empty() {
        return Ok((0, 0));
    }
    let undone = undo(&store, &[], false).map_err(|error| format!("undo: {} ({})", error.message, error.state))?;
    if undone.files.len() != written_to.len() || !undone.warnings.is_empty() {
        return Err(format!("{} files were to be put back: {undone:?}", written_to.len()));
    }
    demand(&state(&project), &before, "undone")?;
    // Nothing is left to undo, and the journal holds both runs.
    if undo(&store, &[], false).is_ok() {
        return Err("it can be undone twice".to_owned());
    }
    let entries = history(&store, &[]).map_err(|error| format!("history: {}", error.message))?;
    if entries.len() != 2 * written_to.len() {
        return Err(format!("{} entries in the history, of {} files", entries.len(), written_to.len()));
    }
    Ok((written_to.len(), written_to.iter().filter(|change| change.plan.source.is_none()).count()))
}

/// Whether a directory holds what is expected, and nothing else.
fn demand(found: &State, expected: &State, what: &str) -> Result<(), String> {
    let names = |state: &State| state.keys().cloned().collect::<Vec<_>>();
    if names(found) != names(expected) {
        return Err(format!("{what}: there are {:?}, and not {:?}", names(found), names(expected)));
    }
    for (name, (bytes, mode)) in found {
        let (wanted, bits) = &expected[name];
        if bytes != wanted {
            return Err(format!("{what}: {name} is not as expected, byte for byte"));
        }
        if mode != bits {
            return Err(format!("{what}: the mode of {name} is {mode:04o}, and not {bits:04o}"));
        }
    }
    Ok(())
}

#[test]
fn every_migration_can_be_undone_byte_for_byte() {
    let mut cases: Vec<(String, Files, Wishes)> = Vec::new();
    for folder in fixtures("migrate") {
        let (before, _, wishes) = case(&folder);
        cases.push((name_of(&folder), before, wishes));
    }
    for input in fixtures("layouts").iter().flat_map(|layout| sorted(layout)) {
        let Some(files) = project(&input) else { continue };
        for asked in ASKED {
            cases.push((format!("{} {asked}", input.display()), files.clone(), Wishes::of_arguments(asked)));
        }
    }
    let room = Room::new();
    let (mut wrong, mut changed, mut made) = (Vec::new(), 0, 0);
    for (number, (name, files, wishes)) in cases.iter().enumerate() {
        let directory = room.0.join(number.to_string());
        let result = plan_of(files, wishes).and_then(|plan| there_and_back(&directory, files, &plan.changes));
        match result {
            Ok((of_changed, of_made)) => {
                changed += of_changed;
                made += of_made;
            }
            Err(what) => wrong.push(format!("=== {name}: {what}")),
        }
        fs::remove_dir_all(&directory).expect("clear it");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(changed >= 150 && made >= 8, "only {changed} files were changed, and {made} made");
}

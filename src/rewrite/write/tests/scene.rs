//! A project with files and a store, for one run, and what must hold of it at any time.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use super::faults::Faulty;
use rustix::fs::{XattrFlags, getxattr, setxattr};

use crate::rewrite::write::{FileChange, Job, Store, recover, undo};

/// An extended attribute, whose value is the name of the file.
const ATTRIBUTE: &str = "user.dbcfg.test";

static COUNTER: AtomicU32 = AtomicU32::new(0);

/// A file of a scene: its name, its text before and after (none for no file), and its mode.
pub(super) type Row = (&'static str, Option<&'static str>, Option<&'static str>, u32);

/// One file that is there.
pub(super) const ONE: &[Row] = &[(
    "settings.yaml",
    Some("password: moss-lantern\n"),
    Some("databases: {main: {password: moss-lantern}}\n"),
    0o640,
)];

/// Two files that are there, and one that is new.
pub(super) const SEVERAL: &[Row] = &[
    ("a.yaml", Some("host: one\npassword: moss-lantern\n"), Some("databases: {main: {host: one}}\n"), 0o600),
    ("b.yaml", Some("host: two\n"), Some("databases: {main: {host: two}}\n"), 0o644),
    (".env", None, Some("MAIN_DB_PASSWORD=moss-lantern\n"), 0o600),
];

/// The password of a file that all may read moves to a new one; what is left of the old text is nobody else's.
pub(super) const TIGHTENED: &[Row] = &[
    ("open.yaml", Some("password: moss-lantern\n"), Some("password: ${MAIN_PASSWORD}\n"), 0o644),
    (".env", None, Some("MAIN_PASSWORD=moss-lantern\n"), 0o600),
];

/// The directory, for as long as the value lives.
#[derive(Debug)]
pub(super) struct Scene {
    root: PathBuf,
    pub(super) rows: &'static [Row],
    pub(super) store: Store,
    /// Whether the file system has extended attributes; then each file that is there before has one.
    has_attributes: bool,
}

impl Scene {
    /// The files as they are before.
    pub(super) fn new(rows: &'static [Row]) -> Self {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        // In memory, if there is such a place: thousands of runs would wear out a disk for nothing.
        let memory = Path::new("/dev/shm");
        let above = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let root = above.join(format!("dbcfg-write-{}-{number}", process::id()));
        // One that an earlier process of the same number left.
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(root.join("project")).expect("make the project");
        let root = root.canonicalize().expect("resolve it");
        let mut scene = Self { store: Store::new(root.join("state/dbcfg")), root, rows, has_attributes: true };
        for (name, before, _, mode) in rows {
            if let Some(before) = before {
                fs::write(scene.path(name), before).expect("write a file");
                fs::set_permissions(scene.path(name), fs::Permissions::from_mode(*mode)).expect("set its mode");
                let set = setxattr(scene.path(name), ATTRIBUTE, name.as_bytes(), XattrFlags::empty());
                scene.has_attributes &= set.is_ok();
            }
        }
        scene
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.root.join("project").join(name)
    }

    /// What turns the texts before into those after.
    pub(super) fn job(&self) -> Job {
        let bytes = |text: Option<&str>| text.map(|text| text.as_bytes().to_vec());
        let change = |(name, before, after, mode): &Row| FileChange {
            path: self.path(name),
            before: bytes(*before),
            after: bytes(*after).expect("a job removes no file"),
            is_private: before.is_none() || *mode == 0o600 || *name == "open.yaml",
            changes: Vec::new(),
        };
        Job { action: "migrate", files: self.rows.iter().map(change).collect() }
    }

    /// Whether all files are as they were before, if they are wholly old or wholly new each.
    #[track_caller]
    pub(super) fn ages(&self) -> Vec<Age> {
        let age = |(name, before, after, _): &Row| match fs::read_to_string(self.path(name)).ok().as_deref() {
            text if text == *before => Age::Old,
            text if text == *after => Age::New,
            text => panic!("{name} is torn: {text:?}"),
        };
        self.rows.iter().map(age).collect()
    }

    /// What belongs to a file beside its text is the same, whether it is old or new.
    #[track_caller]
    pub(super) fn demand_attributes(&self) {
        for (name, ..) in self.rows.iter().filter(|(_, before, ..)| self.has_attributes && before.is_some()) {
            let mut value = [0; 64];
            let length = getxattr(self.path(name), ATTRIBUTE, &mut value[..]).expect("it has its attribute");
            assert_eq!(&value[..length], name.as_bytes());
        }
    }

    /// What stands in the project besides its files.
    pub(super) fn leftovers(&self) -> Vec<PathBuf> {
        let is_ours = |path: &PathBuf| !self.rows.iter().any(|(name, ..)| self.path(name) == *path);
        paths(&self.root.join("project")).into_iter().filter(is_ours).collect()
    }

    /// Nobody may read what they could not before.
    #[track_caller]
    pub(super) fn demand_private(&self) {
        let mode = |path: &Path| fs::symlink_metadata(path).expect("look at a file").mode() & 0o077;
        for path in paths(&self.root.join("state/dbcfg")) {
            assert_eq!(mode(&path), 0, "{}", path.display());
        }
        for (name, before, _, was) in self.rows {
            let allowed = if before.is_some() { was & 0o077 } else { 0 };
            let path = self.path(name);
            assert!(!path.exists() || mode(&path) & !allowed == 0, "{name}");
        }
        for (name, before, after, _) in self.rows.iter().filter(|(name, ..)| *name == "open.yaml") {
            let path = self.path(name);
            // As long as the old text is in its place it is as readable as it was.
            let is_old = fs::read_to_string(&path).ok().as_deref() == *before;
            assert!(before != after && (is_old || mode(&path) == 0), "{name} holds the new text, and may be read");
        }
        for path in self.leftovers() {
            // It holds an old text or a new one; whoever may read it may read the file.
            let text = fs::read(&path).expect("read what is left");
            let of_row = |(_, before, after, mode): &&Row| {
                [before, after].iter().any(|known| known.is_some_and(|known| known.as_bytes() == text))
                    && *mode != 0o600
            };
            let allowed = self.rows.iter().find(of_row).map_or(0, |(.., mode)| mode & 0o077);
            assert_eq!(mode(&path) & !allowed, 0, "{} may be read", path.display());
        }
    }

    /// No text with a secret is left behind where others may read it. Only a run that was killed leaves the old file,
    /// as readable as it was, until the next one.
    #[track_caller]
    pub(super) fn demand_no_readable_secret(&self, is_named: impl Fn(&PathBuf) -> bool) {
        for path in self.leftovers().into_iter().filter(|path| !is_named(path)) {
            let holds_secret = fs::read_to_string(&path).is_ok_and(|text| text.contains("moss-lantern"));
            let may_be_read = fs::metadata(&path).is_ok_and(|status| status.mode() & 0o077 != 0);
            assert!(!(holds_secret && may_be_read), "{} holds a secret, and may be read", path.display());
        }
    }

    /// The journal can be read, and every line of it means something.
    #[track_caller]
    pub(super) fn demand_readable_journal(&self) {
        let journal = fs::read(self.store.directory().join("journal.jsonl")).unwrap_or_default();
        let journal = String::from_utf8(journal).expect("the journal is text");
        assert!(journal.is_empty() || journal.ends_with('\n'), "torn: {journal}");
        for line in journal.lines() {
            let record: serde_json::Value = serde_json::from_str(line).expect("a record");
            assert!(record.get("record").is_some() && record.get("run").is_some(), "{line}");
        }
        assert!(!journal.contains("moss-lantern"), "{journal}");
    }

    /// The next run, on a sound disk: what was killed is put back, if it is offered.
    #[track_caller]
    pub(super) fn recover(&self) {
        let sound = Faulty::default();
        for run in recover::unfinished(&sound, &self.store).expect("look for killed runs") {
            assert!(!run.written.is_empty() && run.written.len() < self.rows.len(), "{run:?}");
            let written = recover::recover(&sound, &self.store, &run).expect("recover");
            assert_eq!(written.warnings, Vec::<String>::new());
            assert_eq!(written.files, run.written);
        }
        let left = recover::unfinished(&sound, &self.store).expect("look again");
        assert!(left.is_empty(), "{left:?}");
    }

    /// What was done can be undone, on a sound disk.
    #[track_caller]
    pub(super) fn undo(&self) {
        let sound = Faulty::default();
        undo::undo(&sound, &self.store, &[], false).unwrap_or_else(|error| panic!("undo: {}", error.message));
        assert!(self.ages().iter().all(|age| *age == Age::Old));
        for (name, before, _, mode) in self.rows {
            if before.is_some() {
                let now = fs::metadata(self.path(name)).expect("look at a file").mode() & 0o7777;
                assert_eq!(now, *mode, "{name}");
            }
        }
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    Old,
    New,
}

/// All files below a directory.
fn paths(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).into_iter().flatten() {
        let path = entry.expect("list a directory").path();
        if path.is_dir() { found.extend(paths(&path)) } else { found.push(path) }
    }
    found
}

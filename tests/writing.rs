//! Writing as a library: what is written, what is refused, and what the way back is made of.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use dbcfg::model::ValueChange;
use dbcfg::rewrite::write::{FileChange, Job, Store, WriteError, Written, history, undo, unfinished, write};

use crate::support::TestDirectory;

/// A project and a store, beside each other in a directory of the test.
#[derive(Debug)]
pub(crate) struct Project {
    directory: TestDirectory,
    pub(crate) store: Store,
}

impl Project {
    pub(crate) fn new() -> Self {
        let directory = TestDirectory::new();
        fs::create_dir(directory.path().join("project")).expect("make the project");
        let store = Store::new(directory.path().join("state/dbcfg"));
        Self { directory, store }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join("project").join(name)
    }

    /// Makes a file of the project with a mode.
    pub(crate) fn file(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).expect("write a file of the project");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("set the mode of a file");
        path
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("read a file of the project")
    }

    /// Writes files, all of them changed from the first text to the second one.
    pub(crate) fn write(&self, files: &[(&str, Option<&str>, &str)]) -> Result<Written, WriteError> {
        write(Some(&self.store), &self.job(files))
    }

    pub(crate) fn job(&self, files: &[(&str, Option<&str>, &str)]) -> Job {
        let files = files.iter().map(|(name, before, after)| change(&self.path(name), *before, after));
        Job { action: "migrate", files: files.collect() }
    }

    /// The names in the project, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        names(&self.path(""))
    }

    /// The backups, as paths and texts.
    pub(crate) fn backups(&self) -> Vec<(PathBuf, String)> {
        let snapshots = self.store.directory().join("snapshots");
        let folders = names(&snapshots).into_iter().map(|name| snapshots.join(name));
        let files = folders.flat_map(|folder| names(&folder).into_iter().map(move |name| folder.join(name)));
        files.map(|path| (path.clone(), fs::read_to_string(path).expect("read a backup"))).collect()
    }
}

/// A change of one file.
pub(crate) fn change(path: &Path, before: Option<&str>, after: &str) -> FileChange {
    let value = |text: &str| Some(text.trim_end().to_owned());
    FileChange {
        path: path.to_owned(),
        before: before.map(|text| text.as_bytes().to_vec()),
        after: after.as_bytes().to_vec(),
        is_private: false,
        changes: vec![ValueChange { key: "port".to_owned(), old: before.and_then(value), new: value(after) }],
    }
}

/// The names in a directory, sorted; none if there is no directory.
pub(crate) fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("list a directory").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

pub(crate) fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).expect("look at a file").mode() & 0o7777
}

#[test]
fn a_file_is_replaced_and_its_backup_is_private() {
    let project = Project::new();
    let path = project.file("settings.yaml", "port: 1\n", 0o640);
    let written = project.write(&[("settings.yaml", Some("port: 1\n"), "port: 2\n")]).expect("write it");
    assert_eq!(written.files, std::slice::from_ref(&path));
    assert_eq!(written.warnings, Vec::<String>::new());
    assert_eq!((project.read("settings.yaml").as_str(), mode(&path)), ("port: 2\n", 0o640));
    assert_eq!(project.names(), ["settings.yaml"]);
    let [(backup, text)] = &project.backups()[..] else { panic!("one backup") };
    assert_eq!((text.as_str(), mode(backup)), ("port: 1\n", 0o600));
    assert_eq!(mode(project.store.directory()), 0o700);
    assert_eq!(mode(&project.store.directory().join("journal.jsonl")), 0o600);
    assert!(unfinished(&project.store).expect("look for killed runs").is_empty());
}

#[test]
fn without_a_store_nothing_but_the_file_is_written() {
    let project = Project::new();
    project.file("settings.yaml", "port: 1\n", 0o600);
    write(None, &project.job(&[("settings.yaml", Some("port: 1\n"), "port: 2\n")])).expect("write it");
    assert_eq!(project.read("settings.yaml"), "port: 2\n");
    assert_eq!(project.names(), ["settings.yaml"]);
    assert!(!project.store.directory().exists());
}

#[test]
fn a_file_that_stays_as_it_is_is_not_touched() {
    let project = Project::new();
    let path = project.file("settings.yaml", "port: 1\n", 0o400);
    let before = fs::metadata(&path).expect("look at it").ino();
    let written = project.write(&[("settings.yaml", Some("port: 1\n"), "port: 1\n")]).expect("nothing to do");
    assert!(written.files.is_empty());
    assert_eq!(fs::metadata(&path).expect("look at it").ino(), before);
    assert!(!project.store.directory().exists());
}

#[test]
fn a_file_that_is_not_as_it_was_read_is_left() {
    let project = Project::new();
    project.file("settings.yaml", "port: 7\n", 0o600);
    let error = project.write(&[("settings.yaml", Some("port: 1\n"), "port: 2\n")]).expect_err("it was changed");
    assert_eq!(error.message, "it was changed since it was read");
    assert_eq!(error.state, "nothing was changed");
    assert_eq!(project.read("settings.yaml"), "port: 7\n");
    let error = project.write(&[("gone.yaml", Some("port: 1\n"), "port: 2\n")]).expect_err("it is gone");
    assert_eq!(error.message, "it was changed since it was read");
    assert!(project.backups().is_empty());
    assert_eq!(project.names(), ["settings.yaml"]);
}

#[test]
fn a_new_file_is_made_and_never_put_over_another_one() {
    let project = Project::new();
    let mut job = project.job(&[(".env", None, "DB_PASSWORD=moss-lantern\n")]);
    job.files[0].is_private = true;
    write(Some(&project.store), &job).expect("make it");
    assert_eq!((project.read(".env").as_str(), mode(&project.path(".env"))), ("DB_PASSWORD=moss-lantern\n", 0o600));
    let error = write(Some(&project.store), &job).expect_err("it is there");
    assert_eq!((error.message.as_str(), error.state.as_str()), ("it exists already", "nothing was changed"));
    symlink("nowhere", project.path("link.env")).expect("make a link");
    let error = project.write(&[("link.env", None, "A=1\n")]).expect_err("a link stands there");
    assert_eq!(error.message, "it exists already");
    let error = project.write(&[("missing/a.env", None, "A=1\n")]).expect_err("no directory");
    assert!(error.message.contains("no such file or directory"), "{}", error.message);
    assert_eq!(project.names(), [".env", "link.env"]);
}

#[test]
fn several_files_are_written_or_none() {
    let project = Project::new();
    project.file("a.yaml", "port: 1\n", 0o600);
    project.file("b.yaml", "port: 1\n", 0o600);
    let both = [("a.yaml", Some("port: 1\n"), "port: 2\n"), ("b.yaml", Some("port: 1\n"), "port: 3\n")];
    let written = project.write(&both).expect("write both");
    assert_eq!(written.files, [project.path("a.yaml"), project.path("b.yaml")]);
    assert_eq!((project.read("a.yaml").as_str(), project.read("b.yaml").as_str()), ("port: 2\n", "port: 3\n"));
    let changed = [("a.yaml", Some("port: 2\n"), "port: 4\n"), ("b.yaml", Some("port: 1\n"), "port: 4\n")];
    let error = project.write(&changed).expect_err("the second one is other");
    assert_eq!((error.path, error.state.as_str()), (project.path("b.yaml"), "nothing was changed"));
    assert_eq!(project.read("a.yaml"), "port: 2\n");
    symlink("a.yaml", project.path("link.yaml")).expect("make a link");
    let twice = [("a.yaml", Some("port: 2\n"), "port: 4\n"), ("link.yaml", Some("port: 2\n"), "port: 5\n")];
    let error = project.write(&twice).expect_err("the same file twice");
    assert!(error.message.starts_with("it is the same file as"), "{}", error.message);
    assert_eq!(project.names(), ["a.yaml", "b.yaml", "link.yaml"]);
}

#[test]
fn five_backups_of_a_file_are_kept() {
    let project = Project::new();
    project.file("settings.yaml", "port: 0\n", 0o600);
    project.file("other.yaml", "port: 0\n", 0o600);
    project.write(&[("other.yaml", Some("port: 0\n"), "port: 1\n")]).expect("write another file");
    for port in 0..8 {
        let texts = [format!("port: {port}\n"), format!("port: {}\n", port + 1)];
        project.write(&[("settings.yaml", Some(texts[0].as_str()), texts[1].as_str())]).expect("write it");
    }
    let mut backups: Vec<String> = project.backups().into_iter().map(|(_, text)| text).collect();
    backups.sort();
    assert_eq!(backups, ["port: 0\n", "port: 3\n", "port: 4\n", "port: 5\n", "port: 6\n", "port: 7\n"]);
    for port in (3..8).rev() {
        undo(&project.store, &[project.path("settings.yaml")], false).expect("undo it");
        assert_eq!(project.read("settings.yaml"), format!("port: {port}\n"));
    }
    let error = undo(&project.store, &[project.path("settings.yaml")], false).expect_err("no further");
    assert_eq!(error.message, "its backup is not kept any more");
    let kept: Vec<bool> = history(&project.store, &[]).expect("history").iter().map(|e| e.snapshot.is_some()).collect();
    assert_eq!(kept.iter().filter(|kept| **kept).count(), 6, "{kept:?}");
}

#[test]
fn the_history_tells_time_user_file_action_and_changes() {
    let project = Project::new();
    project.file("settings.yaml", "1\n", 0o600);
    project.write(&[("settings.yaml", Some("1\n"), "2\n")]).expect("write it");
    project.write(&[("new.yaml", None, "3\n")]).expect("make it");
    let all = history(&project.store, &[]).expect("history");
    let [made, written] = &all[..] else { panic!("two entries: {all:?}") };
    assert_eq!((&written.file, written.action.as_str()), (&project.path("settings.yaml"), "migrate"));
    let change = ValueChange { key: "port".to_owned(), old: Some("1".to_owned()), new: Some("2".to_owned()) };
    assert_eq!(written.changes, [change]);
    assert_eq!(fs::read_to_string(written.snapshot.as_ref().expect("a backup")).expect("read it"), "1\n");
    assert_eq!((&made.file, &made.snapshot), (&project.path("new.yaml"), &None));
    assert!(written.time.starts_with("20") && written.time.ends_with('Z') && written.time.len() == 20);
    assert!(!written.user.is_empty());
    let of_one = history(&project.store, &[project.path("settings.yaml")]).expect("history of one");
    assert_eq!(of_one.len(), 1);
    let none = history(&Store::new(project.path("none")), &[]).expect("no store, no history");
    assert!(none.is_empty());
}

#[test]
fn texts_never_show_in_debug_output() {
    let change = change(Path::new("settings.yaml"), Some("moss-lantern"), "moss-lantern");
    let job = Job { action: "migrate", files: vec![FileChange { changes: Vec::new(), ..change }] };
    let bytes = format!("{:?}", b"moss-lantern");
    assert!(!format!("{job:?}").contains("moss-lantern") && !format!("{job:?}").contains(&bytes[1..20]), "{job:?}");
}

#[test]
fn the_store_is_in_the_state_directory() {
    let store = |state: Option<&str>, home: Option<&str>| {
        let store = Store::in_state_directory(state.map(Into::into), home.map(Into::into));
        store.map(|store| store.directory().to_owned())
    };
    assert_eq!(store(Some("/state"), Some("/home/ada")), Some(PathBuf::from("/state/dbcfg")));
    assert_eq!(store(None, Some("/home/ada")), Some(PathBuf::from("/home/ada/.local/state/dbcfg")));
    assert_eq!(store(Some("relative"), Some("/home/ada")), Some(PathBuf::from("/home/ada/.local/state/dbcfg")));
    assert_eq!((store(Some(""), None), store(None, Some(""))), (None, None));
}

#[test]
fn a_store_within_the_project_is_refused() {
    let project = Project::new();
    project.file("settings.yaml", "port: 1\n", 0o600);
    fs::create_dir(project.path(".git")).expect("make a repository");
    let job = project.job(&[("settings.yaml", Some("port: 1\n"), "port: 2\n")]);
    let store = Store::new(project.path("deep/state/dbcfg"));
    let error = write(Some(&store), &job).expect_err("inside of the repository");
    assert!(error.message.contains("within the same project"), "{}", error.message);
    assert!(error.help.contains("--no-backup") && error.help.contains("XDG_STATE_HOME"), "{}", error.help);
    assert_eq!(project.names(), [".git", "settings.yaml"]);
    write(Some(&project.store), &job).expect("outside of it");
}

#[test]
fn a_store_that_cannot_be_written_is_named_with_the_way_out() {
    let project = Project::new();
    project.file("settings.yaml", "port: 1\n", 0o600);
    let file = project.file("file", "", 0o600);
    let job = project.job(&[("settings.yaml", Some("port: 1\n"), "port: 2\n")]);
    let error = write(Some(&Store::new(file.join("dbcfg"))), &job).expect_err("a file stands there");
    assert!(error.help.contains("--no-backup"), "{}", error.help);
    assert_eq!((error.state.as_str(), project.read("settings.yaml").as_str()), ("nothing was changed", "port: 1\n"));
}

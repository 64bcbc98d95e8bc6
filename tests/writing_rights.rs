//! What is kept when a file is replaced, and which files are refused.

use std::fs::{self, File};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use dbcfg::rewrite::write::{WriteError, write};
use rustix::fs::{FlockOperation, XattrFlags, flock, getxattr, setxattr};
use rustix::process::geteuid;

use crate::writing::{Project, mode};

const ACL: &str = "system.posix_acl_access";

/// An access control list in the kernel's form: user 65534 may read, the mask allows it.
fn list_for(user: u32) -> Vec<u8> {
    let entries: [(u16, u16, u32); 5] =
        [(1, 6, u32::MAX), (2, 4, user), (4, 0, u32::MAX), (0x10, 4, u32::MAX), (0x20, 0, u32::MAX)];
    let mut bytes = 2_u32.to_le_bytes().to_vec();
    for (tag, rights, id) in entries {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(rights.to_le_bytes());
        bytes.extend(id.to_le_bytes());
    }
    bytes
}

fn attribute(path: &Path, name: &str) -> Option<Vec<u8>> {
    let mut buffer = vec![0; 4096];
    let length = getxattr(path, name, &mut buffer[..]).ok()?;
    buffer.truncate(length);
    Some(buffer)
}

fn replace(project: &Project) -> Result<(), WriteError> {
    project.write(&[("settings.yaml", Some("port: 1\n"), "port: 2\n")]).map(|written| {
        assert_eq!(written.warnings, Vec::<String>::new());
    })
}

#[track_caller]
fn refusal(project: &Project) -> WriteError {
    let error = replace(project).expect_err("it must be refused");
    assert_eq!(error.state, "nothing was changed");
    assert_eq!(project.read("settings.yaml"), "port: 1\n");
    assert!(!error.help.is_empty());
    assert!(!project.names().iter().any(|name| name.starts_with(".dbcfg")), "{:?}", project.names());
    error
}

#[test]
fn modes_are_kept() {
    for bits in [0o600, 0o640, 0o644, 0o664, 0o666, 0o755, 0o4711] {
        let project = Project::new();
        let path = project.file("settings.yaml", "port: 1\n", bits);
        replace(&project).expect("write it");
        assert_eq!(mode(&path), bits);
    }
}

#[test]
fn attributes_and_access_control_lists_are_kept() {
    let project = Project::new();
    let path = project.file("settings.yaml", "port: 1\n", 0o600);
    let set = |path: &Path, name: &str, value: &[u8]| setxattr(path, name, value, XattrFlags::empty());
    if set(&path, "user.origin", b"by hand").is_err() {
        // A file system without attributes has none to lose.
        return;
    }
    set(&path, "user.empty", b"").expect("set an empty attribute");
    // Some file systems have little room for them.
    let long = [3000, 800].into_iter().find(|length| set(&path, "user.long", &vec![7; *length]).is_ok());
    let has_lists = set(&path, ACL, &list_for(65534)).is_ok();
    let bits = mode(&path);
    replace(&project).expect("write it");
    assert_eq!(attribute(&path, "user.origin").as_deref(), Some(&b"by hand"[..]));
    assert_eq!(attribute(&path, "user.empty").as_deref(), Some(&b""[..]));
    assert_eq!(attribute(&path, "user.long").map(|value| value.len()), long);
    assert_eq!(fs::metadata(&path).expect("look at it").permissions().mode() & 0o7777, bits);
    if has_lists {
        assert_eq!(attribute(&path, ACL), Some(list_for(65534)));
        assert_eq!(bits, 0o640, "the mask is what the group bits show");
    }
}

#[test]
fn what_a_directory_passes_on_is_not_added() {
    let project = Project::new();
    let path = project.file("settings.yaml", "port: 1\n", 0o640);
    let set = setxattr(project.path(""), "system.posix_acl_default", &list_for(65534), XattrFlags::empty());
    if set.is_err() {
        return;
    }
    replace(&project).expect("write it");
    assert_eq!((attribute(&path, ACL), mode(&path)), (None, 0o640));
}

#[test]
fn a_private_file_is_private_also_with_an_access_control_list() {
    let project = Project::new();
    let path = project.file("settings.yaml", "port: 1\n", 0o644);
    let has_lists = setxattr(&path, ACL, &list_for(65534), XattrFlags::empty()).is_ok();
    let mut job = project.job(&[("settings.yaml", Some("port: 1\n"), "port: 2\n")]);
    job.files[0].is_private = true;
    write(Some(&project.store), &job).expect("write it");
    assert_eq!(mode(&path), 0o600);
    if has_lists {
        let mask = attribute(&path, ACL).map(|list| list[4 + 3 * 8 + 2]);
        assert_eq!(mask, Some(0), "the mask lets nobody through");
    }
}

#[test]
fn owner_and_group_are_kept() {
    if !geteuid().is_root() {
        // Only root can give files away; without the right the file is refused, below.
        return;
    }
    let project = Project::new();
    let path = project.file("settings.yaml", "port: 1\n", 0o640);
    chown(&path, Some(1234), Some(2345)).expect("give it away");
    replace(&project).expect("write it");
    let found = fs::metadata(&path).expect("look at it");
    assert_eq!((found.uid(), found.gid(), mode(&path)), (1234, 2345, 0o640));
}

#[test]
fn a_symbolic_link_stays_and_its_target_is_written() {
    let project = Project::new();
    fs::create_dir(project.path("real")).expect("make a directory");
    let real = project.file("real/base.yaml", "port: 1\n", 0o600);
    symlink("real/base.yaml", project.path("link.yaml")).expect("make a link");
    symlink("link.yaml", project.path("settings.yaml")).expect("make a link to the link");
    replace(&project).expect("write it");
    assert_eq!(fs::read_link(project.path("settings.yaml")).expect("still a link"), Path::new("link.yaml"));
    assert_eq!(fs::read_to_string(&real).expect("read it"), "port: 2\n");
    assert!(!fs::symlink_metadata(&real).expect("look at it").is_symlink());
}

#[test]
fn a_file_with_two_names_is_refused() {
    let project = Project::new();
    let path = project.file("settings.yaml", "port: 1\n", 0o600);
    fs::hard_link(&path, project.path("other.yaml")).expect("give it another name");
    let error = refusal(&project);
    assert_eq!(error.message, "it has 2 names (hard links), and only this one would get the new text");
}

#[test]
fn a_read_only_file_is_refused_for_root_as_well() {
    for bits in [0o440, 0o444, 0o400] {
        let project = Project::new();
        project.file("settings.yaml", "port: 1\n", bits);
        let error = refusal(&project);
        assert_eq!(error.message, format!("it is read-only (mode {bits:04o})"));
        assert!(error.help.contains("chmod u+w"), "{}", error.help);
    }
}

#[test]
fn what_is_no_regular_file_is_refused() {
    let project = Project::new();
    let status = Command::new("mkfifo").arg(project.path("settings.yaml")).status().expect("make a pipe");
    assert!(status.success());
    let error = replace(&project).expect_err("a pipe");
    assert_eq!(error.message, "it is no regular file");
    fs::create_dir(project.path("folder")).expect("make a directory");
    let error = project.write(&[("folder", Some(""), "port: 2\n")]).expect_err("a directory");
    assert_eq!(error.message, "it is no regular file");
}

#[test]
fn an_immutable_file_is_refused() {
    let project = Project::new();
    let path = project.file("settings.yaml", "port: 1\n", 0o600);
    let mark = |how: &str| Command::new("chattr").arg(how).arg(&path).output().is_ok_and(|run| run.status.success());
    if !mark("+i") {
        // It takes root, and a file system that knows the mark.
        return;
    }
    let result = replace(&project);
    assert!(mark("-i"), "take the mark away");
    let error = result.expect_err("it is immutable");
    assert_eq!(error.message, "it is marked immutable or append-only");
    assert_eq!(project.read("settings.yaml"), "port: 1\n");
}

#[test]
fn a_directory_without_the_right_to_write_is_refused() {
    if geteuid().is_root() {
        // Nothing keeps root out but a file system that is mounted read-only.
        return;
    }
    let project = Project::new();
    project.file("settings.yaml", "port: 1\n", 0o600);
    fs::set_permissions(project.path(""), fs::Permissions::from_mode(0o555)).expect("close the directory");
    let error = refusal(&project);
    fs::set_permissions(project.path(""), fs::Permissions::from_mode(0o755)).expect("open it again");
    assert!(error.message.ends_with("permission denied"), "{}", error.message);
}

#[test]
fn a_lock_is_waited_for_but_not_for_ever() {
    let project = Project::new();
    project.file("settings.yaml", "port: 1\n", 0o600);
    let lock = |path: &Path| {
        let file = OwnedFd::from(File::open(path).expect("open what is to be locked"));
        flock(&file, FlockOperation::LockExclusive).expect("lock it");
        file
    };
    let held = lock(&project.path(""));
    let began = Instant::now();
    let error = refusal(&project);
    assert_eq!(error.message, "another program has locked its directory");
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    let released = thread::spawn(move || {
        thread::sleep(Duration::from_millis(200));
        drop(held);
    });
    replace(&project).expect("it is free in time");
    released.join().expect("the other thread ends");
    let held = lock(&project.store.directory().join("lock"));
    let error = project.write(&[("settings.yaml", Some("port: 2\n"), "port: 3\n")]).expect_err("the store is locked");
    assert_eq!(error.message, "another run of dbcfg is writing at this moment");
    drop(held);
}

#[test]
fn two_runs_at_once_do_not_lose_a_change() {
    let project = Project::new();
    project.file("settings.yaml", "port: 1\n", 0o600);
    let both = thread::scope(|scope| {
        let runs: Vec<_> = (0..2).map(|_| scope.spawn(|| replace(&project).is_ok())).collect();
        runs.into_iter().map(|run| run.join().expect("a run ends")).collect::<Vec<bool>>()
    });
    assert_eq!(both.iter().filter(|written| **written).count(), 1, "one of them found the file changed");
    assert_eq!(project.read("settings.yaml"), "port: 2\n");
    assert_eq!(project.names(), ["settings.yaml"]);
}

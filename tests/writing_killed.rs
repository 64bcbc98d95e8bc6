//! Writing under strace: killed at every call, with every call failing, and delayed while other programs edit.
//!
//! What is killed is this test binary itself, started again for the one test below that writes.
//! Where ptrace is forbidden, the same is tried by the tests in `src/rewrite/write/tests`, without strace.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use dbcfg::rewrite::write::{Job, Store, Written, recover, undo, unfinished, write};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::support::TestDirectory;
use crate::writing::{change, mode, names};

/// Names the directory that the child works in.
const DIRECTORY: &str = "DBCFG_TEST_WRITES_IN";

/// Says what it does: `one`, `several`, `undo`, `limited` (as `one`, with a limit on the size of files), or `recover`,
/// which `.ci/power-loss` starts after a cut.
const ACTION: &str = "DBCFG_TEST_WRITES";

/// Paths that do not exist; asking for them marks the beginning and the end of the writing in the list of calls.
const BEGIN: &str = "/dbcfg-test-begins";
const END: &str = "/dbcfg-test-ends";

/// What makes this test binary the child.
const CHILD: [&str; 4] = ["--exact", "writing_killed::the_child_writes", "--test-threads", "1"];

/// Calls of the child's thread before it writes: more than any other thread makes of one kind, so that strace, which
/// counts for each thread on its own, fails a call of this one only.
const AHEAD: usize = 64;

/// The calls that are failed and killed, and that is all that this program asks of files.
const CALLS: &str = "openat,mkdirat,statx,newfstatat,readlink,readlinkat,faccessat,faccessat2,flock,pread64,pwrite64,\
                     ftruncate,fsync,linkat,unlinkat,renameat2,fchmod,fchown,flistxattr,fgetxattr,fsetxattr,\
                     fremovexattr,getdents64";

const OLD: &str = "password: moss-lantern\n";
const NEW: &str = "databases: {main: {password: moss-lantern}}\n";

/// What the other program writes.
const EDIT: &str = "somebody: else\n";

/// The files of a run, with the text before.
const ONE: &[(&str, Option<&str>)] = &[("settings.yaml", Some(OLD))];
const SEVERAL: &[(&str, Option<&str>)] = &[("settings.yaml", Some(OLD)), ("more.yaml", Some(OLD)), (".env", None)];

fn files(action: &str) -> &'static [(&'static str, Option<&'static str>)] {
    if ["several", "undo"].contains(&action) { SEVERAL } else { ONE }
}

fn store(directory: &Path) -> Store {
    Store::new(directory.join("state/dbcfg"))
}

fn job(directory: &Path, action: &str) -> Job {
    let project = directory.join("project");
    let files = files(action).iter().map(|(name, before)| change(&project.join(name), *before, NEW));
    let mut job = Job { action: "migrate", files: files.collect() };
    job.files.iter_mut().for_each(|file| file.is_private = true);
    job
}

/// What the other tests start under strace; on its own it does nothing.
#[test]
fn the_child_writes() {
    let (Some(directory), Ok(action)) = (env::var_os(DIRECTORY).map(PathBuf::from), env::var(ACTION)) else { return };
    for _ in 0..AHEAD {
        let null = fs::File::open("/dev/null").expect("open it");
        null.metadata().expect("look at it");
        std::os::unix::fs::FileExt::read_at(&null, &mut [0], 0).expect("read it");
        let _ = fs::read_link("/dev/null");
    }
    let store = store(&directory);
    let job = job(&directory, &action);
    let _ = fs::File::open(BEGIN);
    let limit = getrlimit(Resource::Fsize);
    if action == "limited" {
        setrlimit(Resource::Fsize, Rlimit { current: Some(16), ..limit }).expect("set a limit");
    }
    let result = match action.as_str() {
        "undo" => undo(&store, &[], false),
        "recover" => unfinished(&store).and_then(|runs| match runs.first() {
            Some(run) => recover(&store, run),
            None => Ok(Written::default()),
        }),
        _ => write(Some(&store), &job),
    };
    let _ = fs::File::open(END);
    setrlimit(Resource::Fsize, limit).expect("lift the limit");
    let outcome = match result {
        Ok(written) => format!("written {:?}", written.warnings),
        Err(error) => format!("refused: {} ({})", error.message, error.state),
    };
    fs::write(directory.join("outcome"), outcome).expect("say what came of it");
}

/// A directory with the files of an action, as they are before.
fn begin(action: &str) -> TestDirectory {
    let directory = TestDirectory::new();
    let project = directory.path().join("project");
    fs::create_dir(&project).expect("make the project");
    for (name, before) in files(action) {
        if let Some(before) = before {
            fs::write(project.join(name), before).expect("write a file");
            let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
            fs::set_permissions(project.join(name), private).expect("make it private");
        }
    }
    if action == "undo" {
        write(Some(&store(directory.path())), &job(directory.path(), action)).expect("something to undo");
    }
    directory
}

/// Runs the child under strace.
fn trace(directory: &Path, action: &str, options: &[&str]) -> Output {
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o"]).arg(directory.join("calls")).args(options);
    command.arg(env::current_exe().expect("this test binary")).args(CHILD);
    command.env(DIRECTORY, directory).env(ACTION, action);
    // Cargo names directories here in which the loader would look for each library first, with calls of its own.
    command.env_remove("LD_LIBRARY_PATH");
    command.output().expect("strace is missing; .ci/test installs it, or: apt-get install strace")
}

/// Whether processes may be traced here at all.
fn may_trace() -> bool {
    let run = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).output();
    let run = run.expect("strace is missing; .ci/test installs it, or: apt-get install strace");
    if !run.status.success() {
        let why = String::from_utf8_lossy(&run.stderr).into_owned();
        untried(&format!("strace may not trace here, and rewrite::write::tests try the same without it: {why}"));
    }
    run.status.success()
}

/// Says, past the harness, which keeps what a test that passes prints, that something was not tried here, and why.
fn untried(why: &str) {
    let _ = writeln!(std::io::stderr(), "not tried: {}", why.trim());
}

/// The calls that the child makes while it writes: for each its name, and which one it is of those of that name that
/// the thread makes, from 1.
fn calls(action: &str) -> Vec<(String, usize)> {
    let directory = begin(action);
    let run = trace(directory.path(), action, &["-e", &format!("trace={CALLS}")]);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let log = fs::read_to_string(directory.path().join("calls")).expect("strace writes its list");
    let lines = || log.lines().filter_map(|line| line.split_once(char::is_whitespace));
    let writer = lines().find(|(_, call)| call.contains(BEGIN)).expect("the child begins").0;
    let mut counts = BTreeMap::new();
    let mut others: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut found = None;
    for (thread, call) in lines() {
        let call = call.trim_start();
        let Some((name, _)) = call.split_once('(') else { continue };
        if thread != writer {
            *others.entry((thread, name)).or_default() += 1;
            continue;
        }
        let count = counts.entry(name).or_insert(0);
        *count += 1;
        if call.contains(BEGIN) {
            found = Some(Vec::new());
        } else if call.contains(END) {
            break;
        } else if let Some(found) = &mut found {
            found.push((name.to_owned(), *count));
        }
    }
    let found = found.unwrap_or_default();
    for ((_, name), count) in others {
        let first = found.iter().find(|(known, _)| known == name).map_or(usize::MAX, |(_, number)| *number);
        assert!(count < first, "another thread calls {name} {count} times, and would be hit by mistake");
    }
    found
}

/// What a file holds: `Some(false)` the old text, `Some(true)` the new one, none if it is torn.
fn is_new(directory: &Path, name: &str, before: Option<&str>) -> Option<bool> {
    match fs::read_to_string(directory.join("project").join(name)).ok().as_deref() {
        text if text == before => Some(false),
        Some(NEW) => Some(true),
        _ => None,
    }
}

/// Runs the child with one call failing or being its last; returns what is wrong with what it left.
fn fault(action: &str, (call, number): &(String, usize), fault: &str) -> Result<(), String> {
    let directory = begin(action);
    let path = directory.path();
    trace(path, action, &["-e", &format!("trace={call}"), "-e", &format!("inject={call}:{fault}:when={number}")]);
    let outcome = fs::read_to_string(path.join("outcome")).ok();
    let ages = || -> Result<Vec<bool>, String> {
        let ages =
            files(action).iter().map(|(name, before)| is_new(path, name, *before).ok_or(format!("{name} is torn")));
        ages.collect()
    };
    let found = ages()?;
    let begins = action == "undo";
    let all = |new: bool| found.iter().all(|age| *age == new);
    match outcome.as_deref() {
        None if fault.starts_with("signal") => {}
        None => return Err("the child has not come to its end".to_owned()),
        Some(_) if fault.starts_with("signal") => return Err("the child was not killed".to_owned()),
        Some(outcome) if outcome.starts_with("written") && all(!begins) => {}
        Some(outcome) if outcome.contains("(nothing was changed)") && all(begins) => {}
        Some(outcome) if outcome.contains("(all files are as they were") && all(begins) => {}
        Some(outcome) => return Err(format!("{outcome}, but {found:?}")),
    }
    if fault.contains("EINTR") && outcome.as_deref().is_none_or(|outcome| outcome != "written []") {
        return Err(format!("one interruption is too much for it: {outcome:?}"));
    }
    for file in all_files(path).iter().filter(|file| !file.ends_with("calls") && !file.ends_with("outcome")) {
        if mode(file) & 0o077 != 0 {
            return Err(format!("{} may be read by others", file.display()));
        }
    }
    // The next run brings all in order.
    let left = unfinished(&store(path)).map_err(|error| format!("unfinished: {}", error.message))?;
    for run in left {
        recover(&store(path), &run).map_err(|error| format!("recover: {}", error.message))?;
    }
    let found = ages()?;
    if found.iter().any(|age| *age != found[0]) {
        return Err(format!("after recovery: {found:?}"));
    }
    let known = |name: &String| {
        files(action).iter().any(|(known, _)| known == name)
            || outcome.as_deref().is_some_and(|outcome| outcome.contains(name.as_str()))
    };
    let left: Vec<String> = names(&path.join("project")).into_iter().filter(|name| !known(name)).collect();
    if left.is_empty() { Ok(()) } else { Err(format!("left behind: {left:?}")) }
}

fn all_files(directory: &Path) -> Vec<PathBuf> {
    let entries = names(directory).into_iter().map(|name| directory.join(name));
    entries.flat_map(|path| if path.is_dir() { all_files(&path) } else { vec![path] }).collect()
}

/// Tries faults at calls, several at a time; returns how many were tried.
#[track_caller]
fn try_all(action: &str, faults: &[&str], is_tried: impl Fn(&str) -> bool) -> usize {
    if !may_trace() {
        return usize::MAX;
    }
    let calls: Vec<_> = calls(action).into_iter().filter(|(call, _)| is_tried(call)).collect();
    let cases: Vec<_> = calls.iter().flat_map(|call| faults.iter().map(move |fault| (call, *fault))).collect();
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some((call, name)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(what) = fault(action, call, name) {
                failures.lock().expect("no thread panics").push(format!("{name} at {call:?}: {what}"));
            }
        }
    };
    let jobs = thread::available_parallelism().map_or(2, |jobs| jobs.get() + 1);
    thread::scope(|scope| (0..jobs).for_each(|_| drop(scope.spawn(work))));
    let failures = failures.into_inner().expect("no thread panics");
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), cases.len(), failures.join("\n"));
    cases.len()
}

/// Whether a call changes something on the disk, or decides whether it stays there.
fn changes(call: &str) -> bool {
    ["pwrite64", "fsync", "linkat", "unlinkat", "renameat2", "ftruncate", "mkdirat"].contains(&call)
}

#[test]
fn killed_at_any_call_a_file_is_old_or_new() {
    assert!(try_all("one", &["signal=KILL"], |_| true) > 60);
}

#[test]
fn whatever_call_fails_a_file_is_old_or_new_and_the_status_true() {
    let faults = ["error=ENOSPC", "error=EIO", "error=EACCES", "error=EINTR"];
    assert!(try_all("one", &faults, |_| true) > 240);
}

#[test]
fn killed_at_any_change_several_files_are_put_back() {
    assert!(try_all("several", &["signal=KILL"], changes) > 30);
    assert!(try_all("undo", &["signal=KILL"], changes) > 30);
}

/// Delays the exchange, and edits the file meanwhile.
fn edit_during(way: fn(&Path)) {
    if !may_trace() {
        return;
    }
    let directory = begin("one");
    let project = directory.path().join("project");
    let file = project.join("settings.yaml");
    thread::scope(|scope| {
        let options = ["-e", "trace=renameat2", "-e", "inject=renameat2:delay_enter=600ms:when=1"];
        let child = scope.spawn(move || {
            trace(directory.path(), "one", &options).status.success() && {
                let outcome =
                    fs::read_to_string(directory.path().join("outcome")).expect("the child says what came of it");
                assert_eq!(outcome, "refused: it was changed since it was read (nothing was changed)");
                assert_eq!(fs::read_to_string(directory.path().join("project/settings.yaml")).expect("read it"), EDIT);
                assert_eq!(names(&directory.path().join("project")), ["settings.yaml"]);
                true
            }
        });
        // The new text gets its name just before the exchange, and the last look at the file follows that.
        let began = Instant::now();
        while !names(&project).iter().any(|name| name.starts_with(".dbcfg-")) {
            assert!(began.elapsed() < Duration::from_secs(10), "the new text never appears");
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(Duration::from_millis(150));
        way(&file);
        assert!(child.join().expect("the child is judged"));
    });
}

#[test]
fn an_edit_in_place_until_the_exchange_survives() {
    edit_during(|path| fs::write(path, EDIT).expect("edit in place"));
}

#[test]
fn an_edit_by_rename_until_the_exchange_survives() {
    edit_during(|path| {
        let other = path.with_extension("other");
        fs::write(&other, EDIT).expect("write another file");
        fs::rename(&other, path).expect("put it in place");
    });
}

#[test]
fn a_limit_on_the_size_of_files_ends_nobody() {
    let directory = begin("limited");
    let mut command = Command::new(env::current_exe().expect("this test binary"));
    let run = command.args(CHILD).env(DIRECTORY, directory.path()).env(ACTION, "limited").output();
    assert!(run.expect("start the child").status.success(), "a signal ended it");
    let outcome = fs::read_to_string(directory.path().join("outcome")).expect("the child says what came of it");
    assert!(outcome.contains("ulimit -f") && outcome.ends_with("(nothing was changed)"), "{outcome}");
    assert_eq!(is_new(directory.path(), "settings.yaml", Some(OLD)), Some(false));
}

/// Runs the child after a mount in a namespace of its own; none where that is forbidden.
fn after_mount(mount: &str) -> Option<String> {
    let directory = begin("one");
    let script = format!("{mount} && exec \"$@\"");
    let mut command = Command::new("unshare");
    command.args(["--mount", "--map-root-user", "sh", "-c", &script, "sh"]);
    command.arg(env::current_exe().expect("this test binary")).args(CHILD);
    command.current_dir(directory.path().join("project")).env(DIRECTORY, directory.path()).env(ACTION, "one");
    let run = command.output();
    let outcome = fs::read_to_string(directory.path().join("outcome")).ok();
    if outcome.is_none() {
        let why = run.map_or_else(|error| error.to_string(), |run| String::from_utf8_lossy(&run.stderr).into_owned());
        untried(&format!("`{mount}` in a namespace of its own: {why}"));
    }
    assert_eq!(is_new(directory.path(), "settings.yaml", Some(OLD)), Some(false), "{outcome:?}");
    assert_eq!(names(&directory.path().join("project")), ["settings.yaml"]);
    outcome
}

#[test]
fn a_file_that_is_mounted_on_its_own_is_refused() {
    let outcome = after_mount("mount --bind settings.yaml settings.yaml");
    let refusal = "refused: it is a mount point, and cannot be exchanged for another file (nothing was changed)";
    assert!(outcome.is_none_or(|outcome| outcome == refusal));
}

#[test]
fn a_read_only_file_system_is_named() {
    let outcome = after_mount("mount --bind . . && mount -o remount,bind,ro . && cd \"$PWD\"");
    assert!(outcome.is_none_or(|outcome| outcome.contains("read-only") && outcome.ends_with("(nothing was changed)")));
}

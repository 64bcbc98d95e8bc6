//! Each run with each fault at each of its calls.

use std::fs;

use super::faults::{FAULTS, Fault, Faulty, Lacks};
use super::scene::{Age, ONE, Row, SEVERAL, Scene, TIGHTENED};
use crate::rewrite::write::trouble::NOTHING_CHANGED;
use crate::rewrite::write::{WriteError, Written, recover, run, undo};

/// How a run begins, and what it does.
struct Case {
    rows: &'static [Row],
    lacks: Lacks,
    /// Brings the scene to where the run begins.
    set: fn(&Scene),
    run: fn(&Faulty, &Scene) -> Result<Written, WriteError>,
    /// What the files are when the run has come to its end.
    becomes: Age,
}

fn write(system: &Faulty, scene: &Scene) -> Result<Written, WriteError> {
    run::write(system, Some(&scene.store), &scene.job())
}

/// The first run of a user, who has no store yet.
const FIRST: Case = Case { rows: ONE, lacks: &[], set: |_| {}, run: write, becomes: Age::New };

/// Tries a case with every fault at every call; returns how many calls that were.
#[track_caller]
fn try_all(case: &Case) -> usize {
    let scene = Scene::new(case.rows);
    (case.set)(&scene);
    let system = Faulty::new(None, case.lacks);
    let written = (case.run)(&system, &scene).unwrap_or_else(|error| panic!("without a fault: {}", error.message));
    assert_eq!(written.warnings, Vec::<String>::new());
    assert!(scene.ages().iter().all(|age| *age == case.becomes));
    assert!(scene.leftovers().is_empty());
    let calls = system.calls.take();
    for (at, call) in calls.iter().enumerate() {
        for &fault in FAULTS {
            // The message that comes first is about the state; this one says where.
            let tried = std::panic::catch_unwind(|| try_one(case, at, fault));
            assert!(tried.is_ok(), "{fault:?} at call {at}, {call}, after {:?}", &calls[at.saturating_sub(8)..at]);
        }
    }
    calls.len()
}

fn try_one(case: &Case, at: usize, fault: Fault) {
    let scene = Scene::new(case.rows);
    (case.set)(&scene);
    let system = Faulty::new(Some((at, fault)), case.lacks);
    let result = (case.run)(&system, &scene);
    let ages = scene.ages();
    scene.demand_private();
    if !case.lacks.contains(&"attributes") {
        scene.demand_attributes();
    }
    let all = |wanted: Age| ages.iter().all(|age| *age == wanted);
    let begins = if case.becomes == Age::New { Age::Old } else { Age::New };
    if !system.is_killed() {
        match &result {
            Ok(written) => {
                assert!(all(case.becomes), "{ages:?}");
                assert!(
                    written.warnings.iter().all(|warning| warning.contains("written") || warning.contains("put back")),
                    "{written:?}"
                );
            }
            Err(error) if error.state == NOTHING_CHANGED || error.state.starts_with("all files are as they were") => {
                assert!(all(begins), "{ages:?} {error:?}");
            }
            Err(error) => demand_told(&scene, &ages, begins, &error.state),
        }
        // One interrupted call is no reason to give up.
        if fault == Fault::Error(rustix::io::Errno::INTR) {
            assert!(result.is_ok(), "{:?}", result.err());
        }
    }
    if !scene.store.directory().exists() {
        // Without a journal only the same run, once more, can tell what was left.
        let again = run::write(&Faulty::default(), None, &scene.job());
        assert!(again.is_ok() == all(Age::Old), "{again:?}");
    }
    scene.recover();
    let ages = scene.ages();
    assert!(ages.iter().all(|age| *age == ages[0]), "after recovery: {ages:?}");
    scene.demand_private();
    scene.demand_readable_journal();
    let is_known = |path: &std::path::PathBuf| {
        let warnings = result.as_ref().map(|written| written.warnings.join("\n")).unwrap_or_default();
        warnings.contains(&*path.to_string_lossy())
    };
    if case.rows == TIGHTENED {
        // An old file that cannot even be opened any more is left as it was; the warning names it.
        scene.demand_no_readable_secret(is_known);
    }
    let unknown: Vec<_> = scene.leftovers().into_iter().filter(|path| !is_known(path)).collect();
    assert!(unknown.is_empty(), "{unknown:?} {result:?}");
    if ages[0] == Age::New && scene.store.directory().exists() {
        scene.undo();
        // What could not be removed then may still be there, and was named.
        assert!(scene.leftovers().iter().all(is_known));
    }
}

/// Whether an error names just the files that are not as they were, and where the text that they had is kept.
#[track_caller]
fn demand_told(scene: &Scene, ages: &[Age], begins: Age, state: &str) {
    assert!(state.starts_with("the other files are as they were, but "), "{state}");
    for ((name, before, after, _), age) in scene.rows.iter().zip(ages) {
        let path = scene.path(name);
        let holds = format!("{} holds the new text, and ", path.display());
        assert_eq!(state.contains(&holds), *age != begins, "{name} is {age:?}: {state}");
        if let Some((_, behind)) = state.split_once(&holds) {
            let kept = behind.split(" what stood there before").next().unwrap_or_default();
            let was = if begins == Age::Old { before } else { after };
            assert_eq!(fs::read_to_string(kept).ok().as_deref(), *was, "{kept}: {state}");
        }
    }
    assert!(ages.iter().any(|age| *age != begins), "all is as it was: {state}");
}

#[test]
fn a_file_that_all_may_read_loses_its_secret_at_every_call() {
    assert!(try_all(&Case { rows: TIGHTENED, ..FIRST }) > 70);
}

#[test]
fn the_first_run_is_whole_at_every_call() {
    assert!(try_all(&FIRST) > 60);
}

#[test]
fn a_later_run_is_whole_at_every_call() {
    let set = |scene: &Scene| {
        fs::write(scene.path("other.yaml"), "1").expect("write another file");
        let mut job = scene.job();
        job.files[0].path = scene.path("other.yaml");
        job.files[0].before = Some(b"1".to_vec());
        run::write(&Faulty::default(), Some(&scene.store), &job).expect("an earlier run");
        fs::remove_file(scene.path("other.yaml")).expect("remove it");
    };
    assert!(try_all(&Case { set, ..FIRST }) > 50);
}

#[test]
fn several_files_are_all_or_none_at_every_call() {
    assert!(try_all(&Case { rows: SEVERAL, ..FIRST }) > 100);
}

#[test]
fn a_run_without_a_store_is_whole_at_every_call() {
    let run = |system: &Faulty, scene: &Scene| run::write(system, None, &scene.job());
    assert!(try_all(&Case { run, ..FIRST }) > 20);
}

#[test]
fn a_file_system_of_few_means_is_enough_at_every_call() {
    let lacks = &["create_nameless", "rename", "attributes", "lock_directory"];
    assert!(try_all(&Case { rows: SEVERAL, lacks, ..FIRST }) > 100);
    assert!(try_all(&Case { lacks, ..FIRST }) > 60);
}

#[test]
fn a_file_system_without_the_exchange_is_refused_and_left_as_it_was() {
    let scene = Scene::new(SEVERAL);
    let system = Faulty::new(None, &["exchange"]);
    let error = run::write(&system, Some(&scene.store), &scene.job()).expect_err("it cannot be done");
    assert!(error.message.contains("cannot exchange two files in one step"), "{}", error.message);
    assert!(error.help.contains("--output"), "{}", error.help);
    assert_eq!((error.state.as_str(), scene.ages()), (NOTHING_CHANGED, vec![Age::Old; 3]));
    assert!(scene.leftovers().is_empty());
}

#[test]
fn undo_is_whole_at_every_call() {
    let set = |scene: &Scene| {
        run::write(&Faulty::default(), Some(&scene.store), &scene.job()).expect("something to undo");
    };
    let run = |system: &Faulty, scene: &Scene| undo::undo(system, &scene.store, &[], false);
    let case = Case { rows: SEVERAL, set, run, becomes: Age::Old, ..FIRST };
    assert!(try_all(&case) > 100);
}

/// A run over several files that was killed after its second exchange, which is this call.
fn killed_between_files(second_exchange: usize) -> Scene {
    let scene = Scene::new(SEVERAL);
    let killed = Faulty::new(Some((second_exchange, Fault::KilledAfter)), &[]);
    let result = run::write(&killed, Some(&scene.store), &scene.job());
    assert!(result.is_err() && scene.ages() == [Age::New, Age::New, Age::Old]);
    scene
}

#[test]
fn recovery_is_whole_at_every_call() {
    let recover = |system: &Faulty, scene: &Scene| -> Result<(), WriteError> {
        for run in recover::unfinished(system, &scene.store)? {
            recover::recover(system, &scene.store, &run)?;
        }
        Ok(())
    };
    let system = Faulty::default();
    let scene = Scene::new(SEVERAL);
    run::write(&system, Some(&scene.store), &scene.job()).expect("without a fault");
    let calls = system.calls.take();
    let second = calls.iter().rposition(|call| *call == "exchange").expect("two files are exchanged");
    recover(&system, &killed_between_files(second)).expect("without a fault");
    let calls = system.calls.take();
    assert!(calls.len() > 80);
    for (at, call) in calls.iter().enumerate() {
        for &fault in FAULTS {
            let scene = killed_between_files(second);
            let system = Faulty::new(Some((at, fault)), &[]);
            // Its beginning is neither old nor new, so that only the end is judged.
            let _ = recover(&system, &scene);
            scene.ages();
            scene.demand_private();
            scene.recover();
            assert_eq!(scene.ages(), [Age::Old; 3], "{fault:?} at call {at}, {call}");
            assert!(scene.leftovers().is_empty(), "{fault:?} at call {at}, {call}: {:?}", scene.leftovers());
            scene.demand_readable_journal();
        }
    }
}

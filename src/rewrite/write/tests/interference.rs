//! Another program changes a file just before each call of a run: what it wrote is never lost.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::faults::Faulty;
use super::scene::{Age, ONE, SEVERAL, Scene};
use crate::rewrite::write::{recover, run, undo};

/// What the other program writes.
const EDIT: &str = "somebody: else\n";

/// The ways in which programs write files.
const WAYS: &[fn(&Path)] = &[
    // In place, as `>` in a shell.
    |path| fs::write(path, EDIT).expect("edit in place"),
    // By another file that takes the name, as most editors.
    |path| {
        let other = path.with_extension("other");
        fs::write(&other, EDIT).expect("write another file");
        fs::rename(other, path).expect("put it in place");
    },
];

/// Runs with an edit before each call; the action says what is run, and the scene is what it begins with.
fn try_all(begin: fn() -> Scene, act: fn(&Faulty, &Scene) -> bool) -> usize {
    let counting = Faulty::default();
    assert!(act(&counting, &begin()), "without an edit");
    let calls = counting.calls.take();
    let mut lost_races = 0;
    for (at, call) in calls.iter().enumerate() {
        for (number, way) in WAYS.iter().enumerate() {
            let scene = begin();
            let path = scene.path(scene.rows[0].0);
            let edited = path.clone();
            let system = Faulty::disturbed(at, move || way(&edited));
            let is_written = act(&system, &scene);
            let about = || format!("edit {number} before call {at}, {call}, of {calls:?}");
            assert_eq!(fs::read_to_string(&path).expect("read the file"), EDIT, "{}", about());
            assert!(scene.leftovers().is_empty(), "{:?}: {}", scene.leftovers(), about());
            let others = scene.rows[1..].iter().map(|(name, before, after, _)| {
                let text = fs::read_to_string(scene.path(name)).ok();
                if text.as_deref() == *before {
                    Age::Old
                } else if text.as_deref() == *after {
                    Age::New
                } else {
                    panic!("{}", about())
                }
            });
            let others: Vec<Age> = others.collect();
            assert!(others.iter().all(|age| *age == others[0]), "{others:?}: {}", about());
            lost_races += usize::from(!is_written);
        }
    }
    lost_races
}

fn write(system: &Faulty, scene: &Scene) -> bool {
    run::write(system, Some(&scene.store), &scene.job()).is_ok()
}

#[test]
fn an_edit_before_any_call_survives() {
    assert!(try_all(|| Scene::new(ONE), write) > 20);
    assert!(try_all(|| Scene::new(SEVERAL), write) > 40);
}

#[test]
fn an_edit_before_any_call_of_undo_survives() {
    let begin = || {
        let scene = Scene::new(SEVERAL);
        assert!(write(&Faulty::default(), &scene));
        scene
    };
    assert!(try_all(begin, |system, scene| undo::undo(system, &scene.store, &[], false).is_ok()) > 40);
}

#[test]
fn a_file_that_is_made_by_another_program_at_any_call_stays() {
    const NEW: &[super::scene::Row] = &[("new.yaml", None, Some("databases: {}\n"), 0o600)];
    assert!(try_all(|| Scene::new(NEW), write) > 20);
}

#[test]
fn an_edit_survives_a_kill_in_the_same_moment() {
    let counting = Faulty::default();
    assert!(write(&counting, &Scene::new(ONE)));
    for at in 0..counting.calls.take().len() {
        for way in WAYS {
            let scene = Scene::new(ONE);
            let edited = scene.path("settings.yaml");
            write(&Faulty::disturbed_and_killed(at, move || way(&edited)), &scene);
            let left = recover::unfinished(&Faulty::default(), &scene.store).expect("bring it in order");
            assert!(left.is_empty(), "{left:?}");
            assert_eq!(fs::read_to_string(scene.path("settings.yaml")).expect("read the file"), EDIT, "call {at}");
            assert!(scene.leftovers().is_empty(), "{:?}", scene.leftovers());
        }
    }
}

#[test]
fn rights_that_are_taken_away_in_between_are_not_given_back() {
    let counting = Faulty::default();
    assert!(write(&counting, &Scene::new(ONE)));
    let mut refusals = 0;
    for at in 0..counting.calls.take().len() {
        let scene = Scene::new(ONE);
        let path: PathBuf = scene.path("settings.yaml");
        let edited = path.clone();
        let tighten =
            move || fs::set_permissions(&edited, fs::Permissions::from_mode(0o600)).expect("take rights away");
        let system = Faulty::disturbed(at, tighten);
        refusals += usize::from(!write(&system, &scene));
        assert_eq!(fs::metadata(&path).expect("look at it").permissions().mode() & 0o7777, 0o600, "call {at}");
    }
    assert!(refusals > 10);
}

//! What holds for the migration of every file, tried with random ones.

use std::cell::RefCell;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestError, TestRng, TestRunner};

use dbcfg::model::NoteKind;

use super::migrating::generator::Generated;
use super::migrating::judges::{Form, Intended, Item, judge};
use super::migrating::{Files, Wishes, migrate, shown};

/// How many files are tried; `PROPTEST_CASES` asks for more.
const CASES: u32 = 256;

#[test]
fn generated_files_mean_the_same_afterwards() {
    let mut config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    // The same files each time, so that a change is judged by itself; `PROPTEST_CASES` tries others.
    let is_asked_for_more = std::env::var_os("PROPTEST_CASES").is_some();
    if !is_asked_for_more {
        config.cases = CASES;
    }
    config.max_shrink_iters = 400;
    let items = RefCell::new(Vec::new());
    let asked = prop::sample::select(vec!["", "", "", "", "--server=shared", "--secrets=env", "--keep-legacy"]);
    let tapes = (vec(any::<u16>(), 8..240), asked);
    let mut runner = if is_asked_for_more {
        TestRunner::new(config)
    } else {
        TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
    };
    let tried = runner.run(&tapes, |(tape, asked)| {
        let generated = Generated::new(&tape);
        let name = generated.file_name();
        let files = Files::from([(name.to_owned(), generated.text.clone())]);
        let reason = |what: String| TestCaseError::fail(format!("{asked} {what}"));
        let migrated = migrate(&files, &Wishes::of_arguments(asked)).map_err(reason)?;
        let new = String::from_utf8_lossy(&migrated.files[name]).into_owned();
        // A comment cannot follow everywhere into brackets; then the section stays, and the plan says so.
        let notes = || migrated.changes.iter().flat_map(|change| &change.plan.notes);
        let has_left = notes().any(|note| note.kind == NoteKind::Left && note.message.contains("brackets"));
        if let Some(left) = left_behind(&new).filter(|_| asked != "--keep-legacy" && !has_left) {
            return Err(reason(format!("{left} is left\n{}", shown(&migrated))));
        }
        let mut items = items.borrow_mut();
        let number = items.len();
        items.push(Item {
            name: format!("file {number} {asked}"),
            format: name.rsplit('.').next().unwrap_or_default().to_owned(),
            before: String::from_utf8_lossy(&generated.text).into_owned(),
            after: new,
            intended: match asked {
                _ if has_left => Intended::Values { may_drop: asked == "--secrets=env" },
                "--server=shared" => Intended::Data { new: generated.shared(), old: generated.old, form: Form::Whole },
                "--secrets=env" => Intended::Data { old: generated.old, new: generated.new, form: Form::Secrets },
                "--keep-legacy" => Intended::Data { old: generated.old, new: generated.new, form: Form::Beside },
                _ => Intended::Data { old: generated.old, new: generated.new, form: Form::Whole },
            },
        });
        Ok(())
    });
    match tried {
        Ok(()) => {}
        // The tape says nothing to a reader; the texts are in the reason.
        Err(TestError::Fail(reason, _)) => panic!("{reason}"),
        Err(error) => panic!("{error}"),
    }
    judge(&items.into_inner()).unwrap_or_else(|wrong| panic!("{wrong}"));
}

/// A name of an old layout that still stands for a section.
fn left_behind(text: &str) -> Option<&'static str> {
    let names =
        ["postgres_primary", "postgres_std", "mlflow_alt_db", "postgres_vector", "sqlite_backup", "credential_ref"];
    names.into_iter().find(|name| text.contains(name))
}

//! Every fixture is migrated: those of `fixtures/migrate` become what stands beside them, and all keep what they mean.
//!
//! `fixtures/migrate/<case>/before.yaml` is a project's `settings.yaml`, and becomes `after.yaml`; the same holds for
//! `.toml`, `.json`, and `.env` files. `arguments` has what is typed, one argument a line. A new folder is a new test.
//! They are written by hand, as somebody would like to read the difference, and never recorded.

use std::fs;
use std::path::Path;

use super::migrating::judges::{Intended, Item, judge};
use super::migrating::{Files, Wishes, migrate, shown};
use super::support::{name_of, sorted};

use dbcfg::model::NoteKind;

pub(crate) fn fixtures(below: &str) -> Vec<std::path::PathBuf> {
    sorted(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(below))
}

/// What the file of a fixture is called in a project: `before.yaml` is `settings.yaml`.
fn file_name(ending: &str) -> String {
    if ending == "env" { ".env".to_owned() } else { format!("settings.{ending}") }
}

/// The files of a case: those before, those after, and what is typed.
pub(crate) fn case(folder: &Path) -> (Files, Files, Wishes) {
    let (mut before, mut after, mut wishes) = (Files::new(), Files::new(), Wishes::default());
    for path in sorted(folder) {
        let bytes = fs::read(&path).expect("a file of a fixture");
        match name_of(&path).split_once('.') {
            Some(("before", ending)) => before.insert(file_name(ending), bytes),
            Some(("after", ending)) => after.insert(file_name(ending), bytes),
            None if name_of(&path) == "arguments" => {
                wishes = Wishes::of_arguments(&String::from_utf8_lossy(&bytes));
                None
            }
            _ => panic!("nobody knows what {} is for", path.display()),
        };
    }
    (before, after, wishes)
}

#[test]
fn fixtures_become_what_was_written_by_hand() {
    let (mut wrong, mut items) = (Vec::new(), Vec::new());
    let folders = fixtures("migrate");
    assert!(folders.len() >= 50, "only {} fixtures were found", folders.len());
    for folder in &folders {
        let case_name = name_of(folder);
        let (before, after, wishes) = case(folder);
        let migrated = match migrate(&before, &wishes) {
            Ok(migrated) => migrated,
            Err(what) => {
                wrong.push(format!("=== {case_name}: {what}"));
                continue;
            }
        };
        for (name, text) in &after {
            let text = String::from_utf8_lossy(text).into_owned();
            let found = String::from_utf8_lossy(migrated.files.get(name).map_or(b"", Vec::as_slice)).into_owned();
            if found != text {
                let all = shown(&migrated);
                wrong.push(format!(
                    "=== {case_name}: {name} is not as expected\n{text:?}\n{found:?}\n--- expected\n{text}{all}"
                ));
            }
            let old = String::from_utf8_lossy(before.get(name).map_or(b"", Vec::as_slice)).into_owned();
            let format = name.rsplit('.').next().unwrap_or_default().to_owned();
            items.push(Item {
                name: format!("{case_name}, {name}"),
                format,
                before: old,
                after: found,
                intended: Intended::Text(text),
            });
        }
    }
    wrong.extend(judge(&items).err());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is written by hand is judged too: nothing is lost and nothing made up between before and after.
#[test]
fn what_was_written_by_hand_holds_all_values() {
    let mut items = Vec::new();
    for folder in fixtures("migrate") {
        let (before, after, wishes) = case(&folder);
        let case_name = name_of(&folder);
        // Other hosts, names and variables are what was asked for there.
        let decisions = &wishes.decisions;
        let is_changed = !decisions.relocate.is_empty() || decisions.secrets.is_some() || !wishes.targets.is_empty();
        if is_changed || !wishes.names.is_empty() {
            continue;
        }
        let may_drop = case_name.starts_with("conflict_preferred");
        for name in before.keys() {
            let text = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
            items.push(Item {
                name: format!("{case_name}, {name}"),
                format: name.rsplit('.').next().unwrap_or_default().to_owned(),
                before: text(&before[name]),
                after: text(&after[name]),
                intended: Intended::Values { may_drop },
            });
        }
        assert!(before.keys().all(|name| after.contains_key(name)), "{case_name} says what becomes of every file");
    }
    judge(&items).unwrap_or_else(|wrong| panic!("{wrong}"));
}

/// A project of the fixtures of layouts: a single file under the name that such files have, or a folder.
pub(crate) fn project(input: &Path) -> Option<Files> {
    let name = name_of(input);
    let is_expectation = |name: &str| name.contains("expected.") || name.contains("findings");
    if input.is_dir() {
        let files = sorted(input).into_iter().filter(|path| !is_expectation(&name_of(path)));
        return Some(files.map(|path| (name_of(&path), fs::read(path).expect("a file of a fixture"))).collect());
    }
    let ending = name.rsplit('.').next().unwrap_or_default();
    let is_input = !is_expectation(&name) && ["yaml", "toml", "json", "env"].contains(&ending);
    is_input.then(|| Files::from([(file_name(ending), fs::read(input).expect("a fixture"))]))
}

#[test]
fn every_layout_means_the_same_afterwards() {
    let (mut wrong, mut items, mut count, mut places) = (Vec::new(), Vec::new(), 0, 0);
    for layout in fixtures("layouts") {
        for input in sorted(&layout) {
            let Some(files) = project(&input) else { continue };
            let variables: Vec<String> = files.keys().filter(|name| name.starts_with(".env")).cloned().collect();
            let variables: Vec<String> = variables.into_iter().filter(|name| name != ".env.example").collect();
            let all = files.keys().filter(|name| name.starts_with("settings.")).chain(&variables).cloned().collect();
            let decided = |arguments: &str| Wishes::of_arguments(arguments);
            let everything = Wishes { targets: all, ..Wishes::default() };
            // Where nothing is to be done, there is nothing to decide.
            let mut is_settled = false;
            for (wishes, what) in [
                (Wishes::default(), "settings"),
                (everything, "all files"),
                (decided("--server=shared"), "shared"),
                (decided("--secrets=env"), "secrets"),
                (decided("--keep-legacy"), "beside"),
            ] {
                if (what == "all files" && variables.is_empty()) || (what != "all files" && is_settled) {
                    continue;
                }
                count += 1;
                let case_name = format!("{}/{} ({what})", name_of(&layout), name_of(&input));
                let migrated = match migrate(&files, &wishes) {
                    Ok(migrated) => migrated,
                    Err(what) => {
                        wrong.push(format!("=== {case_name}: {what}"));
                        continue;
                    }
                };
                places += migrated.places;
                is_settled |= what == "settings" && !migrated.changes.iter().any(|change| change.plan.is_changed());
                for change in &migrated.changes {
                    let is_said = |kind: NoteKind| change.plan.notes.iter().any(|note| note.kind == kind);
                    if !change.plan.is_changed()
                        && is_legacy(change.before.text())
                        && !is_said(NoteKind::Left)
                        && !migrated.has_questions
                    {
                        wrong.push(format!(
                            "=== {case_name}: nothing changes, and nobody is told why\n{}",
                            shown(&migrated)
                        ));
                    }
                    if what == "secrets" && change.name.starts_with(".env") {
                        continue;
                    }
                    items.push(Item {
                        name: format!("{case_name}, {}", change.name),
                        format: if change.name.starts_with(".env") {
                            "env"
                        } else {
                            change.name.rsplit('.').next().unwrap_or_default()
                        }
                        .to_owned(),
                        before: change.before.text().to_owned(),
                        after: change.after.text().to_owned(),
                        // References to variables follow to their new names, and passwords move.
                        intended: Intended::Values {
                            may_drop: is_said(NoteKind::Duplicate) || ["all files", "secrets"].contains(&what),
                        },
                    });
                }
            }
        }
    }
    assert!(count >= 200, "only {count} fixtures were migrated");
    // Comparing what a project means holds little if hardly anything of it is read.
    assert!(places >= 1500, "only {places} values of databases were compared");
    wrong.extend(judge(&items).err());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a text has a name of an old layout that is to go.
fn is_legacy(text: &str) -> bool {
    ["postgres_primary", "mlflow_alt_db", "sqlite_backup", "postgres_std", "credential_ref", "app_postgres", "DB_HOST"]
        .iter()
        .any(|name| text.contains(name))
}

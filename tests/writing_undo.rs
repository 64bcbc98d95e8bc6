//! The way back as a library: undo, step by step, and what it refuses.

use std::fs;

use dbcfg::rewrite::write::{history, recover, take_back, undo, undoable, unfinished, write};

use crate::writing::{Project, mode};

#[test]
fn each_undo_goes_one_change_further_back() {
    let project = Project::new();
    let path = project.file("settings.yaml", "port: 1\n", 0o640);
    project.write(&[("settings.yaml", Some("port: 1\n"), "port: 2\n")]).expect("write it");
    project.write(&[("settings.yaml", Some("port: 2\n"), "port: 3\n")]).expect("write it again");
    for expected in ["port: 2\n", "port: 1\n"] {
        let written = undo(&project.store, &[], false).expect("undo it");
        assert_eq!(written.files, std::slice::from_ref(&path));
        assert_eq!(project.read("settings.yaml"), expected);
    }
    let error = undo(&project.store, &[], false).expect_err("nothing is left");
    assert_eq!(error.message, "there is nothing to undo");
    let all = history(&project.store, &[]).expect("history");
    let actions: Vec<&str> = all.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["undo", "undo", "migrate", "migrate"]);
    assert_eq!(all[0].changes[0].new.as_deref(), Some("port: 1"));
    assert_eq!((project.names(), mode(&path)), (vec!["settings.yaml".to_owned()], 0o640));
    project.write(&[("settings.yaml", Some("port: 1\n"), "port: 4\n")]).expect("write it after all");
    undo(&project.store, &[path], false).expect("undo that");
    assert_eq!(project.read("settings.yaml"), "port: 1\n");
}

#[test]
fn undo_takes_all_files_of_a_run_or_those_that_are_named() {
    let project = Project::new();
    for name in ["a.yaml", "b.yaml"] {
        project.file(name, "port: 1\n", 0o600);
    }
    let both = |from, to| [("a.yaml", Some(from), to), ("b.yaml", Some(from), to)];
    project.write(&both("port: 1\n", "port: 2\n")).expect("write both");
    project.write(&both("port: 2\n", "port: 3\n")).expect("write both again");
    undo(&project.store, &[project.path("a.yaml")], false).expect("undo one");
    assert_eq!((project.read("a.yaml").as_str(), project.read("b.yaml").as_str()), ("port: 2\n", "port: 3\n"));
    undo(&project.store, &[], false).expect("undo the rest of the last run");
    assert_eq!((project.read("a.yaml").as_str(), project.read("b.yaml").as_str()), ("port: 2\n", "port: 2\n"));
    undo(&project.store, &[], false).expect("undo the first run");
    assert_eq!((project.read("a.yaml").as_str(), project.read("b.yaml").as_str()), ("port: 1\n", "port: 1\n"));
}

#[test]
fn what_was_told_is_taken_back_and_nothing_newer() {
    let project = Project::new();
    for name in ["a.yaml", "b.yaml"] {
        project.file(name, "port: 1\n", 0o600);
    }
    project.write(&[("a.yaml", Some("port: 1\n"), "port: 2\n")]).expect("write one");
    let here = project.path("");
    let told = undoable(&project.store, &[], &here).expect("ask");
    let files: Vec<_> = told.iter().map(|entry| entry.file.clone()).collect();
    assert_eq!(files, [project.path("a.yaml")]);
    assert!(undoable(&project.store, &[project.path("b.yaml")], &here).expect("ask").is_empty());
    let error = undoable(&project.store, &[project.path("c.yaml")], &here).expect_err("it is not there");
    assert_eq!(error.message, "it is not there, and dbcfg has never written it");
    project.write(&[("a.yaml", Some("port: 2\n"), "port: 3\n")]).expect("write it again");
    take_back(&project.store, &told, true).expect_err("that is not the last change any more");
    assert_eq!(project.read("a.yaml"), "port: 3\n");
    let told = undoable(&project.store, &[], &here).expect("ask again");
    take_back(&project.store, &told, false).expect("take it back");
    assert_eq!(project.read("a.yaml"), "port: 2\n");
}

#[test]
fn a_file_that_was_made_is_removed_and_rights_come_back() {
    let project = Project::new();
    let path = project.file("settings.yaml", "port: 1\n", 0o644);
    let mut job = project.job(&[("settings.yaml", Some("port: 1\n"), "port: 2\n"), (".env", None, "PORT=2\n")]);
    job.files.iter_mut().for_each(|file| file.is_private = true);
    write(Some(&project.store), &job).expect("write both");
    assert_eq!((mode(&path), mode(&project.path(".env"))), (0o600, 0o600));
    undo(&project.store, &[], false).expect("undo both");
    assert_eq!((project.names(), mode(&path)), (vec!["settings.yaml".to_owned()], 0o644));
    assert_eq!(project.read("settings.yaml"), "port: 1\n");
}

#[test]
fn a_file_that_was_changed_since_is_only_overwritten_by_force() {
    let project = Project::new();
    let path = project.file("settings.yaml", "port: 1\n", 0o600);
    project.write(&[("settings.yaml", Some("port: 1\n"), "port: 2\n")]).expect("write it");
    fs::write(&path, "port: 7\n").expect("edit it");
    let error = undo(&project.store, &[], false).expect_err("it was edited");
    assert_eq!(error.message, "it was changed since dbcfg wrote it");
    assert!(error.help.contains("--force"), "{}", error.help);
    assert_eq!(project.read("settings.yaml"), "port: 7\n");
    undo(&project.store, &[], true).expect("force it");
    assert_eq!(project.read("settings.yaml"), "port: 1\n");
    assert!(project.backups().iter().any(|(_, text)| text == "port: 7\n"), "the edit is backed up");
}

#[test]
fn a_file_that_is_gone_is_only_made_again_by_force() {
    let project = Project::new();
    let path = project.file("settings.yaml", "port: 1\n", 0o600);
    project.write(&[("settings.yaml", Some("port: 1\n"), "port: 2\n")]).expect("write it");
    fs::remove_file(&path).expect("remove it");
    let error = undo(&project.store, std::slice::from_ref(&path), false).expect_err("it is gone");
    assert_eq!(error.message, "it was changed since dbcfg wrote it");
    undo(&project.store, std::slice::from_ref(&path), true).expect("force it");
    assert_eq!((project.read("settings.yaml").as_str(), mode(&path)), ("port: 1\n", 0o600));
}

#[test]
fn what_was_put_back_by_hand_is_undone_already() {
    let project = Project::new();
    let path = project.file("settings.yaml", "port: 1\n", 0o600);
    project.write(&[("settings.yaml", Some("port: 1\n"), "port: 2\n")]).expect("write it");
    project.write(&[("settings.yaml", Some("port: 2\n"), "port: 3\n")]).expect("write it again");
    fs::write(&path, "port: 2\n").expect("put it back");
    undo(&project.store, &[], false).expect("note it");
    assert_eq!(project.read("settings.yaml"), "port: 2\n");
    undo(&project.store, &[], false).expect("undo the first change");
    assert_eq!(project.read("settings.yaml"), "port: 1\n");
}

#[test]
fn a_killed_undo_of_which_a_part_was_done_by_hand_is_put_back() {
    let project = Project::new();
    for name in ["a.yaml", "b.yaml", "c.yaml"] {
        project.file(name, "port: 1\n", 0o600);
    }
    project
        .write(&["a.yaml", "b.yaml", "c.yaml"].map(|name| (name, Some("port: 1\n"), "port: 2\n")))
        .expect("write all");
    project.file("a.yaml", "port: 1\n", 0o600);
    undo(&project.store, &[], false).expect("undo the rest");
    // As a kill after the second file leaves it.
    let journal = project.store.directory().join("journal.jsonl");
    let text = fs::read_to_string(&journal).expect("read the journal");
    let lines: Vec<&str> = text.lines().collect();
    fs::write(&journal, format!("{}\n", lines[..lines.len() - 1].join("\n"))).expect("take its last line away");
    project.file("c.yaml", "port: 2\n", 0o600);
    let runs = unfinished(&project.store).expect("look for killed runs");
    let [run] = &runs[..] else { panic!("one run: {runs:?}") };
    assert_eq!((&run.written, &run.waiting), (&vec![project.path("b.yaml")], &vec![project.path("c.yaml")]));
    let written = recover(&project.store, run).expect("put it back");
    assert_eq!((written.files, written.warnings), (vec![project.path("b.yaml")], Vec::new()));
    assert_eq!(["a.yaml", "b.yaml", "c.yaml"].map(|name| project.read(name)), ["port: 1\n", "port: 2\n", "port: 2\n"]);
    undo(&project.store, &[], false).expect("undo all of it");
    assert_eq!(["a.yaml", "b.yaml", "c.yaml"].map(|name| project.read(name)), ["port: 1\n"; 3]);
}

#[test]
fn a_damaged_backup_is_not_put_back() {
    let project = Project::new();
    project.file("settings.yaml", "port: 1\n", 0o600);
    project.write(&[("settings.yaml", Some("port: 1\n"), "port: 2\n")]).expect("write it");
    fs::write(&project.backups()[0].0, "rubbish").expect("damage the backup");
    let error = undo(&project.store, &[], true).expect_err("it is damaged");
    assert_eq!(error.message, "its backup is not what was saved");
    assert_eq!(project.read("settings.yaml"), "port: 2\n");
}

#[test]
fn a_torn_journal_is_mended_and_nothing_of_it_is_lost() {
    let project = Project::new();
    project.file("settings.yaml", "port: 1\n", 0o600);
    project.write(&[("settings.yaml", Some("port: 1\n"), "port: 2\n")]).expect("write it");
    let journal = project.store.directory().join("journal.jsonl");
    let whole = fs::read_to_string(&journal).expect("read the journal");
    for torn in ["{", "{\"record\":\"begin\",\"run\":\"x", "\u{0}\u{0}"] {
        fs::write(&journal, format!("{whole}{torn}")).expect("tear it");
        assert_eq!(history(&project.store, &[]).expect("it is still readable").len(), 1);
        assert!(unfinished(&project.store).expect("mend it").is_empty());
        assert_eq!(fs::read_to_string(&journal).expect("read it"), whole);
    }
    undo(&project.store, &[], false).expect("undo it");
}

#[test]
fn a_run_that_was_killed_between_files_is_put_back_unless_they_were_changed() {
    let project = Project::new();
    for name in ["a.yaml", "b.yaml", "c.yaml"] {
        project.file(name, "port: 1\n", 0o600);
    }
    let three = ["a.yaml", "b.yaml", "c.yaml"].map(|name| (name, Some("port: 1\n"), "port: 2\n"));
    project.write(&three).expect("write all");
    // As a kill after the second file leaves it: no end in the journal, and the third file is old.
    let journal = project.store.directory().join("journal.jsonl");
    let text = fs::read_to_string(&journal).expect("read the journal");
    let lines: Vec<&str> = text.lines().filter(|line| !line.contains("\"end\"")).collect();
    fs::write(&journal, format!("{}\n", lines.join("\n"))).expect("take the end away");
    project.file("c.yaml", "port: 1\n", 0o600);
    project.file("b.yaml", "port: 7\n", 0o600);

    let runs = unfinished(&project.store).expect("look for killed runs");
    let [run] = &runs[..] else { panic!("one run: {runs:?}") };
    assert_eq!(run.written, [project.path("a.yaml"), project.path("b.yaml")]);
    assert_eq!(run.waiting, [project.path("c.yaml")]);
    for result in [
        project.write(&[("a.yaml", Some("port: 2\n"), "port: 3\n")]),
        undo(&project.store, &[project.path("a.yaml")], true),
    ] {
        let error = result.expect_err("it is to be put back first");
        assert!(
            error.message.contains("there is nothing") || error.message.contains("was killed"),
            "{}",
            error.message
        );
    }
    let written = recover(&project.store, run).expect("put it back");
    assert_eq!(written.files, [project.path("a.yaml")]);
    assert!(written.warnings[0].contains("b.yaml was changed since"), "{:?}", written.warnings);
    let texts = ["a.yaml", "b.yaml", "c.yaml"].map(|name| project.read(name));
    assert_eq!(texts, ["port: 1\n", "port: 7\n", "port: 1\n"]);
    assert!(unfinished(&project.store).expect("look again").is_empty());
    assert!(history(&project.store, &[]).expect("history").is_empty());
    assert_eq!(project.names(), ["a.yaml", "b.yaml", "c.yaml"]);
}

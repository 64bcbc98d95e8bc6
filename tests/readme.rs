//! The README shows what the program does: its examples are run and compared.

use std::fs;
use std::path::Path;
use std::process::Command;

/// The commands of the README that read bundled files, with what it says that they print.
fn examples(text: &str) -> Vec<(String, String)> {
    let blocks = text.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next());
    let commands = blocks.filter_map(|block| block.strip_prefix("$ dbcfg ")?.split_once('\n'));
    let bundled = commands.filter(|(command, _)| command.contains("fixtures/"));
    bundled.map(|(command, printed)| (command.to_owned(), printed.to_owned())).collect()
}

#[test]
fn the_examples_of_the_readme_are_true() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("README.md")).expect("the README");
    let examples = examples(&text);
    assert!(examples.len() >= 3, "only {} examples were found", examples.len());
    for (command, printed) in examples {
        // The examples have no quotes, so that no shell is needed to split them.
        let run =
            Command::new(env!("CARGO_BIN_EXE_dbcfg")).args(command.split(' ')).current_dir(root).env_clear().output();
        let found = String::from_utf8(run.expect("dbcfg runs").stdout).expect("text");
        assert_eq!(found, printed, "dbcfg {command}");
    }
}

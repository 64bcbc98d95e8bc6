//! Every fixture of every layout: what is read stands beside the input, and so do the findings with their places.
//!
//! `<case>.<format>` stands beside `<case>.expected.yaml` and `<case>.findings`; a folder is a whole configuration
//! with `expected.yaml` and `findings.txt`, and `expected.NAME.yaml` and `findings.NAME.txt` for its environments.
//! `DBCFG_WRITE_EXPECTED=1` writes what is missing or differs, to be read and judged before it is committed.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use dbcfg::load::{Request, load};
use dbcfg::report::{self, Style, View};

use crate::support::sorted;

/// What one input is expected to come down to, and what it does.
struct Case {
    input: PathBuf,
    environment: Option<String>,
    expected: PathBuf,
    findings: PathBuf,
}

#[test]
fn every_fixture_reads_as_expected() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/layouts");
    let mut cases = Vec::new();
    for layout in sorted(&root) {
        for input in sorted(&layout) {
            collect(&input, &mut cases);
        }
    }
    assert!(cases.len() >= 80, "only {} fixtures were found", cases.len());
    let writes = std::env::var_os("DBCFG_WRITE_EXPECTED").is_some();
    let mut wrong = String::new();
    for case in &cases {
        let (view, findings) = read(case);
        for (path, found) in [(&case.expected, view), (&case.findings, findings)] {
            let expected = fs::read_to_string(path).ok();
            if expected.as_ref() == Some(&found) {
                continue;
            }
            let expected = expected.unwrap_or_default();
            if writes {
                fs::write(path, &found).expect("the fixture can be written");
            }
            let name = path.strip_prefix(&root).expect("below the root").display();
            let _ = writeln!(wrong, "--- {name}: expected\n{expected}--- {name}: found\n{found}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn collect(input: &Path, cases: &mut Vec<Case>) {
    let name = input.file_name().expect("a name").to_string_lossy().into_owned();
    if input.is_dir() {
        let case = |environment: Option<&str>| {
            let part = environment.map(|name| format!(".{name}")).unwrap_or_default();
            Case {
                input: input.to_path_buf(),
                environment: environment.map(str::to_owned),
                expected: input.join(format!("expected{part}.yaml")),
                findings: input.join(format!("findings{part}.txt")),
            }
        };
        cases.push(case(None));
        for file in sorted(input) {
            let file = file.file_name().expect("a name").to_string_lossy().into_owned();
            let environment = file.strip_prefix("expected.").and_then(|rest| rest.strip_suffix(".yaml"));
            if let Some(environment) = environment {
                cases.push(case(Some(environment)));
            }
        }
    } else if !name.ends_with(".expected.yaml") && !name.ends_with(".findings") {
        let stem = input.with_extension("");
        let beside = |ending: &str| PathBuf::from(format!("{}.{ending}", stem.display()));
        let (expected, findings) = (beside("expected.yaml"), beside("findings"));
        cases.push(Case { input: input.to_path_buf(), environment: None, expected, findings });
    }
}

/// The view as YAML and the findings as lines, with the folder of the input taken off every path.
fn read(case: &Case) -> (String, String) {
    let request =
        Request { paths: vec![case.input.clone()], environment: case.environment.clone(), ..Request::default() };
    let loaded = load(&request).expect("a request that makes sense");
    assert!(!loaded.has_unreadable, "{}", case.input.display());
    let view = report::view(&loaded.configuration, View::default()).to_yaml();
    let style = Style { is_coloured: false };
    let findings = report::findings(&loaded.configuration.sources, &loaded.findings, style, None);
    let folder = if case.input.is_dir() { case.input.as_path() } else { case.input.parent().expect("a folder") };
    (view, findings.replace(&format!("{}/", folder.display()), ""))
}

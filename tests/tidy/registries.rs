//! Registries and fixtures are complete: what is written is registered, and what is registered is tried.

use std::collections::{BTreeMap, BTreeSet};

use super::rust::{Kind, Token, tokens};
use super::{File, demand_none, demand_one, project};

/// Where the readers of layouts stand, and the file that lists them.
const LAYOUTS: &str = "src/layouts/";
const REGISTRY: &str = "src/layouts/mod.rs";

/// Where the fixtures of the layouts stand: one folder for each.
const FIXTURES: &str = "fixtures/layouts/";

/// The types that implement `Layout`, with the file and the line.
fn implementations(files: &[File]) -> Vec<(&File, usize, String)> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.path.starts_with(LAYOUTS) && file.is_rust()) {
        let tokens = tokens(&file.text);
        for three in tokens.windows(3) {
            if three[0].is("Layout") && three[1].is("for") && three[2].kind == Kind::Word {
                found.push((file, three[2].line, three[2].text.to_owned()));
            }
        }
    }
    found
}

/// The words in the value of `LAYOUTS`.
fn registered<'text>(tokens: &[Token<'text>]) -> Option<Vec<&'text str>> {
    let name = tokens.windows(2).position(|two| (two[0].is("const") || two[0].is("static")) && two[1].is("LAYOUTS"))?;
    let value = name + tokens[name..].iter().position(|token| token.is("="))?;
    let words = tokens[value..].iter().take_while(|token| !token.is(";")).filter(|token| token.kind == Kind::Word);
    Some(words.map(|token| token.text).collect())
}

/// Layouts that the registry does not name, or names twice.
fn registry_faults(files: &[File]) -> Vec<String> {
    let layouts = implementations(files);
    let Some(registry) = files.iter().find(|file| file.path == REGISTRY) else {
        let beginning = !files.iter().any(|file| file.path.starts_with(LAYOUTS));
        return if beginning { Vec::new() } else { vec![format!("{REGISTRY}:1: write the registry `LAYOUTS`")] };
    };
    let Some(names) = registered(&tokens(&registry.text)) else {
        return vec![registry.fault(1, "the registry `LAYOUTS` was not found; this check has to be able to read it")];
    };
    if layouts.is_empty() {
        return vec![registry.fault(1, "no `impl Layout for` was found; this check has to be able to see them")];
    }
    let mut faults = Vec::new();
    for (file, line, name) in layouts {
        match names.iter().filter(|word| **word == name).count() {
            1 => {}
            0 => faults.push(file.fault(line, format!("`{name}` is never asked; name it in `LAYOUTS` in {REGISTRY}"))),
            _ => faults.push(file.fault(line, format!("`{name}` stands in `LAYOUTS` more than once"))),
        }
    }
    faults
}

/// Layouts without a folder of fixtures.
fn untried_faults(files: &[File]) -> Vec<String> {
    let folders: BTreeSet<String> = files
        .iter()
        .filter_map(|file| Some(file.path.strip_prefix(FIXTURES)?.split_once('/')?.0.replace('-', "_")))
        .collect();
    let mut faults = Vec::new();
    for (file, line, _) in implementations(files) {
        let below = &file.path[LAYOUTS.len()..];
        let name = below.split(['/', '.']).next().unwrap_or(below);
        if name != "mod" && !folders.contains(name) {
            faults
                .push(file.fault(line, format!("add fixtures in {FIXTURES}{name}/; an untried reader reads nothing")));
        }
    }
    faults
}

/// Inputs without an expectation, and expectations without an input.
///
/// A case is `<case>.<extension>` with `<case>.expected.yaml` and `<case>.findings` beside it, or, for several files
/// that belong together, a folder `<case>/` with `expected.yaml` and `findings.txt` beside the files.
fn fixture_faults(files: &[File]) -> Vec<String> {
    #[derive(Default)]
    struct Case<'files> {
        inputs: Vec<&'files File>,
        expected: Option<&'files File>,
        findings: Option<&'files File>,
    }
    let mut cases: BTreeMap<(bool, String), Case<'_>> = BTreeMap::new();
    let mut faults = Vec::new();
    for file in files {
        let Some((layout, rest)) = file.path.strip_prefix(FIXTURES).and_then(|below| below.split_once('/')) else {
            if file.path.starts_with(FIXTURES) {
                faults.push(file.fault(1, "a fixture stands in the folder of its layout"));
            }
            continue;
        };
        if let Some((case, name)) = rest.split_once('/') {
            let case = cases.entry((true, format!("{layout}/{case}/"))).or_default();
            match name {
                "expected.yaml" => case.expected = Some(file),
                "findings.txt" => case.findings = Some(file),
                _ => case.inputs.push(file),
            }
        } else {
            let entry = |case: &str| (false, format!("{layout}/{case}"));
            if let Some(case) = rest.strip_suffix(".expected.yaml") {
                cases.entry(entry(case)).or_default().expected = Some(file);
            } else if let Some(case) = rest.strip_suffix(".findings") {
                cases.entry(entry(case)).or_default().findings = Some(file);
            } else if let Some((case, _)) = rest.rsplit_once('.').filter(|(case, _)| !case.is_empty()) {
                cases.entry(entry(case)).or_default().inputs.push(file);
            } else {
                faults.push(file.fault(1, "name it `<case>.<extension>`, or put it into a folder of its own"));
            }
        }
    }
    for ((folder, case), Case { inputs, expected, findings }) in cases {
        let names = if folder { ["expected.yaml", "findings.txt"] } else { [".expected.yaml", ".findings"] };
        let Some(input) = inputs.first() else {
            let orphan = expected.or(findings).map_or("", |file| &file.path);
            faults.push(format!("{orphan}:1: what this expects has no input beside it"));
            continue;
        };
        for (name, file) in names.iter().zip([expected, findings]) {
            if file.is_none() {
                faults.push(input.fault(1, format!("nobody says what this should give; add {FIXTURES}{case}{name}")));
            }
        }
    }
    faults
}

#[test]
fn every_layout_is_registered_once() {
    demand_none(&registry_faults(&project()));
}

#[test]
fn every_layout_is_tried() {
    demand_none(&untried_faults(&project()));
}

#[test]
fn every_fixture_has_its_expectation() {
    demand_none(&fixture_faults(&project()));
}

#[test]
fn a_forgotten_layout_is_noticed() {
    let files = |value: &str| {
        let registry = format!("pub const LAYOUTS: &[&dyn Layout] = {value};\n// Flat\n");
        vec![
            File::new("src/layouts/mod.rs", &registry),
            File::new("src/layouts/flat.rs", "//! Flat.\nimpl super::Layout for Flat {}\n"),
            File::new("fixtures/layouts/flat/a.yaml", ""),
        ]
    };
    demand_none(&registry_faults(&files("&[&flat::Flat]")));
    demand_one(&registry_faults(&files("&[]")), &["src/layouts/flat.rs:2", "`Flat` is never asked"]);
    demand_one(&registry_faults(&files("&[&flat::Flat, &flat::Flat]")), &["more than once"]);
    demand_one(&registry_faults(&files("&[&flat::Flat]")[..1]), &["no `impl Layout for`"]);
    demand_one(&registry_faults(&files("&[&flat::Flat]")[1..]), &["write the registry"]);
    demand_one(&registry_faults(&[File::new(REGISTRY, "//! None.\n")]), &["was not found"]);
    demand_none(&registry_faults(&[]));
    demand_none(&untried_faults(&files("&[]")));
    demand_one(&untried_faults(&files("&[]")[..2]), &["src/layouts/flat.rs:2", "fixtures/layouts/flat/"]);
}

#[test]
fn an_incomplete_fixture_is_noticed() {
    let faults = |names: &[&str]| {
        let files: Vec<File> = names.iter().map(|name| File::new(&format!("{FIXTURES}{name}"), "")).collect();
        fixture_faults(&files)
    };
    let complete = [
        "flat/a.yaml",
        "flat/a.expected.yaml",
        "flat/a.findings",
        "flat/b/.env",
        "flat/b/expected.yaml",
        "flat/b/findings.txt",
    ];
    demand_none(&faults(&complete));
    demand_one(&faults(&complete[..2]), &["flat/a.yaml:1", "flat/a.findings"]);
    demand_one(&faults(&[complete[0], complete[2]]), &["flat/a.expected.yaml"]);
    demand_one(&faults(&complete[1..3]), &["flat/a.expected.yaml:1", "no input"]);
    demand_one(&faults(&complete[3..5]), &["flat/b/.env:1", "flat/b/findings.txt"]);
    demand_one(&faults(&complete[4..]), &["no input"]);
    demand_one(&faults(&["stray.yaml"]), &["stray.yaml:1", "folder of its layout"]);
    demand_one(&faults(&["flat/.env"]), &["flat/.env:1", "folder of its own"]);
}

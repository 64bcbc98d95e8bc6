//! Who may know whom: the table of `src/lib.rs`, as data.

use super::rust::{paths, test_lines, tokens};
use super::{File, demand_none, demand_one, project};

/// Each top module and the top modules that it may import. What is not listed is forbidden.
///
/// The same table, with its reasons, is the documentation of `src/lib.rs`; change both together.
const ROOMS: &[(&str, &[&str])] = &[
    ("redact", &[]),
    ("document", &["redact"]),
    ("connstr", &["redact"]),
    ("template", &["redact"]),
    ("model", &["document", "connstr", "template", "redact"]),
    ("finding", &["model", "document", "connstr", "template", "redact"]),
    ("settings", &["finding", "model", "document", "connstr", "template", "redact"]),
    ("rules", &["settings", "finding", "model", "document", "connstr", "template", "redact"]),
    ("layouts", &["rules", "finding", "model", "document", "connstr", "template", "redact"]),
    ("normalize", &["layouts", "rules", "finding", "model", "document", "connstr", "template", "redact"]),
    (
        "load",
        &["normalize", "settings", "layouts", "rules", "finding", "model", "document", "connstr", "template", "redact"],
    ),
    ("probe", &["model", "document", "connstr", "template", "redact"]),
    ("rewrite", &["normalize", "layouts", "finding", "model", "document", "connstr", "template", "redact"]),
    ("export", &["finding", "model", "document", "connstr", "template", "redact"]),
    ("compare", &["finding", "model", "document", "connstr", "template", "redact"]),
    ("report", &["finding", "model", "document", "connstr", "template", "redact"]),
    ("terminal", &["model", "document", "connstr", "template", "redact"]),
    // What was typed becomes values of the core at once, so the command line names their types.
    ("cli", &["finding", "model", "document", "connstr", "template", "redact"]),
    ("exit", &[]),
    (
        "commands",
        &[
            "exit",
            "cli",
            "terminal",
            "report",
            "compare",
            "export",
            "rewrite",
            "probe",
            "rules",
            "load",
            "settings",
            "normalize",
            "layouts",
            "finding",
            "model",
            "document",
            "connstr",
            "template",
            "redact",
        ],
    ),
    // The binary: parse, run, exit status.
    ("main", &["cli", "commands", "exit"]),
];

/// What comes from outside and is used in some rooms only. Test code may use all of it.
const OUTSIDE: &[(&str, &[&str])] = &[
    ("anyhow", &["commands", "main"]),
    ("clap", &["cli", "commands"]),
    ("annotate_snippets", &["report"]),
    ("comfy_table", &["report"]),
    ("dialoguer", &["terminal"]),
    ("indicatif", &["terminal"]),
    ("signal_hook", &["terminal"]),
    ("similar", &["report"]),
    ("granit_parser", &["document"]),
    ("jsonc_parser", &["document"]),
    ("toml_parser", &["document"]),
    // The commands start the runtime that the probe runs on.
    ("tokio", &["probe", "commands"]),
    ("tokio_postgres", &["probe"]),
    ("postgres_native_tls", &["probe"]),
    ("std::env", &["load", "commands", "main", "terminal"]),
    ("std::fs", &["load", "rewrite", "probe", "commands"]),
    ("std::os", &["load", "rewrite", "probe", "commands"]),
    ("std::net", &["load", "rewrite", "probe", "commands"]),
];

/// Parts of what is listed above that touch nothing outside: an address is a value.
const PURE: &[&str] = &["std::net::AddrParseError", "std::net::IpAddr", "std::net::Ipv4Addr", "std::net::Ipv6Addr"];

/// Methods of a path that ask the file system without naming `std::fs`.
const ASKS_THE_FILE_SYSTEM: &[&str] = &[
    "canonicalize",
    "exists",
    "is_dir",
    "is_file",
    "is_symlink",
    "read_dir",
    "read_link",
    "symlink_metadata",
    "try_exists",
];

/// The top module of a file of `src/`, and the modules from there down to the file.
fn module_of(path: &str) -> Option<Vec<&str>> {
    let below = path.strip_prefix("src/")?.strip_suffix(".rs")?;
    let mut parts: Vec<&str> = below.split('/').collect();
    if parts.len() > 1 && parts.last() == Some(&"mod") {
        parts.pop();
    }
    Some(parts)
}

/// What a path means: the parts after `crate`, or none if it leads outside.
fn own_path(file: &[&str], within: &[String], parts: &[String]) -> Option<Vec<String>> {
    let first = parts.first()?;
    if first == "crate" || first == "dbcfg" {
        return Some(parts[1..].to_vec());
    }
    let at_root = matches!(file, ["main" | "lib"]);
    let mut module: Vec<String> = if at_root { Vec::new() } else { file.iter().map(|&part| part.to_owned()).collect() };
    module.extend_from_slice(within);
    let climbs = parts.iter().take_while(|part| *part == "super" || *part == "self");
    let count = climbs.clone().count();
    if count == 0 {
        return None;
    }
    for _ in climbs.filter(|part| *part == "super") {
        module.pop();
    }
    module.extend_from_slice(&parts[count..]);
    Some(module)
}

/// The imports of one file that the tables do not allow.
fn import_faults(file: &File) -> Vec<String> {
    let Some(module) = module_of(&file.path) else { return Vec::new() };
    let room = module[0];
    if room == "lib" {
        return Vec::new();
    }
    let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
        let what =
            "this module is not in the table of imports; give it a row in src/lib.rs and in tests/tidy/imports.rs";
        return vec![file.fault(1, what)];
    };
    let tokens = tokens(&file.text);
    let tests = test_lines(&tokens);
    let is_test = |line: usize| module.contains(&"tests") || tests.iter().any(|lines| lines.contains(&line));
    let mut faults = Vec::new();
    for named in paths(&tokens) {
        if let Some(own) = own_path(&module, &named.within, &named.parts) {
            let fault = match own.first().map(String::as_str) {
                Some(target) if target == room || allowed.contains(&target) => continue,
                Some(target) if ROOMS.iter().any(|(name, _)| *name == target) => {
                    format!("`{room}` may not import `{target}`; move what both need to where the table allows it")
                }
                _ => format!("name `{}` by the module that it comes from", named.parts.join("::")),
            };
            faults.push(file.fault(named.line, fault));
        } else if !is_test(named.line) {
            faults.extend(outside_fault(room, &named.parts).map(|fault| file.fault(named.line, fault)));
        }
    }
    let may_ask = OUTSIDE.iter().any(|(path, rooms)| *path == "std::fs" && rooms.contains(&room));
    for three in tokens.windows(3) {
        let asks = three[0].is(".") && ASKS_THE_FILE_SYSTEM.iter().any(|name| three[1].is(name)) && three[2].is("(");
        if asks && !may_ask && !is_test(three[1].line) {
            let what =
                format!("`{}` asks the file system, which `{room}` may not; take the answer as a value", three[1].text);
            faults.push(file.fault(three[1].line, what));
        }
    }
    faults
}

/// What is wrong with naming this path in this room.
fn outside_fault(room: &str, parts: &[String]) -> Option<String> {
    let path = parts.join("::").replacen("core::", "std::", 1);
    let begins = |with: &str| path.strip_prefix(with).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
    if PURE.iter().any(|pure| begins(pure)) {
        return None;
    }
    let (name, rooms) = OUTSIDE.iter().find(|(name, _)| begins(name))?;
    let shown = rooms.join(", ");
    (!rooms.contains(&room)).then(|| format!("`{name}` is used in {shown} only; `{room}` takes values instead"))
}

/// Modules of a table that import each other, in whatever many steps.
fn cycles(rooms: &[(&str, &[&str])]) -> Vec<String> {
    let mut left: Vec<&(&str, &[&str])> = rooms.iter().collect();
    loop {
        let free = |imports: &[&str]| !left.iter().any(|(name, _)| imports.contains(name));
        let stuck: Vec<_> = left.iter().copied().filter(|(_, imports)| !free(imports)).collect();
        if stuck.len() == left.len() {
            return stuck.iter().map(|(name, _)| format!("`{name}` is part of a cycle, or behind one")).collect();
        }
        left = stuck;
    }
}

/// Modules of the table that the documentation of `src/lib.rs` leaves out, and rows of it that name no module.
fn documentation_faults(lib: &File) -> Vec<String> {
    let rows = lib.text.lines().enumerate().filter_map(|(index, line)| {
        let cell = line.strip_prefix("//! |")?.split('|').next()?;
        let names: Vec<&str> = cell.split(',').map(|name| name.trim().trim_matches('`')).collect();
        Some((index + 1, names))
    });
    // The head of the table and the line below it are no modules.
    let rows: Vec<_> = rows.filter(|(_, names)| names[0] != "module" && !names[0].starts_with(['-', ':'])).collect();
    let mut faults = Vec::new();
    for (room, _) in ROOMS {
        if *room != "main" && !rows.iter().any(|(_, names)| names.contains(room)) {
            faults.push(lib.fault(1, format!("the table of imports has no row for `{room}` (`//! | {room} | ...`)")));
        }
    }
    for (line, names) in rows {
        for name in names.into_iter().filter(|name| !ROOMS.iter().any(|(room, _)| room == name)) {
            faults.push(lib.fault(line, format!("`{name}` is no module of the table in tests/tidy/imports.rs")));
        }
    }
    faults
}

#[test]
fn modules_import_only_what_the_table_allows() {
    let faults: Vec<String> = project().iter().flat_map(import_faults).collect();
    demand_none(&faults);
}

#[test]
fn the_table_has_no_cycles() {
    demand_none(&cycles(ROOMS));
    assert_eq!(cycles(&[("a", &["b"]), ("b", &["c"]), ("c", &["b"]), ("d", &[])]).len(), 3);
}

#[test]
fn the_table_is_the_documentation_of_the_library() {
    let files = project();
    let lib = files.iter().find(|file| file.path == "src/lib.rs").expect("there is a library");
    // Until there are layouts, the library is a beginning that has nothing to tell.
    if files.iter().any(|file| file.path.starts_with("src/layouts/")) {
        demand_none(&documentation_faults(lib));
    }
}

#[test]
fn a_table_that_lacks_a_module_is_noticed() {
    let mut text = String::from("//! | module | may import | never |\n//! |---|---|---|\n");
    for (room, _) in ROOMS.iter().filter(|(room, _)| !["main", "export", "compare"].contains(room)) {
        text.push_str("//! | `");
        text.push_str(room);
        text.push_str("` | x | y |\n");
    }
    let with = |row: &str| documentation_faults(&File::new("src/lib.rs", &format!("{text}{row}")));
    demand_none(&with("//! | export, compare | x | y |\n"));
    demand_one(&with("//! | export | x | y |\n"), &["src/lib.rs:1", "`compare`"]);
    demand_one(&with("//! | export, compare, attic | x | y |\n"), &["`attic`"]);
}

#[test]
fn forbidden_imports_are_found_however_they_are_written() {
    let faults = |path: &str, text: &str| import_faults(&File::new(path, text));
    let forbidden = [
        ("src/document/yaml.rs", "use crate::model::Endpoint;"),
        ("src/document/mod.rs", "use crate::{redact, model::Endpoint};"),
        ("src/document/mod.rs", "fn f() -> crate::model::Endpoint {}"),
        ("src/document/mod.rs", "use super::model;"),
        ("src/document/yaml.rs", "use super::super::model;"),
        ("src/document/yaml.rs", "mod tests { use super::super::super::model; }"),
        ("src/redact.rs", "mod tests { use crate::model; }"),
        ("src/main.rs", "use dbcfg::load;"),
        ("src/rules/port.rs", "use crate::load::Loaded;"),
    ];
    for (path, text) in forbidden {
        demand_one(&faults(path, text), &[path, ":1: ", "may not import"]);
    }
    demand_one(&faults("src/rules/port.rs", "use crate::*;"), &["by the module"]);
    demand_one(&faults("src/rules/port.rs", "use crate::Finding;"), &["by the module"]);
    demand_one(&faults("src/attic/mod.rs", "//! Old.\n"), &["src/attic/mod.rs:1", "not in the table"]);
    demand_one(&faults("src/attic.rs", ""), &["not in the table"]);

    let allowed = "use crate::redact; use super::tree; use self::tree::Node; mod tests { use super::super::tree; }";
    demand_none(&faults("src/document/yaml.rs", &format!("{allowed} // use crate::model;\n")));
    demand_none(&faults("src/main.rs", "use dbcfg::commands;"));
    demand_none(&faults("tests/show.rs", "use dbcfg::load;"));
}

#[test]
fn outer_crates_stay_in_their_rooms() {
    let faults = |path: &str, text: &str| import_faults(&File::new(path, text));
    for (path, text, part) in [
        ("src/model/mod.rs", "use comfy_table::Table;", "in report only"),
        ("src/model/mod.rs", "#[derive(clap::ValueEnum)] enum A {}", "cli, commands only"),
        ("src/load/mod.rs", "fn f() -> ::anyhow::Result<()> {}", "commands, main only"),
        ("src/layouts/flat.rs", "use std::{collections::BTreeMap, fs};", "load, rewrite"),
        ("src/rules/port.rs", "fn f() { std::env::var(\"X\") }", "takes values"),
        ("src/connstr/mod.rs", "use std::net::TcpStream;", "`std::net`"),
        ("src/normalize/mod.rs", "use granit_parser as parser;", "`granit_parser`"),
        ("src/rules/cert.rs", "fn f(path: &Path) -> bool { path.exists() }", "asks the file system"),
    ] {
        demand_one(&faults(path, text), &[path, part]);
    }
    demand_none(&faults("src/connstr/mod.rs", "use std::net::{IpAddr, Ipv6Addr}; use core::net::Ipv4Addr;"));
    demand_none(&faults("src/report/table.rs", "use comfy_table::Table;"));
    demand_none(&faults("src/load/mod.rs", "use std::{env, fs}; fn f() { path.exists(); }"));
    demand_none(&faults("src/layouts/flat.rs", "#[cfg(test)]\nmod tests { use std::fs; }"));
    demand_none(&faults("src/layouts/tests.rs", "use std::fs;"));
}

//! `dbcfg check`: the formats that forges and viewers of test results read.

use std::fs;

use serde_json::{Value, json};

use crate::support::Dbcfg;

const FORMATS: &[&str] = &["sarif", "github", "gitlab", "junit"];

/// Only these rules, so that other rules may find what they will.
const RULES: &[&str] = &["--select", "duplicate-key,invalid-port,unknown-key,unparsable"];

/// Findings with another place, and two of one rule with one key.
const SETTINGS: &str = "\
databases:
  main:
    host: db.example.com
    port: 543200
    port: 70000
    prot: 1
    prot: 2
    prot: 3
";

fn check(path: &str, settings: &str, format: &str) -> Dbcfg {
    Dbcfg::new().file(path, settings).args(&["check", "--format", format]).args(RULES)
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// The findings of a text in our own JSON, against which the other formats are held.
fn findings(dbcfg: &Dbcfg) -> Vec<Value> {
    let text = fs::read_to_string(dbcfg.path("found.json")).expect("the report was written");
    parsed(&text)["findings"].as_array().expect("a list").clone()
}

/// The settings with severities that do not depend on what the rules think.
fn every_severity(format: &str) -> Dbcfg {
    let severities = "[severity]\ninvalid-port = \"warning\"\nunknown-key = \"info\"\nduplicate-key = \"error\"\n";
    check("settings.yaml", SETTINGS, format).file("dbcfg.toml", severities).args(&["--report", "json=found.json"])
}

#[test]
fn sarif_has_what_code_scanning_asks_for() {
    let dbcfg = every_severity("sarif");
    let run = dbcfg.run().expect_status(1).expect_stderr("");
    let log = parsed(&run.stdout);
    assert_eq!(log["version"], "2.1.0");
    let [run] = log["runs"].as_array().expect("runs").as_slice() else { panic!("one run: {log}") };
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    assert_eq!(run["invocations"], json!([{"executionSuccessful": true}]));
    let driver = &run["tool"]["driver"];
    assert_eq!((&driver["name"], &driver["semanticVersion"]), (&json!("dbcfg"), &json!(env!("CARGO_PKG_VERSION"))));
    let rules = driver["rules"].as_array().expect("rules");
    for rule in rules {
        for text in ["/id", "/shortDescription/text", "/fullDescription/text", "/help/text", "/help/markdown"] {
            assert!(rule.pointer(text).and_then(Value::as_str).is_some_and(|text| !text.is_empty()), "{text}: {rule}");
        }
        assert!(matches!(rule["defaultConfiguration"]["level"].as_str(), Some("error" | "warning" | "note")), "{rule}");
        assert_eq!(rule["properties"]["tags"].as_array().map(Vec::len), Some(1), "{rule}");
    }
    let results = run["results"].as_array().expect("results");
    let findings = findings(&dbcfg);
    assert_eq!(results.len(), findings.len());
    let mut fingerprints = Vec::new();
    for (result, finding) in results.iter().zip(&findings) {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("a small one");
        assert_eq!((&rules[index]["id"], &result["ruleId"]), (&finding["rule"], &finding["rule"]));
        let level = if finding["severity"] == "info" { &json!("note") } else { &finding["severity"] };
        assert_eq!(&result["level"], level);
        let message = format!("{}. Help: {}", text(&finding["message"]), text(&finding["help"]));
        assert_eq!(text(&result["message"]["text"]), message);
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "settings.yaml");
        assert_eq!(place["region"], region(finding));
        let related = result["relatedLocations"].as_array().map(Vec::as_slice).unwrap_or_default();
        for (result, finding) in related.iter().zip(finding["related"].as_array().expect("a list")) {
            assert_eq!(result["message"]["text"], finding["message"]);
            assert_eq!(result["physicalLocation"]["region"], region(finding));
        }
        assert_eq!(related.len(), finding["related"].as_array().map_or(0, Vec::len));
        fingerprints.push(text(&result["partialFingerprints"]["dbcfg/v1"]).to_owned());
    }
    demand_unique(&fingerprints);
    for level in ["error", "warning", "note"] {
        assert!(results.iter().any(|result| result["level"] == level), "{level}");
    }
}

fn region(finding: &Value) -> Value {
    let (start, end) = (&finding["start"], &finding["end"]);
    json!({
        "startLine": start["line"], "startColumn": start["column"], "endLine": end["line"], "endColumn": end["column"]
    })
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

#[track_caller]
fn demand_unique(fingerprints: &[String]) {
    let mut unique = fingerprints.to_vec();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), fingerprints.len(), "{fingerprints:?}");
}

#[test]
fn whole_files_have_no_region_and_paths_are_encoded() {
    let path = "a b/100%: é,#/settings.yaml";
    let whole = Dbcfg::new().bytes(path, b"\xff\xfea\0:\0").args(&["check", path, "--format"]);
    let run = whole.args(&["sarif", "--report", "github=found", "--report", "gitlab=lab"]);
    let log = parsed(&run.run().expect_status(1).stdout);
    let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place, &json!({"artifactLocation": {"uri": "a%20b/100%25%3A%20%C3%A9%2C%23/settings.yaml"}}));
    let github = fs::read_to_string(run.path("found")).expect("the report was written");
    assert!(github.starts_with("::error file=a b/100%25%3A é%2C#/settings.yaml,title=dbcfg unparsable::"), "{github}");
    let issue = &parsed(&fs::read_to_string(run.path("lab")).expect("the report was written"))[0];
    assert_eq!(issue["location"], json!({"path": path, "lines": {"begin": 1, "end": 1}}));
}

#[test]
fn fingerprints_are_those_of_the_baseline_and_stay_when_lines_move() {
    let fingerprints = |settings: &str, path: &str| -> Vec<String> {
        let dbcfg = check("app/settings.yaml", settings, "gitlab");
        let path = dbcfg.path(path).to_string_lossy().into_owned();
        let issues = parsed(&dbcfg.args(&[&path]).run().stdout);
        issues.as_array().expect("a list").iter().map(|issue| text(&issue["fingerprint"]).to_owned()).collect()
    };
    let all = fingerprints(SETTINGS, "app");
    demand_unique(&all);
    assert_eq!(all, fingerprints(&format!("\n# A line more.\n{SETTINGS}"), "./app/settings.yaml"));
    let dbcfg = check("app/settings.yaml", SETTINGS, "json").args(&["app", "--write-baseline"]);
    dbcfg.run().expect_status(0);
    let baseline = parsed(&fs::read_to_string(dbcfg.path("dbcfg-baseline.json")).expect("a baseline"));
    let mut known: Vec<&str> =
        baseline["findings"].as_array().expect("a list").iter().map(|known| text(&known["fingerprint"])).collect();
    let mut told: Vec<&str> = all.iter().filter_map(|one| Some(one.split_once(':')?.0)).collect();
    known.sort_unstable();
    told.sort_unstable();
    assert_eq!(told, known);
    assert_eq!(all.iter().filter(|one| one.ends_with(":2")).count(), 1, "{all:?}");
}

#[test]
fn github_has_a_command_for_each_finding_and_a_last_line() {
    let settings = SETTINGS.replace("    prot: 1\n    prot: 2\n    prot: 3\n", "");
    let expected = "\
::error file=settings.yaml,line=5,col=5,endLine=5,endColumn=9,title=dbcfg duplicate-key::\
the key `port` stands twice%0Asettings.yaml:4:5: first here%0A\
help: remove one of the two; most parsers take the last without a word, some refuse the file
::error file=settings.yaml,line=5,col=11,endLine=5,endColumn=16,title=dbcfg invalid-port::\
main has the port `70000`, and there is none%0A\
help: write a number from 1 to 65535; PostgreSQL's own port is 5432
Found 2 errors in 1 file.
";
    check("settings.yaml", &settings, "github").run().expect_status(1).expect_stdout(expected).expect_stderr("");
    let run = every_severity("github").run();
    for command in ["::error ", "::warning ", "::notice "] {
        assert!(run.stdout.lines().any(|line| line.starts_with(command)), "{command}\n{}", run.stdout);
    }
    let good = check("settings.yaml", "databases: {main: {host: db.example.com}}\n", "github");
    good.run().expect_status(0).expect_stdout("No problems in 1 file.\n");
}

#[test]
fn gitlab_has_what_code_quality_asks_for() {
    let dbcfg = every_severity("gitlab");
    let issues = parsed(&dbcfg.run().expect_status(1).expect_stderr("").stdout);
    let issues = issues.as_array().expect("a list");
    let findings = findings(&dbcfg);
    assert_eq!(issues.len(), findings.len());
    for (issue, finding) in issues.iter().zip(&findings) {
        let severity = match text(&finding["severity"]) {
            "error" => "critical",
            "warning" => "minor",
            _ => "info",
        };
        assert_eq!(issue["severity"], severity);
        assert_eq!(issue["check_name"], finding["rule"]);
        let message = format!("{}. Help: {}", text(&finding["message"]), text(&finding["help"]));
        assert_eq!(text(&issue["description"]), message);
        let lines = json!({"begin": finding["start"]["line"], "end": finding["end"]["line"]});
        assert_eq!(issue["location"], json!({"path": "settings.yaml", "lines": lines}));
    }
    let good = check("settings.yaml", "databases: {main: {host: db.example.com}}\n", "gitlab");
    good.run().expect_status(0).expect_stdout("[]\n");
}

#[test]
fn junit_has_a_suite_for_each_file_and_a_case_for_each_finding() {
    let run = every_severity("junit").run().expect_status(1).expect_stderr("");
    let expected = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<testsuites>
  <testsuite id=\"0\" package=\"dbcfg\" name=\"settings.yaml\" tests=\"5\" failures=\"4\" errors=\"0\" time=\"0\" \
timestamp=\"1970-01-01T00:00:00\" hostname=\"localhost\">
    <properties/>
";
    assert!(run.stdout.starts_with(expected), "{}", run.stdout);
    let port = "\
    <testcase classname=\"settings.yaml\" name=\"invalid-port: databases.main.port\" time=\"0\">
      <failure type=\"warning\" message=\"main has the port `70000`, and there is none\">\
settings.yaml:5:11: warning[invalid-port]: main has the port `70000`, and there is none
  help: write a number from 1 to 65535; PostgreSQL&apos;s own port is 5432</failure>
    </testcase>
";
    let second =
        "    <testcase classname=\"settings.yaml\" name=\"duplicate-key: databases.main.prot (2)\" time=\"0\">\n";
    let info = "    <testcase classname=\"settings.yaml\" name=\"unknown-key: databases.main.prot\" time=\"0\"/>\n";
    let output = "    <system-out>settings.yaml:8:5: info[unknown-key]: ";
    for part in [port, info, second, output, "    <system-err/>\n  </testsuite>\n"] {
        assert!(run.stdout.contains(part), "{part}\n{}", run.stdout);
    }
    demand_well_formed(&run.stdout);
    let good = check("settings.yaml", "databases: {main: {host: db.example.com}}\n", "junit");
    let expected = "\
    <testcase classname=\"dbcfg\" name=\"check\" time=\"0\"/>
    <system-out>No problems in 1 file.
</system-out>
";
    demand_well_formed(&good.run().expect_status(0).expect_stdout_contains(expected).stdout);
    let two = check("a/settings.yaml", SETTINGS, "junit").file("b/settings.yaml", SETTINGS).run();
    let heads: Vec<&str> = two.stdout.lines().filter_map(|line| line.split("package=\"dbcfg\" ").nth(1)).collect();
    assert_eq!(heads.len(), 2, "{}", two.stdout);
    assert!(heads[0].starts_with("name=\"a/settings.yaml\"") && heads[1].starts_with("name=\"b/settings.yaml\""));
}

/// A run that broke off must not look like a good one to those who read only the report.
#[test]
fn what_kept_dbcfg_from_its_job_is_told() {
    let bad = |format: &str| check("settings.yaml", SETTINGS, format).file("dbcfg.toml", "selct = 1\n").run();
    let junit = bad("junit").expect_status(2).expect_stdout_contains(" tests=\"1\" failures=\"0\" errors=\"1\" ");
    demand_well_formed(&junit.stdout);
    let log = parsed(&bad("sarif").expect_status(2).stdout);
    assert_eq!(log["runs"][0]["invocations"], json!([{"executionSuccessful": false}]));
}

/// That elements are closed in their order, and that no character stands where XML has another meaning for it.
#[track_caller]
fn demand_well_formed(xml: &str) {
    let rest = xml.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").expect("a declaration");
    let mut open: Vec<&str> = Vec::new();
    for piece in rest.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').expect("the end of a tag");
        assert!(!text.contains('>'), "{text}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{xml}");
        } else {
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
            let name = tag.split([' ', '/']).next().unwrap_or_default();
            if !tag.ends_with('/') {
                open.push(name);
            }
        }
    }
    assert!(open.is_empty(), "{open:?}");
    for reference in rest.split('&').skip(1) {
        let name = reference.split(';').next().unwrap_or_default();
        assert!(["amp", "lt", "gt", "quot", "apos"].contains(&name), "{name}");
    }
}

#[test]
fn hostile_text_is_harmless_in_every_format() {
    let path = "a]]><b&\"'\u{202e}/settings.yaml";
    let settings = "\
databases:
  \"m::error file=x,a%0A\\u001b]]><x>&\\uFFFE\\u202E[a](b)\": {host: h, port: 70000, password: 'S3cr3t-C4n4ry'}
  main:
    host: h
    \"p\\r\\n::warning::x\": 1
    url: 'postgresql://u:S3cr3t-C4n4ry@h:99999/d'
";
    for format in FORMATS {
        let run = check(path, settings, format).run().expect_status(1).expect_nowhere("C4n4ry");
        let is_hostile = |character: char| {
            (character.is_control() && character != '\n') || matches!(character, '\u{202e}' | '\u{feff}')
        };
        assert!(!run.stdout.contains(is_hostile), "{format}: {}", run.stdout);
        match *format {
            "junit" => demand_well_formed(&run.stdout),
            "github" => {
                let (commands, last): (Vec<&str>, Vec<&str>) =
                    run.stdout.lines().partition(|line| line.starts_with("::error ") || line.starts_with("::warning "));
                assert!(commands.len() > 1 && last.len() == 1 && last[0].starts_with("Found "), "{}", run.stdout);
            }
            "sarif" => assert!(parsed(&run.stdout)["runs"][0]["results"].is_array()),
            _ => assert!(parsed(&run.stdout).is_array()),
        }
    }
}

#[test]
fn a_report_is_what_would_be_printed() {
    for format in FORMATS {
        let printed = check("settings.yaml", SETTINGS, format).run().expect_status(1).stdout;
        let dbcfg = check("settings.yaml", SETTINGS, "concise").args(&["--report", &format!("{format}=found")]);
        dbcfg.run().expect_status(1).expect_file("found", &printed);
    }
}

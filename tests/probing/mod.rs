//! What tests of `dbcfg probe` share: a run whose JSON is read, and what is expected of a target.

mod lasting;

use serde_json::Value;

use crate::servers::PASSWORD;
use crate::support::{Dbcfg, Output};

pub(crate) use lasting::Lasting;

/// A database of `scram_role` on a server of this machine, as an entry of `databases:`. Further keys of it follow the
/// entry with four spaces before each.
pub(crate) fn entry(name: &str, port: u16, database: &str) -> String {
    format!(
        "  {name}:\n    host: 127.0.0.1\n    port: {port}\n    database: {database}\n    username: scram_role\n    \
         password: \"{PASSWORD}\"\n"
    )
}

/// A run of `dbcfg probe` that is about to start. It has one attempt unless a test says otherwise: waits are tested
/// elsewhere.
#[derive(Debug)]
pub(crate) struct Probe {
    dbcfg: Dbcfg,
}

/// What a run found.
#[derive(Debug)]
pub(crate) struct Found {
    /// What it left.
    pub(crate) output: Output,
    /// Its JSON.
    pub(crate) json: Value,
}

/// What became of a target.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'found> {
    json: &'found Value,
}

/// What is expected of a target that does not answer: the stage, the cause, the class, the code, and words of the hint.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected {
    pub(crate) stage: &'static str,
    pub(crate) cause: &'static str,
    pub(crate) class: &'static str,
    pub(crate) code: &'static str,
    pub(crate) hint: &'static str,
}

impl Probe {
    /// Probes a connection string, with the tests' password in `PGPASSWORD`.
    pub(crate) fn url(url: &str) -> Self {
        let dbcfg = Dbcfg::new().args(&["probe", "--url", url, "--format", "json"]);
        Self { dbcfg }.args(&["--attempts", "1"]).env("PGPASSWORD", PASSWORD)
    }

    /// Probes what a `settings.yaml` describes, with `--all`.
    pub(crate) fn settings(text: &str) -> Self {
        let dbcfg = Dbcfg::new().file("settings.yaml", text).args(&["probe", "--all", "--format", "json"]);
        Self { dbcfg }.args(&["--attempts", "1"])
    }

    /// Adds arguments; of one that is given twice the later counts.
    pub(crate) fn args(self, arguments: &[&str]) -> Self {
        Self { dbcfg: self.dbcfg.args(arguments) }
    }

    /// Sets a variable.
    pub(crate) fn env(self, name: &str, value: &str) -> Self {
        Self { dbcfg: self.dbcfg.env(name, value) }
    }

    /// The run itself, to be changed in other ways.
    pub(crate) fn with(self, change: impl FnOnce(Dbcfg) -> Dbcfg) -> Self {
        Self { dbcfg: change(self.dbcfg) }
    }

    /// Runs it in whatever format.
    #[track_caller]
    pub(crate) fn output(&self) -> Output {
        self.dbcfg.run()
    }

    /// Runs it, and reads its JSON.
    #[track_caller]
    pub(crate) fn run(&self) -> Found {
        let output = self.output();
        let json = serde_json::from_str(&output.stdout);
        let json = json.unwrap_or_else(|error| panic!("{error}\n{}\n{}", output.stdout, output.stderr));
        Found { output, json }
    }
}

impl Found {
    /// The only target.
    #[track_caller]
    pub(crate) fn only(&self) -> Target<'_> {
        let targets = self.json["targets"].as_array().expect("there are targets");
        assert_eq!(targets.len(), 1, "{:#}", self.json);
        Target { json: &targets[0] }
    }

    /// The target of a name.
    #[track_caller]
    pub(crate) fn target(&self, name: &str) -> Target<'_> {
        let targets = self.json["targets"].as_array().expect("there are targets");
        let found = targets.iter().find(|target| target["name"] == name);
        Target { json: found.unwrap_or_else(|| panic!("there is no {name} in {:#}", self.json)) }
    }

    /// What is said of a database and all that belongs to it.
    pub(crate) fn database(&self, name: &str) -> &Value {
        &self.json["databases"][name]
    }

    /// The ids of the rules of all findings, in their order.
    pub(crate) fn rules(&self) -> Vec<&str> {
        let findings = self.json["findings"].as_array().expect("there are findings");
        findings.iter().filter_map(|finding| finding["rule"].as_str()).collect()
    }

    /// The only finding of a rule.
    #[track_caller]
    pub(crate) fn finding(&self, rule: &str) -> &Value {
        let findings = self.json["findings"].as_array().expect("there are findings");
        let of_rule: Vec<&Value> = findings.iter().filter(|finding| finding["rule"] == rule).collect();
        assert_eq!(of_rule.len(), 1, "{rule}: {:#}", self.json);
        of_rule[0]
    }

    /// The only finding of a rule has this severity and says this, and its help has these words.
    #[track_caller]
    pub(crate) fn expect_finding(&self, rule: &str, severity: &str, message: &str, help: &str) {
        let finding = self.finding(rule);
        let said = (finding["severity"].as_str(), finding["message"].as_str());
        assert_eq!(said, (Some(severity), Some(message)), "{finding:#}");
        assert!(finding["help"].as_str().is_some_and(|text| text.contains(help)), "{help:?} in {finding:#}");
    }

    /// None of these rules has found anything.
    #[track_caller]
    pub(crate) fn expect_none_of(&self, rules: &[&str]) {
        let found = self.rules();
        assert!(rules.iter().all(|rule| !found.contains(rule)), "{:#}", self.json);
    }

    /// The exit status.
    #[track_caller]
    pub(crate) fn expect_status(self, status: i32) -> Self {
        assert_eq!(self.output.status, status, "{:#}\n{}", self.json, self.output.stderr);
        self
    }
}

impl<'found> Target<'found> {
    /// A part of it.
    pub(crate) fn get(self, pointer: &str) -> &'found Value {
        self.json.pointer(pointer).unwrap_or(&Value::Null)
    }

    /// Its verdict.
    pub(crate) fn status(self) -> &'found str {
        self.get("/status").as_str().unwrap_or_default()
    }

    /// It answers, whatever else is said of it.
    #[track_caller]
    pub(crate) fn expect_status(self, status: &str) -> Self {
        assert_eq!(self.status(), status, "{:#}", self.json);
        self
    }

    /// It does not answer, and this is why.
    #[track_caller]
    pub(crate) fn expect(self, expected: Expected) -> Self {
        let error = |name: &str| self.json["error"][name].as_str().unwrap_or_default();
        let found = (error("stage"), error("cause"), error("class"), error("code"));
        assert_eq!(found, (expected.stage, expected.cause, expected.class, expected.code), "{:#}", self.json);
        let hint = self.get("/hint").as_str().unwrap_or_default();
        assert!(!hint.is_empty() && hint.contains(expected.hint), "{:?} is missing in {hint:?}", expected.hint);
        let message = error("message");
        assert!(!message.is_empty() && !message.contains(PASSWORD), "{message}");
        self
    }

    /// The stages of its last attempt, in their order.
    pub(crate) fn stages(self) -> Vec<&'found str> {
        let last = self.json["attempts"].as_array().and_then(|attempts| attempts.last());
        let stages = last.and_then(|last| last["stages"].as_array()).into_iter().flatten();
        stages.filter_map(|stage| stage["stage"].as_str()).collect()
    }
}

/// A row of a table of expectations.
pub(crate) const fn expected(
    stage: &'static str,
    cause: &'static str,
    class: &'static str,
    code: &'static str,
    hint: &'static str,
) -> Expected {
    Expected { stage, cause, class, code, hint }
}

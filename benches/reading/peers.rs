//! The programs beside which dbcfg is measured: what people run over such files today.
//!
//! They are installed once, into a directory of their own below `target/`. Where that cannot be done, their rows say
//! so, and all else is measured.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Pinned, so that two runs are beside the same peers.
const PACKAGES: &[&str] = &["yamllint==1.38.0", "check-jsonschema==0.39.0"];

/// What `check-jsonschema` checks: the shape of the files, as a project that uses it would describe it.
const SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "properties": {
    "databases": {
      "type": "object",
      "additionalProperties": {
        "type": "object",
        "properties": {
          "host": {"type": "string"},
          "port": {"type": "integer", "minimum": 1, "maximum": 65535},
          "url": {"type": "string"}
        },
        "anyOf": [{"required": ["host"]}, {"required": ["url"]}]
      }
    },
    "mlflow": {"type": "object", "required": ["tracking_uri"]}
  }
}
"#;

/// The peers that are there.
pub(crate) struct Peers {
    programs: Option<PathBuf>,
    schema: PathBuf,
}

impl Peers {
    /// Installs the peers below a directory, unless they are there already. `wanted` is false for a trial run.
    pub(crate) fn install(directory: &Path, wanted: bool) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        let schema = directory.join("schema.json");
        fs::write(&schema, SCHEMA)?;
        let environment = directory.join("python");
        let programs = environment.join(if cfg!(windows) { "Scripts" } else { "bin" });
        let mark = directory.join("installed");
        let is_there = || fs::read_to_string(&mark).is_ok_and(|installed| installed == PACKAGES.join(" "));
        if wanted && !is_there() {
            let create = ["-m", "venv", "--clear"].map(AsRef::as_ref).into_iter().chain([environment.as_os_str()]);
            let install = ["install", "--quiet"].into_iter().chain(PACKAGES.iter().copied());
            if runs(Command::new("python3").args(create)) && runs(Command::new(programs.join("pip")).args(install)) {
                fs::write(&mark, PACKAGES.join(" "))?;
            }
        }
        let programs = (wanted && is_there()).then_some(programs);
        Ok(Self { programs, schema })
    }

    /// `yamllint`, which reads and judges YAML line by line.
    pub(crate) fn yamllint(&self) -> Option<Command> {
        let mut command = Command::new(self.programs.as_ref()?.join("yamllint"));
        command.args(["-d", "relaxed", "--no-warnings"]);
        Some(command)
    }

    /// `check-jsonschema`, which reads YAML and checks it against a schema.
    pub(crate) fn check_jsonschema(&self) -> Option<Command> {
        let mut command = Command::new(self.programs.as_ref()?.join("check-jsonschema"));
        command.arg("--schemafile").arg(&self.schema);
        Some(command)
    }
}

fn runs(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).stdout(Stdio::null()).status().is_ok_and(|status| status.success())
}

//! Judges that share no code with dbcfg: the `serde_yaml` crate here, and `PyYAML`, ruamel.yaml, tomllib and json in a
//! process of Python.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::generator::Data;

/// One file for the judges.
pub(crate) struct Item {
    /// What failures call it.
    pub(crate) name: String,
    /// The ending of its name: `yaml`, `toml`, `json`, `env`.
    pub(crate) format: String,
    /// The old text.
    pub(crate) before: String,
    /// The new text.
    pub(crate) after: String,
    /// What the new text is to say.
    pub(crate) intended: Intended,
}

/// What a new text is to say.
pub(crate) enum Intended {
    /// The same as another text, which somebody wrote by hand.
    Text(String),
    /// These data.
    Data {
        /// Those of the old text, to judge whoever wrote it.
        old: Data,
        /// Those of the new one.
        new: Data,
        /// How far they are to be the same.
        form: Form,
    },
    /// Every single value that the old text says, but for what is allowed to go (see judges.py).
    Values {
        /// Whether the plan says that values go away: duplicates, those that lost, passwords that move to `.env`.
        may_drop: bool,
    },
}

/// What else than the data may stand in a new text.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Form {
    /// Nothing.
    Whole,
    /// Variables in the place of passwords.
    Secrets,
    /// All that the old text says.
    Beside,
}

impl Form {
    /// As judges.py calls it.
    fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Secrets => "secrets",
            Self::Beside => "beside",
        }
    }
}

/// Lets all judges look at all files.
pub(crate) fn judge(items: &[Item]) -> Result<(), String> {
    let mut wrong: Vec<String> = items.iter().filter_map(|item| serde(item).err()).collect();
    wrong.extend(python(items).err());
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

fn serde(item: &Item) -> Result<(), String> {
    if item.format != "yaml" {
        return Ok(());
    }
    let found = read(&item.after);
    let wrong = |what: &str| Err(format!("serde_yaml {what} in {}:\n{}", item.name, item.after));
    // It reads one document and wants every key once, so that some texts are not for it, before as well as after.
    if found.is_none() && read(&item.before).is_some() {
        return wrong("can read nothing any more");
    }
    match &item.intended {
        Intended::Text(text) if found != read(text) => wrong("reads something else"),
        Intended::Data { old, .. } if read(&item.before) != Some(value_of(old)) => wrong("was given something else"),
        Intended::Data { new, form: Form::Whole, .. } if found != Some(value_of(new)) => wrong("reads something else"),
        // What has no single intended form is judged in Python.
        _ => Ok(()),
    }
}

fn read(text: &str) -> Option<serde_yaml::Value> {
    let mut value: serde_yaml::Value = serde_yaml::from_str(text.trim_start_matches('\u{FEFF}')).ok()?;
    value.apply_merge().ok()?;
    Some(value)
}

/// Intended data as this reader has them; what only a parser knows (`yes`, 0600) it is asked itself.
fn value_of(data: &Data) -> serde_yaml::Value {
    match data {
        Data::Plain(text) => read(&format!("a: {text}")).and_then(|it| it.get("a").cloned()).unwrap_or_default(),
        Data::Integer(number) => (*number).into(),
        Data::Bool(switch) => (*switch).into(),
        Data::Text(text) => text.as_str().into(),
        Data::List(items) => serde_yaml::Value::Sequence(items.iter().map(value_of).collect()),
        Data::Anchored(_, inner) | Data::Alias(_, inner) => value_of(inner),
        Data::Map(entries) => {
            let mut map: serde_yaml::Mapping =
                entries.iter().map(|(key, value)| (key.as_str().into(), value_of(value))).collect();
            if let Some(serde_yaml::Value::Mapping(base)) = map.remove("<<") {
                for (key, value) in base {
                    map.entry(key).or_insert(value);
                }
            }
            serde_yaml::Value::Mapping(map)
        }
    }
}

fn python(items: &[Item]) -> Result<(), String> {
    let items: Vec<Value> = items.iter().map(told).collect();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/migrating/judges.py");
    // The packages belong to Debian's own Python; another one may come first on the search path.
    let debians = Path::new("/usr/bin/python3");
    let program = if debians.exists() { debians } else { Path::new("python3") };
    let child = Command::new(program).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = child.map_err(|error| format!("python3 is needed as a judge ({error}); .ci/test installs it"))?;
    let mut stdin = child.stdin.take().ok_or("a pipe")?;
    let text = Value::Array(items).to_string();
    // It reads everything before it writes anything.
    stdin.write_all(text.as_bytes()).map_err(|error| error.to_string())?;
    drop(stdin);
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() && said.ends_with("judged\n") { Ok(()) } else { Err(said) }
}

fn told(item: &Item) -> Value {
    let Item { name, format, before, after, intended } = item;
    let mut told = json!({"name": name, "format": format, "before": before, "after": after});
    match intended {
        Intended::Text(text) => told["text"] = text.as_str().into(),
        Intended::Data { old, new, form } => {
            told["form"] = form.name().into();
            told["old"] = old.to_json();
            told["new"] = new.to_json();
        }
        Intended::Values { may_drop } => told["may_drop"] = (*may_drop).into(),
    }
    told
}

//! Passwords that move to `.env` files, which may be new.

use std::collections::BTreeMap;

use crate::document::{Document, Format};
use crate::model::{FileFacts, FilePlan, Source, SourceId, SourceKind, ValueChange};
use crate::redact;

use super::work::Done;
use super::{Planner, decide, unchanged, value};

impl Planner<'_> {
    /// Puts the passwords that move into their files; gives back those that are new.
    pub(super) fn add_secrets(&mut self, done: &mut BTreeMap<SourceId, Done>) -> Vec<(FilePlan, Source)> {
        let mut added = Vec::new();
        for (path, secrets) in std::mem::take(&mut self.secrets) {
            let known = self.project.sources.iter().find(|(_, source)| source.name == path).map(|(id, _)| id);
            let mut file = match known {
                Some(id) => done.remove(&id).map_or_else(|| unchanged(id, self.source(id)), |done| done.file),
                None => FilePlan::unchanged(None, path.clone(), String::new()),
            };
            let (text, changes) = with_variables(&file.after, &secrets);
            let document = Document::parse(text.as_bytes(), Format::Env);
            file.after = text;
            file.is_private = true;
            file.record.extend(changes.iter().cloned());
            file.changes.extend(changes);
            let Some(id) = known else {
                let facts = FileFacts { exists: true, ..FileFacts::default() };
                let kind = SourceKind::Env { environment: None };
                added.push((file, Source { name: path, kind, document: Some(document), facts }));
                continue;
            };
            done.insert(id, Done { file, document });
        }
        added
    }
}

/// The `.env` file that is read beside a settings file, in the environment that the file is for.
pub(super) fn env_file(source: &Source) -> String {
    let directory = source.name.rfind('/').map_or("", |end| &source.name[..=end]);
    // Settings below `config/` are read with the variables of the directory above.
    let is_config = directory == "config/" || directory.ends_with("/config/");
    let directory = if is_config { directory.strip_suffix("config/").unwrap_or(directory) } else { directory };
    match source.kind.environment() {
        Some(environment) => format!("{directory}.env.{environment}"),
        None => format!("{directory}.env"),
    }
}

/// A text of variables with further ones at its end.
fn with_variables(base: &str, secrets: &[decide::Moved]) -> (String, Vec<ValueChange>) {
    let mut text = base.to_owned();
    let line_end = if base.contains("\r\n") { "\r\n" } else { "\n" };
    if !text.is_empty() && !text.ends_with('\n') {
        text.push_str(line_end);
    }
    let mut changes = Vec::new();
    for secret in secrets {
        let value = value::quoted_variable(secret.value.expose());
        for part in [secret.name.as_str(), "=", &value, line_end] {
            text.push_str(part);
        }
        changes.push(ValueChange { key: secret.name.clone(), old: None, new: Some(redact::MASK.to_owned()) });
    }
    (text, changes)
}

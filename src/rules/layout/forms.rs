//! In which layouts the settings files describe their databases.

use std::collections::BTreeMap;

use crate::model::{Database, Definition, Key, Origin, Role, SourceId, SourceKind};
use crate::rules::Case;

/// The layouts that the canonical schema replaces. MLflow's own keys, variables, INI and compose files have no
/// canonical form
/// to move to.
const LEGACY: &[&str] =
    &["legacy sections", "credential references", "one server", "named servers", "database service", "flat keys"];

/// The name of the canonical schema among the layouts.
pub(super) const CANONICAL: &str = "canonical";

/// One definition in a settings file.
pub(super) struct Form<'project> {
    /// The layout: canonical, or one of the legacy ones.
    pub(super) layout: &'static str,
    /// The database that it is of.
    pub(super) role: &'project Role,
    /// Where it stands: the key of a section, or the whole value of a flat key, also where that is a URL.
    pub(super) origin: Origin,
    start: u32,
}

/// The definitions of each settings file, in the order of the text, whatever environment they are for.
pub(super) fn of_files<'project>(cases: &[Case<'project>]) -> BTreeMap<SourceId, Vec<Form<'project>>> {
    let mut files: BTreeMap<SourceId, Vec<Form<'project>>> = BTreeMap::new();
    for case in cases {
        for database in &case.configuration.databases {
            for definition in &database.definitions {
                let Some((id, form)) = form(case, database, definition) else { continue };
                files.entry(id).or_default().push(form);
            }
        }
    }
    for forms in files.values_mut() {
        forms.sort_by_key(|form| form.start);
        forms.dedup_by(|one, other| one.start == other.start && one.layout == other.layout && one.role == other.role);
    }
    files
}

fn form<'project>(
    case: &Case<'project>,
    database: &'project Database,
    definition: &'project Definition,
) -> Option<(SourceId, Form<'project>)> {
    let (Origin::Node { source: id, span, .. } | Origin::Place { source: id, span }) = &definition.origin else {
        return None;
    };
    let is_settings = matches!(case.project.sources.get(*id).kind, SourceKind::Settings { .. });
    let says_where = definition.connection.is_place() || definition.connection.settings.get(Key::Url).is_some();
    if !is_settings || !says_where {
        return None;
    }
    let is_neutral =
        definition.layout == CANONICAL && !["main", "mlflow", "vector"].contains(&definition.name.as_str());
    // So is `databases.secondary` that is neither main nor its failover, unless it draws on credentials elsewhere.
    let is_neutral = is_neutral
        || (definition.layout == "credential references"
            && matches!(database.role, Role::Other(_))
            && database.names.len() == 1);
    // `databases.reports` is a part of the canonical schema, and of the layouts that have sections below `databases`.
    if is_neutral {
        return None;
    }
    let layout = if definition.layout == CANONICAL {
        CANONICAL
    } else {
        LEGACY.iter().find(|known| **known == definition.layout)?
    };
    let origin = match (&definition.origin, case.document(&definition.origin)) {
        (Origin::Node { node, .. }, Some(document)) => Origin::node(*id, document, *node),
        (origin, _) => origin.clone(),
    };
    Some((*id, Form { layout, role: &database.role, origin, start: span.start }))
}

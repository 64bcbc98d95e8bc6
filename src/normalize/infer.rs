//! The role of a definition that does not say it.

use crate::finding::Finding;
use crate::layouts::role_of_database;
use crate::model::{Key, Role, Setting};
use crate::redact;
use crate::rules;

use super::Ranked;

/// The role that the name of the database tells, else main. Only variables (`DATABASE_*`) have no other way to say it,
/// so only there it is worth a word.
pub(super) fn role(ranked: &Ranked, findings: &mut Vec<Finding>) -> Role {
    let setting = ranked.found.connection.settings.get(Key::Database);
    let told = setting.and_then(Setting::effective).and_then(|name| role_of_database(&name));
    let role = told.clone().unwrap_or(Role::Main);
    // A URL without further words is main everywhere; `DATABASE_HOST` and its kin may be any database's.
    let is_open = ranked.found.name.to_ascii_uppercase().starts_with("DATABASE_") && !ranked.found.is_whole;
    if let Some(setting) = setting.filter(|_| told.as_ref().is_some_and(|role| *role != Role::Main) || is_open) {
        let why = if told.is_some() { "by the name of its database" } else { "since nothing says otherwise" };
        let name = redact::show_text(&ranked.found.name);
        // Both prefixes are one family, and either may be the one that stands there.
        let (names, verb) = match name.as_str() {
            "DATABASE_*" => ("DATABASE_*` and `DB_*", "are"),
            "database_*" => ("database_*` and `db_*", "are"),
            name => (name, "is"),
        };
        let message = format!("`{names}` {verb} taken for {role}, {why}");
        let help = format!("name it for its role to be sure: {}", canonical_variables(&role));
        findings.push(Finding::new(&rules::layout::role_inferred::INFO, setting.origin.clone(), message).help(help));
    }
    role
}

fn canonical_variables(role: &Role) -> String {
    match role {
        Role::Main => "POSTGRES_*, or `databases.main`".to_owned(),
        other => format!("{}_POSTGRES_*, or `databases.{other}`", other.name().to_ascii_uppercase()),
    }
}

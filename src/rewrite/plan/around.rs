//! What is around the files that are planned: what the project says as a whole, looked up once.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Connection, Key, Project, Role};

/// What the project says as a whole.
pub(super) struct Around {
    /// The variables of `.env` files of all environments, with what they hold; those that hold several things have a
    /// value that no variable can have.
    pub(super) variables: BTreeMap<String, String>,
    /// The databases that are not on main's server in every environment.
    pub(super) apart: BTreeSet<Role>,
    /// Where the databases are, also those that other files describe.
    pub(super) servers: BTreeMap<Role, Connection>,
}

impl Around {
    pub(super) fn of(project: &Project) -> Self {
        let mut variables: BTreeMap<String, String> = BTreeMap::new();
        for (name, (value, _)) in project.configurations.iter().flat_map(|it| &it.variables) {
            let value = value.expose();
            let known = variables.entry(name.clone()).or_insert_with(|| value.clone());
            if *known != value {
                known.clear();
                known.push('\0');
            }
        }
        let first = project.configurations.first();
        let all = first.into_iter().flat_map(|configuration| &configuration.databases);
        let servers = all.map(|database| (database.role.clone(), database.connection.clone())).collect();
        Self { variables, apart: apart(project), servers }
    }
}

/// The databases that are not on main's server in every environment.
fn apart(project: &Project) -> BTreeSet<Role> {
    let mut apart = BTreeSet::new();
    for configuration in &project.configurations {
        let Some(main) = configuration.database(&Role::Main) else { continue };
        let differs = |connection: &Connection| {
            [Key::Host, Key::Port].into_iter().any(|key| {
                let text = |of: &Connection| of.settings.get(key).map(|it| it.effective().unwrap_or(it.value.expose()));
                text(connection) != text(&main.connection)
            })
        };
        let others = configuration.databases.iter().filter(|database| differs(&database.connection));
        apart.extend(others.map(|database| database.role.clone()));
    }
    apart
}

//! What legacy names mean: the one table of names to roles.

use std::collections::BTreeMap;

use crate::model::Role;

/// Names of the application's own database, without the affixes below.
const MAIN: &[&str] = &[
    "main",
    "primary",
    "app",
    "application",
    "std",
    "standard",
    "default",
    "core",
    "postgres",
    "postgresql",
    "db",
    "database",
    "pg",
    "",
];

/// Names of `MLflow`'s tracking database.
const MLFLOW: &[&str] =
    &["mlflow", "mlflow_alt", "alt_mlflow", "mlflow_tracking", "mlflow_backend", "tracking", "experiments"];

/// Names of the database that holds embeddings.
const VECTOR: &[&str] = &["vector", "vectors", "pgvector", "embedding", "embeddings", "vector_store", "rag"];

/// What a name may begin or end with without meaning anything else: `postgres_std`, `mlflow_postgres`, `vector_db`.
const PREFIXES: &[&str] = &["postgresql_", "postgres_", "database_", "pg_", "db_"];
const SUFFIXES: &[&str] = &["_postgresql", "_postgres", "_database", "_credentials", "_pg", "_db", "_server"];

/// The table, with the names that the user's settings add.
#[derive(Clone, Debug, Default)]
pub struct Names {
    added: BTreeMap<String, Role>,
}

impl Names {
    /// The table with further names.
    pub fn with(added: BTreeMap<String, Role>) -> Self {
        Self { added }
    }

    /// The table with further names still; those that it has already stay.
    #[must_use]
    pub fn and(mut self, added: BTreeMap<String, Role>) -> Self {
        for (name, role) in added {
            self.added.entry(name).or_insert(role);
        }
        self
    }

    /// The role that a name stands for, if the table knows it.
    pub fn role(&self, name: &str) -> Option<Role> {
        if let Some(role) = self.added.get(name) {
            return Some(role.clone());
        }
        let name = name.to_ascii_lowercase().replace('-', "_");
        let mut base = name.as_str();
        if let Some(role) = plain(base) {
            return Some(role);
        }
        for suffix in SUFFIXES {
            base = base.strip_suffix(suffix).unwrap_or(base);
        }
        for prefix in PREFIXES {
            base = base.strip_prefix(prefix).unwrap_or(base);
        }
        plain(base)
    }

    /// The role of a name; a name that the table does not know is kept as it is.
    pub fn role_or_name(&self, name: &str) -> Role {
        self.role(name).unwrap_or_else(|| Role::Other(name.to_owned()))
    }
}

fn plain(name: &str) -> Option<Role> {
    if MAIN.contains(&name) {
        Some(Role::Main)
    } else if MLFLOW.contains(&name) {
        Some(Role::Mlflow)
    } else if VECTOR.contains(&name) {
        Some(Role::Vector)
    } else {
        None
    }
}

/// The role that the name of a database tells: `mlflow_db` is `MLflow`'s, `vector_db` holds embeddings. Whole words
/// count, since `vectorqa` is an application.
pub fn role_of_database(database: &str) -> Option<Role> {
    let lower = database.to_ascii_lowercase();
    let mut words = lower.split(|c: char| !c.is_ascii_alphanumeric());
    words.find_map(|word| match word {
        "mlflow" | "mlflowdb" => Some(Role::Mlflow),
        "vector" | "vectors" | "pgvector" | "embedding" | "embeddings" | "vectordb" => Some(Role::Vector),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legacy_names_have_roles() {
        for (name, role) in [
            ("postgres_primary", Some(Role::Main)),
            ("postgresql_primary", Some(Role::Main)),
            ("postgres_std", Some(Role::Main)),
            ("app_postgres", Some(Role::Main)),
            ("postgresql", Some(Role::Main)),
            ("mlflow_alt_db", Some(Role::Mlflow)),
            ("postgres_mlflow", Some(Role::Mlflow)),
            ("mlflow_postgres", Some(Role::Mlflow)),
            ("postgres_vector", Some(Role::Vector)),
            ("vector_db", Some(Role::Vector)),
            ("analytics", None),
            ("secondary", None),
            ("sqlite_backup", None),
        ] {
            assert_eq!(Names::default().role(name), role, "{name}");
        }
        assert_eq!(role_of_database("mlflow_db"), Some(Role::Mlflow));
        assert_eq!(role_of_database("vectorqa"), None);
        let names = Names::with([("reports".to_owned(), Role::Main)].into());
        assert_eq!(names.role("reports"), Some(Role::Main));
    }
}

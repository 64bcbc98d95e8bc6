//! `database-name-drift`.

use std::collections::HashMap;

use crate::finding::Finding;
use crate::model::{Connection, Key, Origin, Role, Setting, Value};
use crate::redact::show_text;
use crate::rules::case::known;
use crate::rules::{Case, Part, server};

rule! {
    /// A database whose name is written in two ways, such as `mlflow` and `mlflow_db`.
    ///
    /// Compared are all names that one role has: in every environment, in definitions on the same host that lost, and in weaker sources.
    /// Names are alike if they differ only in capitals, hyphens, underscores, or a `db` or `database` at either end.
    /// A `fallback_database` is meant to differ.
    /// # Why it matters
    /// PostgreSQL takes the name letter by letter: `mlflow` and `mlflow_db` are two databases, and so are `VectorQA` and `vectorqa`.
    /// Either one of the two does not exist, and the connection fails where that name counts, or both do, and the data is in two places.
    /// # How to mend it
    /// Find out with `psql -l` which one holds the data, and write that name everywhere.
    /// If both have to stay for a while, name the older one as `fallback_database`.
    /// # Example
    /// ```yaml
    /// databases:
    ///   vector:
    ///     host: db.example.com
    ///     database: vector_db
    /// environments:
    ///   staging:
    ///     databases:
    ///       vector: {host: staging.example.com, database: vector-db}
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   vector:
    ///     host: db.example.com
    ///     database: vector_db
    /// environments:
    ///   staging:
    ///     databases:
    ///       vector: {host: staging.example.com}
    /// ```
    "database-name-drift": Endpoint, Warning
}

/// A name of a database, and where it stands.
struct Name {
    text: String,
    origin: Origin,
}

/// What the first environment in which a role has a database says about it.
struct First<'case> {
    name: Name,
    bare: String,
    fallback: Option<&'case Setting>,
}

pub(super) fn judge(cases: &[Case<'_>], findings: &mut Vec<Finding>) {
    let mut first: HashMap<&Role, First<'_>> = HashMap::new();
    for case in cases {
        for site in case.sites().filter(|site| server::is_postgresql(site.connection)) {
            let names = match site.part {
                Part::Primary => names(site.connection),
                Part::Lost(_) if is_same_host(&site.database.connection, site.connection) => names(site.connection),
                _ => continue,
            };
            for name in names {
                if let Some(first) = first.get(&site.database.role) {
                    findings.extend(drift(&site.database.role, first, name));
                } else {
                    let fallback = site.connection.settings.get(Key::FallbackDatabase);
                    let bare = bare(&name.text);
                    first.insert(&site.database.role, First { name, bare, fallback });
                }
            }
        }
    }
}

fn drift(role: &Role, first: &First<'_>, name: Name) -> Option<Finding> {
    let is_fallback = first.fallback.is_some_and(|fallback| fallback.effective().as_ref() == Some(&name.text));
    if name.text == first.name.text || first.bare.is_empty() || is_fallback || bare(&name.text) != first.bare {
        return None;
    }
    let (role, here, there) = (show_text(role.name()), show_text(&name.text), show_text(&first.name.text));
    let message =
        format!("the database of {role} is called `{here}` here and `{there}` elsewhere: to PostgreSQL these are two");
    Some(
        Finding::new(&INFO, name.origin, message)
            .help("write the name of the one that holds the data in both places")
            .related(first.name.origin.clone(), "the other name"),
    )
}

/// The names of the database of a connection that are known: the one that counts first, then those that lost.
fn names(connection: &Connection) -> Vec<Name> {
    let Some(setting) = connection.settings.get(Key::Database).filter(|it| !server::is_hidden(it)) else {
        return Vec::new();
    };
    let is_name = |text: &String| !text.is_empty() && !server::is_open(text);
    let used = known(setting).filter(is_name).map(|text| Name { text, origin: setting.origin.clone() });
    let lost = setting.lost.iter().filter(|loss| matches!(loss.value, Value::Text { .. }) && !loss.value.is_template());
    let lost = lost.map(|loss| Name { text: loss.value.expose(), origin: loss.origin.clone() });
    used.into_iter().chain(lost.filter(|name| is_name(&name.text))).collect()
}

fn is_same_host(one: &Connection, other: &Connection) -> bool {
    let host = |connection: &Connection| Some(server::hosts(connection)?.join(",").to_ascii_lowercase());
    host(one).is_some_and(|own| Some(own) == host(other))
}

/// A name without its dressing; empty if nothing is left.
pub(in crate::rules) fn bare(name: &str) -> String {
    let mut bare: String = name.to_ascii_lowercase().chars().filter(|c| !matches!(c, '-' | '_')).collect();
    for word in ["database", "db"] {
        if let Some(rest) = bare.strip_suffix(word).or_else(|| bare.strip_prefix(word)) {
            bare = rest.to_owned();
            break;
        }
    }
    bare
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dressing_is_taken_off() {
        for (name, expected) in [
            ("mlflow", "mlflow"),
            ("mlflow_db", "mlflow"),
            ("mlflow-database", "mlflow"),
            ("db_mlflow", "mlflow"),
            ("MLflowDB", "mlflow"),
            ("vector-db", "vector"),
            ("vector_db", "vector"),
            ("mlflow_test", "mlflowtest"),
            ("db", ""),
            ("database", ""),
        ] {
            assert_eq!(bare(name), expected, "{name}");
        }
    }
}

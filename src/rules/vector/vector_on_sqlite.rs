//! `vector-on-sqlite`.

use crate::finding::Finding;
use crate::model::{Key, Role};
use crate::rules::Case;

rule! {
    /// A vector database on SQLite, where pgvector cannot be.
    ///
    /// What counts in development and tests only is not found.
    ///
    /// # Why it matters
    /// pgvector is an extension of PostgreSQL: the type `vector`, its distance operators and its indexes do not exist
    /// in SQLite, so that the first statement that uses them fails.
    ///
    /// # How to mend it
    /// Put the embeddings into a PostgreSQL database with the extension; it may be on the server of `main`.
    ///
    /// # Example
    /// ```yaml
    /// databases:
    ///   vector:
    ///     engine: sqlite
    ///     path: ./data/vectors.db
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   vector:
    ///     host: db.example.com
    ///     database: vector_db
    /// ```
    "vector-on-sqlite": Vector, Error
}

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    if case.is_development {
        return;
    }
    for site in case.primaries().filter(|site| site.database.role == Role::Vector && site.connection.is_sqlite()) {
        let Some(setting) = [Key::Engine, Key::Path].iter().find_map(|key| site.get(*key)) else { continue };
        let message = "vector is on SQLite, and pgvector needs PostgreSQL";
        findings.push(
            Finding::new(&INFO, setting.origin.clone(), message)
                .help("name a PostgreSQL server with pgvector, or `same_server_as: main` with a database of its own"),
        );
    }
}

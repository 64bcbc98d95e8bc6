//! `vector-in-main-database`.

use crate::finding::Finding;
use crate::model::{Key, Role};
use crate::redact;
use crate::rules::{Case, place};

rule! {
    /// Embeddings in the application's own database.
    ///
    /// Found is a `vector` with host, port and database of `main`.
    ///
    /// # Why it matters
    /// It works, and joins embeddings with the application's rows in one statement, which may be what is wanted.
    /// But an index of embeddings is large and wants memory, building one takes long, and every backup of the
    /// application carries the embeddings along, although most could be computed again.
    ///
    /// # How to mend it
    /// Give the embeddings a database of their own, on the same server or on another.
    /// If they are to stay, leave `vector` out, so that nobody takes it for a second database, or suppress the finding.
    ///
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     database: app
    ///   vector:
    ///     host: db.example.com
    ///     database: app
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     database: app
    ///   vector:
    ///     host: db.example.com
    ///     database: vector_db
    /// ```
    "vector-in-main-database": Vector, Info
}

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let of_role = |role: Role| case.primaries().find(|site| site.database.role == role);
    let (Some(main), Some(vector)) = (of_role(Role::Main), of_role(Role::Vector)) else { return };
    let (Some(own), Some(mains)) = (vector.get(Key::Database), main.get(Key::Database)) else { return };
    let mains_place = place::database(&main);
    let Some((_, name)) = place::database(&vector).filter(|place| mains_place.as_ref() == Some(place)) else { return };
    let message = format!("the embeddings are in main's database, `{}`", redact::show_text(&name));
    let finding = Finding::new(&INFO, own.origin.clone(), message)
        .help("give them a database of their own (`database: vector_db`), or leave `vector` out");
    let is_apart = own.origin != mains.origin;
    findings.push(if is_apart { finding.related(mains.origin.clone(), "main's database") } else { finding });
}

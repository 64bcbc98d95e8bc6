//! `sqlite-with-host`.

use crate::document::Segment;
use crate::finding::Finding;
use crate::model::{Key, Origin};
use crate::rules::{Case, Site};

rule! {
    /// A SQLite database with a host or port, which mean nothing to a file.
    ///
    /// Found are definitions that name the file and a host or port besides.
    /// # Why it matters
    /// Whoever reads the section takes it for a database on a server.
    /// Most often the engine was changed for a trial, and the rest of the section still describes the server that is meant.
    /// # How to mend it
    /// Remove the host and port, or the engine and the path if the server is meant.
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     engine: sqlite
    ///     path: ./data/app.db
    ///     host: db.example.com
    ///     port: 5432
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   main:
    ///     engine: sqlite
    ///     path: ./data/app.db
    /// ```
    "sqlite-with-host": Endpoint, Info
}

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for site in case.sites().filter(|site| site.connection.is_sqlite() && site.get(Key::Path).is_some()) {
        let port = || site.get(Key::Port).map(|setting| ("port", setting.origin.clone()));
        let Some((word, origin)) = host(case, &site).map(|origin| ("host", origin)).or_else(port) else { continue };
        let message = format!("{} is a SQLite file, and has a {word} that means nothing", site.what());
        let help = "remove what belongs to a server, or the engine and path if the server is meant";
        findings.push(Finding::new(&INFO, origin, message).help(help));
    }
}

/// Where the host stands. Reading takes it for another name of the file, so it is among what lost against the path.
fn host(case: &Case<'_>, site: &Site<'_>) -> Option<Origin> {
    let is_host = |key: &str| ["host", "hostname", "host_name", "server"].iter().any(|end| key.ends_with(end));
    let mut lost = site.get(Key::Path)?.lost.iter().map(|loss| &loss.origin);
    lost.find(|origin| key(case, origin).is_some_and(|key| is_host(&key))).cloned()
}

/// The key of a value, in small letters.
fn key(case: &Case<'_>, origin: &Origin) -> Option<String> {
    let Origin::Node { node, .. } = origin else { return None };
    match case.document(origin)?.path(*node).segments().last()? {
        Segment::Key(key) => Some(key.to_ascii_lowercase()),
        Segment::Index(_) => None,
    }
}

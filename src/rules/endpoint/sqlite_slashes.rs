//! `sqlite-slashes`.

use crate::connstr::{self, Dialect, ProblemKind};
use crate::finding::{Finding, Fix, Safety};
use crate::model::{Key, Origin};
use crate::redact::show_text;
use crate::rules::Case;

rule! {
    /// A SQLite URL with a slash too few.
    ///
    /// Found are three slashes before a path that begins like an absolute one (`sqlite:///var/lib/app.db`), and two before a relative one (`sqlite://app.db`).
    /// A relative path of which the file is there is not found.
    /// # Why it matters
    /// SQLAlchemy, and MLflow with it, takes three slashes for a path that starts where the program was started, and four for one that starts at the root.
    /// So `sqlite:///var/lib/app.db` is looked for under `./var/lib`, which mostly does not exist, or else is an empty second database.
    /// What stands behind two slashes is a host, and SQLAlchemy refuses such a URL.
    /// # How to mend it
    /// Write `sqlite:////` before an absolute path, and `sqlite:///` before a relative one.
    /// # Example
    /// ```env
    /// DATABASE_URL=sqlite:///var/lib/app/app.db
    /// ```
    /// Mended:
    /// ```env
    /// DATABASE_URL=sqlite:////var/lib/app/app.db
    /// ```
    "sqlite-slashes": Endpoint, Warning; fixable
}

/// Directories that stand at the root of a system, and hardly ever in a project. (`app` and `data` stand in both.)
const AT_THE_ROOT: &[&str] = &["Users", "Volumes", "etc", "home", "mnt", "opt", "root", "srv", "tmp", "usr", "var"];

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for site in case.sites().filter(|site| site.connection.is_sqlite()) {
        let Some(setting) = site.get(Key::Path) else { continue };
        let Origin::Node { source, node, .. } = setting.origin else { continue };
        let Some(scalar) = case.document(&setting.origin).and_then(|document| document.scalar(node)) else { continue };
        let Some(fault) = fault(scalar.text) else { continue };
        let is_there =
            |path: &str| case.configuration.files.get(std::path::Path::new(path)).is_some_and(|file| file.exists);
        if site.known(Key::Path).is_some_and(|path| is_there(&path)) {
            continue;
        }
        let (message, url) = match fault {
            Fault::Relative(url) => ("has an absolute path behind three slashes, which make it a relative one", url),
            Fault::Host(url) => ("has its file where a URL has its host", url),
        };
        // The same program finds another file there: it may have worked with the wrong one for years.
        let fix = Fix::words(&Origin::part(source, node, scalar.span), Safety::Unsafe, scalar.text, &url);
        let origin = Origin::part(source, node, scalar.part(0..scalar.text.len()));
        let finding = Finding::new(&INFO, origin, format!("the SQLite URL of {} {message}", site.what()));
        findings.push(finding.help(format!("write `{}`", show_text(&url))).fix(fix));
    }
}

/// What is wrong, with the URL that was most likely meant.
#[derive(Debug, PartialEq, Eq)]
enum Fault {
    /// An absolute path that is none.
    Relative(String),
    /// A file in place of the host.
    Host(String),
}

fn fault(text: &str) -> Option<Fault> {
    let read = connstr::parse(text).ok().filter(|read| read.dialect == Dialect::Sqlite)?;
    let (scheme, rest) = text.split_once("://")?;
    if read.has_problem(&ProblemKind::SqliteHost) {
        // A user or port would say that something else was meant.
        let is_file = !rest.contains(['@', ':']) && !rest.starts_with(['/', '$', '{', '<', '[', '%']);
        return is_file.then(|| Fault::Host(format!("{scheme}:///{rest}")));
    }
    let (first, behind) = rest.strip_prefix('/')?.split_once('/')?;
    (AT_THE_ROOT.contains(&first) && !behind.is_empty()).then(|| Fault::Relative(format!("{scheme}:///{rest}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_are_counted() {
        let relative = |url: &str| Some(Fault::Relative(url.to_owned()));
        let host = |url: &str| Some(Fault::Host(url.to_owned()));
        for (text, expected) in [
            ("sqlite:///var/lib/x.db", relative("sqlite:////var/lib/x.db")),
            ("sqlite+aiosqlite:///tmp/x.db", relative("sqlite+aiosqlite:////tmp/x.db")),
            ("sqlite:///Users/ann/x.db?mode=ro", relative("sqlite:////Users/ann/x.db?mode=ro")),
            ("sqlite://data.db", host("sqlite:///data.db")),
            ("sqlite://data/app.db", host("sqlite:///data/app.db")),
            ("sqlite:////var/lib/x.db", None),
            ("sqlite:///data/x.db", None),
            ("sqlite:///./var/x.db", None),
            ("sqlite:///var.db", None),
            ("sqlite:///C:/var/x.db", None),
            ("sqlite://", None),
            ("sqlite:///:memory:", None),
            ("sqlite://${FILE}", None),
            ("jdbc:sqlite:var/x.db", None),
            ("postgresql://var/lib", None),
            ("var/lib/x.db", None),
        ] {
            assert_eq!(fault(text), expected, "{text}");
        }
    }
}

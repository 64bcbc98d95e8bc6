//! `missing-in-environment`.

use std::collections::{BTreeSet, HashMap};

use crate::connstr;
use crate::finding::Finding;
use crate::model::{Connection, Database, Key, Origin, Role, SourceKind};
use crate::redact::show_text;
use crate::rules::Case;

rule! {
    /// An environment that leaves out a database, or a part of its address, which others say.
    ///
    /// Compared is what each environment comes down to, with all that it takes from the files for every environment:
    /// the databases, and of each the host, the name, the user and the password.
    /// A variable, known or not, counts as said, a URL says all of them, and pools, TLS and timeouts may be left out.
    /// `.env.NAME` files are compared with each other, `settings.NAME.yaml` files with each other, and so are the
    /// sections of `environments:`.
    /// Only names of environments count (`development`, `staging`, `production` and their short forms): `.env.test`,
    /// `.env.ci` and `.env.local` are made of what a test needs.
    ///
    /// # Why it matters
    /// What was added for one environment is forgotten for the next, and is missed on the day of the release.
    /// With MLflow it is worse, since a missing store is replaced by local files without a word.
    /// # How to mend it
    /// Say the same there, or say it once in the file that counts for all environments.
    /// # Example
    /// ```yaml
    /// environments:
    ///   staging:
    ///     databases:
    ///       main: {host: staging-db.example.com, database: app}
    ///   production:
    ///     databases:
    ///       main: {host: prod-db.example.com, database: app}
    ///       mlflow: {host: prod-db.example.com, database: mlflow_db}
    /// ```
    "missing-in-environment": Environment, Warning
}

/// Environments that are expected to agree on what there is.
const COMPARED: &[&str] =
    &["dev", "development", "qa", "uat", "stage", "staging", "preprod", "preproduction", "prod", "production", "live"];

/// The parts of an address, and the keys that say them.
const PARTS: &[(&str, &[Key])] = &[
    ("host", &[Key::Host, Key::HostAddress]),
    ("database name", &[Key::Database]),
    ("username", &[Key::Username]),
    ("password", &[Key::Password, Key::PasswordFile, Key::SslCert]),
];

/// The most that is listed of what an environment lacks.
const MOST: usize = 5;

/// How an environment is defined.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Variables,
    Settings,
    Section,
}

pub(super) fn judge(cases: &[Case<'_>], findings: &mut Vec<Finding>) {
    for way in [Way::Variables, Way::Settings, Way::Section] {
        let defined: Vec<(&Case<'_>, Origin)> =
            cases.iter().filter_map(|case| Some((case, defined(case, way)?))).collect();
        if defined.len() < 2 {
            continue;
        }
        for (case, origin) in &defined {
            let others =
                defined.iter().map(|(other, _)| *other).filter(|other| other.environment() != case.environment());
            if let Some(finding) = compare(case, origin, others) {
                findings.push(finding);
            }
        }
    }
}

/// Where the environment of a case is defined in this way.
fn defined(case: &Case<'_>, way: Way) -> Option<Origin> {
    let name = case.environment().filter(|name| COMPARED.iter().any(|known| known.eq_ignore_ascii_case(name)))?;
    // What somebody changes for himself is no definition.
    let mut sources = case.project.sources.iter().filter(|(_, source)| !source.is_local_override());
    sources.find_map(|(id, source)| {
        let is_file = match (&source.kind, way) {
            (SourceKind::Env { environment }, Way::Variables)
            | (SourceKind::Settings { environment }, Way::Settings) => environment.as_deref() == Some(name),
            (SourceKind::Settings { .. }, Way::Section) => {
                let document = source.document.as_ref()?;
                let section = document.roots().iter().find_map(|root| {
                    let sections = document.get(*root, "environments")?.value;
                    document.get(sections, name)
                })?;
                return Some(Origin::node(id, document, section.key));
            }
            _ => false,
        };
        is_file.then_some(Origin::File { source: id })
    })
}

/// What an environment lacks that one of the others has: the first that has it is named.
fn compare<'case>(
    case: &Case<'_>,
    origin: &Origin,
    others: impl Iterator<Item = &'case Case<'case>>,
) -> Option<Finding> {
    let mut told = BTreeSet::new();
    let (mut lacks, mut related) = (Vec::new(), Vec::new());
    let by_role: HashMap<&Role, &Database> =
        case.configuration.databases.iter().map(|database| (&database.role, database)).collect();
    for other in others {
        for database in &other.configuration.databases {
            let role = database.role.name();
            let own = by_role.get(&database.role).copied();
            for (part, place) in missing(own, database, case) {
                if !told.insert((role, part)) {
                    continue;
                }
                lacks.push(match part {
                    "" => show_text(role),
                    part => format!("the {part} of {}", show_text(role)),
                });
                let environment = show_text(other.environment().unwrap_or_default());
                related.push((place.clone(), format!("{environment} says it here")));
            }
        }
    }
    if lacks.len() > MOST {
        let more = lacks.len() - MOST;
        lacks.truncate(MOST);
        related.truncate(MOST);
        lacks.push(format!("{more} more"));
    }
    let name = show_text(case.environment().unwrap_or_default());
    let (last, most) = lacks.split_last()?;
    let lacks = if most.is_empty() { last.clone() } else { format!("{} and {last}", most.join(", ")) };
    let message = format!("{name} says nothing about {lacks}, and other environments do");
    let mut finding = Finding::new(&INFO, origin.clone(), message)
        .help("say it here too, or once in the file that counts for all environments");
    finding.related = related;
    Some(finding)
}

/// What of a database is not said, with where the other environment says it: the whole, or parts of its address.
fn missing<'case>(
    own: Option<&Database>,
    database: &'case Database,
    case: &Case<'_>,
) -> Vec<(&'static str, &'case Origin)> {
    let Some(own) = own else {
        return database.connection.first_origin().map(|origin| ("", origin)).into_iter().collect();
    };
    let (own, their) = (&own.connection, &database.connection);
    if own.engine() != their.engine() || own.is_sqlite() || says_all(case, own) {
        return Vec::new();
    }
    let is_local = case.is_local(own);
    let part = |(part, keys): &(&'static str, &[Key])| {
        let said = |connection: &'case Connection| keys.iter().find_map(|key| connection.settings.get(*key));
        let is_said = keys.iter().any(|key| own.settings.get(*key).is_some());
        // On the own machine the socket, the user of the system and `trust` are usual.
        let is_optional = is_local && *part != "database name";
        said(their).filter(|_| !is_said && !is_optional).map(|setting| (*part, &setting.origin))
    };
    PARTS.iter().filter_map(part).collect()
}

/// Whether something else says the whole address: a URL, a service of libpq, another database's server.
fn says_all(case: &Case<'_>, connection: &Connection) -> bool {
    let is_url = |origin: &Origin| match (case.document(origin), origin) {
        (Some(document), Origin::Node { node, .. }) => {
            document.text_of(*node).is_some_and(|text| text.contains('$') || connstr::looks_like(text).is_some())
        }
        _ => false,
    };
    connection.settings.get(Key::Url).is_some()
        || connection.settings.get(Key::SameServerAs).is_some()
        || connection.parameters.contains_key("service")
        || connection.settings.get(Key::Engine).is_some_and(|setting| is_url(&setting.origin))
}

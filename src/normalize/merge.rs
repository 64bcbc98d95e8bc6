//! Definitions of one role into one database: the strongest wins, weaker ones fill its gaps, and those that name
//! another place lose as a whole.

use crate::finding::{self, Finding};
use crate::layouts::{Found, Place, role_of_database};
use crate::model::{Connection, Database, Definition, Key, Outcome, Role};
use crate::redact;

use super::identity;
use super::{Ranked, Tier};

/// One database for each role, in the order main, mlflow, vector, others.
pub(super) fn databases(ranked: Vec<Ranked>, findings: &mut Vec<Finding>) -> Vec<Database> {
    let mut drafts: Vec<Draft> = Vec::new();
    let (mut backups, mut perhaps, mut replicas) = (Vec::new(), Vec::new(), Vec::new());
    for ranked in ranked {
        match &ranked.found.place {
            Place::Role(role) => {
                let role = role.clone();
                add(&mut drafts, role, ranked, findings);
            }
            Place::ByDatabaseName => {
                let role = infer(&ranked, findings);
                add(&mut drafts, role, ranked, findings);
            }
            Place::Failover => backups.push(ranked),
            Place::PerhapsFailover(_) => perhaps.push(ranked),
            Place::Replica => replicas.push(ranked.found.connection),
        }
    }
    drafts.retain(|draft| draft.database.connection.is_place() || draft.has_open_url());
    let main_database = main(&mut drafts).and_then(|draft| identity::database_name(&draft.database.connection));
    for ranked in perhaps {
        let Place::PerhapsFailover(name) = ranked.found.place.clone() else { continue };
        let own = identity::database_name(&ranked.found.connection);
        if main_database.is_some() && own == main_database {
            backups.push(ranked);
        } else {
            add(&mut drafts, Role::Other(name), ranked, findings);
        }
    }
    for ranked in backups {
        match main(&mut drafts) {
            Some(draft) => draft.add_failover(ranked.found),
            None => {
                let role = Role::Other(ranked.found.name.clone());
                add(&mut drafts, role, ranked, findings);
            }
        }
    }
    if let Some(draft) = main(&mut drafts) {
        draft.database.replicas.extend(replicas);
    }
    drafts.sort_by_key(|draft| match draft.database.role {
        Role::Main => 0,
        Role::Mlflow => 1,
        Role::Vector => 2,
        Role::Other(_) => 3,
    });
    drafts.into_iter().map(|draft| draft.database).collect()
}

/// A database that definitions are still added to.
struct Draft {
    database: Database,
    /// The strongest definition of each kind of source: the one that its peers are expected to agree with.
    leaders: Vec<(Tier, Found)>,
    is_whole: bool,
}

fn main(drafts: &mut [Draft]) -> Option<&mut Draft> {
    drafts.iter_mut().find(|draft| draft.database.role == Role::Main)
}

/// The role that the name of the database tells, else main. Only variables (`DATABASE_*`) have no other way to say it,
/// so only there it is worth a word.
fn infer(ranked: &Ranked, findings: &mut Vec<Finding>) -> Role {
    let setting = ranked.found.connection.settings.get(Key::Database);
    let told = setting.and_then(|setting| setting.effective()).and_then(|name| role_of_database(&name));
    let role = told.clone().unwrap_or(Role::Main);
    let family = ranked.found.name.starts_with("DATABASE_");
    if let Some(setting) = setting.filter(|_| told.is_some() || family) {
        let why = if told.is_some() { "by the name of its database" } else { "since nothing says otherwise" };
        let message = format!("`{}` is taken for {role}, {why}", redact::show_text(&ranked.found.name));
        let help = format!("name it for its role to be sure: {}", canonical_variables(&role));
        findings.push(Finding::new(&finding::ROLE_INFERRED, setting.origin.clone(), message).help(help));
    }
    role
}

fn canonical_variables(role: &Role) -> String {
    match role {
        Role::Main => "POSTGRES_*, or `databases.main`".to_owned(),
        other => format!("{}_POSTGRES_*, or `databases.{other}`", other.name().to_ascii_uppercase()),
    }
}

fn add(drafts: &mut Vec<Draft>, role: Role, ranked: Ranked, findings: &mut Vec<Finding>) {
    match drafts.iter_mut().find(|draft| draft.database.role == role) {
        Some(draft) => draft.add(ranked, findings),
        None => drafts.push(Draft::new(role, ranked)),
    }
}

impl Draft {
    fn new(role: Role, ranked: Ranked) -> Self {
        let found = ranked.found;
        let mut draft = Self {
            database: Database {
                role,
                names: Vec::new(),
                connection: found.connection.clone(),
                replicas: found.replicas.clone(),
                failover: found.failover.clone(),
                definitions: Vec::new(),
                used_by: Vec::new(),
            },
            leaders: Vec::new(),
            is_whole: found.is_whole,
        };
        draft.record(&found, Outcome::Used);
        draft.lead(ranked.tier, found);
        draft
    }

    fn has_open_url(&self) -> bool {
        self.database.connection.settings.get(Key::Url).is_some()
    }

    fn lead(&mut self, tier: Tier, found: Found) {
        let is_new = !self.leaders.iter().any(|(known, _)| *known == tier.peers());
        if is_new && found.connection.is_place() {
            self.leaders.push((tier.peers(), found));
        }
    }

    fn record(&mut self, found: &Found, outcome: Outcome) {
        for name in std::iter::once(&found.name).chain(&found.aliases) {
            if !self.database.names.contains(name) {
                self.database.names.push(name.clone());
            }
        }
        self.database.definitions.push(Definition {
            name: found.name.clone(),
            layout: found.layout,
            origin: found.origin(),
            outcome,
            connection: found.connection.clone(),
        });
    }

    fn add(&mut self, ranked: Ranked, findings: &mut Vec<Finding>) {
        let Ranked { tier, found } = ranked;
        let leader = self.leaders.iter().find(|(known, _)| *known == tier.peers()).map(|(_, leader)| leader);
        if tier == Tier::Compose && !self.leaders.iter().all(|(known, _)| *known == Tier::Compose) {
            // Inside its network a container has another host than the application outside: an alternative.
            return self.record(&found, Outcome::Lost);
        }
        if let Some(leader) = leader {
            let keys = identity::differences(&leader.connection, &found.connection);
            if !keys.is_empty() {
                if tier != Tier::Compose {
                    findings.push(conflict(&self.database.role, leader, &found, &keys));
                }
                return self.record(&found, Outcome::Lost);
            }
            let both_places = leader.connection.is_place() && found.connection.is_place();
            if both_places && tier != Tier::Ini && tier != Tier::Compose {
                findings.push(several_names(&self.database.role, leader, &found));
            }
        }
        self.record(&found, Outcome::Used);
        let is_whole = self.is_whole;
        let origin = found.origin();
        let weaker = found.connection.clone();
        let lost_origin = first_lost_origin(&self.database.connection, &weaker);
        let lost = self.database.connection.fill(weaker, |key| !(is_whole && key.is_identity()));
        if !lost.is_empty() {
            findings.push(overridden(&self.database, &found.name, lost_origin.unwrap_or(origin), &lost));
        }
        if self.database.replicas.is_empty() {
            self.database.replicas.clone_from(&found.replicas);
        }
        if self.database.failover.is_empty() {
            self.database.failover.clone_from(&found.failover);
        }
        self.lead(tier, found);
    }

    fn add_failover(&mut self, found: Found) {
        self.record(&found, Outcome::Used);
        if !identity::is_among(&self.database.failover, &found.connection) {
            self.database.failover.push(found.connection);
        }
    }
}

/// The place of the first value that will lose.
fn first_lost_origin(winner: &Connection, weaker: &Connection) -> Option<crate::model::Origin> {
    weaker.settings.iter().find_map(|(key, setting)| {
        let known = winner.settings.get(key)?;
        (known.value.expose() != setting.value.expose()).then(|| setting.origin.clone())
    })
}

fn conflict(role: &Role, leader: &Found, found: &Found, keys: &[Key]) -> Finding {
    let message = format!(
        "`{}` defines {role} with another {} than `{}`, and is not used",
        redact::show_text(&found.name),
        words(keys.iter().map(|key| key.path().replace('_', " "))),
        redact::show_text(&leader.name),
    );
    Finding::new(&finding::CONFLICTING_DEFINITIONS, found.origin(), message)
        .help("remove one of the two, or make them agree")
        .related(leader.origin(), "this is used")
}

fn several_names(role: &Role, leader: &Found, found: &Found) -> Finding {
    let (first, second) = (redact::show_text(&leader.name), redact::show_text(&found.name));
    let message = if first == second {
        format!("`{second}` defines {role} a second time")
    } else {
        format!("`{second}` is the same database as `{first}`: {role}")
    };
    Finding::new(&finding::SEVERAL_NAMES, found.origin(), message)
        .help("keep one definition and let the others refer to it")
        .related(leader.origin(), "the same database")
}

fn overridden(database: &Database, name: &str, origin: crate::model::Origin, lost: &[String]) -> Finding {
    let message = format!(
        "`{}` says otherwise about {} of {}, and is overridden",
        redact::show_text(name),
        words(lost.iter().cloned()),
        database.role
    );
    let winner = lost.first().and_then(|path| {
        database
            .connection
            .settings
            .iter()
            .find(|(key, _)| key.path() == path)
            .map(|(_, setting)| setting.origin.clone())
    });
    let finding = Finding::new(&finding::OVERRIDDEN_VALUE, origin, message);
    match winner {
        Some(winner) => finding.related(winner, "this is used"),
        None => finding,
    }
}

/// `a`, `a and b`, `a, b and c`.
fn words(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    match items.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

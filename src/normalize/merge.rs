//! Definitions of one role into one database: the strongest wins, weaker ones fill its gaps, and those that name
//! another place lose as a whole.

use std::collections::{HashMap, HashSet};

use crate::finding::Finding;
use crate::layouts::{Found, Place};
use crate::model::{Connection, Database, Definition, Key, Need, NeedKind, Outcome, Role};

use super::disagreement::{conflict, overridden, replaced, several_names};
use super::{Ranked, Tier, identity, infer};

/// One database for each role, in the order main, mlflow, vector, others.
pub(super) fn databases(mut ranked: Vec<Ranked>, needs: &mut Vec<Need>, findings: &mut Vec<Finding>) -> Vec<Database> {
    drop_changes_of_nothing(&mut ranked);
    let mut drafts = Drafts::default();
    let (mut backups, mut replicas) = (Vec::new(), Vec::new());
    for ranked in ranked {
        match &ranked.found.place {
            Place::Role(role) => {
                let role = role.clone();
                drafts.add(role, ranked, findings);
            }
            Place::ByDatabaseName => {
                let role = infer::role(&ranked, findings);
                drafts.add(role, ranked, findings);
            }
            Place::Failover | Place::PerhapsFailover(_) => backups.push(ranked),
            Place::Replica => replicas.push(ranked.found),
        }
    }
    drafts.drop_placeless(needs);
    if drafts.main().is_none() {
        let failover = backups.iter().map(|ranked| &ranked.found).filter(|found| found.place == Place::Failover);
        needs.extend(failover.chain(&replicas).map(|found| need(Role::Main, found)));
    }
    let main_database = drafts.main().and_then(|draft| identity::database_name(&draft.database.connection));
    for ranked in backups {
        let own = identity::database_name(&ranked.found.connection);
        let is_mains = ranked.found.place == Place::Failover || (main_database.is_some() && own == main_database);
        if let Some(draft) = drafts.main().filter(|_| is_mains) {
            draft.add_failover(ranked.found);
        } else {
            let role = Role::Other(ranked.found.name.clone());
            drafts.add(role, ranked, findings);
        }
    }
    if let Some(draft) = drafts.main() {
        let known = draft.replicas.get_or_insert_default();
        for found in replicas {
            if !identity::is_among(known, &found.connection) {
                known.push(found.connection);
            }
        }
    }
    let mut drafts = fold_same(drafts.all, findings);
    drafts.sort_by_key(|draft| match draft.database.role {
        Role::Main => 0,
        Role::Mlflow => 1,
        Role::Vector => 2,
        Role::Other(_) => 3,
    });
    drafts
        .into_iter()
        .map(|draft| {
            let (replicas, failover) = (draft.replicas.unwrap_or_default(), draft.failover.unwrap_or_default());
            Database { replicas, failover, ..draft.database }
        })
        .collect()
}

/// What `docker-compose.prod.yml` changes says something only if `docker-compose.yml` says where the database is: else
/// the rest most likely stands in an `env_file`.
fn drop_changes_of_nothing(ranked: &mut Vec<Ranked>) {
    let is_change = |it: &Ranked| {
        let connection = &it.found.connection;
        it.tier.is_compose() && !connection.is_place() && connection.settings.get(Key::Url).is_none()
    };
    if !ranked.iter().any(is_change) {
        return;
    }
    let places = ranked.iter().filter(|it| it.tier.is_compose() && !is_change(it));
    let known: HashSet<String> = places.map(|it| it.found.name.clone()).collect();
    ranked.retain(|it| !is_change(it) || known.contains(&it.found.name));
}

/// A database under a name of its own that is the same as another is that one, under a second name.
fn fold_same(drafts: Vec<Draft>, findings: &mut Vec<Finding>) -> Vec<Draft> {
    let mut kept: Vec<Draft> = Vec::with_capacity(drafts.len());
    let mut places: HashMap<String, usize> = HashMap::new();
    let (named, others): (Vec<Draft>, Vec<Draft>) =
        drafts.into_iter().partition(|draft| !matches!(draft.database.role, Role::Other(_)));
    for draft in named.into_iter().chain(others) {
        let place = identity::place(&draft.database.connection);
        let known = place.as_ref().and_then(|place| places.get(place)).copied();
        let is_other = matches!(draft.database.role, Role::Other(_));
        match known.and_then(|index| kept.get_mut(index)).filter(|_| is_other) {
            Some(same) if identity::differences(&same.database.connection, &draft.database.connection).is_empty() => {
                same.absorb(draft, findings);
            }
            _ => {
                if let Some(place) = place {
                    places.entry(place).or_insert(kept.len());
                }
                kept.push(draft);
            }
        }
    }
    kept
}

/// A database that definitions are still added to.
struct Draft {
    database: Database,
    /// The strongest definition of each kind of source: the one that its peers are expected to agree with.
    /// Each is the index of one of the definitions.
    leaders: Vec<(Tier, usize)>,
    /// The definitions that override the rest in one environment, as indices too.
    overrides: Vec<usize>,
    is_whole: bool,
    /// The strongest list; a list replaces a weaker one, also if it is empty.
    replicas: Option<Vec<Connection>>,
    failover: Option<Vec<Connection>>,
}

/// The drafts in the order in which they were begun, found by their role: there may be thousands of both.
#[derive(Default)]
struct Drafts {
    all: Vec<Draft>,
    by_role: HashMap<Role, usize>,
}

impl Drafts {
    fn main(&mut self) -> Option<&mut Draft> {
        self.by_role.get(&Role::Main).and_then(|index| self.all.get_mut(*index))
    }

    fn add(&mut self, role: Role, ranked: Ranked, findings: &mut Vec<Finding>) {
        if let Some(index) = self.by_role.get(&role) {
            self.all[*index].add(ranked, findings);
        } else {
            self.by_role.insert(role.clone(), self.all.len());
            self.all.push(Draft::new(role, ranked));
        }
    }

    /// Drops what does not say where it is.
    fn drop_placeless(&mut self, needs: &mut Vec<Need>) {
        let is_kept = |draft: &mut Draft| draft.database.connection.is_place() || draft.has_open_url();
        needs.extend(self.all.extract_if(.., |draft| !is_kept(draft)).filter_map(Draft::need));
        let roles = self.all.iter().enumerate().map(|(index, draft)| (draft.database.role.clone(), index));
        self.by_role = roles.collect();
    }
}

/// A replica or failover of a database that nothing defines.
fn need(role: Role, found: &Found) -> Need {
    Need { role, kind: NeedKind::Member, name: found.name.clone(), origin: found.origin() }
}

impl Draft {
    fn new(role: Role, ranked: Ranked) -> Self {
        let mut found = ranked.found;
        let mut draft = Self {
            database: Database {
                role,
                names: Vec::new(),
                connection: found.connection.clone(),
                replicas: Vec::new(),
                failover: Vec::new(),
                definitions: Vec::new(),
                used_by: Vec::new(),
            },
            leaders: Vec::new(),
            overrides: Vec::new(),
            is_whole: found.is_whole,
            replicas: found.replicas.take(),
            failover: found.failover.take(),
        };
        draft.record(found, Outcome::Used);
        draft.lead(ranked.tier);
        draft
    }

    /// What it says in vain, since it does not say where it is.
    fn need(self) -> Option<Need> {
        let definition = self.database.definitions.into_iter().next()?;
        let has_members =
            [&self.replicas, &self.failover].iter().any(|list| list.as_ref().is_some_and(|it| !it.is_empty()));
        let kind = if has_members { NeedKind::Member } else { NeedKind::Settings };
        Some(Need { role: self.database.role, kind, name: definition.name, origin: definition.origin })
    }

    fn has_open_url(&self) -> bool {
        self.database.connection.settings.get(Key::Url).is_some()
    }

    /// Lets the definition that was recorded last lead those of its kind, unless another does.
    fn lead(&mut self, tier: Tier) {
        let is_new = !self.leaders.iter().any(|(known, _)| *known == tier.peers());
        let last = self.database.definitions.last();
        if tier == Tier::EnvironmentSection {
            self.overrides.push(self.database.definitions.len() - 1);
        }
        if is_new && last.is_some_and(|last| last.connection.is_place()) {
            self.leaders.push((tier.peers(), self.database.definitions.len() - 1));
        }
    }

    fn leader(&self, tier: Tier) -> Option<&Definition> {
        let (_, index) = self.leaders.iter().find(|(known, _)| *known == tier.peers())?;
        self.database.definitions.get(*index)
    }

    fn record(&mut self, found: Found, outcome: Outcome) {
        let origin = found.origin();
        // Most databases have one definition, and a vector that grows by itself starts with room for four.
        for name in std::iter::once(&found.name).chain(&found.aliases) {
            if !self.database.names.contains(name) {
                self.database.names.reserve_exact(1);
                self.database.names.push(name.clone());
            }
        }
        self.database.definitions.reserve_exact(1);
        self.database.definitions.push(Definition {
            name: found.name,
            layout: found.layout,
            origin,
            outcome,
            connection: found.connection,
            stands_alone: false,
        });
    }

    /// Whether a definition of a compose file is changed by another file: by the same service there.
    fn is_changed(&self, found: &Found) -> bool {
        let source = found.origin().source();
        self.database
            .definitions
            .iter()
            .any(|known| known.outcome == Outcome::Used && known.name == found.name && known.origin.source() != source)
    }

    /// Takes what the changes of a service leave out.
    fn complete(&mut self, found: Found) {
        if identity::differences(&self.database.connection, &found.connection).contains(&Key::Engine) {
            return self.record(found, Outcome::Lost);
        }
        let is_whole = self.is_whole;
        self.database.connection.fill(found.connection.clone(), |key| !(is_whole && key.is_identity()));
        self.record(found, Outcome::Used);
        self.lead(Tier::Compose);
    }

    fn add(&mut self, ranked: Ranked, findings: &mut Vec<Finding>) {
        let Ranked { tier, mut found } = ranked;
        if tier == Tier::Compose && self.is_changed(&found) {
            return self.complete(found);
        }
        if tier == Tier::Compose && !self.leaders.iter().all(|(known, _)| known.is_compose()) {
            // Inside its network a container has another host than the application outside: an alternative.
            return self.record(found, Outcome::Lost);
        }
        if tier == Tier::Libpq && self.database.connection.is_sqlite() {
            // A shell's `PGPASSWORD` means nothing to a file.
            return;
        }
        let from_used = identity::differences(&self.database.connection, &found.connection);
        let is_of_compose = self.leaders.first().is_some_and(|(known, _)| *known == Tier::EnvironmentCompose);
        if is_of_compose && tier != Tier::EnvironmentCompose && !from_used.is_empty() {
            // What somebody has on another machine, most often for development.
            return self.record(found, Outcome::Lost);
        }
        if let Some(leader) = self.leader(tier) {
            let keys = identity::differences(&leader.connection, &found.connection);
            // What agrees with the value that is used disagrees with nothing that matters.
            if !keys.is_empty() && !from_used.is_empty() {
                if !tier.is_compose() {
                    findings.push(conflict(&self.database, leader, &found, &keys));
                }
                return self.record(found, Outcome::Lost);
            }
            let is_expected = (tier == Tier::Ini || tier.is_compose())
                || refers(&found.connection)
                || (is_store_uri(&leader.name) && is_store_uri(&found.name))
                || identity::has_other_driver(&leader.connection, &found.connection);
            if !is_expected && identity::is_same_place(&leader.connection, &found.connection) {
                findings.push(several_names(&self.database.role, leader, &found.name, found.origin()));
            }
        }
        if from_used.contains(&Key::Engine) {
            // A file and a server share nothing, so nothing of the weaker one fills a gap.
            findings.push(replaced(&self.database, &found));
            return self.record(found, Outcome::Lost);
        }
        let is_whole = self.is_whole;
        let origin = found.origin();
        let weaker = found.connection.clone();
        let mut lost = identity::overridden(&self.database.connection, &weaker);
        // Overrides of an environment are there to override the rest.
        lost.retain(|key| !self.is_override(*key));
        self.database.connection.fill(weaker, |key| !(is_whole && key.is_identity()));
        if !lost.is_empty() && !is_of_compose {
            let place = lost.first().and_then(|key| found.connection.settings.get(*key));
            let place = place.map_or(origin, |setting| setting.origin.clone());
            findings.push(overridden(&self.database, &found.name, place, &lost));
        }
        self.replicas = self.replicas.take().or_else(|| found.replicas.take());
        self.failover = self.failover.take().or_else(|| found.failover.take());
        // A service beside others reads its own variables and not theirs.
        let is_alone = tier.is_compose()
            && !found.is_server
            && !self.database.definitions.iter().any(|known| Some(&known.origin) == found.origin.as_ref());
        self.record(found, Outcome::Used);
        if let Some(last) = self.database.definitions.last_mut() {
            last.stands_alone = is_alone;
        }
        self.lead(tier);
    }

    /// Whether what counts for a key is what an environment overrides the settings with.
    fn is_override(&self, key: Key) -> bool {
        let origin = |connection: &Connection| connection.settings.get(key).map(|setting| setting.origin.clone());
        let used = origin(&self.database.connection);
        self.overrides.iter().filter_map(|index| self.database.definitions.get(*index)).any(|definition| {
            let own = origin(&definition.connection);
            own.is_some() && own == used
        })
    }

    /// Takes in a database that is the same under another name.
    fn absorb(&mut self, other: Self, findings: &mut Vec<Finding>) {
        let other = other.database;
        if let (Some(first), Some(second)) = (self.database.definitions.first(), other.definitions.first())
            && !identity::has_other_driver(&first.connection, &second.connection)
        {
            findings.push(several_names(&self.database.role, first, &second.name, second.origin.clone()));
        }
        self.database.names.extend(other.names);
        self.database.definitions.extend(other.definitions);
        self.database.connection.fill(other.connection, |_| true);
    }

    fn add_failover(&mut self, found: Found) {
        let failover = self.failover.get_or_insert_default();
        match failover.iter_mut().find(|member| identity::is_same_member(member, &found.connection)) {
            // A second definition of it fills its gaps.
            Some(known) => known.fill(found.connection.clone(), |_| true),
            None => failover.push(found.connection.clone()),
        }
        self.record(found, Outcome::Used);
    }
}

/// Whether a definition says where it is by referring to what others say.
fn refers(connection: &Connection) -> bool {
    [Key::Host, Key::Database, Key::Path].iter().any(|key| {
        let resolution = connection.settings.get(*key).and_then(|setting| setting.resolution.as_ref());
        resolution.is_some_and(|resolution| !resolution.used.is_empty())
    })
}

/// `MLflow` takes the same store under two names.
fn is_store_uri(name: &str) -> bool {
    matches!(name, "backend_store_uri" | "tracking_uri")
}

//! What a server says about itself, in one round trip: a read-only transaction with a limit of time, in one simple query.
//!
//! One query also passes through poolers in transaction mode. What the role may not see comes back as null, and is absent.

use tokio_postgres::SimpleQueryRow;

use crate::model::Role;
use crate::model::health::{Alembic, Connections, DatabaseFacts, Facts, PostgresFacts, RoleFacts, Stage, VectorFacts};
use crate::probe::attempt::{Answer, Ask};
use crate::probe::classify::classify;
use crate::probe::fault::Fault;

use super::login::{Login, Refused, Session};

/// Begins every batch. What locks or looks for longer than this is not worth waiting for.
pub(super) const BEGIN: &str = "begin read only; set local statement_timeout = '5s'; ";

/// Ends every batch.
pub(super) const END: &str = "; commit";

/// The columns that every server is asked for. Functions are named with their schema, so that nobody's search path can put
/// others in their place.
///
/// `pg_stat_get_db_numbackends` counts the clients of each database, and every role may see it; the states of other
/// roles' sessions are seen by members of `pg_read_all_stats` only. The functions below the views are asked, since a new
/// session would spend more time on planning the views than on all the rest. A date of `infinity` cannot be subtracted from.
const COLUMNS: &str = "\
pg_catalog.current_setting('server_version') as version, \
pg_catalog.current_setting('server_version_num') as version_number, \
pg_catalog.pg_is_in_recovery() as in_recovery, \
pg_catalog.current_setting('default_transaction_read_only') as read_only, \
d.used, \
case when pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage') then (select \
pg_catalog.json_build_array(pg_catalog.count(*) filter (where state = 'active'), \
pg_catalog.count(*) filter (where state like 'idle%')) \
from pg_catalog.pg_stat_get_activity(null) where backend_type = 'client backend') end as states, \
pg_catalog.current_setting('max_connections') as max_connections, \
pg_catalog.current_setting('superuser_reserved_connections') as for_superusers, \
pg_catalog.current_setting('reserved_connections', true) as reserved, \
r.rolname, r.rolsuper, r.rolcreaterole, r.rolcreatedb, r.rolbypassrls, r.rolreplication, r.rolconnlimit, \
case when pg_catalog.isfinite(r.rolvaliduntil) \
then pg_catalog.floor(extract(epoch from r.rolvaliduntil - pg_catalog.now())) end as expires_in, \
pg_catalog.current_database() as datname, d.datconnlimit, d.databases";

/// Whether pgvector is installed, and whether it could be. The server reads files for this, so that only a vector database
/// is asked.
const VECTOR: &str = "\
, (select extversion from pg_catalog.pg_extension where extname = 'vector') as vector, \
(select default_version from pg_catalog.pg_available_extensions where name = 'vector') as available";

/// The version of MLflow's schema: `-` where there is no such table, `?` where it may not be read. The table is looked for
/// where MLflow would find it, by the search path.
///
/// A plain query would fail the whole batch where there is no table, so its text is run only if there is one. Of the
/// functions that run a text, `ts_stat` is the one that every server has, without libxml: it hands on the words of a vector
/// of words, here the version as its only word.
const ALEMBIC: &str = "\
, case when pg_catalog.to_regclass('alembic_version') is null then '-' \
when not pg_catalog.has_table_privilege('alembic_version', 'select') then '?' \
else (select pg_catalog.max(word) from pg_catalog.ts_stat('select pg_catalog.array_to_tsvector(\
array[version_num::pg_catalog.text]) from alembic_version')) end as alembic";

/// One pass over the databases: how many clients there are, the limit of this one, and the names of those that accept
/// connections, unless there are more than anybody reads.
const FROM: &str = "\
from (select pg_catalog.sum(pg_catalog.pg_stat_get_db_numbackends(oid)) as used, \
pg_catalog.max(datconnlimit) filter (where datname = pg_catalog.current_database()) as datconnlimit, \
case when pg_catalog.count(*) <= 1000 then \
pg_catalog.json_agg(datname) filter (where datallowconn and not datistemplate) end as databases \
from pg_catalog.pg_database) as d left join pg_catalog.pg_roles as r on r.rolname = current_user";

/// A distance, as an application of vectors asks for it; nothing where there is no such type by the search path.
const DISTANCE: &str = "; select case when pg_catalog.to_regtype('vector') is not null then \
(select pg_catalog.max(word) from pg_catalog.ts_stat('select pg_catalog.array_to_tsvector(\
array[(''[1,2,3]''::vector <-> ''[3,2,1]''::vector)::pg_catalog.text])')) end";

/// The whole batch for a role.
pub(in crate::probe) fn batch(role: Option<&Role>) -> String {
    let (is_vector, is_mlflow) = (role == Some(&Role::Vector), role == Some(&Role::Mlflow));
    let part = |wanted: bool, text: &'static str| if wanted { text } else { "" };
    let (vector, distance) = (part(is_vector, VECTOR), part(is_vector, DISTANCE));
    let alembic = part(is_mlflow, ALEMBIC);
    format!("{BEGIN}select {COLUMNS}{vector}{alembic} {FROM}{distance}{END}")
}

/// Asks a server for its facts: the stages query and extension.
pub(super) async fn ask(session: &mut Session<'_>, login: Login<'_>, ask: &Ask) -> Result<Answer, Fault> {
    let recorder = login.recorder;
    recorder.begin(Stage::Query);
    let is_vector = ask.role == Some(Role::Vector);
    let batch = batch(ask.role.as_ref());
    let seen_row = |count: usize| {
        if is_vector && count == 1 {
            recorder.begin(Stage::Extension);
        }
    };
    let (rows, refused) = match session.query(&batch, seen_row).await {
        Ok(rows) => (rows, None),
        Err(Refused { rows, fault }) => (rows, Some(fault)),
    };
    let Some(row) = rows.first().filter(|row| is_answer(row)) else {
        return match refused {
            Some(fault) => bare(session, fault).await,
            None => Ok(unmeasured(session, "it answers something else than it was asked")),
        };
    };
    let mut facts = read(row);
    facts.tls.clone_from(&session.tls);
    let mut trouble = None;
    if is_vector {
        let vector = facts.vector.get_or_insert_default();
        trouble = match refused {
            Some(Fault::Server(said)) => Some(Fault::BrokenExtension(said)),
            Some(fault) => return Err(fault),
            None if vector.version.is_none() => Some(Fault::NoExtension { is_available: vector.available.is_some() }),
            None => None,
        };
        let is_found = rows.get(1).is_some_and(|row| row.get(0).is_some());
        vector.works = vector.version.is_some().then_some(trouble.is_none() && is_found);
        if trouble.is_none() && !is_found {
            trouble = Some(hidden_extension());
        }
    }
    Ok(Answer { facts: Some(Facts::Postgresql(Box::new(facts))), remarks: Vec::new(), trouble })
}

/// pgvector is installed in a schema that the search path does not name.
fn hidden_extension() -> Fault {
    Fault::BrokenExtension(crate::probe::fault::ServerFault {
        code: "42704".to_owned(),
        message: "type \"vector\" is not in the search path".to_owned(),
        is_after_login: true,
    })
}

/// A server that does not answer the questions: one that is only like PostgreSQL, or hides its catalogs. Whether it
/// answers at all decides, and what is not known is told.
async fn bare(session: &mut Session<'_>, refused: Fault) -> Result<Answer, Fault> {
    if !matches!(refused, Fault::Server(_)) {
        return Err(refused);
    }
    let why = classify(Stage::Query, &refused).message;
    // The refusal has left the transaction open.
    session.query("rollback; select 1", |_| ()).await.map_err(|refused| refused.fault)?;
    Ok(unmeasured(session, &why))
}

/// A server that answers, and of which no more is known than it said at the login.
fn unmeasured(session: &Session<'_>, why: &str) -> Answer {
    let facts = PostgresFacts {
        version: session.parameter("server_version").map(short_version).unwrap_or_default(),
        tls: session.tls.clone(),
        ..PostgresFacts::default()
    };
    let remarks = vec![format!("not measured: what the server knows of itself ({why})")];
    Answer { facts: Some(Facts::Postgresql(Box::new(facts))), remarks, trouble: None }
}

/// Whether a row is one of [`COLUMNS`]: every server that understands the question knows its version.
fn is_answer(row: &SimpleQueryRow) -> bool {
    let text = |name: &str| row.try_get(name).ok().flatten();
    text("version").is_some() && text("version_number").is_some_and(|number| number.parse::<u32>().is_ok())
}

/// `15.18` of `15.18 (Debian 15.18-0+deb12u1)`.
fn short_version(text: &str) -> String {
    text.split(' ').next().unwrap_or_default().to_owned()
}

/// Reads the row of [`COLUMNS`].
fn read(row: &SimpleQueryRow) -> PostgresFacts {
    // A column that was not asked for is none, as one that is null.
    let text = |name: &str| row.try_get(name).ok().flatten();
    let number = |name: &str| text(name).and_then(|text| text.parse::<i64>().ok());
    let count = |name: &str| number(name).and_then(|number| u32::try_from(number).ok());
    let is = |name: &str| text(name) == Some("t");
    let connections = count("used").zip(count("max_connections")).map(|(used, max)| {
        let kept = count("for_superusers").unwrap_or(0) + count("reserved").unwrap_or(0);
        let states = text("states").and_then(|states| serde_json::from_str::<[u32; 2]>(states).ok());
        let (active, idle) = states.map(|[active, idle]| (active, idle)).unzip();
        Connections { used, active, idle, allowed: max.saturating_sub(kept), max }
    });
    let role = text("rolname").map(|name| RoleFacts {
        name: name.to_owned(),
        superuser: is("rolsuper"),
        create_role: is("rolcreaterole"),
        create_database: is("rolcreatedb"),
        bypass_rls: is("rolbypassrls"),
        replication: is("rolreplication"),
        // Without a limit it is -1.
        connection_limit: count("rolconnlimit"),
        expires_in: number("expires_in"),
    });
    let mut databases: Vec<String> =
        text("databases").and_then(|list| serde_json::from_str(list).ok()).unwrap_or_default();
    databases.sort_unstable();
    let vector = VectorFacts {
        version: text("vector").map(str::to_owned),
        available: text("available").map(str::to_owned),
        works: None,
    };
    PostgresFacts {
        version: text("version").map(short_version).unwrap_or_default(),
        version_number: count("version_number").unwrap_or_default(),
        in_recovery: is("in_recovery"),
        read_only: text("read_only") == Some("on"),
        connections,
        role,
        database: text("datname")
            .map(|name| DatabaseFacts { name: name.to_owned(), connection_limit: count("datconnlimit") }),
        databases,
        tls: None,
        vector: (vector.version.is_some() || vector.available.is_some()).then_some(vector),
        alembic: text("alembic").map(alembic),
        deep: None,
    }
}

/// What the column of [`ALEMBIC`] says.
fn alembic(text: &str) -> Alembic {
    match text {
        "-" => Alembic::Absent,
        "?" => Alembic::Hidden,
        version => Alembic::Version(version.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_is_asked_what_it_needs() {
        assert!(!batch(Some(&Role::Main)).contains("alembic"));
        assert!(batch(Some(&Role::Mlflow)).contains("alembic_version"));
        assert!(batch(Some(&Role::Vector)).contains("<->"));
        assert_eq!(batch(None), batch(Some(&Role::Main)));
    }
}

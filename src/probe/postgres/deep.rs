//! What `--deep` asks for: each question in a transaction of its own, so that one that is refused takes no other along.

use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::model::health::{Deep, Facts, Stage, Unmeasured};
use crate::probe::attempt::Answer;
use crate::probe::classify::classify;
use crate::probe::fault::Fault;
use crate::probe::recorder::Recorder;

use super::facts::{BEGIN, END};
use super::login::{Login, Session, error_response};
use super::{FAREWELL, Reached, again};

/// A question: what is asked for, since which version it can be, and the query, which answers with one row of JSON.
struct Question {
    what: &'static str,
    since: u32,
    sql: &'static str,
}

const SETTINGS: Question = Question {
    what: "settings",
    since: 0,
    sql: "select json_agg(json_build_object('name', name, 'value', setting, 'unit', unit) order by name) \
        from pg_settings where name in ('shared_buffers', 'effective_cache_size', 'work_mem', 'maintenance_work_mem', \
        'checkpoint_completion_target', 'random_page_cost', 'effective_io_concurrency', 'default_statistics_target', \
        'max_connections', 'superuser_reserved_connections', 'shared_preload_libraries')",
};

/// Whether there are statistics of statements: asking for them where there are none would leave an error in the server's
/// log.
const HAS_STATEMENTS: Question = Question {
    what: SLOW_QUERIES.what,
    since: SLOW_QUERIES.since,
    sql: "select to_json(to_regclass('pg_stat_statements') is not null)",
};

/// Statements with utility statements left out: those begin with another word than a query does. The text is cut.
///
/// Whoever is no member of `pg_read_all_stats` sees the texts of his own only; half of a picture is none.
const SLOW_QUERIES: Question = Question {
    what: "slow_queries",
    since: 130_000,
    sql: "select case when pg_has_role(current_user, 'pg_read_all_stats', 'usage') then (select coalesce(json_agg(q), '[]') \
        from (select left(regexp_replace(query, '\\s+', ' ', 'g'), 500) as query, \
        calls, round(mean_exec_time::numeric, 1) as mean_millis from pg_stat_statements \
        where dbid = (select oid from pg_database where datname = current_database()) and mean_exec_time > 100 \
        and query ~* '^\\s*(/\\*.*?\\*/\\s*)*(select|insert|update|delete|with|merge|values)\\M' \
        order by mean_exec_time desc limit 10) as q) end",
};

/// Indexes that keep values unique or belong to a constraint do their work without being scanned.
const UNUSED_INDEXES: Question = Question {
    what: "unused_indexes",
    since: 0,
    sql: "select coalesce(json_agg(i), '[]') from (select s.schemaname || '.' || s.relname as table, \
        s.indexrelname as name, pg_relation_size(s.indexrelid) as bytes from pg_stat_user_indexes as s \
        join pg_index as x on x.indexrelid = s.indexrelid where s.idx_scan = 0 and not x.indisunique and x.indisvalid \
        and not exists (select 1 from pg_constraint as c where c.conindid = s.indexrelid) \
        and pg_relation_size(s.indexrelid) > 1048576 order by 3 desc limit 20) as i",
};

/// An index that somebody is building is not valid either; whoever builds it, or vacuums the table, holds such a lock.
const INVALID_INDEXES: Question = Question {
    what: "invalid_indexes",
    since: 0,
    sql: "select coalesce(json_agg(i), '[]') from (select n.nspname || '.' || t.relname as table, c.relname as name, \
        coalesce(pg_relation_size(c.oid), 0) as bytes from pg_index as x join pg_class as c on c.oid = x.indexrelid \
        join pg_class as t on t.oid = x.indrelid join pg_namespace as n on n.oid = t.relnamespace \
        where not x.indisvalid and c.relkind = 'i' \
        and not exists (select 1 from pg_locks as l where l.relation = x.indrelid and l.mode = 'ShareUpdateExclusiveLock' \
        and l.database = (select oid from pg_database where datname = current_database())) \
        order by 1, 2 limit 20) as i",
};

/// Tables with some rows that nobody has ever analysed; of the few rows of a new table no plan depends.
const NEVER_ANALYSED: Question = Question {
    what: "never_analysed",
    since: 0,
    sql: "select coalesce(json_agg(t.name), '[]') from (select schemaname || '.' || relname as name \
        from pg_stat_user_tables where last_analyze is null and last_autoanalyze is null and n_live_tup > 1000 \
        order by n_live_tup desc limit 20) as t",
};

const TABLES: Question = Question {
    what: "tables",
    since: 0,
    sql: "select coalesce(json_agg(t), '[]') from (select n.nspname || '.' || c.relname as name, \
        coalesce(pg_total_relation_size(c.oid), 0) as total_bytes, coalesce(pg_relation_size(c.oid), 0) as bytes from pg_class as c \
        join pg_namespace as n on n.oid = c.relnamespace where c.relkind in ('r', 'm') \
        and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\\_toast%' \
        order by 2 desc limit 10) as t",
};

/// Others' states are seen by members of `pg_read_all_stats` only. The probe's own session is none that anybody asks for.
const ACTIVITY: Question = Question {
    what: "activity",
    since: 100_000,
    sql: "select case when pg_has_role(current_user, 'pg_read_all_stats', 'usage') then (select coalesce(json_agg(a), '[]') \
        from (select coalesce(state, 'unknown') as state, count(*) as connections, \
        round(extract(epoch from max(now() - coalesce(case when state = 'active' then query_start else state_change end, \
        backend_start)))::numeric, 1) as longest_seconds from pg_stat_activity where datname = current_database() \
        and backend_type = 'client backend' and pid <> pg_backend_pid() group by 1 order by 2 desc) as a) end",
};

/// Of a primary, its standbys; of a standby, how far it is behind. A primary where nothing happens is not behind.
const REPLICATION: Question = Question {
    what: "replication",
    since: 100_000,
    sql: "select case when pg_is_in_recovery() then json_build_array(json_build_object('name', 'this standby', \
        'state', 'replay', 'lag_bytes', greatest(pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()), 0)::bigint, \
        'lag_seconds', case when pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() then 0 else \
        round(extract(epoch from now() - pg_last_xact_replay_timestamp())::numeric, 1) end)) \
        when pg_has_role(current_user, 'pg_read_all_stats', 'usage') then (select coalesce(json_agg(r), '[]') from \
        (select application_name as name, coalesce(state, 'unknown') as state, \
        greatest(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn), 0)::bigint as lag_bytes, \
        round(extract(epoch from replay_lag)::numeric, 1) as lag_seconds from pg_stat_replication order by 1) as r) end",
};

/// Archiving that is off has nothing to fail; the answer is then an empty object.
const ARCHIVER: Question = Question {
    what: "archiver",
    since: 0,
    sql: "select case when current_setting('archive_mode') = 'off' then null else json_build_object('failed_count', \
        failed_count, 'failing', coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false), \
        'last_success_age', extract(epoch from now() - last_archived_time)::bigint) end from pg_stat_archiver",
};

const ROW_SECURITY: Question = Question {
    what: "row_security",
    since: 0,
    sql: "select json_build_object('tables', count(*), 'protected', count(*) filter (where c.relrowsecurity)) \
        from pg_class as c join pg_namespace as n on n.oid = c.relnamespace where c.relkind in ('r', 'p') \
        and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\\_%'",
};

/// Built-in functions come first, whatever the search path of the role is; extensions are most often in `public`, and with
/// Supabase in `extensions`. Sizes need a lock of each table: one that somebody alters is not waited for, since the other
/// questions want an answer too.
const LOCALS: &str = "set local search_path = pg_catalog, public, extensions; set local lock_timeout = '1s'; ";

/// Asks everything, one after the other, and puts it into the facts.
pub(super) async fn ask(session: &mut Session<'_>, login: Login<'_>, answer: &mut Answer) {
    login.recorder.begin(Stage::Query);
    let Some(Facts::Postgresql(facts)) = &mut answer.facts else { return };
    let mut deep = Deep::default();
    let (version, recorder, not_measured) = (facts.version_number, login.recorder, Vec::new());
    let mut asker = Asker { session, version, recorder, not_measured, is_over: false };
    deep.settings = asker.ask(&SETTINGS).await.unwrap_or_default();
    if !deep.settings.is_empty() && !deep.settings.iter().any(|setting| setting.name == "shared_preload_libraries") {
        asker.note(SETTINGS.what, "the role may not see shared_preload_libraries; grant it pg_monitor");
    }
    deep.slow_queries = match asker.ask(&HAS_STATEMENTS).await {
        Some(true) => asker.ask(&SLOW_QUERIES).await,
        Some(false) => asker.miss(SLOW_QUERIES.what, NO_STATEMENTS),
        None => None,
    };
    deep.unused_indexes = asker.ask(&UNUSED_INDEXES).await;
    deep.invalid_indexes = asker.ask(&INVALID_INDEXES).await;
    deep.never_analysed = asker.ask(&NEVER_ANALYSED).await;
    deep.tables = asker.ask(&TABLES).await;
    deep.activity = asker.ask(&ACTIVITY).await;
    deep.replication = asker.ask(&REPLICATION).await;
    deep.archiver = asker.ask(&ARCHIVER).await;
    deep.row_security = asker.ask(&ROW_SECURITY).await;
    deep.not_measured = asker.not_measured;
    facts.deep = Some(Box::new(deep));
}

/// Asks what only another connection can tell: whether the server lets one without encryption begin to log in. It is made
/// when the session is over, so that a server has to bear one at a time.
pub(super) async fn ask_in_plain(login: Login<'_>, reached: Reached, answer: &mut Answer) {
    let Some(Facts::Postgresql(facts)) = &mut answer.facts else { return };
    let Some(deep) = facts.deep.as_mut().filter(|_| facts.tls.is_some()) else { return };
    let left = login.recorder.share(1).saturating_sub(MARGIN);
    // Its stages are none of the attempt's.
    let recorder = Recorder::default();
    let asked = plaintext_accepted(Login { recorder: &recorder, ..login }, reached);
    deep.plaintext_accepted = timeout(left, asked).await.ok().flatten();
}

/// Why nobody knows which statements are slow.
const NO_STATEMENTS: &str =
    "pg_stat_statements is not installed in this database: `create extension pg_stat_statements`";

/// Why something was not asked.
const TOO_LATE: &str = "the time of the attempt was up; --timeout gives it more";

struct Asker<'asked, 'attempt> {
    session: &'asked mut Session<'attempt>,
    version: u32,
    recorder: &'asked Recorder,
    not_measured: Vec<Unmeasured>,
    /// Whether the time is up, or the session gone: nothing more is asked.
    is_over: bool,
}

/// Why a role gets no answer. The role that may see everything that is asked for here is `pg_monitor`.
const HIDDEN: &str = "the role may not see it; grant it pg_monitor";

/// What is left of the time of an attempt when no more is asked, so that an answer that is there is not lost.
const MARGIN: Duration = Duration::from_millis(500);

impl Asker<'_, '_> {
    /// The answer to a question; none if it was refused, or is not for this role to know.
    async fn ask<Answer: DeserializeOwned>(&mut self, question: &Question) -> Option<Answer> {
        if self.version < question.since {
            return self.miss(question.what, "the server is too old");
        }
        let left = self.recorder.share(1).saturating_sub(MARGIN);
        if self.is_over || left.is_zero() {
            return self.miss(question.what, TOO_LATE);
        }
        let sql = format!("{BEGIN}{LOCALS}{}{END}", question.sql);
        let Ok(outcome) = timeout(left, self.session.query(&sql, |_| ())).await else {
            self.is_over = true;
            return self.miss(question.what, TOO_LATE);
        };
        match outcome {
            Ok(rows) => match rows.first().and_then(|row| row.get(0)) {
                Some(text) => {
                    serde_json::from_str(text).ok().or_else(|| self.miss(question.what, "the answer could not be read"))
                }
                // Archiving that is off is no gap.
                None if question.what == ARCHIVER.what => None,
                None => self.miss(question.what, HIDDEN),
            },
            Err(refused) => {
                let why = why(&refused.fault);
                self.is_over = !matches!(refused.fault, Fault::Server(_));
                if !self.is_over {
                    // The refusal has left the transaction open.
                    self.is_over = self.session.query("rollback", |_| ()).await.is_err();
                }
                self.miss(question.what, &why)
            }
        }
    }

    /// Something is not measured.
    fn miss<Answer>(&mut self, what: &str, why: &str) -> Option<Answer> {
        self.note(what, why);
        None
    }

    fn note(&mut self, what: &str, why: &str) {
        self.not_measured.push(Unmeasured { what: what.to_owned(), why: why.to_owned() });
    }
}

/// Why a question was refused, in words that say what to do where that is known.
fn why(fault: &Fault) -> String {
    match fault {
        Fault::Server(said) if said.code == "55P03" => "somebody holds a lock of a table that it needs".to_owned(),
        fault => classify(Stage::Query, fault).message,
    }
}

/// Whether the server lets a connection without encryption begin to log in. No password is sent on it: that the server
/// asks for one is the answer.
async fn plaintext_accepted(login: Login<'_>, reached: Reached) -> Option<bool> {
    let mut socket = again(login, reached).await.ok()?;
    let mut startup = vec![0, 0, 0, 0, 0, 3, 0, 0];
    for word in ["user", &login.endpoint.user, "database", &login.endpoint.database] {
        startup.extend_from_slice(word.as_bytes());
        startup.push(0);
    }
    startup.push(0);
    let length = u32::try_from(startup.len()).ok()?;
    startup[..4].copy_from_slice(&length.to_be_bytes());
    socket.write_all(&startup).await.ok()?;
    let mut buffer = [0; 1024];
    let read = socket.read(&mut buffer).await.ok()?;
    let accepted = match buffer.get(..read)? {
        [b'R', ..] => Some(true),
        // Refused for another reason, such as that all connections are in use, it may be accepted at another time.
        bytes => error_response(bytes).filter(|said| said.code == "28000").map(|_| false),
    };
    // As at the end of a session: its place is free when the server has closed its side.
    let ended = async {
        socket.shutdown().await?;
        while socket.read(&mut buffer).await? > 0 {}
        Ok::<(), std::io::Error>(())
    };
    let _ = timeout(FAREWELL, ended).await;
    accepted
}

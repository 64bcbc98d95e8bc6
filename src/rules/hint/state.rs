//! Hints about servers that answer and cannot serve now, about files and buckets, and about what the probe cannot do.

use crate::model::Key;
use crate::model::health::{Cause, Engine, Facts};
use crate::redact::show_text;
use crate::rules::command;

use super::scene::Scene;

pub(super) fn hint(scene: &Scene<'_>) -> String {
    let at_path = scene.at(&[Key::Path]);
    let at_store = scene.at(&[Key::ArtifactStore]);
    let psql = scene.psql(None);
    match scene.cause() {
        Cause::TooManyConnections if scene.target.engine == Engine::Redis => {
            "Redis has as many clients as its `maxclients` allows: `redis-cli client list` shows whose they are".to_owned()
        }
        Cause::TooManyConnections if is_of_one(scene) => {
            "the connections that the role or the database may have are all in use, or it may have none: `select \
             rolconnlimit from pg_roles` and `select datconnlimit from pg_database` tell, and `alter role ... connection \
             limit -1` or `alter database ... connection limit -1` lifts it"
                .to_owned()
        }
        Cause::TooManyConnections => {
            "all connections are in use: `select usename, application_name, state, count(*) from pg_stat_activity \
             group by 1, 2, 3 order by 4 desc` as an administrator shows whose they are; then lower the pools (`dbcfg \
             explain pool-exceeds-server`) or raise max_connections"
                .to_owned()
        }
        Cause::StartingUp => format!(
            "the server is starting, or recovers from a crash: {} waits for it",
            scene.again("--wait 60s")
        ),
        Cause::ShuttingDown => {
            "somebody is stopping the server, or it is failing over: see who, and probe again".to_owned()
        }
        Cause::WrongSession => format!(
            "none of the hosts takes such sessions (`target_session_attrs`): `{psql} -c 'select \
             pg_is_in_recovery()'` tells which is the primary"
        ),
        Cause::PoolerBusy => {
            "the pooler had no connection to the server in time: look at `show pools` in its console, and at the \
             server behind it"
                .to_owned()
        }
        Cause::Limitation => format!("dbcfg cannot do this, so nothing is said about the server: try `{psql}`"),
        Cause::OutOfDescriptors => {
            "this machine has no descriptors left: raise them with `ulimit -n 4096`, or lower `--jobs`".to_owned()
        }
        Cause::Deadline => {
            "the run ended before it had its answer, so nobody knows whether there is one: probe it again, alone or with \
             more time (`--deadline`)"
                .to_owned()
        }
        Cause::HttpStatus => "the service answers, and not well: look at its log, or at the path of the URL".to_owned(),
        Cause::FileMissing if scene.target.engine == Engine::Folder => {
            format!("there is no such folder{at_store}: relative paths begin at the directory of the configuration")
        }
        Cause::FileMissing => format!(
            "there is no such file{at_path}: relative paths begin at the directory of the configuration; restore it, or mend the \
             path"
        ),
        Cause::FileUnreadable => format!("this user may not read it{at_path}: `ls -l` shows whose it is"),
        Cause::FileNotWritable if scene.target.engine == Engine::Folder => {
            format!("MLflow can make no files there{at_store}: `ls -ld` shows what it is, and whose")
        }
        Cause::FileNotWritable => format!(
            "this user may not write it{at_path}, or not its folder, in which SQLite makes files beside it: `ls -ld` \
             shows whose they are"
        ),
        Cause::FileDamaged if is_no_file(scene) => {
            format!("SQLite keeps a database in one file: write the path of that file{at_path}")
        }
        Cause::FileDamaged => format!(
            "the file{at_path} is damaged, or no database: keep a copy, restore a backup, or save what there is with \
             `sqlite3 {} .recover`",
            scene.get(Key::Path).map_or_else(|| "FILE".to_owned(), |path| command::quoted(&path))
        ),
        Cause::BucketMissing => format!("there is no such bucket{at_store}: `aws s3 ls` lists those of this account"),
        Cause::BucketElsewhere => {
            let region = region(scene).unwrap_or_else(|| "the one that it is in".to_owned());
            format!("the bucket{at_store} is in another region: set AWS_REGION to {region}")
        }
        Cause::FileLocked => format!("somebody is writing it{at_path}: `fuser -v` shows who; probe again later"),
        Cause::TooMuchData => format!(
            "what answers there behaves like no such server: check host and port, and try `{psql}` with care"
        ),
        Cause::Unsupported => {
            "dbcfg speaks PostgreSQL, SQLite, Redis, HTTP and S3, and tries others up to their port only".to_owned()
        }
        // Another client may say it in other words.
        _ if scene.target.engine == Engine::Postgresql => format!("see what psql says: `{psql}`"),
        _ => format!("{} logs each step of it", scene.again("-vv")),
    }
}

/// The region that a bucket is in, as its server says it.
fn region(scene: &Scene<'_>) -> Option<String> {
    match scene.target.facts.as_ref()? {
        Facts::Store(facts) => facts.region.as_deref().map(show_text),
        _ => None,
    }
}

/// Whether a folder, a device or a pipe stands where the file of SQLite should be: nothing of it is damaged.
fn is_no_file(scene: &Scene<'_>) -> bool {
    let message = &scene.failure.message;
    message.ends_with("it is a directory") || message.ends_with("it is no regular file")
}

/// Whether it is the limit of one role or database that is reached, and not that of the server. The server says the same
/// of a limit of 0, which no waiting lifts.
fn is_of_one(scene: &Scene<'_>) -> bool {
    let message = &scene.failure.message;
    message.contains("for role") || message.contains("for database")
}

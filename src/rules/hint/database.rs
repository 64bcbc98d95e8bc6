//! Hints about the database of a server that answers: it is missing, closed, or without its extension.

use crate::finding::suggest;
use crate::model::Key;
use crate::model::health::{Cause, Engine, Facts, PostgresFacts, TargetHealth, Via};
use crate::redact::show_text;
use crate::rules::endpoint::database_name_drift::bare;
use crate::rules::live_check;

use super::login::identifier;
use super::scene::Scene;

pub(super) fn hint(scene: &Scene<'_>) -> String {
    let name = scene.get(Key::Database);
    let at = scene.at(&[Key::Database, Key::Path]);
    let quoted = name.as_ref().map_or_else(|| "the database".to_owned(), |name| format!("`{name}`"));
    match scene.cause() {
        Cause::DatabaseMissing if scene.target.engine == Engine::Redis => redis(scene),
        Cause::DatabaseMissing | Cause::DatabaseClosed if scene.is_of_pooler() => of_pooler(scene, &quoted, &at),
        Cause::DatabaseMissing => missing(scene, name.as_deref(), &at),
        Cause::DatabaseClosed => format!(
            "{quoted}{at} accepts no connections, as during a restore or a move: its owner opens it with `alter \
             database {} allow_connections true`",
            name.as_deref().map_or_else(|| "...".to_owned(), identifier)
        ),
        Cause::ExtensionBroken => format!(
            "pgvector is installed and fails, most often after an upgrade of the server: `alter extension vector \
             update` in {quoted}, as its owner"
        ),
        _ => extension(scene, &quoted),
    }
}

fn missing(scene: &Scene<'_>, name: Option<&str>, at: &str) -> String {
    let Some(name) = name else {
        return "without a name of its own the database is called as the user is: name it".to_owned();
    };
    let known = names(scene);
    let fallback = match scene.target.via {
        Some(Via::FallbackDatabase) => "; until then its fallback_database answers",
        _ => "",
    };
    if let Some(alike) = alike(name, &known) {
        return format!("the server has `{alike}`: write that as the database{at}{fallback}");
    }
    if known.is_empty() {
        let list = scene.psql(Some("postgres"));
        if scene.has(Key::FallbackDatabase) && scene.target.via.is_none() {
            return format!(
                "the server has neither `{name}`{at} nor the fallback_database, or they are closed: `{list} -l` lists \
                 what it has"
            );
        }
        return format!(
            "`{list} -l` lists what the server has: write the right name{at}, or have it made with `create database \
             {}`{fallback}",
            identifier(name)
        );
    }
    let few: Vec<String> = known.iter().take(5).map(|name| format!("`{name}`")).collect();
    let more = if known.len() > few.len() { " and others" } else { "" };
    format!(
        "the server has {}{more}: write the right name{at}, or have it made with `create database {}`{fallback}",
        few.join(", "),
        identifier(name)
    )
}

/// PgBouncer knows the databases that its own file names, whatever the server behind it has.
fn of_pooler(scene: &Scene<'_>, database: &str, at: &str) -> String {
    if scene.cause() == Cause::DatabaseClosed {
        return format!("{database}{at} is switched off in the pooler: `enable` with its name in PgBouncer's console");
    }
    format!(
        "the pooler has no {database}{at}: add it to `[databases]` in pgbouncer.ini and say `reload` in its console, or \
         write a name that `show databases` lists there"
    )
}

/// Redis counts its databases.
fn redis(scene: &Scene<'_>) -> String {
    let at = scene.at(&[Key::Url]);
    if scene.failure.message.contains("cluster") {
        return format!("end the URL{at} with `/0`, or leave the number out");
    }
    format!(
        "end the URL{at} with a number that Redis has: from 0, and below what `config get databases` says in redis-cli \
         (16, if nobody has changed it)"
    )
}

/// Whether a database is on every server, so that its name tells nothing.
pub(super) fn is_everywhere(name: &str) -> bool {
    matches!(name, "postgres" | "template0" | "template1" | "rdsadmin")
}

/// The databases of the same server, as far as the answer of this or another target tells them.
fn names(scene: &Scene<'_>) -> Vec<String> {
    let server = live_check::server(scene.target);
    let own = std::iter::once(scene.target).chain(scene.live());
    let facts = own.filter(|target| live_check::server(target) == server).filter_map(facts);
    let mut names: Vec<String> = facts
        .flat_map(|facts| facts.databases.iter().chain(facts.database.as_ref().map(|database| &database.name)))
        .filter(|name| !is_everywhere(name))
        .map(|name| show_text(name))
        .collect();
    names.sort();
    names.dedup();
    names
}

fn facts(target: &TargetHealth) -> Option<&PostgresFacts> {
    target.facts.as_ref().and_then(Facts::postgres)
}

/// The name that was most likely meant: one that differs in its dressing only, or in a letter or two.
fn alike<'known>(name: &str, known: &'known [String]) -> Option<&'known str> {
    let own = bare(name);
    let same = known.iter().find(|other| *other != name && !own.is_empty() && bare(other) == own);
    let others: Vec<&str> = known.iter().map(String::as_str).filter(|other| *other != name).collect();
    same.map(String::as_str).or_else(|| suggest(name, &others))
}

fn extension(scene: &Scene<'_>, database: &str) -> String {
    let available = facts(scene.target).and_then(|facts| facts.vector.as_ref()).and_then(|it| it.available.as_deref());
    if let Some(version) = available {
        return format!(
            "the server has pgvector {} to install: `{} -c 'create extension vector'`, as the owner of the database \
             or a superuser",
            show_text(version),
            scene.psql(None)
        );
    }
    let major = facts(scene.target).map(|facts| facts.version_number / 10_000).filter(|major| *major > 0);
    let package = major.map(|major| format!(" (on Debian `postgresql-{major}-pgvector`)")).unwrap_or_default();
    format!(
        "the server has no pgvector to install: install its package there{package}, then `create extension vector` \
         in {database}"
    )
}

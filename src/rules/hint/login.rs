//! Hints about who may come in.

use crate::connstr::provider::{Provider, provider};
use crate::model::Key;
use crate::model::health::{Cause, Engine};

use super::scene::Scene;

pub(super) fn hint(scene: &Scene<'_>) -> String {
    if scene.target.engine == Engine::Redis {
        return redis(scene);
    }
    if scene.cause() == Cause::ConnectionsForbidden {
        return "the limit of the role or of the database is 0, so somebody has locked it: `alter role ... connection limit \
                -1`, or `alter database ... connection limit -1`"
            .to_owned();
    }
    let user = scene.get(Key::Username).map_or_else(|| "the user".to_owned(), |user| format!("`{user}`"));
    let at_user = scene.at(&[Key::Username]);
    match scene.cause() {
        Cause::PasswordRejected => rejected(scene, &user),
        Cause::PasswordMissing => missing(scene, &user),
        Cause::RoleMissing => match provider(&scene.host().unwrap_or_default(), None, None) {
            Some(Provider::SupabasePooler { .. }) => format!(
                "Supabase's pooler knows a project by the user only: write `postgres.<project>` as the user{at_user} \
                 (`dbcfg explain supabase-endpoint`)"
            ),
            _ if scene.is_of_pooler() => format!(
                "the pooler does not know {user}{at_user}: mend the name, or have it added to the `auth_file` of \
                 PgBouncer (userlist.txt)"
            ),
            _ => format!(
                "the server has no role {user}{at_user}: mend the name, or have the role made; \\du in psql lists \
                 them"
            ),
        },
        Cause::RoleCannotLogin => {
            format!("{user}{at_user} is a group and may not log in: use a role of its own, or `alter role ... login`")
        }
        Cause::NotAllowed => {
            // So it says that this login came encrypted, which is what `hostnossl` does not let in.
            // Where both ways are allowed, both were tried.
            let is_encrypted_only =
                scene.get(Key::SslMode).is_some_and(|mode| mode == "require" || mode.starts_with("verify"));
            if is_encrypted_only
                && ["SSL encryption", "SSL on"].iter().any(|words| scene.failure.message.ends_with(words))
            {
                return format!(
                    "no line of pg_hba.conf lets {user} in from this machine with encryption; without it one may \
                     (`hostnossl`): have a `hostssl` line added on the server, then `select pg_reload_conf()`"
                );
            }
            let encryption = match scene.get(Key::SslMode).as_deref() {
                Some("disable") => "; it may also want encryption: try `ssl_mode: require`",
                _ => "",
            };
            format!(
                "no line of pg_hba.conf lets {user} in from this machine: have one added on the server, then `select \
                 pg_reload_conf()`{encryption}"
            )
        }
        Cause::ServerRefused => {
            "it was left before the password: `require_auth` and `requirepeer` of the configuration say \
             which server is meant, so either another one answers there, or they are to be mended"
                .to_owned()
        }
        Cause::ConnectDenied => {
            let database = scene.get(Key::Database).unwrap_or_else(|| "...".to_owned());
            format!(
                "the password is right, and {user} may not connect to this database: the owner says `grant connect \
                 on database {} to {}`",
                identifier(&database),
                scene.get(Key::Username).map_or_else(|| "...".to_owned(), |user| identifier(&user))
            )
        }
        _ => "the server offers no channel binding, which needs TLS and scram-sha-256: leave out \
              `channel_binding=require`, or mend the server"
            .to_owned(),
    }
}

/// The password is wrong: where it stands, and how to try another.
fn rejected(scene: &Scene<'_>, user: &str) -> String {
    let try_it = format!("try it by hand: `{}`", scene.psql(None));
    if let Some(line) = scene.line(&[Key::Password]) {
        return format!(
            "the password of {user} comes from {line}: it was changed on the server, or belongs to another user; \
             {try_it}"
        );
    }
    if let Some(line) = scene.line(&[Key::PasswordFile]) {
        return format!(
            "the password of {user} stands in the file that {line} names: it was changed on the server, or belongs \
             to another user; {try_it}"
        );
    }
    format!("no file says the password of {user}, so it came from PGPASSWORD or ~/.pgpass: look there; {try_it}")
}

/// There is no password.
fn missing(scene: &Scene<'_>, user: &str) -> String {
    if let Some(line) = scene.line(&[Key::Password, Key::PasswordFile]) {
        return format!("the password of {user} comes from {line} and is empty here: run it under your secret loader");
    }
    let (name, variable, at) = (scene.name(), variable(&scene.name()), scene.at(scene.places()));
    format!(
        "the server wants a password for {user}, and none is configured: give {name}{at} the key `password` with the \
         value `${{{variable}}}`, or add a line to ~/.pgpass"
    )
}

/// The name of a variable for the password of a database: `MAIN_DB_PASSWORD`.
fn variable(name: &str) -> String {
    let letters = name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' });
    format!("{}_DB_PASSWORD", letters.collect::<String>().trim_end_matches('_'))
}

fn redis(scene: &Scene<'_>) -> String {
    let at = scene.at(&[Key::Password, Key::Url]);
    match scene.cause() {
        Cause::PasswordMissing => {
            format!(
                "Redis wants a password, and the URL{at} has none: write `redis://:${{REDIS_PASSWORD}}@host:port/0`"
            )
        }
        Cause::NotAllowed if scene.failure.code == "DENIED" => {
            "Redis is in protected mode: set a password there (`requirepass`), or `bind` it to addresses that others \
             do not reach and switch `protected-mode` off"
                .to_owned()
        }
        Cause::NotAllowed => format!(
            "the login was right, and the user may not do this{at}: an administrator sees its rights with `ACL LIST` and \
             gives it `+select`"
        ),
        _ => format!(
            "Redis does not take the user or password{at}: since version 6 a user of its own has its own password; \
             ask `ACL WHOAMI` as an administrator"
        ),
    }
}

/// A name as SQL takes it.
pub(in crate::rules) fn identifier(name: &str) -> String {
    let is_plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if is_plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

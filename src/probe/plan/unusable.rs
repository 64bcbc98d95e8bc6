//! Why a place cannot be tried at all: a variable without a value, a placeholder, or no place.
//!
//! Only what matters for connecting counts: the size of a pool may be open.

use crate::connstr::is_libpq_parameter;
use crate::model::health::{Cause, Failure};
use crate::model::{Connection, Key, Setting, Value};
use crate::probe::options::Options;
use crate::redact::is_secret_name;
use crate::template::is_placeholder;

/// A setting that matters for connecting, with the name by which it is told.
pub(super) type Named<'connection> = (&'connection str, &'connection Setting);

/// Why a place cannot be tried; nothing if it can.
pub(super) fn unusable(connection: &Connection, engine: &str, options: &Options) -> Option<Failure> {
    let needed = needed(connection, engine, options);
    unresolved(&needed)
        .or_else(|| placeholder(&needed))
        .or_else(|| encrypted(&needed))
        .or_else(|| no_place(connection, engine, options))
}

/// A failure to be told of a target that cannot be tried. The message is a sentence without its full stop.
pub(in crate::probe) fn failure(cause: Cause, message: impl Into<String>) -> Failure {
    Failure { cause, code: cause.name(), message: message.into(), ..Failure::default() }
}

/// The settings without which nobody gets there.
fn needed<'connection>(
    connection: &'connection Connection,
    engine: &str,
    options: &Options,
) -> Vec<Named<'connection>> {
    let keys: &[Key] = match engine {
        "sqlite" => &[Key::Engine, Key::Path, Key::Url],
        "postgresql" => &[
            Key::Engine,
            Key::Host,
            Key::HostAddress,
            Key::Port,
            Key::Database,
            Key::Username,
            Key::Password,
            Key::PasswordFile,
            Key::SslMode,
            Key::SslRootCert,
            Key::SslCert,
            Key::SslKey,
            Key::Url,
        ],
        _ => &[Key::Engine, Key::Host, Key::HostAddress, Key::Port, Key::Url],
    };
    let is_given = |key: &Key| options.password.is_some() && matches!(key, Key::Password | Key::PasswordFile);
    let settings = keys
        .iter()
        .filter(|key| !is_given(key))
        .filter_map(|key| connection.settings.get(*key).map(|setting| (key.path(), setting)));
    let matters = |name: &str| engine == "postgresql" && is_libpq_parameter(name) && !FOR_SHOW.contains(&name);
    let parameters = connection.parameters.iter().map(|(name, setting)| (name.as_str(), setting));
    settings.chain(parameters.filter(|(name, _)| matters(name))).collect()
}

/// Parameters of libpq that a server only shows.
const FOR_SHOW: &[&str] = &["application_name", "fallback_application_name"];

/// What is to be told if variables of these settings have no value.
pub(super) fn unresolved(needed: &[Named<'_>]) -> Option<Failure> {
    let mut keys = Vec::new();
    let mut variables: Vec<&str> = Vec::new();
    let mut is_secret = false;
    for (name, setting) in needed {
        let missing = setting.resolution.as_deref().map_or(&[][..], |resolution| &resolution.missing);
        for variable in missing {
            is_secret |= matches!(setting.value, Value::Secret { .. }) || is_secret_name(variable);
            if !variables.contains(&variable.as_str()) {
                variables.push(variable);
            }
        }
        if !missing.is_empty() {
            keys.push(*name);
        }
    }
    if keys.is_empty() {
        return None;
    }
    let (needs, have) = (if keys.len() == 1 { "needs" } else { "need" }, "no value here");
    let verb = if variables.len() == 1 { "has" } else { "have" };
    let loader = if is_secret { "; run dbcfg under the loader of your secrets" } else { "" };
    let message = format!("{} {needs} {}, which {verb} {have}{loader}", listed(&keys), listed(&variables));
    Some(failure(Cause::UnresolvedVariable, message).about(key_of(keys[0])))
}

/// Words in a row: `a`, `b` and `c`.
fn listed(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

fn placeholder(needed: &[Named<'_>]) -> Option<Failure> {
    let (name, setting) = needed.iter().find(|(name, setting)| is_open(name, setting))?;
    let message = match &setting.value {
        Value::Secret { text, .. } if !is_placeholder(text.expose()) => format!("`{name}` is a placeholder"),
        value => format!("`{name}` is a placeholder: {}", value.shown()),
    };
    Some(failure(Cause::Placeholder, message).about(key_of(name)))
}

/// The key that is told by a name, unless it is a mere parameter.
fn key_of(name: &str) -> Option<Key> {
    Key::all().find(|key| key.path() == name)
}

/// How values begin that a program has encrypted for this file: SOPS and eyaml, Jasypt, Ansible, Spring.
const ENCRYPTED: &[&str] = &["ENC[", "ENC(", "$ANSIBLE_VAULT", "{cipher}"];

/// A value that nobody here can decrypt is not sent to a server: it would be a wrong password, and may lock the account.
fn encrypted(needed: &[Named<'_>]) -> Option<Failure> {
    let is_encrypted = |setting: &Setting| {
        setting.effective().is_some_and(|text| ENCRYPTED.iter().any(|start| text.starts_with(start)))
    };
    let (name, _) = needed.iter().find(|(_, setting)| is_encrypted(setting))?;
    let message =
        format!("`{name}` is encrypted; decrypt the file first, or run dbcfg under the loader of your secrets");
    Some(failure(Cause::UnresolvedVariable, message).about(key_of(name)))
}

/// Whether a value waits for a person or for another program.
fn is_open(name: &str, setting: &Setting) -> bool {
    let Some(text) = setting.effective() else { return false };
    if matches!(setting.value, Value::Secret { .. }) {
        // Servers for development do have the password `changeme`. Of the others nobody can say.
        return is_placeholder(&text) && !text.bytes().all(|byte| byte.is_ascii_lowercase());
    }
    let is_filled_in = ["{{", "{%", "%(", "$(", "#{", "<%", "<<", "${"].iter().any(|sign| text.contains(sign));
    let is_part = |part: &str| part.starts_with(['<', '[', 'Y']) && is_placeholder(part);
    is_filled_in || is_placeholder(&text) || (name == Key::Host.path() && text.split(['.', ',']).any(is_part))
}

/// Variables that tell libpq where a server is.
const PLACES: &[&str] = &["PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE"];

fn no_place(connection: &Connection, engine: &str, options: &Options) -> Option<Failure> {
    let may_be_a_secret = |key: &Key| matches!(connection.settings.value(*key), Some(Value::Secret { .. }));
    let doubtful = [Key::Host, Key::HostAddress, Key::Port, Key::Database, Key::Username];
    if let Some(key) = doubtful.iter().find(|key| may_be_a_secret(key)) {
        // Looking the name up would send a piece of the password through the network.
        let message = format!(
            "it is not certain where it is: a piece of the password may stand in `{}`; write its special characters as %XX",
            key.path()
        );
        return Some(failure(Cause::NoPlace, message).about(*key));
    }
    let is_told = engine == "postgresql" && PLACES.iter().any(|name| options.environment.get(name).is_some());
    if is_told || connection.is_place() {
        return None;
    }
    Some(failure(Cause::NoPlace, "it is not said where it is: neither host nor database nor path".to_owned()))
}

#[cfg(test)]
mod tests {
    use crate::model::{Origin, Resolution};
    use crate::redact::Secret;
    use crate::template::Syntax;

    use super::*;

    fn setting(key: Key, text: &str) -> Setting {
        let value = match key {
            Key::Password => Value::Secret { text: Secret::new(text), syntax: Syntax::Braces },
            _ => Value::text(text),
        };
        Setting::new(value, Origin::Default)
    }

    /// A connection of literal values, and of values with variables that are missing.
    fn connection(values: &[(Key, &str)], missing: &[(Key, &str)]) -> Connection {
        let mut connection = Connection::default();
        for (key, text) in values {
            connection.settings.set(*key, setting(*key, text));
        }
        for (key, variable) in missing {
            let mut setting = setting(*key, &format!("${{{variable}}}"));
            let text = Secret::new(format!("${{{variable}}}"));
            let missing = vec![(*variable).to_owned()];
            setting.resolution = Some(Box::new(Resolution { text, missing, used: Vec::new() }));
            connection.settings.set(*key, setting);
        }
        connection
    }

    fn told(connection: &Connection, options: &Options) -> Option<(Cause, String)> {
        let failure = unusable(connection, &connection.engine(), options)?;
        assert_eq!(failure.code, failure.cause.name());
        Some((failure.cause, failure.message))
    }

    #[test]
    fn only_what_matters_for_connecting_counts() {
        use Cause::{NoPlace, Placeholder, UnresolvedVariable};
        let host = (Key::Host, "db.example.com");
        for (values, missing, expected) in [
            (&[host][..], &[][..], None),
            (&[host], &[(Key::PoolMax, "POOL"), (Key::ConnectTimeout, "WAIT"), (Key::FallbackDatabase, "OLD")], None),
            (
                &[host],
                &[(Key::Password, "DB_PASSWORD")],
                Some((
                    UnresolvedVariable,
                    "`password` needs `DB_PASSWORD`, which has no value here; run dbcfg under the loader of your secrets",
                )),
            ),
            (
                &[],
                &[(Key::Host, "DB_HOST"), (Key::Port, "DB_PORT")],
                Some((UnresolvedVariable, "`host` and `port` need `DB_HOST` and `DB_PORT`, which have no value here")),
            ),
            (&[], &[(Key::Url, "URL")], Some((UnresolvedVariable, "`url` needs `URL`, which has no value here"))),
            (&[(Key::Host, "<DB_HOST>")], &[], Some((Placeholder, "`host` is a placeholder: <DB_HOST>"))),
            (
                &[(Key::Host, "db.[PROJECT-REF].supabase.co")],
                &[],
                Some((Placeholder, "`host` is a placeholder: db.[PROJECT-REF].supabase.co")),
            ),
            (&[(Key::Host, "{{ host }}")], &[], Some((Placeholder, "`host` is a placeholder: {{ host }}"))),
            (&[(Key::Host, "[::1]")], &[], None),
            (&[host, (Key::Password, "CHANGE_ME")], &[], Some((Placeholder, "`password` is a placeholder: CHANGE_ME"))),
            (
                &[host, (Key::Password, "ENC[AES256_GCM,data:x]")],
                &[],
                Some((
                    UnresolvedVariable,
                    "`password` is encrypted; decrypt the file first, or run dbcfg under the loader of your secrets",
                )),
            ),
            (&[host, (Key::Password, "changeme")], &[], None),
            (&[host, (Key::Password, "%(canary")], &[], None),
            (
                &[(Key::Username, "app")],
                &[],
                Some((NoPlace, "it is not said where it is: neither host nor database nor path")),
            ),
            (&[(Key::Path, "a.db"), (Key::Password, "CHANGE_ME")], &[(Key::Username, "X")], None),
        ] {
            let found = told(&connection(values, missing), &Options::default());
            assert_eq!(found, expected.map(|(cause, message)| (cause, message.to_owned())), "{values:?} {missing:?}");
        }
    }

    #[test]
    fn the_key_is_told_that_keeps_it_from_being_tried() {
        for (values, missing, expected) in [
            (&[(Key::Host, "<DB_HOST>")][..], &[][..], Some(Key::Host)),
            (&[(Key::Host, "h")], &[(Key::Port, "PORT"), (Key::Username, "U")], Some(Key::Port)),
            (&[(Key::Host, "h"), (Key::Password, "ENC[x]")], &[], Some(Key::Password)),
            (&[(Key::Username, "app")], &[], None),
        ] {
            let it = connection(values, missing);
            let failure = unusable(&it, &it.engine(), &Options::default()).expect("a failure");
            assert_eq!(failure.key, expected, "{}", failure.message);
        }
    }

    #[test]
    fn a_password_that_is_given_needs_no_variable() {
        let options = Options { password: Some(Secret::new("canary")), ..Options::default() };
        let open = connection(&[(Key::Host, "db.example.com")], &[(Key::Password, "DB_PASSWORD")]);
        assert_eq!(told(&open, &options), None);
    }

    #[test]
    fn libpqs_variables_are_a_place() {
        let environment = [("PGHOST".to_owned(), "db.example.com".to_owned())].into_iter().collect();
        let options = Options { environment, ..Options::default() };
        assert_eq!(told(&connection(&[(Key::Username, "app")], &[]), &options), None);
    }

    #[test]
    fn a_piece_of_a_password_is_not_looked_up() {
        let mut doubtful = connection(&[], &[]);
        let value = Value::Secret { text: Secret::new("ss#canary"), syntax: Syntax::Braces };
        doubtful.settings.set(Key::Host, Setting::new(value, Origin::Default));
        let (cause, message) = told(&doubtful, &Options::default()).expect("a failure");
        assert_eq!(cause, Cause::NoPlace);
        assert!(message.contains("`host`") && !message.contains("canary"), "{message}");
    }

    #[test]
    fn parameters_of_libpq_count_as_well() {
        for (name, expected) in
            [("service", true), ("sslpassword", true), ("application_name", false), ("schema", false)]
        {
            let mut it = connection(&[(Key::Host, "db.example.com")], &[(Key::Username, "X")]);
            let open = it.settings.remove(Key::Username).expect("it was set");
            it.parameters.insert(name.to_owned(), open);
            assert_eq!(told(&it, &Options::default()).is_some(), expected, "{name}");
        }
    }
}

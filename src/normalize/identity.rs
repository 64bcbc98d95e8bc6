//! Whether two definitions name the same place.

use crate::model::{Connection, Key};
use crate::template::is_placeholder;

/// The keys that say which database it is, and as whom.
const IDENTITY: &[Key] = &[Key::Engine, Key::Host, Key::Port, Key::Database, Key::Username, Key::Password, Key::Path];

/// The keys in which two definitions name different places. What one of them leaves out, or what cannot be known
/// (a placeholder, an unknown variable), is no difference.
pub fn differences(one: &Connection, other: &Connection) -> Vec<Key> {
    if !one.is_place() || !other.is_place() {
        return Vec::new();
    }
    let differs = |key: &&Key| match (text(one, **key), text(other, **key)) {
        (Some(a), Some(b)) => !same(**key, &a, &b),
        _ => false,
    };
    let mut keys: Vec<Key> = IDENTITY.iter().filter(differs).copied().collect();
    if keys.contains(&Key::Engine) {
        // A file and a server differ in everything else too.
        keys.retain(|key| *key == Key::Engine);
    }
    keys
}

/// Whether it is certain that two definitions name one place: the host and the database, or the path, are known and
/// the same.
pub(super) fn is_same_place(one: &Connection, other: &Connection) -> bool {
    let agree = |key: Key| matches!((text(one, key), text(other, key)), (Some(a), Some(b)) if same(key, &a, &b));
    differences(one, other).is_empty() && (agree(Key::Path) || (agree(Key::Host) && agree(Key::Database)))
}

/// The text of a key, or its default where the definition says enough for the default to count.
fn text(connection: &Connection, key: Key) -> Option<String> {
    let known =
        |setting: &crate::model::Setting| setting.effective().filter(|text| !is_unknown(text) && !text.is_empty());
    match connection.settings.get(key) {
        Some(setting) => known(setting),
        None if key == Key::Engine => Some(connection.engine()),
        None if key == Key::Port && connection.settings.get(Key::Host).is_some_and(|host| known(host).is_some()) => {
            key.info().default.map(str::to_owned)
        }
        None => None,
    }
}

/// Whether a text is known only to who fills it in: `<HOST>`, `%(DB_HOST)s`, `{{ host }}`.
fn is_unknown(text: &str) -> bool {
    is_placeholder(text) || ["%(", "{{", "<%", "$("].iter().any(|sign| text.contains(sign))
}

fn same(key: Key, one: &str, other: &str) -> bool {
    match key {
        Key::Host => one.trim_end_matches('.').eq_ignore_ascii_case(other.trim_end_matches('.')),
        Key::Path => one.trim_start_matches("./") == other.trim_start_matches("./"),
        _ => one == other,
    }
}

/// The keys of a weaker connection that say something else than the stronger one. What cannot be known is not counted.
pub(super) fn overridden(winner: &Connection, weaker: &Connection) -> Vec<Key> {
    let differs = |(key, setting): &(Key, &crate::model::Setting)| {
        let known = winner.settings.get(*key).and_then(crate::model::Setting::effective);
        matches!((known, setting.effective()), (Some(a), Some(b)) if !is_unknown(&b) && !same(*key, &a, &b))
    };
    weaker.settings.iter().filter(differs).map(|(key, _)| key).collect()
}

/// Whether two URLs of one place are for two drivers, as an application has them that is partly asynchronous.
pub(super) fn has_other_driver(one: &Connection, other: &Connection) -> bool {
    let driver =
        |connection: &Connection| connection.settings.get(Key::Driver).and_then(crate::model::Setting::effective);
    driver(one) != driver(other)
}

/// The place of a connection as one text, if host and database, or the path, are known.
pub(super) fn place(connection: &Connection) -> Option<String> {
    let engine = connection.engine();
    if let Some(path) = text(connection, Key::Path) {
        return Some(format!("{engine} {}", path.trim_start_matches("./")));
    }
    let (host, database) = (text(connection, Key::Host)?, text(connection, Key::Database)?);
    let port = text(connection, Key::Port).unwrap_or_default();
    Some(format!("{engine} {} {port} {database}", host.trim_end_matches('.').to_ascii_lowercase()))
}

/// The name of the database of a connection, if it is known.
pub(super) fn database_name(connection: &Connection) -> Option<String> {
    text(connection, Key::Database)
}

/// Whether a failover or replica stands there already.
pub(super) fn is_among(members: &[Connection], connection: &Connection) -> bool {
    members.iter().any(|member| is_same_member(member, connection))
}

/// Whether two members are one place, as far as both say it.
pub(super) fn is_same_member(member: &Connection, connection: &Connection) -> bool {
    let keys = [Key::Host, Key::Port, Key::Database, Key::Path];
    keys.iter().all(|key| match (text(member, *key), text(connection, *key)) {
        (Some(a), Some(b)) => same(*key, &a, &b),
        (None, None) => true,
        _ => false,
    })
}

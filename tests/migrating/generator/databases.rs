//! Random databases, each with the keys of an old layout and those of the canonical one.

use std::fmt::Write as _;

use super::{Data, Dice, Map};

/// One database in both forms.
#[derive(Clone, Default)]
pub(super) struct Database {
    pub(super) old: Map,
    pub(super) new: Map,
}

/// What may stand for a password: whatever a shell, a URL or YAML takes for something else, and variables.
const PASSWORDS: &[&str] = &[
    "example-only",
    "p@ss:w/rd #1",
    "it's \"quoted\"",
    "${DB_PASSWORD}",
    "${A:-${B}}",
    "back\\slash % {brace}",
    "- dash",
    "&anchor",
    "ümläut",
    "12345",
    "pre${MID}post",
];

const HOSTS: [&str; 3] = ["main.example.com", "mlflow.example.com", "vector.example.com"];
const NAMES: [&str; 3] = ["app", "mlflow_db", "vector_db"];

/// A key under one of the names that it has.
fn key(dice: &mut Dice<'_>, database: &mut Database, names: &[&str], value: Data) {
    let name = if dice.once_in(3) { dice.pick(names) } else { names[0] };
    database.old.push((name.to_owned(), value.clone()));
    database.new.push((names[0].to_owned(), value));
}

/// What the role with this number may say of its place, by the names that flat keys have too.
pub(super) fn place(dice: &mut Dice<'_>, role: usize) -> Database {
    let mut database = Database::default();
    key(dice, &mut database, &["host"], Data::text(HOSTS[role]));
    if dice.once_in(2) {
        let port = if dice.once_in(4) { Data::text("6432") } else { Data::Integer(5432) };
        key(dice, &mut database, &["port"], port);
    }
    key(dice, &mut database, &["database"], Data::text(NAMES[role]));
    if dice.once_in(2) {
        let user = dice.pick(&["app_user", "${DB_USER:-app}", "user name"]);
        key(dice, &mut database, &["username", "user"], Data::text(user));
    }
    if dice.once_in(2) {
        let password = dice.pick(PASSWORDS);
        key(dice, &mut database, &["password"], Data::text(password));
    }
    database
}

/// A database as a section of its own.
pub(super) fn section(dice: &mut Dice<'_>, role: usize) -> Database {
    let mut database = Database::default();
    key(dice, &mut database, &["host", "hostname", "db_host"], Data::text(HOSTS[role]));
    if dice.once_in(2) {
        let port = dice.pick(&[5432, 6432]);
        key(dice, &mut database, &["port", "db_port"], Data::Integer(port));
    }
    key(dice, &mut database, &["database", "dbname", "db_name"], Data::text(NAMES[role]));
    if dice.once_in(2) {
        let user = dice.pick(&["app_user", "${DB_USER:-app}"]);
        key(dice, &mut database, &["username", "user", "db_user"], Data::text(user));
    }
    if dice.once_in(2) {
        let password = dice.pick(PASSWORDS);
        key(dice, &mut database, &["password", "passwd", "db_password"], Data::text(password));
    }
    settings(dice, &mut database);
    shuffle(dice, &mut database);
    database
}

/// A database whose place is a connection string.
pub(super) fn url(dice: &mut Dice<'_>, role: usize) -> Database {
    let mut database = Database::default();
    let text = connection_string(dice, role, &mut database.new);
    let name = dice.pick(&["url", "dsn", "connection_string"]);
    database.old.push((name.to_owned(), Data::Text(text)));
    if dice.once_in(2) {
        extras(dice, &mut database);
    }
    database
}

/// A connection string; its parts are added to what it comes down to.
pub(super) fn connection_string(dice: &mut Dice<'_>, role: usize, parts: &mut Map) -> String {
    let mut add = |name: &str, value: Data| parts.push((name.to_owned(), value));
    let mut text = "postgresql".to_owned();
    if dice.once_in(4) {
        text += "+psycopg2";
        add("driver", Data::text("psycopg2"));
    }
    text += "://";
    if dice.once_in(2) {
        text += "app_user";
        add("username", Data::text("app_user"));
        let (encoded, password) = dice.pick(&[
            ("", ""),
            ("example-only", "example-only"),
            ("p%40ss%2Fw%3Ard%20%231", "p@ss/w:rd #1"),
            ("${P}", "${P}"),
        ]);
        if !password.is_empty() {
            let _ = write!(text, ":{encoded}");
            add("password", Data::text(password));
        }
        text.push('@');
    }
    text += HOSTS[role];
    add("host", Data::text(HOSTS[role]));
    if dice.once_in(2) {
        text += ":6432";
        add("port", Data::Integer(6432));
    }
    let _ = write!(text, "/{}", NAMES[role]);
    add("database", Data::text(NAMES[role]));
    if dice.once_in(3) {
        text += "?sslmode=require";
        add("ssl_mode", Data::text("require"));
    }
    text
}

/// Everything that is not about the place.
fn settings(dice: &mut Dice<'_>, database: &mut Database) {
    if dice.once_in(3) {
        let mode = dice.pick(&["require", "verify-full", "disable"]);
        key(dice, database, &["ssl_mode", "sslmode", "sslMode"], Data::text(mode));
    }
    if dice.once_in(4) {
        key(dice, database, &["connect_timeout", "connection_timeout"], Data::Integer(10));
    }
    extras(dice, database);
}

/// Pools, retries, and keys that nobody knows.
fn extras(dice: &mut Dice<'_>, database: &mut Database) {
    match dice.roll(5) {
        1 => group(
            dice,
            database,
            &["pool", "connection_pool"],
            &[("max_connections", "max_size"), ("pre_ping", "pre_ping")],
        ),
        2 => loose(database, "pool", &[("connection_pool_size", "max_connections"), ("pool_pre_ping", "pre_ping")]),
        3 => loose(database, "pool", &[("pool_size", "max_connections")]),
        _ => {}
    }
    match dice.roll(5) {
        1 => group(dice, database, &["retry"], &[("max_attempts", "max_retries"), ("base_delay", "delay")]),
        2 => loose(database, "retry", &[("max_retries", "max_attempts"), ("retry_delay", "base_delay")]),
        _ => {}
    }
    if dice.once_in(4) {
        let value = unknown(dice, 2);
        key(dice, database, &["x_owner"], value);
    }
    if dice.once_in(8) {
        let value = unknown(dice, 2);
        key(dice, database, &["x notes: all"], value);
    }
}

fn number(name: &str) -> Data {
    match name {
        "pre_ping" => Data::Bool(true),
        "max_connections" => Data::Integer(20),
        _ => Data::Integer(3),
    }
}

/// `pool: {max_size: 20}`
fn group(dice: &mut Dice<'_>, database: &mut Database, names: &[&str], keys: &[(&str, &str)]) {
    let mut inner = Database::default();
    for (new, old) in keys {
        key(dice, &mut inner, &[new, old], number(new));
    }
    let name = dice.pick(names);
    database.old.push((name.to_owned(), Data::Map(inner.old)));
    database.new.push((names[0].to_owned(), Data::Map(inner.new)));
}

/// `pool_size: 20`
fn loose(database: &mut Database, group: &str, keys: &[(&str, &str)]) {
    database.old.extend(keys.iter().map(|(old, new)| ((*old).to_owned(), number(new))));
    let inner = keys.iter().map(|(_, new)| ((*new).to_owned(), number(new)));
    database.new.push((group.to_owned(), Data::Map(inner.collect())));
}

/// The order of the old keys is anyone's; judges do not look at that of the new ones.
fn shuffle(dice: &mut Dice<'_>, database: &mut Database) {
    if dice.once_in(2) {
        dice.shuffle(&mut database.old);
    }
}

/// Any data, as deep as is allowed.
pub(super) fn unknown(dice: &mut Dice<'_>, depth: usize) -> Data {
    match dice.roll(if depth > 0 { 9 } else { 5 }) {
        0 => Data::Integer(7),
        1 => Data::text(dice.pick(&[
            "some text",
            "",
            "a: b",
            "#no comment",
            "tab\there",
            "- item",
            "trailing ",
            "null",
            "1e3",
        ])),
        2 => Data::Bool(false),
        3 => Data::text(dice.pick(&["${HOME}/x", "{{ template }}", "@at", "'", "two\nlines", "\u{1F600}"])),
        4 => Data::Plain(dice.pick(&["1.50", "1e+3", "0600", "yes", "~", ""])),
        5 | 6 => {
            let keys = ["x_a", "x b", "x-c"];
            Data::Map(keys[..dice.roll(4)].iter().map(|key| ((*key).to_owned(), unknown(dice, depth - 1))).collect())
        }
        _ => Data::List((0..dice.roll(4)).map(|_| unknown(dice, depth - 1)).collect()),
    }
}

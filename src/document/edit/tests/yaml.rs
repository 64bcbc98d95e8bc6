//! YAML: blocks first, then brackets.

use super::*;

fn yaml(before: &str, change: impl FnOnce(&mut Draft<'_>), after: &str) {
    check(Format::Yaml, before, change, after);
}

#[test]
fn single_changes() {
    let before = "# file\n\na:  1   # one\n# two\nb: 'x'\nc:\n  d: \"y\"\n\n  e:\n  f: [1, 2]\n";
    yaml(before, |_| {}, before);
    yaml(
        before,
        |draft| {
            let place = at(draft, "a");
            draft.rename(place, "z z");
            let place = at(draft, "b");
            draft.replace(place, text("it's"));
            let place = at(draft, "c.d");
            draft.replace(place, text("${X}"));
            let place = at(draft, "c.e");
            draft.replace(place, NewValue::Integer(5));
        },
        "# file\n\nz z:  1   # one\n# two\nb: 'it''s'\nc:\n  d: \"${X}\"\n\n  e: 5\n  f: [1, 2]\n",
    );
    yaml(
        before,
        |draft| {
            let place = at(draft, "a");
            draft.replace(place, text("yes"));
            let place = at(draft, "c.d");
            draft.remove(place, None);
            let place = at(draft, "c.f");
            draft.replace(place, NewValue::Bool(true));
        },
        "# file\n\na:  \"yes\"   # one\n# two\nb: 'x'\nc:\n  e:\n  f: true\n",
    );
    yaml(
        before,
        |draft| {
            let place = at(draft, "a");
            let heir = at(draft, "c.e");
            draft.remove(place, Some(heir));
            let place = at(draft, "b");
            draft.remove(place, None);
        },
        "# file\n\n# two\nc:\n  d: \"y\"\n\n  # one\n  e:\n  f: [1, 2]\n",
    );
}

#[test]
fn sections_move_under_databases() {
    let before = "# about the file\npostgres_primary: # main\n  host: a # h\n  # pool\n  pool:\n    size: 5\n  # trailing\n\n\
                  # the other one\n# goes on\nmlflow_alt_db:\n  host: b\n\nserver:\n  port: 1\n";
    yaml(
        before,
        |draft| {
            let main = at(draft, "postgres_primary");
            let top = draft.top();
            let databases = draft.insert(top, At::Before(main), Some("databases"), NewValue::Map(Vec::new()));
            draft.shift(main, databases, At::End, Some("main"));
            let mlflow = at(draft, "mlflow_alt_db");
            draft.shift(mlflow, databases, At::End, Some("mlflow"));
        },
        "# about the file\ndatabases:\n  main: # main\n    host: a # h\n    # pool\n    pool:\n      size: 5\n    # trailing\n\n  \
         # the other one\n  # goes on\n  mlflow:\n    host: b\n\nserver:\n  port: 1\n",
    );
}

#[test]
fn loose_keys_move_into_a_new_section() {
    yaml(
        "main:\n    host: a\n    connection_pool_size: 5 # most\n    port: 1\n    # wait\n    pool_timeout: 3\n",
        |draft| {
            let main = at(draft, "main");
            let size = at(draft, "main.connection_pool_size");
            let pool = draft.insert(main, At::Before(size), Some("pool"), NewValue::Map(Vec::new()));
            draft.shift(size, pool, At::End, Some("max_connections"));
            let timeout = at(draft, "main.pool_timeout");
            draft.shift(timeout, pool, At::End, Some("acquire_timeout"));
        },
        "main:\n    host: a\n    pool:\n        max_connections: 5 # most\n        # wait\n        acquire_timeout: 3\n    port: 1\n",
    );
}

#[test]
fn sections_become_items() {
    yaml(
        "databases:\n  main:\n    host: a\n\n# last resort\nsqlite_backup: # local\n  # where\n  path: x.db\n  timeout: 5 # s\n",
        |draft| {
            let main = at(draft, "databases.main");
            let failover = draft.insert(main, At::End, Some("failover"), NewValue::List(Vec::new()));
            let backup = at(draft, "sqlite_backup");
            draft.shift(backup, failover, At::End, None);
            let path = at(draft, "databases.main.failover.0.path");
            draft.insert(backup, At::Before(path), Some("engine"), text("sqlite"));
        },
        "databases:\n  main:\n    host: a\n    failover:\n      # last resort\n      - # local\n        engine: sqlite\n        # where\n        path: x.db\n        timeout: 5 # s\n",
    );
    yaml(
        "b:\n  path: x.db\n  more:\n    y: |\n      one\n\n      two\nlist:\n- a: 1\n",
        |draft| {
            let list = at(draft, "list");
            let b = at(draft, "b");
            draft.shift(b, list, At::End, None);
        },
        "list:\n- a: 1\n- path: x.db\n  more:\n    y: |\n      one\n\n      two\n",
    );
    yaml(
        "list:\n  - a: 1 # x\n    b: 2\n  # two\n  - c: 3\n",
        |draft| {
            let top = draft.top();
            let item = at(draft, "list.0");
            draft.shift(item, top, At::End, Some("first"));
        },
        "list:\n  # two\n  - c: 3\nfirst:\n  a: 1 # x\n  b: 2\n",
    );
}

#[test]
fn the_last_key_leaves_braces() {
    yaml(
        "a: # why\n  b: 1 # x\nc: 2\n",
        |draft| {
            let place = at(draft, "a.b");
            let heir = at(draft, "c");
            draft.remove(place, Some(heir));
        },
        "a: {} # why\n# x\nc: 2\n",
    );
    yaml(
        "a: {b: 1}\nl: [x]\nm:\n- 1\n",
        |draft| {
            for path in ["a.b", "l.0", "m.0"] {
                let place = at(draft, path);
                draft.remove(place, None);
            }
        },
        "a: {}\nl: []\nm: []\n",
    );
}

#[test]
fn brackets() {
    let before = "databases: {main: {host: a, port: 1}, 'x': [1, 2,], z: }\n";
    yaml(
        before,
        |draft| {
            let place = at(draft, "databases.main.host");
            draft.rename(place, "server");
            let place = at(draft, "databases.x");
            draft.remove(place, None);
            let place = at(draft, "databases.z");
            draft.replace(place, text("a, b"));
            let main = at(draft, "databases.main");
            draft.insert(main, At::End, Some("user"), text("${U}"));
        },
        "databases: {main: {server: a, port: 1, user: \"${U}\"}, z: \"a, b\" }\n",
    );
    yaml(
        before,
        |draft| {
            let place = at(draft, "databases.main");
            draft.remove(place, None);
        },
        "databases: {'x': [1, 2,], z: }\n",
    );
    yaml(
        "a: {\n  # one\n  b: 1, # behind\n  c: 2 # two\n}\n",
        |draft| {
            let b = at(draft, "a.b");
            let a = at(draft, "a");
            draft.shift(b, a, At::End, Some("d"));
        },
        "a: {\n  c: 2, # two\n  # one\n  # behind\n  d: 1\n}\n",
    );
    yaml(
        "databases: {mlflow: {host: m}} # all\npg: # main\n  host: a # h\n",
        |draft| {
            let databases = at(draft, "databases");
            let pg = at(draft, "pg");
            draft.shift(pg, databases, At::End, Some("main"));
        },
        "databases: # all\n  mlflow: {host: m}\n  main: # main\n    host: a # h\n",
    );
    yaml(
        "databases: {}\npg: {host: a}\n",
        |draft| {
            let databases = at(draft, "databases");
            let pg = at(draft, "pg");
            draft.shift(pg, databases, At::End, Some("main"));
        },
        "databases:\n  main: {host: a}\n",
    );
}

#[test]
fn anchors_and_aliases_keep_what_they_stand_for() {
    let before = "_defaults: &defaults\n  port: 1\nold:\n  <<: *defaults\n  host: a\nx: *defaults\n";
    yaml(
        before,
        |draft| {
            let top = draft.top();
            let old = at(draft, "old");
            let databases = draft.insert(top, At::Before(old), Some("databases"), NewValue::Map(Vec::new()));
            draft.shift(old, databases, At::End, Some("main"));
        },
        "_defaults: &defaults\n  port: 1\ndatabases:\n  main:\n    <<: *defaults\n    host: a\nx: *defaults\n",
    );
    let inside = refused(Format::Yaml, before, |draft| {
        let port = at(draft, "_defaults.port");
        draft.rename(port, "p");
    });
    assert_eq!(inside.0, "_defaults");
    let order = refused(Format::Yaml, before, |draft| {
        let (defaults, top) = (at(draft, "_defaults"), draft.top());
        draft.shift(defaults, top, At::End, Some("_defaults"));
    });
    assert_eq!(order, ("old.<<".to_owned(), "an alias would stand before its anchor"));
}

#[test]
fn line_ends_marks_and_missing_line_ends_stay() {
    let to_main = |draft: &mut Draft<'_>| {
        let (top, old) = (draft.top(), at(draft, "pg"));
        let databases = draft.insert(top, At::Before(old), Some("databases"), NewValue::Map(Vec::new()));
        draft.shift(old, databases, At::End, Some("main"));
    };
    yaml(
        "\u{FEFF}# file\r\npg:\r\n   a: |\r\n     x\r\n\r\n     y\r\n   b: 1",
        to_main,
        "\u{FEFF}# file\r\ndatabases:\r\n   main:\r\n      a: |\r\n        x\r\n\r\n        y\r\n      b: 1",
    );
    yaml("x: 1\npg: {a: 1,\n  b: 2}", to_main, "x: 1\ndatabases:\n  main: {a: 1,\n    b: 2}");
    yaml(
        "---\n# one\npg:\n  a: \"x\n    y\"\n---\nb: 1\n",
        to_main,
        "---\ndatabases:\n  # one\n  main:\n    a: \"x\n      y\"\n---\nb: 1\n",
    );
}

#[test]
fn replaced_values_leave_their_comments() {
    yaml(
        "a: # head\n  # in\n  b: 1 # x\n# c\nc: | # d\n  text\ne: [1, # f\n  2]\n",
        |draft| {
            for key in ["a", "c", "e"] {
                let place = at(draft, key);
                draft.replace(place, text("new"));
            }
        },
        "# in\n# x\na: new # head\n# c\n# d\nc: new\n# f\ne: new\n",
    );
    yaml(
        "databases:\n  app: vectorqa  # Main application\n  # logs\n  mlflow: m\nmain:\n  host: h\n",
        |draft| {
            let (app, mlflow, main) = (at(draft, "databases.app"), at(draft, "databases.mlflow"), at(draft, "main"));
            let database = draft.insert(main, At::End, Some("database"), text("vectorqa"));
            draft.give_comments(app, database);
            draft.remove(app, None);
            let other = draft.insert(main, At::End, Some("other"), text("m"));
            draft.give_comments(mlflow, other);
        },
        "databases:\n  mlflow: m\nmain:\n  host: h\n  database: vectorqa  # Main application\n  # logs\n  other: m\n",
    );
}

#[test]
fn copies_are_written_as_they_stand() {
    yaml(
        "a: &x\n  b: 'y' # why\n  c: [1, \"2\"]\n  d:\n  - e: 1\n    f: |\n      t\n",
        |draft| {
            let (top, a) = (draft.top(), at(draft, "a"));
            let a = draft.node(a).expect("there");
            let copy = draft.copy(a, top, At::End, Some("g"));
            let b = draft.find(copy, "b").expect("copied");
            draft.rename(b, "B");
        },
        "a: &x\n  b: 'y' # why\n  c: [1, \"2\"]\n  d:\n  - e: 1\n    f: |\n      t\ng:\n  B: 'y'\n  c: [1, \"2\"]\n  d:\n  - e: 1\n    f: \"t\\n\"\n",
    );
}

//! TOML: headers, dotted keys, arrays of tables, inline tables.

use super::*;

fn toml(before: &str, change: impl FnOnce(&mut Draft<'_>), after: &str) {
    check(Format::Toml, before, change, after);
}

#[test]
fn headers_are_renamed_in_place() {
    toml(
        "# file\ntitle = 'x'\n\n# main\n[postgres_primary] # the one\nhost = \"a\" # h\nconnection_pool_size = 5 # most\nport = 1\npool_timeout = 3\n\n\
         [postgres_primary.ssl]\nmode = \"require\"\n\n[mlflow_alt_db]\nhost = \"b\"\n# end\n",
        |draft| {
            let (top, main) = (draft.top(), at(draft, "postgres_primary"));
            let databases = draft.insert(top, At::Before(main), Some("databases"), NewValue::Map(Vec::new()));
            draft.shift(main, databases, At::End, Some("main"));
            let size = at(draft, "databases.main.connection_pool_size");
            let pool = draft.insert(main, At::Before(size), Some("pool"), NewValue::Map(Vec::new()));
            draft.shift(size, pool, At::End, Some("max_connections"));
            let timeout = at(draft, "databases.main.pool_timeout");
            draft.shift(timeout, pool, At::End, Some("acquire_timeout"));
            let mlflow = at(draft, "mlflow_alt_db");
            draft.shift(mlflow, databases, At::End, Some("mlflow"));
            draft.insert(mlflow, At::End, Some("port"), NewValue::Integer(5));
        },
        "# file\ntitle = 'x'\n\n# main\n[databases.main] # the one\nhost = \"a\" # h\npool.max_connections = 5 # most\nport = 1\npool.acquire_timeout = 3\n\n\
         [databases.main.ssl]\nmode = \"require\"\n\n[databases.mlflow]\nhost = \"b\"\nport = 5\n# end\n",
    );
}

#[test]
fn keys_move_between_tables() {
    toml(
        "[databases.primary]\ncredential_ref = \"pg\" # why\n\n[credentials.pg]\n# secret\nuser = 'u'\nextra.a = 1\n\n[credentials.other]\nx = 1\n",
        |draft| {
            let primary = at(draft, "databases.primary");
            draft.rename(primary, "main");
            let user = at(draft, "credentials.pg.user");
            draft.shift(user, primary, At::End, Some("username"));
            let extra = at(draft, "credentials.pg.extra");
            draft.shift(extra, primary, At::End, Some("extra"));
            let pg = at(draft, "credentials.pg");
            draft.remove(pg, None);
            let reference = at(draft, "databases.main.credential_ref");
            draft.remove(reference, Some(user));
        },
        "[databases.main]\n# why\n# secret\nusername = 'u'\nextra.a = 1\n\n[credentials.other]\nx = 1\n",
    );
    toml(
        "[a]\nx = 1\n\n[b]\ny = {p = 1, q = 2}\n",
        |draft| {
            let (x, y, p, a) = (at(draft, "a.x"), at(draft, "b.y"), at(draft, "b.y.p"), at(draft, "a"));
            draft.shift(x, y, At::End, Some("r"));
            draft.shift(p, a, At::End, Some("p"));
        },
        "[a]\np = 1\n\n[b]\ny = {q = 2, r = 1}\n",
    );
}

#[test]
fn sections_become_items_and_new_ones_get_headers() {
    toml(
        "[databases.main]\nurl = \"u\" # where\n\n# last\n[sqlite_backup]\npath = \"x.db\"\n\n[server]\nport = 1\n",
        |draft| {
            let main = at(draft, "databases.main");
            let url = at(draft, "databases.main.url");
            let host = draft.insert(main, At::After(url), Some("host"), text("h"));
            draft.insert(main, At::After(host), Some("port"), NewValue::Integer(1));
            draft.give_comments(url, host);
            draft.remove(url, None);
            let failover = draft.insert(main, At::End, Some("failover"), NewValue::List(Vec::new()));
            let backup = at(draft, "sqlite_backup");
            draft.shift(backup, failover, At::End, None);
            let path = at(draft, "databases.main.failover.0.path");
            draft.insert(backup, At::Before(path), Some("engine"), text("sqlite"));
            let databases = at(draft, "databases");
            let entries = vec![
                ("host".to_owned(), text("${H}")),
                ("pool".to_owned(), NewValue::Map(vec![("max".to_owned(), NewValue::Integer(2))])),
            ];
            draft.insert(databases, At::End, Some("mlflow"), NewValue::Map(entries));
            draft.insert(
                main,
                At::End,
                Some("replicas"),
                NewValue::List(vec![NewValue::Map(vec![("host".to_owned(), text("r"))])]),
            );
        },
        "[databases.main]\nhost = \"h\"  # where\nport = 1\nreplicas = [{ host = \"r\" }]\n\n# last\n[[databases.main.failover]]\nengine = \"sqlite\"\npath = \"x.db\"\n\n\
         [databases.mlflow]\nhost = \"${H}\"\npool.max = 2\n\n[server]\nport = 1\n",
    );
    toml(
        "[[list]]\nn = 1\n[list.sub]\nq = 1\n\n[[list]]\nn = 2\n",
        |draft| {
            let list = at(draft, "list");
            draft.rename(list, "a b");
            draft.insert(list, At::End, None, NewValue::Map(vec![("n".to_owned(), NewValue::Integer(3))]));
        },
        "[[\"a b\"]]\nn = 1\n[\"a b\".sub]\nq = 1\n\n[[\"a b\"]]\nn = 2\n\n[[\"a b\"]]\nn = 3\n",
    );
    toml(
        "postgres_host = 'h' # x\n# p\npostgres_port = 1\nother = 2\n",
        |draft| {
            let (top, host, port) = (draft.top(), at(draft, "postgres_host"), at(draft, "postgres_port"));
            let databases = draft.insert(top, At::Before(host), Some("databases"), NewValue::Map(Vec::new()));
            let main = draft.insert(databases, At::End, Some("main"), NewValue::Map(Vec::new()));
            draft.shift(host, main, At::End, Some("host"));
            draft.shift(port, main, At::End, Some("port"));
        },
        "other = 2\n\n[databases.main]\nhost = 'h' # x\n# p\nport = 1\n",
    );
}

#[test]
fn single_changes() {
    let before =
        "# file\n\n# one\na = \"x\"  # b\nc.d = 'y'\nc.e = [\n  1, # one\n  2,\n]\n\n[t]\nk = \"\"\"\nm\"\"\"\n";
    toml(before, |_| {}, before);
    toml(
        before,
        |draft| {
            let place = at(draft, "a");
            draft.replace(place, text("q\""));
            let place = at(draft, "c.d");
            draft.replace(place, text("z"));
            let place = at(draft, "c.e.0");
            draft.remove(place, None);
            let place = at(draft, "t.k");
            draft.replace(place, NewValue::Float(1.0));
            draft.rename(place, "k.l");
            let place = at(draft, "c");
            draft.rename(place, "C");
        },
        "# file\n\n# one\na = \"q\\\"\"  # b\nC.d = 'z'\nC.e = [\n  # one\n  2,\n]\n\n[t]\n\"k.l\" = 1.0\n",
    );
    toml(
        before,
        |draft| {
            for path in ["a", "c.d", "t"] {
                let place = at(draft, path);
                draft.remove(place, None);
            }
        },
        "# file\n\n# one\n# b\nc.e = [\n  1, # one\n  2,\n]\n",
    );
}

#[test]
fn comments_find_a_place_above_brackets() {
    toml(
        "# m\nmain = { host = \"h\" } # main\n\n[credentials]\n# secret\nuser = 'u' # who\n",
        |draft| {
            let (main, user, credentials) =
                (at(draft, "main"), at(draft, "credentials.user"), at(draft, "credentials"));
            draft.shift(user, main, At::End, Some("username"));
            draft.remove(credentials, None);
        },
        "# m\n# secret\n# who\nmain = { host = \"h\", username = 'u' } # main\n",
    );
    toml(
        "",
        |draft| {
            let top = draft.top();
            draft.insert(top, At::End, Some("a"), text("b"));
        },
        "a = \"b\"\n",
    );
    toml(
        "# c\n\n[x]\n",
        |draft| {
            let top = draft.top();
            draft.insert(top, At::End, Some("a"), text("b"));
        },
        "# c\n\na = \"b\"\n\n[x]\n",
    );
}

#[test]
fn new_tables_stand_where_they_are_put() {
    toml(
        "# u\nurl = \"x\" # url\nother = 1\n\n[server]\nport = 1\n",
        |draft| {
            let (top, url) = (draft.top(), at(draft, "url"));
            let databases = draft.insert(top, At::Before(url), Some("databases"), NewValue::Map(Vec::new()));
            let main = draft.insert(databases, At::End, Some("main"), NewValue::Map(Vec::new()));
            let host = draft.insert(main, At::End, Some("host"), text("h"));
            draft.insert(main, At::End, Some("port"), NewValue::Integer(5));
            draft.give_comments(url, host);
            draft.remove(url, None);
        },
        "# u\nother = 1\n\n[databases.main]\nhost = \"h\"  # url\nport = 5\n\n[server]\nport = 1\n",
    );
    toml(
        "[pg]\nhost = 'h' # h\nuser = 'u'\n\n[server]\nport = 1\n",
        |draft| {
            let (top, pg) = (draft.top(), at(draft, "pg"));
            let node = draft.node(pg).expect("a table");
            let databases = draft.insert(top, At::Before(pg), Some("databases"), NewValue::Map(Vec::new()));
            let main = draft.copy(node, databases, At::End, Some("main"));
            let user = draft.find(main, "user").expect("copied");
            draft.rename(user, "username");
        },
        "[databases.main]\nhost = 'h'\nusername = 'u'\n\n[pg]\nhost = 'h' # h\nuser = 'u'\n\n[server]\nport = 1\n",
    );
    toml(
        "[[l]]\nn = 1\n\n[x]\na = 1 # a\n\n[[l]]\nn = 2\n",
        |draft| {
            let (x, first) = (at(draft, "x"), at(draft, "l.0"));
            draft.shift(x, first, At::End, Some("y"));
        },
        "[[l]]\nn = 1\n\n[l.y]\na = 1 # a\n\n[[l]]\nn = 2\n",
    );
    toml(
        "[[l]]\nn = 1\n\n[[l]]\nn = 2\n\n[x]\na = 1 # a\n",
        |draft| {
            let (x, first) = (at(draft, "x"), at(draft, "l.0"));
            draft.shift(x, first, At::End, Some("y"));
        },
        "[[l]]\nn = 1\n\n[l.y]\na = 1 # a\n\n[[l]]\nn = 2\n",
    );
    let (path, what) = refused(Format::Toml, "[[l]]\nn = 1\n", |draft| {
        let list = at(draft, "l");
        draft.insert(list, At::End, None, text("x"));
    });
    assert_eq!((path.as_str(), what), ("l[1]", "an array of tables holds nothing but tables"));
}

//! `SQLAlchemy`, JDBC, `SQLite`, other engines, placeholders, and where the dialects disagree.

use crate::connstr::{
    ConnectionString, Dialect, PartName, ProblemKind, looks_like, parse, parse_libpq, parse_url, write,
};

fn read(text: &str) -> ConnectionString {
    parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// User, password, hosts, ports, database or path, then the parameters, with `|` between.
fn shown(read: &ConnectionString) -> String {
    let text =
        |part: &Option<crate::connstr::Part<String>>| part.as_ref().map_or("-".to_owned(), |it| it.value.clone());
    let password = read.password.as_ref().map_or("-", |part| part.value.expose());
    let list = |list: Option<String>| list.unwrap_or_else(|| "-".to_owned());
    let place = if read.path.is_some() { text(&read.path) } else { text(&read.database) };
    let mut parts = vec![text(&read.user), password.to_owned(), list(read.host_list()), list(read.port_list()), place];
    parts.extend(read.parameters.iter().map(|it| format!("{}={}", it.name, it.value.expose())));
    parts.join("|")
}

fn check(cases: &[(&str, Dialect, &str, &str)]) {
    for (text, dialect, engine, expected) in cases {
        let read = read(text);
        assert_eq!(
            (read.dialect, read.engine.as_str(), shown(&read).as_str()),
            (*dialect, *engine, *expected),
            "{text}"
        );
    }
}

#[test]
fn sqlalchemy_urls() {
    let (dialect, engine) = (Dialect::SqlAlchemy, "postgresql");
    check(&[
        ("postgresql+asyncpg://u:p@h:5/db?ssl=require", dialect, engine, "u|p|h|5|db|ssl=require"),
        ("postgresql+psycopg2://u:p/w@h/db", dialect, engine, "u|p/w|h|-|db"),
        ("postgresql+psycopg2://u@tenant:p%40+w@h/db", dialect, engine, "u@tenant|p@+w|h|-|db"),
        ("postgresql+psycopg://u@tenant@h/db", dialect, engine, "u@tenant|-|h|-|db"),
        ("postgresql+psycopg://u:100%@h/db", dialect, engine, "u|100%|h|-|db"),
        ("postgresql+psycopg2://[::1]:5/db", dialect, engine, "-|-|::1|5|db"),
        ("postgresql+psycopg2://u:p@/db?host=/var/run", dialect, engine, "u|p|/var/run|-|db"),
        ("postgresql+psycopg2://u@/db?host=a:1&host=b:2", dialect, engine, "u|-|a,b|1,2|db"),
        ("postgresql+psycopg2://u@/db?host=a,b&port=1,2", dialect, engine, "u|-|a,b|1,2|db"),
        ("postgresql+psycopg2://u@h/db?application_name=a+b%26c", dialect, engine, "u|-|h|-|db|application_name=a b&c"),
        ("postgres+asyncpg://h/db", dialect, engine, "-|-|h|-|db"),
    ]);
    let read = read("postgresql+asyncpg://h/db");
    let driver = read.driver.expect("the scheme names one");
    assert_eq!((driver.value.as_str(), driver.span), ("asyncpg", 11..18));
}

#[test]
fn sqlite_urls() {
    let (dialect, engine) = (Dialect::Sqlite, "sqlite");
    check(&[
        ("sqlite:///rel.db", dialect, engine, "-|-|-|-|rel.db"),
        ("sqlite:////abs.db", dialect, engine, "-|-|-|-|/abs.db"),
        ("sqlite:///./data/x.db?mode=ro", dialect, engine, "-|-|-|-|./data/x.db|mode=ro"),
        ("sqlite:///C:\\x@y.db", dialect, engine, "-|-|-|-|C:\\x@y.db"),
        ("sqlite:///C:/x.db", dialect, engine, "-|-|-|-|C:/x.db"),
        ("sqlite+aiosqlite:///${DIR:-/a}/x.db", dialect, engine, "-|-|-|-|${DIR:-/a}/x.db"),
        ("sqlite+pysqlcipher://:pw@/x.db", dialect, engine, "-|pw|-|-|x.db"),
        ("sqlite:x.db", dialect, engine, "-|-|-|-|x.db"),
        ("jdbc:sqlite:/a/x.db", Dialect::Jdbc, engine, "-|-|-|-|/a/x.db"),
    ]);
    for text in ["sqlite://", "sqlite:///", "sqlite:///:memory:", "jdbc:sqlite:", "jdbc:sqlite::memory:"] {
        assert!(read(text).is_memory(), "{text}");
    }
    assert!(!read("sqlite:///x.db").is_memory());
    assert!(!read("sqlite:///C:\\x@y.db").parts_may_hold_password());
    assert!(read("sqlite://rel.db").has_problem(&ProblemKind::SqliteHost));
    assert!(read("sqlite:x.db").has_problem(&ProblemKind::SqliteWithoutSlashes));
}

#[test]
fn jdbc_urls() {
    let (dialect, engine) = (Dialect::Jdbc, "postgresql");
    check(&[
        ("jdbc:postgresql://h1:1,h2/db?user=u&password=p+w&ssl=true", dialect, engine, "u|p w|h1,h2|1,|db|ssl=true"),
        ("jdbc:postgresql:db", dialect, engine, "-|-|-|-|db"),
        ("jdbc:postgresql:/", dialect, engine, "-|-|-|-|-"),
        ("jdbc:postgresql://[::1]:5/my%20db", dialect, engine, "-|-|::1|5|my db"),
        ("jdbc:postgresql://h/db?ssl", dialect, engine, "-|-|h|-|db|ssl="),
        ("jdbc:mysql://h:3306/db?user=u&password=p", dialect, "mysql", "u|p|h|3306|db"),
        (
            "jdbc:sqlserver://h:1433;databaseName=d;user=u;password=p;encrypt=true",
            dialect,
            "sqlserver",
            "u|p|h|1433|d|encrypt=true",
        ),
    ]);
    let mistaken = read("jdbc:postgresql://u:p/w@h/db");
    assert_eq!(shown(&mistaken), "u|p/w|h|-|db");
    assert!(mistaken.has_problem(&ProblemKind::UserInJdbcUrl));
    assert!(read("jdbc:oracle:thin:u/p@h:1521:x").parts_may_hold_password());
    assert!(!read("jdbc:postgresql://h:5432/db?user=u@tenant&password=p").parts_may_hold_password());
}

#[test]
fn other_engines() {
    check(&[
        ("mysql+pymysql://u:p@h:3306/db?charset=utf8", Dialect::Other, "mysql", "u|p|h|3306|db|charset=utf8"),
        ("mongodb+srv://u:p@h1:1,h2:2/db", Dialect::Other, "mongodb", "u|p|h1,h2|1,2|db"),
        ("sqlserver://h:1433;database=d;user=u;password=p", Dialect::Other, "sqlserver", "u|p|h|1433|d"),
    ]);
    assert!(read("mongodb://h1:1,h2:2/db").problems.is_empty());
    let read = parse_url("redis://:pw@cache.example.com:6379/0").expect("it is a URL");
    assert_eq!((read.engine.as_str(), shown(&read).as_str()), ("redis", "-|pw|cache.example.com|6379|0"));
}

#[test]
fn what_is_a_connection_string() {
    for (text, expected) in [
        ("postgresql://h", Some(Dialect::LibpqUri)),
        (" postgres://h\n", Some(Dialect::LibpqUri)),
        ("postgresql+asyncpg://h", Some(Dialect::SqlAlchemy)),
        ("sqlite:///x", Some(Dialect::Sqlite)),
        ("jdbc:h2:mem:x", Some(Dialect::Jdbc)),
        ("mssql+pyodbc://h", Some(Dialect::Other)),
        ("host=h dbname=d", Some(Dialect::LibpqKeywords)),
        ("dbname = d", Some(Dialect::LibpqKeywords)),
        ("host=h color=red", None),
        ("host=h dbname=d color=red", Some(Dialect::LibpqKeywords)),
        ("service=prod", Some(Dialect::LibpqKeywords)),
        ("name=x", None),
        ("port=5432", None),
        ("http://h/?host=x", None),
        ("s3://bucket/mlflow/", None),
        ("file:///x", None),
        ("file:x.db?mode=ro", None),
        ("redis://h", None),
        ("databricks", None),
        ("sqlite", None),
        ("sqlite: a file", None),
        ("see postgresql://h", None),
        ("<<MANAGED_BY_CONNECTION_POOL>>", None),
        ("", None),
    ] {
        assert_eq!(looks_like(text), expected, "{text}");
        assert_eq!(parse(text).is_ok(), expected.is_some(), "{text}");
    }
}

#[test]
fn placeholders_stay_whole() {
    for (text, expected) in [
        (
            "postgresql://${DB_USER}:${DB_PASSWORD:-p:w/x@y}@${databases.x.host}:${PORT:-5432}/${DB}",
            "${DB_USER}|${DB_PASSWORD:-p:w/x@y}|${databases.x.host}|${PORT:-5432}|${DB}",
        ),
        (
            "postgresql+asyncpg://${DB_USER}:${DB_PASSWORD:-p:w/x@y}@${databases.x.host}:${PORT:-5432}/${DB}",
            "${DB_USER}|${DB_PASSWORD:-p:w/x@y}|${databases.x.host}|${PORT:-5432}|${DB}",
        ),
        (
            "postgresql://postgres:[PASSWORD]@db.[PROJECT-REF].supabase.co:5432/postgres",
            "postgres|[PASSWORD]|db.[PROJECT-REF].supabase.co|5432|postgres",
        ),
        (
            "postgresql://postgres.[PROJECT-REF]:[PASSWORD]@[HOST].pooler.supabase.com:6543/postgres",
            "postgres.[PROJECT-REF]|[PASSWORD]|[HOST].pooler.supabase.com|6543|postgres",
        ),
        ("postgresql://[USER]:[PASSWORD]@[HOST]:[PORT]/[DB]", "[USER]|[PASSWORD]|[HOST]|[PORT]|[DB]"),
        ("postgresql://<DB_USER>:<DB_PWD>@<DB_HOST>:5432/<DB_NAME>", "<DB_USER>|<DB_PWD>|<DB_HOST>|5432|<DB_NAME>"),
        ("postgresql://{{ user }}:{{ pw }}@{{ host }}/{{ db }}", "{{ user }}|{{ pw }}|{{ host }}|-|{{ db }}"),
        ("postgresql://%(DB_USER)s:%(DB_PW)s@%(DB_HOST)s/%(DB)s", "%(DB_USER)s|%(DB_PW)s|%(DB_HOST)s|-|%(DB)s"),
        ("postgresql://u:a%40${X:-%zz}@h/db", "u|a@${X:-%zz}|h|-|db"),
        ("postgresql://username:password@host:port/database", "username|password|host|port|database"),
        ("host=${H:-a b} port=${P} user=<DB_USER> dbname=[DB NAME]", "<DB_USER>|-|${H:-a b}|${P}|[DB NAME]"),
    ] {
        let read = read(text);
        assert_eq!(shown(&read), expected, "{text}");
        assert_eq!(read.problems, [], "{text}");
        assert!(!read.parts_may_hold_password(), "{text}");
        assert_eq!(read.ambiguity, None, "{text}");
    }
}

#[test]
fn places_point_into_the_text() {
    let text = "postgresql://us%C3%A9r:p%40w@h1:1,h2/db?host=a,b&sslmode=require";
    let read = read(text);
    let cut = |span: &std::ops::Range<usize>| &text[span.clone()];
    assert_eq!(read.user.as_ref().map(|it| (it.value.as_str(), cut(&it.span))), Some(("usér", "us%C3%A9r")));
    assert_eq!(read.password.as_ref().map(|it| cut(&it.span)), Some("p%40w"));
    assert_eq!(read.hosts[1].host.as_ref().map(|it| cut(&it.span)), Some("b"));
    assert_eq!(read.hosts[0].port.as_ref().map(|it| cut(&it.span)), Some("1"));
    assert_eq!(read.parameter("sslmode").map(|it| cut(&it.span)), Some("require"));
}

#[test]
fn disagreements_are_told() {
    use PartName::{Database, Host, Parameter, Password, Port, Scheme, User};
    let nothing: &[PartName] = &[];
    for (text, parts, in_query) in [
        ("postgresql://u:p@h:5/db?sslmode=require", nothing, nothing),
        ("postgresql://u:p/w@h", &[User, Password, Host, Port, Database], nothing),
        ("postgresql://u:p@ss@h/db", &[Password, Host], nothing),
        ("postgresql://u:p@ss#w/rd@h", &[Password, Host, Database], nothing),
        ("postgresql+asyncpg://u@tenant:p@h/db", &[User, Password, Host, Port], nothing),
        ("postgresql://u:100%@h/db", &[Password], nothing),
        ("postgresql://u:a+b%40@h/db", nothing, nothing),
        ("postgresql://h/db?password=a+b", &[Password], &[Password]),
        ("postgresql://h/db?application_name=a+b", &[Parameter], nothing),
        ("postgresql://h1:1,h2:2/db", &[Port], nothing),
        ("postgres://u:p@h/db", &[Scheme], nothing),
        ("postgresql:///db?host=/var/run/postgresql", nothing, &[Host]),
        ("postgresql://u:p@h/db?options=a@b", nothing, nothing),
    ] {
        let found = read(text).ambiguity.unwrap_or_default();
        assert_eq!((found.parts.as_slice(), found.in_query.as_slice()), (parts, in_query), "{text}");
    }
}

#[test]
fn a_password_in_other_parts_is_suspected() {
    for (text, expected) in [
        ("postgresql://u:p@h/db", false),
        ("postgresql://u:p%40@h/db", false),
        ("postgresql://u:p@ss#w/rd@h", true),
        ("postgresql://u:p/w@h", true),
        ("postgresql://u:p@ss@h", true),
        ("postgresql+asyncpg://u:p/w@h", false),
        ("postgresql+asyncpg://u:p@ss@h", true),
        ("mysql://u:p@ss@h", true),
        ("postgresql:///u:p@h", true),
        ("postgresql://u:[pa:ss@h", false),
        ("postgresql://u:p@[h", true),
        ("host=h user=u password=p w", true),
        ("host=h user=u password='p w", true),
        ("host=h user=u password='p w'", false),
        ("jdbc:postgresql://h/db?user=u&password=a&b", true),
    ] {
        assert_eq!(read(text).parts_may_hold_password(), expected, "{text}");
    }
    let strict = parse_libpq("postgresql://u:p/w@h").expect("libpq takes it");
    assert!(strict.parts_may_hold_password());
}

#[test]
fn secrets_are_not_shown() {
    for text in [
        "postgresql://u:canary@h/db?sslpassword=canary",
        "postgresql://u:x/canary@h",
        "postgresql://h?Canary",
        "postgresql://h?canary=x=y",
        "host=h user=u password=canary oauth_client_secret=canary scram_client_key=canary",
        "host=h user=u password=x canary",
        "mssql+pyodbc:///?odbc_connect=PWD%3Dcanary",
    ] {
        let read = read(text);
        let shown = format!("{read:?} {:?}", read.problems).to_ascii_lowercase();
        assert!(!shown.contains("canary"), "{shown}");
        for problem in &read.problems {
            assert!(!problem.to_string().to_ascii_lowercase().contains("canary"));
        }
        if let Err(error) = parse_libpq(text) {
            assert!(!format!("{error} {error:?}").to_ascii_lowercase().contains("canary"));
        }
    }
}

#[test]
fn written_as_people_write_it() {
    let text = "postgresql://us%C3%A9r:p%40w@h1:1,[::1]:2/my%20db?sslmode=require";
    for (dialect, expected) in [
        (Dialect::LibpqUri, text),
        (Dialect::LibpqKeywords, "host=h1,::1 port=1,2 dbname='my db' user='usér' password=p@w sslmode=require"),
        (Dialect::SqlAlchemy, "postgresql://us%C3%A9r:p%40w@/my%20db?host=h1%2C%3A%3A1&port=1%2C2&sslmode=require"),
        (Dialect::Jdbc, "jdbc:postgresql://h1:1,[::1]:2/my%20db?user=us%C3%A9r&password=p%40w&sslmode=require"),
    ] {
        assert_eq!(write(&read(text), dialect).map(|it| it.expose().to_owned()), Ok(expected.to_owned()));
    }
    for text in [
        "postgresql+asyncpg://${DB_USER}:${DB_PASSWORD:-p:w/x@y}@${databases.x.host}:${PORT:-5432}/${DB}",
        "sqlite:///C:\\a b.db".replace(' ', "_").as_str(),
        "sqlite:////abs/ünï.db?mode=ro",
        "sqlite://",
    ] {
        let read = read(text);
        assert_eq!(write(&read, read.dialect).map(|it| it.expose().to_owned()), Ok(text.to_owned()));
    }
    assert!(write(&read("sqlite:///x"), Dialect::LibpqUri).is_err());
    assert!(write(&read("postgresql://h?hostaddr=1.1.1.1"), Dialect::Jdbc).is_err());
}

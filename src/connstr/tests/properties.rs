//! What holds for every text: nothing panics, every place can be cut out, and what was written is read again.

use proptest::prelude::*;

use crate::connstr::{
    ConnectionString, Dialect, Host, Parameter, ParameterValue, Part, Problem, parse, parse_libpq, parse_url, write,
};
use crate::redact::Secret;

/// Values that strain every encoding: separators, quotes, percent signs, placeholders, and any Unicode but NUL.
fn value() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => "[a-z0-9._-]{1,6}",
        4 => "[:/@?#&=+%,;'\"\\\\ \\[\\](){}<>$|~^!*`\t\n]{1,3}",
        2 => "%[0-9a-fA-F]{0,2}",
        1 => Just("${VAR:-p:w/x@y}".to_owned()),
        1 => Just("${VAR".to_owned()),
        1 => Just("{{ user }}".to_owned()),
        1 => Just("%(DB_HOST)s".to_owned()),
        1 => Just("[PASSWORD]".to_owned()),
        1 => Just("<DB_PWD>".to_owned()),
        1 => Just("<% x %>".to_owned()),
        2 => "[^\u{0}]{1,4}",
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

fn some_value() -> impl Strategy<Value = String> {
    value().prop_filter("empty", |value| !value.is_empty())
}

/// A host or port: no comma outside placeholders, which would make it two.
fn list_item() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-z0-9.-]{1,12}".prop_map(|host| host),
        1 => Just("::1".to_owned()),
        1 => Just("fe80::1%eth0".to_owned()),
        1 => Just("/var/run/postgresql".to_owned()),
        2 => some_value().prop_map(|value| value.replace(',', ".")).prop_filter("empty", |value| !value.is_empty()),
    ]
}

fn part<T>(value: T) -> Part<T> {
    Part { value, span: 0..0 }
}

fn parameter(name: &str, value: String) -> Parameter {
    Parameter { name: name.to_owned(), value: ParameterValue::new(name, value), span: 0..0 }
}

prop_compose! {
    fn hosts()(several in prop::collection::vec((prop::option::of(list_item()), prop::option::of("[0-9]{1,5}"), prop::option::of("[0-9.]{1,9}")), 0..4), addresses: bool) -> Vec<Host> {
        let mut hosts: Vec<Host> = several
            .into_iter()
            .map(|(host, port, address)| Host {
                host: host.map(part),
                hostaddr: address.filter(|_| addresses).map(part),
                port: port.map(part),
            })
            .collect();
        if hosts.iter().all(|host| *host == Host::default()) {
            hosts.clear();
        }
        hosts
    }
}

prop_compose! {
    fn connection(dialect: Dialect)(
        user in prop::option::of(value()), password in prop::option::of(value()), hosts in hosts(),
        database in prop::option::of(value()), mode in prop::option::of(value()), name in prop::option::of(value()),
        key in prop::option::of(value()), driver: bool,
    ) -> ConnectionString {
        let mut connection = ConnectionString::new(dialect, "postgresql");
        connection.driver = (driver && dialect == Dialect::SqlAlchemy).then(|| part("asyncpg".to_owned()));
        connection.user = user.map(part);
        connection.password = password.map(|text| part(Secret::new(text)));
        connection.hosts = hosts;
        connection.database = database.map(part);
        connection.parameters = [("sslmode", mode), ("application_name", name), ("sslpassword", key)]
            .into_iter()
            .filter_map(|(name, value)| Some(parameter(name, value?)))
            .collect();
        connection
    }
}

/// Everything that a connection string says, without places.
fn meaning(read: &ConnectionString) -> impl PartialEq + std::fmt::Debug {
    let text = |part: &Option<Part<String>>| part.as_ref().map(|part| part.value.clone());
    let parameters: Vec<(String, String)> =
        read.parameters.iter().map(|it| (it.name.clone(), it.value.expose().to_owned())).collect();
    let hosts: Vec<_> =
        read.hosts.iter().map(|host| (text(&host.host), text(&host.hostaddr), text(&host.port))).collect();
    let password = read.password.as_ref().map(|part| part.value.expose().to_owned());
    (
        read.engine.clone(),
        text(&read.driver),
        text(&read.user),
        password,
        hosts,
        (text(&read.database), text(&read.path), parameters),
    )
}

/// `SQLAlchemy` makes no difference between an empty part and an absent one.
fn without_empty(mut connection: ConnectionString) -> ConnectionString {
    connection.user = connection.user.filter(|user| !user.value.is_empty());
    connection.password = connection.password.filter(|password| !password.value.is_empty());
    connection.database = connection.database.filter(|database| !database.value.is_empty());
    connection
}

fn comes_back(connection: &ConnectionString, dialect: Dialect) -> Result<(), TestCaseError> {
    let Ok(written) = write(connection, dialect) else { return Err(TestCaseError::reject("not expressible")) };
    let read = parse(written.expose()).expect("what was written is recognised");
    prop_assert_eq!(meaning(&read), meaning(connection), "written: {}", written.expose());
    places_can_be_cut(written.expose(), &read, &[])?;
    Ok(())
}

/// Every place lies within the text and on character boundaries, and the output shows no password.
fn places_can_be_cut(text: &str, read: &ConnectionString, more: &[Problem]) -> Result<(), TestCaseError> {
    let parts = read.user.iter().chain(&read.database).chain(&read.path).chain(&read.driver).map(|part| &part.span);
    let hosts =
        read.hosts.iter().flat_map(|host| [&host.host, &host.hostaddr, &host.port]).flatten().map(|it| &it.span);
    let others = read.parameters.iter().map(|it| &it.span).chain(read.password.iter().map(|it| &it.span));
    let problems = read.problems.iter().chain(more).map(|it| &it.span);
    for span in parts.chain(hosts).chain(others).chain(problems) {
        prop_assert!(text.get(span.clone()).is_some(), "{:?} of {:?}", span, text);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn libpq_uris_come_back(connection in connection(Dialect::LibpqUri)) {
        comes_back(&connection, Dialect::LibpqUri)?;
    }

    #[test]
    fn keyword_strings_come_back(mut connection in connection(Dialect::LibpqKeywords)) {
        connection.parameters.push(parameter("service", "s".to_owned()));
        comes_back(&connection, Dialect::LibpqKeywords)?;
    }

    #[test]
    fn sqlalchemy_urls_come_back(connection in connection(Dialect::SqlAlchemy)) {
        comes_back(&without_empty(connection), Dialect::SqlAlchemy)?;
    }

    #[test]
    fn urls_of_other_engines_come_back(mut connection in connection(Dialect::Other)) {
        connection.engine = "mysql".to_owned();
        connection.parameters.push(parameter("charset", "utf8".to_owned()));
        comes_back(&without_empty(connection), Dialect::Other)?;
    }

    #[test]
    fn jdbc_urls_come_back(mut connection in connection(Dialect::Jdbc), names in prop::collection::vec(("[a-z0-9.-]{1,9}", prop::option::of("[0-9]{1,5}")), 0..3)) {
        // An absent database and an empty one are the same for pgjdbc, and hosts are not encoded.
        connection.database = connection.database.filter(|database| !database.value.is_empty());
        connection.hosts = names.into_iter().map(|(host, port)| Host { host: Some(part(host)), hostaddr: None, port: port.map(part) }).collect();
        comes_back(&connection, Dialect::Jdbc)?;
    }

    #[test]
    fn sqlite_urls_come_back(path in prop::option::of(some_value()), driver: bool, mode in prop::option::of(value())) {
        let mut connection = ConnectionString::new(Dialect::Sqlite, "sqlite");
        connection.path = path.map(part);
        connection.driver = driver.then(|| part("aiosqlite".to_owned()));
        connection.parameters = mode.map(|mode| parameter("mode", mode)).into_iter().collect();
        comes_back(&connection, Dialect::Sqlite)?;
    }

    #[test]
    fn no_text_makes_it_panic(
        scheme in prop_oneof![
            Just("postgresql://"), Just("postgres://"), Just("postgresql+asyncpg://"), Just("sqlite:///"), Just("sqlite:"),
            Just("sqlite+aiosqlite://"), Just("jdbc:postgresql://"), Just("jdbc:postgresql:"), Just("jdbc:sqlite:"),
            Just("jdbc:sqlserver://"), Just("jdbc:oracle:"), Just("mysql://"), Just("sqlserver://"), Just("host="), Just("dbname=x user="), Just(" Postgresql://"), Just(""),
        ],
        pieces in prop::collection::vec(value(), 0..5),
    ) {
        let text = format!("{scheme}{}", pieces.concat());
        for read in [parse(&text), parse_url(&text), parse_libpq(&text)] {
            match read {
                Ok(read) => {
                    places_can_be_cut(&text, &read, &[])?;
                    let _ = format!("{read:?}");
                }
                Err(problem) => {
                    let _ = problem.to_string();
                    prop_assert!(text.get(problem.span.clone()).is_some(), "{:?}", text);
                }
            }
        }
    }

    #[test]
    fn a_password_is_never_shown(password in "[A-Z]{6}[@/#:?&=%]{1,2}[A-Z]{6}", at_host in "[a-z]{3}") {
        let pieces: Vec<&str> = password.split(|sign: char| !sign.is_ascii_alphabetic()).filter(|piece| !piece.is_empty()).collect();
        for text in [
            format!("postgresql://user:{password}@{at_host}/db"),
            format!("postgresql+asyncpg://user:{password}@{at_host}/db"),
            format!("mysql://user:{password}@{at_host}/db"),
            format!("jdbc:postgresql://user:{password}@{at_host}/db"),
            format!("host={at_host} user=x password='{password}'"),
        ] {
            let read = parse(&text).expect("it is read");
            let shown = format!("{read:?} {:?}", read.problems);
            for piece in &pieces {
                prop_assert!(!shown.contains(piece), "{} shows {}", shown, text);
            }
        }
    }
}

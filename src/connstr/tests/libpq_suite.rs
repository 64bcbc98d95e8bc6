//! The cases of libpq's own URI regression suite (`PostgreSQL`, `src/interfaces/libpq/t/001_uri.pl`), and more that were
//! judged with `PQconninfoParse` of libpq 15.

use crate::connstr::{ConnectionString, ProblemKind, parse, parse_libpq};

/// The parts as libpq's suite prints them.
fn shown(read: &ConnectionString) -> String {
    let plain = |part: &Option<crate::connstr::Part<String>>| part.as_ref().map(|part| part.value.clone());
    let mut parts = vec![
        ("user", plain(&read.user)),
        ("password", read.password.as_ref().map(|part| part.value.expose().to_owned())),
        ("dbname", plain(&read.database)),
        ("host", read.host_list()),
        ("hostaddr", read.hostaddr_list()),
        ("port", read.port_list()),
    ];
    parts.extend(read.parameters.iter().map(|it| (it.name.as_str(), Some(it.value.expose().to_owned()))));
    let words: Vec<String> =
        parts.into_iter().filter_map(|(name, value)| Some(format!("{name}='{}'", value?))).collect();
    words.join(" ")
}

/// Strict and lenient reading agree with libpq.
fn check(text: &str, expected: &str) {
    let read = parse_libpq(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(shown(&read), expected, "{text}");
    let read = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(shown(&read), expected, "leniently: {text}");
    assert!(!read.problems.iter().any(|problem| problem.kind.refused_by_libpq()), "{text}: {:?}", read.problems);
}

/// libpq refuses it, for this reason and at this place; leniently it is read with the same problem.
fn refuse(text: &str, kind: &ProblemKind, place: &str) {
    let error = parse_libpq(text).expect_err(text);
    assert_eq!((&error.kind, &text[error.span.clone()]), (kind, place), "{text}");
    if let Ok(read) = parse(text) {
        assert!(read.problems.contains(&error), "leniently: {text}: {:?}", read.problems);
    }
}

fn unknown(name: &str) -> ProblemKind {
    ProblemKind::UnknownParameter { name: Some(name.to_owned()) }
}

#[test]
fn uris_of_libpqs_suite() {
    for (text, expected) in [
        (
            "postgresql://uri-user:secret@host:12345/db",
            "user='uri-user' password='secret' dbname='db' host='host' port='12345'",
        ),
        ("postgresql://uri-user@host:12345/db", "user='uri-user' dbname='db' host='host' port='12345'"),
        ("postgresql://uri-user@host/db", "user='uri-user' dbname='db' host='host'"),
        ("postgresql://host:12345/db", "dbname='db' host='host' port='12345'"),
        ("postgresql://host/db", "dbname='db' host='host'"),
        ("postgresql://uri-user@host:12345/", "user='uri-user' host='host' port='12345'"),
        ("postgresql://uri-user@host/", "user='uri-user' host='host'"),
        ("postgresql://uri-user@", "user='uri-user'"),
        ("postgresql://host:12345/", "host='host' port='12345'"),
        ("postgresql://host:12345", "host='host' port='12345'"),
        ("postgresql://host/", "host='host'"),
        ("postgresql://host", "host='host'"),
        ("postgresql://", ""),
        ("postgresql://?hostaddr=127.0.0.1", "hostaddr='127.0.0.1'"),
        ("postgresql://example.com?hostaddr=63.1.2.4", "host='example.com' hostaddr='63.1.2.4'"),
        ("postgresql://%68ost/", "host='host'"),
        ("postgresql://host/db?user=uri-user", "user='uri-user' dbname='db' host='host'"),
        ("postgresql://host/db?user=uri-user&port=12345", "user='uri-user' dbname='db' host='host' port='12345'"),
        (
            "postgresql://host/db?u%73er=someotheruser&port=12345",
            "user='someotheruser' dbname='db' host='host' port='12345'",
        ),
        ("postgresql://host:12345?user=uri-user", "user='uri-user' host='host' port='12345'"),
        ("postgresql://host?user=uri-user", "user='uri-user' host='host'"),
        ("postgresql://host?", "host='host'"),
        ("postgresql://[::1]:12345/db", "dbname='db' host='::1' port='12345'"),
        ("postgresql://[::1]/db", "dbname='db' host='::1'"),
        ("postgresql://[2001:db8::1234]/", "host='2001:db8::1234'"),
        ("postgresql://[200z:db8::1234]/", "host='200z:db8::1234'"),
        ("postgresql://[::1]", "host='::1'"),
        ("postgres://", ""),
        ("postgres:///", ""),
        ("postgres:///db", "dbname='db'"),
        ("postgres://uri-user@/db", "user='uri-user' dbname='db'"),
        ("postgres://?host=/path/to/socket/dir", "host='/path/to/socket/dir'"),
        ("postgres://@host", "host='host'"),
        ("postgres://host:/", "host='host'"),
        ("postgres://:12345/", "port='12345'"),
        ("postgres://otheruser@?host=/no/such/directory", "user='otheruser' host='/no/such/directory'"),
        ("postgres://otheruser@/?host=/no/such/directory", "user='otheruser' host='/no/such/directory'"),
        (
            "postgres://otheruser@:12345?host=/no/such/socket/path",
            "user='otheruser' host='/no/such/socket/path' port='12345'",
        ),
        (
            "postgres://otheruser@:12345/db?host=/path/to/socket",
            "user='otheruser' dbname='db' host='/path/to/socket' port='12345'",
        ),
        ("postgres://:12345/db?host=/path/to/socket", "dbname='db' host='/path/to/socket' port='12345'"),
        ("postgres://:12345?host=/path/to/socket", "host='/path/to/socket' port='12345'"),
        ("postgres://%2Fvar%2Flib%2Fpostgresql/dbname", "dbname='dbname' host='/var/lib/postgresql'"),
        ("postgresql://host?sslmode=disable", "host='host' sslmode='disable'"),
        ("postgresql://host?sslmode=prefer", "host='host' sslmode='prefer'"),
        ("postgresql://host?sslmode=verify-full", "host='host' sslmode='verify-full'"),
    ] {
        check(text, expected);
    }
}

#[test]
fn refusals_of_libpqs_suite() {
    for (text, kind, place) in [
        ("postgresql://host/db?u%7aer=someotheruser&port=12345", unknown("uzer"), "u%7aer"),
        ("postgresql://host?uzer=", unknown("uzer"), "uzer"),
        ("postgre://", ProblemKind::MissingEquals, "postgre://"),
        ("postgres://[::1", ProblemKind::UnclosedBracket, "[::1"),
        ("postgres://[]", ProblemKind::EmptyBracket, "[]"),
        ("postgres://[::1]z", ProblemKind::TextAfterBracket, "z"),
        ("postgresql://host?zzz", ProblemKind::MissingEquals, "zzz"),
        ("postgresql://host?value1&value2", ProblemKind::MissingEquals, "value1"),
        ("postgresql://host?key=key=value", ProblemKind::ExtraEquals, "="),
        ("postgres://host?dbname=%XXfoo", ProblemKind::BadPercent, "%XXfoo"),
        ("postgresql://a%00b", ProblemKind::PercentNul, "%00b"),
        ("postgresql://%zz", ProblemKind::BadPercent, "%zz"),
        ("postgresql://%1", ProblemKind::BadPercent, "%1"),
        ("postgresql://%", ProblemKind::BadPercent, "%"),
    ] {
        refuse(text, &kind, place);
    }
}

#[test]
fn more_uris_judged_with_libpq() {
    for (text, expected) in [
        ("postgresql://h1:1,h2:2/db", "dbname='db' host='h1,h2' port='1,2'"),
        ("postgresql://h1,h2:2/db", "dbname='db' host='h1,h2' port=',2'"),
        ("postgresql://[::1]:1,h2/db", "dbname='db' host='::1,h2' port='1,'"),
        ("postgresql://h1/db?host=h2", "dbname='db' host='h2'"),
        ("postgresql://h1:1/db?port=2&dbname=other", "dbname='other' host='h1' port='2'"),
        ("postgresql://h?ssl=true", "host='h' sslmode='require'"),
        ("postgresql://h?requiressl=1", "host='h' sslmode='require'"),
        ("postgresql://h?requiressl=0", "host='h' sslmode='prefer'"),
        ("postgresql://u:@h", "user='u' host='h'"),
        ("postgresql://:p@h", "password='p' host='h'"),
        ("postgresql://u:p%40s%3Ds@h", "user='u' password='p@s=s' host='h'"),
        ("postgresql://u:p:q?r#s@h", "user='u' password='p:q?r#s' host='h'"),
        ("postgresql://h/db?user=&password=", "user='' password='' dbname='db' host='h'"),
        ("postgresql://h/db?application_name=a+b&", "dbname='db' host='h' application_name='a+b'"),
        ("postgresql://u:p@ss#w/rd@h", "user='u' password='p' dbname='rd@h' host='ss#w'"),
        ("postgresql://u:p/w@h", "dbname='w@h' host='u' port='p'"),
        ("postgresql://h/a/b?options=-c%20x%3D1", "dbname='a/b' host='h' options='-c x=1'"),
    ] {
        check(text, expected);
    }
    for (text, kind, place) in [
        ("postgresql://h?ssl=false", unknown("ssl"), "ssl"),
        ("postgresql://h?a=b&c=d", unknown("a"), "a"),
        ("postgresql://h?user=b&&port=1", ProblemKind::MissingEquals, ""),
        ("postgresql://h?Secret+Part=1", ProblemKind::UnknownParameter { name: None }, "Secret+Part"),
        (" postgresql://h", ProblemKind::MissingEquals, "postgresql://h"),
        ("POSTGRESQL://h", ProblemKind::MissingEquals, "POSTGRESQL://h"),
    ] {
        let error = parse_libpq(text).expect_err(text);
        assert_eq!((error.kind, &text[error.span]), (kind, place), "{text}");
    }
}

#[test]
fn keyword_strings_judged_with_libpq() {
    for (text, expected) in [
        ("host=h dbname=d", "dbname='d' host='h'"),
        ("  host = h\tport\n=\n5 dbname=d ", "dbname='d' host='h' port='5'"),
        ("host='h 1' password='it\\'s \\\\' user=a\\ b", "user='a b' password='it's \\' host='h 1'"),
        ("user='' host=h", "user='' host='h'"),
        ("host=a,b port=1,2 dbname=d", "dbname='d' host='a,b' port='1,2'"),
        ("host=a,b hostaddr=1.1.1.1,2.2.2.2", "host='a,b' hostaddr='1.1.1.1,2.2.2.2'"),
        ("host=h passfile=/x service=s", "host='h' passfile='/x' service='s'"),
        ("host=h requiressl=1", "host='h' sslmode='require'"),
        ("host='a'user=b", "user='b' host='a'"),
        ("host= user=b", "host='user=b'"),
        ("dbname=postgresql://x user=u", "user='u' dbname='postgresql://x'"),
    ] {
        check(text, expected);
    }
    for (text, kind, place) in [
        ("host", ProblemKind::MissingEquals, "host"),
        ("host=h user dbname=x", ProblemKind::MissingEquals, "user"),
        ("host=h password='x", ProblemKind::UnterminatedQuote, "'x"),
        ("host=h uzer=x", unknown("uzer"), "uzer"),
        ("host=h ssl=true", unknown("ssl"), "ssl"),
        ("host=h password='x\\'", ProblemKind::UnterminatedQuote, "'x\\'"),
    ] {
        refuse(text, &kind, place);
    }
}

/// One port serves every host; libpq repeats it when it connects.
#[test]
fn one_port_for_all_hosts() {
    let read = parse_libpq("postgresql://h1,h2/db?port=6000").expect("it is read");
    assert_eq!(read.port_list().as_deref(), Some("6000,6000"));
    let read = parse("host=h1,h2,h3 port=1,2").expect("it is read");
    assert!(read.has_problem(&ProblemKind::CountMismatch));
    assert_eq!(read.host_list().as_deref(), Some("h1,h2,h3"));
}

/// Lists that do not match keep their lengths, by which libpq refuses them when it connects.
#[test]
fn lists_that_do_not_match_stay_as_they_are() {
    for text in ["host=h port=1,2,3", "host=a,b,c port=1,2", "host=a hostaddr=::1,::2", "host=a,b hostaddr=::1"] {
        let read = parse(text).expect("it is read");
        let lists = [("host", read.host_list()), ("hostaddr", read.hostaddr_list()), ("port", read.port_list())];
        let found: Vec<String> =
            lists.into_iter().filter_map(|(name, list)| list.map(|list| format!("{name}={list}"))).collect();
        assert_eq!(found.join(" "), text);
    }
    let read = parse("host=a,, port=1,,").expect("it is read");
    assert_eq!((read.host_list().as_deref(), read.port_list().as_deref()), (Some("a,,"), Some("1,,")));
}

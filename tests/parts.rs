//! The real parts that tests of the probe start are what they claim to be; programs that everybody trusts judge them.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use crate::servers::certificates::{self, ClientKey, KEY_PASSWORD, ServerCertificate};
use crate::servers::hostile::{Behaviour, ESCAPES, Hostile};
use crate::servers::mlflow::Mlflow;
use crate::servers::moto::{BUCKET, Moto, http};
use crate::servers::network::{Blackhole, Namespace};
use crate::servers::pgbouncer::PgBouncer;
use crate::servers::postgres::{self, Cluster, judge, judged};
use crate::servers::proxy::Proxy;
use crate::servers::redis::{Access, Redis, USER};
use crate::servers::running::loopback;
use crate::servers::{PASSWORD, installed, pgvector};
use crate::support::Dbcfg;

/// How PostgreSQL is asked for TLS.
const TLS_QUESTION: &[u8] = b"\0\0\0\x08\x04\xd2\x16\x2f";

/// How a client says that it is the user `a`.
const STARTUP: &[u8] = b"\0\0\0\x10\0\x03\0\0user\0a\0\0";

/// psql connects with the right password.
#[track_caller]
fn accepted(conninfo: &str) {
    judged(conninfo).expect_status(0).expect_stdout("1\n");
}

/// psql fails, and says this.
#[track_caller]
fn refused(conninfo: &str, reason: &str) {
    judged(conninfo).expect_status(2).expect_stderr_contains(reason);
}

#[test]
fn roles_come_in_as_their_names_say() {
    let cluster = postgres::standard();
    let role = |name: &str| cluster.conninfo(name, "app");
    for name in ["scram_role", "md5_role", "password_role", "trusted", "reader", "tls_only", "many_iterations"] {
        accepted(&role(name));
    }
    judge(&role("trusted")).run().expect_status(0);
    accepted(&format!("{} sslmode=disable", role("plain_only")));
    for (name, reason) in [
        ("expired", "password authentication failed"),
        ("no_password", "password authentication failed"),
        ("no_login", "role \"no_login\" is not permitted to log in"),
        ("limited", "too many connections for role \"limited\""),
        ("rejected", "pg_hba.conf rejects connection"),
        ("unlisted", "no pg_hba.conf entry"),
    ] {
        refused(&role(name), reason);
    }
    refused(&format!("{} sslmode=disable", role("tls_only")), "no encryption");
    refused(&format!("{} sslmode=require", role("plain_only")), "SSL encryption");
    let wrong = judge(&role("scram_role")).env("PGPASSWORD", "wrong").run();
    wrong.expect_status(2).expect_stderr_contains("password authentication failed for user \"scram_role\"");
    judge(&role("scram_role")).run().expect_status(2).expect_stderr_contains("no password supplied");
    let socket = format!("host={} port={} dbname=app", cluster.socket_directory().display(), cluster.port());
    judge(&format!("{socket} user=trusted")).run().expect_status(0);
    refused(&format!("{socket} user=peer_role"), "Peer authentication failed");
    accepted(&cluster.url("scram_role", "app"));
}

#[test]
fn databases_let_in_whom_their_names_say() {
    let cluster = postgres::standard();
    for (database, reason) in [
        ("missing", "database \"missing\" does not exist"),
        ("closed", "database \"closed\" is not currently accepting connections"),
        ("limited", "too many connections for database \"limited\""),
        ("private", "permission denied for database \"private\""),
    ] {
        refused(&cluster.conninfo("scram_role", database), reason);
    }
    accepted(&cluster.conninfo("scram_role", "reads_only"));
    assert_eq!(cluster.sql("reads_only", "show transaction_read_only"), "on\n");
}

#[test]
fn servers_are_in_the_states_that_they_are_put_into() {
    let full = postgres::full();
    refused(&full.cluster.conninfo("scram_role", "app"), "remaining connection slots are reserved");
    let ending = postgres::shutting_down();
    refused(&ending.cluster.conninfo("scram_role", "app"), "the database system is shutting down");
    assert_eq!(ending.sessions.len(), 1);
    refused(&postgres::hot_standby_off().conninfo("scram_role", "app"), "Hot standby mode is disabled");
    let mut starting = postgres::starting_up();
    refused(&starting.conninfo("scram_role", "app"), "the database system is starting up");
    starting.finish_starting();
    accepted(&starting.conninfo("scram_role", "app"));
}

#[test]
fn a_standby_can_only_be_read_and_follows_its_primary() {
    let alone = postgres::standby();
    assert_eq!(alone.sql("app", "select pg_is_in_recovery()"), "t\n");
    let primary = Cluster::start();
    let standby = postgres::standby_of(&primary);
    accepted(&standby.conninfo("scram_role", "app"));
    let conninfo = format!("{} target_session_attrs=read-write", standby.conninfo("scram_role", "app"));
    refused(&conninfo, "session is read-only");
    primary.sql("app", "create table followed ()");
    let began = Instant::now();
    while standby.sql("app", "select to_regclass('followed')") == "\n" {
        assert!(began.elapsed() < Duration::from_secs(10), "the standby does not follow: {}", standby.log());
    }
}

#[test]
fn settings_statements_and_rules_of_a_test_hold() {
    let builder = Cluster::with().setting("application_name", "it's own").sql("create database own;\n");
    let cluster = builder.access("host all scram_role all trust\n").start();
    judge(&cluster.conninfo("scram_role", "own")).run().expect_status(0);
    refused(&cluster.conninfo("trusted", "app"), "no pg_hba.conf entry");
    std::fs::write(cluster.data_directory().join("pg_hba.conf"), "local all postgres trust\n").expect("write rules");
    cluster.reload();
    let began = Instant::now();
    while judge(&cluster.conninfo("scram_role", "own")).run().status == 0 {
        assert!(began.elapsed() < Duration::from_secs(10), "the rules are not read again");
    }
    assert_eq!(cluster.sql("own", "show port"), format!("{}\n", cluster.port()));
}

#[test]
fn server_certificates_fail_as_their_names_say() {
    let root = certificates::root_file();
    let verify = |certificate: ServerCertificate, mode: &str, host: &str| {
        let cluster = postgres::with_certificate(certificate);
        let conninfo = cluster.conninfo("scram_role", "app").replace("127.0.0.1", host);
        format!("{conninfo} sslmode={mode} sslrootcert={}", root.display())
    };
    accepted(&verify(ServerCertificate::Good, "verify-full", "localhost"));
    accepted(&verify(ServerCertificate::Good, "verify-full", "127.0.0.1"));
    accepted(&verify(ServerCertificate::CommonNameOnly, "verify-full", "localhost"));
    accepted(&verify(ServerCertificate::WrongHost, "verify-ca", "localhost"));
    accepted(&verify(ServerCertificate::Revoked, "verify-full", "localhost"));
    for (certificate, reason) in [
        (ServerCertificate::Expired, "certificate verify failed"),
        (ServerCertificate::NotYetValid, "certificate verify failed"),
        (ServerCertificate::WrongHost, "does not match host name \"localhost\""),
        (ServerCertificate::SelfSigned, "certificate verify failed"),
    ] {
        refused(&verify(certificate, "verify-full", "localhost"), reason);
    }
    let revoked = verify(ServerCertificate::Revoked, "verify-full", "localhost");
    let list = certificates::revoked_file();
    refused(&format!("{revoked} sslcrl={}", list.display()), "certificate verify failed");
    let other = postgres::standard().conninfo("scram_role", "app");
    let other = format!("{other} sslmode=verify-ca sslrootcert={}", certificates::other_root_file().display());
    refused(&other, "certificate verify failed");
    let plain = postgres::without_tls().conninfo("scram_role", "app");
    refused(&format!("{plain} sslmode=require"), "server does not support SSL");
}

#[test]
fn certificates_have_the_faults_that_their_names_say() {
    let verify = |certificate: ServerCertificate, more: &[&str]| {
        let (root, file) = (certificates::root_file(), certificate.file());
        let path = |path: &std::path::Path| path.to_str().expect("test directories are UTF-8").to_owned();
        let openssl = Dbcfg::program(installed("openssl", &[])).args(&["verify", "-CAfile", &path(&root)]);
        openssl.args(more).args(&[&path(&file)]).run()
    };
    verify(ServerCertificate::Good, &["-verify_hostname", "localhost", "-verify_ip", "127.0.0.1"]).expect_status(0);
    let revoked = certificates::revoked_file();
    let list = ["-crl_check", "-CRLfile", revoked.to_str().expect("test directories are UTF-8")];
    for (certificate, more, reason) in [
        (ServerCertificate::Expired, &[][..], "certificate has expired"),
        (ServerCertificate::NotYetValid, &[], "certificate is not yet valid"),
        (ServerCertificate::SelfSigned, &[], "self-signed certificate"),
        (ServerCertificate::WrongHost, &["-verify_hostname", "localhost"], "hostname mismatch"),
        (ServerCertificate::Revoked, &list, "certificate revoked"),
    ] {
        verify(certificate, more).expect_status(2).expect_stderr_contains(reason);
    }
}

#[test]
fn client_certificates_are_demanded_and_their_keys_understood() {
    let cluster = postgres::standard();
    refused(&cluster.conninfo("certified", "app"), "connection requires a valid client certificate");
    for key in ClientKey::ALL {
        let pair = format!("sslcert={} sslkey={}", key.certificate_file().display(), key.file().display());
        let conninfo = format!("{} {pair} sslpassword={KEY_PASSWORD}", cluster.conninfo("certified", "app"));
        judge(&conninfo).run().expect_status(0);
    }
    let key = ClientKey::Pkcs8;
    let pair = format!("sslcert={} sslkey={}", key.certificate_file().display(), key.file().display());
    accepted(&format!("{} {pair}", cluster.conninfo("certified_too", "app")));
    refused(&format!("{} {pair}", cluster.conninfo("certified_by_name", "app")), "authentication failed for user");
    let key = ClientKey::EncryptedPkcs1;
    let pair = format!("sslcert={} sslkey={}", key.certificate_file().display(), key.file().display());
    refused(
        &format!("{} {pair} sslpassword=wrong", cluster.conninfo("certified", "app")),
        "could not load private key",
    );
}

#[test]
fn the_pooler_speaks_of_its_server_in_its_own_words() {
    let cluster = Cluster::start();
    let pooler = PgBouncer::start(&cluster, &[("query_wait_timeout", "1")]);
    accepted(&pooler.conninfo("scram_role", "app"));
    refused(&pooler.conninfo("scram_role", "nowhere"), "no such database: nowhere");
    let wrong = judge(&pooler.conninfo("scram_role", "app")).env("PGPASSWORD", "wrong").run();
    wrong.expect_status(2).expect_stderr_contains("SASL authentication failed");
    refused(
        &format!("{} options=-ctimezone=UTC", pooler.conninfo("scram_role", "app")),
        "unsupported startup parameter",
    );
    let busy = pooler.conninfo("scram_role", "app");
    let holder = thread::spawn(move || {
        let holder = Dbcfg::program(postgres::psql()).args(&["-X", "-w", "-c", "select pg_sleep(3)", "-d", &busy]);
        holder.env("PGPASSWORD", PASSWORD).run().expect_status(0);
    });
    let is_busy = "select count(*) from pg_stat_activity where query like '%pg_sleep(3)%' and pid <> pg_backend_pid()";
    while cluster.sql("app", is_busy) == "0\n" {}
    let waited = judged(&pooler.conninfo("scram_role", "app"));
    assert!(waited.status != 0 && waited.stderr.contains("query_wait_timeout"), "{}", waited.stderr);
    holder.join().expect("the session that was waited for ends well");
    let tls = PgBouncer::start(&cluster, &[("client_tls_sslmode", "require")]);
    accepted(&format!("{} sslmode=require", tls.conninfo("scram_role", "app")));
}

#[test]
fn redis_lets_in_whom_it_should() {
    let open = Redis::start(Access::Open);
    open.judge(&["ping"]).run().expect_status(0).expect_stdout("PONG\n");
    let closed = Redis::start(Access::Password);
    closed.judge(&["ping"]).run().expect_stdout_contains("NOAUTH");
    closed.judge(&["ping"]).env("REDISCLI_AUTH", PASSWORD).run().expect_stdout("PONG\n");
    closed.judge(&["ping"]).env("REDISCLI_AUTH", "wrong").run().expect_stdout_contains("NOAUTH");
    let users = Redis::start(Access::Users);
    users.judge(&["--user", USER, "ping"]).env("REDISCLI_AUTH", PASSWORD).run().expect_stdout("PONG\n");
    users.judge(&["ping"]).run().expect_stdout_contains("NOAUTH");
    let tls = Redis::with_tls(Access::Password, ServerCertificate::Good);
    tls.judge(&["--tls", "ping"]).env("REDISCLI_AUTH", PASSWORD).run().expect_stdout("PONG\n");
    let expired = Redis::with_tls(Access::Open, ServerCertificate::Expired);
    expired.judge(&["--tls", "ping"]).run().expect_status(1).expect_stderr_contains("certificate verify failed");
}

#[test]
fn mlflow_serves_and_has_its_schema() {
    let mlflow = Mlflow::standard();
    let health = http(mlflow.port(), "GET", "/health");
    assert!(health.starts_with("HTTP/1.1 200") && health.ends_with("OK"), "{health}\n{}", mlflow.log());
    let version = http(mlflow.port(), "GET", "/version");
    assert!(version.starts_with("HTTP/1.1 200"), "{version}");
    let schema = mlflow.cluster().sql("mlflow_db", "select version_num from alembic_version");
    assert_eq!(schema.trim().len(), 12, "a revision of Alembic: {schema}");
}

#[test]
fn the_store_has_its_bucket_and_no_other() {
    let store = Moto::standard();
    let bucket = http(store.port(), "HEAD", &format!("/{BUCKET}"));
    assert!(bucket.starts_with("HTTP/1.1 200"), "{bucket}");
    let missing = http(store.port(), "HEAD", "/no-such-bucket");
    assert!(missing.starts_with("HTTP/1.1 404"), "{missing}");
}

#[test]
fn vectors_have_distances() {
    let cluster = pgvector::standard();
    assert_eq!(cluster.sql("app", "select '[1,2]'::vector <-> '[1,3]'"), "1\n");
    accepted(&cluster.conninfo("scram_role", "app"));
}

#[test]
fn hostile_peers_fail_psql_each_in_its_way() {
    let cases = [
        (Behaviour::Silent, "timeout expired"),
        (Behaviour::SilentAfterTlsQuestion, "timeout expired"),
        (Behaviour::OneByteAtATime, "timeout expired"),
        // How far psql has come when the reset arrives is chance, and so are its words; its last lines are the same.
        (Behaviour::Reset, ""),
        (Behaviour::ResetAfterTlsAnswer, "EOF detected"),
        (Behaviour::Close, "server closed the connection unexpectedly"),
        (Behaviour::Http, "received invalid response to SSL negotiation: H"),
        // The S of SSH is a yes to TLS, and later the kind of a long message.
        (Behaviour::Ssh, "timeout expired"),
        (Behaviour::Mysql, "received invalid response to SSL negotiation: J"),
        (Behaviour::EchoedPassword, "of user \"app\" is wrong"),
        (Behaviour::WrongScramSignature, "incorrect server signature"),
        (Behaviour::SilentInHandshake, "timeout expired"),
        (Behaviour::NoiseInHandshake, "SSL error: wrong version number"),
    ];
    // At once, since most of what they do is to let psql wait.
    thread::scope(|scope| {
        for (behaviour, reason) in cases {
            scope.spawn(move || {
                let peer = Hostile::start(behaviour);
                let judge = judge(&peer.conninfo()).env("PGPASSWORD", PASSWORD).env("PGCONNECT_TIMEOUT", "2");
                let output = judge.run();
                assert!(output.status == 2 && output.stderr.contains(reason), "{behaviour:?}: {}", output.stderr);
                assert!(peer.connections() > 0);
            });
        }
    });
}

#[test]
fn the_password_is_echoed_with_escape_sequences_around_it() {
    let peer = Hostile::start(Behaviour::EchoedPassword);
    judged(&peer.conninfo()).expect_stderr_contains(&format!("{ESCAPES}password \"{PASSWORD}\""));
    let holds_password = |bytes: Vec<u8>| bytes.windows(PASSWORD.len()).any(|part| part == PASSWORD.as_bytes());
    assert!(peer.received().into_iter().any(holds_password));
}

#[test]
fn a_reset_is_no_farewell() {
    for (behaviour, before) in [(Behaviour::Reset, 0), (Behaviour::ResetAfterTlsAnswer, 1)] {
        let peer = Hostile::start(behaviour);
        let mut client = TcpStream::connect(loopback(peer.port())).expect("connect to the peer");
        // The reset may already be there.
        let _ = client.write_all(TLS_QUESTION);
        let mut said = Vec::new();
        let error = client.read_to_end(&mut said).expect_err("the peer resets the connection");
        assert_eq!((error.kind(), said.len()), (ErrorKind::ConnectionReset, before), "{behaviour:?}");
    }
}

#[test]
fn what_has_no_end_goes_on_until_the_client_leaves() {
    use Behaviour::{EndlessNotices, EndlessParameters, EndlessRows, HugeMessage};
    for behaviour in [HugeMessage, EndlessNotices, EndlessParameters, EndlessRows] {
        let peer = Hostile::start(behaviour);
        let mut client = TcpStream::connect(loopback(peer.port())).expect("connect to the peer");
        client.write_all(STARTUP).and_then(|()| client.write_all(b"Q\0\0\0\x05\0")).expect("come in and ask");
        let mut bytes = vec![0; 4 * 1024 * 1024];
        client.read_exact(&mut bytes).unwrap_or_else(|error| panic!("{behaviour:?}: {error}"));
    }
}

#[test]
fn expensive_scram_is_demanded() {
    let peer = Hostile::start(Behaviour::ExpensiveScram);
    let mut client = TcpStream::connect(loopback(peer.port())).expect("connect to the peer");
    client.write_all(STARTUP).expect("say who we are");
    client.write_all(b"p\0\0\0\x22SCRAM-SHA-256\0\0\0\0\x0cn,,n=,r=abcd").expect("begin SCRAM");
    client.shutdown(Shutdown::Write).expect("say no more");
    let mut said = Vec::new();
    client.read_to_end(&mut said).expect("the peer answers");
    let said = String::from_utf8_lossy(&said);
    assert!(said.contains("r=abcdserver,s=") && said.ends_with(",i=10000000"), "{said:?}");
}

#[test]
fn a_black_hole_lets_nobody_in() {
    let hole = Blackhole::open();
    let began = Instant::now();
    let error = TcpStream::connect_timeout(&loopback(hole.port()), Duration::from_millis(1500));
    assert_eq!(error.expect_err("nobody gets in").kind(), ErrorKind::TimedOut);
    assert!(began.elapsed() >= Duration::from_millis(1500));
}

#[test]
fn a_proxy_counts_delays_and_cuts() {
    let cluster = postgres::standard();
    let proxy = Proxy::to(cluster.port());
    let conninfo = format!("host=127.0.0.1 port={} user=trusted dbname=app sslmode=disable", proxy.port());
    accepted(&conninfo);
    assert_eq!((proxy.connections(), proxy.most_open()), (1, 1));
    proxy.delay(Duration::from_millis(300));
    let began = Instant::now();
    accepted(&conninfo);
    assert!(began.elapsed() >= Duration::from_millis(600), "the greeting and the row are late");
    proxy.delay(Duration::ZERO);
    proxy.cut_after(100);
    refused(&conninfo, "server closed the connection unexpectedly");
    proxy.cut_after(0);
    let mut client = TcpStream::connect(loopback(proxy.port())).expect("connect to the proxy");
    client.write_all(TLS_QUESTION).expect("ask for TLS");
    client.read_exact(&mut [0]).expect("the server answers");
    proxy.cut();
    // A reset, or the end, where the side of the server has noticed it first.
    assert!(!matches!(client.read(&mut [0]), Ok(1)), "the connection is cut");
    proxy.close(true);
    let mut client = TcpStream::connect(loopback(proxy.port())).expect("connect to the proxy");
    assert_eq!(client.read(&mut [0]).expect_err("nobody comes in").kind(), ErrorKind::ConnectionReset);
}

#[test]
fn a_namespace_loses_refuses_and_misdirects() {
    // Black holes and resets without one are tested above.
    let Some(namespace) = Namespace::if_allowed("10.213.0.5 live.test\n10.213.0.1 lost.test\n") else { return };
    let cluster = Cluster::with().within(&namespace).start();
    let psql = postgres::psql();
    let psql = psql.to_str().expect("the path of psql is UTF-8");
    let inside = &|host: &str| {
        let (ip, prefix) = namespace.prefix(psql);
        let conninfo = cluster.conninfo("trusted", "app").replace("127.0.0.1", host);
        let judge = Dbcfg::program(ip).args(&prefix).args(&["-X", "-w", "-c", "select 1", "-d", &conninfo]);
        judge.env("PGCONNECT_TIMEOUT", "4").run()
    };
    inside("live.test").expect_status(0);
    inside(Namespace::OPEN).expect_status(0);
    let began = Instant::now();
    thread::scope(|scope| {
        for (host, reason) in [
            ("lost.test", "timeout expired"),
            (Namespace::REFUSING, "Connection refused"),
            (Namespace::RESETTING, "server closed the connection unexpectedly"),
            (Namespace::UNREACHABLE, "No route to host"),
            (Namespace::DEAD_NEIGHBOUR, "No route to host"),
            // The resolver does not know of psql's time limit.
            ("unknown.test", "could not translate host name"),
        ] {
            scope.spawn(move || inside(host).expect_status(2).expect_stderr_contains(reason));
        }
    });
    assert!(began.elapsed() >= Duration::from_secs(9), "the resolver answered");
}

//! `dbcfg probe` and TLS: every mode against every certificate, with psql's verdict beside it.

use crate::probing::{Probe, expected};
use crate::servers::certificates::{self, ClientKey, KEY_PASSWORD, ServerCertificate};
use crate::servers::postgres::{self, Cluster, judged};

const MODES: [&str; 6] = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

/// Whether a server answers, by dbcfg; psql has to agree.
#[track_caller]
fn answers(conninfo: &str) -> bool {
    let found = Probe::url(conninfo).run();
    let psql = judged(conninfo);
    let answers = found.only().status() == "healthy";
    assert_eq!(answers, psql.status == 0, "{conninfo}\npsql: {}\n{:#}", psql.stderr, found.json);
    answers
}

/// A connection string to a cluster, by the name that its certificate has.
fn conninfo(cluster: &Cluster, mode: &str, rest: &str) -> String {
    format!(
        "host=localhost hostaddr=127.0.0.1 port={} user=scram_role dbname=app sslmode={mode} {rest}",
        cluster.port()
    )
}

#[test]
fn every_mode_meets_every_certificate() {
    let root = format!("sslrootcert={}", certificates::root_file().display());
    let other = format!("sslrootcert={}", certificates::other_root_file().display());
    let missing = "sslrootcert=/nonexistent/root.crt";
    let mut count = 0;
    for certificate in ServerCertificate::ALL {
        let cluster = postgres::with_certificate(certificate);
        for mode in MODES {
            for more in ["", &root, &other, missing] {
                answers(&conninfo(cluster, mode, more));
                count += 1;
            }
        }
    }
    for mode in MODES {
        for more in ["", &root] {
            answers(&conninfo(postgres::without_tls(), mode, more));
            count += 1;
        }
    }
    assert_eq!(count, 7 * 6 * 4 + 6 * 2);
}

#[test]
fn what_is_wrong_with_a_certificate_is_told() {
    let root = format!("sslrootcert={}", certificates::root_file().display());
    for (certificate, cause, hint) in [
        (ServerCertificate::Expired, "certificate-expired", "certificate"),
        (ServerCertificate::NotYetValid, "certificate-not-yet-valid", "clock"),
        (ServerCertificate::WrongHost, "certificate-host-mismatch", "verify-ca"),
        (ServerCertificate::SelfSigned, "certificate-untrusted", "ssl_root_cert"),
    ] {
        let found = Probe::url(&conninfo(postgres::with_certificate(certificate), "verify-full", &root)).run();
        found.only().expect_status("down").expect(expected("tls", cause, "permanent", cause, hint));
    }
    let revoked = format!("{root} sslcrl={}", certificates::revoked_file().display());
    let cluster = postgres::with_certificate(ServerCertificate::Revoked);
    let found = Probe::url(&conninfo(cluster, "verify-ca", &revoked)).run();
    let cause = "certificate-revoked";
    found.only().expect_status("down").expect(expected("tls", cause, "permanent", cause, "certificate"));
    assert!(!answers(&conninfo(cluster, "verify-ca", &revoked)));
    let good = postgres::standard();
    let found = Probe::url(&conninfo(good, "verify-full", "")).run();
    let cause = "root-certificate-missing";
    found.only().expect_status("down").expect(expected("tls", cause, "permanent", cause, "ssl_root_cert"));
    let found = Probe::url(&conninfo(postgres::without_tls(), "require", "")).run();
    found.only().expect_status("down").expect(expected("tls", "tls-refused", "permanent", "tls-refused", "ssl_mode"));
}

#[test]
fn addresses_are_verified_as_names_are() {
    let root = format!("sslrootcert={}", certificates::root_file().display());
    for certificate in [ServerCertificate::Good, ServerCertificate::CommonNameOnly, ServerCertificate::WrongHost] {
        let port = postgres::with_certificate(certificate).port();
        for host in ["host=127.0.0.1", "host=localhost", "hostaddr=127.0.0.1"] {
            answers(&format!("{host} port={port} user=scram_role dbname=app sslmode=verify-full {root}"));
        }
    }
}

#[test]
fn encryption_is_told() {
    let root = format!("sslrootcert={}", certificates::root_file().display());
    let found = Probe::url(&conninfo(postgres::standard(), "verify-full", &root)).run();
    let target = found.only().expect_status("healthy");
    assert_eq!(target.get("/facts/tls/version"), "TLSv1.3");
    assert_eq!(target.get("/facts/tls/verified"), true);
    assert!(target.get("/facts/tls/certificate_days_left").as_i64().is_some_and(|days| (28..=30).contains(&days)));
    assert_eq!(target.stages(), ["tcp", "tls", "auth", "session", "query"]);
}

#[test]
fn client_certificates_in_every_form() {
    let cluster = postgres::standard();
    let with = |role: &str, key: ClientKey, more: &str| {
        format!(
            "host=localhost hostaddr=127.0.0.1 port={} user={role} dbname=app sslmode=require sslcert={} sslkey={} {more}",
            cluster.port(),
            key.certificate_file().display(),
            key.file().display()
        )
    };
    for key in ClientKey::ALL {
        let password = match key {
            ClientKey::EncryptedPkcs8 | ClientKey::EncryptedPkcs1 => format!("sslpassword={KEY_PASSWORD}"),
            _ => String::new(),
        };
        assert!(answers(&with("certified", key, &password)), "{key:?}");
        assert!(answers(&with("certified_too", key, &password)), "{key:?}");
    }
    // No certificate, somebody else's name, a wrong password of the key.
    assert!(!answers(&conninfo(cluster, "require", "user=certified")));
    assert!(!answers(&with("certified_by_name", ClientKey::Pkcs8, "")));
    let wrong = with("certified", ClientKey::EncryptedPkcs8, "sslpassword=nobodys");
    let found = Probe::url(&wrong).run();
    let cause = "client-certificate-unusable";
    found.only().expect_status("down").expect(expected("tls", cause, "permanent", cause, "ssl_key"));
    found.output.expect_nowhere("nobodys");
    assert_ne!(judged(&wrong).status, 0);
    let none = Probe::url(&conninfo(cluster, "require", "user=certified")).run();
    let cause = "client-certificate-refused";
    none.only().expect_status("down").expect(expected("auth", cause, "permanent", "28000", "ssl_cert"));
}

#[test]
fn a_password_is_bound_to_the_connection() {
    let cluster = postgres::standard();
    for (mode, binding, role) in [
        ("require", "require", "scram_role"),
        ("require", "prefer", "scram_role"),
        ("require", "disable", "scram_role"),
        ("disable", "require", "scram_role"),
        ("require", "require", "md5_role"),
        ("require", "require", "trusted"),
    ] {
        let port = cluster.port();
        answers(&format!("host=127.0.0.1 port={port} user={role} dbname=app sslmode={mode} channel_binding={binding}"));
    }
    let found = Probe::url(&conninfo(cluster, "disable", "channel_binding=require")).run();
    let cause = "channel-binding";
    found.only().expect_status("down").expect(expected("auth", cause, "permanent", cause, "channel_binding"));
}

#[test]
fn versions_of_tls_are_limited() {
    let cluster = postgres::standard();
    for (oldest, newest) in [("TLSv1.2", "TLSv1.2"), ("TLSv1.3", "TLSv1.3"), ("TLSv1", "TLSv1.1")] {
        let more = format!("ssl_min_protocol_version={oldest} ssl_max_protocol_version={newest}");
        answers(&conninfo(cluster, "require", &more));
    }
}

#[test]
fn a_server_that_does_not_begin_with_tls_is_told() {
    // PostgreSQL 15 does not know it, and psql 15 does not either.
    let found = Probe::url(&conninfo(postgres::standard(), "require", "sslnegotiation=direct")).run();
    let cause = "tls-handshake";
    found.only().expect_status("down").expect(expected("tls", cause, "permanent", cause, "sslnegotiation"));
    let limited = Probe::url(&conninfo(postgres::standard(), "require", "sslcertmode=require")).run();
    assert_eq!(limited.only().expect_status("not-measured").get("/error/cause"), "limitation");
}

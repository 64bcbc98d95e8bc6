//! What connections come down to, row by row.

use std::time::Duration;

use super::scene::{Scene, connection, short};
use crate::model::health::{Cause, Class, Failure};
use crate::model::{Key, Origin, Resolution, Setting, Value};
use crate::probe::libpq::{endpoint, resolved, surroundings::Surroundings};
use crate::probe::options::Options;
use crate::probe::postgres::{Binding, Endpoint, Place, SessionKind};
use crate::probe::tls::{Mode, Root, TlsSettings, Version};
use crate::redact::Secret;

fn fine(scene: &Scene, words: &str, variables: &[(&str, &str)]) -> Endpoint {
    scene.endpoint(words, variables).unwrap_or_else(|failure| panic!("{words}: {}", failure.message))
}

fn failure(words: &str, variables: &[(&str, &str)]) -> Failure {
    let outcome = Scene::new().endpoint(words, variables).map(|endpoint| endpoint.to_string());
    outcome.expect_err(words)
}

#[test]
fn hosts_are_lists() {
    let check = |words: &str, expected: &str| {
        let endpoint = fine(&Scene::new(), words, &[]);
        let kind = |place: &Place| match place {
            Place::Name(_) => "name",
            Place::Address { name: Some(_), .. } => "named address",
            Place::Address { .. } => "address",
            Place::Socket(_) => "socket",
        };
        let hosts = endpoint.hosts.iter().map(|host| format!("{} {host}", kind(&host.place)));
        assert_eq!(hosts.collect::<Vec<_>>().join(", "), expected, "{words}");
    };
    check("", "socket /var/run/postgresql:5432");
    check("host=''", "socket /var/run/postgresql:5432");
    check("host=db.example.com", "name db.example.com:5432");
    check("host=db.example.com port=''", "name db.example.com:5432");
    check("host=a.test,b.test", "name a.test:5432, name b.test:5432");
    check("host=a.test,b.test port=6000", "name a.test:6000, name b.test:6000");
    check("host=a.test,b.test port=6000,6001", "name a.test:6000, name b.test:6001");
    check("host=a.test,b.test port=,6001", "name a.test:5432, name b.test:6001");
    check("host=a.test,,/run/pg", "name a.test:5432, socket /var/run/postgresql:5432, socket /run/pg:5432");
    check("host=@pg port=6000", "socket @pg:6000");
    check("host=127.0.0.1", "named address 127.0.0.1:5432");
    // The address itself is what the certificate has to name; beside `hostaddr` alone there is nothing to verify.
    check("host=::1", "named address [::1]:5432");
    check("host=[::1]", "named address [::1]:5432");
    check("host=fe80::1%eth0", "name fe80::1%eth0:5432");
    check("hostaddr=127.0.0.1,::1", "address 127.0.0.1:5432, address [::1]:5432");
    check("host=a.test hostaddr=127.0.0.1", "named address a.test:5432");
    check("host=a.test,b.test hostaddr=127.0.0.1,", "named address a.test:5432, name b.test:5432");
}

#[test]
fn what_nobody_says_is_taken_from_others() {
    let scene = Scene::new();
    let endpoint = fine(&scene, "host=h.test username=u", &[]);
    assert_eq!((endpoint.user.as_str(), endpoint.database.as_str()), ("u", "u"));
    assert_eq!((endpoint.application_name.as_str(), endpoint.options), ("dbcfg", None));
    assert_eq!((endpoint.connect_timeout, endpoint.is_shuffled), (None, false));
    assert_eq!((endpoint.binding, endpoint.session), (Binding::Prefer, SessionKind::Any));
    assert_eq!(endpoint.tls, TlsSettings::default());
    assert!(endpoint.remarks.is_empty() && endpoint.limitations.is_empty());
    let endpoint = fine(&scene, "host=h.test", &[("PGUSER", "v"), ("PGDATABASE", "d")]);
    assert_eq!((endpoint.user.as_str(), endpoint.database.as_str()), ("v", "d"));
}

#[test]
fn times_may_have_fractions() {
    let check = |text: &str, expected: Option<Duration>| {
        let endpoint = fine(&Scene::new(), &format!("host=h.test connect_timeout={text}"), &[]);
        assert_eq!(endpoint.connect_timeout, expected, "{text}");
    };
    check("10", Some(Duration::from_secs(10)));
    check("2.5", Some(Duration::from_millis(2500)));
    check("0", None);
    check("-1", None);
}

#[test]
fn choices_are_understood() {
    let check = |words: &str, expected: (bool, Binding, SessionKind)| {
        let found = fine(&Scene::new(), words, &[]);
        assert_eq!((found.is_shuffled, found.binding, found.session), expected, "{words}");
    };
    check("load_balance_hosts=random", (true, Binding::Prefer, SessionKind::Any));
    check("channel_binding=require", (false, Binding::Require, SessionKind::Any));
    for (word, kind) in [
        ("any", SessionKind::Any),
        ("read-write", SessionKind::ReadWrite),
        ("read-only", SessionKind::ReadOnly),
        ("primary", SessionKind::Primary),
        ("standby", SessionKind::Standby),
        ("prefer-standby", SessionKind::PreferStandby),
    ] {
        check(&format!("target_session_attrs={word}"), (false, Binding::Prefer, kind));
    }
}

#[test]
fn the_password_of_the_strongest_place_counts() {
    let check = |scene: &Scene, words: &str, typed: Option<&str>, expected: Option<&str>| {
        let environment = scene.variables(&[("PGPASSWORD", "variable")]).into_iter().collect();
        let (base, password) = (scene.home.clone(), typed.map(Secret::new));
        let options = Options { password, environment, base, ..Options::default() };
        let found = resolved(&connection(&scene.words(words)), &options, &Surroundings::for_test(&scene.home));
        let found = found.expect("it is fine");
        assert_eq!(found.hosts[0].password.as_ref().map(Secret::expose), expected, "{words}");
    };
    let scene = Scene::new().with("secret", "file\r\nsecond line\n", 0o600).with("empty", "", 0o600);
    check(&scene, "host=h.test", None, Some("variable"));
    check(&scene, "host=h.test password_file=secret", None, Some("file"));
    check(&scene, "host=h.test password_file=~/secret", None, Some("file"));
    check(&scene, "host=h.test password_file=empty", None, Some("variable"));
    check(&scene, "host=h.test password=own password_file=secret", None, Some("own"));
    check(&scene, "host=h.test password='' password_file=secret", None, Some("file"));
    check(&scene, "host=h.test password=own", Some("typed"), Some("typed"));
    check(&scene, "host=h.test password=''", None, None);
}

#[test]
fn files_of_passwords_that_are_passed_over_are_remarked_on() {
    let check = |scene: &Scene, words: &str, expected: &[&str]| {
        let endpoint = fine(scene, words, &[]);
        let remarks: Vec<String> =
            endpoint.remarks.iter().map(|it| it.replace(&scene.home.display().to_string(), "~")).collect();
        assert_eq!(remarks, expected, "{words}");
    };
    let open = Scene::new().with(".pgpass", "*:*:*:*:moss\n", 0o644);
    let sentence = "the password file `~/.pgpass` is passed over, since others can read it; libpq wants the mode 0600 or \
                    less";
    check(&open, "host=h.test", &[sentence]);
    check(&open, "host=h.test password=own", &[]);
    check(&Scene::new(), "host=h.test", &[]);
    let directory = "the password file `~/system` is passed over, since it is no plain file";
    check(&Scene::new(), "host=h.test passfile=system", &[directory]);
}

#[test]
fn encryption_is_set_up_as_libpq_does() {
    let check = |scene: &Scene, words: &str, variables: &[(&str, &str)], expected: &str| {
        let tls = fine(scene, &format!("host=h.test {words}"), variables).tls;
        let root = match &tls.root {
            Root::Missing => "-".to_owned(),
            Root::File(path) => short(path, scene),
            Root::System => "system".to_owned(),
        };
        let path = |path: &Option<std::path::PathBuf>| path.as_ref().map_or("-".to_owned(), |path| short(path, scene));
        let found = [root, path(&tls.certificate), path(&tls.key), path(&tls.revoked)].join(" ");
        assert_eq!(format!("{:?} {found}", tls.mode), expected, "{words} {variables:?}");
    };
    let bare = Scene::new();
    check(&bare, "", &[], "Prefer - - - -");
    check(&bare, "ssl_mode=verify-full", &[("PGSSLMODE", "disable")], "VerifyFull - - - -");
    check(&bare, "", &[("PGSSLMODE", "require")], "Require - - - -");
    check(&bare, "", &[("PGREQUIRESSL", "1")], "Require - - - -");
    check(&bare, "", &[("PGREQUIRESSL", "1"), ("PGSSLMODE", "allow")], "Allow - - - -");
    check(&bare, "requiressl=1", &[], "Require - - - -");
    check(&bare, "ssl=true", &[], "Require - - - -");
    check(&bare, "ssl=false", &[], "Disable - - - -");
    check(&bare, "ssl=verify-ca", &[], "VerifyCa - - - -");
    check(&bare, "ssl=true sslmode=allow", &[], "Allow - - - -");
    check(&bare, "ssl_root_cert=ca.pem", &[], "Prefer ~/ca.pem - - -");
    check(&bare, "ssl_root_cert=/etc/ca.pem", &[], "Prefer /etc/ca.pem - - -");
    check(&bare, "", &[("PGSSLROOTCERT", "ca.pem")], "Prefer ca.pem - - -");
    check(&bare, "ssl_root_cert=system", &[], "VerifyFull system - - -");
    check(&bare, "", &[("PGSSLROOTCERT", "system")], "VerifyFull system - - -");
    check(&bare, "ssl_cert=missing.crt ssl_key=missing.key", &[], "Prefer - - - -");
    let full = || {
        let root = Scene::new().with(".postgresql/root.crt", "", 0o644).with(".postgresql/root.crl", "", 0o644);
        root.with(".postgresql/postgresql.crt", "", 0o644).with(".postgresql/postgresql.key", "", 0o600)
    };
    let own = "~/.postgresql/root.crt ~/.postgresql/postgresql.crt ~/.postgresql/postgresql.key ~/.postgresql/root.crl";
    check(&full(), "sslmode=require", &[], &format!("Require {own}"));
    check(&full(), "sslcertmode=disable sslcrl=missing", &[], "Prefer ~/.postgresql/root.crt - - -");
    let other = full().with("c.crt", "", 0o644).with("c.key", "", 0o600).with("c.crl", "", 0o600);
    let words = "sslrootcert=r.crt sslcert=c.crt sslkey=c.key sslcrl=c.crl";
    check(&other, words, &[], "Prefer ~/r.crt ~/c.crt ~/c.key ~/c.crl");
    // Modes that allow a plain connection end up with one if the key cannot be used.
    let open = Scene::new().with("c.crt", "", 0o644).with("c.key", "", 0o644);
    check(&open, "sslcert=c.crt sslkey=c.key", &[], "Disable - - - -");
}

#[test]
fn keys_that_cannot_be_used_are_told() {
    let scene = Scene::new().with("c.crt", "", 0o644).with("c.key", "", 0o644);
    let check = |words: &str, expected: &str| {
        let outcome = scene.endpoint(&format!("host=h.test sslmode=require sslcert=c.crt {words}"), &[]);
        let failure = outcome.map(|endpoint| endpoint.to_string()).expect_err(words);
        assert_eq!((failure.cause, failure.class), (Cause::ClientCertificateUnusable, Class::Permanent), "{words}");
        assert_eq!(failure.message.replace(&scene.home.display().to_string(), "~"), expected, "{words}");
    };
    let wants = "can be read by others; libpq wants the mode 0600 or less, or 0640 or less if root owns it";
    check("sslkey=c.key", &format!("the key `~/c.key` of `ssl_key` {wants}"));
    check("sslkey=none", "the key `~/none` of `ssl_key` is not there, although its certificate is");
    check("", "the key `~/.postgresql/postgresql.key` is not there, although its certificate is");
    check("sslkey=system", "the key `~/system` of `ssl_key` is no plain file");
    let local = scene.endpoint("host=/run/pg sslmode=require sslcert=c.crt sslkey=c.key", &[]);
    assert!(local.is_ok_and(|endpoint| endpoint.tls.mode == Mode::Require), "nothing is encrypted on a socket");
}

#[test]
fn the_finer_settings_of_encryption_are_read() {
    let tls = |words: &str| fine(&Scene::new(), &format!("host=h.test {words}"), &[]).tls;
    let versions = |words: &str| (tls(words).oldest, tls(words).newest);
    assert_eq!(versions(""), (Version::Tls12, None));
    assert_eq!(versions("ssl_min_protocol_version=TLSv1"), (Version::Tls10, None));
    assert_eq!(versions("ssl_max_protocol_version=tlsV1.2"), (Version::Tls12, Some(Version::Tls12)));
    assert!(tls("sslsni=0").is_unnamed && !tls("sslsni=1").is_unnamed && !tls("").is_unnamed);
    assert_eq!(tls("sslpassword=moss").key_password, Some(Secret::new("moss")));
}

#[test]
fn wrong_values_are_named_with_what_is_valid() {
    let check = |words: &str, variables: &[(&str, &str)], expected: &str| {
        let failure = failure(words, variables);
        assert_eq!((failure.cause, failure.class), (Cause::Configuration, Class::Permanent), "{words}");
        assert_eq!((failure.message.as_str(), failure.code.as_str()), (expected, "configuration"), "{words}");
    };
    let modes = "are disable, allow, prefer, require, verify-ca and verify-full";
    check("port=99999", &[], "`port` is `99999`; valid are 1 to 65535");
    check("host=a.test port=5432x", &[], "`port` is `5432x`; valid are 1 to 65535");
    check("", &[("PGPORT", "0")], "`PGPORT` is `0`; valid are 1 to 65535");
    check("sslmode=nonsense", &[], &format!("`ssl_mode` is `nonsense`; valid {modes}"));
    check("ssl=nonsense", &[], &format!("`parameters.ssl` is `nonsense`; valid {modes}"));
    check("", &[("PGSSLMODE", "REQUIRE")], &format!("`PGSSLMODE` is `REQUIRE`; valid {modes}"));
    check("connect_timeout=abc", &[], "`connect_timeout` is `abc`; valid are seconds, and 0 for no limit");
    let each = "valid is one for all of them, or one for each";
    check("host=a.test,b.test port=1,2,3", &[], &format!("`port` has 3 entries for 2 hosts; {each}"));
    check("host=a.test port=1,2", &[], &format!("`port` has 2 entries for 1 host; {each}"));
    let both = "`hostaddr` has 1 entry for 2 of `host`; valid is one for each";
    check("host=a.test,b.test hostaddr=::1", &[], both);
    let addresses = "valid are addresses of IPv4 and IPv6, separated by commas";
    check("hostaddr=db.test", &[], &format!("`hostaddr` is `db.test`; {addresses}"));
    let weak = "`ssl_mode` is `require`; valid with sslrootcert=system is verify-full";
    check("sslrootcert=system sslmode=require", &[], weak);
    let direct = "with sslnegotiation=direct are require, verify-ca and verify-full";
    let unsaid = "`sslmode` is not given, which means prefer; valid";
    check("sslnegotiation=direct", &[], &format!("{unsaid} {direct}"));
    check("sslnegotiation=direct sslmode=allow", &[], &format!("`ssl_mode` is `allow`; valid {direct}"));
    check("load_balance_hosts=yes", &[], "`parameters.load_balance_hosts` is `yes`; valid are disable and random");
    let range = "`ssl_max_protocol_version` is older than `ssl_min_protocol_version` (TLSv1.2 if nothing is said)";
    check("ssl_max_protocol_version=TLSv1.1", &[], range);
    check("service=none", &[], "no service file defines the service `none`");
    let methods = "valid are password, md5, gss, sspi, scram-sha-256, oauth and none, each once, separated by commas, all \
                   of them or none behind an exclamation mark";
    check("require_auth=md5,!gss", &[], &format!("`parameters.require_auth` is `md5,!gss`; {methods}"));
    check("require_auth=md5,md5", &[], &format!("`parameters.require_auth` is `md5,md5`; {methods}"));
    check("host=h.test keepalives=abc", &[], "`parameters.keepalives` is `abc`; valid are whole numbers");
    let encodings = "valid are the encodings of PostgreSQL, such as UTF8, and auto";
    check("client_encoding=nonsense", &[], &format!("`parameters.client_encoding` is `nonsense`; {encodings}"));
    check("", &[("PGCLIENTENCODING", "x")], &format!("`PGCLIENTENCODING` is `x`; {encodings}"));
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let scene = Scene::new();
    let outcome = scene.endpoint("host=h.test password_file=missing", &[]).map(|endpoint| endpoint.to_string());
    let failure = outcome.expect_err("the file is not there");
    let expected = "the file `~/missing` of `password_file` cannot be read: there is no such file";
    assert_eq!(failure.message.replace(&scene.home.display().to_string(), "~"), expected);
    assert_eq!(failure.cause, Cause::Configuration);
}

#[test]
fn no_message_shows_what_may_be_secret() {
    let mut of_variable = connection("host=h.test");
    let resolution = |missing: &[&str]| {
        let missing = missing.iter().map(|name| (*name).to_owned()).collect();
        Some(Box::new(Resolution { text: Secret::new("canary"), missing, used: Vec::new() }))
    };
    let setting = |missing: &[&str]| {
        let plain = Setting::new(Value::text("${MODE}"), Origin::CommandLine);
        Setting { resolution: resolution(missing), ..plain }
    };
    let options = Options::default();
    of_variable.settings.set(Key::SslMode, setting(&[]));
    let failure = endpoint(&of_variable, &options).expect_err("it is no mode");
    assert!(failure.message.starts_with("`ssl_mode` is what cannot be used; valid are disable"), "{}", failure.message);
    of_variable.settings.set(Key::SslMode, setting(&["MODE"]));
    let failure = endpoint(&of_variable, &options).expect_err("it has no value");
    assert_eq!(failure.message, "`ssl_mode` holds what has no value here: MODE");
    assert_eq!(failure.cause, Cause::UnresolvedVariable);
}

#[test]
fn what_the_probe_cannot_do_is_said() {
    let check = |words: &str, expected: &[&str]| {
        let scene = Scene::new().with(".pg_service.conf", "[ldap]\nldap://h.test/x\n", 0o644);
        let endpoint = fine(&scene, words, &[]);
        assert_eq!([endpoint.limitations, endpoint.excuses].concat(), expected, "{words}");
    };
    check("host=h.test gssencmode=prefer krbsrvname=pg client_encoding=auto keepalives=1 whatever=x", &[]);
    let gss = "the probe cannot speak GSSAPI encryption, which gssencmode=require asks for";
    check("host=h.test gssencmode=require", &[gss]);
    check("host=h.test require_auth=scram-sha-256", &[]);
    let peer = "the user whom requirepeer names is not in the list of accounts, which is all the probe can ask";
    check("host=/run/pg requirepeer=nobody-of-this-name", &[peer]);
    check("host=/run/pg requirepeer=root", &[]);
    check("host=h.test requirepeer=postgres", &[]);
    check(
        "host=h.test replication=database",
        &["the probe cannot open a session for replication, which replication asks for"],
    );
    check("host=h.test replication=false", &[]);
    check(
        "host=h.test sslcrldir=crl",
        &["the probe cannot read revocation lists of a directory, which sslcrldir asks for"],
    );
    check("host=h.test sslcrldir=crl sslmode=disable", &[]);
    check(
        "host=h.test oauth_issuer=https://issuer.test oauth_client_id=c",
        &["the probe cannot log in with OAuth, which oauth_issuer asks for"],
    );
    check(
        "host=h.test service=ldap",
        &["the probe cannot ask an LDAP server for parameters, which the service file wants"],
    );
}

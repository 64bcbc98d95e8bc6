//! What is demanded of a server and of this machine, and how it is told what cannot be used.

use super::scene::Scene;
use crate::model::Key;
use crate::probe::postgres::{Endpoint, Methods, Peer};

fn fine(words: &str) -> Endpoint {
    Scene::new().endpoint(words, &[]).unwrap_or_else(|failure| panic!("{words}: {}", failure.message))
}

#[test]
fn what_makes_a_login_fail_alone_is_an_excuse() {
    let check = |words: &str, expected: (usize, usize)| {
        let endpoint = fine(words);
        assert_eq!((endpoint.limitations.len(), endpoint.excuses.len()), expected, "{words}");
    };
    check("host=h.test gssencmode=require", (1, 0));
    check("host=h.test scram_client_key=x", (0, 1));
    check("host=h.test oauth_issuer=https://issuer.test", (0, 1));
    check("host=h.test sslcrldir=crl", (0, 1));
    check("host=h.test sslcrldir=crl sslmode=require", (1, 0));
}

#[test]
fn who_may_answer_and_how_is_read() {
    let methods = |words: &str| fine(words).methods;
    let expected = |names: &[&str], is_negated| {
        Some(Methods { names: names.iter().map(|name| (*name).to_owned()).collect(), is_negated })
    };
    assert_eq!(methods("host=h.test"), None);
    assert_eq!(methods("host=h.test require_auth=md5,scram-sha-256"), expected(&["md5", "scram-sha-256"], false));
    assert_eq!(methods("host=h.test require_auth=!password"), expected(&["password"], true));
    let peer = fine("host=/run/pg requirepeer=root").peer;
    assert_eq!(peer, Some(Peer { name: "root".to_owned(), number: 0 }));
    assert_eq!(fine("host=h.test requirepeer=root").peer, None);
}

#[test]
fn failures_say_which_key_they_are_about() {
    for (words, expected) in [
        ("host=h.test ssl_mode=bogus", Some(Key::SslMode)),
        ("host=h.test port=x", Some(Key::Port)),
        ("host=h.test port=1,2", Some(Key::Port)),
        ("host=h.test hostaddr=x", Some(Key::HostAddress)),
        ("host=h.test password_file=missing", Some(Key::PasswordFile)),
        ("host=h.test connect_timeout=x", Some(Key::ConnectTimeout)),
        ("host=h.test target_session_attrs=x", None),
    ] {
        let failure = Scene::new().endpoint(words, &[]).expect_err("it cannot be used");
        assert_eq!(failure.key, expected, "{words}: {}", failure.message);
    }
}

#[test]
fn files_that_cannot_be_read_are_told_in_our_words() {
    let scene = Scene::new();
    for (words, expected) in [
        ("host=h.test password_file=missing", "cannot be read: there is no such file"),
        ("host=h.test password_file=system", "cannot be read: it is a directory"),
        ("service=s servicefile=system", "cannot be read: it is a directory"),
    ] {
        let failure = scene.endpoint(words, &[]).expect_err("it cannot be read");
        assert!(failure.message.ends_with(expected), "{words}: {}", failure.message);
    }
}

#[test]
fn a_path_that_is_too_long_for_a_socket_is_no_address() {
    let check = |length: usize, is_fine: bool| {
        // `/.s.PGSQL.5432` has 14 bytes.
        let outcome = Scene::new().endpoint(&format!("host=/{}", "x".repeat(length - 15)), &[]);
        assert_eq!(outcome.is_ok(), is_fine, "{length}");
        let failure = outcome.err().unwrap_or_default();
        assert_eq!(failure.key, (!is_fine).then_some(Key::Host));
        let expected = if is_fine { "" } else { "the path of the Unix socket has" };
        assert!(failure.message.starts_with(expected), "{}", failure.message);
    };
    check(103, true);
    check(108, false);
}

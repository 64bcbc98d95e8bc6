//! Every fault with what it means.

use std::io::{Error, ErrorKind};

use super::*;
use crate::probe::fault::{IoFault, NameFault, ServerFault, TlsFault};

#[track_caller]
pub(super) fn check(stage: Stage, fault: &Fault, expected: (Stage, Cause, Class, &str)) {
    let failure = classify(stage, fault);
    let found = (failure.stage, failure.cause, failure.class, failure.code.as_str());
    assert_eq!(found, expected, "{fault:?}");
    assert!(!failure.message.is_empty() && !failure.message.ends_with('.'), "{failure:?}");
}

const T: Class = Class::Transient;
const P: Class = Class::Permanent;

#[test]
fn sqlstates_and_texts_of_servers() {
    use Cause as C;
    let before = [
        ("28P01", "password authentication failed for user \"u\"", C::PasswordRejected, P),
        ("28000", "no pg_hba.conf entry for host \"h\", user \"u\", database \"d\", no encryption", C::TlsRequired, P),
        ("28000", "no pg_hba.conf entry for host \"h\", user \"u\", database \"d\", SSL encryption", C::NotAllowed, P),
        ("28000", "pg_hba.conf rejects connection for host \"h\", user \"u\"", C::NotAllowed, P),
        ("28000", "role \"u\" does not exist", C::RoleMissing, P),
        ("28000", "role \"u\" is not permitted to log in", C::RoleCannotLogin, P),
        ("28000", "connection requires a valid client certificate", C::ClientCertificateRefused, P),
        ("28000", "certificate authentication failed for user \"u\"", C::ClientCertificateRefused, P),
        ("28000", "Peer authentication failed for user \"u\"", C::NotAllowed, P),
        ("28000", "LDAP authentication failed for user \"u\"", C::PasswordRejected, P),
        ("28000", "Zugriff verweigert", C::NotAllowed, P),
        ("57P03", "the database system is starting up", C::StartingUp, T),
        ("57P03", "the database system is not yet accepting connections", C::StartingUp, T),
        ("57P03", "the database system is in recovery mode", C::StartingUp, T),
        ("57P03", "the database system is shutting down", C::ShuttingDown, T),
        ("53300", "sorry, too many clients already", C::TooManyConnections, T),
        (
            "53300",
            "remaining connection slots are reserved for roles with the SUPERUSER attribute",
            C::TooManyConnections,
            T,
        ),
        ("08P01", "SASL authentication failed", C::PasswordRejected, P),
        ("08P01", "no such database: nope", C::DatabaseMissing, P),
        ("08P01", "unsupported startup parameter in options: x", C::UnsupportedParameter, P),
        ("08P01", "query_wait_timeout", C::PoolerBusy, T),
        ("08P01", "no more connections allowed (max_client_conn)", C::TooManyConnections, T),
        ("08P01", "server login has been failing, try again later (server_login_retry)", C::PoolerBusy, T),
        ("08P01", "no such user: u", C::RoleMissing, P),
        ("08P01", "SSL required", C::TlsRequired, P),
        ("08P01", "something new", C::Other, P),
        ("XX000", "Tenant or user not found", C::RoleMissing, P),
        ("42704", "unrecognized configuration parameter \"x\"", C::UnsupportedParameter, P),
        ("0A000", "unsupported frontend protocol 3.0", C::Other, P),
        ("53200", "out of memory", C::Other, T),
        ("58P01", "could not open file", C::Other, T),
    ];
    for (code, message, cause, class) in before {
        let said = ServerFault { code: code.to_owned(), message: message.to_owned(), is_after_login: false };
        check(Stage::Auth, &Fault::Server(said), (Stage::Auth, cause, class, code));
    }
    let after = [
        ("3D000", "database \"nope\" does not exist", C::DatabaseMissing, P),
        ("55000", "database \"closed\" is not currently accepting connections", C::DatabaseClosed, P),
        ("42501", "permission denied for database \"private\"", C::ConnectDenied, P),
        ("53300", "too many connections for role \"limited\"", C::TooManyConnections, T),
        ("53300", "too many connections for database \"limited\"", C::TooManyConnections, T),
        ("57P01", "terminating connection due to administrator command", C::ShuttingDown, T),
        ("57P02", "terminating connection because of crash of another server process", C::ShuttingDown, T),
    ];
    for (code, message, cause, class) in after {
        let said = ServerFault { code: code.to_owned(), message: message.to_owned(), is_after_login: true };
        check(Stage::Auth, &Fault::Server(said), (Stage::Session, cause, class, code));
    }
    let queries = [
        ("57014", C::QueryFailed, T),
        ("40001", C::QueryFailed, T),
        ("40P01", C::QueryFailed, T),
        ("42501", C::QueryFailed, P),
        ("42P01", C::QueryFailed, P),
        ("55000", C::QueryFailed, P),
    ];
    for (code, cause, class) in queries {
        let said = ServerFault { code: code.to_owned(), message: "no".to_owned(), is_after_login: true };
        check(Stage::Query, &Fault::Server(said), (Stage::Query, cause, class, code));
    }
}

/// A pooler has databases, users and parameters of its own, which are no server's.
#[test]
fn poolers_are_named() {
    for (code, text, expected) in [
        ("08P01", "no such database: nope", "the pooler has no such database: no such database: nope"),
        ("08P01", "no such user: u", "the pooler knows no such user: no such user: u"),
        (
            "08P01",
            "unsupported startup parameter: options",
            "the pooler does not take a parameter of the session: unsupported startup parameter: options",
        ),
        (
            "42704",
            "unrecognized configuration parameter \"x\"",
            "the server does not take a parameter of the session: unrecognized configuration parameter \"x\"",
        ),
    ] {
        let said = ServerFault { code: code.to_owned(), message: text.to_owned(), is_after_login: false };
        assert_eq!(classify(Stage::Auth, &Fault::Server(said)).message, expected);
    }
}

#[test]
fn names() {
    check(Stage::Dns, &Fault::Name(NameFault::NotFound), (Stage::Dns, Cause::NameNotFound, P, "name-not-found"));
    check(
        Stage::Dns,
        &Fault::Name(NameFault::NoAddress),
        (Stage::Dns, Cause::NameWithoutAddress, P, "name-without-address"),
    );
    check(Stage::Dns, &Fault::Name(NameFault::TryAgain), (Stage::Dns, Cause::ResolverFailed, T, "resolver-failed"));
    check(
        Stage::Dns,
        &Fault::Name(NameFault::Other("x".into())),
        (Stage::Dns, Cause::ResolverFailed, T, "resolver-failed"),
    );
}

#[test]
fn calls_of_the_system() {
    for (kind, cause, class) in [
        (ErrorKind::ConnectionRefused, Cause::Refused, T),
        (ErrorKind::ConnectionReset, Cause::Reset, T),
        (ErrorKind::BrokenPipe, Cause::Reset, T),
        (ErrorKind::HostUnreachable, Cause::Unreachable, T),
        (ErrorKind::NetworkUnreachable, Cause::Unreachable, T),
        (ErrorKind::AddrNotAvailable, Cause::Unreachable, T),
        (ErrorKind::TimedOut, Cause::Timeout, T),
        (ErrorKind::NotFound, Cause::SocketMissing, T),
        (ErrorKind::PermissionDenied, Cause::NotPermitted, P),
        (ErrorKind::UnexpectedEof, Cause::Closed, T),
        (ErrorKind::Other, Cause::Other, T),
    ] {
        let fault = Fault::Io(IoFault::from(&Error::from(kind)));
        check(Stage::Tcp, &fault, (Stage::Tcp, cause, class, &cause.name()));
    }
    let no_descriptors = Fault::Io(IoFault::from(&Error::from_raw_os_error(24)));
    check(Stage::Tcp, &no_descriptors, (Stage::Tcp, Cause::OutOfDescriptors, T, "out-of-descriptors"));
}

#[test]
fn certificates_and_handshakes() {
    for (code, cause) in [
        (9, Cause::CertificateNotYetValid),
        (10, Cause::CertificateExpired),
        (18, Cause::CertificateUntrusted),
        (19, Cause::CertificateUntrusted),
        (20, Cause::CertificateUntrusted),
        (23, Cause::CertificateRevoked),
        (26, Cause::CertificateInvalid),
        (62, Cause::CertificateHostMismatch),
        (64, Cause::CertificateHostMismatch),
    ] {
        let fault = Fault::Tls(TlsFault::Certificate { code, text: "unsupported purpose".into() });
        check(Stage::Tls, &fault, (Stage::Tls, cause, P, &cause.name()));
    }
    for (reason, cause) in [
        ("tlsv13 alert certificate required", Cause::ClientCertificateRefused),
        ("tlsv1 alert unknown ca", Cause::ClientCertificateRefused),
        ("tlsv1 alert protocol version", Cause::TlsHandshake),
        ("wrong version number", Cause::WrongProtocol),
        ("tlsv1 alert internal error", Cause::TlsHandshake),
    ] {
        let fault = Fault::Tls(TlsFault::Handshake(reason.into()));
        check(Stage::Tls, &fault, (Stage::Tls, cause, P, &cause.name()));
    }
}

#[test]
fn what_takes_too_long_is_not_called_silent() {
    // A server that drips bytes, or sends notices without end, says much.
    for (stage, expected) in [
        (Stage::Dns, "the resolver of names did not answer in time"),
        (Stage::Tcp, "the address did not answer in time"),
        (Stage::Tls, "the TLS handshake did not finish in time"),
        (Stage::Auth, "the login did not finish in time"),
        (Stage::Session, "the session did not begin in time"),
        (Stage::Query, "a query did not finish in time"),
    ] {
        assert_eq!(classify(stage, &Fault::Timeout).message, expected);
    }
}

#[test]
fn everything_else() {
    let misfit = Misfit {
        cause: Cause::RootCertificateMissing,
        message: "it is not there".into(),
        key: Some(Key::SslRootCert),
        stage: None,
    };
    let broken = ServerFault { code: "58P01".into(), message: "no file".into(), is_after_login: true };
    for (stage, fault, expected) in [
        (Stage::Auth, Fault::Closed, (Stage::Auth, Cause::Closed, T, "closed")),
        (Stage::Tls, Fault::Timeout, (Stage::Tls, Cause::Timeout, T, "timeout")),
        (Stage::Auth, Fault::TooMuch, (Stage::Auth, Cause::TooMuchData, P, "too-much-data")),
        (Stage::Tls, Fault::Protocol(Protocol::Http), (Stage::Tls, Cause::WrongProtocol, P, "wrong-protocol")),
        (Stage::Tls, Fault::TlsRefused, (Stage::Tls, Cause::TlsRefused, P, "tls-refused")),
        (Stage::Auth, Fault::NoPassword, (Stage::Auth, Cause::PasswordMissing, P, "password-missing")),
        (Stage::Auth, Fault::ChannelBinding("no"), (Stage::Auth, Cause::ChannelBinding, P, "channel-binding")),
        (Stage::Auth, Fault::Refused("no".to_owned()), (Stage::Auth, Cause::ServerRefused, P, "server-refused")),
        (Stage::Session, Fault::Session("read-write"), (Stage::Session, Cause::WrongSession, T, "wrong-session")),
        (
            Stage::Query,
            Fault::NoExtension { is_available: true },
            (Stage::Extension, Cause::ExtensionMissing, P, "extension-missing"),
        ),
        (Stage::Query, Fault::BrokenExtension(broken), (Stage::Extension, Cause::ExtensionBroken, P, "58P01")),
        (
            Stage::Tls,
            Fault::Configuration(misfit),
            (Stage::Tls, Cause::RootCertificateMissing, P, "root-certificate-missing"),
        ),
        (Stage::Auth, Fault::Limitation("no".into()), (Stage::Auth, Cause::Limitation, P, "limitation")),
        (Stage::Auth, Fault::Driver("no".into()), (Stage::Auth, Cause::WrongProtocol, P, "wrong-protocol")),
    ] {
        check(stage, &fault, expected);
    }
}

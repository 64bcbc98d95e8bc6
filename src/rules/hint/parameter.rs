//! Hints about values of the configuration that cannot be used, by this machine or by the server.

use crate::model::health::{Cause, Failure, Stage, Subject};
use crate::model::{Configuration, Key, Origin, Setting};
use crate::rules::command;

use super::scene::{Scene, origin, parameter_origin};

/// The longest path of a socket that Linux takes, in bytes (`sun_path` of unix(7), less the zero at its end).
const LONGEST_SOCKET: usize = 107;

pub(super) fn hint(scene: &Scene<'_>) -> String {
    if scene.cause() == Cause::UnsupportedParameter {
        return unsupported(scene);
    }
    let again = scene.again("");
    if is_about_service(scene.failure)
        && let Some(service) = scene.parameter("service")
    {
        return format!(
            "write `[{service}]` with its host and database into ~/.pg_service.conf, or mend the name{}; PGSERVICEFILE \
             names another file",
            scene.at_parameter("service")
        );
    }
    let Some(key) = scene.failure.key else { return keyless(scene) };
    let at = scene.at(&[key]);
    match key {
        Key::SslRootCert => format!(
            "ssl_root_cert{at} has to name a file with certificates in PEM: `openssl x509 -noout -subject -in {}` shows \
             the first",
            file(scene, key)
        ),
        Key::PasswordFile => format!(
            "password_file{at} has to name a file that this user may read, the password in its first line: `ls -l {}`",
            file(scene, key)
        ),
        _ => format!("mend {}{at}, then {again}", key.path()),
    }
}

/// The line to change where a failure is about a key or a parameter, and not about where the server is.
pub(super) fn place(configuration: &Configuration, subject: &Subject, failure: &Failure) -> Option<Origin> {
    if let Some(key) = failure.key {
        return origin(configuration, subject, &[key]);
    }
    let name = match failure.cause {
        Cause::UnsupportedParameter => "options",
        Cause::Configuration if is_about_service(failure) => "service",
        _ if is_direct_tls(configuration, subject, failure) => "sslnegotiation",
        _ => return None,
    };
    parameter_origin(configuration, subject, name)
}

/// A parameter of the session, which a pooler or the server refuses.
fn unsupported(scene: &Scene<'_>) -> String {
    let given = scene.at_parameter("options");
    if scene.is_of_pooler() {
        return format!(
            "it is a pooler that refuses it: name it in PgBouncer's `ignore_startup_parameters`, or leave it out{given}"
        );
    }
    let whence = if given.is_empty() {
        "look at the parameters of the connection and at PGOPTIONS".to_owned()
    } else {
        format!("mend `options`{given}")
    };
    format!("the server does not know it, or takes no such value: {whence}; `show all` in psql lists what it knows")
}

/// Of some failures nobody says which key they are about.
fn keyless(scene: &Scene<'_>) -> String {
    let at = scene.at(scene.places());
    let host = scene.host().unwrap_or_default();
    let socket = format!("{host}/.s.PGSQL.{}", scene.port().unwrap_or_default());
    if scene.failure.stage == Stage::Tcp && host.starts_with('/') && socket.len() > LONGEST_SOCKET {
        return format!(
            "the path of the socket has {} bytes, and the system takes {LONGEST_SOCKET}: name a shorter folder{at}, such \
             as a link to it, or `localhost` to go by TCP",
            socket.len()
        );
    }
    format!("mend it where {} is described{at}, then {}", scene.name(), scene.again(""))
}

/// Whether the server was to begin with TLS, and broke off where it does: so do those that do not know it.
pub(super) fn is_direct_tls(configuration: &Configuration, subject: &Subject, failure: &Failure) -> bool {
    let said = configuration.connection(subject).and_then(|connection| connection.parameters.get("sslnegotiation"));
    // The versions of TLS may differ with such a server as with any other.
    failure.cause == Cause::TlsHandshake
        && failure.message.contains("does not begin with TLS")
        && said.and_then(Setting::effective).as_deref() == Some("direct")
}

fn is_about_service(failure: &Failure) -> bool {
    failure.key.is_none() && failure.cause == Cause::Configuration && failure.message.contains("service")
}

/// The file that a key names, as a shell takes it.
fn file(scene: &Scene<'_>, key: Key) -> String {
    scene.get(key).map_or_else(|| "FILE".to_owned(), |path| command::quoted(&path))
}

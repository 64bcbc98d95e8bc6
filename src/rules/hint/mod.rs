//! Hints: what to try next when a target does not answer as it should. One or two sentences, with the line to change and
//! the next command.
//!
//! They are chosen by the cause of the failure, and speak of what the configuration says. No hint holds a password, and
//! none is carried out by itself.

mod database;
mod host;
mod login;
mod missing;
mod parameter;
mod scene;
mod state;
mod tls;

use crate::model::health::{Cause, Health, Subject, TargetHealth};
use crate::model::{Configuration, Key, Origin};

pub(super) use login::identifier;
use scene::Scene;
pub(super) use scene::{origin, parameter_origin};

/// What to try next for a target: nothing if it is well.
pub fn hint(configuration: &Configuration, health: &Health, target: &TargetHealth) -> Option<String> {
    let failure = target.failure.as_ref()?;
    let scene = Scene::new(configuration, health, target, failure);
    Some(match failure.cause {
        Cause::NameNotFound | Cause::NameWithoutAddress | Cause::ResolverFailed => host::name(&scene),
        Cause::Refused
        | Cause::Unreachable
        | Cause::SocketMissing
        | Cause::NotPermitted
        | Cause::Timeout
        | Cause::Reset
        | Cause::Closed
        | Cause::WrongProtocol => host::address(&scene),
        cause if cause.is_tls() => tls::hint(&scene),
        cause if cause.is_login() => login::hint(&scene),
        Cause::DatabaseMissing | Cause::DatabaseClosed | Cause::ExtensionMissing | Cause::ExtensionBroken => {
            database::hint(&scene)
        }
        Cause::Placeholder | Cause::UnresolvedVariable | Cause::NoPlace => return missing::hint(&scene),
        Cause::Configuration | Cause::UnsupportedParameter => parameter::hint(&scene),
        _ => state::hint(&scene),
    })
}

/// The line to change for a target that failed: of the host if it is not found, of the password if that is rejected. A
/// value that is a variable is changed where the variable gets its value.
pub fn place(configuration: &Configuration, target: &TargetHealth) -> Option<Origin> {
    let failure = target.failure.as_ref();
    let cause = failure.map_or(Cause::Other, |failure| failure.cause);
    if let Some(failure) = failure
        && let Some(place) = parameter::place(configuration, &target.subject, failure)
    {
        return Some(place);
    }
    if matches!(cause, Cause::Placeholder | Cause::UnresolvedVariable)
        && let Some(key) = missing::key(configuration, &target.subject)
    {
        return origin(configuration, &target.subject, &[key]);
    }
    origin(configuration, &target.subject, keys(cause, &target.subject))
}

/// The keys that a cause is about, the closest first. The keys of a service stand behind those of a database.
fn keys(cause: Cause, subject: &Subject) -> &'static [Key] {
    if matches!(subject, Subject::Service { .. }) {
        return &[];
    }
    match cause {
        Cause::TlsRefused | Cause::TlsRequired | Cause::TlsHandshake => &[Key::SslMode, Key::Host],
        Cause::CertificateUntrusted | Cause::RootCertificateMissing => &[Key::SslRootCert, Key::SslMode, Key::Host],
        Cause::ClientCertificateUnusable | Cause::ClientCertificateRefused => &[Key::SslCert, Key::SslKey, Key::Host],
        Cause::PasswordRejected | Cause::PasswordMissing => &[Key::Password, Key::PasswordFile, Key::Username],
        Cause::RoleMissing | Cause::RoleCannotLogin | Cause::ConnectDenied | Cause::ConnectionsForbidden => {
            &[Key::Username]
        }
        Cause::DatabaseMissing | Cause::DatabaseClosed | Cause::ExtensionMissing | Cause::ExtensionBroken => {
            &[Key::Database]
        }
        Cause::WrongProtocol => &[Key::Port, Key::Host],
        _ => &[],
    }
}

//! Hints about encryption and certificates.

use crate::model::Key;
use crate::model::health::Cause;

use super::parameter::is_direct_tls;
use super::scene::Scene;

pub(super) fn hint(scene: &Scene<'_>) -> String {
    if is_direct_tls(scene.configuration, &scene.target.subject, scene.failure) {
        return format!(
            "servers before PostgreSQL 17 do not know `sslnegotiation=direct` and close the connection: leave it out{}, \
             and no encryption is lost",
            scene.at_parameter("sslnegotiation")
        );
    }
    let mode = scene.at(&[Key::SslMode]);
    let root = scene.at(&[Key::SslRootCert]);
    let host = scene.at(&[Key::Host]);
    match scene.cause() {
        Cause::TlsRefused => format!(
            "the server has no TLS: switch it on there (`ssl = on`); only where nobody can listen on the way, set \
             ssl_mode{mode} to `prefer`"
        ),
        Cause::TlsRequired => format!(
            "the server takes encrypted connections only: set ssl_mode{mode} to `require`, or better `verify-full`"
        ),
        Cause::CertificateUntrusted if scene.get(Key::SslRootCert).as_deref() == Some("system") => format!(
            "no authority that this machine trusts has signed the server's certificate: name the one that has as \
             ssl_root_cert{root}"
        ),
        Cause::CertificateUntrusted if scene.has(Key::SslRootCert) => format!(
            "ssl_root_cert{root} is not the authority that has signed the server's certificate: ask for the current \
             one; RDS publishes one bundle for all its regions"
        ),
        Cause::CertificateUntrusted => {
            "name the authority that has signed the server's certificate as ssl_root_cert; for a public one write \
             `system`"
                .to_owned()
        }
        Cause::CertificateHostMismatch => format!(
            "the certificate is for another name: write the name that it holds as the host{host}, or have one made \
             for this name; `verify-ca` would not look at the name"
        ),
        Cause::CertificateExpired => {
            "the server's certificate has expired: renew it there; the clock of this machine may be wrong too"
                .to_owned()
        }
        Cause::CertificateNotYetValid => {
            "the server's certificate is not valid yet: compare the clocks of the server and of this machine".to_owned()
        }
        Cause::CertificateRevoked => "the server's certificate was revoked: have a new one made".to_owned(),
        Cause::CertificateInvalid => match openssl(scene) {
            Some(command) => format!("look at the certificate with `{command}`, and have a valid one made"),
            None => "have a valid certificate made for the server".to_owned(),
        },
        Cause::RootCertificateMissing if scene.has(Key::SslRootCert) => {
            format!("the file of ssl_root_cert{root} is not there: put the authority's certificate there")
        }
        Cause::RootCertificateMissing => format!(
            "ssl_mode{mode} needs the authority's certificate: name it as ssl_root_cert, or put it into \
             ~/.postgresql/root.crt"
        ),
        Cause::ClientCertificateUnusable => format!(
            "check ssl_cert{} and ssl_key{} (and sslpassword, if the key is encrypted): `openssl x509 -noout -pubkey \
             -in` and `openssl pkey -pubout -in` have to say the same about them",
            scene.at(&[Key::SslCert]),
            scene.at(&[Key::SslKey])
        ),
        Cause::ClientCertificateRefused if scene.has(Key::SslCert) => format!(
            "the server does not take this certificate{}: its `ssl_ca_file` has to know who signed it, and the name \
             in it has to be the user's",
            scene.at(&[Key::SslCert])
        ),
        Cause::ClientCertificateRefused => {
            "the server wants a client certificate: name it as ssl_cert, and its key as ssl_key".to_owned()
        }
        _ => match openssl(scene) {
            Some(command) => {
                format!("the two do not agree on a version or cipher of TLS: `{command}` shows what the server offers")
            }
            None => "the two do not agree on a version or cipher of TLS".to_owned(),
        },
    }
}

/// The command that shows a server's certificate.
fn openssl(scene: &Scene<'_>) -> Option<String> {
    let host = scene.host().filter(|_| scene.connection.is_some())?;
    let target = crate::rules::command::quoted(&format!("{host}:{}", scene.port()?));
    Some(format!("openssl s_client -starttls postgres -connect {target}"))
}

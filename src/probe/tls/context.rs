//! A context of OpenSSL: whom to trust, and who we are.

use std::fs;
use std::path::Path;

use openssl::pkey::{PKey, Private};
use openssl::ssl::{SslContext, SslContextBuilder, SslFiletype, SslMethod, SslVersion};
use openssl::x509::store::X509Lookup;
use openssl::x509::verify::X509VerifyFlags;

use crate::model::Key;
use crate::model::health::{Cause, Stage};
use crate::probe::classify::Misfit;
use crate::probe::fault::{Fault, TlsFault};

use super::settings::{CertificateMode, Mode, Negotiation, Root, TlsSettings, Version};

/// Builds the context of some settings. Reads the files that they name.
pub(super) fn build(settings: &TlsSettings) -> Result<SslContext, Fault> {
    let mut builder = SslContextBuilder::new(SslMethod::tls_client()).map_err(|error| internal(&error))?;
    builder.set_min_proto_version(Some(version(settings.oldest))).map_err(|error| internal(&error))?;
    builder.set_max_proto_version(settings.newest.map(version)).map_err(|error| internal(&error))?;
    if settings.negotiation == Negotiation::Direct {
        builder.set_alpn_protos(b"\x0apostgresql").map_err(|error| internal(&error))?;
    }
    trust(&mut builder, settings)?;
    if settings.certificate_mode != CertificateMode::Disable
        && let Some(certificate) = &settings.certificate
    {
        identify(&mut builder, settings, certificate)?;
    }
    Ok(builder.build())
}

/// Says whom to trust.
fn trust(builder: &mut SslContextBuilder, settings: &TlsSettings) -> Result<(), Fault> {
    match &settings.root {
        Root::System => builder.set_default_verify_paths().map_err(|error| internal(&error))?,
        Root::File(path) if path.exists() => {
            let unusable = |_| {
                let path = path.display();
                let message = format!("the root certificate `{path}` cannot be read as one");
                misfit(Cause::Configuration, message, Key::SslRootCert)
            };
            builder.load_verify_locations(Some(path), None).map_err(unusable)?;
        }
        Root::File(path) if settings.mode >= Mode::VerifyCa => {
            let message = format!("the root certificate `{}` is not there", path.display());
            return Err(misfit(Cause::RootCertificateMissing, message, Key::SslRootCert));
        }
        Root::Missing if settings.mode >= Mode::VerifyCa => {
            let message = "no root certificate is configured, and there is no ~/.postgresql/root.crt".to_owned();
            return Err(misfit(Cause::RootCertificateMissing, message, Key::SslMode));
        }
        Root::File(_) | Root::Missing => {}
    }
    let Some(revoked) = settings.revoked.as_ref().filter(|path| path.exists()) else { return Ok(()) };
    let unusable = |_| {
        let message = format!("the list of revoked certificates `{}` cannot be read as one", revoked.display());
        misfit(Cause::Configuration, message, None)
    };
    let store = builder.cert_store_mut();
    let lookup = store.add_lookup(X509Lookup::file()).map_err(|error| internal(&error))?;
    lookup.load_crl_file(revoked, SslFiletype::PEM).map_err(unusable)?;
    let flags = X509VerifyFlags::CRL_CHECK | X509VerifyFlags::CRL_CHECK_ALL;
    store.set_flags(flags).map_err(|error| internal(&error))
}

/// Says who we are.
fn identify(builder: &mut SslContextBuilder, settings: &TlsSettings, certificate: &Path) -> Result<(), Fault> {
    let unusable = |message: String, key: Key| misfit(Cause::ClientCertificateUnusable, message, key);
    let shown = certificate.display();
    builder
        .set_certificate_chain_file(certificate)
        .map_err(|_| unusable(format!("the client certificate `{shown}` cannot be read as one"), Key::SslCert))?;
    let Some(path) = &settings.key else {
        let message = format!("the client certificate `{shown}` has no key: ssl_key is not set");
        return Err(unusable(message, Key::SslCert));
    };
    let key = path.display();
    let unreadable = || format!("the key `{key}` of the client certificate cannot be read");
    let bytes = fs::read(path).map_err(|_| unusable(unreadable(), Key::SslKey))?;
    let key_of = parse_key(&bytes, settings).ok_or_else(|| {
        let is_encrypted = bytes.windows(9).any(|window| window == b"ENCRYPTED");
        let message = match (is_encrypted, &settings.key_password) {
            (true, None) => format!("the key `{key}` is encrypted, and there is no sslpassword"),
            (true, Some(_)) => format!("the key `{key}` cannot be decrypted with the sslpassword"),
            (false, _) => format!("the key `{key}` cannot be read as one"),
        };
        unusable(message, Key::SslKey)
    })?;
    let fits = builder.set_private_key(&key_of).and_then(|()| builder.check_private_key());
    let other = || format!("the key `{key}` is not the one of the client certificate `{shown}`");
    fits.map_err(|_| unusable(other(), Key::SslKey))
}

/// A key in any form that OpenSSL knows: PKCS#8, PKCS#1, SEC1, encrypted or not, PEM or DER.
fn parse_key(bytes: &[u8], settings: &TlsSettings) -> Option<PKey<Private>> {
    // Without a password OpenSSL would ask for one at the terminal.
    let password = settings.key_password.as_ref().map_or("", |password| password.expose());
    let pem = PKey::private_key_from_pem_callback(bytes, |buffer| {
        let length = password.len().min(buffer.len());
        buffer[..length].copy_from_slice(&password.as_bytes()[..length]);
        Ok(length)
    });
    pem.or_else(|_| PKey::private_key_from_der(bytes)).ok()
}

fn version(version: Version) -> SslVersion {
    match version {
        Version::Tls10 => SslVersion::TLS1,
        Version::Tls11 => SslVersion::TLS1_1,
        Version::Tls12 => SslVersion::TLS1_2,
        Version::Tls13 => SslVersion::TLS1_3,
    }
}

fn misfit(cause: Cause, message: String, key: impl Into<Option<Key>>) -> Fault {
    Fault::Configuration(Misfit { cause, message, key: key.into(), stage: Some(Stage::Tls) })
}

fn internal(error: &openssl::error::ErrorStack) -> Fault {
    Fault::Tls(TlsFault::Handshake(super::reason(error)))
}

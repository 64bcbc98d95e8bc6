//! Encryption: the mode, and which files are used, with libpq's defaults and its demands on a key.

use std::path::{Path, PathBuf};

use super::Notes;
use super::failure::{certificate, configuration};
use super::files::{self, Facts};
use super::parameters::{Given, Parameters};
use super::surroundings::Surroundings;
use crate::model::health::Failure;
use crate::probe::tls::{CertificateMode, Mode, Negotiation, Root, TlsSettings, Version};
use crate::redact::{Secret, show_text};

const MODES: &[(&str, Mode)] = &[
    ("disable", Mode::Disable),
    ("allow", Mode::Allow),
    ("prefer", Mode::Prefer),
    ("require", Mode::Require),
    ("verify-ca", Mode::VerifyCa),
    ("verify-full", Mode::VerifyFull),
];

const NEGOTIATIONS: &[(&str, Negotiation)] = &[("postgres", Negotiation::Postgres), ("direct", Negotiation::Direct)];

const CERTIFICATE_MODES: &[(&str, CertificateMode)] =
    &[("disable", CertificateMode::Disable), ("allow", CertificateMode::Allow), ("require", CertificateMode::Require)];

const VERSIONS: &[(&str, Version)] =
    &[("TLSv1", Version::Tls10), ("TLSv1.1", Version::Tls11), ("TLSv1.2", Version::Tls12), ("TLSv1.3", Version::Tls13)];

/// How to encrypt. `base` is where relative paths of the configuration start; `is_local` says that all hosts are sockets
/// of this machine, on which nothing is encrypted, whatever the mode says.
pub(super) fn settings(
    parameters: &Parameters,
    is_local: bool,
    surroundings: &Surroundings,
    base: &Path,
    notes: &mut Notes,
) -> Result<TlsSettings, Failure> {
    let mode = parameters.choice("sslmode", MODES)?;
    let negotiation = parameters.choice("sslnegotiation", NEGOTIATIONS)?;
    let certificate_mode = parameters.choice("sslcertmode", CERTIFICATE_MODES)?;
    let oldest = version(parameters, "ssl_min_protocol_version")?.unwrap_or_default();
    let newest = version(parameters, "ssl_max_protocol_version")?;
    if let Some(newest) = newest
        && newest < oldest
    {
        let message =
            "`ssl_max_protocol_version` is older than `ssl_min_protocol_version` (TLSv1.2 if nothing is said)";
        return Err(configuration(message.to_owned()));
    }
    if negotiation == Negotiation::Direct && mode < Mode::Require {
        return Err(too_weak(parameters, "sslnegotiation=direct", "are require, verify-ca and verify-full"));
    }
    let files = Files { parameters, surroundings, base };
    let root = match parameters.text("sslrootcert") {
        Some("system") if mode == Mode::VerifyFull => Root::System,
        Some("system") => return Err(too_weak(parameters, "sslrootcert=system", "is verify-full")),
        _ => files.named("sslrootcert").or_else(|| files.default("root.crt")).map_or(Root::Missing, Root::File),
    };
    let settings = TlsSettings {
        mode,
        root,
        certificate: None,
        key: None,
        key_password: parameters.text("sslpassword").map(Secret::new),
        certificate_mode,
        // What is not there is passed over, even if somebody names it.
        revoked: files.named("sslcrl").filter(|path| path.exists()).or_else(|| files.default_revoked()),
        oldest,
        newest,
        is_unnamed: parameters.get("sslsni").is_some_and(|given| !given.text().starts_with('1')),
        negotiation,
    };
    if mode == Mode::Disable || is_local {
        return Ok(settings);
    }
    if parameters.text("sslcrldir").is_some() {
        let sentence = "the probe cannot read revocation lists of a directory, which sslcrldir asks for";
        if mode >= Mode::Require { notes.limitation(sentence) } else { notes.excuse(sentence) }
    }
    files.with_certificate(settings, notes)
}

/// That the mode is weaker than another parameter wants.
fn too_weak(parameters: &Parameters, with: &str, valid: &str) -> Failure {
    match parameters.get("sslmode") {
        Some(given) => given.misfit(&format!("with {with} {valid}")),
        None => configuration(format!("`sslmode` is not given, which means prefer; valid with {with} {valid}")),
    }
}

/// A version of TLS. The capitals do not count, and the empty text is the default.
fn version(parameters: &Parameters, name: &str) -> Result<Option<Version>, Failure> {
    let Some(given) = parameters.filled(name) else { return Ok(None) };
    let known = VERSIONS.iter().find(|(word, _)| word.eq_ignore_ascii_case(given.text()));
    known.map_or_else(|| given.choose(VERSIONS), |(_, version)| Ok(*version)).map(Some)
}

/// The files that encryption needs.
struct Files<'a> {
    parameters: &'a Parameters,
    surroundings: &'a Surroundings,
    base: &'a Path,
}

impl Files<'_> {
    /// The file that a parameter names.
    fn named(&self, parameter: &str) -> Option<PathBuf> {
        self.parameters.filled(parameter).map(|given| given.path(self.base))
    }

    /// The file of libpq's own directory, if it is there.
    fn default(&self, name: &str) -> Option<PathBuf> {
        let directory = self.surroundings.at_home(".postgresql", "")?;
        Some(directory.join(name)).filter(|path| path.exists())
    }

    /// libpq's own list of revoked certificates, if no other is named.
    fn default_revoked(&self) -> Option<PathBuf> {
        let is_named = |name| self.parameters.filled(name).is_some();
        if is_named("sslcrl") || is_named("sslcrldir") { None } else { self.default("root.crl") }
    }

    /// The client certificate and its key.
    fn with_certificate(&self, mut settings: TlsSettings, notes: &mut Notes) -> Result<TlsSettings, Failure> {
        if settings.certificate_mode == CertificateMode::Disable {
            return Ok(settings);
        }
        let certificate = self.named("sslcert").or_else(|| self.default("postgresql.crt"));
        // A certificate that is not there is none: the server may let one in without.
        let is_there = |path: &PathBuf| !files::facts(path).is_err_and(|error| files::is_absence(&error));
        let Some(certificate) = certificate.filter(is_there) else { return Ok(settings) };
        if self.parameters.text("sslkey").is_some_and(|key| cfg!(unix) && key.contains(':')) {
            notes.excuse("the probe cannot use a key that a device keeps, which sslkey asks for");
            return Ok(settings);
        }
        let directory = || self.surroundings.at_home(".postgresql", "");
        let key = self.named("sslkey").or_else(|| directory().map(|it| it.join("postgresql.key")));
        if let Some(key) = &key
            && let Some(flaw) = flaw(key, self.parameters.filled("sslkey"))
        {
            return match settings.mode {
                // libpq gives up on encryption then, and takes the plain connection that these modes allow.
                Mode::Allow | Mode::Prefer => {
                    notes.remark(format!("no encryption is tried, since {flaw}"));
                    settings.mode = Mode::Disable;
                    Ok(settings)
                }
                _ => {
                    let of = |name| self.parameters.filled(name).and_then(Given::key);
                    Err(self::certificate(flaw).about(of("sslkey").or_else(|| of("sslcert"))))
                }
            };
        }
        settings.certificate = Some(certificate);
        settings.key = key;
        Ok(settings)
    }
}

/// Why libpq does not use a key, if it does not.
fn flaw(key: &Path, given: Option<&Given>) -> Option<String> {
    let reason = match files::facts(key) {
        Ok(facts) => flaw_of(facts)?.to_owned(),
        Err(error) if files::is_absence(&error) => "is not there, although its certificate is".to_owned(),
        Err(error) => format!("cannot be looked at: {}", files::reason(&error)),
    };
    let of = given.map(|given| format!(" of {}", given.name())).unwrap_or_default();
    Some(format!("the key `{}`{of} {reason}", show_text(&key.to_string_lossy())))
}

/// Why a key is not used, by what the system knows of it. Root's keys may be read by their group, so that a server and
/// its clients can share them.
fn flaw_of(facts: Facts) -> Option<&'static str> {
    let forbidden = if facts.owner == 0 { 0o037 } else { 0o077 };
    if !facts.is_plain {
        Some("is no plain file")
    } else if facts.mode & forbidden != 0 {
        Some("can be read by others; libpq wants the mode 0600 or less, or 0640 or less if root owns it")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_others_can_read_are_not_used() {
        let check = |is_plain, owner, mode, expected: bool| {
            assert_eq!(flaw_of(Facts { is_plain, owner, mode }).is_none(), expected, "{is_plain} {owner} {mode:o}");
        };
        check(true, 1000, 0o600, true);
        check(true, 1000, 0o400, true);
        check(true, 1000, 0o700, true);
        check(true, 1000, 0o640, false);
        check(true, 0, 0o640, true);
        check(true, 0, 0o660, false);
        check(true, 0, 0o604, false);
        check(false, 0, 0o600, false);
    }
}

//! An authority of the tests, and certificates and keys in every state and form that a server or client may have.
//!
//! All are made once for the test program: one RSA key serves all clients, one elliptic key all servers.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::symm::Cipher;
use openssl::x509::extension::{BasicConstraints, KeyUsage, SubjectAlternativeName};
use openssl::x509::{X509, X509Builder, X509Name, X509NameBuilder};

use super::running::Sentinel;
use crate::support::TestDirectory;

/// The password of the encrypted keys.
pub(crate) const KEY_PASSWORD: &str = "Invented-0815";

/// The role that the client certificates name, and their role of PostgreSQL.
pub(crate) const CERTIFIED_ROLE: &str = "certified";

/// A day, in seconds.
const DAY: i64 = 24 * 60 * 60;

/// The certificate that a server shows. All but [`ServerCertificate::SelfSigned`] are signed by the authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ServerCertificate {
    /// For `localhost` and `127.0.0.1`, valid since yesterday and for a month.
    Good,
    /// Like the good one, but it ended yesterday.
    Expired,
    /// Like the good one, but it begins tomorrow.
    NotYetValid,
    /// For `other.example.com` only.
    WrongHost,
    /// `localhost` is its common name, and it has no alternative names.
    CommonNameOnly,
    /// Like the good one, but on the authority's list of revoked ones.
    Revoked,
    /// Like the good one, but signed by itself.
    SelfSigned,
}

impl ServerCertificate {
    /// All of them.
    pub(crate) const ALL: [Self; 7] = [
        Self::Good,
        Self::Expired,
        Self::NotYetValid,
        Self::WrongHost,
        Self::CommonNameOnly,
        Self::Revoked,
        Self::SelfSigned,
    ];

    /// The certificate's file.
    pub(crate) fn file(self) -> PathBuf {
        authority().path(&format!("{}.crt", self.name()))
    }

    /// The file of its key.
    pub(crate) fn key_file() -> PathBuf {
        authority().path("server.key")
    }

    fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Expired => "expired",
            Self::NotYetValid => "not-yet-valid",
            Self::WrongHost => "wrong-host",
            Self::CommonNameOnly => "common-name-only",
            Self::Revoked => "revoked",
            Self::SelfSigned => "self-signed",
        }
    }

    /// When it begins and ends, in days from now.
    fn days(self) -> (i64, i64) {
        match self {
            Self::Expired => (-30, -1),
            Self::NotYetValid => (1, 30),
            _ => (-1, 30),
        }
    }

    /// Its number at the authority.
    fn serial(self) -> u32 {
        100 + Self::ALL.iter().position(|one| *one == self).and_then(|at| u32::try_from(at).ok()).expect("one of ALL")
    }
}

/// The form of a client's key. Each has its own file; the keys themselves are one RSA key and one elliptic one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClientKey {
    /// `BEGIN PRIVATE KEY`.
    Pkcs8,
    /// `BEGIN RSA PRIVATE KEY`.
    Pkcs1,
    /// `BEGIN EC PRIVATE KEY`, with its own certificate.
    Elliptic,
    /// `BEGIN ENCRYPTED PRIVATE KEY`, with [`KEY_PASSWORD`].
    EncryptedPkcs8,
    /// `BEGIN RSA PRIVATE KEY` with `Proc-Type: 4,ENCRYPTED`, with [`KEY_PASSWORD`].
    EncryptedPkcs1,
    /// PKCS#8 without text around it, which libpq reads too.
    Der,
}

impl ClientKey {
    /// All of them.
    pub(crate) const ALL: [Self; 6] =
        [Self::Pkcs8, Self::Pkcs1, Self::Elliptic, Self::EncryptedPkcs8, Self::EncryptedPkcs1, Self::Der];

    /// The file of the key; only its owner can read it.
    pub(crate) fn file(self) -> PathBuf {
        authority().path(match self {
            Self::Pkcs8 => "client-pkcs8.key",
            Self::Pkcs1 => "client-pkcs1.key",
            Self::Elliptic => "client-elliptic.key",
            Self::EncryptedPkcs8 => "client-encrypted-pkcs8.key",
            Self::EncryptedPkcs1 => "client-encrypted-pkcs1.key",
            Self::Der => "client.der",
        })
    }

    /// The certificate that goes with it, for [`CERTIFIED_ROLE`].
    pub(crate) fn certificate_file(self) -> PathBuf {
        authority().path(if self == Self::Elliptic { "client-elliptic.crt" } else { "client.crt" })
    }
}

/// The authority's own certificate: `sslrootcert`.
pub(crate) fn root_file() -> PathBuf {
    authority().path("root.crt")
}

/// The certificate of another authority, which signed nothing.
pub(crate) fn other_root_file() -> PathBuf {
    authority().path("other-root.crt")
}

/// The authority's list of revoked certificates: `sslcrl`.
pub(crate) fn revoked_file() -> PathBuf {
    authority().path("revoked.crl")
}

/// The directory that holds all of them.
#[derive(Debug)]
struct Authority {
    directory: TestDirectory,
    /// Shared values are never dropped, so the directory is removed by its sentinel.
    _sentinel: Sentinel,
}

impl Authority {
    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}

fn authority() -> &'static Authority {
    static AUTHORITY: LazyLock<Authority> = LazyLock::new(make);
    &AUTHORITY
}

/// Makes all files.
fn make() -> Authority {
    let directory = TestDirectory::new();
    let root = Issuer::new("Authority of the tests", 1);
    let write = |name: &str, bytes: &[u8]| write_private(&directory.path().join(name), bytes);
    write("root.crt", &root.certificate.to_pem().expect("a certificate as text"));
    write("root.key", &root.key.private_key_to_pem_pkcs8().expect("a key as text"));
    let other = Issuer::new("Another authority", 2);
    write("other-root.crt", &other.certificate.to_pem().expect("a certificate as text"));

    let key = elliptic_key();
    write("server.key", &key.private_key_to_pem_pkcs8().expect("a key as text"));
    for kind in ServerCertificate::ALL {
        write(&format!("{}.crt", kind.name()), &server_certificate(kind, &key, &root));
    }

    let rsa = Rsa::generate(2048).expect("make a key");
    let client = PKey::from_rsa(rsa.clone()).expect("a key");
    let (cipher, password) = (Cipher::aes_256_cbc(), KEY_PASSWORD.as_bytes());
    write("client-pkcs8.key", &client.private_key_to_pem_pkcs8().expect("a key as text"));
    write("client-pkcs1.key", &rsa.private_key_to_pem().expect("a key as text"));
    write(
        "client-encrypted-pkcs8.key",
        &client.private_key_to_pem_pkcs8_passphrase(cipher, password).expect("a key as text"),
    );
    write("client-encrypted-pkcs1.key", &rsa.private_key_to_pem_passphrase(cipher, password).expect("a key as text"));
    write("client.der", &client.private_key_to_pkcs8().expect("a key as bytes"));
    write("client.crt", &client_certificate(&client, &root, 10));
    let elliptic = elliptic_key();
    let text = elliptic.ec_key().and_then(|key| key.private_key_to_pem()).expect("a key as text");
    write("client-elliptic.key", &text);
    write("client-elliptic.crt", &client_certificate(&elliptic, &root, 11));

    revoke(directory.path(), ServerCertificate::Revoked);
    let sentinel = Sentinel::of_directory(directory.path());
    Authority { directory, _sentinel: sentinel }
}

/// Writes a file that only its owner can read, as libpq demands of keys.
fn write_private(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).expect("write a certificate or key");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("close a key to others");
}

/// Who signs.
struct Issuer {
    certificate: X509,
    key: PKey<Private>,
}

impl Issuer {
    fn new(common_name: &str, serial: u32) -> Self {
        let key = elliptic_key();
        let name = name(common_name);
        let mut builder = builder(&name, &key, serial, (-60, 60));
        builder.set_issuer_name(&name).expect("name the issuer");
        builder
            .append_extension(BasicConstraints::new().critical().ca().build().expect("an extension"))
            .expect("add it");
        let usage = KeyUsage::new().critical().key_cert_sign().crl_sign().build().expect("an extension");
        builder.append_extension(usage).expect("add it");
        builder.sign(&key, MessageDigest::sha256()).expect("sign");
        Self { certificate: builder.build(), key }
    }

    /// Signs a certificate, and returns it as text.
    fn sign(&self, mut builder: X509Builder) -> Vec<u8> {
        builder.set_issuer_name(self.certificate.subject_name()).expect("name the issuer");
        builder.sign(&self.key, MessageDigest::sha256()).expect("sign");
        builder.build().to_pem().expect("a certificate as text")
    }
}

fn elliptic_key() -> PKey<Private> {
    let mut group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).expect("a curve");
    group.set_asn1_flag(openssl::ec::Asn1Flag::NAMED_CURVE);
    PKey::from_ec_key(EcKey::generate(&group).expect("make a key")).expect("a key")
}

fn name(common_name: &str) -> X509Name {
    let mut builder = X509NameBuilder::new().expect("a name");
    builder.append_entry_by_nid(Nid::COMMONNAME, common_name).expect("a common name");
    builder.build()
}

/// What every certificate has; its issuer and signature come later.
fn builder(subject: &X509Name, key: &PKey<Private>, serial: u32, days: (i64, i64)) -> X509Builder {
    let now = std::time::UNIX_EPOCH.elapsed().expect("a clock").as_secs().try_into().unwrap_or(i64::MAX / 2);
    let moment = |days: i64| Asn1Time::from_unix(now + days * DAY).expect("a moment");
    let mut builder = X509::builder().expect("a certificate");
    builder.set_version(2).expect("version 3, which counts from 0");
    let serial = BigNum::from_u32(serial).and_then(|number| number.to_asn1_integer()).expect("a number");
    builder.set_serial_number(&serial).expect("number it");
    builder.set_subject_name(subject).expect("name it");
    builder.set_pubkey(key).expect("give it its key");
    builder.set_not_before(&moment(days.0)).expect("begin it");
    builder.set_not_after(&moment(days.1)).expect("end it");
    builder
}

fn server_certificate(kind: ServerCertificate, key: &PKey<Private>, root: &Issuer) -> Vec<u8> {
    let subject = name(if kind == ServerCertificate::WrongHost { "other.example.com" } else { "localhost" });
    let mut builder = builder(&subject, key, kind.serial(), kind.days());
    let mut names = SubjectAlternativeName::new();
    match kind {
        ServerCertificate::WrongHost => names.dns("other.example.com"),
        _ => names.dns("localhost").ip("127.0.0.1"),
    };
    if kind != ServerCertificate::CommonNameOnly {
        let context = builder.x509v3_context(Some(&root.certificate), None);
        let extension = names.build(&context).expect("an extension");
        builder.append_extension(extension).expect("add it");
    }
    if kind != ServerCertificate::SelfSigned {
        return root.sign(builder);
    }
    builder.set_issuer_name(&subject).expect("name the issuer");
    builder.sign(key, MessageDigest::sha256()).expect("sign");
    builder.build().to_pem().expect("a certificate as text")
}

fn client_certificate(key: &PKey<Private>, root: &Issuer, serial: u32) -> Vec<u8> {
    root.sign(builder(&name(CERTIFIED_ROLE), key, serial, (-1, 30)))
}

/// Writes the authority's list. The crate cannot make one, so the `openssl` command does, from a register of one line.
fn revoke(directory: &Path, revoked: ServerCertificate) {
    let mut register = String::new();
    let serial = revoked.serial();
    // State, end, revocation, number in hexadecimal, file, subject. The years are of no importance here.
    writeln!(register, "R\t491231000000Z\t250101000000Z\t{serial:04X}\tunknown\t/CN=localhost")
        .expect("write to a string");
    fs::write(directory.join("register"), register).expect("write the register");
    let settings = "[ca]\ndefault_ca=own\n[own]\ndatabase=register\ndefault_md=sha256\ndefault_crl_days=30\n";
    fs::write(directory.join("settings"), settings).expect("write the settings");
    let mut command = Command::new(super::installed("openssl", &[]));
    command.args(["ca", "-gencrl", "-config", "settings", "-keyfile", "root.key", "-cert", "root.crt"]);
    let output = command.args(["-out", "revoked.crl"]).current_dir(directory).output().expect("run openssl");
    assert!(output.status.success(), "openssl ca: {}", String::from_utf8_lossy(&output.stderr));
}

//! The roles and databases of every cluster of the tests, and how each may log in.
//!
//! Every role has the password [`PASSWORD`], except those that need none and `no_password`. `unlisted` has no rule.

use std::fmt::Write as _;

use openssl::base64::encode_block as base64;
use openssl::hash::MessageDigest;
use openssl::pkcs5::pbkdf2_hmac;
use openssl::pkey::PKey;
use openssl::sha::sha256;
use openssl::sign::Signer;

use super::super::PASSWORD;

/// The SCRAM iterations of the role `many_iterations`: more than the driver is willing to do.
pub(crate) const MANY_ITERATIONS: usize = 200_000;

/// Who may log in how; `all` stands for the database. A role without a line here is rejected as "no entry".
pub(crate) const ACCESS: &str = "\
local   all trusted                                   trust
local   all peer_role                                 peer
host    all trusted,no_login        all               trust
host    all scram_role,expired,limited,no_password,many_iterations,reader all scram-sha-256
host    all md5_role                all               md5
host    all password_role           all               password
host    all rejected                all               reject
hostssl all tls_only                all               scram-sha-256
hostnossl all plain_only            all               scram-sha-256
";

/// The same for client certificates; a server without an authority for them refuses to start with these lines.
pub(crate) const ACCESS_BY_CERTIFICATE: &str = "\
hostssl all certified               all               cert
hostssl all certified_too           all               scram-sha-256 clientcert=verify-ca
hostssl all certified_by_name       all               scram-sha-256 clientcert=verify-full
";

/// What the template is filled with. `scram_role` owns the database `app`; nobody has more rights than its own.
const ROLES: &[&str] = &[
    "create role scram_role login password '{}'",
    "create role expired login password '{}' valid until '2001-02-03 04:05:06+00'",
    "create role limited login password '{}' connection limit 0",
    "create role no_login nologin password '{}'",
    "create role no_password login",
    "create role reader login password '{}'",
    "create role trusted login password '{}'",
    "create role rejected login password '{}'",
    "create role tls_only login password '{}'",
    "create role plain_only login password '{}'",
    "create role certified login",
    "create role certified_too login password '{}'",
    "create role certified_by_name login password '{}'",
    "create role peer_role login",
    "create role password_role login password '{}'",
    "create role unlisted login password '{}'",
    "set password_encryption = 'md5'",
    "create role md5_role login password '{}'",
    // Copied as files: the other way writes all of it into the log too, which every cluster would copy with it.
    "create database app owner scram_role strategy file_copy",
    // Nobody needs it here, and it is a quarter of what is copied.
    "update pg_database set datistemplate = false where datname = 'template0'",
    "drop database template0",
];

/// Databases that only the standard cluster has, since each makes a copy slower.
pub(crate) const DATABASES: &str = "\
create database closed allow_connections false strategy file_copy;
create database limited connection limit 0 strategy file_copy;
create database private strategy file_copy;
revoke connect on database private from public;
create database reads_only owner scram_role strategy file_copy;
alter database reads_only set default_transaction_read_only = on;
";

/// The template's statements as a server for one user reads them.
pub(super) fn statements() -> String {
    let mut statements = String::new();
    let many = format!("create role many_iterations login password '{}'", verifier(MANY_ITERATIONS));
    for statement in ROLES.iter().map(|text| text.replace("{}", PASSWORD)).chain([many]) {
        write!(statements, "{statement};\n\n").expect("write to a string");
    }
    statements
}

/// What a server stores of [`PASSWORD`] for SCRAM, as RFC 5803 writes it down.
fn verifier(iterations: usize) -> String {
    let salt = b"invented salt 16";
    let mut salted = [0; 32];
    pbkdf2_hmac(PASSWORD.as_bytes(), salt, iterations, MessageDigest::sha256(), &mut salted).expect("derive a key");
    let key = PKey::hmac(&salted).expect("a key");
    let sign = |text: &[u8]| {
        let mut signer = Signer::new(MessageDigest::sha256(), &key).expect("a signer");
        signer.sign_oneshot_to_vec(text).expect("sign")
    };
    let stored = sha256(&sign(b"Client Key"));
    let server = sign(b"Server Key");
    format!("SCRAM-SHA-256${iterations}:{}${}:{}", base64(salt), base64(&stored), base64(&server))
}

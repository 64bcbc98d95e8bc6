//! `cert-without-key`.

use crate::finding::Finding;
use crate::model::Key;
use crate::rules::{Case, server};

rule! {
    /// A client certificate without its key, or a key without its certificate.
    ///
    /// A key in a `.p12` or `.pfx` file, which pgjdbc takes, holds its certificate and is not found.
    /// # Why it matters
    /// A client proves with the key that the certificate is its own.
    /// For the half that is not named libpq takes `~/.postgresql/postgresql.crt` or `~/.postgresql/postgresql.key`: it fails without the key, and without the certificate sends none.
    /// # How to mend it
    /// Name both, or neither if the server asks for no certificate.
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     ssl_cert: /etc/app/client.crt
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     ssl_cert: /etc/app/client.crt
    ///     ssl_key: /etc/app/client.key
    /// ```
    "cert-without-key": Tls, Error
}

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for site in case.sites().filter(|site| !site.is_lost() && server::is_postgresql(site.connection)) {
        let (has_cert, has_key) = (server::is_given(&site, Key::SslCert), server::is_given(&site, Key::SslKey));
        let holds_both = |path: String| [".p12", ".pfx"].iter().any(|end| path.to_ascii_lowercase().ends_with(end));
        let (given, words, help) = match (has_cert, has_key) {
            (true, false) => (Key::SslCert, "a client certificate without its key", "name its key as ssl_key"),
            (false, true) if !site.known(Key::SslKey).is_some_and(holds_both) => {
                (Key::SslKey, "a client key without its certificate", "name its certificate as ssl_cert")
            }
            _ => continue,
        };
        let Some(setting) = site.get(given) else { continue };
        let message = format!("{} has {words}", site.what());
        findings.push(Finding::new(&INFO, setting.origin.clone(), message).help(help));
    }
}

//! `missing-root-cert`.

use crate::finding::Finding;
use crate::model::Key;
use crate::rules::{Case, server};

use super::modes;

rule! {
    /// A server whose certificate is to be verified, with nothing said to verify it by.
    ///
    /// Found are `verify-ca` and `verify-full` without `ssl_root_cert`; a URL of JDBC with an `sslfactory` is not, since that brings its own.
    /// # Why it matters
    /// libpq then looks for `~/.postgresql/root.crt` in the home of whoever runs the program, and refuses to connect if it is not there.
    /// pgjdbc and asyncpg look in the same place.
    /// So it works for the person who put the file there, and nowhere else.
    /// # How to mend it
    /// Name the file of the root certificate.
    /// Since libpq 16 `system` stands for the certificates that the system trusts.
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     ssl_mode: verify-full
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     ssl_mode: verify-full
    ///     ssl_root_cert: /etc/ssl/certs/rds.pem
    /// ```
    "missing-root-cert": Tls, Warning
}

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for site in case.sites().filter(|site| !site.is_lost() && server::is_postgresql(site.connection)) {
        let Some(setting) = site.get(Key::SslMode) else { continue };
        let is_verified = matches!(modes::of(case, &site), Some("verify-ca" | "verify-full"));
        let is_socket =
            server::hosts(site.connection).is_some_and(|hosts| hosts.iter().all(|host| host.starts_with(['/', '@'])));
        let says_more = ["service", "sslfactory"].iter().any(|name| site.connection.parameters.contains_key(*name));
        if !is_verified || is_socket || says_more || server::is_given(&site, Key::SslRootCert) {
            continue;
        }
        let message = format!("{} verifies the server's certificate, and names no root certificate", site.what());
        findings.push(Finding::new(&INFO, setting.origin.clone(), message).help(
            "name it as ssl_root_cert, or write `system` there (libpq 16 and later); without it libpq needs ~/.postgresql/root.crt",
        ));
    }
}

//! `weak-ssl-mode`.

use crate::finding::{Finding, Severity};
use crate::model::{Key, Setting};
use crate::rules::{Case, Site, server};

use super::modes;

rule! {
    /// A connection to another machine that may be read, or answered by somebody else.
    ///
    /// Found are the modes `disable`, `allow` and `prefer`, which are an error in production unless they are the default of a variable, and `require` without a root certificate.
    /// In production nothing said at all is found too, since libpq then takes `prefer`.
    /// Found as well is a weaker mode beside `ssl_root_cert: system`, which libpq refuses.
    /// Development environments, the own machine and Unix sockets are never found; neither is a host that is not known, unless in production.
    /// # Why it matters
    /// `disable` never encrypts, `allow` only if the server insists, and `prefer` falls back to plain text if somebody on the way says that there is no TLS.
    /// Then passwords, queries and data can be read there.
    /// `require` encrypts, but takes any certificate, so that anybody who can redirect the connection can answer it.
    /// (With a root certificate libpq treats it as `verify-ca`.)
    /// # How to mend it
    /// Write `verify-full` and name the root certificate of the server; the vendors of managed servers publish theirs.
    /// # Example
    /// ```yaml
    /// environments:
    ///   production:
    ///     databases:
    ///       main:
    ///         host: db.example.com
    ///         ssl_mode: prefer
    /// ```
    /// Mended:
    /// ```yaml
    /// environments:
    ///   production:
    ///     databases:
    ///       main:
    ///         host: db.example.com
    ///         ssl_mode: verify-full
    ///         ssl_root_cert: /etc/ssl/certs/rds.pem
    /// ```
    "weak-ssl-mode": Tls, Info, raised in production
}

const HELP: &str = "write ssl_mode `verify-full`, and the server's root certificate as ssl_root_cert";

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for site in case.sites().filter(|site| !site.is_lost() && server::is_remote(case, site.connection)) {
        match site.get(Key::SslMode) {
            Some(setting) => findings.extend(explicit(case, &site, setting)),
            None => findings.extend(unsaid(case, &site)),
        }
    }
}

fn explicit(case: &Case<'_>, site: &Site<'_>, setting: &Setting) -> Option<Finding> {
    let mode = modes::of(case, site)?;
    let has_root = site.get(Key::SslRootCert).is_some();
    let weakness = match mode {
        "disable" => "never encrypts",
        "allow" => "encrypts only if the server insists",
        "prefer" => "falls back to plain text",
        "require" if !has_root => "takes any certificate",
        "require" | "verify-ca" if is_system(site) => {
            let message = format!(
                "{} has ssl_mode `{mode}` beside the system's root certificates, which libpq refuses",
                site.what()
            );
            return Some(Finding::new(&INFO, setting.origin.clone(), message).help("write ssl_mode `verify-full`"));
        }
        _ => return None,
    };
    let message = format!("{} has ssl_mode `{mode}`, which {weakness}", site.what());
    let mut finding = Finding::new(&INFO, setting.origin.clone(), message).help(HELP);
    // What a variable has by default may well be replaced where the application runs.
    if case.is_production && mode != "require" && !server::is_default(case, setting) {
        finding.severity = Severity::Error;
    }
    Some(finding)
}

fn unsaid(case: &Case<'_>, site: &Site<'_>) -> Option<Finding> {
    // With the system's certificates libpq verifies in full unless told otherwise, and a service file may say more.
    if !case.is_production || is_system(site) || site.connection.parameters.contains_key("service") {
        return None;
    }
    server::hosts(site.connection)?;
    let place = site.get(Key::Host).or_else(|| site.get(Key::HostAddress))?;
    let message =
        format!("{} says nothing about TLS, and libpq's default `prefer` falls back to plain text", site.what());
    Some(Finding::new(&INFO, place.origin.clone(), message).help(HELP))
}

fn is_system(site: &Site<'_>) -> bool {
    site.known(Key::SslRootCert).is_some_and(|path| path == "system")
}

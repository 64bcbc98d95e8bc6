//! `unknown-ssl-mode`.

use crate::finding::{Finding, Fix, Safety};
use crate::model::Key;
use crate::rules::{Case, server};

use super::modes::{self, MODES};

rule! {
    /// A mode of TLS that libpq does not know.
    ///
    /// The six modes are `disable`, `allow`, `prefer`, `require`, `verify-ca` and `verify-full`, in small letters and with a hyphen.
    /// Of a `jdbc:` URL the case of the letters does not matter, as it does not to pgjdbc.
    /// # Why it matters
    /// libpq, and everything that is built on it, refuses to connect with any other word.
    /// Names from other worlds, such as `REQUIRED` and `VERIFY_IDENTITY`, look right and are not.
    /// # How to mend it
    /// Write one of the six; `verify-full` is the one that checks whom it talks to.
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     ssl_mode: verify_full
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     ssl_mode: verify-full
    ///     ssl_root_cert: /etc/ssl/certs/rds.pem
    /// ```
    "unknown-ssl-mode": Tls, Error; fixable
}

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for site in case.sites().filter(|site| server::is_postgresql(site.connection)) {
        let Some(setting) = site.get(Key::SslMode) else { continue };
        let Some(mode) = site.known(Key::SslMode).filter(|mode| !server::is_open(mode)) else { continue };
        if modes::of(case, &site).is_some() {
            continue;
        }
        // Where a password moves the boundaries of a URL, a piece of it may stand here.
        let is_doubtful = site.get(Key::Host).is_some_and(server::is_hidden) || server::is_hidden(setting);
        let message = if is_doubtful {
            format!("{} has an ssl_mode that libpq does not know", site.what())
        } else {
            format!("{} has the ssl_mode `{}`, which libpq does not know", site.what(), server::shown(setting))
        };
        let help = match modes::meant(&mode) {
            Some(meant) => format!("write `{meant}`"),
            None => format!("write one of {}", MODES.join(", ")),
        };
        // Another name for a mode, or a letter too few, is a guess.
        let safety = if modes::spelt(&mode).is_some() { Safety::Safe } else { Safety::Unsafe };
        let fix = modes::meant(&mode).and_then(|meant| Fix::words(&setting.origin, safety, &mode, meant));
        findings.push(Finding::new(&INFO, setting.origin.clone(), message).help(help).fix(fix));
    }
}

//! `invalid-port`.

use crate::finding::Finding;
use crate::model::{Key, Setting, Source, SourceKind};
use crate::redact::show_text;
use crate::rules::{Case, server};

rule! {
    /// A port that no server can have.
    ///
    /// Found is what is no number from 1 to 65535; of several ports with commas between, each.
    /// # Why it matters
    /// A TCP port is a number from 1 to 65535, so nothing can be reached there.
    /// # How to mend it
    /// Write the port of the server; PostgreSQL's is 5432 unless somebody chose another.
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     port: 543200
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     port: 5432
    /// ```
    "invalid-port": Endpoint, Error
}

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for site in case.sites().filter(|site| !site.connection.is_sqlite()) {
        let Some(setting) = site.get(Key::Port) else { continue };
        let Some(ports) = site.known(Key::Port) else { continue };
        let Some(wrong) = ports.split(',').find(|port| !is_port(port)).filter(|_| !server::is_open(&ports)) else {
            continue;
        };
        if is_told_as_text(case, setting, wrong) {
            continue;
        }
        let message = if server::is_hidden(setting) {
            // `user:password` without a host reads as host and port.
            format!("{} has a port that is no number from 1 to 65535", site.what())
        } else {
            let wrong = if setting.resolution.is_none() { show_text(wrong.trim()) } else { server::shown(setting) };
            format!("{} has the port `{wrong}`, and there is none", site.what())
        };
        findings.push(
            Finding::new(&INFO, setting.origin.clone(), message)
                .help("write a number from 1 to 65535; PostgreSQL's own port is 5432"),
        );
    }
}

/// Whether the value of a settings file is a word and no number at all, which `wrong-type` says already.
fn is_told_as_text(case: &Case<'_>, setting: &Setting, wrong: &str) -> bool {
    let is_settings = |source: &Source| matches!(source.kind, SourceKind::Settings { .. });
    let is_whole = server::written(case, &setting.origin) == setting.value.as_text();
    wrong.trim().parse::<f64>().is_err()
        && setting.resolution.is_none()
        && is_whole
        && case.source(&setting.origin).is_some_and(is_settings)
}

/// Whether a text is a port; an empty one is the default.
fn is_port(port: &str) -> bool {
    port.is_empty() || port.trim().parse::<u16>().is_ok_and(|port| port > 0)
}

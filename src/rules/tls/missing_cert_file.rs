//! `missing-cert-file`.

use std::path::Path;

use crate::finding::Finding;
use crate::model::Key;
use crate::rules::{Case, server};

rule! {
    /// A certificate or key of the project that is not there.
    ///
    /// Found are relative paths, looked for from the directory of the configuration.
    /// Absolute ones belong to another machine and are not judged, nor are paths with unknown variables, nor files that git ignores: they are put there when the program is installed.
    /// # Why it matters
    /// libpq refuses to connect with `verify-ca` or `verify-full` if the root certificate cannot be read.
    /// Without the client certificate or its key, a server that asks for one refuses the login.
    /// # How to mend it
    /// Add the file, or correct the path.
    /// Programs look for a relative path from where they are started.
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     ssl_mode: verify-full
    ///     ssl_root_cert: certs/root.pem    # there is no such file
    /// ```
    "missing-cert-file": Tls, Warning
}

const FILES: &[(Key, &str)] =
    &[(Key::SslRootCert, "root certificate"), (Key::SslCert, "client certificate"), (Key::SslKey, "client key")];

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for site in case.sites().filter(|site| !site.is_lost() && server::is_postgresql(site.connection)) {
        for (key, word) in FILES {
            let Some(setting) = site.get(*key).filter(|setting| !server::is_hidden(setting)) else { continue };
            let Some(path) = site.known(*key).filter(|path| is_of_project(path)) else { continue };
            let Some(facts) = case.configuration.files.get(Path::new(&path)) else { continue };
            let what = match (facts.exists, facts.is_directory) {
                (false, _) if facts.ignored_by_git != Some(true) => "is not there",
                (true, true) => "is a directory",
                _ => continue,
            };
            let message = format!("the {word} of {}, `{}`, {what}", site.what(), server::shown(setting));
            let help = "add the file, or name it as it lies from the directory of the configuration";
            findings.push(Finding::new(&INFO, setting.origin.clone(), message).help(help));
        }
    }
}

/// Whether a path can be judged here: not that of another machine, of a home, or of what a program fills in.
fn is_of_project(path: &str) -> bool {
    let is_windows = path.get(1..2) == Some(":") || path.contains('\\');
    path != "system" && !path.starts_with(['/', '~']) && !is_windows && !path.contains("://") && !server::is_open(path)
}

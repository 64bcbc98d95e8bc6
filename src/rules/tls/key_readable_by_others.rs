//! `key-readable-by-others`.

use std::path::Path;

use crate::finding::Finding;
use crate::model::{FileFacts, Key};
use crate::rules::{Case, command, server};

rule! {
    /// A client key whose file is open to others than its owner.
    ///
    /// Found are keys that are on this machine; one that belongs to root may be readable by its group.
    /// # Why it matters
    /// Who can read the key can log in with it.
    /// libpq therefore refuses to use a key with permissions above 0600, or above 0640 if it belongs to root.
    /// # How to mend it
    /// Run `chmod 600` on the file.
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     ssl_cert: client.crt
    ///     ssl_key: client.key    # has the mode 644
    /// ```
    "key-readable-by-others": Tls, Warning
}

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for site in case.sites().filter(|site| !site.is_lost() && server::is_postgresql(site.connection)) {
        let Some(setting) = site.get(Key::SslKey).filter(|setting| !server::is_hidden(setting)) else { continue };
        let Some(path) = site.known(Key::SslKey) else { continue };
        let Some(facts) = case.configuration.files.get(Path::new(&path)) else { continue };
        let Some(mode) = facts.mode.filter(|mode| is_open(*mode, facts)) else { continue };
        let path = server::shown(setting);
        let message =
            format!("the client key of {}, `{path}`, has the mode {mode:03o}, and libpq refuses it", site.what());
        let help = format!("run: {}", command::chmod(&command::path_of(case, &setting.origin, &path)));
        findings.push(Finding::new(&INFO, setting.origin.clone(), message).help(help));
    }
}

/// libpq's own check (`initialize_SSL`).
fn is_open(mode: u32, facts: &FileFacts) -> bool {
    let refused = if facts.belongs_to_root { 0o037 } else { 0o077 };
    facts.exists && !facts.is_directory && mode & refused != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_that_libpq_refuses() {
        for (mode, belongs_to_root, expected) in [
            (0o600, false, false),
            (0o400, false, false),
            (0o640, false, true),
            (0o640, true, false),
            (0o660, true, true),
            (0o644, true, true),
            (0o604, false, true),
        ] {
            let facts = FileFacts { exists: true, belongs_to_root, ..FileFacts::default() };
            assert_eq!(is_open(mode, &facts), expected, "{mode:o} {belongs_to_root}");
        }
    }
}

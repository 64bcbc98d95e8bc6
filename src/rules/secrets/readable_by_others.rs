//! `readable-by-others`.

use crate::finding::Finding;
use crate::model::{Key, SourceKind};
use crate::redact::show_text;
use crate::rules::{Case, command, password};

use super::env_file_not_ignored::{Secrets, is_env_name};

rule! {
    /// A file with secrets that every user of the machine can read.
    ///
    /// Judged are files that git ignores, `.env` files outside a work tree, and files that a `password_file` names.
    /// What is committed is readable in every clone anyway, and settings files outside a work tree are passed over,
    /// since they are parts of a package more often than secrets of a machine.
    /// A project whose databases are all on the own machine is somebody's own, and has no other users to hide from.
    /// Docker and Kubernetes decide on the permissions below `/run/secrets` themselves.
    ///
    /// # Why it matters
    /// Every other account of the machine can log in to the database: that of a compromised web server too.
    /// libpq goes further and ignores a password file (`.pgpass`) that the group or others may read.
    /// # How to mend it
    /// `chmod 600` the file, and let the application's user own it.
    /// # Example
    /// `.env` with the mode `rw-r--r--` (644), which git ignores:
    /// ```env
    /// DATABASE_URL=postgresql://app_user:hunter2@db.example.com:5432/app
    /// ```
    "readable-by-others": Secrets, Warning
}

/// Everybody may read.
const OTHERS: u32 = 0o004;

pub(super) fn judge(cases: &[Case<'_>], findings: &mut Vec<Finding>) {
    let Some(base) = cases.first() else { return };
    if cases.iter().all(is_own_machine) {
        return;
    }
    let mut secrets = None;
    for (id, source) in base.project.sources.iter() {
        let is_here = match source.facts.ignored_by_git {
            Some(is_ignored) => is_ignored,
            None => is_env_name(&source.name),
        };
        let is_open = source.facts.mode.is_some_and(|mode| mode & OTHERS != 0);
        if !is_here || !is_open || source.kind == SourceKind::Template {
            continue;
        }
        let Some(origin) = secrets.get_or_insert_with(|| Secrets::of(cases)).first(base, id) else { continue };
        let path = show_text(&source.name);
        let name = path.rsplit('/').next().unwrap_or_default();
        let message = format!("every user of this machine can read {name}, which holds secrets");
        findings.push(Finding::new(&INFO, origin, message).help(command::chmod(&path)));
    }
    for case in cases {
        of_password_files(case, findings);
    }
}

/// Whether the databases are those of the own machine, which has no other users then.
fn is_own_machine(case: &Case<'_>) -> bool {
    !case.is_production && case.sites().all(|site| password::is_local(case, site.connection))
}

fn of_password_files(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for site in case.sites().filter(|site| !password::is_local(case, site.connection)) {
        let Some(setting) = site.get(Key::PasswordFile) else { continue };
        let Some(path) = site.known(Key::PasswordFile).filter(|path| !path.starts_with("/run/secrets/")) else {
            continue;
        };
        let facts = case.configuration.files.get(std::path::Path::new(&path));
        if facts.and_then(|facts| facts.mode).is_none_or(|mode| mode & OTHERS == 0) {
            continue;
        }
        let message = format!("every user of this machine can read the password file of {}", site.what());
        let path = command::path_of(case, &setting.origin, &show_text(&path));
        findings.push(Finding::new(&INFO, setting.origin.clone(), message).help(command::chmod(&path)));
    }
}

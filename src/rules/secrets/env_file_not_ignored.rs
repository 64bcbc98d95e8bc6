//! `env-file-not-ignored`.

use std::collections::HashSet;

use crate::finding::Finding;
use crate::model::{Origin, SourceId, SourceKind};
use crate::redact::show_text;
use crate::rules::{Case, named_secret, password, secret};

rule! {
    /// A `.env` file with secrets that git does not ignore.
    ///
    /// Only files within a work tree of git are judged, and only those that hold a secret: a password for a database
    /// that is not on the own machine, or the literal value of a key like `JWT_SECRET_KEY` or `AWS_SECRET_ACCESS_KEY`.
    /// Placeholders, passwords that everybody knows, and values that say that they are for development are no secrets.
    /// Templates such as `.env.example` are meant to be committed.
    ///
    /// # Why it matters
    /// The next `git add .` commits it, and what was pushed once stays in the history and in every clone.
    /// # How to mend it
    /// Add the file to `.gitignore`, and if it is tracked already, `git rm --cached` it and change the secrets.
    /// Commit a `.env.example` with the names of the variables instead.
    /// # Example
    /// `.env`, with no line for it in `.gitignore`:
    /// ```env
    /// DATABASE_URL=postgresql://app_user:hunter2@db.example.com:5432/app
    /// ```
    "env-file-not-ignored": Secrets, Error
}

pub(super) fn judge(cases: &[Case<'_>], findings: &mut Vec<Finding>) {
    let Some(base) = cases.first() else { return };
    let is_open = |kind: &SourceKind| matches!(kind, SourceKind::Env { .. });
    let open: Vec<SourceId> = base
        .project
        .sources
        .iter()
        .filter(|(_, source)| is_open(&source.kind) && source.facts.ignored_by_git == Some(false))
        .filter(|(_, source)| is_env_name(&source.name))
        .map(|(id, _)| id)
        .collect();
    if open.is_empty() {
        return;
    }
    let secrets = Secrets::of(cases);
    for id in open {
        let Some(origin) = secrets.first(base, id) else { continue };
        let name = show_text(base_name(&base.project.sources.get(id).name));
        let message = format!("{name} holds secrets, and git does not ignore it");
        findings.push(
            Finding::new(&INFO, origin, message)
                .help("add it to .gitignore; if it was committed, `git rm --cached` it and change the secrets"),
        );
    }
}

/// The last part of a path.
fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Whether a file is called `.env` or `.env.NAME`.
pub(super) fn is_env_name(path: &str) -> bool {
    base_name(path).starts_with(".env")
}

/// Where the secrets of all files stand.
pub(super) struct Secrets {
    /// Passwords of places that are not local.
    far: Vec<Origin>,
    /// Passwords of places that are, in every environment.
    near: HashSet<(SourceId, u32)>,
}

impl Secrets {
    pub(super) fn of(cases: &[Case<'_>]) -> Self {
        let (mut far, mut near, mut seen) = (Vec::new(), HashSet::new(), HashSet::new());
        for password in cases.iter().flat_map(password::all) {
            let Some(place) = place(&password.origin) else { continue };
            let is_none = password.is_well_known() || secret::is_of_development(&password.text);
            if password.is_local || is_none {
                near.insert(place);
            } else if seen.insert(place) {
                far.push(password.origin);
            }
        }
        near.retain(|place| !seen.contains(place));
        Self { far, near }
    }

    /// The first secret of a file.
    pub(super) fn first(&self, base: &Case<'_>, id: SourceId) -> Option<Origin> {
        let far = self.far.iter().filter(|origin| origin.source() == Some(id));
        let named = named_secret::named(id, base.project.sources.get(id));
        let is_real = |text: &str| !secret::is_of_development(text) && !secret::is_well_known(text, &[]);
        let named = named.into_iter().filter(|it| is_real(it.text)).map(|it| it.origin);
        let named = named.filter(|origin| place(origin).is_none_or(|place| !self.near.contains(&place)));
        far.cloned().chain(named).min_by_key(|origin| place(origin).map(|(_, start)| start))
    }
}

fn place(origin: &Origin) -> Option<(SourceId, u32)> {
    match origin {
        Origin::Node { source, span, .. } => Some((*source, span.start)),
        _ => None,
    }
}

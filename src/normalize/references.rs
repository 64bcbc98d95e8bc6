//! References by name that the file in which they stand does not answer.

use std::collections::HashSet;

use crate::finding::Finding;
use crate::layouts::{OpenReference, REFERRED};
use crate::model::{SourceKind, Sources};

/// Reports the references to sections that no settings file of the configuration has.
pub(super) fn dangling(sources: &Sources, open: Vec<OpenReference>, findings: &mut Vec<Finding>) {
    if open.is_empty() {
        return;
    }
    let known = sections(sources);
    let lost = open.into_iter().filter(|reference| !known.contains(reference.name.as_str()));
    findings.extend(lost.map(|reference| reference.finding));
}

/// The names of all sections of all settings files that can be referred to, for whatever environment they are.
fn sections(sources: &Sources) -> HashSet<&str> {
    let mut known = HashSet::new();
    let settings = sources.iter().filter(|(_, source)| matches!(source.kind, SourceKind::Settings { .. }));
    for document in settings.filter_map(|(_, source)| source.document.as_ref()) {
        let mut tops = document.roots().to_vec();
        let sections = tops.iter().filter_map(|root| document.get(*root, "environments"));
        let sections: Vec<_> = sections.flat_map(|entry| document.entries(entry.value).to_vec()).collect();
        tops.extend(sections.iter().map(|entry| entry.value));
        for top in tops {
            let scopes = REFERRED.iter().filter_map(|key| document.get(top, key)).map(|entry| entry.value);
            for scope in std::iter::once(top).chain(scopes) {
                known.extend(document.entries(scope).iter().filter_map(|entry| document.key(*entry)));
            }
        }
    }
    known
}

//! The findings about definitions that do not agree, or agree too well.

use crate::finding::{Finding, Severity};
use crate::layouts::Found;
use crate::model::{Database, Definition, Key, Origin, Role};
use crate::redact;
use crate::rules;

/// A stronger source puts another kind of database in place of the one that a weaker one describes.
pub(super) fn replaced(database: &Database, found: &Found) -> Finding {
    let (winner, loser) = (database.connection.engine(), found.connection.engine());
    let message = format!(
        "`{}` describes {} on {}, and is replaced by one on {}",
        redact::show_text(&found.name),
        database.role,
        redact::show_text(&loser),
        redact::show_text(&winner)
    );
    let origin = database.connection.settings.get(Key::Engine).map(|setting| setting.origin.clone());
    let mut finding = Finding::new(&rules::layout::overridden_value::INFO, found.origin(), message);
    if winner == "sqlite" {
        // The fallback that nobody notices until the data is missing.
        finding.severity = Severity::Warning;
    }
    match origin.or_else(|| database.connection.first_origin().cloned()) {
        Some(origin) => finding.related(origin, "this is used"),
        None => finding,
    }
}

/// Two definitions of one rank name different places.
pub(super) fn conflict(database: &Database, leader: &Definition, found: &Found, keys: &[Key]) -> Finding {
    let role = &database.role;
    let used = keys.first().and_then(|key| database.connection.settings.get(*key)).map(|it| it.origin.clone());
    let (name, other) = (redact::show_text(&found.name), redact::show_text(&leader.name));
    let what = words(keys.iter().map(|key| key.path().replace('_', " ")));
    let message = if name == other {
        format!("`{name}` defines {role} a second time, with another {what}, and is not used")
    } else {
        format!("`{name}` defines {role} with another {what} than `{other}`, and is not used")
    };
    Finding::new(&rules::layout::conflicting_definitions::INFO, found.origin(), message)
        .help("remove one of the two, or make them agree")
        .related(used.unwrap_or_else(|| leader.origin.clone()), "this is used")
}

/// Two definitions name one place.
pub(super) fn several_names(role: &Role, leader: &Definition, name: &str, origin: Origin) -> Finding {
    let (first, second) = (redact::show_text(&leader.name), redact::show_text(name));
    let message = if first == second {
        format!("`{second}` defines {role} a second time")
    } else {
        format!("`{second}` is the same database as `{first}`: {role}")
    };
    Finding::new(&rules::layout::several_names::INFO, origin, message)
        .help("keep one definition and let the others refer to it")
        .related(leader.origin.clone(), "the same database")
}

/// A stronger definition of the same place says otherwise.
pub(super) fn overridden(database: &Database, name: &str, origin: Origin, lost: &[Key]) -> Finding {
    let message = format!(
        "what `{}` says here about {} of {} is not used, since a stronger source says otherwise",
        redact::show_text(name),
        words(lost.iter().map(|key| key.path().replace('_', " "))),
        database.role
    );
    let winner = lost.first().and_then(|key| database.connection.settings.get(*key)).map(|it| it.origin.clone());
    let finding = Finding::new(&rules::layout::overridden_value::INFO, origin, message);
    match winner {
        Some(winner) => finding.related(winner, "this is used"),
        None => finding,
    }
}

/// `a`, `a and b`, `a, b and c`.
fn words(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    match items.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

//! What several rules ask of a connection: whether it leads to a server, to which machine, and what may be shown of it.

use crate::model::{Connection, Key, Origin, Setting, Source, Value};
use crate::redact;

use super::case::{is_loopback, known};
use super::{Case, Site, compose, placeholder};

/// Whether it leads to PostgreSQL, and not to a file or to an engine that other rules hold for.
pub(super) fn is_postgresql(connection: &Connection) -> bool {
    connection.engine() == "postgresql"
}

/// The hosts of a place, if they are known. What may be a piece of a password is not.
pub(super) fn hosts(connection: &Connection) -> Option<Vec<String>> {
    let setting = connection.settings.get(Key::Host).or_else(|| connection.settings.get(Key::HostAddress))?;
    let text = known(setting).filter(|_| !is_hidden(setting))?;
    Some(text.split(',').map(|host| host.trim().to_owned()).collect())
}

/// Whether a place is on another machine, so that what goes there can be read on the way.
///
/// Outside of production a host that is not known may be anybody's, and one without a dot is most often the container
/// beside: neither is taken for another machine. A service of a compose file is none in production either.
pub(super) fn is_remote(case: &Case<'_>, connection: &Connection) -> bool {
    if !is_postgresql(connection) || case.is_local(connection) {
        return false;
    }
    let settings = &connection.settings;
    match hosts(connection) {
        Some(hosts) => {
            let origin = settings.get(Key::Host).map(|setting| &setting.origin);
            let is_own = |host: &String| {
                is_loopback(host) || host.starts_with('@') || origin.is_some_and(|it| is_beside(case, it, host))
            };
            !hosts.iter().all(is_own) && (case.is_production || hosts.iter().any(|host| host.contains(['.', ':'])))
        }
        None => {
            case.is_production && [Key::Host, Key::HostAddress, Key::Url].iter().any(|key| settings.get(*key).is_some())
        }
    }
}

/// Whether a host in a compose file is a service of such a file, which is reached through a network of containers.
fn is_beside(case: &Case<'_>, origin: &Origin, host: &str) -> bool {
    let is_compose = |source: &Source| source.kind.is_compose();
    let documents = case.project.sources.iter().filter(|(_, source)| is_compose(source));
    case.source(origin).is_some_and(is_compose)
        && documents
            .filter_map(|(_, source)| source.document.as_ref())
            .any(|document| compose::has_service(document, host))
}

/// Whether a value is not to be shown although its key is no secret's: a piece of a password may stand there.
pub(super) fn is_hidden(setting: &Setting) -> bool {
    matches!(setting.value, Value::Secret { .. })
}

/// What a message may show of a setting: what it comes down to, or how it is written if a secret is in it.
pub(super) fn shown(setting: &Setting) -> String {
    if let (Value::Text { .. }, Some(resolution)) = (&setting.value, setting.resolution.as_deref())
        && resolution.missing.is_empty()
        && !resolution.used.iter().any(|name| redact::is_secret_name(name))
    {
        return redact::show_text(resolution.text.expose());
    }
    redact::escape(&setting.value.shown()).into_owned()
}

/// Whether a site has a value for a key, be it known or not.
pub(super) fn is_given(site: &Site<'_>, key: Key) -> bool {
    site.get(key).is_some_and(|setting| setting.effective().is_none_or(|text| !text.is_empty()))
}

/// Whether a text waits for another program to fill something in, or for a person.
pub(super) fn is_open(text: &str) -> bool {
    let signs = ["{{", "{%", "%(", "$(", "#{", "<%", "<<", "${"];
    signs.iter().any(|sign| text.contains(sign)) || placeholder::left_in(text).is_some()
}

/// The whole value that an origin points to, or into: of a part of a URL the URL.
pub(super) fn written<'case>(case: &Case<'case>, origin: &Origin) -> Option<&'case str> {
    let Origin::Node { node, .. } = origin else { return None };
    case.document(origin)?.text_of(*node)
}

/// Whether what counts is a default, which holds only as long as nobody sets the variable.
pub(super) fn is_default(case: &Case<'_>, setting: &Setting) -> bool {
    let Some(resolution) = setting.resolution.as_deref() else { return false };
    setting.value.is_template()
        && !resolution.used.iter().any(|name| case.configuration.variables.contains_key(name))
        && !setting.value.template().references().iter().any(|path| resolution.used.iter().any(|used| used == path))
}

//! Services: what several sources say about `mlflow`, `redis` and `auth`.

use std::fmt::Write as _;

use crate::layouts::FoundService;
use crate::model::{Key, Service, Setting, Settings, Value};
use crate::redact::Secret;

use super::Tier;
use super::resolve::Resolver;

/// One service for each name, in the order mlflow, redis, auth, others.
pub(super) fn services(found: Vec<(Tier, FoundService)>, resolver: &mut Resolver<'_>) -> Vec<Service> {
    let mut services: Vec<Service> = Vec::new();
    for (_, found) in found {
        let at = services.iter().position(|service| service.name == found.name).unwrap_or_else(|| {
            services.push(Service { name: found.name.clone(), settings: Settings::default() });
            services.len() - 1
        });
        for (key, setting) in found.settings {
            services[at].settings.add_weaker(key, setting);
        }
    }
    for service in &mut services {
        one_url(&mut service.settings);
        for (_, setting) in service.settings.iter_mut() {
            resolver.setting(setting);
        }
    }
    services.retain(|service| !service.settings.is_empty());
    services.sort_by_key(|service| {
        ["mlflow", "redis", "auth"].iter().position(|known| *known == service.name).unwrap_or(3)
    });
    services
}

/// Host, port, database and password of Redis become the URL that the canonical schema has, unless there is one.
fn one_url(settings: &mut Settings) {
    let mut take = |key| settings.remove(key);
    let (host, port, database) = (take(Key::Host), take(Key::Port), take(Key::Database));
    let (user, password) = (take(Key::Username), take(Key::Password));
    let Some(host) = host.filter(|_| settings.get(Key::Url).is_none()) else { return };
    let text = |setting: &Option<Setting>| setting.as_ref().map(|setting| encoded(&setting.value)).unwrap_or_default();
    let userinfo = match (text(&user), text(&password)) {
        (user, password) if password.is_empty() && user.is_empty() => String::new(),
        (user, password) => format!("{user}:{password}@"),
    };
    let port = port.map(|port| format!(":{}", port.value.expose())).unwrap_or_default();
    let database = database.map(|database| format!("/{}", database.value.expose())).unwrap_or_default();
    let url = Secret::new(format!("redis://{userinfo}{}{port}{database}", host.value.expose()));
    settings.set(Key::Url, Setting::new(Value::Url { text: url, syntax: host.value.syntax() }, host.origin));
}

/// Percent-encodes what would end a password in a URL; a variable stays as it is written.
fn encoded(value: &Value) -> String {
    let text = value.expose();
    if value.is_template() {
        return text;
    }
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

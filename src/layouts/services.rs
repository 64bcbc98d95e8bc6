//! Other hosts: `redis` and `auth`, under `services` or at top level.

use crate::document::NodeId;
use crate::model::{Key, Settings};

use super::Layout;
use super::reader::Reader;
use super::synonyms::normalise;

pub(super) struct Services;

/// Section name and the service that it is.
const SECTIONS: &[(&str, &str)] = &[("redis", "redis"), ("cache", "redis"), ("auth", "auth"), ("auth_service", "auth")];

impl Layout for Services {
    fn name(&self) -> &'static str {
        "services"
    }

    fn read(&self, reader: &mut Reader<'_>, root: NodeId) {
        let services = reader.mapping_at(root, &["services"]);
        for (scope, is_top) in services.map(|scope| (scope, false)).into_iter().chain([(root, true)]) {
            for (section, service) in SECTIONS {
                // At top level `auth` is an application's own section more often than a service.
                if is_top && *section == "auth" {
                    continue;
                }
                let Some(entry) = reader.document.get(scope, section) else { continue };
                if !reader.document.is_mapping(entry.value) || !is_service(reader, section, service, entry.value) {
                    continue;
                }
                if reader.claim(entry.value) {
                    let settings = settings(reader, service, entry.value);
                    reader.add_service(service, settings);
                }
            }
        }
    }
}

/// `auth:` and `cache:` are common names: only a URL, or a Redis host, makes them ours.
fn is_service(reader: &Reader<'_>, name: &str, service: &str, section: NodeId) -> bool {
    let text = |key: &str| reader.document.get(section, key).and_then(|entry| reader.document.text_of(entry.value));
    let url = text("url").or_else(|| text("uri"));
    match service {
        "redis" => {
            let kind = ["type", "backend", "engine", "driver"].iter().find_map(|key| text(key));
            let is_redis = kind.map_or(name == "redis", |kind| kind.to_ascii_lowercase().contains("redis"));
            // Of `redis:` itself any URL is told, so that one which no Redis has is not passed over in silence.
            let is_url = |url: &str| url.starts_with("redis") || (is_redis && (name == "redis" || url.contains("${")));
            url.is_some_and(is_url) || (is_redis && text("host").is_some())
        }
        _ => url.is_some_and(|url| url.starts_with("http") || url.contains("${")),
    }
}

fn settings(reader: &mut Reader<'_>, service: &str, section: NodeId) -> Settings {
    let mut settings = Settings::default();
    for (name, entry) in reader.named(section) {
        let key = match (service, normalise(&name).as_ref()) {
            (_, "url" | "uri") => Key::Url,
            (_, "timeout" | "connect_timeout" | "connection_timeout") => Key::Timeout,
            ("redis", "host") => Key::Host,
            ("redis", "port") => Key::Port,
            ("redis", "db" | "database") => Key::Database,
            ("redis", "password") => Key::Password,
            ("redis", "username" | "user") => Key::Username,
            _ => continue,
        };
        if !reader.document.is_blank(entry.value)
            && let Some(setting) = reader.setting(key, entry)
        {
            settings.add_weaker(key, setting);
        }
    }
    settings
}

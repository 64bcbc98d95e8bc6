//! `environment:` of docker-compose services, as a map or as a list of `NAME=value`.

use std::ops::Range;

use crate::document::{Entry, NodeId};
use crate::model::{Key, Origin, Role, Setting};

use super::reader::{Place, Reader};
use super::values::typed;
use super::variables::{Assignment, Collector, take_entry};
use super::{Layout, role_of_database};

pub(super) struct Compose;

impl Layout for Compose {
    fn name(&self) -> &'static str {
        "docker-compose"
    }

    fn read(&self, reader: &mut Reader<'_>, root: NodeId) {
        if !reader.kind.is_compose() {
            return;
        }
        let Some(services) = reader.mapping_at(root, &["services"]) else { return };
        let mut servers = Vec::new();
        for (name, service) in reader.named(services) {
            let Some(environment) = reader.document.get(service.value, "environment") else { continue };
            let mut collector = Collector::default();
            if reader.document.is_mapping(environment.value) {
                for (variable, entry) in reader.named(environment.value) {
                    take_entry(reader, &mut collector, &variable, entry);
                }
            } else {
                for item in reader.document.items(environment.value).to_vec() {
                    take_item(reader, &mut collector, item);
                }
            }
            if is_postgres_image(reader, service.value) {
                servers.push((collector, name, service));
            } else {
                add(reader, collector, &name, service, false);
            }
        }
        // What a server creates is what an application connects to unless the application says otherwise.
        for (collector, name, service) in servers {
            add(reader, collector, &name, service, true);
        }
    }
}

/// `- NAME=value`: the origin is the value, inside the item.
fn take_item(reader: &Reader<'_>, collector: &mut Collector, item: NodeId) {
    let Some(scalar) = reader.document.scalar(item) else { return };
    let Some((name, value)) = scalar.text.split_once('=') else { return };
    let start = name.len() + 1;
    let part = scalar.parts();
    let place = |range: Range<usize>| Origin::part(reader.source, item, part(start + range.start..start + range.end));
    let origin = place(0..value.len());
    let (name, syntax) = (name.trim(), reader.syntax(item));
    collector.take_placed(&Assignment { name, text: value, syntax, origin: &origin, place: &place }, reader.names);
}

/// Whether the service is a PostgreSQL server itself: its `POSTGRES_*` then say what it creates, not where it is.
fn is_postgres_image(reader: &Reader<'_>, service: NodeId) -> bool {
    let image = reader.document.get(service, "image").and_then(|entry| reader.document.text_of(entry.value));
    let Some(image) = image else { return false };
    let name = image.rsplit('/').next().unwrap_or(image);
    let name = name.split([':', '@']).next().unwrap_or(name);
    ["postgres", "postgresql", "pgvector", "postgis", "timescaledb", "timescaledb-ha", "supabase-postgres"]
        .contains(&name)
}

fn add(reader: &mut Reader<'_>, collector: Collector, name: &str, service: Entry, is_server: bool) {
    let mut collected = collector.finish("docker-compose");
    for mut found in std::mem::take(&mut collected.found) {
        found.name = format!("{name}: {}", found.name);
        let settings = &mut found.connection.settings;
        let is_open = settings.get(Key::Url).is_some();
        if is_server && !is_open && settings.get(Key::Host).is_none() {
            // Inside the compose network a server answers to the name of its service.
            let value = typed(Key::Host, name, crate::template::Syntax::Verbatim, false);
            settings.set(Key::Host, Setting::new(value, reader.origin(service.key)));
        }
        if is_server && found.place == Place::Role(Role::Main) {
            // Every server has `POSTGRES_DB`, whatever its database is for.
            found.place = match found.connection.settings.value(Key::Database) {
                Some(name) if name.is_template() => Place::ByDatabaseName,
                Some(name) => Place::Role(role_of_database(&name.expose()).unwrap_or(Role::Main)),
                None => Place::Role(Role::Main),
            };
        }
        // `docker-compose.prod.yml` may change nothing but the password.
        if !is_open && !found.connection.is_place() && reader.kind.environment().is_none() {
            continue;
        }
        found.is_server = is_server;
        reader.define(service, found);
    }
    reader.add_beside(collected);
}

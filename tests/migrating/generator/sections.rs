//! Random files: databases in the layouts that a file may have, beside sections that have nothing to do with them.

use dbcfg::document::Format;

use super::databases::{Database, connection_string, place, section, unknown, url};
use super::{Data, Dice, Map};

const ROLES: [&str; 3] = ["main", "mlflow", "vector"];

/// A file under construction, in both forms.
struct File<'dice, 'tape> {
    dice: &'dice mut Dice<'tape>,
    format: Format,
    /// What stands at the top of the old file; `databases` is added in the end.
    old: Map,
    old_databases: Map,
    old_credentials: Map,
    /// What the new file says besides databases and services.
    new: Map,
    databases: Map,
    services: Map,
    /// By what names databases may be referred to: of the role, of its section, and of its host there.
    names: Vec<(usize, String, Option<String>)>,
}

/// What a file says, and what it is to say.
pub(super) fn file(dice: &mut Dice<'_>, format: Format) -> (Map, Map) {
    let mut file = File {
        dice,
        format,
        old: Vec::new(),
        old_databases: Vec::new(),
        old_credentials: Vec::new(),
        new: Vec::new(),
        databases: Vec::new(),
        services: Vec::new(),
        names: Vec::new(),
    };
    file.bystander("app");
    if file.dice.once_in(8) {
        file.one_server();
    } else {
        for role in 0..3 {
            if role == 0 || file.dice.once_in(2) {
                file.database(role);
            }
        }
    }
    if file.dice.once_in(3) {
        file.backup();
    }
    if file.dice.once_in(3) {
        file.mlflow();
    }
    if file.dice.once_in(4) {
        let redis = vec![("url".to_owned(), Data::text("redis://cache.example.com:6379/0"))];
        file.old.push(("redis".to_owned(), Data::Map(redis.clone())));
        file.services.push(("redis".to_owned(), Data::Map(redis)));
    }
    if file.dice.once_in(4) {
        file.environment();
    }
    file.bystander("logging");
    if file.dice.once_in(4) {
        file.status_page();
    }
    file.finish()
}

impl File<'_, '_> {
    fn can_anchor(&self) -> bool {
        self.format == Format::Yaml
    }

    /// A section that nobody should touch.
    fn bystander(&mut self, name: &str) {
        if self.dice.once_in(2) {
            let value = self.plain(3);
            self.old.push((name.to_owned(), value.clone()));
            self.new.push((name.to_owned(), value));
        }
    }

    /// Anything that the format can write.
    fn plain(&mut self, depth: usize) -> Data {
        let value = unknown(self.dice, depth);
        writable(value, self.format)
    }

    fn database(&mut self, role: usize) {
        match self.dice.roll(8) {
            0 | 1 => self.old_section(role, true),
            4 => self.credentials(role),
            5 if role != 2 || self.format != Format::Toml => self.flat(role),
            6 => {
                let found = url(self.dice, role);
                let name = ["postgres_std", "postgres_mlflow", "postgres_vector"][role];
                self.old_databases.push((name.to_owned(), self.map(found.old)));
                self.databases.push((ROLES[role].to_owned(), self.map(found.new)));
            }
            7 if self.can_anchor() => self.merged(role),
            _ => self.old_section(role, false),
        }
    }

    fn map(&self, map: Map) -> Data {
        writable(Data::Map(map), self.format)
    }

    /// A section under an old name.
    fn old_section(&mut self, role: usize, is_top: bool) {
        let found = section(self.dice, role);
        let names: &[&str] = match (role, is_top) {
            (0, true) => &["postgres_primary", "postgresql_primary", "app_postgres"],
            (1, true) => &["mlflow_alt_db", "mlflow_postgres"],
            (_, true) => &["vector_postgres"],
            (0, _) => &["postgres_std", "postgres_primary", "app_postgres", "primary", "main"],
            (1, _) => &["postgres_mlflow", "mlflow_alt_db", "mlflow"],
            _ => &["postgres_vector", "vector"],
        };
        let name = self.dice.pick(names).to_owned();
        let is_host = |key: &&(String, Data)| key.0.starts_with("host") || key.0 == "db_host";
        let host = found.old.iter().find(is_host).filter(|_| !is_top).map(|(key, _)| key.clone());
        self.names.push((role, name.clone(), host));
        let old = self.map(found.old);
        if is_top { &mut self.old } else { &mut self.old_databases }.push((name, old));
        self.databases.push((ROLES[role].to_owned(), self.map(found.new)));
    }

    /// Half of it under `credentials`.
    fn credentials(&mut self, role: usize) {
        let found = section(self.dice, role);
        let half = self.dice.roll(found.old.len());
        // What a loose key goes into must not be split.
        let half = if has_loose(&found.old) { found.old.len() } else { half };
        let (credentials, own) = found.old.split_at(half.max(1));
        let name = ["postgresql_primary", "mlflow_login", "vector_login"][role].to_owned();
        let mut own = own.to_vec();
        let at = self.dice.roll(own.len() + 1);
        own.insert(at, ("credential_ref".to_owned(), Data::text(&name)));
        self.old_credentials.push((name, self.map(credentials.to_vec())));
        let name = ["primary", "mlflow", "vector"][role].to_owned();
        self.old_databases.push((name, self.map(own)));
        self.databases.push((ROLES[role].to_owned(), self.map(found.new)));
    }

    /// Keys at the top of the file.
    fn flat(&mut self, role: usize) {
        let found = place(self.dice, role);
        let prefix = ["postgres_", "mlflow_postgres_", "vector_postgres_"][role];
        self.old.extend(found.old.into_iter().map(|(key, value)| (format!("{prefix}{key}"), value)));
        self.databases.push((ROLES[role].to_owned(), self.map(found.new)));
    }

    /// A section that merges another.
    fn merged(&mut self, role: usize) {
        let Database { mut old, mut new } = section(self.dice, role);
        let anchor = ["base_main", "base_mlflow", "base_vector"][role];
        // The base may use an old name for it, and then cannot be merged any longer.
        let name = self.dice.pick(&["ssl_mode", "sslmode"]);
        for keys in [&mut old, &mut new] {
            keys.retain(|(key, _)| !key.to_lowercase().starts_with("ssl"));
        }
        let is_overridden = self.dice.once_in(3);
        let mode = if is_overridden { "disable" } else { "require" };
        new.push(("ssl_mode".to_owned(), Data::text(mode)));
        if is_overridden {
            old.push((name.to_owned(), Data::text(mode)));
        }
        let shared = Data::Map(vec![(name.to_owned(), Data::text("require"))]);
        let base = format!("x-{anchor}");
        self.old.push((base.clone(), Data::Anchored(anchor, Box::new(shared.clone()))));
        self.new.push((base, shared.clone()));
        let at = if self.dice.once_in(4) { self.dice.roll(old.len() + 1) } else { 0 };
        old.insert(at, ("<<".to_owned(), Data::Alias(anchor, Box::new(shared))));
        let section = ["postgres_std", "postgres_mlflow", "postgres_vector"][role].to_owned();
        self.old_databases.push((section, Data::Map(old)));
        self.databases.push((ROLES[role].to_owned(), Data::Map(new)));
    }

    /// One server with names of databases.
    fn one_server(&mut self) {
        let mut found = place(self.dice, 0);
        let is_database = |(key, _): &(String, Data)| key == "database";
        found.old.retain(|entry| !is_database(entry));
        found.new.retain(|entry| !is_database(entry));
        let labels = ["app", "mlflow", "vector"];
        let count = 1 + self.dice.roll(3);
        let names = ["vectorqa", "mlflow_db", "vector_db"];
        let nested = labels.iter().zip(names).take(count).map(|(label, name)| ((*label).to_owned(), Data::text(name)));
        let mut old = found.old;
        let at = self.dice.roll(old.len() + 1);
        old.insert(at, ("databases".to_owned(), Data::Map(nested.collect())));
        self.old_databases.push(("primary".to_owned(), self.map(old)));
        for (role, name) in ROLES.iter().zip(names).take(count) {
            let mut new = found.new.clone();
            new.push(("database".to_owned(), Data::text(name)));
            self.databases.push(((*role).to_owned(), self.map(new)));
        }
    }

    /// A file that takes over for main.
    fn backup(&mut self) {
        let mut item = vec![("engine".to_owned(), Data::text("sqlite"))];
        let mut old = Vec::new();
        if self.dice.once_in(2) {
            old.push(("engine".to_owned(), Data::text("sqlite")));
        }
        let name = self.dice.pick(&["path", "db_path"]);
        old.push((name.to_owned(), Data::text("./data/backup.db")));
        item.push(("path".to_owned(), Data::text("./data/backup.db")));
        if self.dice.once_in(3) {
            let value = self.plain(1);
            old.push(("x_security".to_owned(), value.clone()));
            item.push(("x_security".to_owned(), value));
        }
        let old = Data::Map(old);
        if self.dice.once_in(2) { &mut self.old_databases } else { &mut self.old }
            .push(("sqlite_backup".to_owned(), old));
        if let Some((_, Data::Map(main))) = self.databases.iter_mut().find(|(name, _)| name == "main") {
            main.push(("failover".to_owned(), Data::List(vec![Data::Map(item)])));
        }
    }

    fn mlflow(&mut self) {
        let text = |text: &str| Data::text(text);
        let mut section = vec![("tracking_uri".to_owned(), text("http://localhost:5000"))];
        if self.dice.once_in(2) {
            section.push(("artifact_store".to_owned(), text("s3://bucket/mlflow/")));
        }
        if self.dice.once_in(2) {
            let value = self.plain(1);
            section.push(("x_extra".to_owned(), value));
        }
        let mut old = section.clone();
        // What is called `mlflow` may be the database or this.
        let is_clear = |(role, name, _): &&(usize, String, Option<String>)| *role == 1 && name != "mlflow";
        if let Some((_, name, _)) = self.names.iter().find(is_clear).cloned()
            && self.dice.once_in(2)
        {
            let options = |name: &str| {
                Data::Map(vec![
                    ("alternative".to_owned(), Data::text(name)),
                    ("fallback".to_owned(), Data::text("file://./mlflow_data")),
                ])
            };
            old.push(("backend_options".to_owned(), options(&name)));
            section.push(("backend_options".to_owned(), options("databases.mlflow")));
        }
        let has_database = self.databases.iter().any(|(name, _)| name == "mlflow");
        if has_database || self.dice.once_in(2) {
            let store = ("backend_store_uri".to_owned(), text("auto_select"));
            old.push(store.clone());
            section.push(store);
        } else {
            let mut parts = Vec::new();
            let url = connection_string(self.dice, 1, &mut parts);
            old.push(("backend_store_uri".to_owned(), Data::Text(url)));
            self.databases.push(("mlflow".to_owned(), Data::Map(parts)));
        }
        match self.dice.roll(3) {
            0 => self.old.push(("mlflow".to_owned(), Data::Map(old))),
            1 => self.old.push(("integrations".to_owned(), Data::Map(vec![("mlflow".to_owned(), Data::Map(old))]))),
            _ => self.old.push(("services".to_owned(), Data::Map(vec![("mlflow".to_owned(), Data::Map(old))]))),
        }
        self.services.push(("mlflow".to_owned(), Data::Map(section)));
    }

    /// Something of the application's own that refers to a database.
    fn status_page(&mut self) {
        let Some((role, name, Some(host))) = self.names.iter().find(|(.., host)| host.is_some()).cloned() else {
            return;
        };
        let url = |of: &str| {
            let url = format!("https://status.example.com/${{databases.{of}}}");
            Data::Map(vec![("url".to_owned(), Data::Text(url)), ("x_every".to_owned(), Data::Integer(60))])
        };
        self.old.push(("status_page".to_owned(), url(&format!("{name}.{host}"))));
        self.new.push(("status_page".to_owned(), url(&format!("{}.host", ROLES[role]))));
    }

    /// What production has otherwise.
    fn environment(&mut self) {
        let host = |name: &str| Data::Map(vec![(name.to_owned(), Data::text("prod.example.com"))]);
        let own = |key: &str, value: Data| Data::Map(vec![(key.to_owned(), value)]);
        let is_nested = self.dice.once_in(2);
        let name = self.dice.pick(&["host", "hostname"]);
        let old = own("postgres_primary", host(name));
        let old = if is_nested { own("databases", old) } else { old };
        let new = own("databases", own("main", host("host")));
        self.old.push(("environments".to_owned(), own("production", old)));
        self.new.push(("environments".to_owned(), own("production", new)));
    }

    fn finish(self) -> (Map, Map) {
        let Self { dice, format, mut old, old_databases, old_credentials, mut new, databases, services, .. } = self;
        for (name, inner) in [("databases", old_databases), ("credentials", old_credentials)] {
            if !inner.is_empty() {
                // An anchor has to stand before what stands for it.
                let at = if format == Format::Yaml { old.len() } else { dice.roll(old.len() + 1) };
                old.insert(at, (name.to_owned(), Data::Map(inner)));
            }
        }
        if !old.iter().any(|(_, value)| matches!(value, Data::Anchored(..))) && dice.once_in(2) {
            dice.shuffle(&mut old);
        }
        for (name, inner) in [("databases", databases), ("services", services)] {
            if !inner.is_empty() {
                new.push((name.to_owned(), Data::Map(inner)));
            }
        }
        (old, new)
    }
}

fn has_loose(keys: &[(String, Data)]) -> bool {
    keys.iter().any(|(key, _)| ["connection_pool_size", "pool_size", "max_retries"].contains(&key.as_str()))
}

/// The same data without what the format has no way to write.
fn writable(data: Data, format: Format) -> Data {
    match data {
        Data::Plain(_) if format != Format::Yaml => Data::Integer(1),
        Data::List(items) => Data::List(items.into_iter().map(|item| writable(item, format)).collect()),
        Data::Map(map) => Data::Map(map.into_iter().map(|(key, value)| (key, writable(value, format))).collect()),
        other => other,
    }
}

//! A home directory with files, variables and a connection: what libpq has before it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::model::health::Failure;
use crate::model::{Connection, Key, Origin, Setting, Value};
use crate::probe::libpq::resolved;
use crate::probe::libpq::surroundings::Surroundings;
use crate::probe::options::Options;
use crate::probe::postgres::Endpoint;
use crate::redact::Secret;
use crate::template::Syntax;

static COUNTER: AtomicU32 = AtomicU32::new(0);

/// The home directory, for as long as the value lives.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) home: PathBuf,
}

impl Scene {
    /// A home directory with nothing in it but `system`, where the service file of the whole system would be.
    pub(super) fn new() -> Self {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let home = std::env::temp_dir().join(format!("dbcfg-libpq-{}-{number}", process::id()));
        let _ = fs::remove_dir_all(&home);
        fs::create_dir_all(home.join("system")).expect("make the home directory");
        fs::create_dir_all(home.join(".postgresql")).expect("make the directory of certificates");
        Self { home }
    }

    /// The same with a file of a mode.
    pub(super) fn with(self, name: &str, text: &str, mode: u32) -> Self {
        let path = self.home.join(name);
        fs::write(&path, text).expect("write a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("set its mode");
        self
    }

    /// The variables that libpq sees: those of a test, with `~` for the home directory, and the places of the scene.
    pub(super) fn variables(&self, variables: &[(&str, &str)]) -> Vec<(String, String)> {
        let home = self.home.display().to_string();
        let own = [("HOME", "~"), ("PGSYSCONFDIR", "~/system")];
        let all = own.iter().chain(variables);
        all.map(|(name, value)| ((*name).to_owned(), value.replace('~', &home))).collect()
    }

    /// What a connection comes down to. It is `key=value` words, with `~` for the home directory.
    pub(super) fn endpoint(&self, words: &str, variables: &[(&str, &str)]) -> Result<Endpoint, Failure> {
        let environment = self.variables(variables).into_iter().collect();
        let options = Options { environment, base: self.home.clone(), ..Options::default() };
        resolved(&connection(&self.words(words)), &options, &Surroundings::for_test(&self.home))
    }

    /// The words with the home directory in them.
    pub(super) fn words(&self, words: &str) -> String {
        words.replace('~', &self.home.display().to_string())
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.home);
    }
}

/// A connection of `key=value` words: keys of the canonical schema, or parameters of libpq.
pub(super) fn connection(words: &str) -> Connection {
    let mut connection = Connection::default();
    for word in words.split_whitespace() {
        let (name, text) = word.split_once('=').expect("a word is key=value");
        // As in a connection string: quotes around, and a backslash before what is meant as it is.
        let text = &text.trim_matches('\'').replace("\\\\", "\\");
        let key = Key::of_libpq(name).or_else(|| Key::all().find(|key| key.path() == name));
        let value = match key {
            Some(Key::Password) => Value::Secret { text: Secret::new(text.as_str()), syntax: Syntax::Verbatim },
            _ => Value::Text { text: text.clone(), syntax: Syntax::Verbatim },
        };
        let setting = Setting::new(value, Origin::CommandLine);
        match key {
            Some(key) => connection.settings.set(key, setting),
            None => {
                connection.parameters.insert(name.to_owned(), setting);
            }
        }
    }
    connection
}

/// A path without the home directory, for tables.
pub(super) fn short(path: &Path, scene: &Scene) -> String {
    path.display().to_string().replace(&scene.home.display().to_string(), "~")
}

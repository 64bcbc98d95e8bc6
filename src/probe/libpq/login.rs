//! The password: of the command line, the configuration, its `password_file`, a variable, or `.pgpass`.

use std::path::Path;

use super::Notes;
use super::failure::configuration;
use super::files;
use super::hosts::Spot;
use super::parameters::{Parameters, of_key};
use super::passfile::{self, Wanted};
use super::surroundings::Surroundings;
use crate::model::health::Failure;
use crate::model::{Connection, Key};
use crate::redact::{Secret, show_text};

/// The first line of the file that `password_file` names, unless the configuration has a password of its own.
///
/// It is stronger than what libpq finds elsewhere, since it is a part of the configuration.
pub(super) fn of_file(connection: &Connection, base: &Path) -> Result<Option<Secret>, Failure> {
    let is_given = connection.settings.value(Key::Password).is_some_and(|value| !value.is_empty());
    let Some(setting) = connection.settings.get(Key::PasswordFile).filter(|_| !is_given) else { return Ok(None) };
    let given = of_key(Key::PasswordFile, setting)?;
    if given.text().is_empty() {
        return Ok(None);
    }
    let path = given.path(base);
    let text = files::read(&path).map_err(|error| {
        let path = show_text(&path.to_string_lossy());
        let why = files::reason(&error);
        configuration(format!("the file `{path}` of {} cannot be read: {why}", given.name())).about(given.key())
    })?;
    let line = text.split('\n').next().unwrap_or_default().trim_end_matches('\r');
    Ok(Some(line).filter(|line| !line.is_empty()).map(Secret::new))
}

/// The passwords of `.pgpass`, one for each host that has one.
pub(super) fn of_passfile(
    parameters: &Parameters,
    spots: &[Spot],
    (database, user): (&str, &str),
    surroundings: &Surroundings,
    base: &Path,
    notes: &mut Notes,
) -> Vec<Option<Secret>> {
    let named = parameters.filled("passfile").map(|given| given.path(base));
    let path = named.or_else(|| surroundings.at_home(".pgpass", "pgpass.conf"));
    let text = path.and_then(|path| readable(&path, notes));
    let password = |spot: &Spot| {
        let port = spot.port.to_string();
        let wanted = Wanted { host: &spot.sought, port: &port, database, user };
        passfile::password(text.as_ref()?.expose(), wanted).filter(|found| !found.is_empty()).map(Secret::new)
    };
    spots.iter().map(password).collect()
}

/// The text of a file of passwords. One that is not there is none; one that libpq does not trust is passed over.
fn readable(path: &Path, notes: &mut Notes) -> Option<Secret> {
    let facts = files::facts(path).ok()?;
    let mut pass_over = |why: &str| {
        let path = show_text(&path.to_string_lossy());
        notes.remark(format!("the password file `{path}` is passed over, since {why}"));
    };
    if let Some(flaw) = passfile::flaw(facts) {
        pass_over(flaw);
        return None;
    }
    match files::read(path) {
        Ok(text) => Some(Secret::new(text)),
        Err(error) => {
            pass_over(&format!("it cannot be read: {}", files::reason(&error)));
            None
        }
    }
}

//! Service files: sections of parameters, by name.

use std::path::{Path, PathBuf};

use super::failure::configuration;
use super::files;
use super::parameters::is_parameter;
use super::surroundings::Surroundings;
use crate::model::health::Failure;
use crate::probe::options::Environment;
use crate::redact::{Secret, show_text};

/// What a service file says of one service.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Service {
    /// The parameters, in the order of the file. Some hold passwords.
    pub(super) parameters: Vec<(String, Secret)>,
    /// Whether an LDAP server is to be asked for more.
    pub(super) asks_ldap: bool,
}

/// Why a service file cannot be used.
#[derive(Debug, PartialEq, Eq)]
enum Flaw {
    /// A line is no parameter that libpq knows. Lines count from 1.
    Syntax(usize),
    /// A line names another service, or another file of services.
    Nested(usize),
    /// A line is longer than libpq reads.
    TooLong(usize),
}

/// libpq reads a line into so many bytes, the line's end and a zero included.
const MOST_BYTES: usize = 1023;

/// What the service files say of a service: the user's own, then that of the system.
///
/// `own` is the file that the connection names (`servicefile`).
pub(super) fn find(
    name: &str,
    own: Option<PathBuf>,
    environment: &Environment,
    surroundings: &Surroundings,
) -> Result<(Service, PathBuf), Failure> {
    let named = own.or_else(|| environment.get("PGSERVICEFILE").map(PathBuf::from));
    let home = surroundings.at_home(".pg_service.conf", ".pg_service.conf");
    let is_there = |path: &PathBuf| path.exists();
    // A file that somebody names has to be there; the two others need not be.
    let first = named.or_else(|| home.filter(is_there));
    let system = Some(surroundings.system.join("pg_service.conf")).filter(is_there);
    for path in first.into_iter().chain(system) {
        let shown = show_text(&path.to_string_lossy());
        let unreadable = |error| format!("the service file `{shown}` cannot be read: {}", files::reason(&error));
        let text = files::read(&path).map_err(|error| configuration(unreadable(error)))?;
        let service = section(&text, name).map_err(|flaw| configuration(explain(&flaw, &shown)))?;
        if let Some(service) = service {
            return Ok((service, path));
        }
    }
    let name = show_text(name);
    Err(configuration(format!("no service file defines the service `{name}`")))
}

fn explain(flaw: &Flaw, file: &str) -> String {
    match flaw {
        Flaw::Syntax(line) => {
            format!("line {line} of the service file `{file}` is not `parameter=value` with a parameter of libpq")
        }
        Flaw::Nested(line) => {
            format!("line {line} of the service file `{file}` refers to another service, which libpq does not follow")
        }
        Flaw::TooLong(line) => format!("line {line} of the service file `{file}` is longer than libpq reads"),
    }
}

/// The section of a service, as libpq reads it: only the first of its name counts, and lines of others are not looked at.
fn section(text: &str, name: &str) -> Result<Option<Service>, Flaw> {
    let mut service: Option<Service> = None;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let number = index + 1;
        if line.len() >= MOST_BYTES {
            return Err(Flaw::TooLong(number));
        }
        let line = line.trim_matches(is_space);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(heading) = line.strip_prefix('[') {
            if service.is_some() {
                break;
            }
            let is_meant = heading.strip_prefix(name).is_some_and(|rest| rest.starts_with(']'));
            service = is_meant.then(Service::default);
            continue;
        }
        let Some(service) = &mut service else { continue };
        if line.starts_with("ldap") {
            service.asks_ldap = true;
            continue;
        }
        let (key, value) = line.split_once('=').ok_or(Flaw::Syntax(number))?;
        if matches!(key, "service" | "servicefile") {
            return Err(Flaw::Nested(number));
        }
        if !is_parameter(key) {
            return Err(Flaw::Syntax(number));
        }
        service.parameters.push((key.to_owned(), Secret::new(value)));
    }
    Ok(service)
}

/// White space of C, in which libpq thinks.
fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}')
}

/// Where a service file lies, for messages.
pub(super) fn shown(path: &Path) -> String {
    show_text(&path.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<Option<&str>, Flaw>) {
        let found = section(text, "one").map(|service| {
            service.map(|service| {
                let parameters = service.parameters.iter().map(|(key, value)| format!("{key}={}", value.expose()));
                let ldap = service.asks_ldap.then(|| "ldap".to_owned());
                parameters.chain(ldap).collect::<Vec<_>>().join("|")
            })
        });
        assert_eq!(found, expected.map(|text| text.map(str::to_owned)), "{text:?}");
    }

    #[test]
    fn sections_are_read_as_libpq_reads_them() {
        check("", Ok(None));
        check("[two]\nhost=h\n", Ok(None));
        check("host=h\n[one]\nport=1\n[two]\nport=2\n", Ok(Some("port=1")));
        check("# c\n\n [one] trailing\r\n  host=h \r\n#port=1\nuser= u v\n", Ok(Some("host=h|user= u v")));
        check("[one]\nhost=h=1\npassword=\n", Ok(Some("host=h=1|password=")));
        check("[one]\nhost=h\n[one]\nport=1\n", Ok(Some("host=h")));
        check("[ones]\nhost=h\n", Ok(None));
        check("[two]\nnonsense\n[one]\nhost=h", Ok(Some("host=h")));
        check("[one]\nhost=h\nhost=i\n", Ok(Some("host=h|host=i")));
        check("[one]\nldap://h/dc=x\nhost=h\n", Ok(Some("host=h|ldap")));
    }

    #[test]
    fn flaws_name_their_line() {
        check("[one]\nhost\n", Err(Flaw::Syntax(2)));
        check("[one]\n\nhost = h\n", Err(Flaw::Syntax(3)));
        check("[one]\ncolour=red\n", Err(Flaw::Syntax(2)));
        check("[one]\nrequiressl=1\n", Err(Flaw::Syntax(2)));
        check("[one]\nservice=two\n", Err(Flaw::Nested(2)));
        check(&format!("#{}\n[one]\nhost=h\n", "x".repeat(1021)), Err(Flaw::TooLong(1)));
        check(&format!("#{}\n[one]\nhost=h\n", "x".repeat(1020)), Ok(Some("host=h")));
    }
}

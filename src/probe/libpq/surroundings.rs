//! What libpq finds around itself when nobody tells it: the user, the home directory, the directory of sockets.

use std::path::{Path, PathBuf};

use super::files;
use crate::probe::options::Environment;

/// What libpq finds around itself.
#[derive(Clone, Debug)]
pub(super) struct Surroundings {
    /// The home directory: `HOME`, as libpq has it since version 15, else the one of the account.
    pub(super) home: Option<PathBuf>,
    /// The host if none is named.
    pub(super) host: String,
    /// The directory of the service file of the whole system (`PGSYSCONFDIR`).
    pub(super) system: PathBuf,
    /// `USER`, for who is not in the list of accounts.
    user: Option<String>,
}

/// Where Debian's libpq, and that of most distributions, looks for sockets, and where PostgreSQL's own does.
const SOCKETS: [&str; 2] = ["/var/run/postgresql", "/tmp"];

/// Where Debian's libpq looks for the service file of the whole system.
const SYSTEM: &str = "/etc/postgresql-common";

/// The list of accounts.
#[cfg(unix)]
const ACCOUNTS: &str = "/etc/passwd";

impl Surroundings {
    /// What is found by the variables of the process.
    pub(super) fn of(environment: &Environment) -> Self {
        let variable = |name| environment.get(name).map(PathBuf::from);
        let home = if cfg!(unix) {
            variable("HOME").or_else(|| account().map(|it| it.home))
        } else {
            variable("APPDATA").map(|data| data.join("postgresql"))
        };
        let socket = SOCKETS.into_iter().find(|directory| cfg!(unix) && Path::new(directory).is_dir());
        Self {
            home,
            host: socket.unwrap_or("localhost").to_owned(),
            system: variable("PGSYSCONFDIR").unwrap_or_else(|| PathBuf::from(SYSTEM)),
            user: environment.get(if cfg!(unix) { "USER" } else { "USERNAME" }).map(str::to_owned),
        }
    }

    /// The name of the user who runs this process.
    ///
    /// libpq asks the system (`getpwuid`), which may ask a directory server. There is no call for that without unsafe
    /// code, so that who is not in the list of accounts is called what `USER` says.
    pub(super) fn user(&self) -> Option<String> {
        account().map(|it| it.name).or_else(|| self.user.clone())
    }

    /// A file of libpq in the home directory: `~/.pgpass`. On Windows, whose files have no dot, it has another name.
    pub(super) fn at_home(&self, unix: &str, windows: &str) -> Option<PathBuf> {
        self.home.as_ref().map(|home| home.join(if cfg!(unix) { unix } else { windows }))
    }
}

/// What the list of accounts says of a user.
#[derive(Debug, PartialEq, Eq)]
struct Account {
    name: String,
    home: PathBuf,
}

#[cfg(unix)]
fn account() -> Option<Account> {
    let accounts = files::read(Path::new(ACCOUNTS)).ok()?;
    account_of(&accounts, rustix::process::geteuid().as_raw())
}

#[cfg(not(unix))]
fn account() -> Option<Account> {
    None
}

/// The number of the user of a name, as far as the list of accounts knows it.
#[cfg(unix)]
pub(super) fn number_of(name: &str) -> Option<u32> {
    let accounts = files::read(Path::new(ACCOUNTS)).ok()?;
    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let is_meant = fields.next() == Some(name);
        fields.nth(1).filter(|_| is_meant)?.parse().ok()
    })
}

/// The number of the user of a name: there are no sockets with owners here.
#[cfg(not(unix))]
pub(super) fn number_of(_name: &str) -> Option<u32> {
    None
}

/// The account of a user in the format of `passwd(5)`.
#[cfg_attr(not(unix), allow(dead_code, reason = "only Unix has such a list"))]
fn account_of(accounts: &str, number: u32) -> Option<Account> {
    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, _password, user) = (fields.next()?, fields.next()?, fields.next()?);
        let home = fields.nth(2)?;
        let is_meant = !name.is_empty() && user.parse() == Ok(number);
        is_meant.then(|| Account { name: name.to_owned(), home: PathBuf::from(home) })
    })
}

#[cfg(test)]
impl Surroundings {
    /// Those of a test: a home directory, and Debian's directory of sockets.
    pub(super) fn for_test(home: &Path) -> Self {
        let host = SOCKETS[0].to_owned();
        Self { home: Some(home.to_owned()), host, system: home.join("system"), user: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_found_by_their_number() {
        let accounts =
            "root:x:0:0:root:/root:/bin/bash\n# a comment\nbroken:x\nada:x:1000:1000:Ada,,,:/home/ada:/bin/sh\n";
        for (number, expected) in [(0, Some(("root", "/root"))), (1000, Some(("ada", "/home/ada"))), (7, None)] {
            let found = account_of(accounts, number);
            let expected = expected.map(|(name, home)| Account { name: name.to_owned(), home: PathBuf::from(home) });
            assert_eq!(found, expected, "{number}");
        }
    }
}

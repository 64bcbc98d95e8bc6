//! What `migrate` was asked for, checked as far as that needs no file. What was typed is not repeated where it makes no
//! sense: it may be a password.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::cli::{self, Migrate};
use crate::connstr;
use crate::finding::suggest;
use crate::model::{Decisions, Relocation, Role, SecretForm, ServerForm};

use super::super::input;

/// The roles of the canonical schema.
const ROLES: [&str; 3] = ["main", "mlflow", "vector"];

/// What was asked for.
#[derive(Clone, Debug)]
pub(super) struct Wishes {
    /// What is to be migrated; the working directory if nothing was named.
    pub(super) paths: Vec<PathBuf>,
    /// Names that mean a role.
    pub(super) roles: BTreeMap<String, Role>,
    /// What was decided.
    pub(super) decisions: Decisions,
}

impl Wishes {
    /// Puts together what was typed.
    pub(super) fn new(arguments: &Migrate) -> Result<Self> {
        let mut paths = paths(&arguments.paths)?;
        if paths.is_empty() {
            paths.push(PathBuf::from("."));
        }
        if let Some(path) = arguments.output.as_deref().filter(|path| !is_dash(path)) {
            no_connection_string(path)?;
        }
        let decisions = Decisions {
            server: arguments.server.map(|form| match form {
                cli::Server::Separate => ServerForm::Separate,
                cli::Server::Shared => ServerForm::Shared,
            }),
            secrets: arguments.secrets.map(|form| match form {
                cli::Secrets::Keep => SecretForm::Keep,
                cli::Secrets::Env => SecretForm::Env,
            }),
            prefer: preferred(&arguments.prefer)?,
            relocate: relocations(&arguments.relocate)?,
            keep_legacy: arguments.keep_legacy,
        };
        Ok(Self { paths, roles: roles(&arguments.map)?, decisions })
    }
}

/// The paths that were typed; none of them is a connection string or standard input.
pub(super) fn paths(typed: &[PathBuf]) -> Result<Vec<PathBuf>> {
    for path in typed {
        if is_dash(path) {
            bail!("files are migrated, not standard input; `--output -` prints the new text of a file");
        }
        no_connection_string(path)?;
    }
    Ok(typed.to_vec())
}

fn no_connection_string(path: &Path) -> Result<()> {
    match input::connection_string(path) {
        Some(scheme) => bail!("a path is expected, and this is a {scheme}"),
        None => Ok(()),
    }
}

/// Whether a path stands for a stream.
pub(super) fn is_dash(path: &Path) -> bool {
    path == Path::new("-")
}

/// `--map NAME=ROLE`
fn roles(typed: &[String]) -> Result<BTreeMap<String, Role>> {
    let mut roles = BTreeMap::new();
    for text in typed {
        let Some((name, role)) = text.split_once('=').filter(|(name, _)| is_name(name)) else {
            bail!("`--map` takes the name of a section and its role: --map reports=main");
        };
        let role = if role == name { Role::Other(name.to_owned()) } else { canonical(role, "--map")? };
        if roles.insert(name.to_owned(), role.clone()).is_some_and(|known| known != role) {
            bail!("`--map` gives one name two roles");
        }
    }
    Ok(roles)
}

/// A role by its canonical name.
fn canonical(text: &str, flag: &str) -> Result<Role> {
    if ROLES.contains(&text) {
        return Ok(Role::of_name(text));
    }
    let all = "main, mlflow or vector";
    match suggest(text, &ROLES) {
        Some(known) => bail!("`{flag}`: a role is {all}; did you mean `{known}`?"),
        None if flag == "--map" => {
            bail!("`{flag}`: a role is {all}, or the name of the section itself, which keeps it")
        }
        None => bail!("`{flag}`: a role is {all}"),
    }
}

/// `--prefer NAME`
fn preferred(typed: &[String]) -> Result<Vec<String>> {
    for name in typed {
        if name.is_empty() || name.contains("://") || connstr::looks_like(name).is_some() {
            bail!("`--prefer` takes the name of a section, as the plan tells it: --prefer postgres_primary");
        }
    }
    Ok(typed.to_vec())
}

/// `--relocate ROLE=ROLE|HOST[:PORT]`
fn relocations(typed: &[String]) -> Result<BTreeMap<Role, Relocation>> {
    let mut all = BTreeMap::new();
    for text in typed {
        let Some((role, server)) = text.split_once('=').filter(|(role, _)| is_name(role)) else {
            bail!(
                "`--relocate` takes a database and its server: --relocate mlflow=main, or --relocate mlflow=db.example.com:5432"
            );
        };
        let role = Role::of_name(role);
        let server = read_server(server).map_err(|reason| anyhow::anyhow!("`--relocate`: {reason}"))?;
        if server == Relocation::Server(role.clone()) {
            bail!("`--relocate` sends {role} to the server where it is");
        }
        if all.insert(role.clone(), server.clone()).is_some_and(|known| known != server) {
            bail!("`--relocate` sends {role} to two servers");
        }
    }
    Ok(all)
}

/// Reads `main`, `db.example.com`, `db.example.com:5432` or `[2001:db8::1]:5432`.
pub(super) fn read_server(text: &str) -> Result<Relocation, String> {
    if ROLES.contains(&text) {
        return Ok(Relocation::Server(Role::of_name(text)));
    }
    if text.contains(['/', '@']) || connstr::looks_like(text).is_some() {
        return Err("a server is a host, and perhaps a port, and no connection string".to_owned());
    }
    let (host, port) = match (text.strip_prefix('['), text.rsplit_once(':')) {
        (Some(rest), _) => {
            let (host, behind) = rest.split_once(']').ok_or("`]` is missing behind the address")?;
            match behind.strip_prefix(':') {
                Some(port) => (host, Some(port)),
                None if behind.is_empty() => (host, None),
                None => return Err("behind `]` stands nothing, or a colon and the port".to_owned()),
            }
        }
        // More than one colon, and no brackets: an address of IPv6.
        (None, Some((host, _))) if host.contains(':') => (text, None),
        (None, Some((host, port))) => (host, Some(port)),
        (None, None) => (text, None),
    };
    let port = match port.map(str::parse::<u16>) {
        None => None,
        Some(Ok(port)) if port > 0 => Some(port),
        Some(_) => return Err("a port is a number from 1 to 65535".to_owned()),
    };
    let is_address = host.contains(':') && host.parse::<std::net::Ipv6Addr>().is_ok();
    let is_host = !host.is_empty()
        && host.len() <= 253
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    if is_address || is_host {
        Ok(Relocation::Host { host: host.to_owned(), port })
    } else {
        Err("a server is main, mlflow, vector, or HOST[:PORT]".to_owned())
    }
}

/// Whether a text can be the name of a section.
fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.contains(['/', '@', ' ', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(host: &str, port: Option<u16>) -> Relocation {
        Relocation::Host { host: host.to_owned(), port }
    }

    #[test]
    fn servers_are_roles_or_hosts() {
        for (text, expected) in [
            ("main", Relocation::Server(Role::Main)),
            ("db.example.com", host("db.example.com", None)),
            ("db.example.com:5433", host("db.example.com", Some(5433))),
            ("localhost", host("localhost", None)),
            ("10.0.0.1:1", host("10.0.0.1", Some(1))),
            ("2001:db8::1", host("2001:db8::1", None)),
            ("[2001:db8::1]:5432", host("2001:db8::1", Some(5432))),
            ("[::1]", host("::1", None)),
        ] {
            assert_eq!(read_server(text), Ok(expected), "{text}");
        }
        let texts =
            ["", "a b", "h:0", "h:99999", "h:x", "postgresql://u:pw@h/d", "u@h", "host=h", "[::1", "[::1]x", "a:b:c"];
        for text in texts {
            let reason = read_server(text).expect_err(text);
            assert!(!reason.contains("pw"), "{reason}");
        }
    }

    #[track_caller]
    fn check(result: Result<impl Sized>, expected: &str) {
        let message = result.err().map(|error| error.to_string()).unwrap_or_default();
        assert_eq!(message, expected);
    }

    #[test]
    fn nonsense_is_explained_and_not_repeated() {
        let texts = |texts: &[&str]| -> Vec<String> { texts.iter().map(|text| (*text).to_owned()).collect() };
        check(roles(&texts(&["a=main", "b=b", "a=main"])), "");
        check(roles(&texts(&["s3cr3t"])), "`--map` takes the name of a section and its role: --map reports=main");
        check(roles(&texts(&["a=mlfow"])), "`--map`: a role is main, mlflow or vector; did you mean `mlflow`?");
        check(
            roles(&texts(&["a=s3cr3t"])),
            "`--map`: a role is main, mlflow or vector, or the name of the section itself, which keeps it",
        );
        check(roles(&texts(&["a=main", "a=vector"])), "`--map` gives one name two roles");
        check(
            preferred(&texts(&["postgresql://u:s3cr3t@h/d"])),
            "`--prefer` takes the name of a section, as the plan tells it: --prefer postgres_primary",
        );
        check(relocations(&texts(&["mlflow=main", "vector=h:1"])), "");
        check(
            relocations(&texts(&["mlflow"])),
            "`--relocate` takes a database and its server: --relocate mlflow=main, or --relocate mlflow=db.example.com:5432",
        );
        check(
            relocations(&texts(&["mlflow=postgresql://u:s3cr3t@h/d"])),
            "`--relocate`: a server is a host, and perhaps a port, and no connection string",
        );
        check(relocations(&texts(&["main=main"])), "`--relocate` sends main to the server where it is");
        check(relocations(&texts(&["main=a", "main=b"])), "`--relocate` sends main to two servers");
    }
}

//! `invalid-host`.

use std::net::{IpAddr, Ipv6Addr};

use crate::finding::{Finding, Fix, Safety};
use crate::model::Key;
use crate::redact::{mask_text, show_text};
use crate::rules::{Case, server};

rule! {
    /// A host that no server can have.
    ///
    /// Found are blanks, a URL, a user, a path or a port inside, a name that DNS does not allow, an IPv4 address with a
    /// part above 255, and `*`; of several hosts with commas between, each.
    /// A `hostaddr` has to be an address.
    /// Directories of Unix sockets and names with underscores, which networks of containers have, are fine.
    /// # Why it matters
    /// The name is looked up as it stands, and nothing is found.
    /// Most often another part of a URL slipped in, and then that part is missing where it belongs.
    /// # How to mend it
    /// Write the bare name or address of the server; port, user and database have keys of their own.
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com:5432
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     port: 5432
    /// ```
    "invalid-host": Endpoint, Error; fixable
}

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for site in case.sites().filter(|site| server::is_postgresql(site.connection)) {
        for (key, fault_of) in [(Key::Host, fault as fn(&str) -> Option<Fault>), (Key::HostAddress, no_address)] {
            let Some(setting) = site.get(key).filter(|setting| !server::is_hidden(setting)) else { continue };
            let Some(hosts) = site.known(key).filter(|hosts| !server::is_open(hosts)) else { continue };
            // A blank at either end belongs to the list if there is one.
            let trim = |host| if hosts.contains(',') { str::trim(host) } else { host };
            let Some((host, fault)) = hosts.split(',').map(trim).find_map(|host| Some((host, fault_of(host)?))) else {
                continue;
            };
            let message = format!("{} has the host `{}`, which {}", site.what(), show_text(host), fault.what);
            // Where a part is a secret, any part may be one: a password moves the signs that the parts are told by.
            let has_secret = mask_text(host) != host;
            let help = if has_secret { "write the host alone, as in `db.example.com`".to_owned() } else { fault.help };
            // Nobody finds a host with a blank at its end, except those who take the blank away.
            let bare = hosts.trim();
            let is_fine = !bare.contains(',') && !bare.is_empty() && fault_of(bare).is_none();
            let fix = is_fine.then(|| Fix::words(&setting.origin, Safety::Safe, &hosts, bare)).flatten();
            findings.push(Finding::new(&INFO, setting.origin.clone(), message).help(help).fix(fix));
        }
    }
}

/// What is wrong with a host, and what to write instead.
#[derive(Debug, PartialEq, Eq)]
struct Fault {
    what: &'static str,
    help: String,
}

impl Fault {
    fn new(what: &'static str, help: impl Into<String>) -> Self {
        Self { what, help: help.into() }
    }

    /// With the host that was most likely meant.
    fn meant(what: &'static str, host: &str) -> Self {
        let help = match fault(host) {
            None if !host.is_empty() => format!("write the host alone: `{}`", show_text(host)),
            _ => "write the host alone, as in `db.example.com`".to_owned(),
        };
        Self { what, help }
    }
}

fn no_address(host: &str) -> Option<Fault> {
    let address = host.split_once('%').map_or(host, |(address, _)| address);
    let is_address = host.is_empty() || address.parse::<IpAddr>().is_ok();
    (!is_address).then(|| Fault::new("is no address", "write an IPv4 or IPv6 address, or name it as `host`"))
}

fn fault(host: &str) -> Option<Fault> {
    // Of several hosts an empty one is the default.
    if host.is_empty() || host.starts_with(['/', '@']) || is_ipv6(host) {
        return None;
    }
    if let Some((_, rest)) = host.split_once("://") {
        let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
        let end = rest.find([':', '/', '?']).unwrap_or(rest.len());
        return Some(Fault::meant("is a URL", &rest[..end]));
    }
    if let Some((_, rest)) = host.rsplit_once('@') {
        return Some(Fault::meant("has a user in it", rest.split([':', '/']).next().unwrap_or(rest)));
    }
    if host.contains(char::is_whitespace) {
        return Some(Fault::meant("has blanks in it", &host.split_whitespace().collect::<String>()));
    }
    if let Some((rest, _)) = host.split_once(['/', '\\']) {
        return Some(Fault::meant("has a path in it", rest.split(':').next().unwrap_or(rest)));
    }
    if host.contains(':') {
        return with_colon(host);
    }
    if host == "*" {
        return Some(Fault::new(
            "is what a server listens on",
            "write the name or address under which clients reach the server",
        ));
    }
    name_fault(host)
}

fn is_ipv6(host: &str) -> bool {
    let host = host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(host);
    host.split_once('%').map_or(host, |(address, _)| address).parse::<Ipv6Addr>().is_ok()
}

fn with_colon(host: &str) -> Option<Fault> {
    let (name, port) = host.rsplit_once(':')?;
    if port.parse::<u16>().is_ok() && (!name.contains(':') || is_ipv6(name)) {
        let help = format!("write host `{}` and port {port}", show_text(name));
        return Some(Fault::new("has a port in it", help));
    }
    // `project:region:instance` is how Google's connector names a server.
    let is_connector =
        host.split(':').count() == 3 && host.bytes().any(|byte| byte.is_ascii_lowercase() && byte > b'f');
    (!is_connector).then(|| Fault::meant("has a colon in it", host.split(':').next().unwrap_or_default()))
}

/// What is wrong with a name, or with an IPv4 address.
fn name_fault(host: &str) -> Option<Fault> {
    let name = host.strip_suffix('.').unwrap_or(host);
    let labels: Vec<&str> = name.split('.').collect();
    if labels.len() >= 4 && labels.iter().all(|label| label.parse::<u64>().is_ok()) {
        let is_address = labels.len() == 4 && labels.iter().all(|label| label.parse::<u8>().is_ok());
        let help = "an IPv4 address has four parts of 0 to 255";
        return (!is_address).then(|| Fault::new("looks like an address and is none", help));
    }
    if labels.iter().any(|label| label.is_empty()) {
        let rest: Vec<&str> = labels.into_iter().filter(|label| !label.is_empty()).collect();
        return Some(Fault::meant("has an empty part", &rest.join(".")));
    }
    if name.len() > 253 || labels.iter().any(|label| label.len() > 63) {
        let help = "DNS allows 253 characters, and 63 between two dots";
        return Some(Fault::new("is too long", help));
    }
    let is_allowed = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let kept: String = name.chars().filter(|c| is_allowed(*c)).collect();
    (kept != name).then(|| Fault::meant("has signs in it that no host can have", &kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_judged() {
        let long = format!("{}.example.com", "x".repeat(64));
        for (host, expected) in [
            ("db.example.com", None),
            ("db.example.com.", None),
            ("localhost", None),
            ("my_db", None),
            ("b\u{fc}ro.example", None),
            ("10.0.0.7", None),
            ("::1", None),
            ("[::1]", None),
            ("fe80::1%eth0", None),
            ("/var/run/postgresql", None),
            ("@socket", None),
            ("", None),
            ("127.1", None),
            ("project:europe-west1:db", None),
            ("https://db.example.com/x", Some("is a URL")),
            ("postgresql://u@db.example.com:5432/app", Some("is a URL")),
            ("u@db.example.com", Some("has a user in it")),
            ("db example com", Some("has blanks in it")),
            (" db.example.com", Some("has blanks in it")),
            ("db.example.com/app", Some("has a path in it")),
            ("db.example.com:5432", Some("has a port in it")),
            ("[::1]:5432", Some("has a port in it")),
            ("db.example.com:", Some("has a colon in it")),
            ("*", Some("is what a server listens on")),
            ("10.0.0.256", Some("looks like an address and is none")),
            ("10.0.0.1.2", Some("looks like an address and is none")),
            ("db..example.com", Some("has an empty part")),
            (".example.com", Some("has an empty part")),
            (long.as_str(), Some("is too long")),
            ("db.example.com;", Some("has signs in it that no host can have")),
        ] {
            assert_eq!(fault(host).map(|fault| fault.what), expected, "{host}");
        }
        let help = |host| fault(host).map(|fault| fault.help).unwrap_or_default();
        assert_eq!(help("postgresql://u@db.example.com:5432/app"), "write the host alone: `db.example.com`");
        assert_eq!(help("db.example.com:5433"), "write host `db.example.com` and port 5433");
        assert_eq!(help("https://"), "write the host alone, as in `db.example.com`");
    }
}

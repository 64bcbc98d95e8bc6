//! No fixture and no test names a host that could be somebody's: names are reserved ones, or cannot exist.
//!
//! The forms that vendors document are data of `src/connstr` and are not looked at here.

use std::net::Ipv4Addr;

use super::rust::{Kind, tokens};
use super::{File, demand_none, demand_one, project};

/// Reserved for examples and tests by RFC 2606, 6761 and the private-use decision on `internal`:
/// nobody owns a name below these.
const RESERVED: &[&str] =
    &["invalid", "example", "internal", "test", "localhost", "example.com", "example.org", "example.net"];

/// Documentation that a fixture or a test points its reader to, and vendors' own domains.
const REFERENCES: &[&str] = &[
    "docs.sqlalchemy.org",
    "json-schema.org",
    "pooler.supabase.co",
    "pooler.supabase.com",
    "supabase.co",
    "supabase.com",
    "www.postgresql.org",
];

/// Hosts of vendors in their documented form. The part that would be a customer's is invented:
/// letters in their order, which no account has. The regional doors belong to the vendor itself.
const VENDORS: &[&str] = &[
    ".abcdefghijkl.*.rds.amazonaws.com",
    ".cluster-abcdefghijkl.*.rds.amazonaws.com",
    ".cluster-ro-abcdefghijkl.*.rds.amazonaws.com",
    ".mnopqrstuvwx.*.rds.amazonaws.com",
    ".proxy-abcdefghijkl.*.rds.amazonaws.com",
    "db.abcdefghijklmnopqrst.supabase.co",
    "db.abcdefghijklmnopqrst.supabase.com",
    ".pooler.supabase.co",
    ".pooler.supabase.com",
];

/// Top-level domains that are looked for in every text; names below others are found where a host is expected.
const COMMON: &[&str] = &["cloud", "co", "com", "edu", "gov", "io", "net", "org"];

/// What stands for a host that is not written down.
const PLACEHOLDER: &[char] = &['[', '<', '{', '$', '%', '*', '('];

/// Hosts of one file that could be somebody's.
fn host_faults(file: &File) -> Vec<String> {
    // The checks themselves hold pieces of names, and names to find.
    let counts = ["fixtures/", "tests/"].iter().any(|top| file.path.starts_with(top));
    if !counts || file.path.starts_with("tests/tidy/") {
        return Vec::new();
    }
    let mut faults = Vec::new();
    let mut look = |first: usize, text: &str| {
        for (index, line) in text.lines().enumerate() {
            let mut hosts = hosts_of_urls(line);
            hosts.extend(hosts_of_keys(line));
            hosts.extend(common_names(line));
            hosts.sort_unstable();
            hosts.dedup();
            for host in hosts.into_iter().filter(|host| !is_harmless(host)) {
                let what = format!("`{host}` could be somebody's host; use a name below example.com or .invalid");
                faults.push(file.fault(first + index, what));
            }
        }
    };
    if file.is_rust() {
        // Outside of its strings, Rust is full of dots and colons that have nothing to do with hosts.
        tokens(&file.text)
            .iter()
            .filter(|token| token.kind == Kind::Text)
            .for_each(|token| look(token.line, token.text));
    } else {
        look(1, &file.text);
    }
    faults
}

/// The hosts of the URLs in a line; libpq allows several in one.
fn hosts_of_urls(line: &str) -> Vec<&str> {
    let mut hosts = Vec::new();
    for (at, _) in
        line.match_indices("://").filter(|(at, _)| line[..*at].ends_with(|c: char| c.is_ascii_alphanumeric()))
    {
        let rest = &line[at + 3..];
        let authority = &rest[..rest.find(is_url_end).unwrap_or(rest.len())];
        let address = authority.rsplit_once('@').map_or(authority, |(_, address)| address);
        hosts.extend(address.split(',').map(without_port));
    }
    hosts
}

/// What ends the part of a URL that names its host.
fn is_url_end(character: char) -> bool {
    character.is_whitespace() || "/?#\"'`\\;|^!&".contains(character)
}

/// A host without `:port`.
fn without_port(host: &str) -> &str {
    host.split_once(':').map_or(host, |(host, _)| host)
}

/// The values of keys that end in `host` and its kin: `host: x`, `"DB_HOST": "x"`, `hostaddr=x`.
fn hosts_of_keys(line: &str) -> Vec<&str> {
    const KEYS: &[&str] = &["host", "hostname", "hostaddr", "server", "endpoint", "domain", "address"];
    let lower = line.to_ascii_lowercase();
    let mut hosts = Vec::new();
    for key in KEYS {
        for (at, _) in lower.match_indices(key) {
            let rest = line[at + key.len()..].trim_start_matches(['"', '\'', '\\', ' ']);
            let Some(value) = rest.strip_prefix([':', '=']).filter(|value| !value.starts_with("//")) else { continue };
            let value = value.trim_start_matches([' ', '"', '\'', '\\', '[', '-']);
            let end = value.find(|c: char| c.is_whitespace() || "\"'}])\\;&#".contains(c)).unwrap_or(value.len());
            hosts.extend(value[..end].split(',').map(without_port).filter(|host| is_domain_name(host)));
        }
    }
    hosts
}

/// Words that end in a common top-level domain, wherever they stand.
fn common_names(line: &str) -> Vec<&str> {
    let words = line.split(|c: char| !c.is_ascii_alphanumeric() && !"._-".contains(c));
    let names = words.map(|word| word.trim_matches(['.', '-', '_'])).filter(|word| is_domain_name(word));
    names.filter(|name| name.rsplit('.').next().is_some_and(|last| COMMON.contains(&last))).collect()
}

/// Whether it looks like a name of several parts: the last one is a word.
fn is_domain_name(host: &str) -> bool {
    let labels: Vec<&str> = host.trim_end_matches('.').split('.').collect();
    let is_label =
        |label: &&str| !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    let last = labels[labels.len() - 1];
    let address = host.parse::<Ipv4Addr>().is_ok();
    address
        || labels.len() > 1
            && labels.iter().all(is_label)
            && last.len() > 1
            && last.chars().all(|c| c.is_ascii_alphabetic())
}

/// Whether this host cannot be somebody's.
fn is_harmless(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    if host.contains(PLACEHOLDER) || !is_domain_name(&host) {
        return true;
    }
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return address.is_loopback() || address.is_private() || address.is_documentation() || address.is_unspecified();
    }
    let below = |name: &str| host == name || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'));
    if RESERVED.iter().any(|name| below(name)) || REFERENCES.contains(&host.as_str()) {
        return true;
    }
    // Without an account part, which stands before the region, this name cannot exist.
    let no_account = host.strip_suffix(".rds.amazonaws.com").is_some_and(|rest| rest.split('.').count() <= 2);
    no_account || VENDORS.iter().any(|form| has_form(&host, form))
}

/// Whether a host ends like this; `*` is one part of any text, and a dot in front means that something precedes it.
fn has_form(host: &str, form: &str) -> bool {
    let (mut parts, mut wanted) = (host.rsplit('.'), form.trim_start_matches('.').rsplit('.'));
    let fits = wanted.all(|label| parts.next().is_some_and(|part| label == "*" || label == part));
    fits && parts.next().is_some() == form.starts_with('.')
}

#[test]
fn fixtures_and_tests_name_nobodys_host() {
    demand_none(&project().iter().flat_map(host_faults).collect::<Vec<_>>());
}

#[test]
fn a_host_that_could_be_somebodys_is_found() {
    let (common, other, address) = ("db.corp.com", "db.corp.lan", "8.8.8.8");
    for line in [
        format!("postgresql://u:p@{common}:5432/db"),
        format!("url: postgresql://u@a,{common}/db"),
        format!("  host: {other}"),
        format!("{{host: \"{other}\", port: 1}}"),
        format!("DB_HOST={other}"),
        format!("\"hostname\": \"{other}\""),
        format!("hostaddr={address} user=x"),
        format!("http://{address}:80/"),
        format!("# as {common} had it"),
        format!("${{DB_HOST:-{common}}}"),
        "host: db.qwertyuiopas.us-east-1.rds.amazonaws.com".to_owned(),
    ] {
        demand_one(&host_faults(&File::new("fixtures/a.yaml", &format!("# A\n{line}\n"))), &["fixtures/a.yaml:2"]);
    }
    let rust = format!("//! T.\nlet x = r#\"\nhost: {other}\n\"#;\n");
    demand_one(&host_faults(&File::new("tests/a.rs", &rust)), &["tests/a.rs:3", other]);
}

#[test]
fn reserved_names_and_placeholders_are_no_fault() {
    for line in [
        "postgresql://u:p@db.example.com:5432,standby.example.com/db?host=/var/run/postgresql",
        "host: db.example.internal. # a comment",
        "tracking_uri: http://localhost:5000",
        "http://[::1]:80 http://127.0.0.1 http://10.0.0.7 http://192.0.2.1",
        "host: <DB_HOST>",
        "host: ${databases.postgres_mlflow.host}",
        "postgresql://${DB_HOST}:5432/x postgresql://{{ host }}/x postgresql://u:p@ss#w/rd@h/db",
        "host: ./data/backup.db",
        "path: settings.local.yaml, server: v1.2.3",
        "backend_store_uri: <<MANAGED_BY_CONNECTION_POOL>>",
        "host: main.cluster-abcdefghijkl.us-east-1.rds.amazonaws.com",
        "host: alternative-mlflow-db.us-east-1.rds.amazonaws.com",
        "postgresql://postgres.abcdefghijklmnopqrst@aws-0-us-east-1.pooler.supabase.com:6543/postgres",
        "See https://www.postgresql.org/docs/current/libpq-connect.html",
    ] {
        demand_none(&host_faults(&File::new("fixtures/a.yaml", line)));
    }
    demand_none(&host_faults(&File::new("tests/a.rs", "let x = config.host.name; // server: a.b.cd")));
    demand_none(&host_faults(&File::new("fixtures/a.yaml", "Hosts end in `.us-east-1.rds.amazonaws.com`.")));
    demand_none(&host_faults(&File::new("src/connstr/vendors.rs", "x.qwertyuiopas.us-east-1.rds.amazonaws.com")));
}

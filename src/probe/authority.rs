//! A host and a port as URLs and people write them.

use std::net::Ipv6Addr;

/// `db.example.com:5432`, `[2001:db8::1]:5432`; without a port, the host alone.
pub(super) fn authority(host: &str, port: Option<u16>) -> String {
    let host = if host.parse::<Ipv6Addr>().is_ok() { format!("[{host}]") } else { host.to_owned() };
    match port {
        Some(port) => format!("{host}:{port}"),
        None => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_version_6_have_brackets() {
        assert_eq!(authority("cache.example.com", Some(6379)), "cache.example.com:6379");
        assert_eq!(authority("::1", Some(80)), "[::1]:80");
        assert_eq!(authority("2001:db8::1", None), "[2001:db8::1]");
    }
}

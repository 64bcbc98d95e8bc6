//! The lists of hosts, addresses and ports.

use std::net::{IpAddr, Ipv6Addr};
use std::path::PathBuf;

use super::failure::configuration;
use super::parameters::{Given, Parameters};
use crate::model::health::Failure;
use crate::probe::postgres::Place;

/// libpq's default.
const PORT: u16 = 5432;

/// Where one host is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    /// Where.
    pub(super) place: Place,
    /// The port.
    pub(super) port: u16,
    /// What `.pgpass` is searched for: the host as it was written, else its address.
    pub(super) sought: String,
}

/// The hosts, in their order. `default` is the host if none is named.
pub(super) fn spots(parameters: &Parameters, default: &str) -> Result<Vec<Spot>, Failure> {
    let (host, address) = (parameters.filled("host"), parameters.filled("hostaddr"));
    let hosts = elements(host);
    let addresses = elements(address);
    if let Some(given) = address
        && !hosts.is_empty()
        && hosts.len() != addresses.len()
    {
        let (names, numbers) = (hosts.len(), addresses.len());
        let name = given.name();
        return Err(configuration(format!(
            "{name} has {numbers} {} for {names} of `host`; valid is one for each",
            entries(numbers)
        ))
        .about(given.key()));
    }
    let count = hosts.len().max(addresses.len()).max(1);
    let ports = ports(parameters.filled("port"), count)?;
    let at = |list: &[&str], index: usize| list.get(index).copied().filter(|it| !it.is_empty()).map(str::to_owned);
    let spots = ports.into_iter().enumerate().map(|(index, port)| {
        let name = at(&hosts, index);
        let spot = |place, sought| Spot { place, port, sought };
        if let (Some(text), Some(given)) = (at(&addresses, index), address) {
            let place = of_address(&text, name.clone());
            let place = place.ok_or_else(|| given.misfit("are addresses of IPv4 and IPv6, separated by commas"))?;
            return Ok(spot(place, name.unwrap_or(text)));
        }
        let name = name.unwrap_or_else(|| default.to_owned());
        // libpq searches for the default directory under the name of this machine, and for no other.
        let sought = if name == default { "localhost".to_owned() } else { name.clone() };
        let spot = spot(of_name(name), sought);
        fits(&spot).map_err(|failure| failure.about(host.and_then(Given::key)))?;
        Ok(spot)
    });
    spots.collect()
}

/// The longest path of a Unix socket, in bytes (`sun_path` of the system, without the zero at its end).
const LONGEST_PATH: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// Fails if the path of a Unix socket is too long to be connected to.
fn fits(spot: &Spot) -> Result<(), Failure> {
    let Place::Socket(directory) = &spot.place else { return Ok(()) };
    let path = directory.join(format!(".s.PGSQL.{}", spot.port));
    let length = path.as_os_str().len();
    if length <= LONGEST_PATH {
        return Ok(());
    }
    let message = "the path of the Unix socket has";
    Err(configuration(format!("{message} {length} bytes, and the system takes {LONGEST_PATH}")))
}

fn elements(given: Option<&Given>) -> Vec<&str> {
    given.map(|given| given.text().split(',').collect()).unwrap_or_default()
}

fn entries(count: usize) -> &'static str {
    if count == 1 { "entry" } else { "entries" }
}

/// One port for each host.
fn ports(given: Option<&Given>, count: usize) -> Result<Vec<u16>, Failure> {
    let Some(given) = given else { return Ok(vec![PORT; count]) };
    let ports = elements(Some(given)).into_iter().map(|text| match text.trim() {
        "" if text.is_empty() => Ok(PORT),
        number => number.parse().ok().filter(|port| *port > 0).ok_or_else(|| given.misfit("are 1 to 65535")),
    });
    let ports = ports.collect::<Result<Vec<u16>, Failure>>()?;
    match ports.as_slice() {
        [port] => Ok(vec![*port; count]),
        _ if ports.len() == count => Ok(ports),
        _ => {
            let (name, found) = (given.name(), ports.len());
            let hosts = if count == 1 { "host" } else { "hosts" };
            let each = "valid is one for all of them, or one for each";
            Err(configuration(format!("{name} has {found} entries for {count} {hosts}; {each}")).about(given.key()))
        }
    }
}

/// A host: a directory of sockets, an address that needs no lookup, or a name.
fn of_name(name: String) -> Place {
    if name.starts_with(['/', '@']) {
        return Place::Socket(PathBuf::from(name));
    }
    // The brackets are of a URL; the keywords of libpq have none, but people write them.
    let inner = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    if let Some(address) = inner.and_then(|inner| inner.parse::<Ipv6Addr>().ok()) {
        return Place::Address { address: IpAddr::V6(address), name: Some(address.to_string()) };
    }
    match name.parse() {
        Ok(address) => Place::Address { address, name: Some(name) },
        Err(_) => Place::Name(name),
    }
}

/// An address, and the name that certificates are verified against.
fn of_address(text: &str, name: Option<String>) -> Option<Place> {
    if let Ok(address) = text.parse() {
        return Some(Place::Address { address, name });
    }
    // An address of one link (`fe80::1%eth0`): only the system knows the number of the link, and its resolver tells.
    let (address, link) = text.split_once('%')?;
    let is_scoped = address.parse::<Ipv6Addr>().is_ok() && !link.is_empty();
    is_scoped.then(|| Place::Name(text.to_owned()))
}

//! Names become addresses, in threads that can hang without anybody waiting for them.
//!
//! The system's own resolver is asked, since it alone knows what the applications see: `/etc/hosts`, search domains, nss.
//! It can neither be interrupted nor be given a time (10 s and more where no server of names answers), so each lookup has a
//! thread that nobody joins: an attempt whose time is up leaves it behind, and so does the end of the process.

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use tokio::sync::watch;

use super::fault::{Fault, IoFault, NameFault};

/// What a lookup came to.
type Outcome = Result<Vec<SocketAddr>, Fault>;

/// The names that are being looked up, each with who hears the answer.
type Running = HashMap<(String, u16), watch::Receiver<Option<Outcome>>>;

/// Looks names up. Who asks for a name that is being looked up waits for the same answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Resolver {
    running: Arc<Mutex<Running>>,
}

/// The stack of a thread that looks a name up: glibc's resolver needs some 70 KiB.
const STACK: usize = 256 << 10;

/// The most lookups that may hang at the same time, so that a dead resolver does not use up threads and memory.
const MOST: usize = 1024;

impl Resolver {
    /// The addresses of a name, in the order that the system prefers. Takes as long as the system takes.
    pub(super) async fn lookup(&self, name: &str, port: u16) -> Outcome {
        let mut answer = self.ask(name, port)?;
        let answered = answer.wait_for(Option::is_some).await;
        answered.ok().and_then(|outcome| outcome.clone()).unwrap_or(Err(Fault::Name(NameFault::TryAgain)))
    }

    fn ask(&self, name: &str, port: u16) -> Result<watch::Receiver<Option<Outcome>>, Fault> {
        let key = (name.to_owned(), port);
        let mut running = self.running();
        if let Some(known) = running.get(&key) {
            return Ok(known.clone());
        }
        if running.len() >= MOST {
            return Err(Fault::Name(NameFault::TryAgain));
        }
        let (sender, receiver) = watch::channel(None);
        let (own, asked) = (self.clone(), key.clone());
        let look = move || {
            let outcome = look_up(&asked.0, asked.1);
            own.running().remove(&asked);
            // Nobody waits any more if the time was up.
            let _ = sender.send(Some(outcome));
        };
        let started = thread::Builder::new().name("dbcfg-lookup".to_owned()).stack_size(STACK).spawn(look);
        started.map_err(|error| Fault::Io(IoFault::from(&error)))?;
        running.insert(key, receiver.clone());
        Ok(receiver)
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn look_up(name: &str, port: u16) -> Outcome {
    match (name, port).to_socket_addrs() {
        Ok(addresses) => {
            let mut all: Vec<SocketAddr> = Vec::new();
            for address in addresses {
                if !all.contains(&address) {
                    all.push(address);
                }
            }
            if all.is_empty() { Err(Fault::Name(NameFault::NoAddress)) } else { Ok(all) }
        }
        Err(error) => Err(fault(&error)),
    }
}

/// What a failed lookup means. The standard library keeps the number of `getaddrinfo`'s error to itself and hands on the
/// text: that of glibc, of musl and of macOS, each in English, since no locale is set.
fn fault(error: &io::Error) -> Fault {
    const NOT_FOUND: &[&str] =
        &["Name or service not known", "Name does not resolve", "nodename nor servname provided", "Name has no usable"];
    const NO_ADDRESS: &[&str] = &["No address associated with", "Address family for hostname not supported"];
    const TRY_AGAIN: &[&str] = &["Temporary failure in name resolution", "Try again"];
    if error.raw_os_error().is_some() {
        return Fault::Io(IoFault::from(error));
    }
    let text = error.to_string();
    let says = |known: &[&str]| known.iter().any(|words| text.contains(words));
    Fault::Name(if says(NOT_FOUND) || error.kind() == io::ErrorKind::InvalidInput {
        NameFault::NotFound
    } else if says(NO_ADDRESS) {
        NameFault::NoAddress
    } else if says(TRY_AGAIN) {
        NameFault::TryAgain
    } else {
        NameFault::Other(text.rsplit(": ").next().unwrap_or_default().to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_resolvers_are_told_apart() {
        for (text, expected) in [
            ("failed to lookup address information: Name or service not known", NameFault::NotFound),
            ("failed to lookup address information: Name does not resolve", NameFault::NotFound),
            ("failed to lookup address information: No address associated with hostname", NameFault::NoAddress),
            ("failed to lookup address information: Temporary failure in name resolution", NameFault::TryAgain),
            ("failed to lookup address information: Try again", NameFault::TryAgain),
            ("failed to lookup address information: Odd", NameFault::Other("Odd".to_owned())),
        ] {
            assert_eq!(fault(&io::Error::other(text)), Fault::Name(expected), "{text}");
        }
        let no_descriptors = io::Error::from_raw_os_error(24);
        assert_eq!(fault(&no_descriptors), Fault::Io(IoFault::from(&no_descriptors)));
    }

    #[tokio::test]
    async fn names_are_looked_up() {
        let resolver = Resolver::default();
        let (one, other) = tokio::join!(resolver.lookup("localhost", 5432), resolver.lookup("localhost", 5432));
        let addresses = one.expect("every machine knows itself");
        assert!(addresses.iter().all(|address| address.ip().is_loopback() && address.port() == 5432), "{addresses:?}");
        assert_eq!(other, Ok(addresses));
        assert!(resolver.running().is_empty());
        assert_eq!(resolver.lookup("a\0b", 1).await, Err(Fault::Name(NameFault::NotFound)));
    }
}

//! Who may go now: so many targets at once in all, and so many to one server.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Lets attempts through.
#[derive(Debug)]
pub(super) struct Gate {
    /// The places in all.
    jobs: Arc<Semaphore>,
    /// How many places each server has.
    per_server: usize,
    /// Each server that was met.
    servers: Mutex<HashMap<String, Arc<Server>>>,
}

/// A server.
#[derive(Debug)]
struct Server {
    places: Arc<Semaphore>,
    /// Whether it has accepted a connection in this run.
    is_reached: AtomicBool,
}

/// A place in the run, which is given back when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    _job: OwnedSemaphorePermit,
    /// The servers, each with the place there unless it was given to the next.
    servers: Vec<(Arc<Server>, Option<OwnedSemaphorePermit>)>,
}

impl Gate {
    /// For so many attempts at once in all and to one server; at least one.
    pub(super) fn new(jobs: usize, per_server: usize) -> Self {
        let places = |count: usize| count.clamp(1, Semaphore::MAX_PERMITS);
        let jobs = Arc::new(Semaphore::new(places(jobs)));
        Self { jobs, per_server: places(per_server), servers: Mutex::default() }
    }

    /// Waits for a place at each of the servers, then for one in all: whoever waits for a server keeps nobody from
    /// another. The servers are taken in the order of their names, so that nobody waits in a circle.
    ///
    /// Nothing comes of it only if the gate is closed, which nobody does.
    pub(super) async fn enter(&self, mut servers: Vec<String>) -> Option<Place> {
        servers.sort_unstable();
        servers.dedup();
        let mut held = Vec::with_capacity(servers.len());
        for name in servers {
            let server = self.server(name);
            let place = Arc::clone(&server.places).acquire_owned().await.ok()?;
            held.push((server, Some(place)));
        }
        let job = Arc::clone(&self.jobs).acquire_owned().await.ok()?;
        Some(Place { _job: job, servers: held })
    }

    fn server(&self, name: String) -> Arc<Server> {
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Server { places: Arc::new(Semaphore::new(self.per_server)), is_reached: AtomicBool::new(false) };
        Arc::clone(servers.entry(name).or_insert_with(|| Arc::new(new())))
    }
}

impl Place {
    /// A connection is made. Of several servers nobody knows to which.
    pub(super) fn reached(&self) {
        if let [(server, _)] = self.servers.as_slice() {
            server.is_reached.store(true, Ordering::Relaxed);
        }
    }

    /// Gives the place at servers that nobody has reached yet to the next. One that is only far away gets no more
    /// sessions than it should, as soon as this is known.
    pub(super) fn leave_unreached(&mut self) {
        for (server, place) in &mut self.servers {
            if !server.is_reached.load(Ordering::Relaxed) {
                *place = None;
            }
        }
    }
}

//! The run for callers that are not asynchronous.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::time::sleep;

use crate::model::health::{Events, Health};
use crate::probe::options::Options;
use crate::probe::plan::Target;

/// How often is asked whether the run is to stop: soon enough for whoever presses Ctrl-C.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// Threads for many targets. Most of the work is waiting; one more keeps a target that computes (an expensive password,
/// a large certificate) from delaying the others.
const WORKERS: usize = 2;

/// Probes targets, and tells `events` about it as it happens. Ends early when the deadline of the options is over or
/// `is_stopped` says so, with what is known by then.
///
/// Replicas and failover that are targets themselves are probed once, and serve the verdict of their database too. The
/// runtime is its own; a thread that still hangs in the resolver at the end is left behind.
///
/// # Errors
///
/// The system gives no resources for the runtime.
pub fn run_blocking(
    targets: &[Target],
    options: &Options,
    events: &Arc<dyn Events>,
    is_stopped: impl Fn() -> bool,
) -> io::Result<Health> {
    let mut builder = if targets.len() > 1 { Builder::new_multi_thread() } else { Builder::new_current_thread() };
    let runtime = builder.worker_threads(WORKERS).enable_all().build()?;
    let stop = async {
        while !is_stopped() {
            sleep(ASK_EVERY).await;
        }
    };
    let health = runtime.block_on(super::run(targets, options, events, stop));
    runtime.shutdown_background();
    Ok(health)
}

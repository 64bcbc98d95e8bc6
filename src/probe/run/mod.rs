//! The run over all targets: each is a task of its own, so that none waits for another's server, and none takes another
//! along if it fails.

mod descriptors;
mod gate;
mod retry;
mod runtime;
mod target;
#[cfg(test)]
mod tests;
mod turn;

use std::collections::{HashMap, HashSet};
use std::future::{Future, pending};
use std::pin::pin;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::model::health::{Cause, Event, Events, Failure, Health, Status, Subject, TargetHealth};

use super::attempt::Context;
use super::options::Options;
use super::plan::Target;
use super::resolve::Resolver;
use super::tls::Connectors;
use gate::Gate;
pub use runtime::run_blocking;
#[cfg(test)]
pub(super) use tests::Fake;

/// Why a run ends before it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Its time is up.
    Deadline,
    /// Somebody interrupted it.
    Interrupt,
}

/// What the tasks of a run share.
struct Run {
    context: Context,
    gate: Gate,
    events: Arc<dyn Events>,
    /// Why the run ends, once it does.
    end: watch::Receiver<Option<End>>,
    /// The replicas and failover that are targets of this run themselves: what became of them, once it is known.
    members: HashMap<Subject, watch::Receiver<Option<Arc<TargetHealth>>>>,
}

impl Run {
    /// The end of the run, if it comes before its time.
    async fn ended(&self) -> End {
        let mut end = self.end.clone();
        let found = end.wait_for(Option::is_some).await.ok().and_then(|found| *found);
        match found {
            Some(found) => found,
            // Whoever could end it is gone.
            None => pending().await,
        }
    }

    /// Waits for something, unless the run has ended or ends before.
    async fn unless_ended<Value>(&self, waited: impl Future<Output = Value>) -> Result<Value, End> {
        tokio::select! {
            biased;
            end = self.ended() => Err(end),
            value = waited => Ok(value),
        }
    }
}

/// Probes targets, and tells `events` about it as it happens. Ends early when the deadline of the options is over or
/// `stop` is ready, with what is known by then.
///
/// Replicas and failover that are targets themselves are probed once, and serve the verdict of their database too.
async fn run(
    targets: &[Target],
    options: &Options,
    events: &Arc<dyn Events>,
    stop: impl Future<Output = ()>,
) -> Health {
    let start = Instant::now();
    let (end, ended) = watch::channel(None);
    let (mut tellers, members) = shared_members(targets);
    let run = Arc::new(Run {
        context: Context { resolver: Resolver::default(), connectors: Connectors::default(), is_deep: options.is_deep },
        gate: Gate::new(descriptors::jobs(options.jobs), options.per_server),
        events: Arc::clone(events),
        end: ended,
        members,
    });
    let mut tasks = JoinSet::new();
    let mut places = HashMap::new();
    for (index, target) in targets.iter().enumerate() {
        let (run, target, teller) = (Arc::clone(&run), target.clone(), tellers.remove(&target.subject));
        let task = tasks.spawn(async move {
            let health = target::probe(&run, &target).await;
            if let Some(teller) = teller {
                teller.send_replace(Some(Arc::new(health.clone())));
            }
            health
        });
        places.insert(task.id(), index);
    }
    let mut found: Vec<Option<TargetHealth>> = targets.iter().map(|_| None).collect();
    let (mut stop, mut deadline) = (pin!(stop), pin!(over(options)));
    loop {
        // Results come first: what is known at the end is told.
        tokio::select! {
            biased;
            joined = tasks.join_next_with_id() => {
                let Some(joined) = joined else { break };
                let (id, health) = match joined {
                    Ok((id, health)) => (id, Some(health)),
                    Err(error) => (error.id(), None),
                };
                let Some(index) = places.remove(&id) else { continue };
                let health = health.unwrap_or_else(|| broken(&targets[index]));
                events.event(Event::Finished { target: &health });
                found[index] = Some(health);
            }
            () = &mut stop, if end.borrow().is_none() => {
                end.send_replace(Some(End::Interrupt));
            }
            () = &mut deadline, if end.borrow().is_none() => {
                end.send_replace(Some(End::Deadline));
            }
        }
    }
    let is_interrupted = *end.borrow() == Some(End::Interrupt);
    Health { targets: found.into_iter().flatten().collect(), time: start.elapsed(), is_interrupted }
}

/// Waits until the time of the run is over.
async fn over(options: &Options) {
    match options.deadline {
        Some(deadline) => sleep(deadline).await,
        None => pending().await,
    }
}

/// Who tells what became of a member, and who hears it.
type Tellers = HashMap<Subject, watch::Sender<Option<Arc<TargetHealth>>>>;
type Hearers = HashMap<Subject, watch::Receiver<Option<Arc<TargetHealth>>>>;

/// A line to the members of targets from where they are probed as targets themselves.
fn shared_members(targets: &[Target]) -> (Tellers, Hearers) {
    let members: HashSet<&Subject> =
        targets.iter().flat_map(|target| &target.members).map(|member| &member.subject).collect();
    targets
        .iter()
        .filter(|target| members.contains(&target.subject))
        .map(|target| {
            let (teller, hearer) = watch::channel(None);
            ((target.subject.clone(), teller), (target.subject.clone(), hearer))
        })
        .unzip()
}

/// What is told of a target whose task broke down. What was known of it is lost.
fn broken(target: &Target) -> TargetHealth {
    let failure = Failure {
        cause: Cause::Other,
        code: Cause::Other.name(),
        message: "the probe of this target broke down, which is a bug of dbcfg; nothing is said about the server"
            .to_owned(),
        ..Failure::default()
    };
    TargetHealth { failure: Some(failure), status: Status::Down, ..target::untold(target) }
}

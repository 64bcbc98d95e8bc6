//! One attempt of a target: it waits for its place, is watched while it goes on, and is cut off when the run ends.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::model::health::{Attempt, Cause, Class, Event, Failure, Stage, Subject, TargetHealth, Via};
use crate::probe::attempt::{Answer, Ask, attempt, cut_off};
use crate::probe::plan::Peer;
use crate::probe::recorder::Recorder;

use super::gate::Place;
use super::{End, Run};

/// How long an attempt keeps its place at a server without a connection. One that hangs before that is no session
/// there; otherwise a hundred databases of a server that swallows packets would wait for each other.
const PATIENCE: Duration = Duration::from_millis(100);

/// Which attempt it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turn {
    /// By which way.
    pub(super) via: Via,
    /// Which of how many, from 1.
    pub(super) number: u32,
    /// How many there are at most.
    pub(super) of: u32,
    /// How long it may take.
    pub(super) limit: Duration,
    /// How long was waited before it.
    pub(super) delay: Duration,
}

/// What became of an attempt.
#[derive(Debug)]
pub(super) struct Tried {
    /// All that is told of it.
    pub(super) attempt: Attempt,
    /// What answered.
    pub(super) answer: Option<Answer>,
    /// How long it took, without the wait for its place.
    pub(super) time: Duration,
    /// Whether the run ended in the middle of it.
    pub(super) is_cut_off: bool,
}

/// Tells what happens with one target.
pub(super) struct Teller<'run> {
    pub(super) run: &'run Run,
    /// The target as which it is told.
    pub(super) subject: &'run Subject,
    /// Whether it had a turn.
    pub(super) is_started: bool,
}

impl Teller<'_> {
    /// Tries once, as soon as there is a place; not at all if the run ends before.
    pub(super) async fn turn(&mut self, peer: &Peer, ask: &Ask, turn: Turn) -> Result<Tried, End> {
        let run = self.run;
        let mut place = run.unless_ended(run.gate.enter(peer.servers())).await?;
        let endpoint = peer.endpoint();
        self.begins(&endpoint, peer.database().as_deref(), turn);
        let start = Instant::now();
        let recorder = Recorder::default();
        // It has 12 KB of state, which thousands that wait for their place need not hold.
        let tried = Box::pin(attempt(peer, &run.context, ask, turn.limit, &recorder));
        let outcome = tokio::select! {
            biased;
            (attempt, answer) = self.watched(tried, &recorder, &mut place) => (attempt, answer, false),
            end = run.ended() => (cut_off(peer, turn.limit, &recorder, unfinished(end, recorder.stage())), None, true),
        };
        let (attempt, answer, is_cut_off) = outcome;
        let attempt = Attempt { via: turn.via, delay: turn.delay, ..attempt };
        Ok(Tried { attempt, answer, time: start.elapsed(), is_cut_off })
    }

    fn begins(&mut self, endpoint: &str, database: Option<&str>, turn: Turn) {
        let (subject, events) = (self.subject, &self.run.events);
        if !self.is_started {
            self.is_started = true;
            events.event(Event::Started { subject });
        }
        let Turn { number, of, limit: timeout, .. } = turn;
        events.event(Event::Attempt { subject, endpoint, database, number, of, timeout });
    }

    /// The last attempt of a target failed; it is made again after a while, or not.
    pub(super) fn failed(&self, health: &TargetHealth, turn: Turn, retry_in: Option<Duration>) {
        let Some(attempt) = health.attempts.last() else { return };
        let Some(failure) = &attempt.failure else { return };
        let (subject, endpoint) = (self.subject, attempt.endpoint.as_str());
        let Turn { number, of, .. } = turn;
        self.run.events.event(Event::Failed { subject, endpoint, number, of, failure, retry_in });
    }

    /// Watches over an attempt: tells each stage that it waits in, and gives its place at the server away if it gets no
    /// connection.
    async fn watched<Outcome>(
        &self,
        attempt: impl Future<Output = Outcome>,
        recorder: &Recorder,
        place: &mut Option<Place>,
    ) -> Outcome {
        let (mut attempt, mut patience) = (pin!(attempt), pin!(sleep(PATIENCE)));
        let mut told = None;
        let mut is_patient = true;
        poll_fn(|context| {
            let outcome = attempt.as_mut().poll(context);
            let stage = recorder.stage();
            if told != Some(stage) {
                told = Some(stage);
                if stage > Stage::Tcp {
                    place.iter().for_each(Place::reached);
                }
                self.run.events.event(Event::Stage { subject: self.subject, stage });
            }
            if outcome.is_pending() && is_patient && patience.as_mut().poll(context).is_ready() {
                is_patient = false;
                if stage <= Stage::Tcp {
                    place.iter_mut().for_each(Place::leave_unreached);
                }
            }
            outcome
        })
        .await
    }
}

/// Why an attempt did not come to its end.
///
/// It had less time than an attempt may take, so that nobody knows whether the server would have answered.
fn unfinished(end: End, stage: Stage) -> Failure {
    let message = match end {
        End::Deadline => format!("the deadline of the run ended it at the stage {stage}"),
        End::Interrupt => format!("the run was interrupted when it was at the stage {stage}"),
    };
    let cause = Cause::Deadline;
    Failure { stage, cause, class: Class::Transient, code: cause.name(), message, key: None }
}

/// Why a target had no turn.
pub(super) fn no_turn(end: End) -> Failure {
    let message = match end {
        End::Deadline => "the deadline of the run was over before it had its turn",
        End::Interrupt => "the run was interrupted before it had its turn",
    };
    let cause = Cause::Deadline;
    Failure { cause, class: Class::Transient, code: cause.name(), message: message.to_owned(), ..Failure::default() }
}

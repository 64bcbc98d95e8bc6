//! A peer that does what it is told.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::sleep;

use crate::model::health::Stage;
use crate::probe::attempt::Answer;
use crate::probe::fault::{Fault, IoFault, NameFault, ServerFault};
use crate::probe::recorder::Recorder;

/// A peer that does what it is told.
#[derive(Debug)]
pub(in crate::probe) struct Fake {
    /// Its name, which is its server's too.
    pub(in crate::probe) server: String,
    /// What it does at each attempt; the last for ever.
    acts: Mutex<VecDeque<Act>>,
    /// How often it was tried.
    calls: AtomicUsize,
    gauge: Arc<Gauge>,
}

/// How many are tried at once.
#[derive(Debug, Default)]
pub(super) struct Gauge {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Gauge {
    /// The most that were tried at once.
    pub(super) fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }

    fn enter(self: &Arc<Self>) -> Inside {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        Inside(Arc::clone(self))
    }
}

/// Somebody who is tried.
struct Inside(Arc<Gauge>);

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::SeqCst);
    }
}

/// What a peer does at an attempt: stages that take their time, and an end.
#[derive(Clone, Debug)]
pub(super) struct Act {
    stages: Vec<(Stage, Duration)>,
    end: ActEnd,
}

#[derive(Clone, Debug)]
enum ActEnd {
    Outcome(Box<Result<Answer, Fault>>),
    Panic,
}

impl Act {
    fn new(stages: &[(Stage, Duration)], outcome: Result<Answer, Fault>) -> Self {
        Self { stages: stages.to_vec(), end: ActEnd::Outcome(Box::new(outcome)) }
    }

    /// It fails before anybody is asked.
    pub(super) fn gives_up(fault: Fault) -> Self {
        Self::new(&[], Err(fault))
    }

    /// It answers at once.
    pub(super) fn answers() -> Self {
        Self::answers_after(Duration::ZERO)
    }

    /// It answers after some time that a query takes.
    pub(super) fn answers_after(time: Duration) -> Self {
        let remarks = vec!["answered".to_owned()];
        Self::new(&[(Stage::Tcp, Duration::ZERO), (Stage::Query, time)], Ok(Answer { remarks, ..Answer::default() }))
    }

    /// It accepts the connection after some time, and answers after some more.
    pub(super) fn is_far_away(connect: Duration, answer: Duration) -> Self {
        Self::new(&[(Stage::Tcp, connect), (Stage::Query, answer)], Ok(Answer::default()))
    }

    /// It answers, and something is wrong with it.
    pub(super) fn answers_with(trouble: Fault) -> Self {
        let answer = Answer { trouble: Some(trouble), ..Answer::default() };
        Self::new(&[(Stage::Extension, Duration::ZERO)], Ok(answer))
    }

    /// It fails at a stage.
    pub(super) fn fails(stage: Stage, fault: Fault) -> Self {
        Self::new(&[(stage, Duration::ZERO)], Err(fault))
    }

    /// It refuses connections.
    pub(super) fn refuses() -> Self {
        Self::fails(Stage::Tcp, refused())
    }

    /// It says no with a SQLSTATE.
    pub(super) fn says(code: &str) -> Self {
        let fault = ServerFault { code: code.to_owned(), message: "no".to_owned(), is_after_login: true };
        Self::fails(Stage::Session, Fault::Server(fault))
    }

    /// Its name is not found.
    pub(super) fn has_no_name() -> Self {
        Self::fails(Stage::Dns, Fault::Name(NameFault::NotFound))
    }

    /// It hangs at a stage for longer than anybody waits.
    pub(super) fn hangs(stage: Stage) -> Self {
        Self::new(&[(stage, Duration::from_secs(86_400))], Ok(Answer::default()))
    }

    /// It breaks the task that tries it.
    pub(super) fn panics() -> Self {
        Self { stages: Vec::new(), end: ActEnd::Panic }
    }
}

fn refused() -> Fault {
    Fault::Io(IoFault { kind: std::io::ErrorKind::ConnectionRefused, code: None })
}

impl Fake {
    pub(super) fn new(server: &str, acts: &[Act]) -> Arc<Self> {
        Self::watched(server, acts, &Arc::default())
    }

    pub(super) fn watched(server: &str, acts: &[Act], gauge: &Arc<Gauge>) -> Arc<Self> {
        Arc::new(Self {
            server: server.to_owned(),
            acts: Mutex::new(acts.iter().cloned().collect()),
            calls: AtomicUsize::new(0),
            gauge: Arc::clone(gauge),
        })
    }

    /// How often it was tried.
    pub(super) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    fn next(&self) -> Act {
        let mut acts = self.acts.lock().expect("nobody panics here");
        let next = acts.front().cloned().expect("it has something to do");
        if acts.len() > 1 {
            acts.pop_front();
        }
        next
    }

    pub(in crate::probe) async fn attempt(&self, recorder: &Recorder) -> Result<Answer, Fault> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let _inside = self.gauge.enter();
        let act = self.next();
        for (stage, time) in act.stages {
            recorder.begin(stage);
            sleep(time).await;
        }
        match act.end {
            ActEnd::Outcome(outcome) => *outcome,
            ActEnd::Panic => panic!("as it was told"),
        }
    }
}

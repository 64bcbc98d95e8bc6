//! The stages of one attempt, timed as they come, and what is known of it if its time runs out in the middle.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::model::health::{Address, Stage, StageTime};

use super::dial::FOR_EVER;

/// Times the stages of one attempt. Shared between the attempt and whoever watches over its time.
///
/// An attempt that goes to several addresses or hosts comes to a stage more than once; the times of a stage are added
/// up, and the last outcome counts.
#[derive(Debug, Default)]
pub(super) struct Recorder(Mutex<Record>);

/// What is known of an attempt.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// The stages that ended.
    pub(super) stages: Vec<StageTime>,
    /// The stage that goes on, and since when.
    current: Option<(Stage, Instant)>,
    /// The last stage that began.
    reached: Stage,
    /// When all that counts of it was done.
    done: Option<Instant>,
    /// The addresses of the name.
    pub(super) addresses: Vec<Address>,
    /// When the time of the attempt is up.
    end: Option<Instant>,
}

impl Recorder {
    fn record(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The attempt may take so long from now on.
    pub(super) fn limit(&self, limit: Duration) {
        self.record().end = Instant::now().checked_add(limit);
    }

    /// The time that is left, divided among so many that are still to be tried.
    pub(super) fn share(&self, among: usize) -> Duration {
        let end = self.record().end;
        let left = end.map_or(FOR_EVER, |end| end.saturating_duration_since(Instant::now()));
        left / u32::try_from(among).unwrap_or(u32::MAX).max(1)
    }

    /// A stage begins. One that goes on ends well.
    pub(super) fn begin(&self, stage: Stage) {
        let mut record = self.record();
        record.end_stage(true);
        record.current = Some((stage, Instant::now()));
        record.reached = stage;
    }

    /// What follows takes no time of the stage that goes on.
    pub(super) fn done(&self) {
        self.record().done.get_or_insert_with(Instant::now);
    }

    /// The stage that goes on, or the last one.
    pub(super) fn stage(&self) -> Stage {
        self.record().reached
    }

    /// The addresses that will be tried.
    pub(super) fn addresses(&self, addresses: &[SocketAddr]) {
        for address in addresses {
            self.address(address.to_string());
        }
    }

    /// The Unix socket that will be tried.
    pub(super) fn socket(&self, path: &Path) {
        self.address(path.to_string_lossy().into_owned());
    }

    /// An address that is tried once more, with encryption or without, is told once.
    fn address(&self, address: String) {
        let mut record = self.record();
        if !record.addresses.iter().any(|known| known.address == address) {
            record.addresses.push(Address { address, is_ok: None, error: None });
        }
    }

    /// What became of an address.
    pub(super) fn tried(&self, address: &str, outcome: Result<(), &str>) {
        let mut record = self.record();
        let untried = |it: &&mut Address| it.address == address && it.is_ok.is_none();
        if let Some(known) = record.addresses.iter_mut().find(untried) {
            known.is_ok = Some(outcome.is_ok());
            known.error = outcome.err().map(str::to_owned);
        }
    }

    /// Ends the stage that goes on, and gives everything away.
    pub(super) fn finish(&self, is_ok: bool) -> (Vec<StageTime>, Vec<Address>) {
        let mut record = self.record();
        record.end_stage(is_ok);
        (std::mem::take(&mut record.stages), std::mem::take(&mut record.addresses))
    }
}

impl Record {
    fn end_stage(&mut self, is_ok: bool) {
        let Some((stage, since)) = self.current.take() else { return };
        let end = self.done.take().unwrap_or_else(Instant::now);
        let time = end.saturating_duration_since(since);
        match self.stages.iter_mut().find(|it| it.stage == stage) {
            Some(known) => {
                known.time += time;
                known.is_ok = is_ok;
            }
            None => self.stages.push(StageTime { stage, time, is_ok }),
        }
    }
}

//! `--wait`: again and again until all is well, as long as that can come by itself.

use std::time::{Duration, Instant};

use crate::model::health::{Cause, Class, Failure, Status, TargetHealth};
use crate::probe::Options;
use crate::redact;

use super::checkup::Checked;

/// The pause after the first round; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// No pause is longer, so that nobody waits much longer than the server took.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// So much of the time is kept for the last round: a server that runs by then answers within it.
const LAST_ROUND: Duration = Duration::from_millis(250);

/// The time that is left, and the pauses in it.
#[derive(Debug)]
pub(super) struct Patience {
    /// None if nobody waits: then the one round takes the time that it takes.
    end: Option<Instant>,
    pause: Duration,
}

/// What is to be done after a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// All is well, or the time is up.
    Stop,
    /// Waiting mends nothing: the name of a target, and why.
    GiveUp(String, String),
    /// Another round after so long.
    Again(Duration),
}

impl Patience {
    /// So long from now on.
    pub(super) fn new(limit: Duration) -> Self {
        Self { end: (!limit.is_zero()).then(|| Instant::now() + limit), pause: FIRST_PAUSE }
    }

    /// How targets are tried in the next round: within the time that is left.
    pub(super) fn options(&self, options: &Options) -> Options {
        let deadlines = [options.deadline, self.left()];
        Options { deadline: deadlines.into_iter().flatten().min(), ..options.clone() }
    }

    fn left(&self) -> Option<Duration> {
        Some(self.end?.saturating_duration_since(Instant::now()))
    }

    /// What is to be done after a round. `fails` says which verdicts are waited for to pass.
    pub(super) fn next(&mut self, checked: &Checked, fails: impl Fn(Status) -> bool) -> Next {
        let mut failing = checked.health.targets.iter().filter(|target| fails(target.status)).peekable();
        if failing.peek().is_none() {
            return Next::Stop;
        }
        if let Some((target, failure)) = failing.find_map(hopeless) {
            return Next::GiveUp(target.subject.name(), failure.message.clone());
        }
        let spare = self.left().unwrap_or_default().saturating_sub(LAST_ROUND);
        if spare.is_zero() {
            return Next::Stop;
        }
        let pause = self.pause.min(spare);
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        Next::Again(pause)
    }
}

/// Why waiting for a target mends nothing, if it does not.
fn hopeless(target: &TargetHealth) -> Option<(&TargetHealth, &Failure)> {
    let failure = target.failure.as_ref()?;
    (!passes(failure)).then_some((target, failure))
}

/// Whether a failure may be gone later although nobody changes the configuration: what a server that starts, or whatever
/// sets it up, brings by and by. A wrong password is not: trying on would only lock the account.
fn passes(failure: &Failure) -> bool {
    failure.class == Class::Transient
        || matches!(
            failure.cause,
            Cause::NameNotFound
                | Cause::NameWithoutAddress
                | Cause::ResolverFailed
                | Cause::Timeout
                | Cause::Deadline
                | Cause::OutOfDescriptors
                | Cause::DatabaseMissing
                | Cause::DatabaseClosed
                | Cause::RoleMissing
                | Cause::WrongSession
                | Cause::ExtensionMissing
                | Cause::FileMissing
                | Cause::BucketMissing
                | Cause::StartingUp
                | Cause::ShuttingDown
                | Cause::TooManyConnections
                | Cause::PoolerBusy
        )
}

/// What is waited for, as a line.
pub(super) fn told(checked: &Checked, fails: impl Fn(Status) -> bool) -> String {
    let failing = checked.health.targets.iter().filter(|target| fails(target.status));
    let one = |target: &TargetHealth| {
        let name = redact::show_text(&target.subject.name());
        let cause = target.failure.as_ref().map_or_else(|| target.status.to_string(), |it| it.cause.name());
        format!("{name} ({cause})")
    };
    format!("Waiting for {}.\n", failing.map(one).collect::<Vec<_>>().join(", "))
}

/// Puts what an earlier round knew in place of a target whose time was up in this one: that the time was up, everybody
/// knows.
pub(super) fn keep_causes(targets: &mut [TargetHealth], before: &[TargetHealth]) {
    let is_cut = |target: &TargetHealth| target.failure.as_ref().is_some_and(|it| it.cause == Cause::Deadline);
    for target in targets.iter_mut().filter(|target| is_cut(target)) {
        if let Some(known) = before.iter().find(|known| known.subject == target.subject) {
            *target = known.clone();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::checkup::samples::{checked, target as sample};
    use super::*;

    fn after(targets: Vec<TargetHealth>, limit: Duration) -> Next {
        Patience::new(limit).next(&checked(targets), |status| status != Status::Healthy)
    }

    #[test]
    fn what_may_pass_is_waited_for() {
        let minute = Duration::from_secs(60);
        for (cause, class, expected) in [
            (Cause::StartingUp, Class::Transient, true),
            (Cause::NameNotFound, Class::Permanent, true),
            (Cause::DatabaseMissing, Class::Permanent, true),
            (Cause::ExtensionMissing, Class::Permanent, true),
            (Cause::Reset, Class::Transient, true),
            (Cause::Reset, Class::Permanent, false),
            (Cause::PasswordRejected, Class::Permanent, false),
            (Cause::CertificateExpired, Class::Permanent, false),
            (Cause::UnresolvedVariable, Class::Permanent, false),
            (Cause::Configuration, Class::Permanent, false),
        ] {
            let next = after(vec![sample("main", Status::Down, Some((cause, class)))], minute);
            let is_again = next == Next::Again(FIRST_PAUSE);
            assert_eq!(is_again, expected, "{cause:?} {next:?}");
            assert_eq!(matches!(next, Next::GiveUp(..)), !expected, "{cause:?} {next:?}");
        }
    }

    #[test]
    fn it_ends_with_health_or_with_the_time() {
        let healthy = || sample("main", Status::Healthy, None);
        let starting = || sample("mlflow", Status::Down, Some((Cause::StartingUp, Class::Transient)));
        assert_eq!(after(vec![healthy()], Duration::ZERO), Next::Stop);
        assert_eq!(after(vec![healthy(), starting()], Duration::ZERO), Next::Stop);
        let mut patience = Patience::new(Duration::from_secs(60));
        let both = checked(vec![healthy(), starting()]);
        let mut pauses = (0..7).map(|_| patience.next(&both, |status| status == Status::Down));
        let millis = [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000];
        assert!(millis.iter().all(|millis| pauses.next() == Some(Next::Again(Duration::from_millis(*millis)))));
        // A live error, or a way that is not the first choice, may pass too.
        assert_eq!(
            after(vec![sample("main", Status::Degraded, None)], Duration::from_secs(9)),
            Next::Again(FIRST_PAUSE)
        );
    }

    #[test]
    fn the_whole_time_is_waited() {
        let starting = checked(vec![sample("main", Status::Down, Some((Cause::StartingUp, Class::Transient)))]);
        let mut patience = Patience::new(Duration::from_millis(650));
        let mut next = || patience.next(&starting, |status| status == Status::Down);
        assert_eq!(next(), Next::Again(FIRST_PAUSE));
        // Half a second would be next, and a part of the time is for the round behind it.
        let Next::Again(pause) = next() else { panic!("it ends too early") };
        assert!(pause > Duration::from_millis(300) && pause <= Duration::from_millis(400), "{pause:?}");
        assert_eq!(after(starting.health.targets, LAST_ROUND), Next::Stop);
    }

    #[test]
    fn the_last_real_cause_is_told() {
        let refused = sample("main", Status::Down, Some((Cause::Refused, Class::Transient)));
        let mut now = vec![sample("main", Status::Down, Some((Cause::Deadline, Class::Transient)))];
        keep_causes(&mut now, std::slice::from_ref(&refused));
        assert_eq!(now, [refused]);
    }
}

//! Whether a target is tried once more: one pure function decides it.

use crate::model::health::{Cause, Class, Failure};

/// What the failures of a target come down to, so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Retry {
    /// How often its name was not found.
    lookups: u32,
}

/// How often a name that is not found is looked up: a second time, since a resolver that is overloaded or has just
/// started says the same, and not a third.
const LOOKUPS: u32 = 2;

impl Retry {
    /// Whether the target is worth another attempt after a round in which these failures came: of the primary, and of
    /// its fallback database if that was tried.
    pub(super) fn is_worthwhile<'round>(&mut self, failures: impl IntoIterator<Item = &'round Failure>) -> bool {
        let mut is_worthwhile = false;
        for failure in failures {
            is_worthwhile |= if failure.cause == Cause::NameNotFound {
                self.lookups += 1;
                self.lookups < LOOKUPS
            } else {
                failure.class == Class::Transient
            };
        }
        is_worthwhile
    }
}

/// Whether the server says that the database itself is missing or closed, so that an older name may be the right one.
pub(super) fn asks_for_fallback(failure: &Failure) -> bool {
    matches!(failure.cause, Cause::DatabaseMissing | Cause::DatabaseClosed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(cause: Cause, class: Class) -> Failure {
        Failure { cause, class, ..Failure::default() }
    }

    #[test]
    fn transient_failures_are_tried_again_and_names_once() {
        use Class::{Permanent, Transient};
        for (rounds, expected) in [
            (&[&[(Cause::Refused, Transient)][..], &[(Cause::Timeout, Transient)]][..], &[true, true][..]),
            (&[&[(Cause::PasswordRejected, Permanent)]], &[false]),
            (&[&[(Cause::NameNotFound, Permanent)], &[(Cause::NameNotFound, Permanent)]], &[true, false]),
            // Whatever class it has, a name is looked up twice.
            (&[&[(Cause::NameNotFound, Transient)], &[(Cause::NameNotFound, Transient)]], &[true, false]),
            (
                &[
                    &[(Cause::NameNotFound, Permanent)],
                    &[(Cause::Refused, Transient)],
                    &[(Cause::NameNotFound, Permanent)],
                ],
                &[true, true, false],
            ),
            (&[&[(Cause::DatabaseMissing, Permanent), (Cause::TooManyConnections, Transient)]], &[true]),
            (&[&[(Cause::DatabaseMissing, Permanent), (Cause::DatabaseMissing, Permanent)]], &[false]),
        ] {
            let mut retry = Retry::default();
            for (round, expected) in rounds.iter().zip(expected) {
                let failures: Vec<Failure> = round.iter().map(|(cause, class)| failure(*cause, *class)).collect();
                assert_eq!(retry.is_worthwhile(&failures), *expected, "{round:?} of {rounds:?}");
            }
        }
    }

    #[test]
    fn only_a_missing_or_closed_database_asks_for_the_fallback() {
        for (cause, expected) in [
            (Cause::DatabaseMissing, true),
            (Cause::DatabaseClosed, true),
            (Cause::NameNotFound, false),
            (Cause::Refused, false),
            (Cause::Timeout, false),
            (Cause::TlsRefused, false),
            (Cause::PasswordRejected, false),
            (Cause::ConnectDenied, false),
            (Cause::TooManyConnections, false),
        ] {
            assert_eq!(asks_for_fallback(&failure(cause, Class::Permanent)), expected, "{cause:?}");
        }
    }
}

//! `account-expiring`.

use crate::model::Key;
use crate::redact::show_text;
use crate::rules::hint::identifier;
use crate::rules::live_check::{Found, Live, name};

rule! {
    /// A role whose password expires within 14 days, or has expired.
    ///
    /// Judged is what the role says (`valid until`), as the role that logged in may see it of itself.
    /// # Why it matters
    /// On that day every new connection fails with `password authentication failed`, and nothing in the message says why.
    /// Connections that are open stay, so it shows with the next restart, and then everywhere at once.
    /// A password that has expired lets nobody in who needs it; that this login worked is owed to a certificate or to `trust`.
    /// # How to mend it
    /// Give the role a new password and a later date, `alter role app password '...' valid until '2030-01-01'`, and write the password where the application finds it.
    /// # Example
    /// ```text
    /// app=> select rolname, rolvaliduntil from pg_roles where rolname = 'app_user';
    ///  app_user | 2026-12-05 00:00:00+00
    /// ```
    "account-expiring": Live, Warning
}

/// How many seconds before the end it is found: 14 days.
const SOON: i64 = 14 * DAY;

const DAY: i64 = 24 * 60 * 60;

pub(super) fn judge(live: &Live<'_>, findings: &mut Vec<Found>) {
    for answer in live.answers() {
        let Some(role) = &answer.facts.role else { continue };
        let Some(left) = role.expires_in.filter(|left| *left <= SOON) else { continue };
        let when = match left {
            ..0 => "has expired".to_owned(),
            0..DAY => "expires within a day".to_owned(),
            _ if left / DAY == 1 => "expires in 1 day".to_owned(),
            _ => format!("expires in {} days", left / DAY),
        };
        let whose = name(&answer.target.subject);
        let message = format!("the password of `{}`, the user of {whose}, {when}", show_text(&role.name));
        let finding = live.finding(&INFO, &answer, &[Key::Username], message);
        let is_known = |(_, known): &Found| known.origin == finding.origin && known.rule == finding.rule;
        if !findings.iter().any(is_known) {
            let help = format!(
                "as an administrator: `alter role {} password '...' valid until '...'` with a later date, and the new \
                 password where {whose} finds it",
                show_text(&identifier(&role.name))
            );
            findings.push((answer.target.subject.clone(), finding.help(help)));
        }
    }
}

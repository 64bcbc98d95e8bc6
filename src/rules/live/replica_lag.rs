//! `replica-lag`.

use crate::redact::show_text;
use crate::rules::live_check::{Found, Live, whose};

use super::listed;

rule! {
    /// A standby that is behind its primary: by more than 30 seconds, or by more than 256 MB.
    ///
    /// Found with `--deep`, of the standbys that a server feeds and of a standby itself.
    /// # Why it matters
    /// Whoever reads from it reads the past, and if the primary is lost now, so is what the standby does not have yet.
    /// A primary keeps the log until every slot has it, so a standby that falls behind for long fills its disk.
    /// # How to mend it
    /// See where it stands: `select application_name, state, sent_lsn, replay_lsn from pg_stat_replication`.
    /// Long queries on the standby hold replay up (`max_standby_streaming_delay`), and so do a slow disk and a slow network.
    /// # Example
    /// ```text
    /// app=> select now() - pg_last_xact_replay_timestamp();
    ///  00:04:11
    /// ```
    "replica-lag": Live, Warning
}

/// From so many seconds on a standby is behind: longer than any usual query holds up the replay
/// (`max_standby_streaming_delay` is 30 s).
const SECONDS: f64 = 30.0;

/// From so many bytes on: 16 segments of the log, of 16 MB each.
const BYTES: u64 = 16 * 16 * 1024 * 1024;

pub(super) fn judge(live: &Live<'_>, findings: &mut Vec<Found>) {
    for server in live.servers() {
        let standbys = server.iter().find_map(|answer| answer.facts.deep.as_ref()?.replication.as_ref());
        for standby in standbys.into_iter().flatten() {
            let seconds = standby.lag_seconds.filter(|seconds| *seconds > SECONDS);
            let bytes = standby.lag_bytes.filter(|bytes| *bytes > BYTES);
            let lag = match (seconds, bytes) {
                (Some(seconds), Some(bytes)) => format!("{seconds:.0} seconds and {}", listed::size(bytes)),
                (Some(seconds), None) => format!("{seconds:.0} seconds"),
                (None, Some(bytes)) => listed::size(bytes),
                (None, None) => continue,
            };
            let which = match standby.name.as_str() {
                "this standby" => whose(&server),
                name => format!("the standby `{}` of {}", show_text(name), whose(&server)),
            };
            let message = format!("{which} is {lag} behind");
            let Some(finding) = live.of_server(&INFO, &server, message) else { continue };
            let help = "`select application_name, state, sent_lsn, replay_lsn from pg_stat_replication` on the \
                        primary shows where it stands";
            findings.extend(server.first().map(|answer| (answer.target.subject.clone(), finding.help(help))));
        }
    }
}

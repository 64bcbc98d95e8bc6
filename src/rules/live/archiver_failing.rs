//! `archiver-failing`.

use crate::rules::live_check::{Found, Live, whose};

rule! {
    /// A server that cannot archive its log.
    ///
    /// Found with `--deep`, if the last try of `archive_command` or of the archive library failed.
    /// # Why it matters
    /// There is no restoring to a point in time behind the last file that was archived.
    /// The server keeps every file of the log until it is archived: its disk fills up, and a full disk stops it.
    /// # How to mend it
    /// The server's log says what the command answered; most often it is a bucket, a key or a disk of the place where the archive is.
    /// `select * from pg_stat_archiver` shows the file that it hangs at.
    /// # Example
    /// ```text
    /// app=> select failed_count, last_failed_wal from pg_stat_archiver;
    ///  1482 | 0000000100000A2B000000C4
    /// ```
    "archiver-failing": Live, Warning
}

pub(super) fn judge(live: &Live<'_>, findings: &mut Vec<Found>) {
    for server in live.servers() {
        let archiver = server.iter().find_map(|answer| answer.facts.deep.as_ref()?.archiver.as_ref());
        let Some(archiver) = archiver.filter(|archiver| archiver.failing) else { continue };
        let since = match archiver.last_success_age {
            Some(seconds) => format!("the last success was {} ago", told(seconds)),
            None => "it never succeeded".to_owned(),
        };
        let message = format!("{} cannot archive its log: {since}", whose(&server));
        let Some(finding) = live.of_server(&INFO, &server, message) else { continue };
        let help = "`select * from pg_stat_archiver` shows the file that it hangs at, and the server's log the \
                    reason";
        findings.extend(server.first().map(|answer| (answer.target.subject.clone(), finding.help(help))));
    }
}

/// A time in its largest unit.
fn told(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..120 => (seconds, "second"),
        120..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

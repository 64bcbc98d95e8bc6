//! How many targets can be tried at once before descriptors run out, which would look like failures of databases.

/// No more targets are tried at once unless somebody asks for it: 1,000 at once filled a server of 300 connections, 100
/// did not, and beyond that a run becomes no faster.
const MOST_JOBS: usize = 256;

/// What the process itself and its runtime have open: streams, epoll, wakers, the files that are being read.
const RESERVED: u64 = 32;

/// What a target has open at once: its connection, and besides it two of a second address, the resolver, and a file of
/// certificates or passwords.
const PER_JOB: u64 = 3;

/// How many targets are tried at once: as many as are asked for, as far as descriptors allow.
pub(super) fn jobs(asked: Option<usize>) -> usize {
    allowed(asked, raised())
}

/// The same, for a limit of descriptors; none if there is no limit.
fn allowed(asked: Option<usize>, limit: Option<u64>) -> usize {
    let possible = limit.map(|limit| limit.saturating_sub(RESERVED) / PER_JOB);
    let possible = possible.and_then(|possible| usize::try_from(possible).ok()).unwrap_or(usize::MAX);
    asked.unwrap_or(MOST_JOBS).min(possible).max(1)
}

/// Raises the limit of descriptors as far as the system allows without special rights, and says what it is then.
#[cfg(unix)]
fn raised() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Nofile);
    if limit.current == limit.maximum {
        return limit.current;
    }
    // Where it may not be raised so far, what there is has to do.
    match setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    }
}

#[cfg(not(unix))]
fn raised() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_limit_the_jobs() {
        for (asked, limit, expected) in [
            (None, None, 256),
            (None, Some(1 << 20), 256),
            (None, Some(1024), 256),
            (None, Some(256), 74),
            (None, Some(8), 1),
            (None, Some(0), 1),
            (Some(16), None, 16),
            (Some(1000), None, 1000),
            (Some(1000), Some(256), 74),
            (Some(0), None, 1),
        ] {
            assert_eq!(allowed(asked, limit), expected, "{asked:?} {limit:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_limit_is_raised() {
        use rustix::process::{Resource, getrlimit};

        let maximum = getrlimit(Resource::Nofile).maximum;
        assert_eq!(raised(), maximum);
        assert_eq!(getrlimit(Resource::Nofile).current, maximum);
    }
}

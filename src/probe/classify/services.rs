//! What faults of HTTP servers, buckets, Redis and files mean.

use crate::model::health::{Cause, Class};
use crate::probe::fault::{BucketFault, FileFault};
use crate::probe::redis::first_word;

use super::Meaning;

/// A status of HTTP that is no success.
pub(super) fn status(status: u16) -> Meaning {
    let (class, what) = match status {
        404 | 410 => (Class::Permanent, "the server answers, and has nothing at this path"),
        408 => (Class::Transient, "the server did not wait for the request"),
        429 => (Class::Transient, "the server answers that there are too many requests"),
        // Neither version nor method of HTTP changes by waiting.
        501 | 505 => (Class::Permanent, "the server cannot answer such a request"),
        502 | 504 => (Class::Transient, "a proxy answers, and the server behind it does not"),
        503 => (Class::Transient, "the server answers that it is not available"),
        500..=599 => (Class::Transient, "the server answers that it has failed"),
        _ => (Class::Permanent, "the server refuses the request"),
    };
    let message = format!("{what} ({status})");
    Meaning { cause: Cause::HttpStatus, class, code: Some(status.to_string()), message }
}

/// A web server that is none of MLflow's, and its status.
pub(super) fn no_tracker(status: u16) -> Meaning {
    let message = format!("a web server answers that is no tracking server of MLflow (/health says {status})");
    Meaning::permanent(Cause::WrongProtocol, message)
}

/// A bucket that cannot be used.
pub(super) fn bucket(fault: &BucketFault) -> Meaning {
    match fault {
        BucketFault::Missing => Meaning::permanent(Cause::BucketMissing, "there is no bucket of this name"),
        BucketFault::Elsewhere(region) => {
            let region = region.as_ref().map_or_else(|| "another region".to_owned(), |it| format!("the region {it}"));
            let message = format!("the bucket is in {region}, and not where it is looked for");
            Meaning::permanent(Cause::BucketElsewhere, message)
        }
    }
}

/// What Redis says when it says no.
pub(super) fn redis(text: &str) -> Meaning {
    let says = |what: &str| text.contains(what);
    let word = first_word(text);
    let (cause, class, message) = match word {
        "NOAUTH" => (Cause::PasswordMissing, Class::Permanent, "Redis wants a password, and none is given"),
        "WRONGPASS" => (Cause::PasswordRejected, Class::Permanent, "Redis does not take the user and the password"),
        "NOPERM" => (Cause::NotAllowed, Class::Permanent, "Redis does not allow the user to choose this database"),
        "DENIED" | "-DENIED" => {
            (Cause::NotAllowed, Class::Permanent, "Redis is in protected mode and takes local connections only")
        }
        "LOADING" => (Cause::StartingUp, Class::Transient, "Redis is starting and loads its data"),
        "MASTERDOWN" => (Cause::QueryFailed, Class::Transient, "it is a replica that has lost its master"),
        "BUSY" => (Cause::QueryFailed, Class::Transient, "Redis is busy running a script"),
        "CLUSTERDOWN" | "TRYAGAIN" => (Cause::QueryFailed, Class::Transient, "the Redis cluster is not complete"),
        "MISCONF" => {
            (Cause::QueryFailed, Class::Permanent, "Redis takes no writes, since it cannot save its data to disk")
        }
        // Redis before 6 has no word of its own for a wrong password.
        _ if says("invalid password") => {
            (Cause::PasswordRejected, Class::Permanent, "Redis does not take the password")
        }
        _ if says("without any password configured") || says("no password is set") => (
            Cause::PasswordRejected,
            Class::Permanent,
            "a password is given, and Redis has none; it refuses the login for that",
        ),
        // Redis before 6 knows a password only.
        _ if says("wrong number of arguments for 'auth'") => {
            (Cause::PasswordRejected, Class::Permanent, "this Redis knows no users, and a user is given")
        }
        _ if says("max number of clients") => {
            (Cause::TooManyConnections, Class::Transient, "Redis has as many clients as it allows")
        }
        _ if says("DB index is out of range") || says("invalid DB index") => {
            (Cause::DatabaseMissing, Class::Permanent, "Redis has no database of this number")
        }
        _ if says("SELECT is not allowed in cluster mode") => {
            (Cause::DatabaseMissing, Class::Permanent, "a Redis cluster has the database 0 only")
        }
        _ => return Meaning::permanent(Cause::QueryFailed, format!("Redis says: {text}")).with_code(&code_of(word)),
    };
    Meaning { cause, class, code: Some(code_of(word)), message: message.to_owned() }
}

/// The word that Redis puts first, if it is one.
fn code_of(word: &str) -> String {
    let word = word.trim_start_matches('-');
    let is_word = !word.is_empty() && word.len() <= 20 && word.bytes().all(|byte| byte.is_ascii_uppercase());
    if is_word { word.to_owned() } else { "ERR".to_owned() }
}

/// A file that cannot be used.
pub(super) fn file(fault: &FileFault) -> Meaning {
    match fault {
        FileFault::Missing => Meaning::permanent(Cause::FileMissing, "it is not there"),
        FileFault::Unreadable => {
            Meaning::permanent(Cause::FileUnreadable, "it cannot be read by the user that runs this")
        }
        FileFault::NotWritable => {
            let message = "it, or its directory, cannot be written by the user that runs this";
            Meaning::permanent(Cause::FileNotWritable, message)
        }
        FileFault::NoFolder => Meaning::permanent(Cause::FileNotWritable, "it is a file, and a folder is wanted"),
        FileFault::Damaged(what) => {
            Meaning::permanent(Cause::FileDamaged, format!("the database cannot be used: {what}"))
        }
        FileFault::Locked => Meaning::transient(Cause::FileLocked, "another program keeps the database to itself"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::health::Stage;
    use crate::probe::classify::{classify, tests};
    use crate::probe::fault::Fault;

    #[track_caller]
    fn check(fault: &Fault, cause: Cause, class: Class, code: &str) {
        tests::check(Stage::Query, fault, (Stage::Query, cause, class, code));
    }

    #[test]
    fn statuses_of_http() {
        for (status, class) in [
            (400, Class::Permanent),
            (404, Class::Permanent),
            (408, Class::Transient),
            (429, Class::Transient),
            (500, Class::Transient),
            (501, Class::Permanent),
            (502, Class::Transient),
            (503, Class::Transient),
            (504, Class::Transient),
            (599, Class::Transient),
        ] {
            check(&Fault::Http(status), Cause::HttpStatus, class, &status.to_string());
        }
        check(&Fault::NoTracker(404), Cause::WrongProtocol, Class::Permanent, "wrong-protocol");
    }

    #[test]
    fn buckets() {
        let elsewhere = |region: Option<&str>| Fault::Bucket(BucketFault::Elsewhere(region.map(str::to_owned)));
        check(&Fault::Bucket(BucketFault::Missing), Cause::BucketMissing, Class::Permanent, "bucket-missing");
        check(&elsewhere(Some("eu-west-1")), Cause::BucketElsewhere, Class::Permanent, "bucket-elsewhere");
        check(&elsewhere(None), Cause::BucketElsewhere, Class::Permanent, "bucket-elsewhere");
        let message = classify(Stage::Query, &elsewhere(Some("eu-west-1"))).message;
        assert!(message.contains("eu-west-1"), "{message}");
    }

    /// The texts are those of Redis 5 and 7.
    #[test]
    fn errors_of_redis() {
        use Class::{Permanent, Transient};
        for (text, cause, class, code) in [
            ("NOAUTH Authentication required.", Cause::PasswordMissing, Permanent, "NOAUTH"),
            (
                "WRONGPASS invalid username-password pair or user is disabled.",
                Cause::PasswordRejected,
                Permanent,
                "WRONGPASS",
            ),
            ("ERR invalid password", Cause::PasswordRejected, Permanent, "ERR"),
            (
                "ERR AUTH <password> called without any password configured for the default user. Are you sure your \
                 configuration is correct?",
                Cause::PasswordRejected,
                Permanent,
                "ERR",
            ),
            ("ERR Client sent AUTH, but no password is set", Cause::PasswordRejected, Permanent, "ERR"),
            ("ERR wrong number of arguments for 'auth' command", Cause::PasswordRejected, Permanent, "ERR"),
            ("NOPERM this user has no permissions to run the 'select' command", Cause::NotAllowed, Permanent, "NOPERM"),
            (
                "DENIED Redis is running in protected mode because protected mode is enabled",
                Cause::NotAllowed,
                Permanent,
                "DENIED",
            ),
            ("LOADING Redis is loading the dataset in memory", Cause::StartingUp, Transient, "LOADING"),
            (
                "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
                Cause::QueryFailed,
                Transient,
                "MASTERDOWN",
            ),
            (
                "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
                Cause::QueryFailed,
                Transient,
                "BUSY",
            ),
            ("CLUSTERDOWN The cluster is down", Cause::QueryFailed, Transient, "CLUSTERDOWN"),
            (
                "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
                Cause::QueryFailed,
                Permanent,
                "MISCONF",
            ),
            ("ERR max number of clients reached", Cause::TooManyConnections, Transient, "ERR"),
            ("ERR DB index is out of range", Cause::DatabaseMissing, Permanent, "ERR"),
            ("ERR invalid DB index", Cause::DatabaseMissing, Permanent, "ERR"),
            ("ERR SELECT is not allowed in cluster mode", Cause::DatabaseMissing, Permanent, "ERR"),
            ("ERR unknown command 'PING'", Cause::QueryFailed, Permanent, "ERR"),
            ("\u{1b}[2J something", Cause::QueryFailed, Permanent, "ERR"),
            ("", Cause::QueryFailed, Permanent, "ERR"),
        ] {
            check(&Fault::Redis(text.to_owned()), cause, class, code);
        }
    }

    #[test]
    fn files() {
        use Class::{Permanent, Transient};
        for (fault, cause, class, code) in [
            (FileFault::Missing, Cause::FileMissing, Permanent, "file-missing"),
            (FileFault::Unreadable, Cause::FileUnreadable, Permanent, "file-unreadable"),
            (FileFault::NotWritable, Cause::FileNotWritable, Permanent, "file-not-writable"),
            (FileFault::NoFolder, Cause::FileNotWritable, Permanent, "file-not-writable"),
            (FileFault::Damaged("torn".to_owned()), Cause::FileDamaged, Permanent, "file-damaged"),
            (FileFault::Locked, Cause::FileLocked, Transient, "file-locked"),
        ] {
            check(&Fault::File(fault), cause, class, code);
        }
    }
}

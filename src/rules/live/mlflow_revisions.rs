//! The revisions of MLflow's schema, in the order in which Alembic applies them.
//!
//! They are those of `mlflow/store/db_migrations/versions/` (before 1.2: `mlflow/alembic/versions/`) in the packages of the
//! releases that are named: `revision` and `down_revision` of each file make the chain, and the head of a release is the
//! revision that no other follows. To add a release: `pip download mlflow==X --no-deps`, look for the files whose
//! `down_revision` is the last line of the table, append the chain from there, and name the release behind its head.

/// How far a schema is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Behind {
    /// The newest release (of those looked at) that needs no more than it, if there is one.
    pub(super) release: Option<&'static str>,
    /// How many revisions follow.
    pub(super) missing: usize,
    /// The release whose schema it is compared with.
    pub(super) wanted: &'static str,
}

/// How far a revision is behind the schema that the running release wants, as far as this table knows it, or the newest
/// release if it is not known which one runs. None if it is not behind, or not known: then it is of a release that is newer
/// than this table.
pub(super) fn behind(revision: &str, running: Option<&str>) -> Option<Behind> {
    let at = REVISIONS.iter().position(|(known, _)| *known == revision)?;
    let is_old_enough = |release: &str| running.is_none_or(|running| number(release) <= number(running));
    let mut heads = REVISIONS.iter().enumerate().filter_map(|(index, (_, release))| Some((index, (*release)?)));
    let (head, wanted) = heads.rfind(|(_, release)| is_old_enough(release))?;
    let missing = head.checked_sub(at).filter(|missing| *missing > 0)?;
    let release = REVISIONS.iter().take(at + 1).rev().find_map(|(_, release)| *release);
    Some(Behind { release, missing, wanted })
}

/// A version as numbers: `3.10.1` is newer than `3.8.1`.
fn number(version: &str) -> Vec<u32> {
    version.split('.').map_while(|part| part.parse().ok()).collect()
}

/// Each revision, and the first release (of those looked at) whose schema ends with it.
const REVISIONS: &[(&str, Option<&str>)] = &[
    ("451aebb31d03", None),
    ("90e64c465722", Some("1.0.0")),
    ("181f10493468", None),
    ("df50e92ffc5e", None),
    ("7ac759974ad8", None),
    ("89d4b8295536", None),
    ("2b4d017a5e9b", None),
    ("cfd24bdc0731", None),
    ("0a8213491aaa", Some("1.8.0")),
    ("728d730b5ebd", None),
    ("27a6a02d2cf1", None),
    ("84291f40a231", None),
    ("a8c4a736bde6", Some("1.14.1")),
    ("39d1c3be5f05", None),
    ("c48cb773bb87", Some("1.20.2")),
    ("bd07f7e963c5", None),
    ("0c779009ac13", None),
    ("cc1f77228345", None),
    ("97727af70f4d", Some("1.30.1")),
    ("3500859a5d39", Some("2.3.2")),
    ("7f2a7d5fae7d", Some("2.4.2")),
    ("2d6e25af4d3e", None),
    ("acf3f17fdcc7", Some("2.8.1")),
    ("867495a8f9d4", None),
    ("5b0e9adcef9c", None),
    ("4465047574b1", Some("2.16.2")),
    ("f5a4f2784254", None),
    ("0584bdc529eb", Some("2.22.5")),
    ("400f98739977", None),
    ("6953534de441", None),
    ("bda7b8c39065", Some("3.0.1")),
    ("cbc13b556ace", None),
    ("770bee3ae1dd", Some("3.2.0")),
    ("a1b2c3d4e5f6", None),
    ("de4033877273", None),
    ("1a0cddfcaa16", Some("3.3.2")),
    ("534353b11cbc", None),
    ("71994744cf8e", Some("3.4.0")),
    ("3da73c924c2f", None),
    ("bf29a5ff90ea", Some("3.5.0")),
    ("1bd49d398cd23", Some("3.8.1")),
    ("b7c8d9e0f1a2", None),
    ("5d2d30f0abce", None),
    ("c9d4e5f6a7b8", None),
    ("2c33131f4dae", None),
    ("d3e4f5a6b7c8", None),
    ("d0e1f2a3b4c5", None),
    ("c8d9e0f1a2b3", None),
    ("1b5f0d9ad7c1", Some("3.10.1")),
    ("e1f2a3b4c5d6", None),
    ("76601a5f987d", None),
    ("c3d6457b6d8a", None),
    ("a5b4c3d2e1f0", None),
    ("ae8bbe7743c9", None),
    ("7d34483879f0", Some("3.12.0")),
    ("da6fb0208061", None),
    ("89d3d66ed43f", None),
    ("b7e4c1a90f23", Some("3.14.0")),
    ("a8b9c0d1e2f3", None),
    ("c1d2e3f4a5b6", None),
    ("c3d9e7f1a2b4", None),
    ("6f8d9c3b2a1e", None),
    ("1971f2d9a75b", None),
    ("17e22815139b", None),
    ("b7e2c1a4d9f3", Some("3.16.1")),
    ("75868b020152", None),
    ("dc11669786a5", None),
    ("e7d1f4b2a9c6", None),
    ("8b6ad64cb8f5", None),
    ("f4a9b2c7d1e6", Some("3.18.0")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revisions_are_compared_with_a_release() {
        let is = |release, missing, wanted| Some(Behind { release, missing, wanted });
        for (revision, running, expected) in [
            ("451aebb31d03", None, is(None, 69, "3.18.0")),
            ("90e64c465722", None, is(Some("1.0.0"), 68, "3.18.0")),
            ("acf3f17fdcc7", None, is(Some("2.8.1"), 47, "3.18.0")),
            ("f4a9b2c7d1e6", None, None),
            ("0123456789ab", None, None),
            // Of what is between two releases that were looked at, the older is the least that it wants.
            ("acf3f17fdcc7", Some("2.12.0"), None),
            ("acf3f17fdcc7", Some("3.1.4"), is(Some("2.8.1"), 8, "3.0.1")),
            ("bda7b8c39065", Some("2.22.5"), None),
            ("1bd49d398cd23", Some("3.10.1"), is(Some("3.8.1"), 8, "3.10.1")),
            ("451aebb31d03", Some("0.9"), None),
            ("acf3f17fdcc7", Some("3.1.4rc0"), is(Some("2.8.1"), 8, "3.0.1")),
        ] {
            assert_eq!(behind(revision, running), expected, "{revision} {running:?}");
        }
    }

    #[test]
    fn no_revision_stands_twice() {
        let mut revisions: Vec<&str> = REVISIONS.iter().map(|(revision, _)| *revision).collect();
        revisions.sort_unstable();
        revisions.dedup();
        assert_eq!(revisions.len(), REVISIONS.len());
    }
}

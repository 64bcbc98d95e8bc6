//! `debug-in-production`.

use crate::finding::Finding;
use crate::redact::show_text;
use crate::rules::Leaf;
use crate::rules::named_secret::Assignment;

rule! {
    /// A switch for debugging that is on in production.
    ///
    /// Found are `DEBUG` and its kin (`APP_DEBUG`, `FLASK_DEBUG`, `DJANGO_DEBUG`) when they are on, log levels of
    /// `DEBUG` or `TRACE`, and the echo of SQL statements (`SQL_ECHO`, `DB_ECHO`, SQLAlchemy's `echo`), in every file
    /// and section that is production's.
    ///
    /// # Why it matters
    /// Debug pages and logs show the values of statements, settings and whole requests, personal data and tokens among
    /// them, and the logs of every statement slow the application down.
    /// # How to mend it
    /// Switch it off in production: `LOG_LEVEL=WARNING`, `SQL_ECHO=false`.
    /// # Example
    /// `.env.production`:
    /// ```env
    /// LOG_LEVEL=DEBUG
    /// SQL_ECHO=true
    /// ```
    "debug-in-production": Environment, Warning
}

pub(super) fn judge(leaf: &Leaf<'_>, findings: &mut Vec<Finding>) {
    if !leaf.is_production || leaf.scalar.text.len() > 8 && leaf.key != "environment" {
        return;
    }
    let assignment = Assignment::of(leaf);
    let text = assignment.text.trim().to_ascii_lowercase();
    let is_on = matches!(text.as_str(), "true" | "1" | "yes" | "on");
    let is_verbose = matches!(text.as_str(), "debug" | "trace");
    if !is_on && !is_verbose {
        return;
    }
    let (what, help) = match switch(&assignment) {
        Some(Switch::Debug) if is_on => ("switches debugging on", "switch it off: false"),
        Some(Switch::Echo) => ("writes every SQL statement to the log", "switch it off: false"),
        Some(Switch::Level) if is_verbose => ("logs everything", "write WARNING or INFO"),
        _ => return,
    };
    let message = format!("`{}` {what} in production", show_text(assignment.key));
    findings.push(Finding::new(&INFO, assignment.origin(), message).help(help));
}

enum Switch {
    Debug,
    Echo,
    Level,
}

/// What a key switches.
fn switch(assignment: &Assignment<'_>) -> Option<Switch> {
    let key = assignment.key.to_ascii_lowercase().replace('-', "_");
    Some(match key.as_str() {
        "debug" | "app_debug" | "flask_debug" | "django_debug" | "fastapi_debug" | "debug_mode" => Switch::Debug,
        "sql_echo" | "db_echo" | "database_echo" | "sqlalchemy_echo" | "postgres_echo" | "echo_sql" => Switch::Echo,
        "echo" if assignment.above().iter().any(|above| is_database(above)) => Switch::Echo,
        "log_level" | "loglevel" | "logging_level" | "app_log_level" => Switch::Level,
        "level" if assignment.above().iter().any(|above| above.starts_with("log")) => Switch::Level,
        _ => return None,
    })
}

/// Whether a section is about databases, so that `echo` in it is `SQLAlchemy`'s.
fn is_database(section: &str) -> bool {
    ["database", "db", "postgres", "sqlalchemy", "engine", "sql", "pool"].iter().any(|word| section.contains(word))
}

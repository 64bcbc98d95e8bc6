//! `no-row-level-security`.

use crate::model::{Key, Role};
use crate::rules::live_check::{Found, Live, name};

rule! {
    /// A database of which no table has row-level security.
    ///
    /// Found with `--deep`, of main and vector; what belongs to extensions and to PostgreSQL itself is not counted.
    /// # Why it matters
    /// Where several tenants share the tables, one forgotten `where tenant_id = ...` shows one the rows of another.
    /// With Supabase, whoever has the public key can read and write every such table of the schema `public`.
    /// # How to mend it
    /// `alter table ... enable row level security`, and a policy for each table; the role of the application must not own the tables, or `force row level security` is needed too.
    /// Where the rows belong to nobody in particular, ignore the rule.
    /// # Example
    /// ```text
    /// app=> select relname, relrowsecurity from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace;
    ///  documents | f
    /// ```
    "no-row-level-security": Live, Info
}

pub(super) fn judge(live: &Live<'_>, findings: &mut Vec<Found>) {
    let is_meant = |role: &Role| matches!(role, Role::Main | Role::Vector);
    for answer in live.primaries().filter(|answer| answer.target.subject.role().is_some_and(is_meant)) {
        let security = answer.facts.deep.as_ref().and_then(|deep| deep.row_security);
        let Some(security) = security.filter(|it| it.tables > 0 && it.protected == 0) else { continue };
        let which =
            if security.tables == 1 { "the only table".to_owned() } else { format!("all {} tables", security.tables) };
        let message = format!("{which} of {} can be read without row-level security", name(&answer.target.subject));
        let help = "where tenants share tables: `alter table ... enable row level security`, and a policy for each";
        let finding = live.finding(&INFO, &answer, &[Key::Database], message).help(help);
        findings.push((answer.target.subject.clone(), finding));
    }
}

//! `overprivileged-role`.

use crate::connstr::provider::{Provider, provider};
use crate::model::Key;
use crate::model::health::RoleFacts;
use crate::redact::show_text;
use crate::rules::hint::identifier;
use crate::rules::live_check::{Answer, Found, Live, name};
use crate::rules::server;

rule! {
    /// An application whose role may do more than any application needs.
    ///
    /// Found are superusers, and roles that may make roles, pass over row-level security, or read everything by replication.
    /// The right to make databases alone is not found.
    /// Neither are databases of the own machine, and Supabase's `postgres`, which everybody is given.
    /// # Why it matters
    /// One injected statement is enough to read and drop every database of the server, and as a superuser to run programs on its machine.
    /// A superuser also takes the connections that are kept for emergencies, and no row-level security holds for it.
    /// # How to mend it
    /// Make a role for the application, and grant it what it needs.
    /// Or take the right away: `alter role app nosuperuser nocreaterole nobypassrls noreplication`.
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     username: app_admin             # `\du` in psql says: Superuser
    /// ```
    "overprivileged-role": Live, Warning
}

pub(super) fn judge(live: &Live<'_>, findings: &mut Vec<Found>) {
    for answer in live.answers().filter(|answer| !live.is_local(answer) && !is_supabase(answer)) {
        let Some(role) = &answer.facts.role else { continue };
        let Some((rights, without)) = rights(role) else { continue };
        let message = format!("{} logs in as `{}`, {rights}", name(&answer.target.subject), show_text(&role.name));
        let finding = live.finding(&INFO, &answer, &[Key::Username], message);
        // One user of several databases is found where it is first written.
        let is_known = |(_, known): &Found| known.origin == finding.origin && known.rule == finding.rule;
        if !findings.iter().any(is_known) {
            let help = format!(
                "make a role for the application with the rights that it needs and no others; if `{}` is its own, \
                 `alter role {} {without}`",
                show_text(&role.name),
                show_text(&identifier(&role.name))
            );
            findings.push((answer.target.subject.clone(), finding.help(help)));
        }
    }
}

/// What a role may do that no application needs, and the words of SQL that take it away.
fn rights(role: &RoleFacts) -> Option<(String, String)> {
    if role.superuser {
        return Some(("a superuser, who may do everything".to_owned(), "nosuperuser".to_owned()));
    }
    let rights = [
        (role.create_role, "make roles", "nocreaterole"),
        (role.bypass_rls, "pass over row-level security", "nobypassrls"),
        (role.replication, "copy the whole server by replication", "noreplication"),
    ];
    let held = rights.iter().filter(|(has, ..)| *has);
    let without: Vec<&str> = held.clone().map(|(.., without)| *without).collect();
    let rights: Vec<&str> = held.map(|(_, right, _)| *right).collect();
    let (last, first) = rights.split_last()?;
    let rights = if first.is_empty() {
        format!("a role that may {last}")
    } else {
        format!("a role that may {} and {last}", first.join(", "))
    };
    Some((rights, without.join(" ")))
}

/// Whether it is Supabase, where the owner of a project has these rights and cannot give them up.
fn is_supabase(answer: &Answer<'_>) -> bool {
    let hosts = answer.connection.and_then(server::hosts).unwrap_or_default();
    hosts.iter().any(|host| {
        matches!(provider(host, None, None), Some(Provider::SupabaseDirect { .. } | Provider::SupabasePooler { .. }))
    })
}

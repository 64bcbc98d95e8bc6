//! `supabase-endpoint`.

use crate::connstr::provider::{PoolMode, Provider, provider};
use crate::finding::{Finding, Fix, Safety};
use crate::model::{Key, Setting};
use crate::redact::show_text;
use crate::rules::{Case, Site, server};

rule! {
    /// A host of Supabase with a port, a domain or a user that does not belong to it.
    ///
    /// Found are ports other than 5432 and 6543, a pooler below `.supabase.co`, a server below `.supabase.com`, a user of the shared pooler that does not name the project, and a user of the server itself that does.
    /// # Why it matters
    /// Supabase has two doors that look alike.
    /// The server itself is `db.PROJECT.supabase.co` and takes the plain user `postgres`.
    /// The shared pooler is `aws-0-REGION.pooler.supabase.com`, serves many projects, and knows yours by the user only: `postgres.PROJECT`.
    /// A mixture of both fails with an error about the user or the tenant that says little.
    /// # How to mend it
    /// Copy the connection string from the dashboard of the project ("Connect").
    /// Port 5432 of the pooler gives a session its own server connection, port 6543 a transaction.
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: aws-0-us-east-1.pooler.supabase.com
    ///     username: postgres
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: aws-0-us-east-1.pooler.supabase.com
    ///     username: postgres.abcdefghijklmnopqrst
    /// ```
    "supabase-endpoint": Endpoint, Warning; fixable
}

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for site in case.sites().filter(|site| server::is_postgresql(site.connection)) {
        let Some(host_setting) = site.get(Key::Host) else { continue };
        let Some(hosts) = server::hosts(site.connection) else { continue };
        let [host] = hosts.as_slice() else { continue };
        // What Supabase answers to is known; which of its servers was meant is not.
        let write = |setting: &Setting, old: &str, new: &str| {
            let fix = Fix::words(&setting.origin, Safety::Unsafe, old, new);
            (format!("write `{}`", show_text(new)), fix)
        };
        let mut report = |setting: &Setting, message: String, (help, fix): (String, Option<Fix>)| {
            findings.push(Finding::new(&INFO, setting.origin.clone(), message).help(help).fix(fix));
        };
        if let Some(right) = server_below_com(host) {
            let message =
                format!("{} names a server of Supabase below .supabase.com, where there is none", site.what());
            report(host_setting, message, write(host_setting, host, &right));
            continue;
        }
        let (port, user) = (known(&site, Key::Port), known(&site, Key::Username));
        let Some(place) = provider(host, port.as_deref(), user.as_deref()) else { continue };
        let (mode, is_wrong_domain) = match &place {
            Provider::SupabaseDirect { mode, .. } => (mode, false),
            Provider::SupabasePooler { mode, wrong_domain, .. } => (mode, *wrong_domain),
            Provider::Rds { .. } => continue,
        };
        if is_wrong_domain {
            let right = format!("{}m", host.trim_end_matches('.'));
            let message = format!("{} names a pooler of Supabase below .supabase.co, where there is none", site.what());
            report(host_setting, message, write(host_setting, host, &right));
        }
        if *mode == PoolMode::UnknownPort
            && let Some(setting) = site.get(Key::Port)
        {
            let message =
                format!("{} has port {}, on which Supabase offers nothing", site.what(), server::shown(setting));
            report(setting, message, (ports(&place).to_owned(), None));
        }
        let Some(setting) = site.get(Key::Username).filter(|setting| !server::is_hidden(setting)) else { continue };
        let Some(user) = user else { continue };
        match judge_user(&site, &place, &user) {
            Some((message, Right::Is(name))) => report(setting, message, write(setting, &user, &name)),
            Some((message, Right::Begins(name))) => {
                report(setting, message, (format!("write `{}`", show_text(&format!("{name}.<project>"))), None));
            }
            None => {}
        }
    }
}

/// What is known of a key, and can be compared.
fn known(site: &Site<'_>, key: Key) -> Option<String> {
    site.known(key).filter(|text| !server::is_open(text))
}

/// The server that is meant by `db.PROJECT.supabase.com`.
fn server_below_com(host: &str) -> Option<String> {
    let host = host.trim_end_matches('.');
    let project = host.strip_prefix("db.")?.strip_suffix(".supabase.com")?;
    (!project.contains('.')).then(|| host.trim_end_matches('m').to_owned())
}

fn ports(place: &Provider) -> &'static str {
    match place {
        Provider::SupabaseDirect { .. } => "write 5432 for the server itself, or 6543 for the project's own pooler",
        _ => "write 5432 for session mode, or 6543 for transaction mode",
    }
}

/// The user that is right.
enum Right {
    /// This one.
    Is(String),
    /// This one with the project behind a dot.
    Begins(String),
}

fn judge_user(site: &Site<'_>, place: &Provider, user: &str) -> Option<(String, Right)> {
    let shown = show_text(user);
    match place {
        Provider::SupabasePooler { project: None, .. } => {
            // The project may stand in the options instead.
            let is_told = site.connection.parameters.contains_key("options");
            let message =
                format!("{} logs in to Supabase's pooler as `{shown}`, which does not name the project", site.what());
            (!is_told).then(|| (message, Right::Begins(user.trim_end_matches('.').to_owned())))
        }
        Provider::SupabaseDirect { project, .. } => {
            let (name, behind) = user.split_once('.')?;
            let is_poolers = behind.eq_ignore_ascii_case(project) || name == "postgres";
            let message =
                format!("{} logs in to Supabase's server as `{shown}`, a user that only the pooler knows", site.what());
            is_poolers.then(|| (message, Right::Is(name.to_owned())))
        }
        _ => None,
    }
}

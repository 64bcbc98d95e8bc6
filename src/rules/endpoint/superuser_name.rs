//! `superuser-name`.

use crate::connstr::provider::{Provider, provider};
use crate::finding::Finding;
use crate::model::Key;
use crate::rules::{Case, server};

rule! {
    /// An application that logs in to another machine as a server's administrator.
    ///
    /// Found are the names that installers and vendors give to administrators: `postgres`, `root`, `admin`, `sa`, `rdsadmin`, `cloudsqlsuperuser` and `supabase_admin`.
    /// The own machine, development environments and the default of a variable are not found; neither is Supabase, where everybody is given `postgres`.
    /// # Why it matters
    /// A superuser can read and drop every database of the server, and can run programs on it, so one injected statement is enough to lose them all.
    /// It is also not bound by row-level security, and takes the connections that are reserved for emergencies.
    /// # How to mend it
    /// Create a role for the application, and grant it what it needs: `CREATE ROLE app LOGIN; GRANT CONNECT ON DATABASE app TO app;`
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     username: postgres
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     username: app_user
    /// ```
    "superuser-name": Endpoint, Warning, raised in production
}

const NAMES: &[&str] = &["admin", "cloudsqlsuperuser", "postgres", "rdsadmin", "root", "sa", "supabase_admin"];

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for site in case.sites().filter(|site| !site.is_lost() && server::is_remote(case, site.connection)) {
        let Some(setting) = site.get(Key::Username).filter(|it| !server::is_default(case, it)) else { continue };
        let Some(name) = site.known(Key::Username).filter(|name| NAMES.contains(&name.as_str())) else { continue };
        let hosts = server::hosts(site.connection).unwrap_or_default();
        let is_supabase = |host: &String| {
            let place = provider(host, None, None);
            matches!(place, Some(Provider::SupabaseDirect { .. } | Provider::SupabasePooler { .. }))
        };
        if name == "postgres" && hosts.iter().any(is_supabase) {
            continue;
        }
        let message =
            format!("{} logs in as `{}`, which is an administrator's name", site.what(), server::shown(setting));
        let help = "create a role for the application, with the rights that it needs";
        findings.push(Finding::new(&INFO, setting.origin.clone(), message).help(help));
    }
}

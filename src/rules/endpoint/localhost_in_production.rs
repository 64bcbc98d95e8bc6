//! `localhost-in-production`.

use crate::connstr;
use crate::finding::Finding;
use crate::model::{Key, Role, Setting};
use crate::redact::show_text;
use crate::rules::case::{is_loopback, known};
use crate::rules::{Case, server};

rule! {
    /// A database or service that production looks for on its own machine.
    ///
    /// Found are main, mlflow and vector, and the URLs of services, if an environment, a file or `ENVIRONMENT` says production.
    /// A Unix socket is fine, since nobody writes one by accident, and so is port 6432, where PgBouncer listens.
    /// A default such as `${DB_HOST:-localhost}` is not found: the deployment sets the variable.
    /// What `.env.production.local` says is one person's own, and not found.
    /// # Why it matters
    /// In a container or on a second machine nothing listens on `localhost`, so the application cannot start or takes its fallback.
    /// Most often the value is one of development that production was to override and does not.
    /// # How to mend it
    /// Name the server of production, or a variable that the deployment sets.
    /// For a server on the same machine name its Unix socket.
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: localhost
    /// environments:
    ///   production:
    ///     databases:
    ///       main: {database: app_production}
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: localhost
    /// environments:
    ///   production:
    ///     databases:
    ///       main: {host: db.example.com, database: app_production}
    /// ```
    "localhost-in-production": Endpoint, Error
}

/// `PgBouncer`'s port: a proxy on the same machine is a usual way to a server on another.
const PROXY_PORT: &str = "6432";

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    if !case.is_production {
        return;
    }
    for site in case.primaries() {
        let is_meant = !matches!(site.database.role, Role::Other(_)) && !site.connection.is_sqlite();
        let is_proxied = site.known(Key::Port).is_some_and(|port| port == PROXY_PORT);
        let Some(setting) = site.get(Key::Host).filter(|_| is_meant && !is_proxied) else { continue };
        let hosts = server::hosts(site.connection).unwrap_or_default();
        if !hosts.is_empty()
            && hosts.iter().all(|host| is_own(host))
            && !server::is_default(case, setting)
            && !case.is_own(&setting.origin)
        {
            findings.push(found(&site.what(), &hosts.join(","), setting));
        }
    }
    for service in &case.configuration.services {
        for key in [Key::Url, Key::TrackingUri, Key::ArtifactStore] {
            let Some(setting) =
                service.settings.get(key).filter(|it| !server::is_default(case, it) && !case.is_own(&it.origin))
            else {
                continue;
            };
            let Some(host) = known(setting).and_then(|text| host(&text)).filter(|host| is_own(host)) else { continue };
            findings.push(found(&format!("the service {}", show_text(&service.name)), &host, setting));
        }
    }
}

fn found(what: &str, host: &str, setting: &Setting) -> Finding {
    let message = format!("in production {what} is looked for on `{}`", show_text(host));
    Finding::new(&INFO, setting.origin.clone(), message)
        .help("name the server of production, or a variable that the deployment sets")
}

/// Whether a host is the own machine over TCP. What Docker Desktop calls its host is most likely chosen on purpose.
fn is_own(host: &str) -> bool {
    is_loopback(host) && !host.starts_with('/') && host != "host.docker.internal"
}

/// The host of a URL that leads to a server.
fn host(url: &str) -> Option<String> {
    // A database under `tracking_uri` is judged as the database that it is.
    let is_server = url.starts_with("http") || url.starts_with("redis");
    let read = connstr::parse_url(url).ok().filter(|read| is_server && !read.parts_may_hold_password())?;
    read.hosts.first()?.host.as_ref().map(|host| host.value.clone())
}

//! `certificate-expiring`.

use crate::finding::{Finding, Severity};
use crate::model::health::{Facts, TargetHealth};
use crate::model::{Key, Origin, Setting};
use crate::rules::hint;
use crate::rules::live_check::{Found, Live, name, names, server, tls};

rule! {
    /// A server whose certificate expires within 30 days, or has expired.
    ///
    /// Found are PostgreSQL, Redis and HTTP servers.
    /// Where `ssl_mode` does not look at the certificate it is found as a note only: nobody here is refused.
    /// A certificate that has expired and is looked at is found as `tls-refused`.
    /// # Why it matters
    /// On that day everybody who verifies the certificate is refused at once, and everybody who does not notices nothing.
    /// # How to mend it
    /// Renew the certificate on the server, and let it be read again: `select pg_reload_conf()`.
    /// With RDS, choose the newer authority of the instance, and write its root certificate first.
    /// # Example
    /// ```text
    /// notAfter=Dec 12 23:59:59 2026 GMT
    /// ```
    "certificate-expiring": Live, Warning
}

/// How many days before the end it is found.
const SOON: i64 = 30;

pub(super) fn judge(live: &Live<'_>, findings: &mut Vec<Found>) {
    let mut seen: Vec<String> = Vec::new();
    for target in &live.health.targets {
        let Some(days) = tls(target).and_then(|tls| tls.certificate_days_left).filter(|days| *days <= SOON) else {
            continue;
        };
        let place = server(target);
        if seen.contains(&place) {
            continue;
        }
        let same = live.health.targets.iter().filter(|other| tls(other).is_some() && server(other) == place);
        let same: Vec<_> = same.collect();
        let whose = names(same.iter().map(|target| target.subject.clone()));
        seen.push(place);
        let when = match days {
            ..0 => "has expired".to_owned(),
            0 => "expires within a day".to_owned(),
            1 => "expires in 1 day".to_owned(),
            _ => format!("expires in {days} days"),
        };
        let message = format!("the certificate of the server of {whose} {when}");
        let origin = |target: &TargetHealth| hint::origin(live.configuration(), &target.subject, &[Key::Host]);
        let first = origin(target).unwrap_or(Origin::CommandLine);
        let mut finding = Finding::new(&INFO, first.clone(), message);
        if !same.iter().any(|target| is_looked_at(live, target)) {
            finding.severity = Severity::Info;
        }
        for (other, origin) in same.into_iter().filter_map(|other| Some((other, origin(other)?))) {
            if origin != first {
                finding = finding.related(origin, format!("the same server, as {}", name(&other.subject)));
            }
        }
        let help = match &target.facts {
            Some(Facts::Postgresql(_)) => {
                "renew it on the server, and `select pg_reload_conf()` there; with RDS choose the newer authority"
            }
            _ => "renew it on the server, and have the server read it again",
        };
        let finding = finding.help(help);
        findings.push((target.subject.clone(), finding));
    }
}

/// Whether somebody looks at the certificate, and is refused when it has expired. `verified` says of a certificate that
/// its name was looked at too, so that `verify-ca` is none; `require` is the same as soon as there is a root certificate.
fn is_looked_at(live: &Live<'_>, target: &TargetHealth) -> bool {
    let connection = live.configuration().connection(&target.subject);
    let mode = connection.and_then(|it| it.settings.get(Key::SslMode)).and_then(Setting::effective);
    match mode.as_deref() {
        Some("verify-ca" | "verify-full") => true,
        Some("require") if connection.is_some_and(|it| it.settings.get(Key::SslRootCert).is_some()) => true,
        _ => tls(target).is_some_and(|tls| tls.verified),
    }
}

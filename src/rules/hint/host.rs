//! Hints about where a server is: its name is not known, or nothing answers at its address.

use crate::connstr::provider::{Provider, provider};
use crate::model::Key;
use crate::model::health::{Cause, Facts, Stage, TargetHealth, Via};
use crate::redact::show_text;
use crate::rules::case::is_loopback;
use crate::rules::{command, live_check};

use super::scene::Scene;

/// The name does not lead to an address.
pub(super) fn name(scene: &Scene<'_>) -> Option<String> {
    if let Some(moved) = elsewhere(scene) {
        return Some(moved);
    }
    let host = scene.host();
    let at = scene.at(&[Key::Host, Key::Url, Key::TrackingUri]);
    if scene.cause() == Cause::ResolverFailed {
        return Some(
            "the resolver of this machine could not say: look at its network and /etc/resolv.conf, and try again"
                .to_owned(),
        );
    }
    match host.as_deref().and_then(|host| provider(host, None, None)) {
        Some(Provider::Rds { account: None, .. }) => Some(format!(
            "no RDS host lacks its account part, so this one{at} cannot exist: copy the endpoint from the RDS console \
             (`dbcfg explain impossible-rds-host`)"
        )),
        Some(Provider::Rds { .. }) => Some(format!(
            "RDS knows no such endpoint{at}: it was deleted or renamed, or lies in another account; compare it with \
             `aws rds describe-db-instances`"
        )),
        Some(Provider::SupabaseDirect { project, .. }) => Some(match scene.cause() {
            Cause::NameWithoutAddress => ipv6_of_supabase(&project),
            _ => format!(
                "Supabase has no project `{}` that is running: one that was paused or deleted has no host; look at the \
                 dashboard",
                show_text(&project)
            ),
        }),
        _ => {
            let what = host.map_or_else(|| "the name".to_owned(), |host| format!("`{host}`"));
            let inside = if what.contains('.') {
                "a name of a private network is known only inside it (VPN, cluster)"
            } else {
                "a name without a dot is known only in its own network of containers"
            };
            Some(format!("check the spelling of {what}{at}; {inside}"))
        }
    }
}

/// Nothing answers at the address, or not as it should.
pub(super) fn address(scene: &Scene<'_>) -> Option<String> {
    let is_lost_on_the_way = matches!(scene.failure.stage, Stage::Dns | Stage::Tcp);
    if is_lost_on_the_way && has_only_ipv6(scene.target) {
        let project = match provider(&scene.host().unwrap_or_default(), None, None) {
            Some(Provider::SupabaseDirect { project, .. }) => Some(project),
            _ => None,
        };
        return Some(project.map_or_else(
            || "the host has IPv6 addresses only, and this machine reaches none of them: give this machine IPv6, or the host an IPv4 address".to_owned(),
            |project| ipv6_of_supabase(&project),
        ));
    }
    let moved = if is_lost_on_the_way { elsewhere(scene) } else { None };
    moved.or_else(|| unanswered(scene))
}

fn unanswered(scene: &Scene<'_>) -> Option<String> {
    let host = scene.host();
    let is_local = host.as_deref().is_some_and(is_loopback);
    let (port, at) = (scene.port().unwrap_or_default(), scene.at(&[Key::Port, Key::Host, Key::Url, Key::TrackingUri]));
    let is_database = scene.connection.is_some();
    Some(match (scene.cause(), scene.failure.stage) {
        (Cause::Refused, _) if is_local => format!(
            "nothing listens there{at}: start the server; inside a container localhost is the container itself, and the \
             server is found under the name of its service or `host.docker.internal`"
        ),
        (Cause::Refused, _) if is_database => format!(
            "the machine answers, and nothing listens on port {port}{at}: is the server running, and does it listen to \
             others (`listen_addresses`)? On the server: `ss -ltn 'sport = :{port}'`"
        ),
        (Cause::Refused, _) => format!("the machine answers, and nothing listens on the port{at}: is the service running?"),
        (Cause::SocketMissing, _) => format!(
            "no server has made the socket{at}: start it, or name `localhost` as the host to reach it by TCP"
        ),
        (Cause::NotPermitted, _) => {
            "this machine does not allow the connection: a firewall of its own, or the rights of the socket".to_owned()
        }
        (Cause::Unreachable, _) => format!("no route leads there{at}: is this machine in the right network (VPN, VPC)?"),
        (Cause::Timeout, Stage::Dns) => {
            "the resolver of this machine does not answer: look at its network and /etc/resolv.conf".to_owned()
        }
        (Cause::Timeout, Stage::Tcp) => {
            let who = match host.as_deref().and_then(|host| provider(host, None, None)) {
                Some(Provider::Rds { .. }) => "the security group of the RDS instance, or that it is not publicly accessible,",
                _ => "a firewall or security group",
            };
            format!("nothing answers and nothing refuses{at}: most often {who} drops the packets; let this machine in{}", if port.is_empty() { String::new() } else { format!(" to port {port}") })
        }
        (Cause::Timeout, stage) => format!(
            "the server takes connections and is silent at the stage {stage}: it is overloaded or hangs; see whether it \
             answers later with `dbcfg probe {} --timeout 60s`",
            command::quoted(&scene.name())
        ),
        (Cause::WrongProtocol, _) => format!("another service answers there: check host and port{at}"),
        (Cause::Closed | Cause::Reset, _) if is_database => format!(
            "something cuts the connection: a proxy or load balancer without a server behind it, or a server that \
             crashes; look at its log, and try `{}`",
            scene.psql(None)
        ),
        _ => "something cuts the connection: a proxy or load balancer without a server behind it, or a server that crashes; look at its log".to_owned(),
    })
}

/// Whether a name has addresses, and all are IPv6 and were of no use.
fn has_only_ipv6(target: &TargetHealth) -> bool {
    let Some(attempt) = target.attempts.iter().find(|attempt| !attempt.addresses.is_empty()) else { return false };
    attempt.addresses.iter().all(|address| address.address.starts_with('[') && address.is_ok != Some(true))
}

fn ipv6_of_supabase(project: &str) -> String {
    let project = show_text(project);
    format!(
        "Supabase's direct host has IPv6 addresses only, and this machine reaches none of them: use the session pooler \
         (host `aws-0-<region>.pooler.supabase.com`, port 5432, user `postgres.{project}`; \"Connect\" in the dashboard \
         shows it), or buy the IPv4 add-on"
    )
}

/// What to do where a server of the same configuration is alive and holds the database.
fn elsewhere(scene: &Scene<'_>) -> Option<String> {
    let database = scene.get(Key::Database)?;
    let role = scene.target.subject.role().filter(|_| scene.target.subject.is_primary())?;
    let holds = |target: &&TargetHealth| {
        let Some(Facts::Postgresql(facts)) = &target.facts else { return false };
        if facts.in_recovery {
            return false;
        }
        let is_open = |name: &str| show_text(name) == database;
        facts.databases.iter().any(|name| is_open(name))
            || facts.database.as_ref().is_some_and(|own| is_open(&own.name))
    };
    let live = scene.live().filter(|target| matches!(target.via, None | Some(Via::Primary))).find(holds)?;
    let (whose, settings) = (live_check::name(&live.subject), scene.configuration.settings(&live.subject)?);
    let host = settings.get(Key::Host).and_then(crate::rules::case::known).map(|host| show_text(&host))?;
    let found = format!("{database} exists on {whose}'s server");
    let (role, line) = (command::quoted(&show_text(role.name())), scene.line(&[Key::Host])?);
    Some(match scene.file() {
        Some(file) if live.subject.is_primary() => {
            format!("{found}: `dbcfg migrate {file} --relocate {role}={}`", command::quoted(&whose))
        }
        Some(file) => format!("{found}: `dbcfg migrate {file} --relocate {role}={}`", command::quoted(&host)),
        None => format!("{found}: set the host to `{host}` ({line})"),
    })
}

//! Hints about where a server is: its name is not known, or nothing answers at its address.

use crate::connstr::provider::{Provider, provider};
use crate::model::Key;
use crate::model::health::{Cause, Engine, Facts, Stage, TargetHealth, Via};
use crate::redact::show_text;
use crate::rules::case::is_loopback;
use crate::rules::{command, live_check};

use super::database::is_everywhere;
use super::scene::Scene;

/// The name does not lead to an address.
pub(super) fn name(scene: &Scene<'_>) -> String {
    if scene.cause() == Cause::ResolverFailed {
        return "the resolver of this machine could not say: look at its network and /etc/resolv.conf, and try again"
            .to_owned();
    }
    if let Some(moved) = elsewhere(scene) {
        return moved;
    }
    let host = scene.host();
    let at = scene.at(scene.places());
    if scene.target.engine == Engine::S3 {
        return format!(
            "nobody knows the name of the server that keeps the bucket{at}: check AWS_ENDPOINT_URL, \
             MLFLOW_S3_ENDPOINT_URL and AWS_REGION; without them it is Amazon's"
        );
    }
    match host.as_deref().and_then(|host| provider(host, None, None)) {
        Some(Provider::Rds { account: None, .. }) => format!(
            "no RDS host lacks its account part, so this one{at} cannot exist: copy the endpoint from the RDS \
             console (`dbcfg explain impossible-rds-host`)"
        ),
        Some(Provider::Rds { .. }) => format!(
            "RDS knows no such endpoint{at}: it was deleted or renamed, or lies in another account; compare it with \
             `aws rds describe-db-instances`"
        ),
        Some(Provider::SupabaseDirect { project, .. }) => match scene.cause() {
            Cause::NameWithoutAddress => ipv6_of_supabase(&project),
            _ => format!(
                "Supabase has no project `{}` that is running: one that was paused or deleted has no host; look at \
                 the dashboard",
                show_text(&project)
            ),
        },
        _ => match host {
            Some(host) if host.contains('.') => format!(
                "check the spelling of `{host}`{at}; a name of a private network is known only inside it (VPN, \
                 cluster)"
            ),
            Some(host) => format!(
                "check the spelling of `{host}`{at}; a name without a dot is known only in its own network of \
                 containers"
            ),
            None => format!("check the spelling of the host{at}; a name of a private network is known only inside it"),
        },
    }
}

/// Nothing answers at the address, or not as it should.
pub(super) fn address(scene: &Scene<'_>) -> String {
    let is_lost_on_the_way = matches!(scene.failure.stage, Stage::Dns | Stage::Tcp);
    // Whoever refuses was reached.
    if is_lost_on_the_way && scene.cause() != Cause::Refused && has_only_ipv6(scene.target) {
        return match provider(&scene.host().unwrap_or_default(), None, None) {
            Some(Provider::SupabaseDirect { project, .. }) => ipv6_of_supabase(&project),
            _ if is_address(scene) => {
                "this machine does not reach an IPv6 address: give it IPv6, or write an IPv4 address".to_owned()
            }
            _ => "the host has IPv6 addresses only, and this machine reaches none of them: give this machine IPv6, \
                  or the host an IPv4 address"
                .to_owned(),
        };
    }
    let moved = if is_lost_on_the_way { elsewhere(scene) } else { None };
    moved.unwrap_or_else(|| unanswered(scene))
}

fn unanswered(scene: &Scene<'_>) -> String {
    let host = scene.host();
    let is_local = host.as_deref().is_some_and(is_loopback);
    let port = scene.port().unwrap_or_default();
    let at = if scene.has(Key::Port) { scene.at(&[Key::Port]) } else { scene.at(scene.places()) };
    let is_database = scene.connection.is_some();
    let is_list =
        [Key::Host, Key::HostAddress].iter().any(|key| scene.get(*key).is_some_and(|text| text.contains(',')));
    match (scene.cause(), scene.failure.stage) {
        (Cause::Refused, _) if is_local => format!(
            "nothing listens there{at}: start the server; inside a container localhost is the container itself, and \
             the server is found under the name of its service or `host.docker.internal`"
        ),
        (Cause::Refused, _) if is_list => format!(
            "the machines answer, and nothing listens at any of the places{at}: are the servers running, and do they \
             listen to others (`listen_addresses`)?"
        ),
        (Cause::Refused, _) if is_database => format!(
            "the machine answers, and nothing listens on port {port}{at}: is the server running, and does it listen \
             to others (`listen_addresses`)? On the server: `ss -ltn 'sport = :{port}'`"
        ),
        (Cause::Refused, _) => {
            format!("the machine answers, and nothing listens on the port{at}: is the service running?")
        }
        (Cause::SocketMissing, _) => {
            format!("no server has made the socket{at}: start it, or name `localhost` as the host to reach it by TCP")
        }
        (Cause::NotPermitted, _) => {
            "this machine does not allow the connection: a firewall of its own, or the rights of the socket".to_owned()
        }
        (Cause::Unreachable, _) => {
            format!("no route leads there{at}: is this machine in the right network (VPN, VPC)?")
        }
        (Cause::Timeout, Stage::Dns) => {
            "the resolver of this machine does not answer: look at its network and /etc/resolv.conf".to_owned()
        }
        (Cause::Timeout, Stage::Tcp) => {
            let guard = match host.as_deref().and_then(|host| provider(host, None, None)) {
                Some(Provider::Rds { .. }) => {
                    "the security group of the RDS instance, or that it is not publicly accessible,"
                }
                _ => "a firewall or security group",
            };
            format!(
                "nothing answers and nothing refuses{at}: most often {guard} drops the packets; let this machine \
                 in{}",
                if port.is_empty() || is_list { String::new() } else { format!(" to port {port}") }
            )
        }
        (Cause::Timeout, stage) => format!(
            "the server takes connections and is silent at the stage {stage}: it is overloaded or hangs; see whether \
             it answers later with {}",
            scene.again("--timeout 60s")
        ),
        (Cause::WrongProtocol, _) => format!("another service answers there: check host and port{at}"),
        (Cause::Closed | Cause::Reset, _) if is_database => format!(
            "something cuts the connection: a proxy or load balancer without a server behind it, or a server that \
             crashes; look at its log, and try `{}`",
            scene.psql(None)
        ),
        _ => "something cuts the connection: a proxy or load balancer without a server behind it, or a server that \
              crashes; look at its log"
            .to_owned(),
    }
}

/// Whether an address is configured, and no name.
fn is_address(scene: &Scene<'_>) -> bool {
    let host = scene.get(Key::Host).or_else(|| scene.get(Key::HostAddress)).unwrap_or_default();
    host.trim_matches(['[', ']']).parse::<std::net::Ipv6Addr>().is_ok()
}

/// Whether a name has addresses, and all are IPv6 and were of no use.
fn has_only_ipv6(target: &TargetHealth) -> bool {
    let Some(attempt) = target.attempts.iter().find(|attempt| !attempt.addresses.is_empty()) else { return false };
    attempt.addresses.iter().all(|address| address.address.starts_with('[') && address.is_ok != Some(true))
}

fn ipv6_of_supabase(project: &str) -> String {
    let project = show_text(project);
    format!(
        "Supabase's direct host has IPv6 addresses only, and this machine reaches none of them: use the session \
         pooler (host `aws-0-<region>.pooler.supabase.com`, port 5432, user `postgres.{project}`; \"Connect\" in the \
         dashboard shows it), or buy the IPv4 add-on"
    )
}

/// What to do where a server of the same configuration is alive and holds the database.
fn elsewhere(scene: &Scene<'_>) -> Option<String> {
    let database = scene.get(Key::Database).filter(|name| !is_everywhere(name))?;
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
    let other = scene.live().filter(|target| matches!(target.via, None | Some(Via::Primary))).find(holds)?;
    let (owner, settings) = (live_check::name(&other.subject), scene.configuration.settings(&other.subject)?);
    let host = settings.get(Key::Host).and_then(crate::rules::case::known).map(|host| show_text(&host))?;
    let port = settings.get(Key::Port).and_then(crate::rules::case::known).filter(|port| port != "5432");
    let place = port.map_or_else(|| host.clone(), |port| format!("{host}:{}", show_text(&port)));
    let found = format!("{database} exists on {owner}'s server");
    let (role, line) = (command::quoted(&show_text(role.name())), scene.line(&[Key::Host])?);
    Some(match scene.file() {
        Some(file) if other.subject.is_primary() => {
            format!("{found}: `dbcfg migrate {file} --relocate {role}={}`", command::quoted(&owner))
        }
        Some(file) => format!("{found}: `dbcfg migrate {file} --relocate {role}={}`", command::quoted(&place)),
        None => format!("{found}: set the host to `{place}` ({line})"),
    })
}

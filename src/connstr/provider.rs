//! Hosts of managed `PostgreSQL` whose names say what they are: Supabase, and Amazon RDS and Aurora.
//!
//! Only facts from the vendors' public documentation: Supabase, "Connect to your database"; Amazon RDS and Aurora user
//! guides, "Finding the endpoint", "Aurora endpoint connections" and "Working with Amazon RDS Proxy endpoints".

/// Supabase's port of a direct connection and of the shared pooler's session mode.
pub const SUPABASE_SESSION_PORT: u16 = 5432;
/// Supabase's port of every pooler in transaction mode.
pub const SUPABASE_TRANSACTION_PORT: u16 = 6543;

/// What a host's name tells about its vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Provider {
    /// `db.<project>.supabase.co`: the server itself on port 5432, the project's own pooler on 6543. IPv6 only,
    /// unless the project has bought an IPv4 address. The user is plain (`postgres`).
    SupabaseDirect {
        /// The project's reference.
        project: String,
        /// What answers on this port.
        mode: PoolMode,
    },
    /// `aws-0-<region>.pooler.supabase.com`: the shared pooler, IPv4. It knows the project by the user's name only.
    SupabasePooler {
        /// What answers on this port.
        mode: PoolMode,
        /// The project's reference from a user like `postgres.<project>`; without it the pooler refuses the login.
        project: Option<String>,
        /// Whether the domain is `.supabase.co`, under which there is no pooler (it is `.supabase.com`).
        wrong_domain: bool,
    },
    /// `<name>.<account part>.<region>.rds.amazonaws.com`.
    Rds {
        /// What stands behind the name.
        kind: RdsKind,
        /// The part that stands for account and region (of `cluster-ro-c7tj4example`: `c7tj4example`).
        /// A name without it does not exist.
        account: Option<String>,
        /// The region (`us-east-1`).
        region: Option<String>,
    },
}

/// How connections are shared, as far as host and port tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoolMode {
    /// No pooler: the server itself.
    Direct,
    /// A server connection for each client (port 5432 of the shared pooler).
    Session,
    /// A server connection for each transaction (port 6543): no prepared statements, `SET` or `LISTEN`.
    Transaction,
    /// A placeholder, or a port on which Supabase offers nothing.
    UnknownPort,
}

/// The kinds of RDS endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RdsKind {
    /// One instance.
    Instance,
    /// The writer of a cluster (`cluster-`).
    Cluster,
    /// The readers of a cluster (`cluster-ro-`): writing fails there.
    ClusterReader,
    /// A chosen set of a cluster's instances (`cluster-custom-`).
    ClusterCustom,
    /// RDS Proxy (`proxy-`), with its own endpoints.
    Proxy,
}

/// Recognises a vendor's host. `port` and `user` are those of the connection, undecided ones (`None`) being defaults.
pub fn provider(host: &str, port: Option<&str>, user: Option<&str>) -> Option<Provider> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    supabase(&host, port, user).or_else(|| rds(&host))
}

fn supabase(host: &str, port: Option<&str>, user: Option<&str>) -> Option<Provider> {
    let mode = |plain: PoolMode| match port.filter(|port| !port.is_empty()).map(str::parse::<u16>) {
        None | Some(Ok(SUPABASE_SESSION_PORT)) => plain,
        Some(Ok(SUPABASE_TRANSACTION_PORT)) => PoolMode::Transaction,
        Some(_) => PoolMode::UnknownPort,
    };
    let right = host.strip_suffix(".pooler.supabase.com").is_some();
    let wrong_domain = host.strip_suffix(".pooler.supabase.co").is_some();
    if right || wrong_domain {
        let project = user.and_then(|user| user.split_once('.')).map(|(_, project)| project.to_owned());
        return Some(Provider::SupabasePooler {
            mode: mode(PoolMode::Session),
            project: project.filter(|project| !project.is_empty()),
            wrong_domain,
        });
    }
    let project = host.strip_prefix("db.")?.strip_suffix(".supabase.co")?;
    let one_label = !project.is_empty() && !project.contains('.');
    one_label.then(|| Provider::SupabaseDirect { project: project.to_owned(), mode: mode(PoolMode::Direct) })
}

fn rds(host: &str) -> Option<Provider> {
    let (mut labels, region): (Vec<&str>, Option<&str>) = if let Some(rest) = host.strip_suffix(".rds.amazonaws.com") {
        let mut labels: Vec<&str> = rest.split('.').collect();
        // `name.region` lacks the account, `name` both.
        let has_region = labels.len() > 2 || labels.last().is_some_and(|last| is_region(last));
        let region = if has_region { labels.pop() } else { None };
        (labels, region)
    } else {
        // In the regions of China the region follows `rds`.
        let (rest, region) = host.strip_suffix(".amazonaws.com.cn")?.split_once(".rds.")?;
        (rest.split('.').collect(), Some(region))
    };
    if labels.is_empty() {
        return None;
    }
    labels.remove(0);
    let account = labels.last().copied();
    let prefixes = [
        ("cluster-ro", RdsKind::ClusterReader),
        ("cluster-custom", RdsKind::ClusterCustom),
        ("cluster", RdsKind::Cluster),
        ("proxy", RdsKind::Proxy),
    ];
    let (kind, account) = account
        .and_then(|account| {
            prefixes.iter().find_map(|(prefix, kind)| {
                let rest = account.strip_prefix(prefix)?;
                (rest.is_empty() || rest.starts_with('-')).then(|| (*kind, rest.trim_start_matches('-')))
            })
        })
        .unwrap_or((RdsKind::Instance, account.unwrap_or("")));
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Some(Provider::Rds { kind, account: some(account), region: region.and_then(some) })
}

/// Whether a label looks like a region of AWS: `us-east-1`, `us-gov-west-1`.
fn is_region(label: &str) -> bool {
    let parts: Vec<&str> = label.split('-').collect();
    parts.len() >= 3
        && parts[0].len() == 2
        && parts[..parts.len() - 1].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_lowercase()))
        && parts[parts.len() - 1].bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn supabase_hosts() {
        let direct = |mode| Some(Provider::SupabaseDirect { project: "abcdefghijkl".to_owned(), mode });
        let pooler = |mode, project: Option<&str>, wrong_domain| {
            Some(Provider::SupabasePooler { mode, project: project.map(str::to_owned), wrong_domain })
        };
        let project = Some("abcdefghijkl");
        for (host, port, user, expected) in [
            ("db.abcdefghijkl.supabase.co", None, Some("postgres"), direct(PoolMode::Direct)),
            ("DB.abcdefghijkl.supabase.co.", Some("5432"), None, direct(PoolMode::Direct)),
            ("db.abcdefghijkl.supabase.co", Some("6543"), None, direct(PoolMode::Transaction)),
            ("db.abcdefghijkl.supabase.co", Some("${PORT}"), None, direct(PoolMode::UnknownPort)),
            (
                "aws-0-eu-central-1.pooler.supabase.com",
                Some("5432"),
                Some("postgres.abcdefghijkl"),
                pooler(PoolMode::Session, project, false),
            ),
            (
                "aws-0-eu-central-1.pooler.supabase.co",
                Some("6543"),
                Some("postgres.abcdefghijkl"),
                pooler(PoolMode::Transaction, project, true),
            ),
            (
                "aws-1-us-east-1.pooler.supabase.com",
                Some("5433"),
                Some("postgres"),
                pooler(PoolMode::UnknownPort, None, false),
            ),
            ("abcdefghijkl.supabase.co", None, None, None),
            ("db.supabase.co", None, None, None),
            ("db.a.b.supabase.co", None, None, None),
            ("db.abcdefghijkl.supabase.co.example.com", None, None, None),
        ] {
            assert_eq!(provider(host, port, user), expected, "{host}");
        }
    }

    #[test]
    fn rds_hosts() {
        let rds = |kind, account: Option<&str>, region: Option<&str>| {
            Some(Provider::Rds { kind, account: account.map(str::to_owned), region: region.map(str::to_owned) })
        };
        let (account, region) = (Some("abcdefghijkl"), Some("us-east-1"));
        for (host, expected) in [
            ("mydb.abcdefghijkl.us-east-1.rds.amazonaws.com", rds(RdsKind::Instance, account, region)),
            ("mydb.cluster-abcdefghijkl.us-east-1.rds.amazonaws.com", rds(RdsKind::Cluster, account, region)),
            ("mydb.cluster-ro-abcdefghijkl.us-east-1.rds.amazonaws.com", rds(RdsKind::ClusterReader, account, region)),
            (
                "mydb.cluster-custom-abcdefghijkl.us-east-1.rds.amazonaws.com",
                rds(RdsKind::ClusterCustom, account, region),
            ),
            ("mydb.proxy-abcdefghijkl.us-east-1.rds.amazonaws.com", rds(RdsKind::Proxy, account, region)),
            ("ro.endpoint.proxy-abcdefghijkl.us-east-1.rds.amazonaws.com", rds(RdsKind::Proxy, account, region)),
            ("mydb.us-east-1.rds.amazonaws.com", rds(RdsKind::Instance, None, region)),
            ("mydb.cluster-ro.us-east-1.rds.amazonaws.com", rds(RdsKind::ClusterReader, None, region)),
            ("mydb.us-gov-west-1.rds.amazonaws.com", rds(RdsKind::Instance, None, Some("us-gov-west-1"))),
            ("mydb.rds.amazonaws.com", rds(RdsKind::Instance, None, None)),
            ("mydb.abcdefghijkl.rds.cn-north-1.amazonaws.com.cn", rds(RdsKind::Instance, account, Some("cn-north-1"))),
            ("us-east-1.rds.amazonaws.com", None),
            ("rds.amazonaws.com", None),
            ("mydb.abcdefghijkl.us-east-1.rds.amazonaws.com.example.com", None),
            ("bucket.s3.amazonaws.com", None),
        ] {
            assert_eq!(provider(host, None, None), expected, "{host}");
        }
    }
}

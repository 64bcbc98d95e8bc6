//! What a probe finds where the databases are. Nobody but `dbcfg probe` can judge these rules.

pub mod account_expiring;
pub mod archiver_failing;
pub mod authentication_failed;
pub mod certificate_expiring;
pub mod connections_nearly_used;
pub mod database_missing;
pub mod extension_missing;
mod failed;
pub mod host_not_found;
pub mod invalid_index;
mod listed;
mod mlflow_revisions;
pub mod mlflow_schema_behind;
pub mod never_analysed;
pub mod no_row_level_security;
pub mod overprivileged_role;
pub mod plaintext_accepted;
pub mod read_only_server;
pub mod replica_lag;
pub mod server_settings;
pub mod slow_queries;
pub mod tls_refused;
pub mod unreachable;
pub mod unused_index;

group! {
    host_not_found: Live;
    unreachable: Live;
    tls_refused: Live;
    authentication_failed: Live;
    database_missing: Live;
    extension_missing: Live;
    mlflow_schema_behind: Live;
    read_only_server: Live;
    connections_nearly_used: Live;
    overprivileged_role: Live;
    account_expiring: Live;
    certificate_expiring: Live;
    plaintext_accepted: Live;
    server_settings: Live;
    slow_queries: Live;
    unused_index: Live;
    never_analysed: Live;
    invalid_index: Live;
    replica_lag: Live;
    archiver_failing: Live;
    no_row_level_security: Live;
}

//! Where databases are.

pub mod database_name_drift;
pub mod dialect_ambiguity;
pub mod impossible_rds_host;
pub mod invalid_host;
pub mod invalid_port;
pub mod localhost_in_production;
pub mod placeholder_value;
pub mod reader_endpoint;
pub mod sqlite_slashes;
pub mod sqlite_with_host;
pub mod supabase_endpoint;
pub mod superuser_name;
pub mod unresolved_variable;
pub mod url_fields_disagree;

group! {
    placeholder_value: Case;
    invalid_host: Case;
    impossible_rds_host: Case;
    invalid_port: Case;
    supabase_endpoint: Case;
    reader_endpoint: Case;
    url_fields_disagree: Reading;
    database_name_drift: Project;
    localhost_in_production: Case;
    unresolved_variable: Project;
    sqlite_slashes: Case;
    sqlite_with_host: Case;
    dialect_ambiguity: Reading;
    superuser_name: Case;
}

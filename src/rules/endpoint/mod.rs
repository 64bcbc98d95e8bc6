//! Where databases are.

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

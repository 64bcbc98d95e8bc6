//! MLflow's database, its tracking server and its stores.

mod files;

group! {
    managed_store: Project;
    tracking_uri_is_database: Case;
    file_store_in_production: Case;
    mlflow_in_main_database: Case;
    silent_sqlite_fallback: Case;
}

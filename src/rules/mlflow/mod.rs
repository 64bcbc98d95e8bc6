//! MLflow's database, its tracking server and its stores.

pub mod file_store_in_production;
mod files;
pub mod managed_store;
pub mod mlflow_in_main_database;
pub mod silent_sqlite_fallback;
pub mod tracking_uri_is_database;

group! {
    managed_store: Project;
    tracking_uri_is_database: Case;
    file_store_in_production: Case;
    mlflow_in_main_database: Case;
    silent_sqlite_fallback: Case;
}

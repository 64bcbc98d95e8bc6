//! The database of embeddings.

pub mod vector_in_main_database;
pub mod vector_on_sqlite;

group! {
    vector_on_sqlite: Case;
    vector_in_main_database: Case;
}

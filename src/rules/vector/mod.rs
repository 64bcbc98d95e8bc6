//! The database of embeddings.

group! {
    vector_on_sqlite: Case;
    vector_in_main_database: Case;
}

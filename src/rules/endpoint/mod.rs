//! Where databases are.

group! {
    invalid_port: Case;
    url_fields_disagree: Reading;
    dialect_ambiguity: Reading;
}

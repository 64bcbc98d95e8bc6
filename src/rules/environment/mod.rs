//! How environments differ.

group! {
    missing_in_environment: Project;
    debug_in_production: Leaf;
    development_secret_in_production: Leaf;
    same_secret_in_environments: Project;
}

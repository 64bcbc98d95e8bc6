//! How environments differ.

pub mod debug_in_production;
pub mod development_secret_in_production;
pub mod missing_in_environment;
pub mod same_secret_in_environments;

group! {
    missing_in_environment: Project;
    debug_in_production: Leaf;
    development_secret_in_production: Leaf;
    same_secret_in_environments: Project;
}

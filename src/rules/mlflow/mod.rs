//! `MLflow`'s stores.

group! {}

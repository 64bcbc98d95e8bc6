//! How environments differ.

group! {}

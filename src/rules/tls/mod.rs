//! Encryption and certificates.

group! {}

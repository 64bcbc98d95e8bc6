//! Encryption: what libpq's modes mean, and contexts of OpenSSL that are built once and shared.

mod settings;

pub(super) use settings::{CertificateMode, Mode, Negotiation, Root, TlsSettings, Version};

/// Contexts of TLS, each built once.
#[derive(Debug, Default)]
pub(super) struct Connectors {}

//! Encryption and certificates.

pub mod cert_without_key;
pub mod driver_rejects_parameter;
pub mod key_readable_by_others;
pub mod missing_cert_file;
pub mod missing_root_cert;
mod modes;
pub mod unknown_ssl_mode;
pub mod weak_ssl_mode;

group! {
    unknown_ssl_mode: Case;
    weak_ssl_mode: Case;
    missing_root_cert: Case;
    missing_cert_file: Case;
    cert_without_key: Case;
    key_readable_by_others: Case;
    driver_rejects_parameter: Case;
}

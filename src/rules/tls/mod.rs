//! Encryption and certificates.

mod modes;

group! {
    unknown_ssl_mode: Case;
    weak_ssl_mode: Case;
    missing_root_cert: Case;
    missing_cert_file: Case;
    cert_without_key: Case;
    key_readable_by_others: Case;
    driver_rejects_parameter: Case;
}

//! Whether a certificate is that of an address, as libpq has it.

use std::net::IpAddr;

use openssl::nid::Nid;
use openssl::x509::X509;

/// OpenSSL's number for a certificate of another address (`X509_V_ERR_IP_ADDRESS_MISMATCH`).
pub(super) const ADDRESS_MISMATCH: i32 = 64;

/// Whether a certificate names an address: as one, as a name that looks like it, or, if it names neither addresses nor
/// hosts, as its common name. OpenSSL itself knows only the first way, libpq (15 and later) all.
pub(super) fn is_of_address(certificate: &X509, address: IpAddr) -> bool {
    let octets = match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    let text = address.to_string();
    let mut is_named = false;
    for name in certificate.subject_alt_names().into_iter().flatten() {
        if name.ipaddress() == Some(octets.as_slice()) || name.dnsname() == Some(text.as_str()) {
            return true;
        }
        is_named |= name.ipaddress().is_some() || name.dnsname().is_some();
    }
    let mut common = certificate.subject_name().entries_by_nid(Nid::COMMONNAME);
    !is_named && common.any(|entry| entry.data().to_string().is_ok_and(|name| name == text))
}

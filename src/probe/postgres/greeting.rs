//! What answers instead of PostgreSQL, told by its first bytes.

use crate::probe::fault::Protocol;

/// The protocol that begins with these bytes.
pub(in crate::probe) fn protocol(bytes: &[u8]) -> Protocol {
    // A record of TLS: a handshake or an alert of version 3.
    let is_tls = matches!(bytes, [0x15 | 0x16, 3, ..]);
    // MySQL greets with a message of its version 10, or with an error; both begin with a short length and number 0.
    let is_mysql = matches!(bytes, [_, _, 0, 0, 10 | 255, ..]);
    let is_reply = |bytes: &[u8]| matches!(bytes, [b'2' | b'4' | b'5', b'0'..=b'9', b'0'..=b'9', b' ' | b'-', ..]);
    match bytes {
        _ if bytes.starts_with(b"HTTP/") || bytes.starts_with(b"<!") || bytes.starts_with(b"<html") => Protocol::Http,
        _ if bytes.starts_with(b"SSH-") => Protocol::Ssh,
        _ if is_tls => Protocol::Tls,
        _ if is_mysql => Protocol::Mysql,
        [b'-' | b'+', b'A'..=b'Z', ..] => Protocol::Redis,
        _ if is_reply(bytes) => Protocol::Mail,
        _ => Protocol::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greetings_are_told_apart() {
        for (bytes, expected) in [
            (&b"HTTP/1.1 400 Bad Request"[..], Protocol::Http),
            (b"SSH-2.0-OpenSSH_9.2p1", Protocol::Ssh),
            (b"J\0\0\0\n8.0.36\0", Protocol::Mysql),
            (b"E\0\0\0\xff\x10\x04Too many connections", Protocol::Mysql),
            (b"\x15\x03\x01\0\x02\x02\x46", Protocol::Tls),
            (b"-ERR unknown command", Protocol::Redis),
            (b"220 mail.example.com ESMTP", Protocol::Mail),
            (b"\x80\x01", Protocol::Unknown),
            (b"", Protocol::Unknown),
        ] {
            assert_eq!(protocol(bytes), expected, "{bytes:?}");
        }
    }
}

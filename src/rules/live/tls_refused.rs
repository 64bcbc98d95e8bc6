//! `tls-refused`.

use crate::model::health::Cause;
use crate::rules::live_check::{Found, Live};

use super::failed;

rule! {
    /// A connection that fails over encryption: the server has none, wants it, or is not trusted.
    ///
    /// Found are servers without TLS where `ssl_mode` wants it, servers that insist on it where `ssl_mode` forbids it, certificates that do not hold, root certificates that are missing, and client certificates that are refused.
    /// # Why it matters
    /// The server is there, and nobody gets in.
    /// A certificate that does not hold may also be somebody else's, who listens in between: so it is not to be mended by looking away.
    /// # How to mend it
    /// The help says what is wrong and names the line.
    /// `ssl_mode: verify-full` with the right `ssl_root_cert` is what to arrive at; `prefer` and below accept anybody.
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     ssl_mode: verify-full
    ///     ssl_root_cert: old-authority.pem    # the server's certificate is signed by another
    /// ```
    "tls-refused": Live, Error
}

pub(super) fn judge(live: &Live<'_>, findings: &mut Vec<Found>) {
    for failed in failed::all(live, Cause::is_tls) {
        let message = format!("no encrypted connection to {}: {}", failed.names(), failed.said());
        findings.extend(failed.finding(live, &INFO, message));
    }
}

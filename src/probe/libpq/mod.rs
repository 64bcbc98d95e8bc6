//! What libpq reads besides the configuration.

use crate::model::health::Failure;
use crate::model::{Connection, Key};

use super::options::Options;
use super::postgres::{Binding, Endpoint, Host, Place, SessionKind};
use super::tls::TlsSettings;

/// Where a server is.
pub(super) fn endpoint(connection: &Connection, _options: &Options) -> Result<Endpoint, Failure> {
    let text = |key| connection.settings.get(key).and_then(|setting| setting.effective()).unwrap_or_default();
    let host =
        Host { place: Place::Name(text(Key::Host)), port: text(Key::Port).parse().unwrap_or(5432), password: None };
    Ok(Endpoint {
        hosts: vec![host],
        is_shuffled: false,
        database: text(Key::Database),
        user: text(Key::Username),
        tls: TlsSettings::default(),
        binding: Binding::default(),
        session: SessionKind::default(),
        application_name: String::new(),
        options: None,
        limitations: Vec::new(),
        remarks: Vec::new(),
    })
}

//! What cannot be used, as a failure: nothing was tried, so that nothing is said about a server.

use crate::model::health::{Cause, Class, Failure, Stage};

/// A value of the configuration, or a file that it names, cannot be used. The message is a sentence without its full stop.
pub(super) fn configuration(message: String) -> Failure {
    failure(Stage::Dns, Cause::Configuration, message)
}

/// The client certificate or its key cannot be used.
pub(super) fn certificate(message: String) -> Failure {
    failure(Stage::Tls, Cause::ClientCertificateUnusable, message)
}

/// A variable has no value here.
pub(super) fn unresolved(message: String) -> Failure {
    failure(Stage::Dns, Cause::UnresolvedVariable, message)
}

fn failure(stage: Stage, cause: Cause, message: String) -> Failure {
    Failure { stage, cause, class: Class::Permanent, code: cause.name(), message, key: None }
}

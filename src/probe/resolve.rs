//! Names become addresses, in threads that can hang without anybody waiting for them.

/// Looks names up.
#[derive(Debug, Default)]
pub(super) struct Resolver {}

//! What is read from standard input.

use std::io::{self, Read as _};

use anyhow::{Context as _, Result};

use crate::document::SIZE_LIMIT;

/// All of standard input, and one byte more than a file may have, which shows that there is more.
pub(super) fn standard_input() -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .take(SIZE_LIMIT as u64 + 1)
        .read_to_end(&mut bytes)
        .context("standard input could not be read")?;
    Ok(bytes)
}

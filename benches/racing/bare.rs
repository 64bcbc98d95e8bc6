//! The parser that dbcfg uses, and nothing else: what cannot be saved without another parser.

use std::fmt::Display;
use std::fs;
use std::hint::black_box;
use std::io::{self, Read as _, Write as _};

use granit_parser::{Parser, options};

/// The name under which a benchmark starts itself as this peer.
pub(crate) const BARE: &str = "bare-pass";
/// What the table calls it.
pub(crate) const BARE_NAME: &str = "bare granit-parser pass";

/// Reads files and takes all events of the parser that dbcfg uses, with the options that dbcfg sets, and does nothing
/// with them.
pub(crate) fn bare_pass(files: &[String]) -> io::Result<()> {
    let mut count = 0_u64;
    for file in files {
        let text = fs::read_to_string(file)?;
        let options = options! {
            emit_anchor_events: true,
            emit_unresolved_aliases: true,
            max_buffered_comment_events: 100_000,
        };
        for next in Parser::new_from_str_with_options(&text, options) {
            let (event, _) = next.map_err(|error| io::Error::other(error.to_string()))?;
            black_box(event);
            count += 1;
        }
    }
    wait_to_be_measured(count)
}

/// Tells a result, and waits until whoever started this process has seen how much memory it took.
pub(crate) fn wait_to_be_measured(result: impl Display) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{result}")?;
    stdout.flush()?;
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

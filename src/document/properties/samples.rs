//! Realistic texts, and ways of spoiling them.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::document::Format;

/// All formats.
pub(super) const FORMATS: [Format; 5] = [Format::Yaml, Format::Toml, Format::Json, Format::Ini, Format::Env];

/// A realistic text of each format.
pub(super) fn sample(format: Format) -> &'static str {
    match format {
        Format::Yaml => {
            "# top\n\n_defaults: &defaults\n  adapter: postgresql # behind\n  pool: 5\n\nproduction:\n  <<: *defaults\n  \
             host: \"db.example.com\"\n  port: 5432\n  password: 'it''s ${SECRET}'\n  opts: {a: [1, 2], b: ~}\n  list:\n  \
             - x: 1\n    y: 2\n  - |\n    line\n    line\n  url: postgres://u:p@h:5432/d?sslmode=require\n"
        }
        Format::Toml => {
            "# top\ntitle = \"x\" # behind\ndotted.key = 0o17\ndotted.more = [1, 2, {a = 'b', c.d = true}]\n\n\
             [database]\nhost = 'localhost'\nport = 5432\nurl = \"postgres://u:p@h/d\\n\"\n\
             text = \"\"\"\none\ntwo\"\"\"\n\n[database.pool]\nsize = 1_000\nwhen = 2024-01-31T10:00:00Z\n\n\
             [[replica]]\nhost = \"a\"\n[replica.tls]\nmode = \"require\"\n[[replica]]\nhost = \"b\"\nlist = [\n  1, # one\n  \
             2,\n]\n"
        }
        Format::Json => {
            "{\n  \"database\": {\"host\": \"localhost\", \"port\": 5432, \"tls\": true, \"none\": null},\n  \"list\": [1, \
             -2.5e3, \"a\\u00e9\\n\", {}, []],\n  \"url\": \"postgres://u:p@h/d\"\n}\n"
        }
        Format::Ini => {
            "; top\n[DEFAULT]\nhere = /srv\n\n[alembic]\nscript_location = %(here)s/alembic\nsqlalchemy.url = \
             postgresql://u:p%%40@h/d\nprepend_sys_path = .\n# comment\nlong =\n  one\n  two\n\n[logger_root]\nLevel: WARN\n\
             handlers = console\nformat = %(levelname)-5.5s %(message)s\n"
        }
        Format::Env => {
            "# top\nDB_HOST=localhost\nexport DB_PORT=5432 # behind\nDB_PASSWORD='pa$$ word'\nDB_URL=\"postgres://${DB_USER}:\
             p\\\"@${DB_HOST:-h}/d\"\nEMPTY=\nNAME\nCERT=\"-----BEGIN\nabc\n-----END\"\nTICK=`x 'y'`\n"
        }
    }
}

/// What is spliced into the samples.
pub(super) const PIECES: [&str; 40] = [
    "\n",
    "\r\n",
    "\r",
    " ",
    "\t",
    "\"",
    "'",
    "`",
    "\"\"\"",
    "'''",
    "[",
    "]",
    "{",
    "}",
    "[[",
    "]]",
    "{{",
    ":",
    ": ",
    "=",
    ",",
    "#",
    " # ",
    ";",
    "//",
    "/*",
    "*/",
    "\\",
    "%",
    "%(",
    "$",
    "${",
    "*",
    "***REMOVED***",
    "&a ",
    "!",
    "@",
    "é",
    "\u{FEFF}",
    "\0",
];

/// One change of a text: where, how much of it, and what is done.
pub(super) type Change = (usize, usize, usize);

/// Some changes.
pub(super) fn changes() -> impl Strategy<Value = Vec<Change>> {
    vec((0usize..10_000, 0usize..40, 0usize..PIECES.len() + 8), 1..6)
}

/// Deletes, repeats and splices.
pub(super) fn changed(text: &str, changes: &[Change]) -> String {
    let mut text = text.to_owned();
    for (at, length, what) in changes {
        let floor = |mut at: usize| {
            at = at.min(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let start = floor(at % (text.len() + 1));
        let end = floor(start + length);
        let part = text[start..end].to_owned();
        match PIECES.get(*what) {
            Some(piece) => text.insert_str(start, piece),
            None if what % 2 == 0 => text.replace_range(start..end, ""),
            None => text.insert_str(end, &part),
        }
    }
    text
}

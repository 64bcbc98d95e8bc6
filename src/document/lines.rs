//! Lines and columns.

/// A place in a text. Lines and columns start at 1; a column counts Unicode scalar values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

/// Where the lines of a text start.
///
/// A line ends with `\n`, `\r\n` or a lone `\r`, as YAML has it. A byte order mark takes no column.
pub struct Lines {
    starts: Vec<u32>,
    /// How many characters start before each block of [`BLOCK`] bytes, so that a column far out in a long line is
    /// not counted from the start of the line.
    characters: Vec<u32>,
}

/// The bytes of one block.
const BLOCK: usize = 4096;

/// How many characters start in these bytes.
fn count_characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| !is_continuation(**byte)).count()
}

/// Whether a byte is inside of a character.
fn is_continuation(byte: u8) -> bool {
    byte & 0b1100_0000 == 0b1000_0000
}

impl Lines {
    /// Finds the lines of a text.
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let is_end = |index: usize| bytes[index] == b'\n' || bytes.get(index + 1) != Some(&b'\n');
        let offset = |index: usize| u32::try_from(index + 1).unwrap_or(u32::MAX);
        let mut starts = Vec::with_capacity(text.len() / 32 + 1);
        starts.push(0);
        if bytes.contains(&b'\r') {
            let breaks = text.match_indices(['\n', '\r']).map(|(index, _)| index);
            starts.extend(breaks.filter(|index| is_end(*index)).map(offset));
        } else {
            starts.extend(text.match_indices('\n').map(|(index, _)| offset(index)));
        }
        starts.shrink_to_fit();
        let mut before = 0;
        let characters = bytes.chunks(BLOCK).map(|block| {
            let here = before;
            before += count_characters(block);
            u32::try_from(here).unwrap_or(u32::MAX)
        });
        Self { starts, characters: characters.collect() }
    }

    /// The line and column of a byte. An offset inside a character counts as that character's.
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let line = self.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.starts[line] as usize;
        let mut end = (offset as usize).min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let start = start.min(end);
        let marks = text[start..end].len() - text[start..end].trim_start_matches('\u{FEFF}').len();
        let from = start + marks;
        let before = if end - from < BLOCK {
            count_characters(&text.as_bytes()[from..end])
        } else {
            self.characters_before(text, end) - self.characters_before(text, from)
        };
        let column = before + 1;
        Position {
            line: u32::try_from(line + 1).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
        }
    }

    /// How many characters start before a byte.
    fn characters_before(&self, text: &str, offset: usize) -> usize {
        let block = offset / BLOCK;
        let before = self.characters.get(block).map_or(0, |count| *count as usize);
        if block < self.characters.len() {
            return before + count_characters(&text.as_bytes()[block * BLOCK..offset]);
        }
        // The text ends with a whole block, and this is its end.
        let last = self.characters.len().saturating_sub(1);
        let count = self.characters.last().map_or(0, |count| *count as usize);
        count + count_characters(&text.as_bytes()[(last * BLOCK).min(offset)..offset])
    }

    /// The byte range of a line (from 1), without its end.
    pub fn line<'text>(&self, text: &'text str, line: u32) -> Option<&'text str> {
        let index = (line as usize).checked_sub(1)?;
        let start = *self.starts.get(index)? as usize;
        let end = self.starts.get(index + 1).map_or(text.len(), |next| *next as usize);
        Some(text[start..end].trim_end_matches(['\n', '\r']))
    }

    /// How many lines there are; an empty text has one.
    pub fn count(&self) -> usize {
        self.starts.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let text = "\u{FEFF}a: ü\r\nb: 表x\rc";
        let lines = Lines::new(text);
        let at = |needle: &str| {
            let offset = u32::try_from(text.find(needle).expect(needle)).expect("small");
            let position = lines.position(text, offset);
            (position.line, position.column)
        };
        assert_eq!(at("a"), (1, 1));
        assert_eq!(at("ü"), (1, 4));
        assert_eq!(at("x"), (2, 5));
        assert_eq!(at("c"), (3, 1));
        assert_eq!(lines.line(text, 2), Some("b: 表x"));
        assert_eq!(lines.count(), 3);
    }

    #[test]
    fn columns_are_right_in_long_lines_too() {
        let text = format!("\u{FEFF}é\n{}x{}\n", "ä密".repeat(5000), "y".repeat(BLOCK));
        let lines = Lines::new(&text);
        for (offset, _) in text.char_indices().filter(|(at, _)| at % 997 < 4).chain([(text.len(), ' ')]) {
            let start = text[..offset].rfind('\n').map_or(0, |end| end + 1);
            let column = text[start..offset].trim_start_matches('\u{FEFF}').chars().count() + 1;
            let offset = u32::try_from(offset).expect("a short text");
            assert_eq!(lines.position(&text, offset).column as usize, column, "{offset}");
        }
    }
}

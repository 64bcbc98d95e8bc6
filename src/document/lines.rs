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
        Self { starts }
    }

    /// The line and column of a byte. An offset inside a character counts as that character's.
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let line = self.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.starts[line] as usize;
        let mut end = (offset as usize).min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let before = text[start.min(end)..end].trim_start_matches('\u{FEFF}');
        let column = before.chars().count() + 1;
        Position {
            line: u32::try_from(line + 1).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
        }
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
}

//! What a person sees of what a program wrote to a terminal: escape sequences carried out, with the lines that have
//! scrolled away.

/// The lines of a terminal.
#[derive(Debug, Default)]
pub(crate) struct Screen {
    lines: Vec<Vec<char>>,
    row: usize,
    column: usize,
    /// Whether the cursor is to be seen.
    pub(crate) has_cursor: bool,
}

impl Screen {
    /// The screen after a program has written these bytes to a terminal of this width.
    pub(crate) fn of(bytes: &[u8], columns: u16) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let mut screen = Self { has_cursor: true, ..Self::default() };
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            match character {
                // The terminal of the tests does not translate line ends; a person's does.
                '\n' => (screen.row, screen.column) = (screen.row + 1, 0),
                '\r' => screen.column = 0,
                '\u{1b}' => screen.escape(&mut characters),
                character if character.is_control() => {}
                character => screen.put(character, columns.into()),
            }
        }
        screen
    }

    /// The lines, without white space at their ends.
    pub(crate) fn lines(&self) -> Vec<String> {
        let text = |line: &Vec<char>| line.iter().collect::<String>().trim_end().to_owned();
        self.lines.iter().map(text).collect()
    }

    fn put(&mut self, character: char, columns: usize) {
        if self.column >= columns {
            (self.row, self.column) = (self.row + 1, 0);
        }
        let column = self.column;
        let line = self.line();
        while line.len() <= column {
            line.push(' ');
        }
        line[column] = character;
        self.column += 1;
    }

    fn line(&mut self) -> &mut Vec<char> {
        while self.lines.len() <= self.row {
            self.lines.push(Vec::new());
        }
        &mut self.lines[self.row]
    }

    /// `ESC [ number letter`; what is not known changes nothing that is seen.
    fn escape(&mut self, characters: &mut std::str::Chars<'_>) {
        if characters.next() != Some('[') {
            return;
        }
        let mut number = String::new();
        let Some(letter) = characters.find(|character| {
            let is_end = character.is_ascii_alphabetic();
            if !is_end {
                number.push(*character);
            }
            is_end
        }) else {
            return;
        };
        let count = number.parse::<usize>().unwrap_or(1);
        let column = self.column;
        match (letter, number.as_str()) {
            ('A', _) => self.row = self.row.saturating_sub(count),
            ('B', _) => self.row += count,
            ('C', _) => self.column += count,
            ('D', _) => self.column = self.column.saturating_sub(count),
            ('G', _) => self.column = count.saturating_sub(1),
            ('K', "2") => self.line().clear(),
            ('K', _) => self.line().truncate(column),
            ('h', "?25") => self.has_cursor = true,
            ('l', "?25") => self.has_cursor = false,
            _ => {}
        }
    }
}

#[test]
fn what_is_drawn_over_is_not_seen() {
    let screen = Screen::of(b"one\ntwo\n\x1b[1A\x1b[2K\rT\x1b[1mwo\x1b[0m\n12345678", 5);
    assert_eq!(screen.lines(), ["one", "Two", "12345", "678"]);
    assert!(screen.has_cursor);
    assert!(!Screen::of(b"\x1b[?25lx", 5).has_cursor);
}

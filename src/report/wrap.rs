//! Text in lines that end between words.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// The text in lines of at most `width` columns, of which `used` are taken in the first and `indent` in the others. A
/// word that is longer than a line has one of its own. Without a width, one line.
pub(super) fn wrap(text: &str, used: usize, indent: usize, width: Option<usize>) -> Vec<String> {
    let Some(width) = width else { return vec![text.to_owned()] };
    let mut lines = vec![String::new()];
    let mut column = used;
    for word in text.split(' ') {
        let line = lines.last_mut().filter(|line| line.is_empty() || column + 1 + word.width() <= width);
        if let Some(line) = line {
            if !line.is_empty() {
                line.push(' ');
                column += 1;
            }
            line.push_str(word);
            column += word.width();
        } else {
            lines.push(word.to_owned());
            column = indent + word.width();
        }
    }
    lines
}

/// The same, and a word that is longer than a line goes on in the next one: nothing is wider than `width`.
pub(super) fn wrap_all(text: &str, used: usize, indent: usize, width: Option<usize>) -> Vec<String> {
    let Some(columns) = width else { return wrap(text, used, indent, None) };
    let mut lines = Vec::new();
    for line in wrap(text, used, indent, width) {
        let mut room = columns.saturating_sub(if lines.is_empty() { used } else { indent }).max(1);
        let mut part = String::new();
        for character in line.chars() {
            let wide = character.width().unwrap_or(0);
            if wide > room && !part.is_empty() {
                lines.push(std::mem::take(&mut part));
                room = columns.saturating_sub(indent).max(1);
            }
            part.push(character);
            room = room.saturating_sub(wide);
        }
        lines.push(part);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_go_on_below() {
        assert_eq!(wrap_all("unbreakable x", 4, 2, Some(8)), ["unbr", "eakabl", "e", "x"]);
        assert_eq!(wrap_all("one two", 0, 0, Some(4)), ["one", "two"]);
        assert_eq!(wrap_all("unbreakable x", 4, 2, None), ["unbreakable x"]);
    }

    #[test]
    fn lines_end_between_words() {
        assert_eq!(wrap("one two three", 4, 2, Some(11)), ["one two", "three"]);
        assert_eq!(wrap("one two three", 4, 2, None), ["one two three"]);
        assert_eq!(wrap("unbreakable x", 4, 2, Some(8)), ["unbreakable", "x"]);
        assert_eq!(wrap("表表 表", 0, 0, Some(5)), ["表表", "表"]);
    }
}

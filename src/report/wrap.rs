//! Text in lines that end between words.

use unicode_width::UnicodeWidthStr as _;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_between_words() {
        assert_eq!(wrap("one two three", 4, 2, Some(11)), ["one two", "three"]);
        assert_eq!(wrap("one two three", 4, 2, None), ["one two three"]);
        assert_eq!(wrap("unbreakable x", 4, 2, Some(8)), ["unbreakable", "x"]);
        assert_eq!(wrap("表表 表", 0, 0, Some(5)), ["表表", "表"]);
    }
}

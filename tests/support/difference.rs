//! Shows how two texts differ, line by line.

/// Equal lines shown on either side of a difference.
const CONTEXT: usize = 3;

/// More cells than this are not compared: a thousand lines against a thousand others.
const MOST_CELLS: usize = 1_000_000;

/// The lines of both texts: `-` before what was expected and is missing, `+` before what was not expected.
///
/// Line ends and spaces at the end of a line are made visible where lines differ.
pub(super) fn difference(expected: &str, found: &str) -> String {
    let expected: Vec<&str> = expected.split_inclusive('\n').collect();
    let found: Vec<&str> = found.split_inclusive('\n').collect();
    let same = |pair: &(&&str, &&str)| pair.0 == pair.1;
    let before = expected.iter().zip(&found).take_while(same).count();
    let (expected_rest, found_rest) = (&expected[before..], &found[before..]);
    let after = expected_rest.iter().rev().zip(found_rest.iter().rev()).take_while(same).count();
    let old = &expected_rest[..expected_rest.len() - after];
    let new = &found_rest[..found_rest.len() - after];

    let mut shown = format!("(lines {} and following; - expected, + found)\n", before + 1);
    for line in &expected[before.saturating_sub(CONTEXT)..before] {
        shown.push_str(&format_line(' ', line));
    }
    for (mark, line) in edits(old, new) {
        shown.push_str(&format_line(mark, line));
    }
    for line in expected_rest[old.len()..].iter().take(CONTEXT) {
        shown.push_str(&format_line(' ', line));
    }
    shown
}

/// A line with its mark. Lines that differ are quoted where their end could not be seen otherwise.
fn format_line(mark: char, line: &str) -> String {
    match line.strip_suffix('\n') {
        Some(plain) if mark == ' ' || plain.trim_end() == plain => format!("{mark} {plain}\n"),
        _ => format!("{mark} {line:?}\n"),
    }
}

/// The fewest lines to remove and to add, by the longest common subsequence.
fn edits<'text>(old: &[&'text str], new: &[&'text str]) -> Vec<(char, &'text str)> {
    if (old.len() + 1) * (new.len() + 1) > MOST_CELLS {
        let removed = old.iter().take(CONTEXT).map(|&line| ('-', line));
        return removed.chain(new.iter().take(CONTEXT).map(|&line| ('+', line))).collect();
    }
    // `common[i][j]` is the length for what follows line i of the old and line j of the new text.
    let mut common = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] =
                if old[i] == new[j] { common[i + 1][j + 1] + 1 } else { common[i + 1][j].max(common[i][j + 1]) };
        }
    }
    let (mut i, mut j, mut script) = (0, 0, Vec::new());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            script.push((' ', old[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || (i < old.len() && common[i + 1][j] >= common[i][j + 1]) {
            script.push(('-', old[i]));
            i += 1;
        } else {
            script.push(('+', new[j]));
            j += 1;
        }
    }
    script
}

#[test]
fn shows_only_what_differs_and_a_little_around_it() {
    let shown = difference("a\nb\nc\nd\ne\n", "a\nb\nx\nd\ne\n");
    assert_eq!(shown, "(lines 3 and following; - expected, + found)\n  a\n  b\n- c\n+ x\n  d\n  e\n");
}

#[test]
fn shows_spaces_and_missing_line_ends() {
    let shown = difference("a\nb", "a \nb\n");
    assert!(shown.contains("- a\n- \"b\"\n+ \"a \\n\"\n+ b\n"), "{shown}");
}

#[test]
fn long_texts_that_differ_everywhere_are_cut() {
    let expected = "old\n".repeat(2000);
    let found = "new\n".repeat(2000);
    assert_eq!(difference(&expected, &found).lines().count(), 1 + 2 * CONTEXT);
}

//! The line that counts what was found: the same below every format for people.

use super::entry::Summary;

/// `Found 3 errors and 1 warning in 2 files (1 suppressed).`
pub(super) fn line(summary: Summary) -> String {
    let found = [(summary.errors, "error"), (summary.warnings, "warning"), (summary.infos, "info")];
    let found: Vec<String> =
        found.into_iter().filter(|(count, _)| *count > 0).map(|(count, word)| counted(count, word)).collect();
    let files = counted(summary.files, "file");
    let suppressed =
        if summary.suppressed > 0 { format!(" ({} suppressed)", summary.suppressed) } else { String::new() };
    match found.as_slice() {
        [] => format!("No problems in {files}{suppressed}."),
        [all] => format!("Found {all} in {files}{suppressed}."),
        [most @ .., last] => format!("Found {} and {last} in {files}{suppressed}.", most.join(", ")),
    }
}

fn counted(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_said_in_words() {
        for ((errors, warnings, infos, files, suppressed), expected) in [
            ((3, 1, 2, 2, 1), "Found 3 errors, 1 warning and 2 infos in 2 files (1 suppressed)."),
            ((1, 0, 1, 1, 0), "Found 1 error and 1 info in 1 file."),
            ((0, 2, 0, 1, 0), "Found 2 warnings in 1 file."),
            ((0, 0, 0, 3, 0), "No problems in 3 files."),
            ((0, 0, 0, 0, 4), "No problems in 0 files (4 suppressed)."),
        ] {
            assert_eq!(line(Summary { files, errors, warnings, infos, suppressed }), expected);
        }
    }
}

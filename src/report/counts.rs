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

/// `2 can be mended with --fix, and 1 more with --fix --unsafe-fixes.` Nothing if there are none.
pub(super) fn fixes(summary: Summary) -> Option<String> {
    let all = summary.errors + summary.warnings + summary.infos;
    let some = |count: usize| if count == all && all == 1 { "It".to_owned() } else { count.to_string() };
    match (summary.fixable, summary.unsafely_fixable) {
        (0, 0) => None,
        (safe, 0) => Some(format!("{} can be mended with `--fix`.", some(safe))),
        (0, other) => Some(format!("{} can be mended with `--fix --unsafe-fixes`.", some(other))),
        (safe, other) => {
            Some(format!("{safe} can be mended with `--fix`, and {other} more with `--fix --unsafe-fixes`."))
        }
    }
}

/// `1 file`, `2 files`
pub fn counted(count: usize, word: &str) -> String {
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
            assert_eq!(line(Summary { files, errors, warnings, infos, suppressed, ..Summary::default() }), expected);
        }
    }

    #[test]
    fn fixes_are_counted() {
        for ((warnings, fixable, unsafely_fixable), expected) in [
            ((3, 0, 0), None),
            ((1, 1, 0), Some("It can be mended with `--fix`.")),
            ((3, 1, 0), Some("1 can be mended with `--fix`.")),
            ((3, 0, 2), Some("2 can be mended with `--fix --unsafe-fixes`.")),
            ((3, 2, 1), Some("2 can be mended with `--fix`, and 1 more with `--fix --unsafe-fixes`.")),
        ] {
            let summary = Summary { warnings, fixable, unsafely_fixable, ..Summary::default() };
            assert_eq!(fixes(summary).as_deref(), expected);
        }
    }
}

//! Lists of what a database holds, as messages tell them.

use crate::model::health::Index;
use crate::redact::show_text;

/// The most names that a message holds.
const MOST: usize = 3;

/// `public.a, public.b, public.c and 4 others`.
pub(super) fn names<'text>(names: impl ExactSizeIterator<Item = &'text str>) -> String {
    let count = names.len();
    let few: Vec<String> = names.take(MOST).map(|name| format!("`{}`", show_text(name))).collect();
    let rest = count.saturating_sub(MOST);
    match (rest, few.split_last()) {
        (0, Some((last, first))) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        (0, _) => few.join(", "),
        (1, _) => format!("{} and 1 other", few.join(", ")),
        _ => format!("{} and {rest} others", few.join(", ")),
    }
}

/// The names of indexes, the largest first.
pub(super) fn indexes(indexes: &[Index]) -> String {
    let mut sorted: Vec<&Index> = indexes.iter().collect();
    sorted.sort_by(|one, other| other.bytes.cmp(&one.bytes).then_with(|| one.name.cmp(&other.name)));
    names(sorted.iter().map(|index| index.name.as_str()))
}

/// `512 kB`, `3.4 MB`, `12 GB`: bytes in units of 1,024, as PostgreSQL tells sizes.
#[allow(clippy::cast_precision_loss, reason = "a size of this magnitude is told with two digits")]
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "kB", "MB", "GB", "TB"];
    let (mut value, mut unit) = (bytes as f64, 0);
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    let digits = usize::from(unit > 0 && value < 10.0 && value.fract() >= 0.05);
    format!("{value:.digits$} {}", UNITS.get(unit).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_few() {
        for (given, expected) in [
            (&["a"][..], "`a`"),
            (&["a", "b"], "`a` and `b`"),
            (&["a", "b", "c"], "`a`, `b` and `c`"),
            (&["a", "b", "c", "d"], "`a`, `b`, `c` and 1 other"),
            (&["a", "b", "c", "d", "e"], "`a`, `b`, `c` and 2 others"),
        ] {
            assert_eq!(names(given.iter().copied()), expected);
        }
    }

    #[test]
    fn sizes_are_told_as_postgresql_tells_them() {
        for (bytes, expected) in
            [(0, "0 bytes"), (8192, "8 kB"), (3_565_158, "3.4 MB"), (12_884_901_888, "12 GB"), (134_217_728, "128 MB")]
        {
            assert_eq!(size(bytes), expected);
        }
    }
}

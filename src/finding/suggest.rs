//! What a name that nobody knows was most likely meant to be.

/// Longer than any name that is known, with two edits: what is longer is like none of them.
const LONGEST: usize = 40;

/// The known name that is nearest to an unknown one: one edit away for short names, two for longer ones.
///
/// Cheap, since a file may hold a hundred thousand unknown keys: names of another length are not compared at all.
pub fn suggest<'known>(name: &str, among: &[&'known str]) -> Option<&'known str> {
    if name.len() < 3 {
        return None;
    }
    let limit = if name.len() < 6 { 1 } else { 2 };
    let mut letters = ['\0'; LONGEST];
    let mut length = 0;
    for letter in name.chars() {
        *letters.get_mut(length)? = letter;
        length += 1;
    }
    let letters = &letters[..length];
    among
        .iter()
        .filter_map(|candidate| Some((distance(letters, candidate, limit)?, *candidate)))
        .min()
        .map(|(_, candidate)| candidate)
}

/// Edits between a name and a known one, if they are few enough: insertions, removals, replacements, and swapped
/// neighbours (optimal string alignment).
fn distance(name: &[char], known: &str, limit: usize) -> Option<usize> {
    let length = known.chars().count();
    if length > LONGEST || length.abs_diff(name.len()) > limit {
        return None;
    }
    let mut before = [0; LONGEST + 1];
    let mut last: [usize; LONGEST + 1] = std::array::from_fn(|index| index);
    let mut previous = None;
    for (i, letter) in known.chars().enumerate() {
        let mut row = [i + 1; LONGEST + 1];
        let mut nearest = i + 1;
        for (j, own) in name.iter().enumerate() {
            let replaced = last[j] + usize::from(letter != *own);
            let mut best = replaced.min(row[j] + 1).min(last[j + 1] + 1);
            if j > 0 && previous == Some(*own) && letter == name[j - 1] {
                best = best.min(before[j - 1] + 1);
            }
            row[j + 1] = best;
            nearest = nearest.min(best);
        }
        // A later row can go back behind this one by a swap only, and a swap is an edit too.
        if nearest > limit {
            return None;
        }
        (before, last) = (last, row);
        previous = Some(letter);
    }
    Some(last[name.len()]).filter(|distance| *distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_suggested() {
        let known = ["port", "host", "password", "ssl_root_cert"];
        for (name, expected) in [
            ("prot", Some("port")),
            ("por", Some("port")),
            ("poort", Some("port")),
            ("hots", Some("host")),
            ("ssl_root_crt", Some("ssl_root_cert")),
            ("sl_root_cetr", Some("ssl_root_cert")),
            ("passord_", Some("password")),
            ("pa", None),
            ("colour", None),
            ("word", None),
            ("p\u{f6}rt", Some("port")),
        ] {
            assert_eq!(suggest(name, &known), expected, "{name}");
        }
        assert_eq!(suggest(&"x".repeat(1_000), &known), None);
    }
}

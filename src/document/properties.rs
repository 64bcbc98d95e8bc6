//! What holds for every text of every format, tried with random ones.
//!
//! The judges are others: the writers' own data, and the readers of the serde and toml crates.

mod check;
mod data;
mod samples;

use proptest::collection::vec;
use proptest::prelude::*;

use self::check::check;
use self::data::{Data, data, text};
use self::samples::{FORMATS, PIECES, changed, changes, sample};
use super::{Document, Format, ProblemKind, Segment};

fn read(text: &str, format: Format) -> (Document, Option<Data>) {
    let document = Document::parse(text.as_bytes(), format);
    check(&document);
    assert!(document.problems().is_empty(), "{:?} in {text:?}", document.problems());
    let data = document.roots().first().map_or(Some(Data::Map(Vec::new())), |root| Data::of(&document, *root));
    (document, data)
}

/// Whether anything but repeated keys is wrong.
fn has_mistakes(document: &Document) -> bool {
    document.problems().iter().any(|problem| !matches!(problem.kind, ProblemKind::DuplicateKey { .. }))
}

/// What is replaced or skipped before the parser.
const REPLACED: [char; 2] = ['\0', '\u{FEFF}'];

/// A number that only its size makes wrong.
fn has_large_exponent(text: &str) -> bool {
    text.split(['e', 'E']).skip(1).any(|behind| {
        let digits = behind.trim_start_matches(['+', '-']);
        digits.len() - digits.trim_start_matches(|c: char| c.is_ascii_digit()).len() > 2
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..200)) {
        for format in FORMATS {
            check(&Document::parse(&bytes, format));
        }
    }

    #[test]
    fn any_pieces(pieces in vec(prop::sample::select(PIECES.to_vec()), 0..24), words in vec("[a-z0-9]{0,3}", 24)) {
        let text = pieces.iter().zip(&words).flat_map(|(piece, word)| [word.as_str(), piece]).collect::<String>();
        for format in FORMATS {
            check(&Document::parse(text.as_bytes(), format));
        }
    }

    #[test]
    fn changed_samples(changes in changes()) {
        for format in FORMATS {
            check(&Document::parse(changed(sample(format), &changes).as_bytes(), format));
        }
    }

    #[test]
    fn json_is_valid_where_serde_json_says_so(changes in changes()) {
        let text = changed(sample(Format::Json), &changes).replace(REPLACED, "");
        prop_assume!(!has_large_exponent(&text));
        let document = Document::parse(text.as_bytes(), Format::Json);
        let judge: Result<serde_json::Value, _> = serde_json::from_str(&text);
        prop_assert_eq!(judge.is_ok(), !has_mistakes(&document) && !document.roots().is_empty(), "{}", text);
    }

    #[test]
    fn toml_is_valid_where_the_toml_crate_says_so(changes in changes()) {
        let text = changed(sample(Format::Toml), &changes).replace(REPLACED, "");
        let document = Document::parse(text.as_bytes(), Format::Toml);
        let judge = toml::de::DeTable::parse(&text);
        prop_assert_eq!(judge.is_ok(), document.problems().is_empty(), "{}", text);
    }

    #[test]
    fn yaml_of_serde_comes_back(data in data()) {
        if data.is_disputed() {
            return Ok(());
        }
        let text = serde_yaml::to_string(&data).expect("written");
        let (_, found) = read(&text, Format::Yaml);
        prop_assert_eq!(found.as_ref(), Some(&data), "{}", text);
        let judge: serde_yaml::Value = serde_yaml::from_str(&text).expect("read");
        prop_assert_eq!(serde_yaml::to_value(&data).expect("a value"), judge);
    }

    #[test]
    fn json_comes_back(data in data(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&data) } else { serde_json::to_string(&data) };
        let text = text.expect("written");
        let (_, found) = read(&text, Format::Json);
        prop_assert_eq!(found, Some(data), "{}", text);
    }

    #[test]
    fn toml_comes_back(data in data(), pretty in any::<bool>()) {
        let text = if pretty { toml::to_string_pretty(&data) } else { toml::to_string(&data) };
        let text = text.expect("written");
        let (_, found) = read(&text, Format::Toml);
        prop_assert_eq!(found.map(Data::sorted), Some(data.sorted()), "{}", text);
    }

    #[test]
    fn env_comes_back(entries in vec(("[A-Z_][A-Z0-9_]{0,8}", text(), 0..3u8), 0..6)) {
        let mut text = String::new();
        let mut expected: Vec<(String, String)> = Vec::new();
        for (name, value, style) in entries {
            if expected.iter().any(|(known, _)| *known == name) {
                continue;
            }
            let plain = value.chars().all(|c| c.is_ascii_alphanumeric() || "/:@.?&%".contains(c));
            let single = !value.contains(['\'', '\\', '\r']);
            let line = match style {
                0 if plain => format!("{name}={value}\n"),
                1 if single => format!("export {name} = '{value}' # c\n"),
                _ => {
                    let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\r', "\\r");
                    format!("{name}=\"{escaped}\"\n")
                }
            };
            text.push_str(&line);
            expected.push((name, value));
        }
        prop_assume!(!text.contains('\0'));
        let (document, _) = read(&text, Format::Env);
        let found: Vec<(String, String)> = document.roots().first().map_or(Vec::new(), |root| {
            let text_of = |id| document.text_of(id).unwrap_or_default().to_owned();
            document.entries(*root).iter().map(|entry| (text_of(entry.key), text_of(entry.value))).collect()
        });
        prop_assert_eq!(found, expected, "{}", text);
    }

    #[test]
    fn ini_comes_back(sections in vec(("[a-z][a-z .]{0,6}[a-z]", vec(("[a-z_.]{1,8}", vec("[a-zA-Z0-9:=#;%$@/-]{1,8}", 0..3)), 0..4)), 0..4)) {
        let mut text = String::new();
        let mut expected: Vec<(String, String)> = Vec::new();
        let mut names = std::collections::HashSet::new();
        for (section, entries) in sections {
            if !names.insert(section.clone()) {
                continue;
            }
            text.push('[');
            text.push_str(&section);
            text.push_str("]\n");
            for (key, lines) in entries {
                let path = format!("{section}|{key}");
                let lines: Vec<String> = lines.iter().map(|line| line.trim_start_matches(['#', ';']).to_owned()).collect();
                if expected.iter().any(|(known, _)| *known == path) || lines.iter().any(String::is_empty) {
                    continue;
                }
                let value = lines.join("\n");
                let line = format!("{key} = {}\n", value.replace('%', "%%").replace('\n', "\n    "));
                text.push_str(&line);
                expected.push((path, value));
            }
        }
        let (document, _) = read(&text, Format::Ini);
        let found: Vec<(String, String)> = document.leaves().map(|id| {
            let keys: Vec<String> = document.path(id).segments().iter().map(|segment| match segment {
                Segment::Key(key) => key.to_string(),
                Segment::Index(index) => index.to_string(),
            }).collect();
            (keys.join("|"), document.text_of(id).unwrap_or_default().to_owned())
        }).collect();
        prop_assert_eq!(found, expected, "{}", text);
    }
}

#[test]
fn samples_have_nothing_wrong() {
    for format in FORMATS {
        let document = Document::parse(sample(format).as_bytes(), format);
        check(&document);
        assert_eq!(document.problems(), [], "{format:?}");
        assert!(document.leaves().count() > 5, "{format:?}");
    }
}

/// What is made to take long ends all the same; a bad rate of growth shows as a test that hangs.
#[test]
fn hostile_texts_end() {
    let many = |line: fn(usize) -> String| (0..5_000).map(line).collect::<Vec<_>>().concat();
    for format in FORMATS {
        for text in [
            "[".repeat(100_000),
            "{".repeat(100_000),
            "a = [".repeat(50_000),
            "\"".repeat(100_001),
            "'\n".repeat(50_000),
            "a: &a [*a, \n".repeat(10_000),
            "a = \"x\\\"\n".repeat(20_000),
            "a=`'\"\n".repeat(20_000),
            "/**/".repeat(50_000),
            "#\n".repeat(50_000),
            "\r".repeat(100_000),
            "x".repeat(1 << 20),
            format!("a = {}", "%(a)s".repeat(20_000)),
            format!("[a]\n{}", many(|index| format!("k{index} = '%(k{})s'\n", index + 1))),
            many(|index| format!("k{index}: {{a: 1, b: 2}}\n")),
            many(|index| format!("[k{index}.x]\na = 1\n")),
        ] {
            let document = Document::parse(text.as_bytes(), format);
            assert!(document.problems().iter().all(|problem| problem.span.range().end <= text.len()));
        }
        let large = Document::parse(&vec![b'x'; 17 << 20], format);
        assert_eq!(large.problems().len(), 1);
    }
}

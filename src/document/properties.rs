//! What holds for every text of every format, tried with random ones.
//!
//! The judges are others: the writers' own data, and the readers of the serde, toml and Python worlds.

use proptest::collection::vec;
use proptest::prelude::*;
use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};

use super::{Document, Format, NodeId, NodeKind, ProblemKind, ScalarStyle, ScalarType, Segment, Span, Structure};

const FORMATS: [Format; 5] = [Format::Yaml, Format::Toml, Format::Json, Format::Ini, Format::Env];

/// A realistic text of each format.
fn sample(format: Format) -> &'static str {
    match format {
        Format::Yaml => {
            "# top\n\n_defaults: &defaults\n  adapter: postgresql # behind\n  pool: 5\n\nproduction:\n  <<: *defaults\n  \
             host: \"db.example.com\"\n  port: 5432\n  password: 'it''s ${SECRET}'\n  opts: {a: [1, 2], b: ~}\n  list:\n  \
             - x: 1\n    y: 2\n  - |\n    line\n    line\n  url: postgres://u:p@h:5432/d?sslmode=require\n"
        }
        Format::Toml => {
            "# top\ntitle = \"x\" # behind\ndotted.key = 0o17\ndotted.more = [1, 2, {a = 'b', c.d = true}]\n\n\
             [database]\nhost = 'localhost'\nport = 5432\nurl = \"postgres://u:p@h/d\\n\"\n\
             text = \"\"\"\none\ntwo\"\"\"\n\n[database.pool]\nsize = 1_000\nwhen = 2024-01-31T10:00:00Z\n\n\
             [[replica]]\nhost = \"a\"\n[replica.tls]\nmode = \"require\"\n[[replica]]\nhost = \"b\"\nlist = [\n  1, # one\n  \
             2,\n]\n"
        }
        Format::Json => {
            "{\n  \"database\": {\"host\": \"localhost\", \"port\": 5432, \"tls\": true, \"none\": null},\n  \"list\": [1, \
             -2.5e3, \"a\\u00e9\\n\", {}, []],\n  \"url\": \"postgres://u:p@h/d\"\n}\n"
        }
        Format::Ini => {
            "; top\n[DEFAULT]\nhere = /srv\n\n[alembic]\nscript_location = %(here)s/alembic\nsqlalchemy.url = \
             postgresql://u:p%%40@h/d\nprepend_sys_path = .\n# comment\nlong =\n  one\n  two\n\n[logger_root]\nLevel: WARN\n\
             handlers = console\nformat = %(levelname)-5.5s %(message)s\n"
        }
        Format::Env => {
            "# top\nDB_HOST=localhost\nexport DB_PORT=5432 # behind\nDB_PASSWORD='pa$$ word'\nDB_URL=\"postgres://${DB_USER}:\
             p\\\"@${DB_HOST:-h}/d\"\nEMPTY=\nNAME\nCERT=\"-----BEGIN\nabc\n-----END\"\nTICK=`x 'y'`\n"
        }
    }
}

/// What is spliced into the samples.
const PIECES: [&str; 40] = [
    "\n",
    "\r\n",
    "\r",
    " ",
    "\t",
    "\"",
    "'",
    "`",
    "\"\"\"",
    "'''",
    "[",
    "]",
    "{",
    "}",
    "[[",
    "]]",
    "{{",
    ":",
    ": ",
    "=",
    ",",
    "#",
    " # ",
    ";",
    "//",
    "/*",
    "*/",
    "\\",
    "%",
    "%(",
    "$",
    "${",
    "*",
    "***REMOVED***",
    "&a ",
    "!",
    "@",
    "é",
    "\u{FEFF}",
    "\0",
];

/// One change of a text: where, how much of it, and what is done.
type Change = (usize, usize, usize);

fn changes() -> impl Strategy<Value = Vec<Change>> {
    vec((0usize..10_000, 0usize..40, 0usize..PIECES.len() + 8), 1..6)
}

/// Deletes, repeats and splices.
fn changed(text: &str, changes: &[Change]) -> String {
    let mut text = text.to_owned();
    for (at, length, what) in changes {
        let floor = |mut at: usize| {
            at = at.min(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let start = floor(at % (text.len() + 1));
        let end = floor(start + length);
        let part = text[start..end].to_owned();
        match PIECES.get(*what) {
            Some(piece) => text.insert_str(start, piece),
            None if what % 2 == 0 => text.replace_range(start..end, ""),
            None => text.insert_str(end, &part),
        }
    }
    text
}

/// What must hold for every document.
fn check(document: &Document) {
    let text = document.text();
    let in_text = |span: Span, what: &str| {
        assert!(span.start <= span.end && text.get(span.range()).is_some(), "{what} {span:?} of {text:?}");
    };
    for problem in document.problems() {
        in_text(problem.span, "problem");
        assert!(!problem.kind.message().is_empty() && !problem.kind.help().is_empty());
    }
    for comment in document.comments() {
        in_text(comment.span, "comment");
        let comment = document.slice(comment.span);
        assert!(["#", ";", "//", "/*"].iter().any(|start| comment.starts_with(start)), "{comment:?} of {text:?}");
    }
    assert!(document.comments().is_sorted_by_key(|comment| comment.span.start), "comments of {text:?}");
    let jumps = matches!(document.format(), Format::Toml | Format::Ini);
    for id in document.node_ids() {
        let node = document.node(id);
        in_text(node.span, "node");
        let children: Vec<NodeId> = match &node.kind {
            NodeKind::Mapping { entries, .. } => {
                for entry in entries {
                    let (key, value) = (document.node(entry.key), document.node(entry.value));
                    let by_header = matches!(
                        value.kind,
                        NodeKind::Mapping { structure: Structure::Block, .. }
                            | NodeKind::Sequence { structure: Structure::Block, .. }
                    );
                    let after = key.span.end <= value.span.start;
                    assert!(after || (jumps && by_header), "{key:?} {value:?} of {text:?}");
                    assert_eq!((key.parent, value.parent), (id, id));
                }
                entries.iter().flat_map(|entry| [entry.key, entry.value]).collect()
            }
            NodeKind::Sequence { items, .. } => items.clone(),
            NodeKind::Scalar { style, cooked } => {
                let quoted = !matches!(style, ScalarStyle::Plain | ScalarStyle::Literal | ScalarStyle::Folded);
                assert!(!quoted || cooked.is_some(), "{node:?} of {text:?}");
                let _ = document.scalar(id).map(|scalar| scalar.kind());
                Vec::new()
            }
            NodeKind::Alias { .. } => Vec::new(),
        };
        for child in children {
            let child = document.node(child);
            assert!(jumps || node.span.contains(child.span), "{child:?} in {node:?} of {text:?}");
        }
    }
    let doubled = |kind: &ProblemKind| matches!(kind, ProblemKind::DuplicateKey { .. });
    if document.problems().iter().any(|problem| doubled(&problem.kind)) || document.roots().len() != 1 {
        return;
    }
    for id in document.leaves().filter(|id| has_plain_path(document, *id)) {
        let path = document.path(id);
        assert_eq!(follow(document, path.segments()), Some(id), "{path} of {text:?}");
    }
}

/// Whether all keys on the way to a node are single values that may stand but once, and it is not itself in a key.
fn has_plain_path(document: &Document, id: NodeId) -> bool {
    let mut at = id;
    while let parent = document.node(at).parent
        && parent != NodeId::NONE
    {
        if let NodeKind::Mapping { entries, .. } = &document.node(parent).kind {
            let entry = entries.iter().find(|entry| entry.value == at);
            if entry.is_none_or(|entry| matches!(document.text_of(entry.key), None | Some("<<"))) {
                return false;
            }
        }
        at = parent;
    }
    true
}

/// The node at the end of a path; of an alias or merge, the node itself is not meant.
fn follow(document: &Document, path: &[Segment]) -> Option<NodeId> {
    let mut at = document.roots()[0];
    for segment in path {
        at = match (segment, &document.node(at).kind) {
            (Segment::Key(key), NodeKind::Mapping { entries, .. }) => {
                entries.iter().find(|entry| document.text_of(entry.key).unwrap_or("?") == &**key)?.value
            }
            (Segment::Index(index), NodeKind::Sequence { items, .. }) => *items.get(*index)?,
            _ => return None,
        };
    }
    Some(at)
}

/// A tree as a person may mean it.
#[derive(Clone, Debug, PartialEq)]
enum Data {
    Text(String),
    Integer(i64),
    Bool(bool),
    List(Vec<Data>),
    Map(Vec<(String, Data)>),
}

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Integer(number) => serializer.serialize_i64(*number),
            Self::Bool(truth) => serializer.serialize_bool(*truth),
            Self::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(item))?;
                list.end()
            }
            Self::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                entries.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
                map.end()
            }
        }
    }
}

impl Data {
    /// What a document holds. What it has besides is no data of ours.
    fn of(document: &Document, id: NodeId) -> Option<Self> {
        Some(match &document.node(id).kind {
            NodeKind::Mapping { entries, .. } => {
                let pairs = entries
                    .iter()
                    .map(|entry| Some((document.text_of(entry.key)?.to_owned(), Self::of(document, entry.value)?)));
                Self::Map(pairs.collect::<Option<_>>()?)
            }
            NodeKind::Sequence { items, .. } => {
                Self::List(items.iter().map(|item| Self::of(document, *item)).collect::<Option<_>>()?)
            }
            NodeKind::Scalar { .. } => {
                let scalar = document.scalar(id)?;
                match scalar.kind() {
                    ScalarType::Integer(number) => Self::Integer(number),
                    ScalarType::Bool(truth) => Self::Bool(truth),
                    _ => Self::Text(scalar.text.to_owned()),
                }
            }
            NodeKind::Alias { .. } => return None,
        })
    }

    /// Whether a text in it is one that YAML readers disagree about: granit-parser 2.1.0 reads line breaks alone as
    /// an empty text where they stand in a block, and YAML 1.1 has more line breaks than 1.2.
    fn is_disputed(&self) -> bool {
        let disputed = |text: &str| {
            text.contains(['\u{85}', '\u{2028}', '\u{2029}'])
                || !text.is_empty() && text.chars().all(char::is_whitespace)
        };
        match self {
            Self::Text(text) => disputed(text),
            Self::Integer(_) | Self::Bool(_) => false,
            Self::List(items) => items.iter().any(Self::is_disputed),
            Self::Map(entries) => entries.iter().any(|(key, value)| disputed(key) || value.is_disputed()),
        }
    }

    /// The same in the order of the keys, for writers that put tables last.
    fn sorted(self) -> Self {
        match self {
            Self::Map(entries) => {
                let mut entries: Vec<_> = entries.into_iter().map(|(key, value)| (key, value.sorted())).collect();
                entries.sort_by(|one, other| one.0.cmp(&other.0));
                Self::Map(entries)
            }
            Self::List(items) => Self::List(items.into_iter().map(Self::sorted).collect()),
            other => other,
        }
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{0,8}",
        "\\PC{0,12}",
        "[ \\t\\n\\r:#'\"\\\\%$@!&*{}\\[\\],=|>-]{0,10}",
        any::<String>().prop_map(|text| text.chars().take(12).collect()),
        prop::sample::select(vec![
            "yes",
            "null",
            "~",
            "017",
            "1e3",
            "true",
            "0x1F",
            "2024-01-31",
            "<<",
            "- a",
            "\u{85}",
            "54:32"
        ])
        .prop_map(str::to_owned),
    ]
}

fn map(value: impl Strategy<Value = Data>) -> impl Strategy<Value = Data> {
    vec((text(), value), 0..5).prop_map(|mut entries| {
        let mut seen = std::collections::HashSet::new();
        entries.retain(|(key, _)| seen.insert(key.clone()));
        Data::Map(entries)
    })
}

fn data() -> impl Strategy<Value = Data> {
    let leaf = prop_oneof![
        text().prop_map(Data::Text),
        any::<i64>().prop_map(Data::Integer),
        any::<bool>().prop_map(Data::Bool),
    ];
    let inner =
        leaf.prop_recursive(3, 24, 4, |inner| prop_oneof![vec(inner.clone(), 0..4).prop_map(Data::List), map(inner)]);
    map(inner)
}

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
        let text: String = pieces.iter().zip(words).map(|(piece, word)| format!("{word}{piece}")).collect();
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
            text.push_str("[");
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
    let many = |line: fn(usize) -> String| (0..5_000).map(line).collect::<String>();
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

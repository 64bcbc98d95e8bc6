//! Tests of the JSON parser.

use crate::document::told::told;
use crate::document::{Document, Format, ProblemKind};

#[test]
fn valid_texts() {
    for (text, values) in [
        ("", &[][..]),
        ("\u{FEFF}{\"a\": 1}\r\n", &["a=1"]),
        (
            "{\"a\": {\"b\": [1, -2.5e3, true, null, \"x\"]}, \"c\": {}}",
            &["a.b[0]=1", "a.b[1]=-2.5e3", "a.b[2]=true", "a.b[3]=null", "a.b[4]=x"],
        ),
        ("{\"a\\n\": \"\\\"\\\\\\/\\u00e9\\ud83d\\ude00\"}", &["a\\n=\"\\/é😀"]),
        ("[[], {}, \"\"]", &["[2]="]),
        ("\"x\"", &["=x"]),
        ("{\"z\": 1, \"a\": 2}", &["z=1", "a=2"]),
    ] {
        let (found, wrong) = told(text, Format::Json);
        assert_eq!(found, values, "{text}");
        assert!(wrong.is_empty(), "{text}: {wrong:?}");
    }
}

#[test]
fn mistakes_are_named_and_the_rest_is_read() {
    const BARE: &str = "a text without quotes";
    const COMMA: &str = "a comma that is missing or one too many";
    const BRACKET: &str = "a bracket that is not closed, or not open";
    const QUOTE: &str = "a quote that does not close where the value ends";
    const MISSING: &str = "a key without a value";
    for (text, values, problems) in [
        (
            "{\"a\": 1, // c\n /* d */ \"b\": 2}",
            &["a=1", "b=2"][..],
            &[("1:10", "a comment where there can be none")][..],
        ),
        ("{\"a\": 1,}", &["a=1"], &[("1:8", COMMA)]),
        ("{\"a\": [1, 2,],\n \"b\": 3}", &["a[0]=1", "a[1]=2", "b=3"], &[("1:12", COMMA)]),
        ("{\"a\": 1\n \"b\": 2}", &["a=1", "b=2"], &[("2:2", COMMA)]),
        ("{\"a\": [1,, 2 3]}", &["a[0]=1", "a[1]=2 3"], &[("1:10", COMMA), ("1:12", BARE)]),
        ("{'a': 'x'}", &["a=x"], &[("1:2", "a text in single quotes"), ("1:7", "a text in single quotes")]),
        ("{a: 1, \"b\": db.example.com}", &["a=1", "b=db.example.com"], &[("1:2", BARE), ("1:13", BARE)]),
        (
            "{\"a\": ***REMOVED***,\n \"b\": 1}",
            &["a=***REMOVED***", "b=1"],
            &[("1:7", "a marker of a removed secret stands unquoted, so the file is not valid")],
        ),
        ("{\"a\": ${HOST}:${PORT}, \"b\": 1}", &["a=${HOST}:${PORT}", "b=1"], &[("1:7", BARE)]),
        ("{\"a\": {{ x }}, \"b\": 1}", &["a={{ x }}", "b=1"], &[("1:7", "an unquoted `{{ }}`")]),
        (
            "{\"a\": pg://u:p@h/d // c\n}",
            &["a=pg://u:p@h/d"],
            &[("1:7", BARE), ("1:20", "a comment where there can be none")],
        ),
        ("{\"a\": \"abc,\n \"b\": 1}", &["a=abc", "b=1"], &[("1:7", QUOTE)]),
        (
            "{\"a\": \"\\d\", \"b\": 1}",
            &["a=\\d", "b=1"],
            &[("1:7", "a backslash in double quotes that starts no known escape")],
        ),
        ("{\"a\": , \"b\" , \"c\": }", &["a=", "b=", "c="], &[("1:6", MISSING), ("1:12", MISSING), ("1:19", MISSING)]),
        ("{\"a\" 1, \"b\": 2}", &["a=1", "b=2"], &[("1:5", "a line without a key and its colon")]),
        ("{\"a\": [1, {\"b\": 2}\n", &["a[0]=1", "a[1].b=2"], &[("1:7", BRACKET)]),
        ("{\"a\": [1}", &["a[0]=1"], &[("1:7", BRACKET)]),
        ("{\"a\": 1]}", &["a=1"], &[("1:8", BRACKET)]),
        ("{\"a\": 1}\n{\"b\": 2}", &["a=1"], &[("2:1", "more text behind the end")]),
        ("{\"a\": 1}}", &["a=1"], &[("1:9", BRACKET)]),
        ("{\"a\": 1, \"a\": 2}", &["a=1", "a=2"], &[("1:10", "the key `a` stands twice")]),
        (
            "{\"a\": 017, \"b\": +1, \"c\": .5}",
            &["a=017", "b=+1", "c=.5"],
            &[("1:7", BARE), ("1:17", BARE), ("1:26", BARE)],
        ),
        ("{\"a\": \"x\ty\"}", &["a=x\ty"], &[("1:7", "a tab or another control character in a text")]),
        ("{\"a\":\u{A0}1}", &["a=1"], &[("1:6", "a place that does not follow the rules of the format")]),
        ("{{\"a\": 1}, \"b\": 2}", &["\"\".a=1", "b=2"], &[("1:2", "something that cannot be a key")]),
    ] {
        let (found, wrong) = told(text, Format::Json);
        assert_eq!(found, values, "{text}");
        let problems: Vec<String> = problems.iter().map(|(at, message)| format!("{at} {message}")).collect();
        assert_eq!(wrong, problems, "{text}");
    }
}

#[test]
fn comments_and_spans() {
    let text = "// file\n{\n  # one\n  \"a\": [1, 2], // behind\n  \"b\": {\"c\": \"d\"}\n}\n/* end */";
    let document = Document::parse(text.as_bytes(), Format::Json);
    let root = document.roots()[0];
    let entry = document.get(root, "a").expect("there");
    assert_eq!(document.raw(entry.key), "\"a\"");
    assert_eq!(document.raw(entry.value), "[1, 2]");
    assert_eq!(document.comments_above(entry).iter().map(|c| document.slice(c.span)).collect::<Vec<_>>(), ["# one"]);
    assert_eq!(document.comment_behind(entry).map(|c| document.slice(c.span)), Some("// behind"));
    assert_eq!(document.comments().len(), 4);
    let value = document.get_path(root, ["b", "c"]).expect("there");
    assert_eq!(document.raw(value), "\"d\"");
    assert_eq!(document.raw(root), &text[8..text.len() - 10]);
}

#[test]
fn deep_brackets_end_in_a_problem() {
    for brackets in ["[".repeat(100_000), "{\"a\":".repeat(100_000)] {
        let text = format!("{{\"a\": 1, \"b\": {brackets}");
        let document = Document::parse(text.as_bytes(), Format::Json);
        assert_eq!(document.problems().iter().map(|p| p.kind.clone()).collect::<Vec<_>>(), [ProblemKind::TooDeep]);
        assert_eq!(document.get(document.roots()[0], "a").and_then(|e| document.text_of(e.value)), Some("1"));
    }
}

//! Corners of YAML: what stands on the line of a dash, empty texts, several documents, odd keys, long scalars.

use super::*;

fn yaml(before: &str, change: impl FnOnce(&mut Draft<'_>), after: &str) {
    check(Format::Yaml, before, change, after);
}

#[test]
fn texts_with_nothing_in_them() {
    let insert = |draft: &mut Draft<'_>| {
        let top = draft.top();
        draft.insert(top, At::End, Some("a"), NewValue::Map(vec![("b".to_owned(), text("c"))]));
    };
    for (before, after) in [
        ("", "a:\n  b: c\n"),
        ("# only\n", "# only\na:\n  b: c\n"),
        ("---\n# only\n", "---\n# only\na:\n  b: c\n"),
        ("{}\n", "{a: {b: c}}\n"),
        ("{x: 1}", "{x: 1, a: {b: c}}"),
    ] {
        yaml(before, insert, after);
    }
    check(Format::Json, "", insert, "{\"a\": {\"b\": \"c\"}}\n");
    check(Format::Json, "{}", insert, "{\"a\": {\"b\": \"c\"}}");
}

#[test]
fn lines_with_a_dash() {
    let before = "l:\n  - a: 1 # x\n    b: 2\n  # two\n  - # head\n    c: 3\n  - - p\n    - q\n  -\n    r: s\n";
    yaml(
        before,
        |draft| {
            let (a, c, r) = (at(draft, "l.0.a"), at(draft, "l.1.c"), at(draft, "l.3.r"));
            draft.remove(a, None);
            draft.rename(c, "C");
            draft.replace(r, NewValue::Integer(1));
            let p = at(draft, "l.2.0");
            draft.remove(p, None);
        },
        "l:\n  # x\n  - b: 2\n  # two\n  - # head\n    C: 3\n  - - q\n  -\n    r: 1\n",
    );
    yaml(
        before,
        |draft| {
            let (a, item, list) = (at(draft, "l.0.a"), at(draft, "l.0"), at(draft, "l"));
            draft.insert(item, At::Before(a), Some("z"), text("0"));
            let first = draft.insert(list, At::Before(item), None, text("new"));
            draft.insert(list, At::After(first), None, NewValue::List(vec![text("x"), NewValue::Map(Vec::new())]));
        },
        "l:\n  - new\n  - - x\n    - {}\n  - z: \"0\"\n    a: 1 # x\n    b: 2\n  # two\n  - # head\n    c: 3\n  - - p\n    - q\n  -\n    r: s\n",
    );
}

#[test]
fn several_documents_and_odd_keys() {
    yaml(
        "%YAML 1.2\n---\na: 1\n...\n--- # c\nb: 2\n--- {c: 3}\n",
        |draft| {
            for root in 0..3 {
                let root = draft.document().roots()[root];
                let top = draft.place(root);
                draft.insert(top, At::End, Some("m"), NewValue::Integer(0));
            }
        },
        "%YAML 1.2\n---\na: 1\nm: 0\n...\n--- # c\nb: 2\nm: 0\n--- {c: 3, m: 0}\n",
    );
    let before = "s:\n  ? a\n  : b\n  ? [x, y]\n  : z\n  &k key : v\n  !!str t: !!str w\nend: 1\n";
    yaml(
        before,
        |draft| {
            let (top, s) = (draft.top(), at(draft, "s"));
            let databases = draft.insert(top, At::End, Some("d"), NewValue::Map(Vec::new()));
            let key = at(draft, "s.key");
            draft.rename(key, "renamed");
            draft.shift(s, databases, At::End, Some("s"));
        },
        "end: 1\nd:\n  s:\n    ? a\n    : b\n    ? [x, y]\n    : z\n    &k renamed : v\n    !!str t: !!str w\n",
    );
    let (_, what) = refused(Format::Yaml, before, |draft| {
        let a = at(draft, "s.a");
        draft.rename(a, "b");
    });
    assert_eq!(what, "a key with a question mark is not renamed");
}

#[test]
fn long_scalars_move_with_their_lines() {
    yaml(
        "a:\n  b: |2\n      two more\n    text\n  c: >-\n\n    folded\n\n\n  d: \"x\n\n    y\"\n  e: one\n    two # c\nf:\n    g:\n        h: 1\n",
        |draft| {
            let (g, top) = (at(draft, "f.g"), draft.top());
            for key in ["b", "c", "d", "e"] {
                let place = at(draft, &format!("a.{key}"));
                draft.shift(place, g, At::End, Some(key));
            }
            let b = at(draft, "f.g.b");
            draft.shift(b, top, At::End, Some("b"));
        },
        "a: {}\nf:\n    g:\n        h: 1\n        c: >-\n\n          folded\n\n\n        d: \"x\n\n          y\"\n        e: one\n          two # c\nb: |2\n    two more\n  text\n",
    );
}

#[test]
fn new_texts_are_read_as_they_are_meant() {
    for (value, written) in [
        ("plain text", "plain text"),
        ("db.example.com", "db.example.com"),
        ("10.0.0.1", "10.0.0.1"),
        ("postgres://u:p@h/d", "postgres://u:p@h/d"),
        ("a-b_c/d", "a-b_c/d"),
        ("", "\"\""),
        ("5432", "\"5432\""),
        ("yes", "\"yes\""),
        ("y", "\"y\""),
        ("0600", "\"0600\""),
        ("54:32", "\"54:32\""),
        ("1e3", "\"1e3\""),
        ("1_000", "\"1_000\""),
        ("0x1F", "\"0x1F\""),
        ("2024-01-31", "\"2024-01-31\""),
        ("null", "\"null\""),
        ("~", "\"~\""),
        ("<<", "\"<<\""),
        ("=", "\"=\""),
        (" x", "\" x\""),
        ("a: b", "\"a: b\""),
        ("a #b", "\"a #b\""),
        ("a:", "\"a:\""),
        ("@x", "\"@x\""),
        ("-x", "\"-x\""),
        ("${X}", "\"${X}\""),
        ("a\nb\t\"\\", "\"a\\nb\\t\\\"\\\\\""),
        ("\u{85}\u{7}", "\"\\x85\\x07\""),
    ] {
        yaml(
            "a: 1\n",
            |draft| {
                let place = at(draft, "a");
                draft.replace(place, text(value));
            },
            &format!("a: {written}\n"),
        );
    }
}

//! JSON, over several lines and on one.

use super::*;

fn json(before: &str, change: impl FnOnce(&mut Draft<'_>), after: &str) {
    check(Format::Json, before, change, after);
}

/// Moves a section under `databases`, which it makes.
fn to_main(draft: &mut Draft<'_>) {
    let (top, old) = (draft.top(), at(draft, "pg"));
    let databases = draft.insert(top, At::Before(old), Some("databases"), NewValue::Map(Vec::new()));
    draft.shift(old, databases, At::End, Some("main"));
}

#[test]
fn sections_move() {
    json(
        "{\n    \"pg\": {\n        \"host\": \"a\",\n        \"list\": [\n            1\n        ]\n    },\n    \"x\": 1\n}",
        to_main,
        "{\n    \"databases\": {\n        \"main\": {\n            \"host\": \"a\",\n            \"list\": [\n                1\n            ]\n        }\n    },\n    \"x\": 1\n}",
    );
    json(
        "{\"x\": 1, \"pg\": {\"host\": \"a\"}}\n",
        to_main,
        "{\"x\": 1, \"databases\": {\"main\": {\"host\": \"a\"}}}\n",
    );
    json("{\"pg\":{\"host\":\"a\"},\"x\":1}", to_main, "{\"databases\":{\"main\":{\"host\":\"a\"}},\"x\":1}");
    json("{ \"pg\": {} }", to_main, "{ \"databases\": {\"main\": {}} }");
    json(
        "{\n  // about pg\n  \"pg\": {\n    \"host\": \"a\" // behind\n  }, // end\n  \"x\": 1\n}\n",
        to_main,
        "{\n  \"databases\": {\n    // about pg\n    // end\n    \"main\": {\n      \"host\": \"a\" // behind\n    }\n  },\n  \"x\": 1\n}\n",
    );
}

#[test]
fn commas_follow() {
    let before = "{\n  \"a\": 1,\n  \"b\": {\"c\": 2, \"d\": 3},\n  \"e\": []\n}\n";
    json(
        before,
        |draft| {
            let place = at(draft, "e");
            draft.remove(place, None);
            let place = at(draft, "b.d");
            draft.remove(place, None);
        },
        "{\n  \"a\": 1,\n  \"b\": {\"c\": 2}\n}\n",
    );
    json(
        before,
        |draft| {
            let place = at(draft, "a");
            draft.remove(place, None);
            let place = at(draft, "b.c");
            draft.remove(place, None);
            let place = at(draft, "e");
            draft.insert(place, At::End, None, text("x\n\""));
            let top = draft.top();
            draft.insert(top, At::End, Some("f"), NewValue::Map(vec![("g".to_owned(), NewValue::Float(1.0))]));
        },
        "{\n  \"b\": {\"d\": 3},\n  \"e\": [\n    \"x\\n\\\"\"\n  ],\n  \"f\": {\n    \"g\": 1.0\n  }\n}\n",
    );
    json(
        before,
        |draft| {
            for key in ["a", "b", "e"] {
                let place = at(draft, key);
                draft.remove(place, None);
            }
        },
        "{}\n",
    );
}

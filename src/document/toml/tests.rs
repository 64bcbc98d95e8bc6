//! Tests of the TOML parser.

use crate::document::told::told;
use crate::document::{Document, Format, NodeKind, ProblemKind};

#[test]
fn valid_texts() {
    for (text, values) in [
        ("", &[][..]),
        ("# only\n", &[]),
        ("a = 1\nb = 'x'\nc = \"y\\n\"\n", &["a=1", "b=x", "c=y\n"]),
        ("\u{FEFF}a = 0o17\r\n[t] # c\r\nb = +1_000\r\n", &["a=0o17", "t.b=+1_000"]),
        ("z = 1\na = 2\n[y]\nk = 1\n[b]\nk = 2\n", &["z=1", "a=2", "y.k=1", "b.k=2"]),
        ("[a.b]\nx = 1\n[c]\ny = 2\n[a.d]\nz = 3\n[a]\nw = 4\n", &["a.b.x=1", "c.y=2", "a.d.z=3", "a.w=4"]),
        ("a.b.c = 1\na.b.d = 2\n'x y'.\"z.\" = 3\n", &["a.b.c=1", "a.b.d=2", "\"x y\".\"z.\"=3"]),
        ("[[d]]\nx = 1\n[d.e]\ny = 2\n[[d]]\nx = 3\n", &["d[0].x=1", "d[0].e.y=2", "d[1].x=3"]),
        (
            "a = [1, [2, 'x'], {b = 3, c.d = 4, c.e = 5}]\n",
            &["a[0]=1", "a[1][0]=2", "a[1][1]=x", "a[2].b=3", "a[2].c.d=4", "a[2].c.e=5"],
        ),
        ("a = [\n  1, # one\n  2,\n]\nb = {}\nc = []\nd = 1\n", &["a[0]=1", "a[1]=2", "d=1"]),
        ("a = \"\"\"\nx\n  y\"\"\"\nb = '''z'''\n", &["a=x\n  y", "b=z"]),
        ("a = \"p#q\" # r\nd = 2024-01-31T10:00:00Z\n", &["a=p#q", "d=2024-01-31T10:00:00Z"]),
    ] {
        let (found, wrong) = told(text, Format::Toml);
        assert_eq!(found, values, "{text}");
        assert!(wrong.is_empty(), "{text}: {wrong:?}");
    }
}

#[test]
fn mistakes_are_named_and_the_rest_is_read() {
    const BARE: &str = "a text without quotes";
    const QUOTE: &str = "a quote that does not close where the value ends";
    const BRACKET: &str = "a bracket that is not closed, or not open";
    for (text, values, problems) in [
        ("a = db.example.com\nb = 1\n", &["a=db.example.com", "b=1"][..], &[("1:5", BARE)][..]),
        (
            "a = ***REMOVED***\nb = 1\n",
            &["a=***REMOVED***", "b=1"],
            &[("1:5", "a marker of a removed secret stands unquoted, so the file is not valid")],
        ),
        ("a = @x # c\nb = 1\n", &["a=@x", "b=1"], &[("1:5", BARE)]),
        ("a = p@ss#w # c\nb = 1\n", &["a=p@ss#w", "b=1"], &[("1:5", BARE)]),
        ("a = ${HOST}:${PORT:-1}\nb = 1\n", &["a=${HOST}:${PORT:-1}", "b=1"], &[("1:5", BARE)]),
        ("a = {{ x }}\nb = 1\n", &["a={{ x }}", "b=1"], &[("1:5", "an unquoted `{{ }}`")]),
        (
            "a = True\nb = 10.0.0.1\nc = 1.2.3\n",
            &["a=True", "b=10.0.0.1", "c=1.2.3"],
            &[("1:5", BARE), ("2:5", BARE), ("3:5", BARE)],
        ),
        ("a = x, y\nb = 1\n", &["a=x, y", "b=1"], &[("1:5", BARE)]),
        ("a = \"abc\nb = 1\n", &["a=abc", "b=1"], &[("1:5", QUOTE)]),
        ("a = \"\"\"abc\nb = 1\n", &["a=abc", "b=1"], &[("1:5", QUOTE)]),
        ("a = \"x\" y\nb = 1\n", &["a=x\" y", "b=1"], &[("1:5", QUOTE)]),
        (
            "a = \"\\d+\"\nb = 1\n",
            &["a=\\d+", "b=1"],
            &[("1:5", "a backslash in double quotes that starts no known escape")],
        ),
        ("a = [1, 2\nb = 1\n", &["a=[1, 2", "b=1"], &[("1:5", BRACKET)]),
        (
            "a = [1,, 2 'x']\nb = 1\n",
            &["a[0]=1", "a[1]=2", "a[2]=x", "b=1"],
            &[("1:8", "a comma that is missing or one too many")],
        ),
        ("a = {b = @c, d = %e}\n", &["a.b=@c", "a.d=%e"], &[("1:10", BARE), ("1:18", BARE)]),
        ("a =\nb = 1\n", &["a=", "b=1"], &[("1:4", "a key without a value")]),
        (
            "a = 1\nb\nc = 2\n",
            &["a=1", "c=2"],
            &[("2:2", "a line that is neither a setting nor a section nor a comment")],
        ),
        ("[a\nb = 1\n[c]\nd = 2\n", &["a.b=1", "c.d=2"], &[("1:3", BRACKET)]),
        ("= 1\nb = 2\n", &["\"\"=1", "b=2"], &[("1:1", "something that cannot be a key")]),
        ("a = 1\na = 2\n", &["a=1", "a=2"], &[("2:1", "the key `a` stands twice")]),
        ("[a]\nx = 1\n[b]\n[a]\ny = 2\n", &["a.x=1", "a.y=2"], &[("4:2", "the key `a` stands twice")]),
        ("a = 1\n[a.b]\nc = 2\n", &["a=1", "a.b.c=2"], &[("2:2", "the key `a` stands twice")]),
        ("[a.b]\nx = 1\n[a]\nb.y = 2\n", &["a.b.x=1", "a.b.y=2"], &[("4:1", "a table that is defined in two ways")]),
        ("a = {x = 1}\na.y = 2\n", &["a.x=1", "a.y=2"], &[("2:1", "the key `a` stands twice")]),
    ] {
        let (found, wrong) = told(text, Format::Toml);
        assert_eq!(found, values, "{text}");
        let problems: Vec<String> = problems.iter().map(|(at, message)| format!("{at} {message}")).collect();
        assert_eq!(wrong, problems, "{text}");
    }
}

#[test]
fn tables_span_what_belongs_to_them() {
    let text = "top.a = 1\ntop.b = 2\n[x] # c\nk = 1\n[x.y]\nk = 2\n\n[z]\nk = 3\n[x.w]\nk = 4\n";
    let document = Document::parse(text.as_bytes(), Format::Toml);
    let root = document.roots()[0];
    for (path, raw) in [
        (&[][..], text.trim_end()),
        (&["top"], "a = 1\ntop.b = 2"),
        (&["x"], "[x] # c\nk = 1\n[x.y]\nk = 2"),
        (&["x", "y"], "[x.y]\nk = 2"),
        (&["z"], "[z]\nk = 3"),
        (&["x", "w"], "[x.w]\nk = 4"),
    ] {
        let id = document.get_path(root, path.iter().copied()).expect("there");
        assert_eq!(document.raw(id), raw, "{path:?}");
    }
    let comments: Vec<_> = document.comments().iter().map(|c| (document.slice(c.span), c.own_line)).collect();
    assert_eq!(comments, [("# c", false)]);
}

#[test]
fn deep_brackets_end_in_a_problem() {
    let brackets = "[".repeat(100_000);
    let dots = format!("{}x", "x.".repeat(100_000));
    for (text, last) in [
        (format!("a = 1\nb = {brackets}\nc = 2\n"), true),
        (format!("a = 1\nb = {}\nc = 2\n", "{a=".repeat(100_000)), true),
        (format!("a = 1\n{dots} = 1\nc = 2\n"), true),
        (format!("a = 1\n[{dots}]\nc = 2\n"), false),
    ] {
        let document = Document::parse(text.as_bytes(), Format::Toml);
        assert_eq!(document.problems().iter().map(|p| p.kind.clone()).collect::<Vec<_>>(), [ProblemKind::TooDeep]);
        let root = document.roots()[0];
        assert_eq!(document.get(root, "a").and_then(|entry| document.text_of(entry.value)), Some("1"));
        assert_eq!(document.get(root, "c").is_some(), last);
        assert!(document.node_ids().count() < 20);
        assert!(document.node_ids().all(|id| !matches!(document.node(id).kind, NodeKind::Sequence { .. })));
    }
}

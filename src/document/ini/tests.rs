//! Tests of the INI parser. What `configparser` of Python 3.11 says about the valid texts was compared.

use crate::document::told::told;
use crate::document::{Document, Format};

#[test]
fn valid_texts() {
    for (text, values) in [
        ("", &[][..]),
        ("; only\n# this\n", &[]),
        ("[a]\nk = v ; no comment\nU: x=y\n[b]\n", &["a.k=v ; no comment", "a.u=x=y"]),
        ("\u{FEFF}[a]\r\nk=v\r\n", &["a.k=v"]),
        ("[a]\nk =\nl\t:\n", &["a.k=", "a.l="]),
        ("[a]\nk = 1\n  2\n\n  # c\n  3\n\nl = 4\n", &["a.k=1\n2\n\n3", "a.l=4"]),
        ("[a]\nk =\n  1\n  2\n", &["a.k=\n1\n2"]),
        ("  [a]\n  k = 1\n  l = 2\n", &["a.k=1", "a.l=2"]),
        ("[a b] ; c\nk = 1\n", &["\"a b\".k=1"]),
        (
            "[DEFAULT]\nh = x\n[a]\nk = %(h)s:%(p)s\np = 1%%\n[DEFAULT]\nq = 2\n",
            &["DEFAULT.h=x", "a.k=x:1%", "a.p=1%", "DEFAULT.q=2"],
        ),
        (
            "[a]\nk = %(here)s/x\nf = %(name)-5s %H\nu = pg://u:p%40ss@h/d\n",
            &["a.k=%(here)s/x", "a.f=%(name)-5s %H", "a.u=pg://u:p%40ss@h/d"],
        ),
        ("[a]\nx = %(y)s\ny = %(x)s\n", &["a.x=%(y)s", "a.y=%(x)s"]),
        ("[a]\nk = ***REMOVED***\n", &["a.k=***REMOVED***"]),
    ] {
        let (found, wrong) = told(text, Format::Ini);
        assert_eq!(found, values, "{text}");
        assert!(wrong.is_empty(), "{text}: {wrong:?}");
    }
}

#[test]
fn mistakes_are_named_and_the_rest_is_read() {
    for (text, values, problems) in [
        ("k = 1\nl = 2\n[a]\nm = 3\n", &["k=1", "l=2", "a.m=3"][..], &["1:1 a setting above the first section"][..]),
        ("[a]\nk\nl = 1\n", &["a.l=1"], &["2:1 a line that is neither a setting nor a section nor a comment"]),
        (
            "[a\nk = 1\n",
            &["k=1"],
            &[
                "1:1 a line that is neither a setting nor a section nor a comment",
                "2:1 a setting above the first section",
            ],
        ),
        ("[a]\n= 1\nl = 2\n", &["a.\"\"=1", "a.l=2"], &["2:1 something that cannot be a key"]),
        ("[a]\nk = 1\nK = 2\n", &["a.k=1", "a.k=2"], &["3:1 the key `k` stands twice"]),
        ("[a]\nk = 1\n[a]\nl = 2\n", &["a.k=1", "a.l=2"], &["3:2 the key `a` stands twice"]),
    ] {
        let (found, wrong) = told(text, Format::Ini);
        assert_eq!(found, values, "{text}");
        assert_eq!(wrong, problems, "{text}");
    }
}

#[test]
fn references_cannot_explode() {
    let mut text = "[a]\nk0 = xxxxxxxxxx\n".to_owned();
    for level in 1..10 {
        let line = format!("k{level} = {}\n", format!("%(k{})s", level - 1).repeat(10));
        text.push_str(&line);
    }
    text.push_str("k0e = \n");
    let document = Document::parse(text.as_bytes(), Format::Ini);
    let root = document.roots()[0];
    let length = |key| document.get_path(root, ["a", key]).and_then(|id| document.text_of(id)).map(str::len);
    assert_eq!(length("k1"), Some(100));
    assert_eq!(length("k9"), Some(60), "as written");
}

#[test]
fn spans() {
    let text = "# file\n[a] # c\nKey = v\nlong = 1\n  2\n\n[b]\nx = 1\n";
    let document = Document::parse(text.as_bytes(), Format::Ini);
    let root = document.roots()[0];
    let a = document.get(root, "a").expect("there");
    assert_eq!(document.raw(a.key), "a");
    assert_eq!(document.raw(a.value), "[a] # c\nKey = v\nlong = 1\n  2");
    let key = document.get(a.value, "key").expect("in lower case");
    assert_eq!((document.raw(key.key), document.raw(key.value)), ("Key", "v"));
    assert_eq!(document.comments().len(), 2);
    assert_eq!(document.raw(root), &text[7..text.len() - 1]);
}

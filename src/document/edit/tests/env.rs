//! `.env` files.

use super::*;

fn env(before: &str, change: impl FnOnce(&mut Draft<'_>), after: &str) {
    check(Format::Env, before, change, after);
}

#[test]
fn lines_change() {
    env(
        "# file\n\nexport DB_HOST = a # h\n# user\nDB_USER='u'\nURL=\"pg://${DB_USER}@h\"\nEMPTY=\nNAME\n",
        |draft| {
            for (old, new) in [("DB_HOST", "POSTGRES_HOST"), ("NAME", "OTHER")] {
                let place = at(draft, old);
                draft.rename(place, new);
            }
            let place = at(draft, "DB_USER");
            draft.replace(place, text("p$x"));
            let place = at(draft, "URL");
            draft.replace(place, text("pg://${POSTGRES_USER}@h"));
            let place = at(draft, "EMPTY");
            draft.replace(place, text("it's \"x\""));
            let top = draft.top();
            draft.insert(top, At::End, Some("P"), text("a b$c"));
            draft.insert(top, At::End, Some("Q"), text("a/b:c@d"));
        },
        "# file\n\nexport POSTGRES_HOST = a # h\n# user\nDB_USER='p$x'\nURL=\"pg://${POSTGRES_USER}@h\"\nEMPTY=\"it's \\\"x\\\"\"\nOTHER\n\
         P='a b$c'\nQ=a/b:c@d\n",
    );
    env(
        "A=1\r\n# two\r\nB=2",
        |draft| {
            let place = at(draft, "A");
            draft.remove(place, None);
            let top = draft.top();
            draft.insert(top, At::End, Some("C"), NewValue::Integer(3));
            let place = at(draft, "B");
            draft.replace(place, text("x y"));
        },
        "# two\r\nB='x y'\r\nC=3",
    );
    env(
        "",
        |draft| {
            let top = draft.top();
            draft.insert(top, At::End, Some("A"), text(""));
        },
        "A=\n",
    );
    env(
        "# c\n",
        |draft| {
            let top = draft.top();
            draft.insert(top, At::End, Some("A"), text("x"));
        },
        "# c\nA=x\n",
    );
    let (_, what) = refused(Format::Env, "A=1\n", |draft| {
        let place = at(draft, "A");
        draft.replace(place, text("it's $x"));
    });
    assert_eq!(what, "the format has no way to write this value");
}

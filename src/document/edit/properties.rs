//! Random texts and random drafts: what comes out says what was meant, to other readers too, with every comment.

mod changes;
mod model;
mod texts;

use proptest::collection::vec;
use proptest::prelude::*;

use self::changes::change;
use self::model::Model;
use self::texts::Tape;
use super::{Draft, EditError};
use crate::document::{Document, Format, ProblemKind};

/// Changes a random text, and compares what another reader reads with what was meant.
fn try_one(format: Format, bytes: &[u8]) -> Result<(), TestCaseError> {
    let mut tape = Tape::new(bytes);
    let text = texts::text(format, &mut tape);
    let document = Document::parse(text.as_bytes(), format);
    // The comments of JSON are a mistake, but nothing else is.
    let is_comment = |kind: &ProblemKind| format == Format::Json && kind.message().contains("comment");
    let problem = document.problems().iter().find(|problem| !is_comment(&problem.kind));
    prop_assert!(problem.is_none(), "{:?} in {}", problem, text);
    let Some(model) = Model::read(format, &text) else {
        return Err(TestCaseError::fail(format!("the judge does not read {text}")));
    };
    let mut draft = Draft::new(&document);
    let told = change(&mut draft, &model, &mut tape);
    match draft.finish() {
        Ok(edited) => {
            let new = edited.document.text();
            let found = Model::read(format, new).map(|found| found.data().compared(format));
            prop_assert_eq!(found, Some(model.data().compared(format)), "{}\n{:?}\n{}", text, told, new);
            let mut replaced = text.clone();
            for edit in edited.edits.iter().rev() {
                replaced.replace_range(edit.span.range(), &edit.text);
            }
            prop_assert_eq!(replaced.as_str(), new);
            prop_assert_eq!(text.starts_with('\u{FEFF}'), new.starts_with('\u{FEFF}'));
            prop_assert!(!text.contains("\r\n") || !new.replace("\r\n", "").contains('\n'), "{:?}\n{:?}", text, new);
            Ok(())
        }
        Err(EditError::Unsupported { .. }) => Ok(()),
        Err(other) => Err(TestCaseError::fail(format!("{other:?}\n{text}\n{told:?}"))),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn yaml(bytes in vec(any::<u8>(), 0..160)) {
        try_one(Format::Yaml, &bytes)?;
    }

    #[test]
    fn json(bytes in vec(any::<u8>(), 0..160)) {
        try_one(Format::Json, &bytes)?;
    }

    #[test]
    fn toml(bytes in vec(any::<u8>(), 0..160)) {
        try_one(Format::Toml, &bytes)?;
    }

    #[test]
    fn env(bytes in vec(any::<u8>(), 0..80)) {
        try_one(Format::Env, &bytes)?;
    }
}

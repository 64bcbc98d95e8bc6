//! Random changes, made to a draft and to what it means.

use super::super::{At, Draft, NewValue, Place};
use super::model::Model;
use super::texts::Tape;
use crate::document::Format;

/// A place with what it means, and what it is in.
struct Pair {
    place: Place,
    model: Model,
    around: Option<(Place, Model)>,
    key: Option<String>,
}

/// Makes some changes, and says which.
pub(super) fn change(draft: &mut Draft<'_>, model: &Model, tape: &mut Tape<'_>) -> Vec<String> {
    let mut told = Vec::new();
    let format = draft.document().format();
    for number in 0..=tape.choose(6) {
        let one = walk(draft, model, tape, false);
        let Some((around, around_model)) = one.around.clone() else { continue };
        let fresh = format!("n{number}");
        let name = draft.path_of(one.place).to_string();
        match tape.choose(8) {
            0 if one.key.is_some() => {
                told.push(format!("rename {name} {fresh}"));
                draft.rename(one.place, &fresh);
                around_model.rename(&one.model, &fresh);
            }
            1 | 2 if format != Format::Toml || one.model.is_leaf() => {
                let value = new_value(tape, format != Format::Env && format != Format::Toml);
                told.push(format!("replace {name} {value:?}"));
                one.model.replace(&value);
                draft.replace(one.place, value);
            }
            3 => {
                let heir = walk(draft, model, tape, false);
                let takes = heir.around.is_some() && !one.model.holds(&heir.model) && tape.choose(2) == 0;
                told.push(format!("remove {name} for {:?}", takes.then(|| draft.path_of(heir.place).to_string())));
                draft.remove(one.place, takes.then_some(heir.place));
                around_model.take(&one.model);
            }
            4..=6 => {
                let into = walk(draft, model, tape, true);
                if one.model.holds(&into.model) {
                    continue;
                }
                let is_list = into.model.is_list();
                let same = into.place == around;
                let key = (!is_list).then(|| {
                    if same || tape.choose(2) == 0 { fresh.clone() } else { one.key.clone().unwrap_or(fresh.clone()) }
                });
                let key = key.map(|key| {
                    if into.model.children().iter().any(|(other, _)| other.as_deref() == Some(&key)) {
                        fresh.clone()
                    } else {
                        key
                    }
                });
                told.push(format!("shift {name} to {} as {key:?}", draft.path_of(into.place)));
                around_model.take(&one.model);
                let (at, index) = position(draft, &into, tape, Some(one.place));
                draft.shift(one.place, into.place, at, key.as_deref());
                into.model.put(index, key.as_deref(), one.model.clone());
            }
            _ => {
                let into = walk(draft, model, tape, true);
                let key = (!into.model.is_list()).then(|| fresh.clone());
                let (at, index) = position(draft, &into, tape, None);
                let node = draft
                    .node(one.place)
                    .filter(|_| tape.choose(3) == 0 && !is_changed(draft, one.place) && !one.model.holds(&into.model));
                if let Some(node) = node {
                    told.push(format!("copy {name} to {} {at:?}", draft.path_of(into.place)));
                    draft.copy(node, into.place, at, key.as_deref());
                    into.model.put(index, key.as_deref(), one.model.deep());
                } else {
                    let value = new_value(tape, format != Format::Env);
                    told.push(format!("insert {} {key:?} {value:?} {at:?}", draft.path_of(into.place)));
                    into.model.put(index, key.as_deref(), Model::of_new(&value));
                    let place = draft.insert(into.place, at, key.as_deref(), value);
                    if tape.choose(3) == 0 && !is_in(draft, one.place, place) {
                        told.push(format!("give_comments {name}"));
                        draft.give_comments(one.place, place);
                    }
                }
            }
        }
        let _ = around;
    }
    told
}

fn is_changed(draft: &Draft<'_>, place: Place) -> bool {
    draft.slot(place).touched
}

fn is_in(draft: &Draft<'_>, one: Place, other: Place) -> bool {
    draft.is_within(other, one)
}

/// Goes down from the top to a random place; to a collection, if one is asked for.
fn walk(draft: &mut Draft<'_>, model: &Model, tape: &mut Tape<'_>, wants_collection: bool) -> Pair {
    let mut at = Pair { place: draft.top(), model: model.clone(), around: None, key: None };
    for _ in 0..6 {
        let children = at.model.children();
        let children: Vec<_> =
            children.into_iter().enumerate().filter(|(_, (_, child))| !wants_collection || !child.is_leaf()).collect();
        if children.is_empty() || (tape.choose(3) == 0 && (wants_collection || at.around.is_some())) {
            break;
        }
        let places: Vec<Place> = if at.model.is_list() {
            draft.items(at.place)
        } else {
            draft.entries(at.place).into_iter().map(|(_, place)| place).collect()
        };
        let (index, (key, child)) = children[tape.choose(children.len())].clone();
        // Behind an alias there is nothing to change.
        let place = match &key {
            Some(key) => draft.find(at.place, key),
            None => places.get(index).copied(),
        };
        let Some(place) = place else { break };
        at = Pair { place, model: child, around: Some((at.place, at.model)), key };
    }
    let is_alias = draft
        .node(at.place)
        .is_some_and(|node| matches!(draft.document().node(node).kind, crate::document::NodeKind::Alias { .. }));
    if wants_collection && is_alias {
        return at.around.map_or_else(
            || Pair { place: draft.top(), model: model.clone(), around: None, key: None },
            |(place, model)| Pair { place, model, around: None, key: None },
        );
    }
    at
}

fn position(draft: &mut Draft<'_>, into: &Pair, tape: &mut Tape<'_>, moved: Option<Place>) -> (At, usize) {
    let mut places: Vec<Place> = if into.model.is_list() {
        draft.items(into.place)
    } else {
        draft.entries(into.place).into_iter().map(|(_, place)| place).collect()
    };
    places.retain(|place| Some(*place) != moved);
    if places.is_empty() || tape.choose(2) == 0 {
        return (At::End, places.len());
    }
    let index = tape.choose(places.len());
    if tape.choose(2) == 0 { (At::Before(places[index]), index) } else { (At::After(places[index]), index + 1) }
}

fn new_value(tape: &mut Tape<'_>, may_nest: bool) -> NewValue {
    let texts = [
        "",
        "x",
        "yes",
        "0600",
        "54:32",
        "null",
        "~",
        "it's",
        "a: b",
        "a #b",
        "- x",
        "${V}",
        "x, y",
        "{",
        "1e3",
        "<<",
        "=",
        "two\nlines",
        " pad ",
        "tab\t",
        "\"q\"",
        "back\\slash",
        "@at",
        "%p",
        "2024-01-31",
        "a:",
        "ü",
        "1.5.1",
        "10.0.0.1",
        "0x1F",
    ];
    match tape.choose(if may_nest { 7 } else { 4 }) {
        0 => NewValue::Integer(i64::try_from(tape.choose(100)).unwrap_or(0)),
        1 => NewValue::Bool(tape.choose(2) == 0),
        2 | 3 => NewValue::Text(texts[tape.choose(texts.len())].to_owned()),
        4 => NewValue::Float(1.5),
        5 => NewValue::Map((0..tape.choose(3)).map(|index| (format!("m{index}"), new_value(tape, true))).collect()),
        _ => NewValue::List((0..tape.choose(3)).map(|_| new_value(tape, true)).collect()),
    }
}

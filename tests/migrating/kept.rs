//! What stays as it is, whatever moves: comments, everything that the plan does not speak of, and how a file is written.

use std::collections::{BTreeMap, BTreeSet};

use dbcfg::document::{Document, Entry, Format, KeyPath, NodeId, NodeKind, Segment, Span, Structure};
use dbcfg::model::{FilePlan, NoteKind, Origin, SecretForm};

use super::{Change, Wishes};

/// Tests a file before and after.
pub(super) fn check(change: &Change, wishes: &Wishes) -> Result<(), String> {
    let Change { name, before, after, plan, .. } = change;
    let fails = |what: String| Err(format!("{name}: {what}"));
    if plan.source.is_none() {
        return Ok(());
    }
    let [old, new] = [before, after].map(Document::text);
    if before.problems().is_empty() && !after.problems().is_empty() {
        return fails("the new text has mistakes".to_owned());
    }
    let differs = difference(&comments(before), &comments(after));
    if !differs.is_empty() {
        return fails(format!("comments are lost (-) or made up (+):\n{}", differs.join("\n")));
    }
    written_alike(old, new).or_else(fails)?;
    let empty = |text: &str| text.lines().filter(|line| line.trim().is_empty()).count();
    // What moves may be set apart as its new neighbours are.
    if empty(new) > empty(old) + plan.moves.len() + 1 && !wishes.decisions.keep_legacy {
        return fails("there are more empty lines".to_owned());
    }
    if new.matches("********").count() > old.matches("********").count() {
        return fails("the mask stands in the new text".to_owned());
    }
    let is_renamed = before.format() == Format::Env;
    if !is_renamed && !wishes.targets.iter().any(|name| name.starts_with(".env")) {
        let mut differs = difference(&variables(old), &variables(new));
        differs.retain(|line| line.starts_with('-') || wishes.decisions.secrets != Some(SecretForm::Env));
        // What stands for several databases stands with each of them then.
        differs.retain(|line| line.starts_with('-') || !old.contains(&line[2..]));
        differs.retain(|line| line.starts_with('+') || !new.contains(&line[2..]));
        // What is dropped takes its own variables along, and no others.
        let dropped = dropped(before, plan);
        differs.retain(|line| line.starts_with('+') || !dropped.contains_key(&line[2..]));
        if !differs.is_empty() {
            return fails(format!("variables are lost (-) or made up (+):\n{}", differs.join("\n")));
        }
    }
    if before.format() == Format::Yaml && before.problems().is_empty() {
        let old = steps(before);
        // A file without a nested block says nothing of its indentation.
        let allowed = if old.is_empty() { BTreeSet::from([2]) } else { old };
        if let Some(step) = steps(after).difference(&allowed).next() {
            return fails(format!("a block is indented by {step}, as none was before"));
        }
    }
    if before.format() == Format::Json {
        let begin = |text: &str| -> BTreeSet<String> {
            let spaces = |line: &str| line.chars().take_while(|c| c.is_whitespace()).collect::<String>();
            text.lines().map(spaces).filter(|begin| !begin.is_empty()).collect()
        };
        let unit = begin(old).into_iter().min_by_key(String::len).unwrap_or_default();
        let is_odd = |begin: &String| unit.is_empty() || !begin.replace(&unit, "").is_empty();
        if let Some(odd) = begin(new).iter().find(|begin| is_odd(begin)) {
            return fails(format!("a line begins with {odd:?}, and not with a multiple of {unit:?}"));
        }
    }
    if wishes.decisions.keep_legacy && before.format() == Format::Yaml && before.problems().is_empty() {
        return all_lines_stay(before, after).or_else(fails);
    }
    let pairs = before.roots().iter().zip(after.roots());
    pairs.into_iter().try_for_each(|(old, new)| untouched(change, *old, *new)).or_else(fails)
}

/// Every comment, with how often it stands there.
fn comments(document: &Document) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for comment in document.comments() {
        *found.entry(document.slice(comment.span).trim_end().to_owned()).or_default() += 1;
    }
    found
}

/// Every `${NAME` without a dot in it, with how often it stands there.
fn variables(text: &str) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for piece in text.split("${").skip(1) {
        let name: String = piece.chars().take_while(|c| c.is_alphanumeric() || "_.:-".contains(*c)).collect();
        if !name.contains('.') {
            *found.entry(format!("${{{name}")).or_default() += 1;
        }
    }
    found
}

/// The variables of what the plan says is dropped.
fn dropped(before: &Document, plan: &FilePlan) -> BTreeMap<String, usize> {
    let notes = plan.notes.iter().filter(|note| note.kind == NoteKind::Duplicate);
    let spans = notes.filter_map(|note| match note.origin {
        Origin::Node { node, span, .. } => Some(whole(before, node).unwrap_or(span)),
        Origin::Place { span, .. } => Some(span),
        _ => None,
    });
    spans.fold(BTreeMap::new(), |mut found, span| {
        found.extend(variables(before.slice(span)));
        found
    })
}

/// A value, also if the node is its key.
fn whole(document: &Document, node: NodeId) -> Option<Span> {
    let entries = document.entries(document.parent(node)?);
    let entry = entries.iter().find(|entry| entry.key == node || entry.value == node)?;
    Some(document.node(entry.value).span)
}

/// `- text` for what stands less often in the second, `+ text` for what stands more often.
fn difference(old: &BTreeMap<String, usize>, new: &BTreeMap<String, usize>) -> Vec<String> {
    let all: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let count = |of: &BTreeMap<String, usize>, text: &str| of.get(text).copied().unwrap_or_default();
    let sign = |text: &&String| match count(old, text).cmp(&count(new, text)) {
        std::cmp::Ordering::Greater => Some(format!("- {text}")),
        std::cmp::Ordering::Less => Some(format!("+ {text}")),
        std::cmp::Ordering::Equal => None,
    };
    all.iter().filter_map(sign).collect()
}

/// Byte order mark, line ends, the last line end, tabs and spaces at the ends of lines.
fn written_alike(old: &str, new: &str) -> Result<(), String> {
    let check = |holds: bool, what: &str| if holds { Ok(()) } else { Err(what.to_owned()) };
    check(old.starts_with('\u{FEFF}') == new.starts_with('\u{FEFF}'), "the byte order mark is not kept")?;
    check(new.matches('\u{FEFF}').count() <= old.matches('\u{FEFF}').count(), "there is another byte order mark")?;
    let (pairs, ends) = (old.matches("\r\n").count(), old.matches('\n').count());
    if pairs == 0 {
        check(!new.contains('\r') || old.contains('\r'), "there are carriage returns")?;
    } else if pairs == ends {
        check(new.matches("\r\n").count() == new.matches('\n').count(), "a line ends in LF alone")?;
    }
    check(old.ends_with('\n') == new.ends_with('\n'), "the last line end is not kept")?;
    check(new.contains('\t') <= old.contains('\t'), "there is a tab")?;
    let loose = |text: &str| text.lines().filter(|line| line.ends_with([' ', '\t'])).count();
    check(loose(new) <= loose(old), "a line ends in spaces")?;
    let run = |text: &str| {
        let lines = text.lines().map(|line| line.trim().is_empty());
        lines.fold((0, 0), |(now, most), is_empty| if is_empty { (now + 1, most.max(now + 1)) } else { (0, most) }).1
    };
    check(run(new) <= run(old).max(1), "empty lines are left where something went away")
}

/// By how many columns blocks are indented in the block that they stand in.
fn steps(document: &Document) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    for id in document.node_ids() {
        let Some(column) = block_column(document, id) else { continue };
        let Some(parent) = document.parent(id) else { continue };
        if let (NodeKind::Mapping { .. }, Some(outer)) = (&document.node(parent).kind, block_column(document, parent)) {
            found.insert(column - outer);
        }
    }
    found
}

/// The column of the keys of a block mapping.
fn block_column(document: &Document, id: NodeId) -> Option<u32> {
    match &document.node(id).kind {
        NodeKind::Mapping { structure: Structure::Block, entries } => {
            Some(document.position(document.node(entries.first()?.key).span.start).column)
        }
        _ => None,
    }
}

/// Whether the old lines are all there, in their order, unless a line with brackets may have to grow.
fn all_lines_stay(before: &Document, after: &Document) -> Result<(), String> {
    let containers = |root: NodeId| {
        let top = CONTAINERS.iter().filter_map(move |name| Some(before.get(root, name)?.value));
        top.flat_map(|container| {
            let inner = before.entries(container).to_vec();
            inner.into_iter().map(|entry| entry.value).filter(|value| before.is_mapping(*value)).chain([container])
        })
    };
    let environments = |root: NodeId| {
        let all = before.get(root, "environments").map(|it| before.entries(it.value).to_vec()).unwrap_or_default();
        all.into_iter().map(|entry| entry.value)
    };
    let roots = before.roots().iter().flat_map(|root| environments(*root).chain([*root]));
    let mut all = roots.flat_map(|root| containers(root).chain([root]));
    let is_flow = all.any(|container| before.is_flow(container));
    let mut new = after.text().lines();
    let mut old = before.text().lines();
    match old.find(|line| !is_flow && !new.any(|other| other == *line)) {
        Some(line) => Err(format!("this line does not stay, or stands elsewhere:\n{line}")),
        None => Ok(()),
    }
}

/// Whether what is not about databases is the same, byte for byte: neighbours together with all between them.
fn untouched(change: &Change, old: NodeId, new: NodeId) -> Result<(), String> {
    let Change { before, after, .. } = change;
    let mut run: Option<(usize, usize)> = None;
    let NodeKind::Mapping { entries, .. } = &before.node(old).kind else { return Ok(()) };
    for entry in entries {
        let fate = fate(change, *entry);
        if fate != Fate::Untouched {
            demand(before, after, run.take())?;
            if let (Fate::Container, Some(key)) = (fate, before.key(*entry))
                && let Some(inner) = after.get(new, key)
            {
                untouched(change, entry.value, inner.value)?;
            }
            continue;
        }
        let key = before.node(entry.key).span;
        // In TOML tables come behind the keys at the top, and a new one may come between them.
        if run.is_some_and(|(start, _)| is_table(before, key) && !before.text()[start..].starts_with('[')) {
            demand(before, after, run.take())?;
        }
        let column = |span: Span| before.position(span.start).column;
        // What is indented otherwise belongs to the section above.
        let own = before.comments_above(*entry).iter().rev().take_while(|it| column(it.span) == column(key));
        let start = own.last().map_or(key, |it| it.span).start;
        let end = end_of_line(before, before.node(entry.value).span.range().end);
        run = Some((run.map_or(start as usize, |(start, _)| start), end));
    }
    demand(before, after, run)
}

/// Whether a key stands in the header of a table of TOML.
fn is_table(document: &Document, key: Span) -> bool {
    let line = document.text()[..key.start as usize].rsplit('\n').next();
    document.format() == Format::Toml && line.is_some_and(|line| line.starts_with('['))
}

fn demand(before: &Document, after: &Document, run: Option<(usize, usize)>) -> Result<(), String> {
    let Some((start, end)) = run else { return Ok(()) };
    let text = before.text()[start..end.max(start)].trim_end();
    if after.text().contains(text) { Ok(()) } else { Err(format!("this is not about databases, and changes:\n{text}")) }
}

/// The end of the comment behind a value, or of the value.
fn end_of_line(document: &Document, end: usize) -> usize {
    let (before, rest) = document.text().split_at(end);
    // Behind a literal block comes the next line.
    let is_next_line = before.ends_with('\n');
    let line = rest.split(['\r', '\n']).next().unwrap_or(rest);
    if !is_next_line && line.trim_start().starts_with('#') { end + line.len() } else { end }
}

#[derive(PartialEq)]
enum Fate {
    /// It is not about databases.
    Untouched,
    /// It holds sections, some of which may be.
    Container,
    /// It is, or refers to one.
    Touched,
}

/// What holds sections, at the top and in an environment.
const CONTAINERS: &[&str] = &["databases", "credentials", "services", "integrations", "environments"];

fn fate(change: &Change, entry: Entry) -> Fate {
    let Change { before, plan, said, .. } = change;
    let whole = Span { start: before.node(entry.key).span.start, end: before.node(entry.value).span.end };
    let path = before.path(entry.value);
    let raw = before.slice(whole);
    // What refers to a section that moves follows it.
    let refers = plan.gone.iter().any(|name| raw.contains(name.as_str()));
    let grows = plan.moves.iter().any(|it| it.to.segments().starts_with(path.segments()));
    // Also what only the application knows goes along with its section.
    let moves = plan.moves.iter().any(|it| it.from.segments().starts_with(path.segments()));
    if !grows && !moves && !refers && !said.iter().any(|span| whole.contains(*span)) {
        return Fate::Untouched;
    }
    let is_container = path.segments().iter().enumerate().all(|(depth, segment)| match segment {
        Segment::Key(key) => CONTAINERS.contains(&&**key) || (depth == 1 && key_of(&path, 0) == Some("environments")),
        Segment::Index(_) => false,
    });
    if is_container { Fate::Container } else { Fate::Touched }
}

fn key_of(path: &KeyPath, depth: usize) -> Option<&str> {
    match path.segments().get(depth)? {
        Segment::Key(key) => Some(key),
        Segment::Index(_) => None,
    }
}

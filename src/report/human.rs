//! Findings for people: what is wrong, the line where it is wrong, and the way out, drawn by annotate-snippets.
//!
//! What it draws is cut and wrapped before, since it does neither as a narrow terminal needs it, and the places above
//! the lines are put in afterwards: it counts columns in the line that it shows, which is masked.

use std::fmt::Write as _;
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet as Drawn};
use unicode_width::UnicodeWidthStr as _;

use crate::finding::{Safety, Severity};
use crate::redact;

use super::counts;
use super::entry::{Entry, Place, Summary};
use super::snippet::Snippet;
use super::style::Style;
use super::wrap::wrap;

/// Lines of one file that are further apart are drawn as if they were of two.
const APART: u32 = 200;

/// The columns before the further lines of a message.
const INDENT: usize = 4;

/// The columns at which annotate-snippets begins to cut by rules of its own: more than a line of ours has.
const UNCUT: usize = 100_000;

/// The findings with their lines, then what was found in all and what to do next. On a terminal of `width` columns
/// nothing is wider than that, except a word that is.
pub fn human(entries: &[Entry], summary: Summary, style: Style, width: Option<usize>) -> String {
    human_findings(entries, style, width) + &human_end(entries, summary, style, width)
}

/// The findings with their lines: those of several projects may be drawn side by side.
pub fn human_findings(entries: &[Entry], style: Style, width: Option<usize>) -> String {
    let writer = Writer { renderer: renderer(style), width };
    let mut text = String::new();
    for entry in entries {
        writer.entry(entry, &mut text);
        text.push_str("\n\n");
    }
    text
}

/// What was found in all, and what to do next.
pub fn human_end(entries: &[Entry], summary: Summary, style: Style, width: Option<usize>) -> String {
    let mut text = String::new();
    if summary.files == 0 && entries.is_empty() {
        // Nothing was judged, so there is nothing to say about it.
        return text;
    }
    for line in wrap(&counts::line(summary), 0, 0, width) {
        let _ = writeln!(text, "{}", style.bold(&line));
    }
    for line in counts::fixes(summary).iter().flat_map(|words| wrap(words, 0, 0, width)) {
        let _ = writeln!(text, "{line}");
    }
    // The worst first: of errors and warnings, the first error.
    if let Some(first) = entries.iter().rev().max_by_key(|entry| entry.severity) {
        let words = format!("`dbcfg explain {}` tells why it matters and how to mend it.", first.rule.id);
        for line in wrap(&words, 0, 0, width) {
            let _ = writeln!(text, "{line}");
        }
    }
    text
}

/// What draws, in our colours.
fn renderer(style: Style) -> Renderer {
    if style.is_coloured {
        let of = Style::drawn;
        Renderer::styled()
            .error(of(Severity::Error))
            .warning(of(Severity::Warning))
            .info(of(Severity::Info))
            .term_width(UNCUT)
    } else {
        Renderer::plain().term_width(UNCUT)
    }
}

struct Writer {
    renderer: Renderer,
    width: Option<usize>,
}

/// Lines of one file, drawn together.
struct Picture<'entry> {
    place: &'entry Place,
    lines: Vec<Line<'entry>>,
}

/// One line with what is marked in it.
struct Line<'entry> {
    number: u32,
    text: String,
    mark: Range<usize>,
    part: Option<&'entry str>,
}

impl Writer {
    fn entry(&self, entry: &Entry, text: &mut String) {
        let places = || std::iter::once(&entry.place).chain(entry.related.iter().map(|(place, _)| place));
        let numbers = places().filter_map(|place| place.location.start).map(|start| start.line.to_string().len());
        let gutter = numbers.max().unwrap_or(1);
        let columns = self.width.map(|width| width.saturating_sub(gutter + 3));
        let mut pictures: Vec<Picture<'_>> = Vec::new();
        let mut notes = Vec::new();
        for (place, part) in places().zip(std::iter::once(None).chain(entry.related.iter().map(|(_, part)| Some(part))))
        {
            match line(place, part.map(String::as_str), columns) {
                Some((line, note)) => {
                    add(&mut pictures, place, line);
                    notes.extend(note.map(|part| format!("{}: {part}", place.name)));
                }
                None => match part {
                    Some(part) => notes.push(format!("{}: {}", place.name, redact::escape(part))),
                    None => pictures.push(Picture { place, lines: Vec::new() }),
                },
            }
        }
        let head = entry.severity.name().len() + entry.rule.id.len() + 4;
        let title = wrap(&redact::escape(&entry.message), head, INDENT, self.width);
        let marks: Vec<String> = (0..pictures.len()).map(mark).collect();
        let mut group = level(entry.severity)
            .primary_title(title.join("\n"))
            .id(entry.rule.id)
            .elements(None::<Drawn<'_, Annotation<'_>>>);
        for (picture, mark) in pictures.iter().zip(&marks) {
            group = picture.draw(group, mark);
        }
        let indent = |label: &str| gutter + 5 + label.len();
        for note in &notes {
            let lines = wrap(note, indent("note"), indent("note"), self.width);
            group = group.element(Level::NOTE.message(lines.join("\n")));
        }
        if let Some(help) = &entry.help {
            let by = match entry.fix {
                Some(Safety::Safe) => " (`--fix` does it)",
                Some(Safety::Unsafe) => " (`--fix --unsafe-fixes` does it)",
                None => "",
            };
            let lines = wrap(&format!("{}{by}", redact::escape(help)), indent("help"), indent("help"), self.width);
            group = group.element(Level::HELP.message(lines.join("\n")));
        }
        let mut drawn = self.renderer.render(&[group]);
        // It would begin the lines of a message where the first one begins, which leaves long ids little room.
        let (begun, indented) = (format!("\n{:head$}", ""), format!("\n{:INDENT$}", ""));
        drawn = drawn.replacen(&begun, &indented, title.len() - 1);
        for (picture, mark) in pictures.iter().zip(&marks) {
            put_place(&mut drawn, mark, &picture.place.name);
            if picture.lines.is_empty() && pictures.len() == 1 {
                // Without line numbers the arrow has no room before it, but what follows it has.
                drawn = drawn.replacen("-->", " -->", 1);
            }
        }
        text.push_str(&drawn);
    }
}

/// What stands for the path of a picture until its place is put in: a character that is nobody's, which no text of ours
/// holds, since such are escaped.
fn mark(index: usize) -> String {
    format!("\u{F8FF}{index}\u{F8FF}")
}

/// Puts the true place where the path and the column in the masked line stand.
fn put_place(drawn: &mut String, mark: &str, name: &str) {
    let Some(start) = drawn.find(mark) else { return };
    let rest = &drawn[start + mark.len()..];
    let end = rest.find(|c: char| !(c.is_ascii_digit() || c == ':')).unwrap_or(rest.len());
    drawn.replace_range(start..start + mark.len() + end, name);
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    }
}

/// The line of a place, cut to the columns that there are, and the words of its part if they have no room beside it.
fn line<'entry>(
    place: &Place,
    part: Option<&'entry str>,
    columns: Option<usize>,
) -> Option<(Line<'entry>, Option<&'entry str>)> {
    let (quote, start) = place.quote.as_ref().zip(place.location.start)?;
    let snippet = Snippet::new(quote, columns);
    let used = snippet.text[..snippet.mark.end].width();
    let has_room = |part: &&str| columns.is_none_or(|columns| used + 1 + part.width() <= columns);
    let label = part.filter(has_room);
    let note = if label.is_some() { None } else { part };
    let part = part.map(|_| label.unwrap_or_default());
    Some((Line { number: start.line, text: snippet.text, mark: snippet.mark, part }, note))
}

/// Adds a line to the picture of its file, if it can stand beside the lines that are there.
fn add<'entry>(pictures: &mut Vec<Picture<'entry>>, place: &'entry Place, line: Line<'entry>) {
    let fits = |picture: &&mut Picture<'_>| {
        picture.place.location.path == place.location.path
            && picture.lines.iter().all(|known| {
                let is_near = known.number.abs_diff(line.number) <= APART;
                is_near && (known.number != line.number || known.text == line.text)
            })
    };
    match pictures.iter_mut().find(fits) {
        Some(picture) => picture.lines.push(line),
        None => pictures.push(Picture { place, lines: vec![line] }),
    }
}

impl Picture<'_> {
    fn draw<'picture>(&'picture self, group: Group<'picture>, mark: &'picture str) -> Group<'picture> {
        let Some(first) = self.lines.iter().map(|line| line.number).min() else {
            return group.element(annotate_snippets::Origin::path(mark));
        };
        let last = self.lines.iter().map(|line| line.number).max().unwrap_or(first);
        // Lines in between are not drawn; they are there so that the numbers are right.
        let (mut source, mut starts) = (String::new(), Vec::new());
        for number in first..=last {
            starts.push(source.len());
            if let Some(line) = self.lines.iter().find(|line| line.number == number) {
                source.push_str(&line.text);
            }
            source.push('\n');
        }
        let annotations = self.lines.iter().map(|line| {
            let start = starts.get((line.number - first) as usize).copied().unwrap_or_default();
            let span = start + line.mark.start..start + line.mark.end;
            match line.part {
                None => AnnotationKind::Primary.span(span),
                Some("") => AnnotationKind::Context.span(span),
                Some(part) => AnnotationKind::Context.span(span).label(redact::escape(part)),
            }
        });
        let annotations: Vec<Annotation<'picture>> = annotations.collect();
        group.element(Drawn::source(source).line_start(first as usize).path(mark).annotations(annotations))
    }
}

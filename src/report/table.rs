//! A configuration for people: a table where the terminal is wide enough, a list of cards where it is not.

use std::fmt::Write as _;
use std::iter;
use unicode_width::UnicodeWidthStr;

use crate::model::{Configuration, Connection, Database, Key, Origin, Outcome, Setting, Settings};
use crate::redact;

use super::style::Style;
use super::view::{is_shown, role, shown, with_defaults_of};

/// How much room there is, and what is to be shown.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Columns of the terminal; none where there is none.
    pub width: Option<usize>,
    /// Where each value comes from.
    pub has_origins: bool,
    /// Colours.
    pub style: Style,
}

const HEADER: [&str; 8] = ["DATABASE", "SERVER", "NAME", "USER", "PASSWORD", "TLS", "POOL", "DEFINED IN"];

/// The configuration as text.
pub fn table(configuration: &Configuration, shape: Shape) -> String {
    let mut text = String::new();
    if shape.has_origins {
        return origins(configuration, shape);
    }
    if !configuration.databases.is_empty() {
        let rows = rows(configuration);
        let drawn = draw(&HEADER, &rows, shape).or_else(|| draw(&HEADER, &shortened(&rows), shape));
        text.push_str(&drawn.unwrap_or_else(|| cards(&rows, shape)));
    }
    if !configuration.services.is_empty() {
        text.push_str(&services(configuration, shape, text.is_empty()));
    }
    text
}

/// One row for each database, and one for each replica and failover below it.
fn rows(configuration: &Configuration) -> Vec<[String; 8]> {
    let mut rows = Vec::new();
    for database in &configuration.databases {
        let defined = database.definitions.first().map_or_else(String::new, |definition| {
            line_of(configuration, &definition.origin)
                .unwrap_or_else(|| configuration.sources.describe(&definition.origin))
        });
        rows.push(row(role(&database.role), &database.connection, defined));
        let members = [("replica", &database.replicas), ("failover", &database.failover)];
        for (word, members) in members {
            for (index, member) in members.iter().enumerate() {
                let origin = own_origin(member, &database.connection);
                let defined = origin.and_then(|origin| line_of(configuration, origin)).unwrap_or_default();
                rows.push(row(format!("  {word} {}", index + 1), member, defined));
            }
        }
    }
    rows
}

/// The file and line of an origin, if it is in a file.
fn line_of(configuration: &Configuration, origin: &Origin) -> Option<String> {
    let location = configuration.sources.locate(origin);
    location.start.map(|start| format!("{}:{}", redact::show_text(&location.path), start.line))
}

/// Where a replica or failover stands: its first setting that it has not from its database.
fn own_origin<'member>(member: &'member Connection, database: &Connection) -> Option<&'member Origin> {
    let is_own = |(key, setting): &(Key, &Setting)| {
        database.settings.get(*key).is_none_or(|inherited| inherited.origin != setting.origin)
    };
    member.settings.iter().find(is_own).map(|(_, setting)| &setting.origin).or_else(|| member.first_origin())
}

fn row(name: String, connection: &Connection, defined: String) -> [String; 8] {
    let settings = &connection.settings;
    let shown = settings.iter().filter(|(key, _)| is_shown(connection, *key));
    let shown: Vec<(Key, &Setting)> = shown.collect();
    let text =
        |key: Key| shown.iter().find(|(known, _)| *known == key).map(|(_, setting)| value(setting)).unwrap_or_default();
    let server = match settings.get(Key::Url) {
        Some(url) => value(url),
        None if connection.is_sqlite() => format!("sqlite {}", text(Key::Path)),
        None => server(connection),
    };
    let engine = connection.engine();
    let server = if matches!(engine.as_str(), "postgresql" | "sqlite") {
        server
    } else {
        format!("{} {server}", redact::show_text(&engine))
    };
    let password = match (settings.get(Key::Password), settings.get(Key::PasswordFile)) {
        (Some(password), _) if !password.value.is_empty() => text(Key::Password),
        (_, Some(file)) => format!("in {}", value(file)),
        _ => String::new(),
    };
    let tls = match settings.get(Key::SslMode) {
        _ if connection.is_sqlite() => String::new(),
        Some(mode) => value(mode),
        None if connection.engine() != "postgresql" || settings.get(Key::Url).is_some() => String::new(),
        None => "prefer".to_owned(),
    };
    let pool = match (text(Key::PoolMin), text(Key::PoolMax), text(Key::PoolOverflow)) {
        (_, max, _) if max.is_empty() => String::new(),
        (min, max, overflow) => {
            let range = if min.is_empty() { max } else { format!("{min}-{max}") };
            if overflow.is_empty() { range } else { format!("{range}+{overflow}") }
        }
    };
    let (database, user) = if connection.is_sqlite() {
        (String::new(), String::new())
    } else {
        (text(Key::Database), text(Key::Username))
    };
    [name, server, database, user, password, tls, pool, defined]
}

/// The rows with the defaults of variables in passwords left out: the longest cells that say the least.
fn shortened(rows: &[[String; 8]]) -> Vec<[String; 8]> {
    const PASSWORD: usize = 4;
    let mut rows = rows.to_vec();
    for row in &mut rows {
        if let Some(end) = row[PASSWORD].find(":-").filter(|_| row[PASSWORD].starts_with("${")) {
            row[PASSWORD] = format!("{}:-...}}", &row[PASSWORD][..end]);
        }
    }
    rows
}

/// `host:port` for each host, or what else says where the server is.
fn server(connection: &Connection) -> String {
    let settings = &connection.settings;
    let text = |key: Key| settings.get(key).map(value);
    let Some(hosts) = text(Key::Host).or_else(|| text(Key::HostAddress)) else {
        let place = match (connection.parameters.get("service"), text(Key::SameServerAs)) {
            (Some(service), _) => return format!("service {}", value(service)),
            // Only an unknown name leaves it open.
            (None, Some(name)) => format!("same server as {name}"),
            (None, None) => "(default socket)".to_owned(),
        };
        return text(Key::Port).map_or_else(|| place.clone(), |port| format!("{place}:{port}"));
    };
    let ports = text(Key::Port).unwrap_or_else(|| "5432".to_owned());
    let ports: Vec<&str> = ports.split(',').collect();
    let pairs = hosts.split(',').enumerate().map(|(index, host)| {
        let port = ports.get(index).or(ports.last()).copied().filter(|port| !port.is_empty()).unwrap_or("5432");
        if host.contains(':') && !host.contains("${") { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    });
    pairs.collect::<Vec<_>>().join(",")
}

fn value(setting: &Setting) -> String {
    redact::escape(&shown(setting)).into_owned()
}

/// The table as text, if there is room for it.
fn draw(header: &[&str], rows: &[impl AsRef<[String]>], shape: Shape) -> Option<String> {
    // A column in which no row says anything is left out.
    let is_used = |column: &usize| rows.iter().any(|row| !row.as_ref()[*column].is_empty());
    let used: Vec<usize> = (0..header.len()).filter(is_used).collect();
    // By hand: a table of cells that wrap and align takes more memory than all the rest for thousands of databases.
    let mut widths: Vec<usize> = used.iter().map(|column| header[*column].width()).collect();
    for row in rows {
        for (width, column) in widths.iter_mut().zip(&used) {
            *width = row.as_ref()[*column].width().max(*width);
        }
    }
    let mut plain = String::with_capacity((rows.len() + 1) * widths.iter().map(|width| width + 2).sum::<usize>());
    push_line(&mut plain, &widths, used.iter().map(|column| header[*column]));
    for row in rows {
        let cells = used.iter().map(|column| match row.as_ref()[*column].as_str() {
            "" => "-",
            text => text,
        });
        push_line(&mut plain, &widths, cells);
    }
    let fits = shape.width.is_none_or(|width| widest(&plain) <= width);
    let first = plain.find('\n').unwrap_or_default();
    let bold = shape.style.bold(&plain[..first]);
    plain.replace_range(..first, &bold);
    fits.then_some(plain)
}

/// Adds a line of cells, each as wide as its column, with two spaces between them.
fn push_line<'cell>(text: &mut String, widths: &[usize], cells: impl Iterator<Item = &'cell str>) {
    let mut gap = 0;
    for (cell, width) in cells.zip(widths) {
        text.extend(iter::repeat_n(' ', gap));
        text.push_str(cell);
        gap = 2 + width - cell.width();
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
}

fn widest(text: &str) -> usize {
    text.lines().map(UnicodeWidthStr::width).max().unwrap_or(0)
}

/// The same rows for a narrow terminal: one block each.
fn cards(rows: &[[String; 8]], shape: Shape) -> String {
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        if index > 0 && !row[0].starts_with(' ') {
            text.push('\n');
        }
        let _ = writeln!(text, "{}", shape.style.bold(&row[0]));
        let indent = if row[0].starts_with(' ') { "    " } else { "  " };
        for (label, value) in HEADER.iter().zip(row).skip(1).filter(|(_, value)| !value.is_empty()) {
            let label = format!("{:<11}", label.to_lowercase());
            let _ = writeln!(text, "{indent}{}{value}", shape.style.faint(&label));
        }
    }
    text
}

fn services(configuration: &Configuration, shape: Shape, is_first: bool) -> String {
    let mut rows: Vec<[String; 3]> = Vec::new();
    for service in &configuration.services {
        for (key, setting) in service.settings.iter() {
            let name = if rows.iter().any(|row| row[0] == service.name) { String::new() } else { service.name.clone() };
            rows.push([name, key.path().to_owned(), value(setting)]);
        }
    }
    let header = ["SERVICE", "KEY", "VALUE"];
    let mut text = if is_first { String::new() } else { "\n".to_owned() };
    if let Some(drawn) = draw_blank(&header, &rows, shape) {
        text.push_str(&drawn);
        return text;
    }
    for row in &rows {
        if !row[0].is_empty() {
            let _ = writeln!(text, "{}", shape.style.bold(&row[0]));
        }
        let _ = writeln!(text, "  {} {}", shape.style.faint(&row[1]), row[2]);
    }
    text
}

/// A table whose empty cells repeat the cell above.
fn draw_blank(header: &[&str; 3], rows: &[[String; 3]], shape: Shape) -> Option<String> {
    let spaced: Vec<[String; 3]> =
        rows.iter().map(|row| row.clone().map(|cell| if cell.is_empty() { " ".to_owned() } else { cell })).collect();
    draw(header, &spaced, shape)
}

/// Every value with its origin, and what uses each database.
fn origins(configuration: &Configuration, shape: Shape) -> String {
    let mut text = String::new();
    for database in &configuration.databases {
        if !text.is_empty() {
            text.push('\n');
        }
        let _ = writeln!(text, "{}", shape.style.bold(&role(&database.role)));
        text.push_str(&lines(&origin_rows(configuration, database), shape));
        text.push_str(&mentions(configuration, database, shape));
    }
    for service in &configuration.services {
        if !text.is_empty() {
            text.push('\n');
        }
        let _ = writeln!(text, "{}", shape.style.bold(&format!("service {}", service.name)));
        let rows: Vec<[String; 3]> = service
            .settings
            .iter()
            .map(|(key, setting)| {
                [key.path().to_owned(), value(setting), configuration.sources.describe(&setting.origin)]
            })
            .collect();
        text.push_str(&lines(&rows, shape));
    }
    text
}

fn origin_rows(configuration: &Configuration, database: &Database) -> Vec<[String; 3]> {
    let mut rows = Vec::new();
    push_rows(configuration, "", &database.connection, &with_defaults_of(&database.connection), &mut rows);
    for (word, members) in [("replicas", &database.replicas), ("failover", &database.failover)] {
        for (index, member) in members.iter().enumerate() {
            push_rows(configuration, &format!("{word}[{index}]."), member, &member.settings, &mut rows);
        }
    }
    rows
}

fn push_rows(
    configuration: &Configuration,
    prefix: &str,
    connection: &Connection,
    settings: &Settings,
    rows: &mut Vec<[String; 3]>,
) {
    let sources = &configuration.sources;
    for (key, setting) in settings.iter().filter(|(key, _)| is_shown(connection, *key)) {
        if setting.value.is_empty() {
            continue;
        }
        rows.push([format!("{prefix}{}", key.path()), value(setting), sources.describe(&setting.origin)]);
        for loss in setting.lost.iter() {
            let lost = value(&Setting::new(loss.value.clone(), loss.origin.clone()));
            rows.push([String::new(), format!("not {lost}"), sources.describe(&loss.origin)]);
        }
    }
    for (name, setting) in connection.parameters.iter() {
        let shown = redact::escape(&shown(setting)).into_owned();
        let name = redact::show_text(name);
        rows.push([format!("{prefix}parameters.{name}"), shown, sources.describe(&setting.origin)]);
    }
}

fn mentions(configuration: &Configuration, database: &Database, shape: Shape) -> String {
    let sources = &configuration.sources;
    let mut text = String::new();
    for used in &database.used_by {
        let location = sources.locate(&used.origin);
        let key = location.key.map(|key| key.to_string()).unwrap_or_default();
        let _ = writeln!(text, "  {} {key} ({})", shape.style.faint("used by"), sources.describe(&used.origin));
    }
    for definition in database.definitions.iter().filter(|definition| definition.outcome == Outcome::Lost) {
        let name = redact::show_text(&definition.name);
        let place = sources.describe(&definition.origin);
        let _ = writeln!(text, "  {} {name} ({place})", shape.style.faint("not used:"));
    }
    text
}

/// Key, value and origin in columns; below each other where the terminal is too narrow.
fn lines(rows: &[[String; 3]], shape: Shape) -> String {
    let widths = [0, 1].map(|column| rows.iter().map(|row| row[column].width()).max().unwrap_or(0));
    let total = rows.iter().map(|row| 2 + widths[0] + 2 + widths[1] + 2 + row[2].width()).max().unwrap_or(0);
    let is_wide = shape.width.is_none_or(|width| total <= width);
    let mut text = String::new();
    for [key, value, origin] in rows {
        let pad = |cell: &str, width: usize| " ".repeat(width.saturating_sub(cell.width()));
        let faint = shape.style.faint(origin);
        if is_wide {
            let (first, second) = (pad(key, widths[0]), pad(value, widths[1]));
            let _ = writeln!(text, "  {key}{first}  {value}{second}  {faint}");
        } else {
            let name = if key.is_empty() { String::new() } else { format!("{key}: ") };
            let _ = writeln!(text, "  {name}{value}\n      {faint}");
        }
    }
    text
}

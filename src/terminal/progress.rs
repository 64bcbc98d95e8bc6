//! What a probe is doing, on standard error while it runs: the bad news so far, the targets that have their turn, and a
//! count. It goes away when the result comes, and is never drawn where standard error is no terminal.
//!
//! Events only change a state; indicatif asks for the lines ten times a second, so that thousands of events cost no more
//! than a few. It leaves the cursor alone.

use std::fmt::{self, Write as _};
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use dialoguer::console::{Style, Term};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::model::health::{Event, Events, Stage, Status, Subject, TargetHealth};
use crate::redact;

use super::theme;

/// So many targets that have their turn are shown.
const RUNNING: usize = 8;

/// So many results that are bad news are shown.
const NEWS: usize = 6;

/// The time between two drawings.
const TICK: Duration = Duration::from_millis(100);

/// The progress of a run, drawn until it is dropped.
pub struct Progress {
    /// None where nothing is drawn.
    drawn: Option<(ProgressBar, Arc<Mutex<State>>)>,
}

/// What is known of the run so far.
#[derive(Debug)]
struct State {
    total: usize,
    since: Instant,
    /// The targets that have their turn, in the order in which they got it.
    running: Vec<Running>,
    /// How many ended as healthy, not measured, degraded and down.
    done: [usize; 4],
    /// The first results that are bad news.
    news: Vec<(Status, String)>,
    is_coloured: bool,
}

/// A target that has its turn.
#[derive(Debug)]
struct Running {
    subject: Subject,
    since: Instant,
    endpoint: String,
    stage: Option<Stage>,
    /// Which attempt of how many.
    attempt: (u32, u32),
}

impl Progress {
    /// The progress of a run over so many targets; drawn if standard error is a terminal.
    pub fn new(total: usize, is_coloured: bool) -> Self {
        Self::on(total, is_coloured, io::stderr().is_terminal())
    }

    fn on(total: usize, is_coloured: bool, is_terminal: bool) -> Self {
        if !is_terminal {
            return Self { drawn: None };
        }
        let state = Arc::new(Mutex::new(State::new(total, is_coloured)));
        let shared = Arc::clone(&state);
        let lines = move |_: &ProgressState, out: &mut dyn fmt::Write| {
            let (rows, columns) = Term::stderr().size();
            let lines = lock(&shared).lines(rows.into(), columns.into(), Instant::now());
            // indicatif collects the text; nothing can fail.
            let _ = out.write_str(&lines.join("\n"));
        };
        let Ok(style) = ProgressStyle::with_template("{lines}") else { return Self { drawn: None } };
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
        bar.set_style(style.with_key("lines", lines));
        bar.enable_steady_tick(TICK);
        Self { drawn: Some((bar, state)) }
    }

    /// Writes a line of a log to standard error, above what is drawn.
    pub fn say(&self, line: &str) {
        match &self.drawn {
            Some((bar, _)) => bar.println(line),
            // Nobody is left to be told if standard error is closed.
            None => drop(writeln!(io::stderr(), "{line}")),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((bar, _)) = &self.drawn {
            bar.finish_and_clear();
        }
    }
}

impl Events for Progress {
    fn event(&self, event: Event<'_>) {
        if let Some((_, state)) = &self.drawn {
            lock(state).event(&event, Instant::now());
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn new(total: usize, is_coloured: bool) -> Self {
        let since = Instant::now();
        Self { total, since, running: Vec::new(), done: [0; 4], news: Vec::new(), is_coloured }
    }

    fn event(&mut self, event: &Event<'_>, now: Instant) {
        match event {
            Event::Started { subject } => self.running.push(Running {
                subject: (*subject).clone(),
                since: now,
                endpoint: String::new(),
                stage: None,
                attempt: (0, 0),
            }),
            Event::Attempt { subject, endpoint, number, of, .. } => {
                if let Some(running) = self.of(subject) {
                    (*endpoint).clone_into(&mut running.endpoint);
                    running.attempt = (*number, *of);
                    running.stage = None;
                }
            }
            Event::Stage { subject, stage } => {
                if let Some(running) = self.of(subject) {
                    running.stage = Some(*stage);
                }
            }
            // The next attempt, or the end, says more.
            Event::Failed { .. } => {}
            Event::Finished { target } => self.finished(target),
        }
    }

    fn of(&mut self, subject: &Subject) -> Option<&mut Running> {
        self.running.iter_mut().find(|running| running.subject == *subject)
    }

    fn finished(&mut self, target: &TargetHealth) {
        self.running.retain(|running| running.subject != target.subject);
        self.done[index(target.status)] += 1;
        if matches!(target.status, Status::Healthy | Status::NotMeasured) || self.news.len() == NEWS {
            return;
        }
        let mut line = redact::show_text(&target.subject.name());
        if let Some(failure) = &target.failure {
            let _ = write!(line, ": {}", redact::show_said(&failure.message));
        }
        self.news.push((target.status, line));
    }

    /// What is drawn on a terminal of so many rows and columns: never more than it holds, so that nothing scrolls away.
    fn lines(&self, rows: usize, columns: usize, now: Instant) -> Vec<String> {
        // A line that ends in the last column would move the cursor to the next one.
        let columns = columns.saturating_sub(1).max(1);
        let mut room = rows.saturating_sub(2);
        let mut lines = Vec::new();
        for (status, news) in self.news.iter().take(room.saturating_sub(2)) {
            let word = format!("{:8}", status.name());
            let cut = theme::cut(&format!("{word} {news}"), columns);
            let painted = cut.strip_prefix(&word).map(|rest| format!("{}{rest}", self.painted(*status, &word)));
            lines.push(painted.unwrap_or(cut));
        }
        room = room.saturating_sub(lines.len());
        let most = if self.running.len() <= room.min(RUNNING) { RUNNING } else { RUNNING.min(room.saturating_sub(1)) };
        let shown = &self.running[..most.min(self.running.len())];
        let name = |running: &Running| redact::show_text(&running.subject.name());
        let widest = shown.iter().map(|running| name(running).chars().count()).max().unwrap_or(0);
        for running in shown {
            let stage = running.stage.map_or("", Stage::name);
            let attempt = match running.attempt {
                (number, of) if number > 1 => format!("  attempt {number} of {of}"),
                _ => String::new(),
            };
            let (name, endpoint) = (name(running), redact::escape(&running.endpoint));
            let time = seconds(now.saturating_duration_since(running.since));
            let line = format!("{name:widest$}  {stage:9}  {time:>6}  {endpoint}{attempt}");
            lines.push(theme::cut(line.trim_end(), columns));
        }
        if self.running.len() > shown.len() {
            lines.push(theme::cut(&format!("and {} more", self.running.len() - shown.len()), columns));
        }
        lines.push(theme::cut(&self.count(now), columns));
        lines
    }

    /// `3/12  1 down, 2 healthy  4.2 s`
    fn count(&self, now: Instant) -> String {
        let done: usize = self.done.iter().sum();
        let mut parts = vec![format!("{done}/{}", self.total)];
        let counts = STATUSES.into_iter().map(|status| (status, self.done[index(status)]));
        let counts = counts.filter(|(_, count)| *count > 0).map(|(status, count)| format!("{count} {status}"));
        let counts: Vec<String> = counts.collect();
        if !counts.is_empty() {
            parts.push(counts.join(", "));
        }
        parts.push(seconds(now.saturating_duration_since(self.since)));
        parts.join("  ")
    }

    fn painted(&self, status: Status, text: &str) -> String {
        if !self.is_coloured {
            return text.to_owned();
        }
        let style = Style::new().force_styling(true).bold();
        let style = if status == Status::Down { style.red() } else { style.yellow() };
        style.apply_to(text).to_string()
    }
}

/// The verdicts, the worst first.
const STATUSES: [Status; 4] = [Status::Down, Status::Degraded, Status::NotMeasured, Status::Healthy];

fn index(status: Status) -> usize {
    match status {
        Status::Healthy => 0,
        Status::NotMeasured => 1,
        Status::Degraded => 2,
        Status::Down => 3,
    }
}

/// `4.2 s`
fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Role;
    use crate::model::health::{Engine, Failure};

    fn started(state: &mut State, names: &[&str], now: Instant) {
        for name in names {
            let subject = Subject::primary(Role::of_name(name));
            state.event(&Event::Started { subject: &subject }, now);
        }
    }

    fn finished(state: &mut State, name: &str, status: Status, message: Option<&str>, now: Instant) {
        let failure = message.map(|message| Failure { message: message.to_owned(), ..Failure::default() });
        let target = TargetHealth {
            subject: Subject::primary(Role::of_name(name)),
            engine: Engine::Postgresql,
            endpoint: String::new(),
            status,
            via: None,
            failure,
            attempts: Vec::new(),
            facts: None,
            remarks: Vec::new(),
            time: Duration::ZERO,
        };
        state.event(&Event::Finished { target: &target }, now);
    }

    #[test]
    fn the_bad_news_stands_above_what_runs() {
        let mut state = State::new(4, false);
        let (start, now) = (state.since, state.since + Duration::from_millis(4_240));
        started(&mut state, &["main", "mlflow", "vector", "archive"], start);
        let subject = Subject::primary(Role::Mlflow);
        let attempt = Event::Attempt {
            subject: &subject,
            endpoint: "db.example.com:5432/mlflow",
            database: Some("mlflow"),
            number: 2,
            of: 3,
            timeout: Duration::from_secs(10),
        };
        state.event(&attempt, start);
        state.event(&Event::Stage { subject: &subject, stage: Stage::Tcp }, start);
        finished(&mut state, "archive", Status::Down, Some("the server \u{1b}[2J says no"), start);
        finished(&mut state, "main", Status::Healthy, None, start);
        let expected = [
            "down     archive: the server \\u{1b}[2J says no",
            "mlflow  tcp         4.2 s  db.example.com:5432/mlflow  attempt 2 of 3",
            "vector              4.2 s",
            "2/4  1 down, 1 healthy  4.2 s",
        ];
        assert_eq!(state.lines(24, 80, now), expected);
        // Nothing is wider than a narrow terminal.
        let narrow = state.lines(24, 30, now);
        assert_eq!(narrow.len(), expected.len());
        assert!(narrow.iter().all(|line| line.chars().count() < 30), "{narrow:?}");
    }

    #[test]
    fn many_targets_have_few_lines() {
        let mut state = State::new(100, false);
        let now = state.since;
        let names: Vec<String> = (0..50).map(|index| format!("db{index}")).collect();
        started(&mut state, &names.iter().map(String::as_str).collect::<Vec<_>>(), now);
        let lines = state.lines(24, 80, now);
        assert_eq!((lines.len(), lines[8].as_str(), lines[9].as_str()), (10, "and 42 more", "0/100  0.0 s"));
        for index in 0..20 {
            finished(&mut state, &format!("db{index}"), Status::Down, Some("refused"), now);
        }
        for rows in 1..40 {
            let lines = state.lines(rows, 80, now);
            assert!(lines.len() <= rows.max(3), "{rows} rows: {lines:?}");
            assert_eq!(lines.last().map(String::as_str), Some("20/100  20 down  0.0 s"));
        }
    }

    #[test]
    fn nothing_is_drawn_without_a_terminal() {
        assert!(Progress::on(3, true, false).drawn.is_none());
    }
}

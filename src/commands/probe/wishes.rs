//! What `probe` was asked for: what was typed, behind it the variables `DBCFG_*`, and behind these the settings.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, bail};

use crate::cli::{LogLevel, Probe, ProbeFailOn, ProbeFormat, Watch};
use crate::layouts::{Names, is_database_url};
use crate::load::{Loaded, Request};
use crate::model::health::Status;
use crate::model::measure;
use crate::probe::{Environment, Options, Which};
use crate::redact::{self, Secret};
use crate::settings;

use super::super::input::{connection_string, standard_input};
use super::super::output::Output;
use super::super::variables::{measured, report_argument, rules_of, value};
use super::password;

/// What `probe` was asked for, as far as that needs no file of the configuration.
pub(super) struct Wishes {
    /// What is read.
    pub(super) request: Request,
    /// Whether the working directory is read, because nothing was named.
    pub(super) is_default: bool,
    /// Which targets are wanted.
    pub(super) which: Which,
    /// How the result is printed.
    pub(super) format: ProbeFormat,
    /// The reports that are written besides.
    pub(super) reports: Vec<(ProbeFormat, PathBuf)>,
    /// The rules and groups that are selected.
    pub(super) select: Vec<String>,
    /// The rules and groups that are ignored.
    pub(super) ignore: Vec<String>,
    /// How often it is done.
    pub(super) pace: Pace,
    /// How much is logged.
    pub(super) level: LogLevel,
    /// How much memory the server has, in bytes, if somebody said so.
    pub(super) server_memory: Option<u64>,
    fail_on: Option<ProbeFailOn>,
    tries: Tries,
    is_deep: bool,
    password: Option<Secret>,
    environment: Environment,
}

/// How often it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// Once.
    Once,
    /// Until all are healthy, but no longer than this.
    Wait(Duration),
    /// Until somebody ends it, with a pause of this between the beginnings of two rounds.
    Watch(Duration),
}

/// How targets are tried, typed or from variables. None leaves it to what is behind them.
#[derive(Clone, Copy, Debug, Default)]
struct Tries {
    timeout: Option<Duration>,
    attempts: Option<u32>,
    deadline: Option<Duration>,
    jobs: Option<u32>,
    per_server: Option<u32>,
}

impl Wishes {
    /// Puts together what was typed and the variables. What is wrong with it is an error; what a person should know is
    /// told.
    pub(super) fn new(arguments: &Probe, output: Output) -> Result<Self> {
        let (names, pace) = names_and_pace(arguments)?;
        let which = which(arguments, names)?;
        if let Some(scheme) = arguments.config.iter().find_map(|path| connection_string(path)) {
            bail!("`--config` takes a path, and this is a {scheme}; `--url` takes one");
        }
        let variables: Vec<(String, String)> = variables();
        let wishes = Self {
            request: Request::default(),
            is_default: arguments.config.is_empty() && arguments.url.is_none(),
            which,
            format: format(arguments, pace)?,
            reports: arguments
                .report
                .iter()
                .map(|it| report_argument(it, "json=health.json"))
                .collect::<Result<_>>()?,
            select: rules_of(&arguments.select, "--select", "DBCFG_SELECT")?,
            ignore: rules_of(&arguments.ignore, "--ignore", "DBCFG_IGNORE")?,
            pace,
            level: level(arguments)?,
            server_memory: arguments.server_memory,
            fail_on: value(arguments.fail_on, "DBCFG_PROBE_FAIL_ON")?,
            tries: Tries::new(arguments)?,
            is_deep: arguments.deep,
            password: arguments.password_file.as_deref().map(|path| password::read(path, output)).transpose()?,
            environment: variables.iter().cloned().collect(),
        };
        // Only now, since it may wait for somebody to type.
        let url = url(arguments, output)?;
        let has_files = !arguments.config.is_empty() || url.is_none();
        let paths = if wishes.is_default { vec![PathBuf::from(".")] } else { arguments.config.clone() };
        // Of a URL alone, nothing else is to be known: another database of the environment is not what was asked for.
        let process = has_files.then_some(variables);
        let environment = arguments.env.clone();
        let request = Request { paths, stdin: None, url, process, environment, names: Names::default() };
        Ok(Self { request, ..wishes })
    }

    /// How the targets of a configuration are tried.
    pub(super) fn options(&self, loaded: &Loaded) -> Options {
        let (typed, set) = (self.tries, loaded.settings.probe);
        let whole = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
        let defaults = Options::default();
        // Whoever waits tries again anyway, and sooner knows that all is well.
        let waits = matches!(self.pace, Pace::Wait(limit) if !limit.is_zero());
        Options {
            timeout: typed.timeout.or(set.timeout),
            attempts: typed.attempts.or(set.attempts).or(waits.then_some(1)),
            deadline: typed.deadline.or(set.deadline),
            jobs: typed.jobs.or(set.jobs).map(whole),
            per_server: typed.per_server.or(set.per_server).map_or(defaults.per_server, whole),
            is_deep: self.is_deep,
            password: self.password.clone(),
            environment: self.environment.clone(),
            base: loaded.base.clone(),
        }
    }

    /// From which verdict on the status is 1.
    pub(super) fn fail_on(&self, set: settings::Probe) -> ProbeFailOn {
        self.fail_on.unwrap_or(match set.fail_on {
            Some(Status::Down) => ProbeFailOn::Down,
            _ => ProbeFailOn::Degraded,
        })
    }
}

impl Tries {
    fn new(arguments: &Probe) -> Result<Self> {
        Ok(Self {
            timeout: measured(arguments.timeout, "DBCFG_PROBE_TIMEOUT", measure::some_duration)?,
            attempts: measured(arguments.attempts, "DBCFG_PROBE_ATTEMPTS", measure::count)?,
            deadline: measured(arguments.deadline, "DBCFG_PROBE_DEADLINE", measure::some_duration)?,
            jobs: measured(arguments.jobs, "DBCFG_PROBE_JOBS", measure::count)?,
            per_server: measured(arguments.per_server, "DBCFG_PROBE_PER_SERVER", measure::count)?,
        })
    }
}

/// The format that was typed, or that the variable names.
pub(super) fn wanted_format(typed: Option<ProbeFormat>) -> Result<ProbeFormat> {
    Ok(value(typed, "DBCFG_PROBE_FORMAT")?.unwrap_or(ProbeFormat::Human))
}

fn format(arguments: &Probe, pace: Pace) -> Result<ProbeFormat> {
    let format = wanted_format(arguments.format)?;
    if matches!(pace, Pace::Watch(_)) && !matches!(format, ProbeFormat::Human | ProbeFormat::Json) {
        bail!("`--watch` prints human or json; `--report FORMAT=PATH` writes the others in each round");
    }
    Ok(format)
}

/// What was typed as names, and how often it is done.
fn names_and_pace(arguments: &Probe) -> Result<(Vec<String>, Pace)> {
    let mut names = arguments.names.clone();
    let pace = match (&arguments.watch, arguments.wait) {
        (Some(Watch::Every(interval)), _) if *interval < SHORTEST => {
            bail!("`--watch` probes every second at most: each round is a login at every server");
        }
        (Some(Watch::Every(interval)), _) => Pace::Watch(*interval),
        (Some(Watch::Name(name)), _) => {
            names.push(name.clone());
            Pace::Watch(INTERVAL)
        }
        (None, Some(limit)) => Pace::Wait(limit),
        (None, None) => Pace::Once,
    };
    Ok((names, pace))
}

/// How often `--watch` probes at most.
const SHORTEST: Duration = Duration::from_secs(1);

/// How often `--watch` probes unless somebody says otherwise.
const INTERVAL: Duration = Duration::from_secs(10);

fn which(arguments: &Probe, names: Vec<String>) -> Result<Which> {
    if arguments.all && !names.is_empty() {
        bail!("`--all` does not go with names");
    }
    if let Some(scheme) = names.iter().find_map(|name| connection_string(Path::new(name))) {
        bail!("a name is expected, and this is a {scheme}; `--url` takes one");
    }
    // What a URL alone defines is all that there is.
    let is_url_alone = arguments.url.is_some() && arguments.config.is_empty();
    Ok(match names.is_empty() {
        false => Which::Named(names),
        true if arguments.all || is_url_alone => Which::All,
        true => Which::Roles,
    })
}

fn level(arguments: &Probe) -> Result<LogLevel> {
    Ok(match arguments.verbose {
        0 => value(None, "DBCFG_LOG")?.unwrap_or(LogLevel::Off),
        1 => LogLevel::Info,
        _ => LogLevel::Debug,
    })
}

fn url(arguments: &Probe, output: Output) -> Result<Option<Secret>> {
    let Some(typed) = &arguments.url else { return Ok(None) };
    let url = match typed.as_str() {
        "-" => String::from_utf8_lossy(&standard_input(None)?.bytes).trim().to_owned(),
        url => url.to_owned(),
    };
    // What it says is not repeated: it may be a password.
    if !is_database_url(&url) {
        bail!("`--url` takes a connection string: postgresql://user@host:5432/database, or host=... dbname=...");
    }
    if typed != "-" && redact::mask_text(&url) != url {
        output.talk(PASSWORD_IN_URL);
    }
    Ok(Some(Secret::new(url)))
}

/// What is told of a password on the command line.
const PASSWORD_IN_URL: &str = "\
The password in --url can be seen in the list of processes, and may stay in the history of the shell;
`--url -` reads it from standard input, and --password-file from a file.
";

/// The process environment. A name or value that is not UTF-8 cannot be one that anybody here knows.
fn variables() -> Vec<(String, String)> {
    env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect()
}

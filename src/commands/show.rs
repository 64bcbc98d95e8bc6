//! `dbcfg show`: what a configuration comes down to.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::cli::{Format, Show};
use crate::exit::ExitStatus;
use crate::layouts::is_database_url;
use crate::load::{self, Loaded, Request};
use crate::redact::{self, Secret};
use crate::report::{self, Shape, View};

use super::input::{connection_string, explain, standard_input};
use super::output::Output;

pub(super) fn run(arguments: &Show, output: Output) -> Result<ExitStatus> {
    let request = request(arguments)?;
    let named_paths = !arguments.paths.is_empty();
    let loaded = load::load(&request).map_err(|error| explain(&error))?;
    if !output.is_quiet {
        let style = output.talk_style();
        output.talk(&report::findings(&loaded.configuration.sources, &loaded.findings, style, Output::talk_width()));
        if let Some(ends) = report::ends(&loaded.findings, style) {
            output.talk(&format!("{ends}\n"));
        }
    }
    remark(&loaded, output);
    let text = render(arguments, &loaded, output);
    Output::result(&text)?;
    let status = status(arguments, &loaded, named_paths);
    // The process ends here: giving back the values of thousands of files one by one would only take time.
    std::mem::forget(loaded);
    Ok(status)
}

fn request(arguments: &Show) -> Result<Request> {
    let is_stdin = |path: &PathBuf| path == Path::new("-");
    let mut paths: Vec<PathBuf> = arguments.paths.iter().filter(|path| !is_stdin(path)).cloned().collect();
    if let Some(scheme) = paths.iter().find_map(|path| connection_string(path)) {
        bail!("a path is expected, and this is a {scheme}; `--url` takes one");
    }
    if arguments.stdin_filename.as_deref().is_some_and(|name| connection_string(Path::new(name)).is_some()) {
        bail!("`--stdin-filename` takes the name of a file, and this is none; `--url` takes a connection string");
    }
    let wants_stdin = arguments.paths.iter().any(is_stdin);
    let url_from_stdin = arguments.url.as_deref() == Some("-");
    if wants_stdin && url_from_stdin {
        bail!("standard input can be the file or the URL, not both");
    }
    let stdin = wants_stdin.then(|| standard_input(arguments.stdin_filename.as_deref())).transpose()?;
    let url = match &arguments.url {
        Some(_) if url_from_stdin => Some(String::from_utf8_lossy(&standard_input(None)?.bytes).trim().to_owned()),
        url => url.clone(),
    };
    // What it says is not repeated: it may be a password.
    if url.as_deref().is_some_and(|url| !is_database_url(url)) {
        bail!("`--url` takes a connection string: postgresql://user@host:5432/database, or host=... dbname=...");
    }
    if paths.is_empty() && stdin.is_none() && url.is_none() {
        paths.push(PathBuf::from("."));
    }
    // A name or value that is not UTF-8 cannot be a setting that dbcfg knows.
    let process =
        env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    Ok(Request {
        paths,
        stdin,
        url: url.map(Secret::new),
        process: Some(process.collect()),
        environment: arguments.env.clone(),
        names: crate::layouts::Names::default(),
    })
}

/// What is not a finding, but would leave a person wondering.
fn remark(loaded: &Loaded, output: Output) {
    let configuration = &loaded.configuration;
    if !loaded.unchosen.is_empty() {
        let names: Vec<String> = loaded.unchosen.iter().map(|name| format!("`{}`", redact::show_text(name))).collect();
        output.talk(&format!("{} are alternatives; choose one with --env.\n", names.join(" and ")));
        return;
    }
    if !loaded.is_empty() {
        return;
    }
    if !configuration.environments.is_empty() && configuration.environment.is_none() {
        let known: Vec<String> = configuration.environments.iter().map(|name| redact::show_text(name)).collect();
        let remark = format!("Nothing is defined outside an environment; choose one with --env: {}.", known.join(", "));
        output.talk(&format!("{remark}\n"));
    } else if !loaded.has_unreadable {
        output.talk("No database settings were found.\n");
    }
}

fn render(arguments: &Show, loaded: &Loaded, output: Output) -> String {
    let configuration = &loaded.configuration;
    let view = || report::view(configuration, View { has_origins: arguments.origins });
    match arguments.format {
        Format::Table => {
            let shape = Shape { width: Output::width(), has_origins: arguments.origins, style: output.result_style() };
            report::table(configuration, shape)
        }
        Format::Yaml => view().to_yaml(),
        Format::Toml => view().to_toml(),
        Format::Json => view().to_json(),
    }
}

fn status(arguments: &Show, loaded: &Loaded, named_paths: bool) -> ExitStatus {
    let is_nothing = !named_paths
        && arguments.url.is_none()
        && loaded.configuration.sources.iter().all(|(_, source)| source.document.is_none())
        && loaded.is_empty();
    let limit = arguments.fail_on.severity();
    if loaded.has_unreadable || is_nothing {
        ExitStatus::Failure
    } else if limit.is_some_and(|limit| loaded.worst().is_some_and(|worst| worst >= limit)) {
        ExitStatus::Findings
    } else {
        ExitStatus::Success
    }
}

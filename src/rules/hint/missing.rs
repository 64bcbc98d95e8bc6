//! Hints about targets that could not be tried, since the configuration does not say enough.

use crate::model::health::{Cause, Subject};
use crate::model::{Configuration, Key, Setting};
use crate::redact::show_text;
use crate::rules::{placeholder, server};

use super::scene::Scene;

pub(super) fn hint(scene: &Scene<'_>) -> Option<String> {
    let settings = scene.configuration.settings(&scene.target.subject)?;
    let Some(key) = key(scene.configuration, &scene.target.subject) else {
        let name = scene.name();
        return (scene.cause() == Cause::NoPlace).then(|| format!("write where {name} is: its host, a URL, or a path"));
    };
    let setting = settings.get(key)?;
    let at = scene.at(&[key]);
    if let Some(variable) = missing(setting) {
        let variable = show_text(variable);
        let how = if matches!(key, Key::Password) || crate::redact::is_secret_name(&variable) {
            "run it under your secret loader"
        } else {
            "set it"
        };
        let again = scene.again("");
        return Some(format!("`{variable}`{at} has no value here: {how}, then {again}"));
    }
    let what = key.path();
    if left(setting).is_none() {
        let again = scene.again("");
        return Some(format!("{what}{at} waits for another program to fill it in: have that done, then {again}"));
    }
    Some(format!("{what}{at} is a placeholder: write the real one (`dbcfg explain placeholder-value`)"))
}

/// The first key whose value is not known.
pub(super) fn key(configuration: &Configuration, subject: &Subject) -> Option<Key> {
    let settings = configuration.settings(subject)?;
    let waits = |setting: &Setting| {
        // A password may have such signs in it.
        let is_open = |text: String| !server::is_hidden(setting) && server::is_open(&text);
        missing(setting).is_some() || left(setting).is_some() || setting.effective().is_some_and(is_open)
    };
    settings.iter().find(|(_, setting)| waits(setting)).map(|(key, _)| key)
}

/// The placeholder that somebody was to replace.
fn left(setting: &Setting) -> Option<String> {
    placeholder::left_in(&setting.effective()?).map(str::to_owned)
}

/// The first variable of a value that is not known.
fn missing(setting: &Setting) -> Option<&str> {
    setting.resolution.as_deref()?.missing.first().map(String::as_str)
}

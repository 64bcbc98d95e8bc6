//! Hints about targets that could not be tried, since the configuration does not say enough.

use crate::model::health::{Cause, Subject};
use crate::model::{Configuration, Key, Setting};
use crate::redact::show_text;
use crate::rules::{command, placeholder};

use super::scene::Scene;

pub(super) fn hint(scene: &Scene<'_>) -> Option<String> {
    let name = scene.name();
    let settings = scene.configuration.settings(&scene.target.subject)?;
    let Some(key) = key(scene.configuration, &scene.target.subject) else {
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
        let again = command::quoted(&name);
        return Some(format!("`{variable}`{at} has no value here: {how}, then `dbcfg probe {again}`"));
    }
    let what = key.path();
    Some(format!("{what}{at} is a placeholder: write the real one (`dbcfg explain placeholder-value`)"))
}

/// The first key whose value is not known.
pub(super) fn key(configuration: &Configuration, subject: &Subject) -> Option<Key> {
    let settings = configuration.settings(subject)?;
    let is_left = |setting: &Setting| {
        missing(setting).is_some() || setting.effective().is_some_and(|text| placeholder::left_in(&text).is_some())
    };
    settings.iter().find(|(_, setting)| is_left(setting)).map(|(key, _)| key)
}

/// The first variable of a value that is not known.
fn missing(setting: &Setting) -> Option<&str> {
    setting.resolution.as_deref()?.missing.first().map(String::as_str)
}

//! `shared-password`.

use std::collections::HashMap;

use crate::finding::Finding;
use crate::model::{Key, Origin};
use crate::redact::show_text;
use crate::rules::{Case, Site, password};

rule! {
    /// One password that stands at two places, for two users or two servers.
    ///
    /// One user of one server has one password, so databases that share their user share it rightly.
    /// A variable that several databases refer to stands at one place, and is not found.
    ///
    /// # Why it matters
    /// Whoever gets hold of one of the databases has the other too, and a change of the password has to be made at
    /// every place at once.
    /// # How to mend it
    /// Give each user a password of its own.
    /// # Example
    /// ```env
    /// POSTGRES_HOST=db.example.com
    /// POSTGRES_USER=app_user
    /// POSTGRES_PASSWORD=hunter2
    /// MLFLOW_POSTGRES_HOST=db.example.com
    /// MLFLOW_POSTGRES_USER=mlflow_user
    /// MLFLOW_POSTGRES_PASSWORD=hunter2
    /// ```
    "shared-password": Secrets, Info
}

/// Who logs in where: host, port and user.
type Login = [Option<String>; 3];

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let mut first: HashMap<String, (String, Login, Origin)> = HashMap::new();
    for site in case.primaries() {
        let Some(setting) = site.get(Key::Password) else { continue };
        let Some(password) = password::literal(case, setting) else { continue };
        let login = login(&site);
        let names = [login[2].as_deref(), None];
        if password::is_local(case, site.connection) || crate::rules::secret::is_well_known(&password.text, &names) {
            continue;
        }
        let Some((what, other, origin)) = first.get(&password.text) else {
            first.insert(password.text, (site.what(), login, password.origin));
            continue;
        };
        if *other == login || *origin == password.origin {
            continue;
        }
        let message = format!("{} has the same password as {what}", show_text(&site.what()));
        findings.push(
            Finding::new(&INFO, password.origin, message)
                .help("give each user a password of its own")
                .related(origin.clone(), "the same password"),
        );
    }
}

fn login(site: &Site<'_>) -> Login {
    [site.known(Key::Host), site.known(Key::Port).or_else(|| Some("5432".to_owned())), site.known(Key::Username)]
}

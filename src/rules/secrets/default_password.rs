//! `default-password`.

use crate::finding::Finding;
use crate::rules::{Case, password};

rule! {
    /// A password that everybody knows, for a database that others can reach.
    ///
    /// Known are the passwords of images and tutorials (`postgres`, `password`, `mysecretpassword`, `minioadmin`), the
    /// first that anybody tries (`admin`, `123456`, `secret`), and the name of the user or of the database itself.
    /// They are found in every file, in `.env` and in URLs too.
    /// On the own machine, in a container beside the application and in development they are usual, and not found.
    ///
    /// # Why it matters
    /// Programs that look for open databases try these first, and need no copy of the file.
    /// # How to mend it
    /// Give the user a random password (`openssl rand -base64 24`), and hand it over through a variable.
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     username: postgres
    ///     password: postgres
    /// ```
    "default-password": Secrets, Warning, raised in production
}

pub(super) fn judge(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for password in password::all(case) {
        if password.is_local || !password.is_well_known() {
            continue;
        }
        let message = format!("{} is one that everybody knows", password.what);
        findings.push(
            Finding::new(&INFO, password.origin.clone(), message)
                .help("set a random one on the server, and hand it over through a variable"),
        );
    }
}

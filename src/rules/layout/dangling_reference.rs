//! `dangling-reference`: met while reading.

rule! {
    /// A reference to a section or key that is not there.
    ///
    /// Found are `credential_ref`, `same_server_as`, MLflow's `backend_options`, and `${section.key}`, as well as a
    /// `same_server_as` that ends at itself.
    ///
    /// # Why it matters
    /// What was to come from there is missing: the host, the password, the whole server.
    /// Whoever follows the reference stops with an error, or connects with what is left.
    ///
    /// # How to mend it
    /// Name the section as it is called in the file, or define it.
    ///
    /// # Example
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     database: app
    ///   mlflow:
    ///     same_server_as: mian
    ///     database: mlflow_db
    /// ```
    /// Mended:
    /// ```yaml
    /// databases:
    ///   main:
    ///     host: db.example.com
    ///     database: app
    ///   mlflow:
    ///     same_server_as: main
    ///     database: mlflow_db
    /// ```
    "dangling-reference": Layout, Error
}

//! `role-inferred`: met while reading.

rule! {
    /// A description that does not say which database it is of.
    ///
    /// `DATABASE_*` and `DB_*` may be any database's.
    /// They are taken for the role that the database's name tells (`mlflow_db`, `vector_db`), else for main.
    ///
    /// # Why it matters
    /// The guess may be wrong, and with it everything that is said about main.
    ///
    /// # How to mend it
    /// Use names that tell the role: `POSTGRES_*` for main, `MLFLOW_POSTGRES_*`, `VECTOR_POSTGRES_*`; in settings files
    /// `databases: {main, mlflow, vector}`.
    ///
    /// # Example
    /// ```env
    /// DATABASE_HOST=db.example.com
    /// DATABASE_NAME=mlflow_db
    /// DATABASE_USER=mlflow_user
    /// ```
    /// Mended:
    /// ```env
    /// MLFLOW_POSTGRES_HOST=db.example.com
    /// MLFLOW_POSTGRES_DB=mlflow_db
    /// MLFLOW_POSTGRES_USER=mlflow_user
    /// ```
    "role-inferred": Layout, Info
}

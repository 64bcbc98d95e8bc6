//! `hostile-input`: met while reading.

rule! {
    /// A file that would exhaust whoever reads it.
    ///
    /// Found are files above 16 MiB, more than a million keys and values, values nested more than some 250 levels deep,
    /// and aliases of YAML that stand for more than two million values or for themselves.
    /// dbcfg stops at the limit and judges what precedes.
    ///
    /// # Why it matters
    /// A parser without limits runs out of memory or of stack on such a file, or takes minutes for it.
    /// That is how a service is stopped by whoever may change one of its files.
    ///
    /// # How to mend it
    /// If the file is no settings file, leave it out with `exclude` in `dbcfg.toml`.
    /// If it is one, look for brackets that are never closed, and replace aliases of aliases by what they stand for.
    ///
    /// # Example
    /// ```yaml
    /// a: &a [x, x, x, x, x, x, x, x, x, x]
    /// b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
    /// c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
    /// d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
    /// e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]
    /// f: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]
    /// g: &g [*f, *f, *f, *f, *f, *f, *f, *f, *f, *f]
    /// h: *g
    /// databases:
    ///   main:
    ///     host: db.example.com
    /// ```
    "hostile-input": Syntax, Error
}

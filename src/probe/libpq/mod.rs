//! What libpq would make of a connection: its own defaults, `PG*` variables, service files and `.pgpass`.

//! The one integration test binary: a file per command, the builder that they share, and the invariants.
//!
//! One binary is linked once; a file of tests that is not named here does not run, which `tidy` notices.

mod canary;
mod check;
mod check_formats;
mod check_output;
mod explain;
mod fix;
mod hints;
mod hostile;
mod layouts;
mod mentions;
mod migrate_command;
mod migrate_fixtures;
mod migrate_properties;
mod migrate_terminal;
mod migrating;
mod parts;
mod probe_command;
mod probe_contract;
mod probe_deep;
mod probe_failover;
mod probe_hostile;
mod probe_live;
mod probe_network;
mod probe_pace;
mod probe_passwords;
mod probe_postgres;
mod probe_services;
mod probe_tls;
mod probing;
mod readme;
mod rule_texts;
mod rules;
mod servers;
mod session;
mod show;
mod streams;
mod support;
mod system_calls;
mod tidy;
mod writing;
mod writing_fixtures;
mod writing_killed;
mod writing_rights;
mod writing_undo;

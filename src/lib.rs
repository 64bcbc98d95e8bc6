//! dbcfg: the doctor and migration tool for database configuration, as a library.
//!
//! A value goes one way: [`load`] finds the files that belong together and reads their bytes; [`document`] makes a
//! tree of each, with the place of every key and value; [`layouts`] say what the sections of a tree define;
//! [`normalize`] decides what all definitions come down to, and keeps what lost; the result is plain data of
//! [`model`], with an origin for each value and [`finding`]s for what is wrong; [`report`] prints it, masked and
//! escaped.
//!
//! It goes back in two steps: [`rewrite::plan`] says what the files are to become, as a draft of [`document::edit`] whose
//! text is read again and has to mean the same; [`mod@rewrite::write`] puts the texts into the files, each wholly or not at
//! all. What only a person can decide, [`terminal`] asks.
//!
//! And it looks outside: [`probe`] makes targets of the same model, connects to them, and hands back plain data again
//! ([`model::health`]): how far each came, and what its server said. The live rules of [`rules`] judge that, and
//! [`report::health`] prints both.
//!
//! # Who may import whom
//!
//! `tests/tidy.rs` tests this table; change both together. "Above" means the lines above, with what they may import.
//!
//! | module | may import | never |
//! |---|---|---|
//! | redact, exit | nothing of ours | anything else |
//! | document, connstr, template | redact | anything else of ours |
//! | model | the lines above | the rest |
//! | finding | model and above | layouts, rules, report |
//! | settings | finding and above | layouts, rules, probe, rewrite, report |
//! | rules | settings and above | layouts, load, probe, rewrite, report, tokio, the file system |
//! | layouts | finding and above; of rules, what a rule is called | probe, rewrite, report, the file system, the process environment |
//! | normalize | the same, and layouts | probe, rewrite, report |
//! | load | the lines above; the file system | probe, rewrite, report, terminal |
//! | probe | model and above | layouts, rules, finding, rewrite, report, terminal |
//! | rewrite | normalize and above, not rules | probe, report, terminal |
//! | export, compare | finding and above | layouts, rules, probe, rewrite, report |
//! | report | finding and above | layouts, rules, probe, rewrite |
//! | terminal | model and above | the rest |
//! | cli | finding and above | layouts and below |
//! | commands | all of these | - |
//!
//! Modules of the table that do not exist yet have their place in it, so that it does not move when they come.
//! Drivers stay in `probe`, the drawing of tables in `report`, clap in `cli` and `commands`, anyhow in `commands`,
//! parsers in `document`. Everything up to `normalize` does no I/O and cannot fail for reasons outside its input.

pub mod cli;
pub mod commands;
pub mod connstr;
pub mod document;
pub mod exit;
pub mod finding;
pub mod layouts;
pub mod load;
pub mod model;
pub mod normalize;
pub mod probe;
pub mod redact;
pub mod report;
pub mod rewrite;
pub mod rules;
pub mod settings;
pub mod template;
pub mod terminal;

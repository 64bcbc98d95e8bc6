//! The rules whose findings are met while reading: they are broken before there is a configuration to judge.

use super::rule::{Group, RuleInfo, Severity};

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $group:ident, $severity:ident, $summary:literal;)*) => {
        $(
            #[doc = $summary]
            pub static $name: RuleInfo =
                RuleInfo { id: $id, group: Group::$group, severity: Severity::$severity, summary: $summary };
        )*
        /// All rules of this file.
        pub static READING: &[&RuleInfo] = &[$(&$name),*];
    };
}

rules! {
    UNREADABLE = "unreadable", Syntax, Error, "A file that could not be read.";
    UNPARSABLE = "unparsable", Syntax, Error, "Text that does not follow the rules of its format.";
    SCRUBBED_VALUE = "scrubbed-value", Syntax, Error, "A marker of a removed secret in place of the value.";
    UNKNOWN_ANCHOR = "unknown-anchor", Syntax, Error, "A YAML alias without its anchor.";
    DUPLICATE_KEY = "duplicate-key", Syntax, Error, "A key that stands twice.";
    UNKNOWN_KEY = "unknown-key", Syntax, Warning, "A key that is not known here, most likely misspelt.";
    WRONG_TYPE = "wrong-type", Syntax, Error, "A value of another type than its key takes.";
    UNSUPPORTED_ENGINE = "unsupported-engine", Syntax, Warning, "A database engine that dbcfg carries along but does not speak.";
    HOSTILE_INPUT = "hostile-input", Syntax, Error, "Text of a size or depth that no settings have.";
    MASKED_VALUE = "masked-value", Syntax, Error, "A mask in place of a secret.";
    SEVERAL_NAMES = "several-names", Layout, Warning, "One database that is defined under several names.";
    CONFLICTING_DEFINITIONS = "conflicting-definitions", Layout, Error, "Two definitions of one database that name different places.";
    DANGLING_REFERENCE = "dangling-reference", Layout, Error, "A reference to something that is not defined.";
    ROLE_INFERRED = "role-inferred", Layout, Info, "A role that only the name of the database tells.";
    OVERRIDDEN_VALUE = "overridden-value", Layout, Info, "A value that another source overrides.";
    URL_FIELDS_DISAGREE = "url-fields-disagree", Endpoint, Error, "A URL and the fields beside it that say different things.";
    DIALECT_AMBIGUITY = "dialect-ambiguity", Endpoint, Warning, "A URL that libpq and SQLAlchemy read differently.";
}

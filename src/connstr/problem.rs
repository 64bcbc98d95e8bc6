//! What can be wrong with a connection string: kinds and places, never values.
//!
//! A broken connection string may hold parts of a password anywhere, so nothing here carries text of the input,
//! with one exception: the name of an unknown parameter, if it is a plain word.

use std::fmt;
use std::ops::Range;

/// One thing that is wrong with a connection string, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub kind: ProblemKind,
    /// The offending place: bytes of the input text, on character boundaries.
    pub span: Range<usize>,
}

/// Why a text could not be read at all, or was refused.
pub type ParseError = Problem;

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} (byte {})", self.kind, self.span.start)
    }
}

impl std::error::Error for Problem {}

/// The kinds of problems; libpq refuses those of which [`ProblemKind::refused_by_libpq`] says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemKind {
    /// The text is no connection string of a database.
    NotAConnectionString,
    /// The scheme is not written in lower case; libpq and `SQLAlchemy` compare it letter by letter.
    SchemeCase,
    /// White space before or after the connection string. It was not read as part of it.
    SurroundingSpace,
    /// A `[` before a host without its `]`.
    UnclosedBracket,
    /// Nothing between the brackets of an IPv6 address.
    EmptyBracket,
    /// Something other than `:`, `/`, `?` or `,` after the `]` of an IPv6 address.
    TextAfterBracket,
    /// A `%` that is not followed by two hexadecimal digits. The value was kept as written.
    BadPercent,
    /// A `%00`; no value of a connection can hold a NUL. The value was kept as written.
    PercentNul,
    /// Percent-encoded bytes that are no UTF-8. The value was kept as written.
    NotUtf8,
    /// A parameter that libpq does not know.
    UnknownParameter {
        /// The name, if it is a plain word (`[a-z0-9_]`, at most 40 characters) and thus no part of a password.
        name: Option<String>,
    },
    /// A parameter given twice; the last one counts.
    RepeatedParameter,
    /// A parameter without `=`.
    MissingEquals,
    /// A second `=` in one parameter of a URI. Everything after the first was kept as the value.
    ExtraEquals,
    /// A quoted value that does not end.
    UnterminatedQuote,
    /// The number of ports or addresses does not fit the number of hosts; libpq refuses that when it connects.
    CountMismatch,
    /// Several hosts with ports where `SQLAlchemy` takes one host and one number (it wants `?host=a:1&host=b:2`).
    SeveralHostsInUrl,
    /// A user before an `@`, where JDBC wants `?user=`.
    UserInJdbcUrl,
    /// Something between the second and the third slash of a `SQLite` URL: mostly a slash too few.
    SqliteHost,
    /// A `SQLite` URL without the slashes that `SQLAlchemy` wants (`sqlite:file.db`).
    SqliteWithoutSlashes,
}

impl ProblemKind {
    /// Whether libpq refuses to read a string with this problem. (It meets [`Self::CountMismatch`] only when it connects.)
    pub fn refused_by_libpq(&self) -> bool {
        match self {
            Self::NotAConnectionString
            | Self::SchemeCase
            | Self::SurroundingSpace
            | Self::UnclosedBracket
            | Self::EmptyBracket
            | Self::TextAfterBracket
            | Self::BadPercent
            | Self::PercentNul
            | Self::UnknownParameter { .. }
            | Self::MissingEquals
            | Self::ExtraEquals
            | Self::UnterminatedQuote => true,
            Self::NotUtf8
            | Self::RepeatedParameter
            | Self::CountMismatch
            | Self::SeveralHostsInUrl
            | Self::UserInJdbcUrl
            | Self::SqliteHost
            | Self::SqliteWithoutSlashes => false,
        }
    }

    /// Whether the boundaries between the parts are in doubt, so that a part of the password may stand in another.
    pub(super) fn moves_boundaries(&self) -> bool {
        matches!(
            self,
            Self::MissingEquals
                | Self::ExtraEquals
                | Self::UnterminatedQuote
                | Self::UnclosedBracket
                | Self::TextAfterBracket
                | Self::UserInJdbcUrl
        )
    }
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NotAConnectionString => "not a connection string of a database",
            Self::SchemeCase => "the scheme must be written in lower case",
            Self::SurroundingSpace => "white space around the connection string",
            Self::UnclosedBracket => "\"[\" before the host without its \"]\"",
            Self::EmptyBracket => "no address between \"[\" and \"]\"",
            Self::TextAfterBracket => "expected \":\", \"/\", \"?\" or \",\" after \"]\"",
            Self::BadPercent => "\"%\" must be followed by two hexadecimal digits; a plain % is written %25",
            Self::PercentNul => "%00 is not allowed",
            Self::NotUtf8 => "percent-encoded bytes are not UTF-8",
            Self::UnknownParameter { name: Some(name) } => {
                return write!(formatter, "libpq knows no parameter \"{name}\"");
            }
            Self::UnknownParameter { name: None } => "libpq does not know this parameter",
            Self::RepeatedParameter => "the parameter is given twice; the last one counts",
            Self::MissingEquals => "\"=\" is missing after the name of a parameter",
            Self::ExtraEquals => "second \"=\" in one parameter; inside a value it is written %3D",
            Self::UnterminatedQuote => "the quoted value does not end",
            Self::CountMismatch => "the number of ports or addresses does not fit the number of hosts",
            Self::SeveralHostsInUrl => "SQLAlchemy takes several hosts with ports only as ?host=a:1&host=b:2",
            Self::UserInJdbcUrl => "JDBC takes user and password only as ?user= and &password=",
            Self::SqliteHost => "SQLite has no host: a relative path takes three slashes, an absolute one four",
            Self::SqliteWithoutSlashes => "SQLAlchemy wants sqlite:/// before the path",
        })
    }
}

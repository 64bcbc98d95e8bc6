//! What a database is for.

use std::fmt;

/// The role of a database; it is also its name in the canonical schema.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Application data.
    Main,
    /// `MLflow`'s tracking data.
    Mlflow,
    /// Embeddings.
    Vector,
    /// Anything else, by its own name.
    Other(String),
}

impl Role {
    /// The role of a canonical name.
    pub fn of_name(name: &str) -> Self {
        match name {
            "main" => Self::Main,
            "mlflow" => Self::Mlflow,
            "vector" => Self::Vector,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The canonical name.
    pub fn name(&self) -> &str {
        match self {
            Self::Main => "main",
            Self::Mlflow => "mlflow",
            Self::Vector => "vector",
            Self::Other(name) => name,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

//! Connects to databases and services, and says which are down, where and why.
//!
//! [`plan`](plan::plan) says what there is to probe, [`run_blocking`] tries it all, and the result is plain data of
//! [`model::health`](crate::model::health): what it means for the configuration is the business of the live rules.
//!
//! An attempt goes through stages (dns, tcp, tls, auth, session, query, extension), each timed by a `Recorder`. What
//! goes wrong is a `Fault`, which `classify` turns into a cause and a class; only transient
//! ones are tried again. One peer, one module: `postgres`, `sqlite`, `http`, `redis`, `s3`, `folder`, `port`.

mod attempt;
mod authority;
mod backoff;
mod blocking;
mod breaker;
mod classify;
mod dial;
mod fault;
mod folder;
mod greeting;
mod http;
mod libpq;
mod options;
pub mod plan;
mod port;
mod postgres;
mod recorder;
mod redis;
mod resolve;
mod run;
mod s3;
mod sqlite;
#[cfg(test)]
mod tests;
mod tls;

pub use breaker::{Breaker, BreakerSettings, BreakerState, Transition};
pub use options::{Environment, Options};
pub use plan::{PlanError, Target, Which, plan};
pub use run::run_blocking;

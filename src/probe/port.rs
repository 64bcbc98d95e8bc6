//! An engine that dbcfg does not speak: tried up to its port, and said to be so.

use std::fmt;

use crate::model::health::{Cause, Failure};

use super::attempt::{Answer, Context};
use super::authority::authority;
use super::dial;
use super::fault::Fault;
use super::plan::{Peer, failure};
use super::recorder::Recorder;

/// The port of an engine. `Display` shows it: `db.example.com:3306`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// The engine: `mysql`.
    engine: String,
    /// The host, without brackets.
    host: String,
    /// The port.
    port: u16,
    /// The database, for people.
    pub(super) database: Option<String>,
}

/// The ports that engines have unless somebody says otherwise, from their own documentation.
const PORTS: &[(&str, u16)] = &[
    ("mysql", 3306),
    ("mariadb", 3306),
    ("mssql", 1433),
    ("sqlserver", 1433),
    ("oracle", 1521),
    ("mongodb", 27017),
    ("cassandra", 9042),
    ("clickhouse", 8123),
    ("cockroachdb", 26257),
    ("amqp", 5672),
    ("amqps", 5671),
    ("memcached", 11211),
    ("grpc", 443),
];

/// How to get to an engine that dbcfg does not speak. Without a port, the engine's own is taken.
///
/// # Errors
///
/// It is not said where it is.
pub(super) fn peer(
    engine: &str,
    host: Option<&str>,
    port: Option<u16>,
    database: Option<&str>,
) -> Result<Peer, Failure> {
    let no_place =
        |what: &str| failure(Cause::NoPlace, format!("dbcfg does not speak {engine}, and no {what} is given to try"));
    let host = host.filter(|host| !host.is_empty()).ok_or_else(|| no_place("host"))?;
    let own = PORTS.iter().find(|(name, _)| *name == engine).map(|(_, port)| *port);
    let port = port.or(own).ok_or_else(|| no_place("port"))?;
    let database = database.map(str::to_owned);
    Ok(Peer::Port(Endpoint { engine: engine.to_owned(), host: host.to_owned(), port, database }))
}

/// Tries once: whether the port accepts a connection.
pub(super) async fn attempt(endpoint: &Endpoint, context: &Context, recorder: &Recorder) -> Result<Answer, Fault> {
    dial::connect(context, recorder, &endpoint.host, endpoint.port).await?;
    let engine = &endpoint.engine;
    let remark = format!("tried up to its port only: dbcfg does not speak {engine}");
    Ok(Answer { remarks: vec![remark], ..Answer::default() })
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&authority(&self.host, Some(self.port)))
    }
}

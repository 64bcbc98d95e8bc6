//! Redis: logging in, choosing a database, a ping, and what the server says of itself.

mod reply;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::PathBuf;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::model::health::{Facts, RedisFacts, Stage};
use crate::redact::{MASK, Secret};

use super::attempt::{Answer, Context};
use super::authority::authority;
use super::dial;
use super::fault::Fault;
use super::recorder::Recorder;
use super::tls::{self, TlsSettings};

use reply::{Conversation, Reply};

/// Where a Redis server is and how to log in. `Display` shows it without the login: `redis://cache.example.com:6379/0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// Where it is.
    pub(super) place: Place,
    /// The user; none for the default one.
    pub(super) user: Option<String>,
    /// The password.
    pub(super) password: Option<Secret>,
    /// The number of the database.
    pub(super) database: u32,
}

/// Where a Redis server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// At a port of a host.
    Host {
        /// Its name or address, without brackets.
        host: String,
        /// The port.
        port: u16,
        /// How the connection is encrypted; none if it is not. In a box, since most are not.
        tls: Option<Box<TlsSettings>>,
    },
    /// At a Unix socket.
    Socket(PathBuf),
}

/// The port of Redis, unless somebody says otherwise.
pub(super) const PORT: u16 = 6379;

/// What the errors say that have no word of their own (Redis 5 to 8).
const PHRASES: &[&str] = &[
    "invalid password",
    "without any password configured",
    "no password is set",
    "wrong number of arguments for 'auth'",
    "max number of clients",
    "DB index is out of range",
    "invalid DB index",
    "SELECT is not allowed in cluster mode",
];

/// No more of what a server says is kept, in characters.
const SHOWN: usize = 300;

/// Tries once.
pub(super) async fn attempt(endpoint: &Endpoint, context: &Context, recorder: &Recorder) -> Result<Answer, Fault> {
    match &endpoint.place {
        Place::Host { host, port, tls } => {
            let socket = dial::connect(context, recorder, host, *port).await?;
            let Some(settings) = tls else { return talk(socket, endpoint, recorder).await };
            recorder.begin(Stage::Tls);
            let stream = context.connectors.wrap(settings, Some(host), socket).await?;
            let facts = tls::facts(&stream, settings);
            let mut answer = talk(stream, endpoint, recorder).await?;
            if let Some(Facts::Redis(known)) = &mut answer.facts {
                known.tls = Some(facts);
            }
            Ok(answer)
        }
        #[cfg(unix)]
        Place::Socket(path) => talk(dial::reach_socket(recorder, path).await?, endpoint, recorder).await,
        #[cfg(not(unix))]
        Place::Socket(_) => Err(Fault::Limitation("this system has no Unix sockets".to_owned())),
    }
}

/// Logs in and asks, over a connection that is made.
async fn talk<Stream>(stream: Stream, endpoint: &Endpoint, recorder: &Recorder) -> Result<Answer, Fault>
where
    Stream: AsyncRead + AsyncWrite + Unpin,
{
    let mut conversation = Conversation::new(stream);
    recorder.begin(Stage::Auth);
    log_in(&mut conversation, endpoint, recorder).await.map_err(|fault| endpoint.without_password(fault))?;
    ask(&mut conversation, endpoint, recorder).await.map_err(|fault| endpoint.without_password(fault))
}

/// Logs in. Without a password, a ping says whether one is needed.
async fn log_in<Stream>(
    conversation: &mut Conversation<Stream>,
    endpoint: &Endpoint,
    recorder: &Recorder,
) -> Result<(), Fault>
where
    Stream: AsyncRead + AsyncWrite + Unpin,
{
    match (&endpoint.user, &endpoint.password) {
        (Some(user), Some(password)) => conversation.send(&[&["AUTH", user, password.expose()]]).await?,
        (None, Some(password)) => conversation.send(&[&["AUTH", password.expose()]]).await?,
        (_, None) => conversation.send(&[&["PING"]]).await?,
    }
    match conversation.receive().await? {
        // What is wrong with the ping alone is told where pings are.
        Reply::Error(text) if endpoint.password.is_none() && !is_about_login(&text) => {
            recorder.begin(Stage::Query);
            after_ping(Reply::Error(text)).map(drop)
        }
        Reply::Error(text) => Err(Fault::Redis(text)),
        Reply::Text(_) | Reply::Nothing => Ok(()),
    }
}

/// Whether an error is about who asks, and not about what is asked for.
fn is_about_login(text: &str) -> bool {
    ["NOAUTH", "WRONGPASS", "DENIED"].contains(&first_word(text)) || text.contains("max number of clients")
}

/// The word that says what kind of error it is: `WRONGPASS`.
pub(super) fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default()
}

/// Chooses the database, pings, and asks the server what it is.
async fn ask<Stream>(
    conversation: &mut Conversation<Stream>,
    endpoint: &Endpoint,
    recorder: &Recorder,
) -> Result<Answer, Fault>
where
    Stream: AsyncRead + AsyncWrite + Unpin,
{
    if endpoint.database != 0 {
        recorder.begin(Stage::Session);
        conversation.send(&[&["SELECT", &endpoint.database.to_string()]]).await?;
        if let Reply::Error(text) = conversation.receive().await? {
            return Err(Fault::Redis(text));
        }
    }
    recorder.begin(Stage::Query);
    conversation.send(&[&["PING"], &["INFO", "server"], &["INFO", "replication"]]).await?;
    let mut remarks: Vec<String> = after_ping(conversation.receive().await?)?.into_iter().collect();
    let server = text_of(conversation.receive().await?);
    let replication = text_of(conversation.receive().await?);
    let facts = RedisFacts { version: field(&server, "redis_version"), role: field(&replication, "role"), tls: None };
    remarks.extend(remarks_on(&facts, &replication));
    Ok(Answer { facts: Some(Facts::Redis(facts)), remarks, trouble: None })
}

/// What a ping comes down to, and what is worth knowing of it.
fn after_ping(reply: Reply) -> Result<Option<String>, Fault> {
    match reply {
        Reply::Text(_) | Reply::Nothing => Ok(None),
        // Who was let in and may not ping has an account with few rights, which is none of the server's faults.
        Reply::Error(text) if first_word(&text) == "NOPERM" => {
            Ok(Some("the user may not ping; that the login works is all that was seen".to_owned()))
        }
        Reply::Error(text) => Err(Fault::Redis(text)),
    }
}

/// What is worth knowing of a server beside its being there.
fn remarks_on(facts: &RedisFacts, replication: &str) -> Option<String> {
    if facts.role.as_deref() != Some("slave") {
        return None;
    }
    let link = field(replication, "master_link_status");
    Some(match link.as_deref() {
        Some("down") => "it is a replica, which takes no writes, and it has lost its master".to_owned(),
        _ => "it is a replica, which takes no writes unless that is allowed".to_owned(),
    })
}

/// The text of an answer; what may not be asked is not known.
fn text_of(reply: Reply) -> String {
    match reply {
        Reply::Text(text) => text,
        Reply::Error(_) | Reply::Nothing => String::new(),
    }
}

/// A field of `INFO`, which has one `name:value` a line.
fn field(info: &str, name: &str) -> Option<String> {
    let value = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    Some(value.trim().chars().take(SHOWN).collect())
}

impl Endpoint {
    /// The server, by which sessions are counted: host and port in small letters, or the path of a socket.
    pub(super) fn server(&self) -> String {
        match &self.place {
            Place::Host { host, port, .. } => authority(host, Some(*port)).to_ascii_lowercase(),
            Place::Socket(path) => path.to_string_lossy().into_owned(),
        }
    }

    /// What a server says may hold what it was told; the password is taken out of it.
    fn without_password(&self, fault: Fault) -> Fault {
        let Fault::Redis(text) = fault else { return fault };
        // Nothing but these words is kept, so that a password that is one of them does not hide what is meant.
        if let Some(phrase) = PHRASES.iter().find(|phrase| text.contains(**phrase)) {
            return Fault::Redis(format!("ERR {phrase}"));
        }
        let text = match &self.password {
            Some(password) if !password.is_empty() => text.replace(password.expose(), MASK),
            _ => text,
        };
        Fault::Redis(text.chars().take(SHOWN).collect())
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let database = self.database;
        match &self.place {
            Place::Host { host, port, tls } => {
                let scheme = if tls.is_some() { "rediss" } else { "redis" };
                write!(formatter, "{scheme}://{}/{database}", authority(host, Some(*port)))
            }
            Place::Socket(path) => write!(formatter, "unix://{}?db={database}", path.display()),
        }
    }
}

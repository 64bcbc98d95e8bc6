//! PostgreSQL, and poolers in front of it.

mod deep;
mod driver;
mod endpoint;
mod facts;
mod greeting;
mod login;
mod meter;

use std::hash::{BuildHasher as _, RandomState};
use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::timeout;

pub(super) use endpoint::{Binding, Endpoint, Host, Methods, Peer, Place, SessionKind};
pub(super) use greeting::protocol;

use crate::model::health::Stage;

use super::attempt::{Answer, Ask, Context};
use super::dial::{self, Socket};
use super::fault::{Fault, NameFault};
use super::recorder::Recorder;
use super::tls::{Mode, Root};
use login::{Login, Offer, Session};

/// Where a host turned out to be, to go there again.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reached {
    Address(SocketAddr),
    /// A Unix socket, whose path the host tells.
    Socket,
}

/// How long a server may take to end a session. One that is slower, or does not end it, is left.
const FAREWELL: Duration = Duration::from_millis(250);

/// Tries once: every host in its order, until one has a session of the wanted kind.
///
/// As in libpq, the next host is tried if one cannot be reached, does not answer in its share of the time, says that it
/// takes no connections now, or has a session of another kind; a refused login ends it all.
pub(super) async fn attempt(
    endpoint: &Endpoint,
    context: &Context,
    ask: &Ask,
    recorder: &Recorder,
) -> Result<Answer, Fault> {
    if let Some(limitation) = endpoint.limitations.first() {
        return Err(Fault::Limitation(limitation.clone()));
    }
    let is_remote = endpoint.hosts.iter().any(|host| !matches!(host.place, Place::Socket(_)));
    if endpoint.tls.mode >= Mode::Require && is_remote && !matches!(endpoint.tls.root, Root::System) {
        // What no server can mend is told before one is asked. The certificates of a system are read meanwhile.
        context.connectors.check(&endpoint.tls).await?;
    } else if endpoint.tls.mode != Mode::Disable {
        context.connectors.prepare(&endpoint.tls);
    }
    match (hosts(endpoint, context, ask, recorder).await, endpoint.excuses.first()) {
        // What the driver was not asked to do may be why.
        (Err(_), Some(excuse)) => Err(Fault::Limitation(excuse.clone())),
        (outcome, _) => outcome.map(|mut answer| {
            answer.remarks.splice(0..0, endpoint.excuses.iter().cloned());
            answer
        }),
    }
}

async fn hosts(endpoint: &Endpoint, context: &Context, ask: &Ask, recorder: &Recorder) -> Result<Answer, Fault> {
    let mut order: Vec<&Host> = endpoint.hosts.iter().collect();
    if endpoint.is_shuffled {
        order.sort_by_cached_key(|_| RandomState::new().hash_one(()));
    }
    // A standby is looked for among all hosts before any other session will do.
    let kinds: &[SessionKind] = match endpoint.session {
        SessionKind::PreferStandby => &[SessionKind::Standby, SessionKind::Any],
        ref kind => std::slice::from_ref(kind),
    };
    let mut last = Fault::Name(NameFault::NotFound);
    // Not as an iterator: the task of an attempt goes from thread to thread, and no closure may be in it.
    let visits: Vec<(SessionKind, &Host)> =
        kinds.iter().flat_map(|kind| order.iter().map(move |host| (*kind, *host))).collect();
    let count = visits.len();
    for (index, (kind, host)) in visits.into_iter().enumerate() {
        let login = Login { endpoint, host, context, recorder };
        let share = recorder.share(count - index);
        match timeout(share, visit(login, kind, ask)).await.unwrap_or(Err(Fault::Timeout)) {
            Err(fault) if goes_on(&fault, recorder.stage()) => last = fault,
            Err(fault) => return Err(fault),
            Ok((mut answer, session, reached)) => {
                recorder.done();
                // What is known must not be lost because the time of the attempt is up.
                session.close(recorder.share(2).min(FAREWELL)).await;
                if context.is_deep {
                    deep::ask_in_plain(login, reached, &mut answer).await;
                }
                return Ok(answer);
            }
        }
    }
    Err(last)
}

/// Whether the next host is tried.
fn goes_on(fault: &Fault, stage: Stage) -> bool {
    match fault {
        Fault::Name(_) | Fault::Timeout | Fault::Session(_) => true,
        // A connection that breaks later ends it all.
        Fault::Io(_) => stage <= Stage::Tcp,
        Fault::Server(said) => said.code == "57P03",
        _ => false,
    }
}

/// A session on one host, where that turned out to be, and what it tells.
async fn visit<'attempt>(
    login: Login<'attempt>,
    kind: SessionKind,
    ask: &Ask,
) -> Result<(Answer, Session<'attempt>, Reached), Fault> {
    let (mut session, reached, remark) = open(login).await?;
    set(&mut session, &login.endpoint.settings).await?;
    wanted(&mut session, kind).await?;
    let mut answer = facts::ask(&mut session, login, ask).await?;
    answer.remarks.extend(remark);
    if login.context.is_deep {
        deep::ask(&mut session, login, &mut answer).await;
        if answer.trouble.is_some() {
            login.recorder.begin(Stage::Extension);
        }
    }
    Ok((answer, session, reached))
}

/// Opens a session on one host, encrypted as the mode says, and tells what is worth knowing about how.
async fn open(login: Login<'_>) -> Result<(Session<'_>, Reached, Option<String>), Fault> {
    let (socket, reached) = reach(login).await?;
    let mode = match reached {
        // libpq never encrypts what does not leave the machine, whatever the mode is.
        Reached::Socket => Mode::Disable,
        Reached::Address(_) => login.endpoint.tls.mode,
    };
    let (session, remark) = match mode {
        Mode::Disable => (login.plain(socket).await?, None),
        Mode::Allow => match login.plain(socket).await {
            Err(fault) if may_want_other(&fault) => (encrypted_after_all(login, reached, fault).await?, None),
            outcome => (outcome?, None),
        },
        Mode::Prefer => preferred(login, socket, reached).await?,
        Mode::Require | Mode::VerifyCa | Mode::VerifyFull => (encrypted(login, socket).await?, None),
    };
    Ok((session, reached, remark))
}

async fn encrypted(login: Login<'_>, mut socket: Socket) -> Result<Session<'_>, Fault> {
    match login.ask_for_tls(&mut socket).await? {
        Offer::Yes => login.encrypted(socket).await,
        Offer::No => Err(Fault::TlsRefused),
    }
}

/// `prefer`: encrypted, and plain if that fails for a reason of encryption.
async fn preferred(
    login: Login<'_>,
    mut socket: Socket,
    reached: Reached,
) -> Result<(Session<'_>, Option<String>), Fault> {
    if login.ask_for_tls(&mut socket).await? == Offer::No {
        return Ok((login.plain(socket).await.map_err(of_server_without_tls)?, None));
    }
    let first = match login.encrypted(socket).await {
        Ok(session) => return Ok((session, None)),
        Err(fault) => fault,
    };
    let is_of_tls = login.recorder.stage() == Stage::Tls;
    if !is_of_tls && !may_want_other(&first) {
        return Err(first);
    }
    match login.plain(again(login, reached).await?).await {
        Ok(session) => {
            let why = super::classify::classify(Stage::Tls, &first).message;
            let remark = is_of_tls.then(|| format!("without encryption, since ssl_mode prefer allows it: {why}"));
            Ok((session, remark))
        }
        // That no rule lets a plain connection in tells less than why the encrypted one failed.
        Err(second) if may_want_other(&second) => {
            if is_of_tls {
                login.recorder.begin(Stage::Tls);
            }
            Err(first)
        }
        Err(second) => Err(second),
    }
}

/// `allow`, when the server does not let a plain connection in.
async fn encrypted_after_all(login: Login<'_>, reached: Reached, first: Fault) -> Result<Session<'_>, Fault> {
    match encrypted(login, again(login, reached).await?).await {
        // A server without TLS has meant what it said.
        Err(Fault::TlsRefused) => {
            login.recorder.begin(Stage::Auth);
            Err(of_server_without_tls(first))
        }
        Err(second) if may_want_other(&second) => Err(first),
        outcome => outcome,
    }
}

/// Whether a server may take the other kind of connection: no rule of `pg_hba.conf` lets this one
/// in, or a pooler says so.
fn may_want_other(fault: &Fault) -> bool {
    let Fault::Server(said) = fault else { return false };
    !said.is_after_login && (said.code == "28000" || said.message.contains("SSL required"))
}

/// A server says of whomever no rule lets in that he came with "no encryption". One that has no encryption does not ask for
/// it by that, and so the words go.
fn of_server_without_tls(fault: Fault) -> Fault {
    let Fault::Server(mut said) = fault else { return fault };
    for words in [", no encryption", ", SSL off"] {
        if let Some(text) = said.message.strip_suffix(words) {
            said.message = text.to_owned();
        }
    }
    Fault::Server(said)
}

/// Connects to a host: the stages dns and tcp.
async fn reach(login: Login<'_>) -> Result<(Socket, Reached), Fault> {
    let (recorder, host) = (login.recorder, login.host);
    let addresses = match &host.place {
        Place::Name(name) => dial::addresses(login.context, recorder, name, host.port).await?,
        Place::Address { address, .. } => vec![SocketAddr::new(*address, host.port)],
        Place::Socket(directory) => return socket(login, directory).await,
    };
    let (socket, address) = dial::reach(recorder, &addresses).await?;
    Ok((socket, Reached::Address(address)))
}

/// Connects once more to where a host turned out to be.
async fn again(login: Login<'_>, reached: Reached) -> Result<Socket, Fault> {
    match reached {
        Reached::Address(address) => dial::reach(login.recorder, &[address]).await.map(|(socket, _)| socket),
        Reached::Socket => reach(login).await.map(|(socket, _)| socket),
    }
}

#[cfg(unix)]
async fn socket(login: Login<'_>, directory: &std::path::Path) -> Result<(Socket, Reached), Fault> {
    let path = directory.join(format!(".s.PGSQL.{}", login.host.port));
    let socket = dial::reach_socket(login.recorder, &path).await?;
    // As in libpq, before anything is said to whoever listens there.
    let refusal = login.endpoint.peer.as_ref().and_then(|peer| peer.refusal(socket.owner()));
    refusal.map_or(Ok((socket, Reached::Socket)), |refusal| Err(Fault::Refused(refusal)))
}

#[cfg(not(unix))]
async fn socket(_login: Login<'_>, _directory: &std::path::Path) -> Result<(Socket, Reached), Fault> {
    Err(Fault::Limitation("there are no Unix sockets on this system".to_owned()))
}

/// Asks the server for settings that variables want, which it refuses if it does not take their values.
///
/// libpq sends them with its first message. The driver has no room for them there, and `options` is what many poolers do
/// not take, so that each is tried for the time of one query.
async fn set(session: &mut Session<'_>, settings: &[(&'static str, String)]) -> Result<(), Fault> {
    for (name, value) in settings {
        let quoted = value.replace('\\', "\\\\").replace('\'', "''");
        let sql = format!("select pg_catalog.set_config('{name}', E'{quoted}', true)");
        session.query(&sql, |_| ()).await.map_err(|refused| refused.fault)?;
    }
    Ok(())
}

/// Whether a session is of the wanted kind.
async fn wanted(session: &mut Session<'_>, kind: SessionKind) -> Result<(), Fault> {
    if kind == SessionKind::Any {
        return Ok(());
    }
    let told = |session: &Session<'_>, name: &str| session.parameter(name).map(|value| value == "on");
    // Since version 14 a server tells both at the login.
    let known = told(session, "in_hot_standby").zip(told(session, "default_transaction_read_only"));
    let (is_standby, is_read_only) = if let Some(known) = known {
        known
    } else {
        let sql = "select pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('default_transaction_read_only')";
        let rows = session.query(sql, |_| ()).await.map_err(|refused| refused.fault)?;
        let is = |index, word| rows.first().and_then(|row| row.get(index)) == Some(word);
        (is(0, "t"), is(1, "on"))
    };
    let is_writable = !is_standby && !is_read_only;
    let (fits, name) = match kind {
        SessionKind::Any | SessionKind::PreferStandby => (true, "any"),
        SessionKind::ReadWrite => (is_writable, "read-write"),
        SessionKind::ReadOnly => (!is_writable, "read-only"),
        SessionKind::Primary => (!is_standby, "primary"),
        SessionKind::Standby => (is_standby, "standby"),
    };
    if fits { Ok(()) } else { Err(Fault::Session(name)) }
}

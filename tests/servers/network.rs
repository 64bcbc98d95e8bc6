//! Networks that lose, refuse and misdirect: black holes, resets, dead resolvers.
//!
//! A [`Blackhole`] needs no rights and is what most tests use. A [`Namespace`] needs those of the superuser and a kernel
//! that has network namespaces; [`Namespace::new`] says which of them is missing.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddrV4, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use std::{fs, process, thread};

use rustix::net::{AddressFamily, SocketType, bind, listen, socket};

use super::running::Sentinel;
use super::{installed, is_superuser};

/// Ends a connection with a reset instead of a farewell, also where others still hold it open.
pub(crate) fn reset(stream: &TcpStream) {
    // Whoever waits for something to read is woken, since the system refuses to dissolve what is being waited for.
    let _ = stream.shutdown(Shutdown::Read);
    for _ in 0..100 {
        if rustix::net::connect_unspec(stream).is_ok() {
            return;
        }
        thread::sleep(Duration::from_millis(1));
    }
    // The client has been quicker, or somebody is still sending.
    let _ = stream.shutdown(Shutdown::Both);
}

/// An address where connecting never ends: a listener that accepts nobody, and whose queue is full.
///
/// Linux drops the first packet of whoever comes then, as a firewall does that says nothing.
#[derive(Debug)]
pub(crate) struct Blackhole {
    port: u16,
    _listener: TcpListener,
    _queued: Vec<TcpStream>,
}

impl Blackhole {
    /// Opens one at the loopback address.
    pub(crate) fn open() -> Self {
        let listener: OwnedFd = socket(AddressFamily::INET, SocketType::STREAM, None).expect("make a socket");
        bind(&listener, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0)).expect("bind a socket");
        // The shortest queue, which holds one connection.
        listen(&listener, 0).expect("listen");
        let listener = TcpListener::from(listener);
        let address = listener.local_addr().expect("a listener has an address");
        let mut queued = Vec::new();
        while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(100)) {
            queued.push(stream);
            assert!(queued.len() < 64, "this system lets everybody into a full queue, so it has no black holes");
        }
        Self { port: address.port(), _listener: listener, _queued: queued }
    }

    /// Its port at 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }
}

/// A network of its own, with addresses that behave in their own ways. Removed when the value is dropped.
#[derive(Debug)]
pub(crate) struct Namespace {
    name: String,
    _sentinel: Sentinel,
}

impl Namespace {
    /// Here every packet is dropped.
    pub(crate) const BLACK_HOLE: &str = "10.213.0.1";
    /// Here a firewall answers the first packet of a connection with a reset, so that it looks refused.
    pub(crate) const REFUSING: &str = "10.213.0.2";
    /// Here a connection is reset as soon as either side has said something.
    pub(crate) const RESETTING: &str = "10.213.0.3";
    /// To here there is no route.
    pub(crate) const UNREACHABLE: &str = "10.213.0.4";
    /// To here there is a route, and nobody at its end.
    pub(crate) const DEAD_NEIGHBOUR: &str = "10.213.1.2";
    /// Here all is well.
    pub(crate) const OPEN: &str = "10.213.0.5";

    /// Makes one, or says why this machine cannot have any.
    ///
    /// Its names are those of `hosts`, lines of `/etc/hosts`; all others are asked for at [`Self::BLACK_HOLE`], so that
    /// the resolver waits in vain.
    pub(crate) fn new(hosts: &str) -> Result<Self, String> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        if !is_superuser() {
            return Err("only the superuser can make a network namespace".to_owned());
        }
        let name = format!("dbcfg-{}-{}", process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        run(&["netns", "add", &name])?;
        let files = files_of(&name);
        let remove = "ip netns delete \"$1\"; rm -rf -- \"$2\"";
        let path = files.to_str().expect("the name of a namespace is UTF-8");
        let sentinel = Sentinel::of_command(&["/bin/sh", "-c", remove, "sh", &name, path]);
        let namespace = Self { name, _sentinel: sentinel };
        fs::create_dir_all(&files).map_err(|error| format!("{}: {error}", files.display()))?;
        let resolver = format!("nameserver {}\noptions timeout:5 attempts:2\n", Self::BLACK_HOLE);
        for (file, text) in [("hosts", hosts), ("resolv.conf", &resolver), ("nsswitch.conf", "hosts: files dns\n")] {
            fs::write(files.join(file), text).map_err(|error| format!("{}/{file}: {error}", files.display()))?;
        }
        namespace.set_up()?;
        Ok(namespace)
    }

    /// The same where a test can go without it. Why there is none is said on the terminal, past the harness, which keeps
    /// to itself what tests that pass have written.
    pub(crate) fn if_allowed(hosts: &str) -> Option<Self> {
        let refused = match Self::new(hosts) {
            Ok(namespace) => return Some(namespace),
            Err(reason) => reason,
        };
        // A superuser whose rights were taken away is told so by the kernel. Any other failure is one.
        let is_allowed = is_superuser() && !refused.contains("not permitted") && !refused.contains("ermission denied");
        assert!(!is_allowed, "no network namespace: {refused}");
        let _ = writeln!(io::stderr(), "NOT TESTED in a network of its own, which this machine refuses: {refused}");
        None
    }

    /// All addresses are on its own loopback, except for a cable whose other end is not connected to anything.
    fn set_up(&self) -> Result<(), String> {
        let within = |arguments: &[&str]| run(&[&["-n", &self.name], arguments].concat());
        within(&["link", "set", "lo", "up"])?;
        for address in [Self::BLACK_HOLE, Self::REFUSING, Self::RESETTING, Self::OPEN] {
            within(&["address", "add", &format!("{address}/32"), "dev", "lo"])?;
        }
        within(&["route", "add", "unreachable", Self::UNREACHABLE])?;
        within(&["link", "add", "cable0", "type", "veth", "peer", "name", "cable1"])?;
        within(&["address", "add", "10.213.1.1/24", "dev", "cable0"])?;
        within(&["link", "set", "cable0", "up"])?;
        within(&["link", "set", "cable1", "up"])?;
        // The answers of a firewall must not be caught by the rule that they come from.
        let mut rules = "table ip tests { chain input { type filter hook input priority 0; policy accept;\n".to_owned();
        for (address, rule) in [
            (Self::BLACK_HOLE, "drop"),
            (Self::REFUSING, "tcp flags & (syn | rst) == syn reject with tcp reset"),
            (Self::RESETTING, "tcp flags & (psh | rst) == psh reject with tcp reset"),
        ] {
            writeln!(rules, "ip daddr {address} {rule}").expect("write to a string");
        }
        let mut nft = Command::new(installed("nft", &[]));
        nft.arg(rules + "}\n}");
        succeed(&mut Self::command(&self.name, &nft))
    }

    /// Its name, as `ip netns` knows it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The program and its arguments, to be run inside as [`Dbcfg::program`](crate::support::Dbcfg::program) runs them:
    /// `ip`, and what precedes the program's own arguments.
    pub(crate) fn prefix<'a>(&'a self, program: &'a str) -> (PathBuf, [&'a str; 4]) {
        (installed("ip", &[]), ["netns", "exec", &self.name, program])
    }

    /// The same command inside of a namespace, with its arguments and variables.
    pub(crate) fn command(name: &str, command: &Command) -> Command {
        let mut inside = Command::new(installed("ip", &[]));
        inside.args(["netns", "exec", name]).arg(command.get_program()).args(command.get_args());
        inside.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        inside
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        // What cannot be removed is nothing that a test could fail for.
        let _ = run(&["netns", "delete", &self.name]);
        let _ = fs::remove_dir_all(files_of(&self.name));
    }
}

/// Where `ip netns exec` finds the files that it puts in front of those of `/etc`.
fn files_of(name: &str) -> PathBuf {
    Path::new("/etc/netns").join(name)
}

/// Runs `ip`.
fn run(arguments: &[&str]) -> Result<(), String> {
    succeed(Command::new(installed("ip", &[])).args(arguments))
}

/// Runs a command, or says what it said.
fn succeed(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim()))
}

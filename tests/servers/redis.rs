//! Redis, with and without a password, and with TLS.

use std::fs;
use std::time::Duration;

use rustix::process::Signal;

use super::certificates::{self, ServerCertificate};
use super::running::{Running, accepts, on_free_port};
use super::{PASSWORD, as_server_user, give_to_server_user, install_secret, installed, server_directory};
use crate::support::Dbcfg;

/// The user of the access list of [`Access::Users`], beside the switched-off default one.
pub(crate) const USER: &str = "app";

/// Who may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Everybody.
    Open,
    /// Whoever has [`PASSWORD`].
    Password,
    /// [`USER`] with [`PASSWORD`], and nobody without a name.
    Users,
}

/// A server that runs until the value is dropped.
#[derive(Debug)]
pub(crate) struct Redis {
    _running: Running,
    port: u16,
}

impl Redis {
    /// Without TLS.
    #[track_caller]
    pub(crate) fn start(access: Access) -> Self {
        Self::run(access, None)
    }

    /// With TLS only.
    #[track_caller]
    pub(crate) fn with_tls(access: Access, certificate: ServerCertificate) -> Self {
        Self::run(access, Some(certificate))
    }

    #[track_caller]
    fn run(access: Access, certificate: Option<ServerCertificate>) -> Self {
        let (port, running) = on_free_port(|port| Self::try_port(access, certificate, port));
        Self { _running: running, port }
    }

    fn try_port(access: Access, certificate: Option<ServerCertificate>, port: u16) -> Result<Running, String> {
        let directory = server_directory();
        let path = directory.path();
        let number = port.to_string();
        let mut command = as_server_user(&installed("redis-server", &[]));
        command
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--databases", "4", "--dir"])
            .arg(path);
        match access {
            Access::Open => {}
            Access::Password => {
                command.args(["--requirepass", PASSWORD]);
            }
            Access::Users => {
                let users = format!("user default off\nuser {USER} on >{PASSWORD} ~* +@all\n");
                fs::write(path.join("users.acl"), users).expect("write the users of Redis");
                command.arg("--aclfile").arg(path.join("users.acl"));
            }
        }
        match certificate {
            None => {
                command.args(["--port", &number]);
            }
            Some(certificate) => {
                fs::copy(certificate.file(), path.join("server.crt")).expect("copy a certificate");
                give_to_server_user(&path.join("server.crt"));
                install_secret(&ServerCertificate::key_file(), &path.join("server.key"));
                command.args(["--port", "0", "--tls-port", &number, "--tls-auth-clients", "no"]);
                command.args(["--tls-cert-file", "server.crt", "--tls-key-file", "server.key"]);
                command.args(["--tls-ca-cert-file", "server.crt"]);
                command.current_dir(path);
            }
        }
        let mut running = Running::start(&mut command, directory, Signal::TERM);
        if running.wait_until(Duration::from_secs(10), |_| accepts(port)) { Ok(running) } else { Err(running.log()) }
    }

    /// Its port at 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// redis-cli with these arguments, to judge: it trusts the authority of the tests.
    pub(crate) fn judge(&self, arguments: &[&str]) -> Dbcfg {
        let root = certificates::root_file();
        let root = root.to_str().expect("test directories are UTF-8");
        let judge =
            Dbcfg::program(installed("redis-cli", &[])).args(&["-h", "127.0.0.1", "-p", &self.port().to_string()]);
        let judge = if arguments.contains(&"--tls") { judge.args(&["--cacert", root]) } else { judge };
        judge.args(arguments)
    }
}

//! Runs a program on a pseudo-terminal, to see what a person at a terminal of a given width sees.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, OptionalActions, OutputModes, Winsize, tcgetattr, tcsetattr, tcsetwinsize};

use super::process::{Ended, Limits, read, spawn, watch};

/// The lines of the terminal: those of the oldest terminals, and of most new ones.
const ROWS: u16 = 24;

/// Runs the program with standard input, output and error on one new terminal.
///
/// The terminal does not become the controlling terminal of the program, which would take unsafe code:
/// what asks whether a stream is a terminal, and how wide it is, gets the true answer all the same.
pub(super) fn run(command: &mut Command, columns: u16, limits: Limits) -> Ended {
    let (ours, theirs) = open_pair(columns);
    let share = |terminal: &OwnedFd| Stdio::from(terminal.try_clone().expect("share the terminal"));
    command.stdin(share(&theirs)).stdout(share(&theirs)).stderr(share(&theirs));
    let child = spawn(command);
    // Reading ends when nobody holds the other end any more: neither we, nor the command, which keeps its copies.
    drop(theirs);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let output = read(File::from(ours), None);
    watch(child, &output, None, limits)
}

/// Both ends of a new terminal: ours, and the program's.
pub(super) fn open_pair(columns: u16) -> (OwnedFd, OwnedFd) {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).expect("open a terminal");
    grantpt(&ours).expect("own the terminal");
    unlockpt(&ours).expect("unlock the terminal");
    let name = ptsname(&ours, Vec::new()).expect("name the terminal");
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let theirs = open(name.as_c_str(), flags, Mode::empty()).expect("open the program's end of the terminal");
    tcsetwinsize(&theirs, Winsize { ws_row: ROWS, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 })
        .expect("set the width of the terminal");
    let mut attributes = tcgetattr(&theirs).expect("read the modes of the terminal");
    // Otherwise every line end arrives as two characters, and no expectation could be shared with a pipe.
    attributes.output_modes.remove(OutputModes::OPOST);
    // What is typed is not seen twice, once from the terminal and once from the program.
    attributes.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&theirs, OptionalActions::Now, &attributes).expect("set the modes of the terminal");
    (ours, theirs)
}

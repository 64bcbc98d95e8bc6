//! Ctrl-C as a flag: whoever works looks at it between two steps, so that no step is left half done.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Thread};
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// Whether somebody wants the program to end.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// From now on, signals that would end the program set a flag instead. Where the system does not allow that, they
    /// end it as before.
    pub fn watch() -> Self {
        let interrupt = Self::default();
        for signal in [SIGINT, SIGTERM, HANGUP] {
            let _ = flag::register(signal, Arc::clone(&interrupt.0));
        }
        interrupt
    }

    /// Runs what waits for a key. A signal that comes while it waits ends the wait; one that comes a moment before would
    /// not, so it is sent again until it does.
    pub(super) fn waking<Value>(&self, wait: impl FnOnce() -> Value) -> Value {
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            let waker = scope.spawn(|| {
                while !is_over.load(Ordering::SeqCst) {
                    if self.is_set() {
                        send_again();
                    }
                    thread::park_timeout(AGAIN);
                }
            });
            let _over = Over { is_over: &is_over, waker: waker.thread() };
            wait()
        })
    }

    /// Whether such a signal came.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Ends the waker, also if what it watches over panics.
struct Over<'scope> {
    is_over: &'scope AtomicBool,
    waker: &'scope Thread,
}

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        self.waker.unpark();
    }
}

/// After how long a signal is sent again.
const AGAIN: Duration = Duration::from_millis(50);

#[cfg(unix)]
fn send_again() {
    // It is a flag here, and ends nothing.
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::INT);
}

#[cfg(not(unix))]
fn send_again() {}

/// What a terminal that is closed sends.
#[cfg(unix)]
const HANGUP: i32 = signal_hook::consts::SIGHUP;
#[cfg(not(unix))]
const HANGUP: i32 = SIGTERM;

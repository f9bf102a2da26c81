//! The signals that reach the panel, as one stream of values.
//!
//! It only reports; leaving the terminal and ending the program are the runtime's to do.

use std::io;
use std::time::Duration;

use rustix::process::Signal as Number;
use thiserror::Error;
use tokio::signal::unix::{Signal as Listener, SignalKind, signal};
use tokio::time::timeout;

/// How long to look for a signal that was sent just before and may be on its way still.
const JUST_SENT: Duration = Duration::from_millis(50);

/// Listening for signals failed.
#[derive(Debug, Error)]
#[error("cannot listen for {name}: {source}; without it the terminal could not be given back")]
pub struct SignalsError {
    name: &'static str,
    source: io::Error,
}

/// A request to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Termination {
    /// SIGTERM: `kill`, a shutdown.
    Terminate,
    /// SIGHUP: the terminal window was closed or the connection lost.
    HangUp,
    /// SIGINT: Ctrl-C, sent from outside (in raw mode the key arrives as a key).
    Interrupt,
    /// SIGQUIT: Ctrl-\, sent from outside.
    Quit,
}

impl Termination {
    /// The exit code that says which signal it was: 128 and its number, as shells count.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        let number = match self {
            Self::HangUp => 1,
            Self::Interrupt => 2,
            Self::Quit => 3,
            Self::Terminate => 15,
        };
        128 + number
    }
}

/// What a signal asks of the panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Leave the terminal and end with [`Termination::exit_code`].
    Terminate(Termination),
    /// SIGTSTP from outside: suspend, as for Ctrl-Z.
    Suspend,
    /// SIGCONT: we were stopped, and the shell has used the terminal since.
    Resumed,
    /// SIGWINCH: the window has another size.
    WindowChanged,
}

/// The stream. Signals of one kind that arrive before anyone looks count as one.
#[derive(Debug)]
pub struct Signals {
    terminate: Listener,
    hang_up: Listener,
    interrupt: Listener,
    quit: Listener,
    suspend: Listener,
    resumed: Listener,
    window: Listener,
}

impl Signals {
    /// Starts listening; from here on these signals no longer end or stop the process.
    ///
    /// # Errors
    /// When the system refuses a handler. Must be called within a tokio runtime.
    pub fn listen() -> Result<Self, SignalsError> {
        Ok(Self {
            terminate: listener("SIGTERM", SignalKind::terminate())?,
            hang_up: listener("SIGHUP", SignalKind::hangup())?,
            interrupt: listener("SIGINT", SignalKind::interrupt())?,
            quit: listener("SIGQUIT", SignalKind::quit())?,
            suspend: listener("SIGTSTP", SignalKind::from_raw(Number::TSTP.as_raw()))?,
            resumed: listener("SIGCONT", SignalKind::from_raw(Number::CONT.as_raw()))?,
            window: listener("SIGWINCH", SignalKind::window_change())?,
        })
    }

    /// Waits for the next signal; requests to end come first. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            biased;
            _ = self.terminate.recv() => Signal::Terminate(Termination::Terminate),
            _ = self.hang_up.recv() => Signal::Terminate(Termination::HangUp),
            _ = self.interrupt.recv() => Signal::Terminate(Termination::Interrupt),
            _ = self.quit.recv() => Signal::Terminate(Termination::Quit),
            _ = self.suspend.recv() => Signal::Suspend,
            _ = self.resumed.recv() => Signal::Resumed,
            _ = self.window.recv() => Signal::WindowChanged,
        }
    }

    /// A request to end that is here already or on its way, as after `kill %1` on a stopped job.
    pub(super) async fn termination_soon(&mut self) -> Option<Termination> {
        let termination = async {
            tokio::select! {
                biased;
                _ = self.terminate.recv() => Termination::Terminate,
                _ = self.hang_up.recv() => Termination::HangUp,
                _ = self.interrupt.recv() => Termination::Interrupt,
                _ = self.quit.recv() => Termination::Quit,
            }
        };
        timeout(JUST_SENT, termination).await.ok()
    }

    /// Waits for SIGTSTP alone, leaving the others in place.
    pub(super) async fn suspend_asked(&mut self) {
        self.suspend.recv().await;
    }

    /// Forgets what the terminal's keys sent to the whole group while a child had the terminal:
    /// those were meant for the child.
    ///
    /// It listens a moment longer, since a signal that ended the child may still be on its way.
    pub(super) async fn forget_keyboard(&mut self) {
        let forget = async {
            loop {
                tokio::select! {
                    _ = self.interrupt.recv() => {}
                    _ = self.quit.recv() => {}
                    _ = self.suspend.recv() => {}
                }
            }
        };
        let _: Result<(), _> = timeout(JUST_SENT, forget).await;
    }
}

fn listener(name: &'static str, kind: SignalKind) -> Result<Listener, SignalsError> {
    signal(kind).map_err(|source| SignalsError { name, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_those_a_shell_reports() {
        assert_eq!(Termination::Terminate.exit_code(), 143);
        assert_eq!(Termination::HangUp.exit_code(), 129);
        assert_eq!(Termination::Interrupt.exit_code(), 130);
        assert_eq!(Termination::Quit.exit_code(), 131);
    }
}

//! Being a good job of the shell: stopping, continuing, foreground and background.
//!
//! In raw mode Ctrl-Z arrives as a key, so certdeck has to stop itself. It knows nothing of the
//! screen; the guard leaves it before and takes it again after.

use std::future::Future;
use std::pin::pin;

use nix::unistd::{Pid, getpgid, getpgrp, getppid, getsid};
use rustix::process::{Signal, kill_current_process_group};
use tokio::signal::unix::{SignalKind, signal};

use super::{TerminalError, claim};
use crate::tui::signals::{Signals, Termination};

/// Where certdeck stands among the processes of its session.
///
/// Seen from within a container, a group or session that began outside of it has the number 0,
/// and so has a parent that is outside. (rustix takes such a number for impossible.)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Standing {
    session: Option<Pid>,
    group: Pid,
    parent_session: Option<Pid>,
    parent_group: Option<Pid>,
}

impl Standing {
    fn now() -> Self {
        // Asking for the process 0 would be asking for ourselves.
        let parent = Some(getppid()).filter(|pid| pid.as_raw() > 0);
        Self {
            session: getsid(None).ok(),
            group: getpgrp(),
            parent_session: parent.and_then(|pid| getsid(Some(pid)).ok()),
            parent_group: parent.and_then(|pid| getpgid(Some(pid)).ok()),
        }
    }

    /// Stopping is safe only if somebody is there to continue us: a shell with job control, in
    /// our session but not in our process group.
    fn why_not_suspend(self) -> Option<&'static str> {
        if self.session == Some(self.group) {
            return Some("cannot suspend: certdeck was started without a shell to go back to");
        }
        // A parent within our group is a wrapper (a script) which is stopped along with us.
        let wrapped = self.parent_group == Some(self.group);
        if !wrapped && self.parent_session != self.session {
            return Some("cannot suspend: the shell that started certdeck is gone");
        }
        None
    }
}

/// The reason why suspending would leave nobody to continue us, if there is one.
pub(super) fn why_not_suspend() -> Option<&'static str> {
    Standing::now().why_not_suspend()
}

/// Stops every process of our group and returns once we have been continued.
///
/// SIGSTOP, not SIGTSTP: the kernel drops the latter for a group it deems orphaned, and a handler
/// of ours would catch it. The whole group, because a shell waits for all of a job to stop.
pub(super) async fn stop_group() -> Result<(), TerminalError> {
    // With several threads, `kill` may return a moment before the process stands still. What has
    // to be waited for is being continued, so listening for that begins before stopping.
    let mut continued = signal(SignalKind::from_raw(Signal::CONT.as_raw()))
        .map_err(TerminalError::io("listen for being continued"))?;
    kill_current_process_group(Signal::STOP).map_err(TerminalError::io("suspend"))?;
    continued.recv().await;
    Ok(())
}

/// Waits until our group owns the terminal. Being continued in the background (`bg`), we stop
/// again; being told to end there (`kill %1`), we say so.
pub(super) async fn until_foreground(
    signals: &mut Signals,
) -> Result<Option<Termination>, TerminalError> {
    while !claim::in_foreground() {
        if let Some(termination) = signals.termination_soon().await {
            return Ok(Some(termination));
        }
        stop_group().await?;
    }
    Ok(None)
}

/// Runs `child` to its end. When the terminal's Ctrl-Z stops the child, we stop as well, or the
/// shell would wait for us for ever while the child stands still.
pub(super) async fn beside_child<T>(
    signals: &mut Signals,
    child: impl Future<Output = T>,
) -> Result<T, TerminalError> {
    let mut child = pin!(child);
    loop {
        tokio::select! {
            answer = &mut child => return Ok(answer),
            () = signals.suspend_asked() => stop_group().await?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(session: i32, group: i32, parent_session: i32, parent_group: i32) -> Standing {
        Standing {
            session: Some(Pid::from_raw(session)),
            group: Pid::from_raw(group),
            parent_session: Some(Pid::from_raw(parent_session)),
            parent_group: Some(Pid::from_raw(parent_group)),
        }
    }

    #[test]
    fn under_a_shell_suspending_is_possible() {
        assert_eq!(standing(10, 20, 10, 10).why_not_suspend(), None);
    }

    #[test]
    fn under_a_script_under_a_shell_suspending_is_possible() {
        assert_eq!(standing(10, 20, 10, 20).why_not_suspend(), None);
    }

    #[test]
    fn a_session_leader_does_not_suspend() {
        assert!(standing(20, 20, 10, 10).why_not_suspend().is_some());
    }

    #[test]
    fn in_a_container_that_began_with_it_a_program_does_not_suspend() {
        assert!(standing(20, 20, 0, 0).why_not_suspend().is_some());
        assert!(standing(0, 0, 0, 0).why_not_suspend().is_some());
    }

    #[test]
    fn under_a_shell_whose_session_began_outside_the_container_suspending_is_possible() {
        assert_eq!(standing(0, 20, 0, 10).why_not_suspend(), None);
    }

    #[test]
    fn a_program_whose_shell_is_gone_does_not_suspend() {
        assert!(standing(10, 20, 1, 1).why_not_suspend().is_some());
    }
}

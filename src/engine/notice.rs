//! Telling people: to whoever listens in this program, and by a command of their own.

#![cfg_attr(
    not(test),
    expect(
        clippy::disallowed_methods,
        reason = "the notice command is one of the three programs that certdeck starts"
    )
)]

use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use super::command::{Notice, Tone};
use super::error::EngineError;
use super::{Inner, hold};

/// How many notice commands run at once: a clock that is advanced by years has thousands of
/// notices, and a machine has not room for as many programs.
const AT_ONCE: usize = 8;

impl Inner {
    /// Tells whoever listens, and runs the notice command.
    pub(super) fn tell(&self, notice: Notice) {
        self.run_notice_command(&notice);
        // Nobody listening is no mistake: headless commands have no use for notices.
        let _ = self.notices.send(notice);
    }

    /// What came of a look around; its trouble is told when it is new, and again when it comes
    /// back after all was well.
    pub(super) fn heard<T>(&self, looked: Result<T, EngineError>) -> Option<T> {
        match looked {
            Ok(looked) => {
                *hold(&self.trouble) = None;
                Some(looked)
            }
            Err(error) => {
                self.tell_once(&self.trouble, &error.to_string());
                None
            }
        }
    }

    /// What came of looking at a watched account; its trouble is told like [`Self::heard`] does.
    pub(super) fn heard_of<T>(&self, account: &str, looked: Result<T, EngineError>) -> Option<T> {
        match looked {
            Ok(looked) => {
                hold(&self.look_trouble).remove(account);
                Some(looked)
            }
            Err(error) => {
                let says = format!("looking at {account} failed: {error}");
                let known = hold(&self.look_trouble).insert(account.to_owned(), says.clone());
                if known.as_deref() != Some(says.as_str()) {
                    self.send_trouble(&says);
                }
                None
            }
        }
    }

    /// Tells of a trouble that repeats only when it changes.
    fn tell_once(&self, last: &Mutex<Option<String>>, says: &str) {
        let mut last = hold(last);
        if last.as_deref() != Some(says) {
            *last = Some(says.to_owned());
            self.send_trouble(says);
        }
    }

    pub(super) fn send_trouble(&self, says: &str) {
        let _ = self.notices.send(Notice {
            entry: None,
            tone: Tone::Bad,
            says: says.to_owned(),
        });
    }

    /// The command gets what happened in its environment, never in its arguments.
    fn run_notice_command(&self, notice: &Notice) {
        let Some((program, arguments)) = self.settings.notice_command.split_first() else {
            return;
        };
        if self.notice_commands.load(Ordering::Relaxed) >= AT_ONCE {
            let says = format!(
                "the notice command {program:?} is still busy with {AT_ONCE} notices, so it is \
                 not started for more until one of them ends"
            );
            self.tell_once(&self.notice_trouble, &says);
            return;
        }
        let id = notice
            .entry
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        let spawned = Command::new(program)
            .args(arguments)
            .env("CERTDECK_NOTICE", &notice.says)
            .env("CERTDECK_NOTICE_TONE", notice.tone.id())
            .env("CERTDECK_NOTICE_ENTRY", id)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        match spawned {
            // Waited for where it holds up nobody, so that no zombie stays.
            Ok(mut child) => {
                let running = Arc::clone(&self.notice_commands);
                running.fetch_add(1, Ordering::Relaxed);
                std::thread::spawn(move || {
                    // Its exit code is its own business.
                    let _ = child.wait();
                    running.fetch_sub(1, Ordering::Relaxed);
                });
            }
            Err(error) => {
                let says = format!(
                    "the notice command {program:?} cannot be started: {error}; see \
                     `notice-command` in config.toml"
                );
                self.tell_once(&self.notice_trouble, &says);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::stage::Stage;
    use super::*;

    #[test]
    fn a_trouble_is_told_once_and_again_when_it_comes_back() {
        let stage = Stage::new();
        let mut notices = stage.engine.notices();
        let inner = &stage.engine.0;
        let full = || Err::<(), _>(EngineError::Failed("the disk is full".to_owned()));
        for looked in [full(), full(), Ok(()), full()] {
            inner.heard(looked);
        }
        assert_eq!(std::iter::from_fn(|| notices.try_recv().ok()).count(), 2);
    }
}

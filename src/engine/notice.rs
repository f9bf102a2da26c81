//! Telling people: to whoever listens in this program, and by a command of their own.

#![cfg_attr(
    not(test),
    expect(
        clippy::disallowed_methods,
        reason = "the notice command is one of the two programs that certdeck starts"
    )
)]

use std::process::{Command, Stdio};

use super::command::{Notice, Tone};
use super::{Inner, hold};

impl Inner {
    /// Tells whoever listens, and runs the notice command.
    pub(super) fn tell(&self, notice: Notice) {
        self.run_notice_command(&notice);
        // Nobody listening is no mistake: headless commands have no use for notices.
        let _ = self.notices.send(notice);
    }

    /// Tells of a trouble that repeats only when it changes.
    pub(super) fn tell_once(&self, says: &str) {
        let mut last = hold(&self.trouble);
        if last.as_deref() != Some(says) {
            *last = Some(says.to_owned());
            let _ = self.notices.send(Notice {
                entry: None,
                tone: Tone::Bad,
                says: says.to_owned(),
            });
        }
    }

    /// The command gets what happened in its environment, never in its arguments.
    fn run_notice_command(&self, notice: &Notice) {
        let Some((program, arguments)) = self.settings.notice_command.split_first() else {
            return;
        };
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
            Ok(mut child) => drop(std::thread::spawn(move || child.wait())),
            Err(error) => self.tell_once(&format!(
                "the notice command {program:?} cannot be started: {error}; see `notice-command` \
                 in config.toml"
            )),
        }
    }
}

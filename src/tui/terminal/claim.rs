//! The claim on the terminal: which settings were found, and how to bring them back.
//!
//! It is global and behind a lock because a panic may strike in any thread, and its hook must be
//! able to give the terminal back before a word is printed. Output passes through the same lock,
//! so nothing is drawn after the terminal was given back, and no frame is cut in its middle.
//!
//! Called by the guard and the panic hook.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::queue;
use crossterm::style::ResetColor;
use crossterm::terminal::{
    EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode,
};
use nix::unistd::{getpgrp, tcgetpgrp};
use rustix::termios::{
    LocalModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios, tcflush, tcgetattr,
    tcsetattr,
};

use super::TerminalError;

/// What has to be undone.
struct Claim {
    found: Termios,
    mouse: bool,
}

static CLAIM: Mutex<Option<Claim>> = Mutex::new(None);

/// Buttons and wheel (1000), drags (1002), coordinates beyond column 223 (1006). Not 1003: it
/// reports every movement, and each report would wake a program that is meant to be idle.
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1002h\x1b[?1006h";
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1002l\x1b[?1000l";

/// A poisoned lock only says that a thread panicked while writing; the claim itself is whole.
fn claim() -> MutexGuard<'static, Option<Claim>> {
    CLAIM.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Switches to the panel's modes. What [`release`] brings back later are the settings `found` by
/// an earlier claim or, without one, those that stand now.
pub(super) fn take(mouse: bool, found: Option<Termios>) -> Result<(), TerminalError> {
    let mut claim = claim();
    if claim.is_some() {
        return Err(TerminalError::AlreadyHeld);
    }
    let now = tcgetattr(io::stdin()).map_err(TerminalError::io("read the settings"))?;
    let found = found.unwrap_or(now);
    enable_raw_mode().map_err(TerminalError::io("switch to raw mode"))?;
    *claim = Some(Claim { found, mouse });
    let entered = write_all(&enter_sequence(mouse));
    drop(claim);
    entered.map_err(|error| {
        // Half of it may have been done; the first error is the one worth telling.
        let _ = release();
        TerminalError::io("switch to the panel's screen")(error)
    })
}

/// The settings that [`release`] would bring back.
pub(super) fn found() -> Option<Termios> {
    claim().as_ref().map(|held| held.found.clone())
}

/// Switches to the panel's modes once more, after somebody else changed them unasked.
pub(super) fn reassert() -> Result<(), TerminalError> {
    let claim = claim();
    let Some(held) = claim.as_ref() else {
        return Ok(());
    };
    set_raw(held)?;
    write_all(&enter_sequence(held.mouse))
        .map_err(TerminalError::io("switch to the panel's screen"))
}

/// Sets raw mode again, which makes the system announce anew whatever input is waiting.
pub(super) fn announce_input() -> Result<(), TerminalError> {
    claim().as_ref().map_or(Ok(()), set_raw)
}

/// Not by way of crossterm, which believes raw mode to be on still: switching it off and on would
/// lose a key that is struck in between.
fn set_raw(held: &Claim) -> Result<(), TerminalError> {
    let mut raw = held.found.clone();
    raw.make_raw();
    set_settings(&raw).map_err(TerminalError::io("switch to raw mode"))
}

/// Gives the terminal back. Does nothing when it is not held.
///
/// The order matters. Mouse and paste reporting end first, while raw mode still keeps their last
/// reports from being echoed; what has arrived unread is thrown away, so that no report is run as
/// a command by the shell; only then come the settings that were found.
pub(super) fn release() -> Result<(), TerminalError> {
    let mut claim = claim();
    let Some(held) = claim.take() else {
        return Ok(());
    };
    let written = write_all(&leave_sequence(held.mouse));
    discard_input();
    let cooked = disable_raw_mode();
    let restored = if in_foreground() {
        restore(&held.found)
    } else {
        // Whoever is in front has settings of its own, and touching them would stop us.
        Ok(())
    };
    written.map_err(TerminalError::io("leave the panel's screen"))?;
    cooked.map_err(TerminalError::io("leave raw mode"))?;
    restored
}

/// Throws away what was typed or reported and not yet read.
pub(super) fn discard_input() {
    // A terminal that is gone has nothing to throw away.
    let _ = tcflush(io::stdin(), QueueSelector::IFlush);
}

/// Writes to the terminal while it is held; swallows the bytes when it is not.
pub(super) fn write(bytes: &[u8]) -> io::Result<usize> {
    let claim = claim();
    if claim.is_none() {
        return Ok(bytes.len());
    }
    Ok(rustix::io::write(io::stdout(), bytes)?)
}

/// Whether this process group may use the terminal now. Where the system does not say (the
/// terminal is gone), the answer is yes: trying then fails harmlessly.
pub(super) fn in_foreground() -> bool {
    tcgetpgrp(io::stdin()).map_or(true, |group| group == getpgrp())
}

fn restore(found: &Termios) -> Result<(), TerminalError> {
    // POSIX lets tcsetattr succeed when it could do any part of what was asked, so look.
    for _ in 0..2 {
        set_settings(found).map_err(TerminalError::io("restore the settings"))?;
        let now = tcgetattr(io::stdin()).map_err(TerminalError::io("read the settings"))?;
        if same_settings(found, &now) {
            return Ok(());
        }
    }
    Err(TerminalError::NotRestored)
}

fn set_settings(settings: &Termios) -> rustix::io::Result<()> {
    rustix::io::retry_on_intr(|| tcsetattr(io::stdin(), OptionalActions::Now, settings))
}

/// Compares everything a user could have set. `PENDIN` and `FLUSHO` are the kernel's own notes
/// about its queues and may differ.
fn same_settings(left: &Termios, right: &Termios) -> bool {
    let own_notes = LocalModes::PENDIN | LocalModes::FLUSHO;
    left.input_modes == right.input_modes
        && left.output_modes == right.output_modes
        && left.control_modes == right.control_modes
        && left.local_modes.difference(own_notes) == right.local_modes.difference(own_notes)
        && left.input_speed() == right.input_speed()
        && left.output_speed() == right.output_speed()
        && SPECIAL_CODES
            .iter()
            .all(|&code| left.special_codes[code] == right.special_codes[code])
}

const SPECIAL_CODES: [SpecialCodeIndex; 16] = [
    SpecialCodeIndex::VINTR,
    SpecialCodeIndex::VQUIT,
    SpecialCodeIndex::VERASE,
    SpecialCodeIndex::VKILL,
    SpecialCodeIndex::VEOF,
    SpecialCodeIndex::VTIME,
    SpecialCodeIndex::VMIN,
    SpecialCodeIndex::VSTART,
    SpecialCodeIndex::VSTOP,
    SpecialCodeIndex::VSUSP,
    SpecialCodeIndex::VEOL,
    SpecialCodeIndex::VREPRINT,
    SpecialCodeIndex::VDISCARD,
    SpecialCodeIndex::VWERASE,
    SpecialCodeIndex::VLNEXT,
    SpecialCodeIndex::VEOL2,
];

fn enter_sequence(mouse: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to memory cannot fail.
    let _ = queue!(bytes, EnterAlternateScreen, Hide, EnableBracketedPaste);
    if mouse {
        bytes.extend_from_slice(MOUSE_ON);
    }
    bytes
}

fn leave_sequence(mouse: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    if mouse {
        bytes.extend_from_slice(MOUSE_OFF);
    }
    // A panic may have cut a frame short: end its synchronized update and its colours as well.
    let _ = queue!(
        bytes,
        DisableBracketedPaste,
        EndSynchronizedUpdate,
        ResetColor,
        LeaveAlternateScreen,
        Show
    );
    bytes
}

/// Like [`write`], for callers that hold the lock already.
fn write_all(mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = rustix::io::retry_on_intr(|| rustix::io::write(io::stdout(), bytes))?;
        bytes = bytes.get(written..).unwrap_or_default();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaving_undoes_everything_that_entering_switched_on() {
        for mouse in [false, true] {
            let entered = String::from_utf8(enter_sequence(mouse)).unwrap();
            let left = String::from_utf8(leave_sequence(mouse)).unwrap();
            assert!(entered.contains("\x1b[?1049h") && left.contains("\x1b[?1049l"));
            for mode in entered
                .split("\x1b[?")
                .filter_map(|part| part.strip_suffix('h'))
            {
                assert!(left.contains(&format!("\x1b[?{mode}l")), "{mode} stays on");
            }
        }
    }

    #[test]
    fn the_mouse_is_let_go_before_the_screen_changes() {
        let left = String::from_utf8(leave_sequence(true)).unwrap();
        assert!(left.find("\x1b[?1000l").unwrap() < left.find("\x1b[?1049l").unwrap());
    }

    #[test]
    fn nothing_is_written_without_a_claim() {
        // Were it written, the test's own output would carry it.
        assert_eq!(write(b"never seen").unwrap(), 10);
    }
}

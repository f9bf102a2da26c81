//! What happens when certdeck itself fails (a panic), in whichever thread or task.
//!
//! The hook gives the terminal back, says what happened on the ordinary screen, and makes the
//! failure known to the runtime, because tokio swallows the panic of a task: without this the
//! program would go on deaf, or end as if all were well.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::{self, Write};
use std::panic::{self, PanicHookInfo};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

use super::claim;

/// The exit code after a panic: what Rust programs use for it.
pub const FAULT_EXIT_CODE: u8 = 101;

static INSTALLED: Once = Once::new();
static FAULTED: AtomicBool = AtomicBool::new(false);
static FAULT: Notify = Notify::const_new();

/// Whether anything in this process has panicked since the terminal was first entered. If so,
/// exit with [`FAULT_EXIT_CODE`] whatever else happened.
#[must_use]
pub fn has_faulted() -> bool {
    FAULTED.load(Ordering::SeqCst)
}

/// Waits until something in this process panics. The runtime selects on it and ends: the
/// terminal is left already and nothing more will be drawn. Dropping the future loses nothing.
pub async fn fault() {
    loop {
        let mut notified = std::pin::pin!(FAULT.notified());
        // Listening begins before looking, or a panic between the two would be missed.
        notified.as_mut().enable();
        if has_faulted() {
            return;
        }
        notified.await;
    }
}

/// Installs the hook, once for the process.
pub(super) fn install_hook() {
    INSTALLED.call_once(|| panic::set_hook(Box::new(on_panic)));
}

fn on_panic(info: &PanicHookInfo<'_>) {
    // The terminal first, or the words would vanish with the alternate screen.
    let _ = claim::release();
    FAULTED.store(true, Ordering::SeqCst);
    // Not `eprintln!`: it panics where nobody listens, and a panic in here ends in an abort.
    let _ = io::stderr().lock().write_all(report(info).as_bytes());
    FAULT.notify_waiters();
}

fn report(info: &PanicHookInfo<'_>) -> String {
    let place = info
        .location()
        .map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    let said = harmless(message(info.payload()));
    let backtrace = Backtrace::capture();
    let trace = match backtrace.status() {
        BacktraceStatus::Captured => backtrace.to_string(),
        _ => "RUST_BACKTRACE=1 shows how it came to this.\n".to_owned(),
    };
    format!(
        "certdeck stopped because of a fault of its own at {place}: {said}\n\
         Your terminal is as it was. Please report this line.\n{trace}"
    )
}

fn message(payload: &dyn Any) -> &str {
    payload
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(no message)")
}

/// A panic message may quote data from outside; no control character of it reaches the terminal.
fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => out.push('\n'),
            _ if character.is_control() => out.extend(character.escape_default()),
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_with_escapes_is_made_harmless() {
        assert_eq!(harmless("a\x1b[2Jb\nc"), "a\\u{1b}[2Jb\nc");
    }

    #[test]
    fn both_kinds_of_panic_messages_are_read() {
        assert_eq!(message(&"plain"), "plain");
        assert_eq!(message(&"made".to_owned()), "made");
        assert_eq!(message(&7), "(no message)");
    }
}

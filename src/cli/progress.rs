//! How far something long has come, on one line of standard error that rewrites itself.
//!
//! May not: touch standard output, or draw where nobody watches. Import and sync use it.

use std::future::Future;
use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use jiff::Timestamp;

use super::error::CliError;
use super::session::Session;
use crate::engine::command::Progress;

/// How often the line is written anew.
const EVERY: Duration = Duration::from_millis(100);
/// From so many on, how long it took is said also where nobody watches.
const MANY: usize = 100;

/// Waits for some work and shows how far it has come; at its end says how fast it went.
pub(super) async fn shown<T>(
    session: &Session,
    work: impl Future<Output = Result<T, CliError>>,
) -> Result<T, CliError> {
    let mut progress = session.engine.progress();
    let is_watched = io::stderr().is_terminal();
    let mut last: Option<Progress> = None;
    let mut work = std::pin::pin!(work);
    let outcome = loop {
        tokio::select! {
            outcome = &mut work => break outcome,
            changed = progress.changed() => {
                if changed.is_err() {
                    break work.await;
                }
                if let Some(step) = progress.borrow_and_update().clone() {
                    if is_watched {
                        write(&format!("\r{}\u{1b}[K", line(&step, session.engine.now())));
                    }
                    last = Some(step);
                }
            }
        }
        // A line that changes more often than the eye can follow only takes time.
        if is_watched {
            tokio::select! {
                outcome = &mut work => break outcome,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    };
    if let Some(last) = last {
        if is_watched {
            write("\r\u{1b}[K");
        }
        let done = last.total.unwrap_or(last.done);
        if outcome.is_ok() && (is_watched || done >= MANY) {
            write(&format!("{}\n", end(&last, done, session.engine.now())));
        }
    }
    outcome
}

/// `Reading files 3,200 of 10,000 · 4,100/s`.
fn line(progress: &Progress, now: Timestamp) -> String {
    let of = progress
        .total
        .map(|total| format!(" of {}", grouped(total)));
    format!(
        "{} {}{} · {}/s",
        progress.what,
        grouped(progress.done),
        of.unwrap_or_default(),
        grouped(rate(progress.done, progress.since, now))
    )
}

/// `Reading files: 10,000 in 2.4 s · 4,100/s`.
fn end(progress: &Progress, done: usize, now: Timestamp) -> String {
    format!(
        "{}: {} in {:.1} s · {}/s",
        progress.what,
        grouped(done),
        seconds(progress.since, now),
        grouped(rate(done, progress.since, now))
    )
}

fn seconds(since: Timestamp, now: Timestamp) -> f64 {
    since.duration_until(now).as_secs_f64().max(0.0)
}

/// How many in a second; the clock may have been set back meanwhile.
fn rate(done: usize, since: Timestamp, now: Timestamp) -> usize {
    let millis = since.duration_until(now).as_millis().max(1);
    let millis = usize::try_from(millis).unwrap_or(usize::MAX);
    done.saturating_mul(1_000) / millis
}

/// A number with a comma before every three digits.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Whoever reads standard error may have gone away; nobody is told then.
fn write(text: &str) {
    let mut err = io::stderr().lock();
    let _ = err.write_all(text.as_bytes());
    let _ = err.flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_far_and_how_fast() {
        let since: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let progress = Progress {
            what: "Reading files".to_owned(),
            done: 3_200,
            total: Some(10_000),
            since,
        };
        let now = since + jiff::SignedDuration::from_secs(2);
        let text = line(&progress, now);
        assert_eq!(text, "Reading files 3,200 of 10,000 · 1,600/s");
        let text = end(&progress, 10_000, now);
        assert_eq!(text, "Reading files: 10,000 in 2.0 s · 5,000/s");
        let earlier = since - jiff::SignedDuration::from_secs(60);
        assert!(line(&progress, earlier).ends_with("/s"), "a clock set back");
    }

    #[test]
    fn numbers_are_grouped() {
        let cases = [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
        ];
        for (number, text) in cases {
            assert_eq!(grouped(number), text);
        }
    }
}

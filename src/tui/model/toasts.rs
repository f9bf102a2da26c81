//! Short messages that come, stay for some seconds and go.

use jiff::{SignedDuration, Timestamp};

use crate::domain::time;
use crate::engine::command::Tone;

/// How many are shown at once.
pub(crate) const SHOWN: usize = 3;
/// How many are kept to look at later.
const KEPT: usize = 200;

/// One short message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    /// Whether it is good news.
    pub tone: Tone,
    /// What it says; raw, so the view sanitises it.
    pub says: String,
    /// Until when it is shown, in the system's time.
    pub until: Timestamp,
}

/// The messages that are shown, and those that were.
#[derive(Clone, Debug, Default)]
pub struct Toasts {
    shown: Vec<Toast>,
    past: Vec<Toast>,
}

impl Toasts {
    /// Shows a message; the same one is not shown twice at once.
    pub fn push(&mut self, now: Timestamp, tone: Tone, says: impl Into<String>) {
        let says = says.into();
        self.shown.retain(|toast| toast.says != says);
        let until = time::later(now, lifetime(tone, &says));
        self.shown.push(Toast { tone, says, until });
        if self.shown.len() > SHOWN {
            let oldest = self.shown.remove(0);
            self.remember(oldest);
        }
    }

    /// Shows a message that is neither good nor bad.
    pub fn plain(&mut self, now: Timestamp, says: impl Into<String>) {
        self.push(now, Tone::Plain, says);
    }

    /// The messages to be shown, the oldest first.
    #[must_use]
    pub fn shown(&self) -> &[Toast] {
        &self.shown
    }

    /// The messages that were shown before, the oldest first.
    #[must_use]
    pub fn past(&self) -> &[Toast] {
        &self.past
    }

    /// Takes away what was shown long enough; says whether there was any.
    pub fn expire(&mut self, now: Timestamp) -> bool {
        let (stay, go): (Vec<_>, Vec<_>) = self.shown.drain(..).partition(|t| t.until > now);
        self.shown = stay;
        let some_went = !go.is_empty();
        for toast in go {
            self.remember(toast);
        }
        some_went
    }

    /// Takes away everything that is shown: whoever asks has read it.
    pub fn dismiss(&mut self) {
        for toast in std::mem::take(&mut self.shown) {
            self.remember(toast);
        }
    }

    /// When the next one goes.
    #[must_use]
    pub fn next_expiry(&self) -> Option<Timestamp> {
        self.shown.iter().map(|toast| toast.until).min()
    }

    fn remember(&mut self, toast: Toast) {
        if self.past.len() >= KEPT {
            self.past.remove(0);
        }
        self.past.push(toast);
    }
}

/// Long enough to be read: a sentence more, some seconds more; bad news stays longer.
fn lifetime(tone: Tone, says: &str) -> SignedDuration {
    let reading = i64::try_from(says.len() / 20).unwrap_or(10).min(10);
    let least = match tone {
        Tone::Good | Tone::Plain => 4,
        Tone::Warning | Tone::Bad => 7,
    };
    SignedDuration::from_secs(least + reading)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_and_go_and_are_kept() {
        let mut toasts = Toasts::default();
        let start = Timestamp::UNIX_EPOCH;
        toasts.plain(start, "one");
        toasts.plain(start, "one");
        toasts.push(start, Tone::Bad, "two");
        assert_eq!(toasts.shown().len(), 2);
        let first = toasts.next_expiry().unwrap();
        assert!(toasts.expire(first));
        assert!(!toasts.expire(first));
        let left: Vec<_> = toasts.shown().iter().map(|t| t.says.as_str()).collect();
        assert_eq!(left, ["two"], "bad news stays longer");
        assert_eq!(toasts.past().len(), 1);
        toasts.dismiss();
        assert_eq!((toasts.shown().len(), toasts.past().len()), (0, 2));
    }

    #[test]
    fn only_the_newest_are_shown() {
        let mut toasts = Toasts::default();
        for number in 0..10 {
            toasts.plain(Timestamp::UNIX_EPOCH, number.to_string());
        }
        let shown: Vec<_> = toasts.shown().iter().map(|t| t.says.as_str()).collect();
        assert_eq!(shown, ["7", "8", "9"]);
    }
}

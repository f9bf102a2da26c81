//! What can wake the loop: input, signals, answers, published changes, news, time.
//!
//! Every queue here is bounded; whoever fills one waits.

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::Event;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::time::Instant;

use crate::domain::inventory::Inventory;
use crate::engine::Engine;
use crate::engine::command::{Notice, Progress};
use crate::tui::message::Message;
use crate::tui::signals::Signal;

/// How many answers may wait to be taken in.
const ANSWERS: usize = 1_024;

/// Progress is told at most this often: ten times a second.
const STEP: Duration = Duration::from_millis(100);

/// Why the loop woke up.
pub(super) enum Wake {
    Message(Message),
    Signal(Signal),
    Time,
    Fault,
    InputEnded,
    Nothing,
}

impl Wake {
    /// Whether somebody waits for what comes of it: a key, or the rows that a key asked for.
    pub(super) fn is_awaited(&self) -> bool {
        use Message::{Arranged, Key, Paste};
        matches!(self, Self::Message(Key(_) | Paste(_) | Arranged(_)))
    }

    /// Input from the terminal; none at all means that it is gone.
    pub(super) fn of_event(event: Option<Event>) -> Self {
        match event {
            None => Self::InputEnded,
            Some(Event::Key(key)) => Self::Message(Message::Key(key)),
            Some(Event::Paste(text)) => Self::Message(Message::Paste(text)),
            Some(Event::Mouse(mouse)) => Self::Message(Message::Mouse(mouse)),
            Some(Event::Resize(columns, rows)) => Self::Message(Message::Resize(columns, rows)),
            Some(Event::FocusGained | Event::FocusLost) => Self::Nothing,
        }
    }
}

/// What comes from the engine and from tasks.
pub(super) struct Sources {
    published: watch::Receiver<Arc<Inventory>>,
    notices: Option<broadcast::Receiver<Notice>>,
    progress: Steps,
    answers: mpsc::Receiver<Message>,
    sender: mpsc::Sender<Message>,
}

impl Sources {
    pub(super) fn of(engine: &Engine) -> Self {
        let (sender, answers) = mpsc::channel(ANSWERS);
        Self {
            published: engine.watch(),
            notices: Some(engine.notices()),
            progress: Steps::of(engine.progress()),
            answers,
            sender,
        }
    }

    /// Where tasks send their answers.
    pub(super) fn answers(&self) -> mpsc::Sender<Message> {
        self.sender.clone()
    }

    /// Queues a message of the loop's own; where the queue is full, the screen has enough to say.
    pub(super) fn say(&self, message: Message) {
        let _ = self.sender.try_send(message);
    }

    /// Waits for the next one. Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> Wake {
        tokio::select! {
            Some(message) = self.answers.recv() => Wake::Message(message),
            Ok(()) = self.published.changed() => {
                let inventory = self.published.borrow_and_update().clone();
                Wake::Message(Message::Published(inventory))
            }
            progress = self.progress.next() => Wake::Message(Message::Progress(progress)),
            notice = hear(&mut self.notices) => match notice {
                Ok(notice) => Wake::Message(Message::Notice(notice)),
                // Too much news at once: the list shows what became of it all.
                Err(RecvError::Lagged(_)) => Wake::Nothing,
                Err(RecvError::Closed) => {
                    self.notices = None;
                    Wake::Nothing
                }
            },
            else => std::future::pending().await,
        }
    }
}

/// How far something long has come, as often as it is worth drawing.
struct Steps {
    told: watch::Receiver<Option<Progress>>,
    /// Until when nobody wants to hear of the next step.
    quiet_until: Option<Instant>,
}

impl Steps {
    fn of(told: watch::Receiver<Option<Progress>>) -> Self {
        Self {
            told,
            quiet_until: None,
        }
    }

    /// The next step that is worth telling: those that come too soon after another are passed
    /// over, the last one never. Dropping the future loses nothing.
    async fn next(&mut self) -> Option<Progress> {
        if let Some(until) = self.quiet_until {
            tokio::time::sleep_until(until).await;
        }
        if self.told.changed().await.is_err() {
            // The engine is gone, and with it whatever was under way.
            return std::future::pending().await;
        }
        self.quiet_until = Some(Instant::now() + STEP);
        self.told.borrow_and_update().clone()
    }
}

async fn hear(notices: &mut Option<broadcast::Receiver<Notice>>) -> Result<Notice, RecvError> {
    match notices {
        Some(notices) => notices.recv().await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn step(done: usize) -> Progress {
        Progress {
            what: "Reading files".to_owned(),
            done,
            total: Some(10_000),
            since: Timestamp::UNIX_EPOCH,
        }
    }

    #[tokio::test]
    async fn many_steps_are_told_ten_times_in_a_second_and_the_end_always() {
        let sender = watch::Sender::new(None);
        let mut steps = Steps::of(sender.subscribe());
        let began = Instant::now();
        let work = async {
            for done in 1..=20_000 {
                sender.send_replace(Some(step(done)));
                tokio::task::yield_now().await;
            }
            sender.send_replace(None);
        };
        let listen = async {
            let mut told = 0;
            while steps.next().await.is_some() {
                told += 1;
            }
            told
        };
        let ((), told) = tokio::join!(work, listen);
        let most = began.elapsed().as_millis() / STEP.as_millis() + 1;
        assert!((1..=most).contains(&told), "{told}, not {most}");
    }

    #[tokio::test]
    async fn a_listener_that_is_dropped_while_it_waits_misses_nothing() {
        use futures_util::FutureExt;
        let sender = watch::Sender::new(None);
        let mut steps = Steps::of(sender.subscribe());
        sender.send_replace(Some(step(1)));
        assert_eq!(steps.next().await, Some(step(1)));
        sender.send_replace(Some(step(2)));
        let heard = loop {
            // Asked once and dropped, again and again.
            if let Some(heard) = steps.next().now_or_never() {
                break heard;
            }
            tokio::task::yield_now().await;
        };
        assert_eq!(heard, Some(step(2)));
    }
}

//! What can wake the loop: input, signals, answers, published changes, news, time.
//!
//! Every queue here is bounded; whoever fills one waits.

use std::sync::Arc;

use crossterm::event::Event;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc, watch};

use crate::domain::inventory::Inventory;
use crate::engine::Engine;
use crate::engine::command::Notice;
use crate::tui::message::Message;
use crate::tui::signals::Signal;

/// How many answers may wait to be taken in.
const ANSWERS: usize = 1_024;

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
    answers: mpsc::Receiver<Message>,
    sender: mpsc::Sender<Message>,
}

impl Sources {
    pub(super) fn of(engine: &Engine) -> Self {
        let (sender, answers) = mpsc::channel(ANSWERS);
        Self {
            published: engine.watch(),
            notices: Some(engine.notices()),
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

async fn hear(notices: &mut Option<broadcast::Receiver<Notice>>) -> Result<Notice, RecvError> {
    match notices {
        Some(notices) => notices.recv().await,
        None => std::future::pending().await,
    }
}

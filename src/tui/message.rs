//! What reaches the panel, and what it wants done: both as plain data.
//!
//! May not do anything. The runtime makes messages and carries out effects; `update` turns the
//! one into the other, so that a whole session can be replayed from a list of messages.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crossterm::event::{KeyEvent, MouseEvent};
use jiff::Timestamp;
use secrecy::SecretString;

use super::model::{Arranged, TimelineWork, Work};
use crate::domain::entry::EntryId;
use crate::domain::inventory::Inventory;
use crate::domain::timeline::Timeline;
use crate::engine::command::{Command, Details, Done, FieldError, Lock, Notice, Offer, Progress};

/// The number of a job, counted up from 1 for as long as the panel is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub u64);

/// Why a command was not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The whole, in a sentence.
    pub says: String,
    /// What is wrong with single fields of an order.
    pub fields: Vec<FieldError>,
    /// Who refused it; nobody where something failed.
    pub refused_by: Option<RefusedBy>,
    /// What a passphrase is needed for, where that is all that is missing.
    pub locked: Option<Lock>,
}

/// Who refused a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusedBy {
    /// The gate: it was not possible any more.
    Gate,
    /// The provider.
    Provider,
}

/// Something that happened.
pub enum Message {
    /// A key was pressed, repeated or let go.
    Key(KeyEvent),
    /// Text was pasted in one piece.
    Paste(String),
    /// The mouse did something.
    Mouse(MouseEvent),
    /// The window has so many columns and rows now.
    Resize(u16, u16),
    /// The system's time, before whatever comes next is handled.
    Clock(Timestamp),
    /// Time has passed and something on the screen counts on it; also the system's time.
    Tick(Timestamp),
    /// The engine published what there is now.
    Published(Arc<Inventory>),
    /// The details that were asked for, or a sentence on why there are none.
    Details(EntryId, Result<Box<Details>, String>),
    /// What an account sells, in answer to [`Effect::LoadOffers`].
    Offers(BTreeMap<String, Vec<Offer>>),
    /// A job ended.
    Finished(JobId, Result<Done, Failure>),
    /// How far something long has come; nothing once it is over.
    Progress(Option<Progress>),
    /// The engine has news.
    Notice(Notice),
    /// A file that was asked for, or a sentence on why it cannot be read.
    File(Result<String, String>),
    /// A link could not be opened here, so it was copied; the sentence says both.
    LinkCopied(String),
    /// The link is being opened.
    LinkOpened(String),
    /// The panel cannot be suspended; the sentence says why.
    NotSuspended(String),
    /// The timeline was counted elsewhere, in answer to [`Effect::Count`].
    Counted(Arc<Timeline>),
    /// The list was arranged elsewhere, in answer to [`Effect::Arrange`].
    Arranged(Box<Arranged>),
    /// A request to end came from outside.
    Terminate,
}

/// Says how long a paste or a file is, never what: it may be a private key.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => f.debug_tuple("Key").field(key).finish(),
            Self::Paste(text) => write!(f, "Paste({} bytes)", text.len()),
            Self::Mouse(event) => f.debug_tuple("Mouse").field(event).finish(),
            Self::Resize(columns, rows) => write!(f, "Resize({columns}, {rows})"),
            Self::Clock(at) => write!(f, "Clock({at})"),
            Self::Tick(at) => write!(f, "Tick({at})"),
            Self::Published(inventory) => write!(f, "Published({})", inventory.seq),
            Self::Details(entry, _) => write!(f, "Details({entry})"),
            Self::Offers(offers) => write!(f, "Offers({} accounts)", offers.len()),
            Self::Finished(job, done) => f.debug_tuple("Finished").field(job).field(done).finish(),
            Self::Progress(progress) => f.debug_tuple("Progress").field(progress).finish(),
            Self::Notice(notice) => f.debug_tuple("Notice").field(notice).finish(),
            Self::File(Ok(text)) => write!(f, "File({} bytes)", text.len()),
            Self::File(Err(says)) => f.debug_tuple("File").field(says).finish(),
            Self::LinkCopied(says) => f.debug_tuple("LinkCopied").field(says).finish(),
            Self::LinkOpened(says) => f.debug_tuple("LinkOpened").field(says).finish(),
            Self::NotSuspended(says) => f.debug_tuple("NotSuspended").field(says).finish(),
            Self::Counted(line) => write!(f, "Counted({})", line.certificates),
            Self::Arranged(arranged) => arranged.fmt(f),
            Self::Terminate => f.write_str("Terminate"),
        }
    }
}

/// Something to be done by the runtime.
#[derive(Debug)]
pub enum Effect {
    /// Hand a command to the engine; its answer comes as [`Message::Finished`].
    Run(JobId, Command),
    /// Load what the details pane shows of an entry.
    LoadDetails(EntryId),
    /// Make, order or filter the rows of a long list beside the loop; the answer comes as
    /// [`Message::Arranged`].
    Arrange(Box<Work>),
    /// Count the timeline of a long list beside the loop; the answer comes as
    /// [`Message::Counted`].
    Count(Box<TimelineWork>),
    /// Ask what the accounts sell.
    LoadOffers,
    /// Offer a text to the clipboard.
    Copy(SecretString),
    /// Open a link where there is a browser, copy it elsewhere.
    OpenLink(String),
    /// Read a text file that a person named in a form; `~/` means the home directory.
    ReadFile(String),
    /// Ring the terminal's bell.
    Bell,
    /// Go back to the shell for a while.
    Suspend,
    /// Paint every cell anew.
    Redraw,
    /// Close the panel.
    Quit,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_was_pasted_or_read_is_ever_said() {
        for message in [
            Message::Paste("canary".to_owned()),
            Message::File(Ok("canary".to_owned())),
        ] {
            let said = format!("{message:?}");
            assert!(said.ends_with("(6 bytes)"), "{said}");
        }
    }
}

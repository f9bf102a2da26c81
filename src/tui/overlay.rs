//! What lies over the panel: the order form, dialogs, menus, help. One of them at a time.
//!
//! The contract between them and the panel. The panel looks up a key in [`Overlay::scope`]: an
//! action goes in as [`Input::Action`]; what is unbound goes in as [`Input::Text`]; what was
//! pasted as [`Input::Paste`], never as keys. The [`Outcome`] says what the panel does next.
//! Overlays do no I/O, know no clock and never see the engine.

use std::fmt;
use std::sync::Arc;

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;

use super::dialog::{
    Accounts, AccountsNow, ByHandDialog, CandidateMenu, Confirm, CopyMenu, EventMenu, ExportDialog,
    Help, InvoiceDialog, NotePrompt, OrderWhere, PassphraseDialog, RecordMenu, SupportMail,
    TimelineScreen,
};
use super::form::{AnswerForm, HandOrderForm, OrderFormScreen, RecordForm};
use super::keymap::Scope;
use super::look::Look;
use super::ui_action::UiAction;
use crate::domain::entry::EntryId;
use crate::domain::timeline::Timeline;
use crate::engine::command::{Command, Done, FieldError};

/// What happens to an overlay.
#[derive(Clone)]
pub enum Input {
    /// A key that is bound in the overlay's scope.
    Action(UiAction),
    /// A key that is not bound there.
    Text(KeyEvent),
    /// A bracketed paste, whole.
    Paste(String),
    /// The answer to [`Outcome::ReadFile`]: the file's text, or why there is none.
    File(Result<String, String>),
    /// The answer to [`Outcome::RunHere`] when it worked out and the overlay wants to show what
    /// came of it ([`Overlay::wants`]); the panel closes any other overlay then.
    Answer(Done),
    /// What there is of the accounts now, for the dialog that shows them.
    Accounts(Arc<AccountsNow>),
    /// The timeline, once it is counted.
    Timeline(Arc<Timeline>),
    /// The answer to [`Outcome::RunHere`] when it did not work out.
    Failed {
        /// What is wrong with single fields.
        fields: Vec<FieldError>,
        /// The whole, in a sentence.
        says: String,
    },
}

/// Says how long pasted text is, never what: it may be a private key.
impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Action(action) => f.debug_tuple("Action").field(action).finish(),
            Self::Text(key) => f.debug_tuple("Text").field(key).finish(),
            Self::Paste(text) => write!(f, "Paste({} bytes)", text.len()),
            Self::File(Ok(text)) => write!(f, "File({} bytes)", text.len()),
            Self::File(Err(says)) => f.debug_tuple("File").field(says).finish(),
            // What was answered may be a private key.
            Self::Answer(_) => f.write_str("Answer(..)"),
            Self::Accounts(_) => f.write_str("Accounts(..)"),
            Self::Timeline(_) => f.write_str("Timeline(..)"),
            Self::Failed { fields, says } => f
                .debug_struct("Failed")
                .field("fields", fields)
                .field("says", says)
                .finish(),
        }
    }
}

/// What the panel does next. Everything but [`Stay`](Self::Stay), [`RunHere`](Self::RunHere),
/// [`CopyHere`](Self::CopyHere), [`OpenLinkHere`](Self::OpenLinkHere),
/// [`ReadFile`](Self::ReadFile) and [`Ask`](Self::Ask) also closes the overlay.
#[derive(Debug)]
pub enum Outcome {
    /// Nothing; draw again.
    Stay,
    /// Close the overlay; nothing happens.
    Close,
    /// Close the overlay and run this.
    Run(Command),
    /// Run this and leave the overlay open: it shows that it waits. When the command is done, close
    /// it, or answer with [`Input::Answer`] where it wants that; answer with [`Input::Failed`] when
    /// it failed, so that nothing typed is lost.
    RunHere(Command),
    /// Close the overlay and put this on the clipboard.
    Copy {
        /// What it is, for the toast: `the certificate`.
        what: String,
        /// What to copy.
        text: String,
    },
    /// Close the overlay, run [`Command::CopyKey`] and put the key on the clipboard. The person
    /// was asked already.
    CopyKey {
        /// Whose key.
        entry: EntryId,
    },
    /// Close the overlay and open this link (`https:` or `mailto:`), or copy it where nothing can
    /// open it.
    OpenLink {
        /// The link.
        link: String,
    },
    /// Put this on the clipboard; the overlay stays open.
    CopyHere {
        /// What it is, for the toast: `the link`.
        what: String,
        /// What to copy.
        text: String,
    },
    /// Open this link; the overlay stays open.
    OpenLinkHere {
        /// The link.
        link: String,
    },
    /// Read this file as text (64 KiB at most) and answer with [`Input::File`].
    ReadFile {
        /// The path as it was typed; `~/` means the home directory.
        path: String,
    },
    /// Close the overlay and show what this filter finds.
    Filter {
        /// The filter, as it could be typed.
        filter: String,
    },
    /// Put this overlay in the place of the one that answered.
    Ask(Box<Overlay>),
}

impl Outcome {
    /// Whether the overlay goes away.
    #[must_use]
    pub fn closes(&self) -> bool {
        !matches!(
            self,
            Self::Stay
                | Self::RunHere(_)
                | Self::CopyHere { .. }
                | Self::OpenLinkHere { .. }
                | Self::ReadFile { .. }
                | Self::Ask(_)
        )
    }
}

/// What lies over the panel.
#[derive(Debug)]
pub enum Overlay {
    /// The order form.
    Order(Box<OrderFormScreen>),
    /// A question with two buttons.
    Confirm(Box<Confirm>),
    /// What has to be said for an action, and the question after it.
    Answers(Box<AnswerForm>),
    /// An invoice.
    Invoice(InvoiceDialog),
    /// A mail to the provider's support.
    Support(SupportMail),
    /// What can be copied.
    Copy(CopyMenu),
    /// A note.
    Note(NotePrompt),
    /// What the sandbox can let happen.
    Events(EventMenu),
    /// What may have come of a request of an unknown outcome.
    Candidates(CandidateMenu),
    /// What can be recorded of an entry kept by hand.
    Records(RecordMenu),
    /// A record that is being filled in.
    Record(Box<RecordForm>),
    /// What to do in the provider's own panel.
    ByHand(Box<ByHandDialog>),
    /// Which account to order from.
    OrderWhere(OrderWhere),
    /// An order by hand that is being filled in.
    HandOrder(Box<HandOrderForm>),
    /// Every key.
    Help(Help),
    /// The accounts.
    Accounts(Box<Accounts>),
    /// What is written into files.
    Export(Box<ExportDialog>),
    /// The passphrase of private keys.
    Passphrase(Box<PassphraseDialog>),
    /// The next twelve months.
    Timeline(TimelineScreen),
}

/// Calls the same on whichever overlay it is.
macro_rules! each {
    ($overlay:expr, $inner:ident => $call:expr) => {
        match $overlay {
            Overlay::Order($inner) => $call,
            Overlay::Confirm($inner) => $call,
            Overlay::Answers($inner) => $call,
            Overlay::Invoice($inner) => $call,
            Overlay::Support($inner) => $call,
            Overlay::Copy($inner) => $call,
            Overlay::Note($inner) => $call,
            Overlay::Events($inner) => $call,
            Overlay::Candidates($inner) => $call,
            Overlay::Records($inner) => $call,
            Overlay::Record($inner) => $call,
            Overlay::ByHand($inner) => $call,
            Overlay::OrderWhere($inner) => $call,
            Overlay::HandOrder($inner) => $call,
            Overlay::Help($inner) => $call,
            Overlay::Accounts($inner) => $call,
            Overlay::Export($inner) => $call,
            Overlay::Passphrase($inner) => $call,
            Overlay::Timeline($inner) => $call,
        }
    };
}

impl Overlay {
    /// Takes something in and says what the panel does next.
    pub fn handle(&mut self, input: &Input) -> Outcome {
        each!(self, inner => inner.handle(input))
    }

    /// Draws it over `area`; it keeps to the middle of it.
    pub fn view(&self, frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
        if area.width == 0 || area.height == 0 {
            return;
        }
        each!(self, inner => inner.view(frame, area, look));
    }

    /// The scope in which its keys are looked up; it changes while it is used.
    #[must_use]
    pub fn scope(&self) -> Scope {
        each!(self, inner => inner.scope())
    }

    /// Whether it stays open to show this answer to a command that it asked for.
    #[must_use]
    pub fn wants(&self, done: &Done) -> bool {
        match self {
            Self::Accounts(accounts) => accounts.wants(done),
            _ => false,
        }
    }

    /// Whether keys type text now, so that single letters must not be taken for commands.
    #[must_use]
    pub fn takes_text(&self) -> bool {
        self.scope().takes_text()
    }
}

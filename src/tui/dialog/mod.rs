//! Dialogs and menus that lie over the panel.
//!
//! Each takes keys in and gives an outcome out (`tui::overlay`); none does I/O or sees the engine.
//! The panel makes them and draws them.

pub(in crate::tui) mod about;
mod accounts;
mod by_hand;
mod candidates;
mod confirm;
mod copy;
mod events;
mod export;
mod help;
mod invoice;
mod menu;
mod note;
mod order_where;
mod passphrase;
mod record;
mod record_lines;
pub(in crate::tui) mod sheet;
pub(in crate::tui) mod steer;
mod support;
mod timeline;

pub(in crate::tui) use accounts::synced_words;
pub use accounts::{Accounts, AccountsNow};
pub use by_hand::ByHandDialog;
pub use candidates::CandidateMenu;
pub use confirm::{Confirm, Question};
pub use copy::CopyMenu;
pub use events::EventMenu;
pub use export::ExportDialog;
pub use help::Help;
pub use invoice::InvoiceDialog;
pub use note::NotePrompt;
pub use order_where::OrderWhere;
pub use passphrase::PassphraseDialog;
pub use record::{RecordMenu, describe};
pub use support::SupportMail;
pub use timeline::TimelineScreen;

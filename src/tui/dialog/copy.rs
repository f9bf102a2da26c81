//! What can be copied of an entry, the harmless first and the private key last, after a question.
//!
//! Texts of one line are made harmless before they leave, since they may come from a stranger's
//! certificate and end in somebody's shell.

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;

use super::about;
use super::confirm::{Confirm, Question};
use super::menu::{Item, MenuList};
use super::sheet::{self, Sheet};
use super::steer::{Move, steer};
use crate::domain::action::Danger;
use crate::domain::entry::{Entry, EntryId, ValidationRecord};
use crate::domain::inventory::Inventory;
use crate::domain::text::sanitise;
use crate::engine::command::{Command, Details};
use crate::pki::Certificate;
use crate::tui::keymap::Scope;
use crate::tui::look::{Body, Look, titled};
use crate::tui::overlay::{Input, Outcome};
use crate::tui::theme::Role;

const WIDTH: u16 = 74;
/// Whether a terminal takes what it is given cannot be learned.
const ELSEWHERE: &str = "Nothing arrives? Not every terminal takes it (OSC 52; in tmux: set -g \
                         set-clipboard on). certdeck show ID --pem, --csr and certdeck reveal-key \
                         ID print the same.";
/// Names that get a line of their own; all of them together have one anyway.
const NAMES_SHOWN: usize = 20;

/// What a line puts on the clipboard.
#[derive(Clone, Debug)]
enum Content {
    Text { what: String, text: String },
    Key,
}

/// What can be copied of an entry.
#[derive(Clone, Debug)]
pub struct CopyMenu {
    entry: EntryId,
    name: String,
    sandbox: bool,
    contents: Vec<Content>,
    list: MenuList,
    /// The question before the private key.
    asking: Option<Box<Confirm>>,
}

impl CopyMenu {
    /// What can be copied of an entry; `details` may still be loading, then the certificate's
    /// lines are missing.
    #[must_use]
    pub fn of(
        entry: &Entry,
        details: Option<&Details>,
        inventory: &Inventory,
        system: Timestamp,
    ) -> Self {
        let mut lines = Lines::default();
        lines.names(entry);
        lines.numbers(entry, details);
        for record in about::awaited(entry, inventory, system) {
            lines.record(record);
        }
        lines.documents(entry, details);
        if entry.order.key_held {
            lines.items.push(Item {
                label: "Private key".to_owned(),
                detail: "asks first; the history remembers it".to_owned(),
            });
            lines.contents.push(Content::Key);
        }
        // By hand, the CSR is what has to get into the provider's panel next.
        let pastes_csr = about::is_by_hand(entry, inventory) && entry.certificates.is_empty();
        Self {
            entry: entry.id.clone(),
            name: entry.name().to_owned(),
            sandbox: about::is_sandbox(entry, inventory),
            contents: lines.contents,
            list: MenuList::new(lines.items).beginning_at(if pastes_csr { "CSR" } else { "" }),
            asking: None,
        }
    }

    /// Takes something in.
    pub fn handle(&mut self, input: &Input) -> Outcome {
        if let Some(question) = &mut self.asking {
            return match question.handle(input) {
                Outcome::Run(_) => Outcome::CopyKey {
                    entry: self.entry.clone(),
                },
                Outcome::Close => {
                    self.asking = None;
                    Outcome::Stay
                }
                other => other,
            };
        }
        match steer(input) {
            Some(Move::Cancel) => return Outcome::Close,
            Some(Move::Press) => return self.take(),
            Some(step) => self.list.go(step),
            None => {}
        }
        Outcome::Stay
    }

    fn take(&mut self) -> Outcome {
        match self.contents.get(self.list.at()) {
            Some(Content::Text { what, text }) => Outcome::Copy {
                what: what.clone(),
                text: text.clone(),
            },
            Some(Content::Key) => {
                self.asking = Some(Box::new(self.question()));
                Outcome::Stay
            }
            None => Outcome::Close,
        }
    }

    fn question(&self) -> Confirm {
        let question = Question {
            title: "Copy the private key".to_owned(),
            text: "The private key leaves certdeck for the clipboard, where other programs can \
                   read it. The history remembers that it was copied."
                .to_owned(),
            submit: "Copy the private key".to_owned(),
            keep: "Keep it here".to_owned(),
            sandbox: self.sandbox,
            danger: Danger::Asks,
            name: self.name.clone(),
        };
        let entry = self.entry.clone();
        Confirm::new(question, Command::CopyKey { entry })
    }

    /// The lines, and below them what to do where nothing arrives.
    fn body(&self, look: &Look<'_>, columns: usize) -> Body {
        let mut body = self.list.body(look, columns);
        body.gap();
        let elsewhere = look.paragraph(ELSEWHERE, columns, Role::Dim);
        body.lines.extend(elsewhere);
        body
    }

    /// Where its keys are looked up.
    #[must_use]
    pub fn scope(&self) -> Scope {
        let asking = self.asking.as_ref();
        asking.map_or(Scope::Menu, |question| question.scope())
    }

    /// Draws it.
    pub fn view(&self, frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
        let title = format!("Copy {} {}", look.symbols.separator, self.name);
        let title = titled(self.sandbox, &title, look.symbols);
        sheet::draw(frame, area, look, &title, WIDTH, |columns| Sheet {
            body: self.body(look, columns),
            hints: look.hints(Scope::Menu, columns),
            ..Sheet::default()
        });
        if let Some(question) = &self.asking {
            question.view(frame, area, look);
        }
    }
}

/// The menu while it is being made.
#[derive(Default)]
struct Lines {
    items: Vec<Item>,
    contents: Vec<Content>,
}

impl Lines {
    /// A text of one line, which is its own detail.
    fn short(&mut self, label: &str, what: &str, text: &str) {
        let text = sanitise(text).into_owned();
        self.long(label, what, &text.clone(), text);
    }

    fn long(&mut self, label: &str, what: &str, detail: &str, text: String) {
        self.items.push(Item {
            label: label.to_owned(),
            detail: detail.to_owned(),
        });
        let what = what.to_owned();
        self.contents.push(Content::Text { what, text });
    }

    fn names(&mut self, entry: &Entry) {
        let count = entry.names.len();
        if count > 1 {
            let lines: Vec<_> = entry.names.iter().map(|name| sanitise(name)).collect();
            let detail = format!("{count} names, one to a line");
            self.long("All names", "the names", &detail, lines.join("\n"));
        }
        for name in entry.names.iter().take(NAMES_SHOWN) {
            self.short("Name", "the name", name);
        }
    }

    fn numbers(&mut self, entry: &Entry, details: Option<&Details>) {
        self.short("Id", "the id", entry.id.as_str());
        if let Some(number) = &entry.product.order_number {
            self.short("Order number", "the order number", number);
        }
        let held = entry.serving();
        let read = details.and_then(|details| details.certificate.as_ref());
        let serial = read.map(|read| &read.serial);
        if let Some(serial) = serial.or(held.map(|held| &held.serial)) {
            self.short("Serial number", "the serial number", serial);
        }
        let sha256 = read.map(|read| &read.sha256);
        if let Some(sha256) = sha256.or(held.map(|held| &held.sha256)) {
            self.short("SHA-256", "the SHA-256 fingerprint", sha256);
        }
        if let Some(read) = read {
            self.short("SHA-1", "the SHA-1 fingerprint", &read.sha1);
        }
        if let Some(held) = held {
            let spki = &held.spki_sha256;
            self.short("Public key SHA-256", "the public key's fingerprint", spki);
        }
    }

    fn record(&mut self, record: &ValidationRecord) {
        match record {
            ValidationRecord::Email { mailbox, .. } => {
                self.short("Mailbox", "the mailbox", mailbox);
            }
            ValidationRecord::Dns {
                record,
                kind,
                value,
                ..
            } => {
                self.short(&format!("{kind} record, name"), "the record's name", record);
                self.short(
                    &format!("{kind} record, value"),
                    "the record's value",
                    value,
                );
            }
            ValidationRecord::File { url, content, .. } => {
                self.short("File, address", "the file's address", url);
                self.short("File, content", "the file's content", content);
            }
        }
    }

    fn documents(&mut self, entry: &Entry, details: Option<&Details>) {
        if let Some(csr) = &entry.order.csr {
            self.long("CSR", "the CSR", "PEM", csr.clone());
        }
        let Some(details) = details else { return };
        let certificate = details.certificate.as_ref().map(Certificate::to_pem);
        let chain: String = details.chain.iter().map(Certificate::to_pem).collect();
        if let Some(pem) = &certificate {
            self.long("Certificate", "the certificate", "PEM", pem.clone());
        }
        if !chain.is_empty() {
            let count = format!("PEM, {} above it", details.chain.len());
            self.long("Chain", "the chain", &count, chain.clone());
        }
        if let (Some(pem), false) = (certificate, chain.is_empty()) {
            let full = format!("{pem}{chain}");
            let detail = "PEM, certificate and chain";
            self.long("Full chain", "the full chain", detail, full);
        }
    }
}

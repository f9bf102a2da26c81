//! The fields of the order form, drawn below each other, with what is wrong below each; scrolled
//! to the one with the focus.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::draft::Slot;
use super::widgets::{self, Piece};
use super::{OrderFormScreen, PRIVATE_KEY};
use crate::domain::entry::CsrBy;
use crate::domain::text;
use crate::engine::command::Offer;
use crate::pki::subject::Part;
use crate::pki::{CertName, KeyType};
use crate::tui::dialog::sheet::{self, Sheet};
use crate::tui::keymap::Scope;
use crate::tui::look::{Body, Look, titled};
use crate::tui::theme::Role;

const WIDTH: u16 = 86;
/// The column of the labels, where it stands beside the fields.
const LABELS: usize = 15;
/// From here on labels stand beside their fields.
const WIDE: usize = 60;
/// More names are not explained one by one.
const NOTES: usize = 4;

impl OrderFormScreen {
    pub(super) fn view_fields(&self, frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
        let title = titled(true, "Order a certificate", look.symbols);
        sheet::draw(frame, area, look, &title, WIDTH, |columns| Sheet {
            body: self.fields(look, columns),
            foot: Vec::new(),
            hints: self.field_hints(look, columns),
        });
    }

    /// What the focused field does with keys, then the form's own keys.
    fn field_hints(&self, look: &Look<'_>, columns: usize) -> Line<'static> {
        let (key, does) = match self.focus {
            Slot::Names | Slot::CsrText => ("enter", "new line"),
            Slot::CsrFile => ("enter", "read the file"),
            Slot::TakeNames | Slot::Review | Slot::OtherMailbox | Slot::Part(_) => {
                ("enter", "go on")
            }
            _ => ("left/right", "choose"),
        };
        let mut line = Line::from(vec![
            look.span(key, columns, Role::Key),
            look.span(&format!(" {does}  "), columns, Role::Hint),
        ]);
        let room = columns.saturating_sub(line.width());
        line.spans.extend(look.hints(Scope::Form, room).spans);
        line
    }

    fn fields(&self, look: &Look<'_>, columns: usize) -> Body {
        let mut body = Body::default();
        if let Some(says) = &self.refused {
            body.lines.extend(look.paragraph(says, columns, Role::Bad));
            body.gap();
        }
        if self.draft.shops.is_empty() {
            let says = "There is no sandbox account that takes orders. Add one to the \
                        configuration, or try `certdeck demo`.";
            body.lines.extend(look.paragraph(says, columns, Role::Warn));
            body.gap();
        }
        for slot in self.draft.slots() {
            self.field(look, slot, columns, &mut body);
        }
        body
    }

    /// One field with its label and what is wrong with it.
    fn field(&self, look: &Look<'_>, slot: Slot, columns: usize, body: &mut Body) {
        let focused = slot == self.focus;
        let indent = if columns >= WIDE { LABELS } else { 2 };
        let room = columns.saturating_sub(indent);
        let mut piece = self.piece(look, slot, focused, room);
        piece
            .lines
            .extend(widgets::problems(look, self.problems_at(slot), room));
        let label = label(slot);
        widgets::labelled(look, label, piece, focused, (columns, indent), body);
    }

    fn piece(&self, look: &Look<'_>, slot: Slot, focused: bool, room: usize) -> Piece {
        match slot {
            Slot::Names => self.names(look, focused, room),
            Slot::CsrText => self.csr(look, focused, room),
            Slot::TakeNames => self.take_names_button(look, focused, room),
            Slot::Review => widgets::button(look, "Review the order", focused, room),
            Slot::CsrFile => {
                let expects = "a path; Enter reads the file";
                widgets::line(look, &self.draft.csr_file, expects, focused, room)
            }
            Slot::OtherMailbox => {
                let expects = "hostmaster@example.org";
                widgets::line(look, &self.draft.other_mailbox, expects, focused, room)
            }
            Slot::Part(part) => {
                let typed = self.draft.part(part);
                widgets::line(look, typed, expects(part), focused, room)
            }
            _ => self.choices(look, slot, focused, room),
        }
    }

    fn choices(&self, look: &Look<'_>, slot: Slot, focused: bool, room: usize) -> Piece {
        let draft = &self.draft;
        match slot {
            Slot::Lifecycle => {
                let kinds = draft.kinds().iter();
                let labels: Vec<_> = kinds.map(|kind| kind.title.clone()).collect();
                widgets::list(look, &labels, draft.lifecycle, focused, room)
            }
            Slot::Product => {
                let labels: Vec<_> = draft.offers().iter().map(offer_label).collect();
                widgets::list(look, &labels, draft.product, focused, room)
            }
            Slot::Mailbox => {
                let mut labels = draft.mailboxes();
                let chosen = draft.mailbox.min(labels.len());
                labels.push("another one".to_owned());
                widgets::list(look, &labels, chosen, focused, room)
            }
            Slot::Account => {
                let labels: Vec<_> = draft.shops.iter().map(|shop| shop.name.clone()).collect();
                widgets::list(look, &labels, draft.account, focused, room)
            }
            Slot::KeyType => {
                let labels = KeyType::ALL.map(KeyType::label);
                widgets::choices(look, &labels, draft.key_type, focused, room)
            }
            Slot::KeyAtRest => {
                let labels = ["as the configuration says", "encrypted"];
                widgets::choices(look, &labels, draft.at_rest, focused, room)
            }
            Slot::SaysMore => {
                let labels = ["the names alone", "an organization, too"];
                widgets::choices(look, &labels, draft.says_more, focused, room)
            }
            Slot::CsrBy => {
                let labels = CsrBy::ALL.map(maker);
                widgets::choices(look, &labels, draft.csr_by, focused, room)
            }
            _ => {
                let methods = draft.methods().iter();
                let labels: Vec<_> = methods.map(|method| method.words()).collect();
                widgets::choices(look, &labels, draft.method, focused, room)
            }
        }
    }

    fn names(&self, look: &Look<'_>, focused: bool, room: usize) -> Piece {
        let expects = "www.example.org, *.example.org; one to a line, or pasted";
        let mut piece = widgets::area(look, &self.draft.names, expects, focused, room);
        let notes = self.draft.read_names.iter().filter_map(note);
        for says in notes.clone().take(NOTES) {
            let says = format!("{} {says}", look.symbols.arrow);
            piece.lines.push(look.line(&says, room, Role::Dim));
        }
        if let Some(more @ 1..) = notes.count().checked_sub(NOTES) {
            let says = format!("{} {more} more of these", look.symbols.ellipsis);
            piece.lines.push(look.line(&says, room, Role::Dim));
        }
        piece
    }

    fn csr(&self, look: &Look<'_>, focused: bool, room: usize) -> Piece {
        let typed = &self.draft.csr;
        if typed
            .lines()
            .iter()
            .any(|line| line.value().contains(PRIVATE_KEY))
        {
            // It came in key by key, so it could not be turned away; it is not shown either.
            let hidden = look.symbols.masked.repeat(12);
            return Piece {
                lines: vec![look.line(&hidden, room, Role::Secret)],
                cursor: None,
            };
        }
        let expects = "paste the PEM: -----BEGIN CERTIFICATE REQUEST-----";
        let mut piece = widgets::area(look, typed, expects, focused, room);
        if let Some(request) = &self.draft.request {
            let names = request.names.len();
            let dot = look.symbols.separator;
            let says = format!(
                "{} {} {dot} {names} {} {dot} its signature is right",
                look.symbols.live,
                request.key.label(),
                if names == 1 { "name" } else { "names" },
            );
            piece.lines.push(look.line(&says, room, Role::Good));
        }
        piece
    }

    fn take_names_button(&self, look: &Look<'_>, focused: bool, room: usize) -> Piece {
        let names = self.draft.names_to_take().unwrap_or_default();
        let says = match names.as_slice() {
            [only] => format!("Take the name of the CSR: {only}"),
            names => format!("Take the {} names of the CSR", names.len()),
        };
        widgets::button(look, &says, focused, room)
    }
}

fn label(slot: Slot) -> &'static str {
    match slot {
        Slot::Account => "Account",
        Slot::Lifecycle => "Lifecycle",
        Slot::Product => "Product",
        Slot::Names => "Names",
        Slot::KeyType => "Key",
        Slot::KeyAtRest => "Key at rest",
        Slot::SaysMore => "CSR says",
        Slot::Part(part) => part.title(),
        Slot::CsrBy => "CSR made by",
        Slot::CsrFile => "CSR file",
        Slot::CsrText => "CSR",
        Slot::Method => "Verification",
        Slot::Mailbox => "Mailbox",
        Slot::OtherMailbox => "Address",
        Slot::TakeNames | Slot::Review => "",
    }
}

/// What a part of the subject expects.
fn expects(part: Part) -> &'static str {
    match part {
        Part::Organization => "Example GmbH; a CA that checks names alone leaves it out",
        Part::Unit => "IT; few CAs take one any more",
        Part::Locality => "the city",
        Part::Province => "the state or province",
        Part::Country => "two letters: DE",
        Part::Email => "tls@example.org",
    }
}

fn maker(by: CsrBy) -> &'static str {
    match by {
        CsrBy::You => "me: I have one",
        other => other.words(),
    }
}

fn offer_label(offer: &Offer) -> String {
    format!("{}, {}", offer.title(), offer.price_words())
}

/// What is worth saying of a name: its ASCII form, or what a wildcard covers.
fn note(name: &CertName) -> Option<String> {
    let display = name.display();
    let ascii = name.ascii();
    if display != ascii {
        return Some(format!("{display} is {ascii}"));
    }
    let bare = ascii.strip_prefix("*.")?;
    let covers = text::sanitise(bare);
    Some(format!("{ascii} covers one label before .{covers}"))
}

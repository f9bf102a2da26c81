//! A mail to the provider's support, ready to be sent: it holds all that they will ask for.
//!
//! certdeck sends nothing: it opens the mail in one's own program, or copies it.

use std::fmt::Write as _;

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;

use super::about;
use super::sheet::{self, Sheet};
use super::steer::{Move, line_after, steer};
use crate::domain::entry::Entry;
use crate::domain::inventory::Inventory;
use crate::domain::lifecycle::Phase;
use crate::domain::text::sanitise;
use crate::domain::time;
use crate::tui::keymap::Scope;
use crate::tui::look::{Body, Button, Look, titled, wrap};
use crate::tui::overlay::{Input, Outcome};
use crate::tui::theme::Role;

const WIDTH: u16 = 76;
/// A mail with more names is read by nobody.
const NAMES_SHOWN: usize = 30;
const BUTTONS: [&str; 3] = ["Open mail", "Copy the mail", "Close"];

/// A mail to the provider's support.
#[derive(Clone, Debug)]
pub struct SupportMail {
    name: String,
    sandbox: bool,
    to: String,
    subject: String,
    body: String,
    focus: usize,
    top: usize,
}

impl SupportMail {
    /// The mail about an entry; `None` where the provider has no mailbox for support. `system` is
    /// the system's time.
    #[must_use]
    pub fn of(entry: &Entry, inventory: &Inventory, system: Timestamp) -> Option<Self> {
        let lifecycle = inventory.lifecycle_of(entry)?;
        let to = lifecycle.support.as_ref()?.mail.clone();
        let (state, phase) = about::standing(entry, inventory, system);
        Some(Self {
            name: entry.name().to_owned(),
            sandbox: about::is_sandbox(entry, inventory),
            to,
            subject: subject(entry, &state),
            body: body(entry, &state, phase),
            focus: 0,
            top: 0,
        })
    }

    /// Takes something in.
    pub fn handle(&mut self, input: &Input) -> Outcome {
        match steer(input) {
            Some(Move::Cancel) => return Outcome::Close,
            Some(Move::Press) => return self.press(),
            Some(Move::Next) => self.focus = sheet::round(self.focus, BUTTONS.len(), true),
            Some(Move::Previous) => self.focus = sheet::round(self.focus, BUTTONS.len(), false),
            Some(step) => {
                let most = wrap(&self.body, 30).len();
                self.top = line_after(self.top, most, step);
            }
            None => {}
        }
        Outcome::Stay
    }

    fn press(&self) -> Outcome {
        match self.focus {
            0 => Outcome::OpenLink {
                link: self.mailto(),
            },
            1 => Outcome::Copy {
                what: "the mail".to_owned(),
                text: self.text(),
            },
            _ => Outcome::Close,
        }
    }

    /// The mail as a link (RFC 6068).
    fn mailto(&self) -> String {
        format!(
            "mailto:{}?subject={}&body={}",
            encoded(&self.to, "@"),
            encoded(&self.subject, ""),
            // RFC 6068 section 5: a line break is written %0D%0A.
            encoded(&self.body.replace('\n', "\r\n"), ""),
        )
    }

    fn text(&self) -> String {
        format!(
            "To: {}\nSubject: {}\n\n{}",
            self.to, self.subject, self.body
        )
    }

    /// Where its keys are looked up.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope::Dialog
    }

    /// Draws it.
    pub fn view(&self, frame: &mut Frame<'_>, area: Rect, look: &Look<'_>) {
        let title = format!("Mail to support {} {}", look.symbols.separator, self.name);
        let title = titled(self.sandbox, &title, look.symbols);
        sheet::draw(frame, area, look, &title, WIDTH, |columns| Sheet {
            body: self.body_lines(look, columns),
            foot: look.buttons(&BUTTONS.map(Button::calm), Some(self.focus), columns),
            hints: look.hints(Scope::Dialog, columns),
        });
    }

    fn body_lines(&self, look: &Look<'_>, columns: usize) -> Body {
        let mut body = Body {
            top: self.top,
            ..Body::default()
        };
        if self.sandbox {
            let warning = "The sandbox's order is unknown to the provider: do not send this.";
            body.lines
                .extend(look.paragraph(warning, columns, Role::Sandbox));
        }
        for head in [
            format!("To: {}", self.to),
            format!("Subject: {}", self.subject),
        ] {
            body.lines
                .extend(look.paragraph(&head, columns, Role::Accent));
        }
        body.gap();
        body.lines
            .extend(look.paragraph(&self.body, columns, Role::Text));
        body
    }
}

fn subject(entry: &Entry, state: &str) -> String {
    let order = entry.product.order_number.as_deref();
    let order = order.map_or_else(String::new, |number| format!("order {number}, "));
    sanitise(&format!("Certificate for {}: {order}{state}", entry.name())).into_owned()
}

fn body(entry: &Entry, state: &str, phase: Option<Phase>) -> String {
    let mut text = format!("Hello,\n\n{}\n", request(phase));
    if let Some(said) = &entry.said {
        line(&mut text, "\nYou wrote", said);
    }
    text.push('\n');
    for (label, value) in facts(entry, state) {
        line(&mut text, label, &value);
    }
    text.push_str("\nKind regards\n");
    text
}

/// What support is asked to do.
fn request(phase: Option<Phase>) -> &'static str {
    match phase {
        Some(Phase::ActionNeeded) => {
            "the order below waits for information from me. Please tell me exactly what is missing \
             and where to send it."
        }
        Some(Phase::Ended | Phase::Failed) => {
            "the order below has ended and I do not know why. Please tell me the reason and what I \
             can do."
        }
        _ => "please look into the order below and tell me how it stands and what is left to do.",
    }
}

fn facts(entry: &Entry, state: &str) -> Vec<(&'static str, String)> {
    let product = &entry.product;
    let mut facts = Vec::new();
    if let Some(number) = &product.order_number {
        facts.push(("Order", number.clone()));
    }
    facts.push(("Names", names(entry)));
    if !product.name.is_empty() {
        facts.push(("Product", product.name.clone()));
    }
    if let Some(invoice) = &product.invoice {
        facts.push(("Invoice", invoice.number.clone()));
    }
    facts.push(("Account", entry.account.clone()));
    let since = entry.main().map_or(entry.changed, |track| track.since);
    facts.push(("Status", format!("{state}, since {}", time::moment(since))));
    facts
}

fn names(entry: &Entry) -> String {
    let shown: Vec<_> = entry.names.iter().take(NAMES_SHOWN).cloned().collect();
    let mut names = shown.join(", ");
    if let Some(more @ 1..) = entry.names.len().checked_sub(NAMES_SHOWN) {
        // Writing to a string cannot fail.
        let _ = write!(names, " and {more} more");
    }
    names
}

fn line(text: &mut String, label: &str, value: &str) {
    let _ = writeln!(text, "{label}: {}", sanitise(value));
}

/// Percent-encodes everything but the unreserved characters of RFC 3986 and those in `keep`.
fn encoded(text: &str, keep: &str) -> String {
    let mut link = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        let letter = char::from(byte);
        let plain = byte.is_ascii_alphanumeric() || "-._~".contains(letter);
        if plain || (byte.is_ascii() && keep.contains(letter)) {
            link.push(letter);
        } else {
            let _ = write!(link, "%{byte:02X}");
        }
    }
    link
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_holds_nothing_that_would_end_it() {
        assert_eq!(encoded("a&b=c?\r\n#ü", ""), "a%26b%3Dc%3F%0D%0A%23%C3%BC");
        assert_eq!(encoded("mail@netcup.de", "@"), "mail@netcup.de");
    }
}

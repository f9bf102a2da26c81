//! The fields of a record or an order by hand: what each is called and expects, what it is filled
//! with, and what a person's answers come to.
//!
//! Which fields there are is the engine's to say (`engine::by_hand`), and what is wrong with them.
//! Called by the forms for records and for orders by hand.

use super::sheet_form::{FormField, SheetForm};
use crate::domain::entry::Method;
use crate::engine::command::{Field, Particulars};

/// The choice of who does not know it.
const NOT_KNOWN: &str = "not known";
const LEVELS: [&str; 3] = ["DV", "OV", "EV"];

/// Which answers a record carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// Everything that is filled in.
    All,
    /// What is otherwise than it was.
    Changed,
}

/// The form's field for what is asked, filled with what is `known`; nothing for what is no field of
/// a record.
pub(super) fn field(asked: Field, known: &Particulars) -> Option<FormField> {
    document(asked)
        .or_else(|| choice(asked, known))
        .or_else(|| text(asked, known))
}

fn document(asked: Field) -> Option<FormField> {
    let (label, hint) = match asked {
        Field::Certificate => (
            "Certificate",
            "paste the PEM, or type a path; chain and key may be in it",
        ),
        Field::Chain => ("Chain", "if it came in a file of its own: paste, or a path"),
        Field::Csr => ("CSR", "if you have it: paste, or a path"),
        Field::Key => (
            "Private key",
            "to keep it here: paste, or a path; it is never shown",
        ),
        _ => return None,
    };
    Some(FormField::document(asked, label, hint))
}

fn choice(asked: Field, known: &Particulars) -> Option<FormField> {
    let (label, mut options, now) = match asked {
        Field::Level => {
            let options = LEVELS.map(str::to_owned).to_vec();
            ("Level", options, known.level.clone())
        }
        Field::Method => {
            let options = Method::ALL.map(|method| method.words().to_owned()).to_vec();
            let now = known.method.map(|method| method.words().to_owned());
            ("Verification", options, now)
        }
        _ => return None,
    };
    let now = now.unwrap_or_else(|| NOT_KNOWN.to_owned());
    if !options.contains(&now) {
        options.insert(0, now.clone());
    }
    let at = options.iter().position(|option| *option == now);
    Some(FormField::choice(asked, label, options, at.unwrap_or(0)))
}

fn text(asked: Field, known: &Particulars) -> Option<FormField> {
    let filled = |value: &Option<String>| value.clone().unwrap_or_default();
    let line = |label, hint, value: &Option<String>| {
        Some(FormField::line(asked, label, hint, &filled(value)))
    };
    match asked {
        Field::Names => {
            let names = known.names.clone().unwrap_or_default().join("\n");
            let hint = "one to a line, or pasted: www.example.org, *.example.org";
            Some(FormField::area(asked, "Names", hint, &names))
        }
        Field::NewNames => {
            let hint = "one to a line, or pasted: shop.example.org";
            Some(FormField::area(asked, "Names to add", hint, ""))
        }
        Field::Reason => line("Reason", "as you gave it; may stay empty", &known.reason),
        Field::Proof => {
            let hint = "one a line: NAME TXT VALUE, or URL CONTENT";
            Some(FormField::area(
                asked,
                "To publish",
                hint,
                &filled(&known.proof),
            ))
        }
        Field::Question => {
            let hint = "what the provider or the CA asks, in its words";
            let asks = filled(&known.question);
            Some(FormField::area(asked, "Question", hint, &asks))
        }
        Field::Product => line("Product", "as the provider calls it", &known.product),
        Field::OrderNumber => line("Order number", "the provider's own", &known.order_number),
        Field::InvoiceNumber => line("Invoice", "its number", &known.invoice_number),
        Field::InvoiceLink => line("Invoice link", "begins with https://", &known.invoice_link),
        Field::Price => line("Price", "for example 49.00 EUR", &known.price),
        Field::Term => line(
            "Term, months",
            "how long one payment lasts, for example 12",
            &known.term,
        ),
        Field::PaidUntil => line("Paid until", "for example 2027-06-01", &known.paid_until),
        Field::Mailbox => line(
            "Mailbox",
            "for example hostmaster@example.org",
            &known.mailbox,
        ),
        _ => None,
    }
}

/// What a person answered.
pub(super) fn read(form: &SheetForm, taken: Taken) -> Particulars {
    let answer = |field| match taken {
        Taken::Changed => form.changed_text(field),
        Taken::All => form
            .text(field)
            .filter(|text| !text.trim().is_empty() || form.changed_text(field).is_some()),
    };
    let method = form.chosen_words(Field::Method);
    Particulars {
        names: answer(Field::Names).map(|typed| names(&typed)),
        new_names: answer(Field::NewNames).map(|typed| names(&typed)),
        reason: answer(Field::Reason),
        product: answer(Field::Product),
        level: level(form, taken),
        order_number: answer(Field::OrderNumber),
        invoice_number: answer(Field::InvoiceNumber),
        invoice_link: answer(Field::InvoiceLink),
        price: answer(Field::Price),
        term: answer(Field::Term),
        paid_until: answer(Field::PaidUntil),
        method: Method::ALL
            .into_iter()
            .find(|known| Some(known.words()) == method),
        mailbox: answer(Field::Mailbox),
        proof: answer(Field::Proof),
        question: answer(Field::Question),
        certificate: form.secret(Field::Certificate),
        chain: form.secret(Field::Chain),
        csr: form.secret(Field::Csr),
        key: form.secret(Field::Key),
    }
}

fn level(form: &SheetForm, taken: Taken) -> Option<String> {
    if taken == Taken::Changed && !form.is_field_changed(Field::Level) {
        return None;
    }
    let chosen = form.chosen_words(Field::Level)?;
    (chosen != NOT_KNOWN).then(|| chosen.to_owned())
}

/// Names as they are typed or pasted, in any usual way of listing them.
pub(super) fn names(typed: &str) -> Vec<String> {
    let pieces = typed.split(|c: char| c.is_whitespace() || c == ',' || c == ';');
    let pieces = pieces.filter(|piece| !piece.is_empty());
    pieces.map(str::to_owned).collect()
}

/// Only verification by e-mail has a mailbox, and only the others have something to publish.
pub(super) fn follow_method(form: &mut SheetForm) {
    let Some(chosen) = form.chosen_words(Field::Method) else {
        return;
    };
    let by_mail = chosen == Method::Email.words();
    let known = chosen != NOT_KNOWN;
    form.show(Field::Mailbox, by_mail);
    form.show(Field::Proof, known && !by_mail);
}

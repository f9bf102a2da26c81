//! What is known of an entry, as it is after a person typed something else: names, product, invoice,
//! method.
//!
//! Pure. `None` leaves what is known, an empty text takes it away. The plans of records and orders
//! read it.

use super::typed;
use crate::domain::entry::{Entry, Invoice, Method, Price, Product};
use crate::domain::event::What;
use crate::domain::lifecycle::Bring;
use crate::engine::command::{Field, FieldError, Particulars};
use crate::pki::CertName;

/// A name of a product or a number longer than this is something else, pasted by mistake.
const LONGEST_LINE: usize = 200;

/// Everything that is known of an order apart from its key, its certificates and its state.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Facts {
    pub(super) names: Vec<String>,
    pub(super) product: Product,
    pub(super) method: Option<Method>,
    pub(super) mailbox: Option<String>,
}

impl Facts {
    /// What is known of an entry now.
    pub(super) fn of(entry: &Entry) -> Self {
        Self {
            names: entry.names.clone(),
            product: entry.product.clone(),
            method: entry.order.method,
            mailbox: entry.order.mailbox.clone(),
        }
    }

    /// The same with what was typed; what is wrong with it goes to `problems`.
    pub(super) fn with(mut self, with: &Particulars, problems: &mut Vec<FieldError>) -> Self {
        if let Some(typed) = &with.names {
            match names(typed) {
                Ok(names) => self.names = names,
                Err(wrong) => problems.extend(wrong),
            }
        }
        let mut reader = Reader { problems };
        let product = &mut self.product;
        match reader.read(Field::Product, with.product.as_ref(), line) {
            Typed::Nothing => {}
            Typed::TakenAway => product.name.clear(),
            Typed::Is(name) => product.name = name,
        }
        let level = reader.read(Field::Level, with.level.as_ref(), typed::level);
        level.put(&mut product.level);
        let number = reader.read(Field::OrderNumber, with.order_number.as_ref(), line);
        number.put(&mut product.order_number);
        let term = reader.read(Field::Term, with.term.as_ref(), typed::term);
        term.put(&mut product.term_months);
        let until = with.paid_until.as_ref();
        let until = reader.read(Field::PaidUntil, until, typed::end_of_day);
        until.put(&mut product.paid_until);
        let mailbox = reader.read(Field::Mailbox, with.mailbox.as_ref(), typed::mailbox);
        mailbox.put(&mut self.mailbox);
        reader.invoice(product, with);
        self.method = with.method.or(self.method);
        self
    }

    /// What is written down of it, if it differs from what is known; without what an event of its
    /// own says (`brings`).
    pub(super) fn described(&self, entry: &Entry, brings: &[Bring]) -> Option<What> {
        let mut said = self.clone();
        if brings.contains(&Bring::Invoice) {
            said.product.invoice.clone_from(&entry.product.invoice);
        }
        if brings.contains(&Bring::Receipt) {
            said.product.paid_until = entry.product.paid_until;
        }
        (said != Self::of(entry)).then(|| said.into_event())
    }

    pub(super) fn into_event(self) -> What {
        What::Described {
            names: self.names,
            product: self.product,
            method: self.method,
            mailbox: self.mailbox,
        }
    }
}

/// Where a private key was pasted into a field that is written down: it belongs into its own field,
/// which leads to the vault and nowhere else.
pub(super) fn stray_keys(with: &Particulars) -> Vec<FieldError> {
    let joined = |names: &Option<Vec<String>>| names.as_ref().map(|names| names.join("\n"));
    let (names, new_names) = (joined(&with.names), joined(&with.new_names));
    let texts = [
        (Field::Names, &names),
        (Field::NewNames, &new_names),
        (Field::Reason, &with.reason),
        (Field::Product, &with.product),
        (Field::Level, &with.level),
        (Field::OrderNumber, &with.order_number),
        (Field::InvoiceNumber, &with.invoice_number),
        (Field::InvoiceLink, &with.invoice_link),
        (Field::Price, &with.price),
        (Field::Term, &with.term),
        (Field::PaidUntil, &with.paid_until),
        (Field::Mailbox, &with.mailbox),
        (Field::Proof, &with.proof),
        (Field::Question, &with.question),
    ];
    let holds_key = |text: &Option<String>| {
        let text = text.as_deref();
        text.is_some_and(|text| text.contains("PRIVATE KEY-----"))
    };
    let strays = texts.into_iter().filter(|(_, text)| holds_key(text));
    strays
        .map(|(field, _)| FieldError {
            field,
            says: "this is a private key; it belongs into the field of its own (--private-key), \
                   and was not kept here"
                .to_owned(),
        })
        .collect()
}

/// What was typed into one field.
enum Typed<T> {
    /// Nothing, or something wrong: what is known stays.
    Nothing,
    /// An empty text: what is known is taken away.
    TakenAway,
    /// This.
    Is(T),
}

impl<T> Typed<T> {
    /// Puts it in the place of what is known.
    fn put(self, known: &mut Option<T>) {
        match self {
            Self::Nothing => {}
            Self::TakenAway => *known = None,
            Self::Is(value) => *known = Some(value),
        }
    }
}

/// Reads field by field and keeps what is wrong.
struct Reader<'a> {
    problems: &'a mut Vec<FieldError>,
}

impl Reader<'_> {
    fn read<T>(
        &mut self,
        field: Field,
        typed: Option<&String>,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Typed<T> {
        let Some(typed) = typed else {
            return Typed::Nothing;
        };
        if typed.trim().is_empty() {
            return Typed::TakenAway;
        }
        match read(typed) {
            Ok(value) => Typed::Is(value),
            Err(says) => {
                self.problems.push(FieldError { field, says });
                Typed::Nothing
            }
        }
    }

    /// Price and invoice hang together: an invoice has an amount.
    fn invoice(&mut self, product: &mut Product, with: &Particulars) {
        let problems = self.problems.len();
        let price = self.read(Field::Price, with.price.as_ref(), typed::price);
        let price_is_wrong = self.problems.len() > problems;
        let before = product.price.clone();
        let typed_price = match &price {
            Typed::Is(price) => Some(price.clone()),
            Typed::Nothing | Typed::TakenAway => None,
        };
        price.put(&mut product.price);
        // An amount that was the price stays the price.
        if let (Some(invoice), Some(price)) = (&mut product.invoice, &typed_price)
            && before.is_none_or(|before| before == invoice.amount)
        {
            invoice.amount = price.clone();
        }
        match self.read(Field::InvoiceNumber, with.invoice_number.as_ref(), line) {
            Typed::TakenAway => product.invoice = None,
            Typed::Is(number) if !price_is_wrong => self.number(product, number, typed_price),
            Typed::Nothing | Typed::Is(_) => {}
        }
        let link = self.read(Field::InvoiceLink, with.invoice_link.as_ref(), typed::link);
        match (&mut product.invoice, link) {
            (Some(invoice), link) => link.put(&mut invoice.link),
            (None, Typed::Is(_)) => self.problems.push(FieldError {
                field: Field::InvoiceNumber,
                says: "give the number of the invoice that the link leads to".to_owned(),
            }),
            (None, Typed::Nothing | Typed::TakenAway) => {}
        }
    }

    fn number(&mut self, product: &mut Product, number: String, price: Option<Price>) {
        if let Some(invoice) = &mut product.invoice {
            if invoice.number != number {
                // Another bill: whether it is paid, nobody has said yet.
                invoice.paid_at = None;
                invoice.link = None;
            }
            invoice.number = number;
            return;
        }
        let Some(amount) = price.or_else(|| product.price.clone()) else {
            self.problems.push(FieldError {
                field: Field::Price,
                says: "give the invoice's amount, too, for example 49.00 EUR".to_owned(),
            });
            return;
        };
        product.invoice = Some(Invoice {
            number,
            amount,
            link: None,
            paid_at: None,
        });
    }
}

/// The names, each once, in the order in which they were typed.
fn names(typed: &[String]) -> Result<Vec<String>, Vec<FieldError>> {
    let mut names: Vec<String> = Vec::new();
    let mut problems = Vec::new();
    for parsed in typed.iter().flat_map(|typed| CertName::parse_list(typed)) {
        match parsed {
            Ok(name) if names.iter().all(|known| known != name.ascii()) => {
                names.push(name.ascii().to_owned());
            }
            Ok(_) => {}
            Err(error) => problems.push(error.to_string()),
        }
    }
    if names.is_empty() && problems.is_empty() {
        problems.push(
            "give at least one name, for example www.example.com or *.example.com".to_owned(),
        );
    }
    if problems.is_empty() {
        return Ok(names);
    }
    let field = Field::Names;
    Err(problems
        .into_iter()
        .map(|says| FieldError { field, says })
        .collect())
}

/// One line of text.
fn line(typed: &str) -> Result<String, String> {
    let typed = typed.trim();
    if typed.chars().any(char::is_control) {
        return Err("it has line breaks or control characters in it; give one line".to_owned());
    }
    if typed.chars().count() > LONGEST_LINE {
        return Err(format!(
            "it is longer than {LONGEST_LINE} letters; give one line"
        ));
    }
    Ok(typed.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(known: &Facts, with: &Particulars) -> (Facts, Vec<Field>) {
        let mut problems = Vec::new();
        let facts = known.clone().with(with, &mut problems);
        (
            facts,
            problems.iter().map(|problem| problem.field).collect(),
        )
    }

    fn text(text: &str) -> Option<String> {
        text.to_owned().into()
    }

    #[test]
    fn nothing_typed_changes_nothing_and_an_empty_text_takes_away() {
        let with = Particulars {
            names: Some(vec!["Müller.example, *.b.example".to_owned()]),
            product: text("Wildcard DV"),
            order_number: text("A-1"),
            term: text("12"),
            ..Particulars::default()
        };
        let (known, wrong) = read(&Facts::default(), &with);
        assert_eq!(wrong, []);
        assert_eq!(known.names, ["xn--mller-kva.example", "*.b.example"]);
        assert_eq!(
            read(&known, &Particulars::default()),
            (known.clone(), vec![])
        );
        let with = Particulars {
            order_number: text(" "),
            term: text(""),
            ..Particulars::default()
        };
        let (less, _) = read(&known, &with);
        assert_eq!(
            (less.product.order_number, less.product.term_months),
            (None, None)
        );
    }

    #[test]
    fn an_invoice_has_a_number_and_an_amount() {
        let bill = |number: &str, price: Option<&str>| Particulars {
            invoice_number: text(number),
            price: price.map(str::to_owned),
            ..Particulars::default()
        };
        assert_eq!(
            read(&Facts::default(), &bill("RE-1", None)).1,
            [Field::Price]
        );
        let (known, wrong) = read(&Facts::default(), &bill("RE-1", Some("49 EUR")));
        assert_eq!(wrong, []);
        assert_eq!(known.product.invoice.as_ref().unwrap().amount.cents, 4_900);
        let dearer = Particulars {
            price: text("59 EUR"),
            ..Particulars::default()
        };
        let (dearer, _) = read(&known, &dearer);
        assert_eq!(dearer.product.invoice.unwrap().amount.cents, 5_900);
        let link = Particulars {
            invoice_link: text("https://a.example/1"),
            ..Particulars::default()
        };
        assert_eq!(read(&Facts::default(), &link).1, [Field::InvoiceNumber]);
        assert!(
            read(&known, &link)
                .0
                .product
                .invoice
                .unwrap()
                .link
                .is_some()
        );
        assert_eq!(read(&known, &bill("", None)).0.product.invoice, None);
    }

    #[test]
    fn what_is_wrong_stands_at_its_field_and_changes_nothing() {
        let with = Particulars {
            names: Some(vec!["a b_c".to_owned()]),
            level: text("XV"),
            price: text("much"),
            term: text("long"),
            paid_until: text("soon"),
            mailbox: text("me"),
            product: text("two\nlines"),
            invoice_number: text("RE-1"),
            ..Particulars::default()
        };
        let (facts, wrong) = read(&Facts::default(), &with);
        assert_eq!(facts, Facts::default());
        for field in [
            Field::Names,
            Field::Level,
            Field::Price,
            Field::Term,
            Field::PaidUntil,
            Field::Mailbox,
            Field::Product,
        ] {
            assert!(wrong.contains(&field), "{field:?}: {wrong:?}");
        }
    }
}

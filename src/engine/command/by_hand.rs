//! What a person writes down of an account without an API.
//!
//! Plain data, as typed: the engine reads it, and says what is wrong with which field.

use std::fmt;

use secrecy::SecretString;

use super::{CsrChoice, Field, Wishes};
use crate::domain::account::ZoneStatus;
use crate::domain::entry::{EntryId, Method};
use crate::pki::key::KeyType;

/// Something that a person saw in the provider's own panel, or did there.
#[derive(Clone, Debug)]
pub struct Record {
    /// The entry.
    pub entry: EntryId,
    /// What.
    pub what: Recorded,
    /// What comes with it.
    pub with: Particulars,
    /// The states that the person saw when deciding, as `Standing::key` writes them; the engine asks
    /// again if one has moved.
    pub seen_state: Option<String>,
}

/// What a person writes down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// An event of the lifecycle happened, by id; possible only where the table allows it.
    Event(String),
    /// An action of the lifecycle, by id, was submitted in the provider's own panel.
    Submitted(String),
    /// The panel now shows this state: a correction, from any state to any state.
    Shows {
        /// The track.
        track: String,
        /// The state, by id.
        state: String,
    },
    /// The panel does not have it any more: the provider has deleted it. A correction, too.
    Gone,
    /// The request that the provider had still to carry out is over, and nothing came of it.
    Closed,
    /// The zone of the entry's account stands so; it moves no entry.
    Zone(ZoneStatus),
    /// Nothing moved; what is known of the entry is put right.
    Described,
}

/// An order that was placed in the provider's own panel.
#[derive(Clone, Debug)]
pub struct HandOrder {
    /// The account.
    pub account: String,
    /// The lifecycle that the order follows, by id; the account's usual one where nothing is said.
    pub lifecycle: Option<String>,
    /// The states that the panel shows, by id, one for each track at most; where nothing is said,
    /// the lifecycle's entry points.
    pub states: Vec<String>,
    /// The optional tracks that the entry is without, by id.
    pub without: Vec<String>,
    /// Where the CSR comes from.
    pub csr: CsrChoice,
    /// The kind of key, where certdeck makes it.
    pub key_type: KeyType,
    /// What is wished of key and CSR, where certdeck makes them.
    pub wishes: Wishes,
    /// Everything else.
    pub with: Particulars,
}

/// What can be copied out of a provider's panel, as typed. Nothing (`None`) leaves what is known;
/// an empty text takes it away.
#[derive(Clone, Default)]
pub struct Particulars {
    /// The names, first the one that the entry is called by.
    pub names: Option<Vec<String>>,
    /// The names to add, for an action that asks for them.
    pub new_names: Option<Vec<String>>,
    /// The reason, for an action that asks for one.
    pub reason: Option<String>,
    /// The product's name.
    pub product: Option<String>,
    /// `DV`, `OV` or `EV`.
    pub level: Option<String>,
    /// The provider's number of the order.
    pub order_number: Option<String>,
    /// The provider's number of the invoice.
    pub invoice_number: Option<String>,
    /// Where the invoice can be looked at.
    pub invoice_link: Option<String>,
    /// What one term costs: `49.00 EUR`.
    pub price: Option<String>,
    /// How long one payment lasts, in months: `12`.
    pub term: Option<String>,
    /// Until when it is paid for: `2027-06-01`.
    pub paid_until: Option<String>,
    /// How the names are verified.
    pub method: Option<Method>,
    /// The mailbox that is asked, with verification by e-mail.
    pub mailbox: Option<String>,
    /// What has to be published, one a line: `NAME TXT VALUE` with DNS, `URL CONTENT` with a file.
    pub proof: Option<String>,
    /// What the provider or the CA asks, or complains of, a line each.
    pub question: Option<String>,
    /// The certificate, as PEM; its chain, CSR and key may stand in the same text.
    pub certificate: Option<SecretString>,
    /// The certificates above it, as PEM, in any order.
    pub chain: Option<SecretString>,
    /// The CSR, as PEM.
    pub csr: Option<SecretString>,
    /// The private key, as PEM; kept in the store.
    pub key: Option<SecretString>,
}

impl fmt::Debug for Particulars {
    /// Without what was pasted: a key may stand anywhere in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Particulars")
            .field("names", &self.names)
            .field("product", &self.product)
            .field("order_number", &self.order_number)
            .finish_non_exhaustive()
    }
}

/// A field of a record, for errors that belong to one of them.
pub const RECORD_FIELDS: [Field; 20] = [
    Field::Names,
    Field::NewNames,
    Field::Reason,
    Field::Product,
    Field::Level,
    Field::State,
    Field::OrderNumber,
    Field::InvoiceNumber,
    Field::InvoiceLink,
    Field::Price,
    Field::Term,
    Field::PaidUntil,
    Field::Method,
    Field::Mailbox,
    Field::Proof,
    Field::Question,
    Field::Certificate,
    Field::Chain,
    Field::Csr,
    Field::Key,
];

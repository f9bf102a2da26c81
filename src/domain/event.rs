//! What happened: the journal's events, and what each does to its entry.
//!
//! Pure: `apply` changes an entry and nothing else. The engine applies events and hands the
//! resulting entry and the events to the store as one transaction.

mod answers;
mod apply;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::entry::{
    Authorization, CertificateRecord, CsrBy, EntryId, Invoice, LinkKind, Method, Product,
    Revocation, StateRef, ValidationRecord,
};
use super::lifecycle::Setting;
use super::probed::Probed;

pub use answers::Answers;
pub use apply::apply;

/// One thing that happened to one entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The entry that it happened to.
    pub entry: EntryId,
    /// When, in the account's time.
    pub at: Timestamp,
    /// What.
    pub what: What,
}

/// What can happen to an entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum What {
    /// It was ordered.
    Ordered {
        /// The product's name.
        product: String,
    },
    /// It was read from a file.
    Imported {
        /// The file.
        from: String,
    },
    /// A request is about to be sent; written down before it is.
    Requested {
        /// The action.
        action: String,
        /// When it was written down, in the system's time.
        since: Timestamp,
        /// What a person said for it.
        #[serde(default, skip_serializing_if = "Answers::is_empty")]
        with: Answers,
    },
    /// The provider accepted a request.
    Accepted {
        /// The action.
        action: String,
        /// The provider's own words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        says: Option<String>,
        /// Whether it stays open until the provider has carried it out.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        open: bool,
    },
    /// The provider carried out, or gave up, what it had accepted before.
    Answered {
        /// The action.
        action: String,
    },
    /// The provider refused a request.
    Refused {
        /// The action.
        action: String,
        /// The provider's own words.
        says: String,
    },
    /// Nobody can say what came of a request.
    OutcomeUnknown {
        /// The action.
        action: String,
    },
    /// What a request of an unknown outcome made was found at the provider; it is this entry's (or
    /// its successor's) from now on.
    Adopted {
        /// The action.
        action: String,
        /// The provider's own id of what was found.
        found: String,
        /// Whether a person chose it; otherwise it was the only one that fits.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        chosen: bool,
        /// Whether the request stays open until the provider has carried it out.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        open: bool,
    },
    /// The same request is about to be sent again; written down before it is.
    SentAgain {
        /// The action.
        action: String,
        /// When it was written down, in the system's time.
        since: Timestamp,
        /// Whether a person wants it though nobody knows what came of the last one; otherwise it
        /// is safe to repeat.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        risked: bool,
    },
    /// A person says that a request of an unknown outcome never arrived.
    GivenUp {
        /// The action.
        action: String,
    },
    /// A person did it in the provider's own panel and says so here; nobody answered.
    Submitted {
        /// The action.
        action: String,
        /// Where it stays open until the provider has carried it out: since when, in the system's
        /// time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        open_since: Option<Timestamp>,
        /// What a person said for it.
        #[serde(default, skip_serializing_if = "Answers::is_empty")]
        with: Answers,
    },
    /// A person wrote down what the provider's own panel shows of it.
    Described {
        /// The names that it protects, in ASCII.
        names: Vec<String>,
        /// What was bought.
        product: Product,
        /// How the control of the names is verified.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        method: Option<Method>,
        /// The mailbox that is asked, with verification by e-mail.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mailbox: Option<String>,
    },
    /// The place where its certificate lies or serves cannot be read any more; what was read last
    /// is kept.
    Lost {
        /// What stands in the way and what to do.
        why: String,
        /// When it was read well for the last time, in the system's time.
        last_good: Timestamp,
    },
    /// Its certificate was found (again), here.
    Found {
        /// The file or the server.
        from: String,
    },
    /// A track moved.
    Moved {
        /// The track.
        track: String,
        /// Where it stood.
        from: StateRef,
        /// Where it stands now.
        to: StateRef,
        /// What moved it.
        by: Cause,
    },
    /// A bill came.
    InvoiceSent {
        /// The bill.
        invoice: Invoice,
    },
    /// The bill was paid.
    InvoicePaid {
        /// The bill's number.
        number: String,
        /// Until when the product is paid for now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        paid_until: Option<Timestamp>,
    },
    /// The CA asks for proof that the names are under control.
    ValidationAsked {
        /// What to publish or to look at.
        records: Vec<ValidationRecord>,
    },
    /// The provider or the CA asks something.
    Asked {
        /// What it asks, in its own words.
        says: String,
    },
    /// What came of a request, in a sentence for the row.
    Told {
        /// The sentence.
        says: String,
    },
    /// The CA looked for the proof and complains.
    ValidationFailed {
        /// What it complains of, in its own words.
        errors: Vec<String>,
    },
    /// The authorizations and challenges inside an order, as they stand now.
    AuthorizationsSeen {
        /// One for each name.
        authorizations: Vec<Authorization>,
    },
    /// It protects these names from now on.
    Renamed {
        /// All of them, in ASCII.
        names: Vec<String>,
    },
    /// It was asked that these names be added.
    NamesAsked {
        /// The names to add, in ASCII.
        names: Vec<String>,
    },
    /// The names that were asked for belong to it.
    NamesAdded {
        /// All of its names, in ASCII.
        names: Vec<String>,
    },
    /// The names that were asked for do not come.
    NamesDropped,
    /// The names are verified in this way from now on.
    MethodChosen {
        /// The way.
        method: Method,
        /// The mailbox that is asked, with verification by e-mail.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mailbox: Option<String>,
    },
    /// It was looked up where its DNS points.
    DnsSeen {
        /// Whether that is the account's target.
        points: bool,
    },
    /// Something beside its state changed.
    Set {
        /// What.
        setting: Setting,
    },
    /// The provider has deleted it; what is here is kept.
    Gone,
    /// The CSR is there, and with it perhaps the private key.
    CsrReady {
        /// Who generated it.
        by: CsrBy,
        /// The CSR, as PEM; empty where only its key is known.
        csr: String,
        /// SHA-256 of its public key.
        spki_sha256: String,
        /// Whether the private key lies in this store.
        key_held: bool,
    },
    /// A certificate was issued or brought.
    Issued {
        /// The certificate.
        certificate: CertificateRecord,
    },
    /// A revocation list of its issuer names one of its certificates, or of their chains.
    Revoked {
        /// What the list says.
        revocation: Revocation,
    },
    /// A later list does not name that certificate any more.
    NotRevoked {
        /// SHA-256 of the certificate's DER form, lower-case hexadecimal.
        sha256: String,
        /// When that list was made.
        list: Timestamp,
    },
    /// Its servers were looked at.
    Probed {
        /// What they were seen to serve.
        seen: Box<Probed>,
    },
    /// It was tied to another entry.
    Linked {
        /// What this entry is to the other.
        link: LinkKind,
        /// The other entry.
        to: EntryId,
    },
    /// Somebody looked at the private key.
    KeyRevealed,
    /// Somebody copied the private key.
    KeyCopied,
    /// The private key came from a file into the store.
    KeyTaken {
        /// SHA-256 of its public key.
        spki_sha256: String,
        /// The file.
        from: String,
    },
    /// The private key was taken out, into files or to a program.
    KeyExported {
        /// Where.
        to: String,
    },
    /// Somebody destroyed the private key; certdeck never deletes anything else of a person's.
    KeyDestroyed {
        /// SHA-256 of its public key.
        spki_sha256: String,
    },
    /// Its certificate is to be deployed.
    DeployDue,
    /// The account's deploy command ran, or should have.
    Deployed {
        /// The program.
        program: String,
        /// Why it failed; nothing where it did not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failure: Option<String>,
        /// The end of what it said, in words that can be drawn, without private keys.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        output: String,
    },
    /// Somebody changed the note.
    Noted {
        /// The note.
        note: String,
    },
    /// Somebody put it away.
    Archived,
    /// Somebody took it back into the list.
    Restored,
}

/// What moved a track.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "kebab-case")]
pub enum Cause {
    /// An action of the lifecycle, by id.
    Action {
        /// The action.
        action: String,
    },
    /// An event of the lifecycle, by id.
    Event {
        /// The event.
        event: String,
    },
    /// An event of the lifecycle, by id, that a person recorded.
    Recorded {
        /// The event.
        event: String,
    },
    /// An action of the lifecycle, by id, that a person did in the provider's own panel.
    Submitted {
        /// The action.
        action: String,
    },
    /// The provider was looked at and stood there.
    Observed,
    /// A person corrected it by hand.
    Corrected,
}

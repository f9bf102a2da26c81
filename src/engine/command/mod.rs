//! What the faces can ask of the engine, and what they get back.
//!
//! Plain data. The panel and the headless commands make commands; the engine answers them.

mod accounts;
mod by_hand;
mod hand_over;
mod import;
mod keys;
mod probing;
mod unsettled;

use std::fmt;
use std::path::PathBuf;

use jiff::SignedDuration;
use secrecy::SecretString;

use crate::config::Target;
use crate::domain::account::{SandboxClock, ZoneStatus};
use crate::domain::entry::{EntryId, Method};
pub use crate::domain::event::Answers;
use crate::pki::certificate::Certificate;
use crate::pki::expanded::Expanded;
use crate::pki::findings::{self, Finding, ListHere};
use crate::pki::key::KeyType;
use crate::pki::subject::Part;

pub use crate::providers::Offer;
pub use crate::store::HistoryLine;
pub use accounts::{
    AccountAdded, AccountCheck, AccountDraft, AccountRemoved, Discovered, Discoveries, Discovery,
    Progress, SyncReport,
};
pub use by_hand::{HandOrder, Particulars, RECORD_FIELDS, Record, Recorded};
pub use hand_over::{Deployed, Export, ExportForm, Exported};
pub use import::{FindingsReport, ImportReport, KeyTaken, ListReport};
pub use keys::{KeyChange, KeysReport, Lock, Wishes};
pub use probing::{Alpn, Detour, ProbeForm, ProbeLook, ProbeReport, Probing, Shown, StartTls};
pub use unsettled::{Candidate, Candidates};

/// One thing to do.
#[derive(Clone, Debug)]
pub enum Command {
    /// Place an order.
    Order(OrderForm),
    /// Ask the provider for an action of the entry's lifecycle.
    Act {
        /// The entry.
        entry: EntryId,
        /// The action, by id.
        action: String,
        /// What a person said for it, where the table asks.
        with: Answers,
        /// The states that the person saw when deciding, as `Standing::key` writes them; the engine
        /// asks again if one has moved.
        seen_state: Option<String>,
    },
    /// List what the provider holds that may have come of a request of an unknown outcome.
    Candidates {
        /// The entry.
        entry: EntryId,
    },
    /// Take what the provider holds for what a request of an unknown outcome made.
    Adopt {
        /// The entry.
        entry: EntryId,
        /// The provider's id of it; the only one that fits where there is none.
        candidate: Option<String>,
    },
    /// Send a request of an unknown outcome once more; it may be carried out twice.
    SendAgain {
        /// The entry.
        entry: EntryId,
    },
    /// Close a request of an unknown outcome: it never arrived.
    GiveUp {
        /// The entry.
        entry: EntryId,
    },
    /// Let an event of the sandbox happen now.
    Play {
        /// The entry.
        entry: EntryId,
        /// The event, by id.
        event: String,
    },
    /// Hand out the private key; the history remembers it.
    RevealKey {
        /// The entry.
        entry: EntryId,
    },
    /// Hand out the private key for the clipboard; the history remembers it.
    CopyKey {
        /// The entry.
        entry: EntryId,
    },
    /// Take a passphrase, if it opens what is locked.
    Unlock {
        /// The passphrase.
        passphrase: SecretString,
        /// What it shall open.
        lock: Lock,
    },
    /// Destroy the private key of an entry, for good.
    DestroyKey {
        /// The entry.
        entry: EntryId,
    },
    /// Encrypt or decrypt the private keys that are here.
    ChangeKeys(KeyChange),
    /// Write certificate, chain or key into files.
    Export(Box<Export>),
    /// Run the account's deploy command.
    Deploy {
        /// The entry.
        entry: EntryId,
        /// The files that were exported for it, if any were.
        exported: Vec<PathBuf>,
    },
    /// Stop the deploy command that is running for an entry.
    CancelDeploy {
        /// The entry.
        entry: EntryId,
    },
    /// Keep a note with an entry.
    Note {
        /// The entry.
        entry: EntryId,
        /// The note; an empty one takes it away.
        note: String,
    },
    /// Put an entry away.
    Archive {
        /// The entry.
        entry: EntryId,
    },
    /// Take an archived entry back into the list.
    Restore {
        /// The entry.
        entry: EntryId,
    },
    /// Read certificates from files, folders and servers into the `files` account.
    Import {
        /// Files and folders.
        paths: Vec<PathBuf>,
        /// Servers.
        hosts: Vec<Target>,
        /// What opens PKCS #12 files that are protected, and encrypted private keys.
        passphrase: Option<SecretString>,
        /// Whether the private keys of what is imported are taken in, too.
        keys: bool,
    },
    /// Write down an order that was placed in a provider's own panel.
    OrderByHand(Box<HandOrder>),
    /// Write down what a person saw in a provider's own panel, or did there.
    Record(Box<Record>),
    /// Add an account: write its file and use it from now on.
    AddAccount(Box<AccountDraft>),
    /// Remove an account: archive its entries and put its file away.
    RemoveAccount {
        /// Its name.
        name: String,
    },
    /// Look whether an account can be used; changes nothing.
    CheckAccount {
        /// Its name.
        name: String,
    },
    /// Look at what a watched account watches, now.
    Sync {
        /// The account; every watched one where there is none.
        account: Option<String>,
    },
    /// Look at what servers really serve.
    Probe(Box<ProbeForm>),
    /// Call off every probing that is under way; what was seen of whole entries is kept.
    StopProbing,
    /// Look for certificates that other programs keep; changes nothing.
    Discover {
        /// Where to look; the usual places where there is nothing.
        roots: Vec<PathBuf>,
    },
    /// Put the zone of a sandbox account somewhere.
    Zone {
        /// The account.
        account: String,
        /// How its zone stands from now on.
        status: ZoneStatus,
    },
    /// Set a sandbox's clock.
    Clock {
        /// The account; every sandbox where there is none.
        account: Option<String>,
        /// What to do with it.
        change: ClockChange,
    },
}

/// What can be done with a sandbox's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockChange {
    /// Let it stand still, or run again.
    TogglePause,
    /// Let it stand still.
    Pause,
    /// Let it run.
    Resume,
    /// The next of the usual speeds ([`SPEEDS`]).
    NextSpeed,
    /// So many sandbox seconds in one second.
    Speed(u32),
    /// Forward by this span, letting happen what happens in it.
    Advance(SignedDuration),
}

/// The speeds that `Z` goes through: real time, a minute, an hour and a day in each second.
pub const SPEEDS: [u32; 4] = [1, 60, 3_600, 86_400];

/// An order as a person fills it in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderForm {
    /// The account.
    pub account: String,
    /// The product, by the id of its [`Offer`].
    pub product: String,
    /// The names, as typed.
    pub names: Vec<String>,
    /// The kind of key; for a CSR of one's own the CSR decides.
    pub key_type: KeyType,
    /// Where the CSR comes from.
    pub csr: CsrChoice,
    /// How the control of the names is verified.
    pub method: Method,
    /// The mailbox for verification by e-mail.
    pub mailbox: Option<String>,
    /// What is wished of key and CSR, where certdeck makes them.
    pub wishes: Wishes,
}

/// Where the CSR of an order comes from.
#[derive(Clone, PartialEq, Eq)]
pub enum CsrChoice {
    /// certdeck generates key and CSR; the key stays on this machine.
    Certdeck,
    /// The provider generates key and CSR, and hands both out.
    Provider,
    /// One's own, as PEM text.
    Own(String),
}

impl fmt::Debug for CsrChoice {
    /// Without what was pasted: that may be a private key by mistake.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certdeck => "Certdeck",
            Self::Provider => "Provider",
            Self::Own(_) => "Own(..)",
        })
    }
}

/// The fields of the order form, for errors that belong to one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The account.
    Account,
    /// The product.
    Product,
    /// The names.
    Names,
    /// The kind of key.
    KeyType,
    /// The CSR.
    Csr,
    /// A part of the CSR's subject.
    Subject(Part),
    /// The names to add.
    NewNames,
    /// The reason.
    Reason,
    /// The validation method.
    Method,
    /// The mailbox.
    Mailbox,
    /// The validation level.
    Level,
    /// The state.
    State,
    /// The number of the order.
    OrderNumber,
    /// The number of the invoice.
    InvoiceNumber,
    /// The link of the invoice.
    InvoiceLink,
    /// The price.
    Price,
    /// The term.
    Term,
    /// Until when it is paid for.
    PaidUntil,
    /// What has to be published.
    Proof,
    /// What the provider or the CA asks.
    Question,
    /// The certificate.
    Certificate,
    /// The chain.
    Chain,
    /// The private key.
    Key,
    /// The kind of account.
    Kind,
    /// The lifecycle of an account.
    Lifecycle,
    /// The provider's panel.
    Panel,
    /// Files and folders to watch.
    Paths,
    /// Patterns of files to watch.
    Include,
    /// Patterns of files not to watch.
    Exclude,
    /// Servers to watch.
    Hosts,
    /// How often servers are looked at.
    Every,
    /// Whether files that are there are written over.
    Overwrite,
}

impl Field {
    /// The field as commands name it.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Product => "product",
            Self::Names => "name",
            Self::KeyType => "key",
            Self::Csr => "csr",
            Self::Subject(Part::Organization) => "organization",
            Self::Subject(Part::Unit) => "unit",
            Self::Subject(Part::Locality) => "locality",
            Self::Subject(Part::Province) => "province",
            Self::Subject(Part::Country) => "country",
            Self::Subject(Part::Email) => "email",
            Self::NewNames => "new-name",
            Self::Reason => "reason",
            Self::Method => "method",
            Self::Mailbox => "mailbox",
            Self::Level => "level",
            Self::State => "shows",
            Self::OrderNumber => "order-number",
            Self::InvoiceNumber => "invoice",
            Self::InvoiceLink => "invoice-link",
            Self::Price => "price",
            Self::Term => "term",
            Self::PaidUntil => "paid-until",
            Self::Proof => "proof",
            Self::Question => "question",
            Self::Certificate => "certificate",
            Self::Chain => "chain",
            Self::Key => "private-key",
            Self::Kind => "kind",
            Self::Lifecycle => "lifecycle",
            Self::Panel => "panel",
            Self::Paths => "path",
            Self::Include => "include",
            Self::Exclude => "exclude",
            Self::Hosts => "host",
            Self::Every => "every",
            Self::Overwrite => "overwrite",
        }
    }
}

/// What is wrong with one field of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field.
    pub field: Field,
    /// What is wrong and what is expected instead.
    pub says: String,
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field.id(), self.says)
    }
}

/// What came of a command.
#[derive(Clone, Debug)]
pub enum Done {
    /// The order was placed.
    Ordered {
        /// The new entry.
        entry: EntryId,
        /// The provider's own words.
        says: String,
    },
    /// The provider accepted the action.
    Acted {
        /// The entry.
        entry: EntryId,
        /// The provider's own words.
        says: String,
        /// The successor that it made.
        successor: Option<EntryId>,
    },
    /// What the provider holds.
    Candidates(Candidates),
    /// The event happened.
    Played {
        /// The entry.
        entry: EntryId,
        /// The event's label.
        label: String,
    },
    /// The private key, as PKCS#8 PEM.
    Key(SecretString),
    /// The passphrase is known from now on.
    Unlocked,
    /// The private key is gone.
    KeyDestroyed {
        /// The entry.
        entry: EntryId,
    },
    /// The private keys were encrypted or decrypted.
    KeysChanged(KeysReport),
    /// The files are there.
    Exported(Exported),
    /// The deploy command has ended.
    Deployed(Deployed),
    /// The certificates that were found.
    Imported(Box<ImportReport>),
    /// What a person said is written down.
    Recorded {
        /// The entry.
        entry: EntryId,
        /// What is so now, in a sentence; nobody but the person said it.
        says: String,
        /// The successor that came of it.
        successor: Option<EntryId>,
    },
    /// The account is there.
    AccountAdded(AccountAdded),
    /// The account is put away.
    AccountRemoved(AccountRemoved),
    /// What a check of an account found.
    AccountChecked(AccountCheck),
    /// What was seen of watched accounts.
    Synced(Vec<SyncReport>),
    /// What servers really serve.
    Probed(Box<ProbeReport>),
    /// What other programs keep.
    Discovered(Discoveries),
    /// The zone stands there now.
    Zone {
        /// The account.
        account: String,
        /// How its zone stands.
        status: ZoneStatus,
    },
    /// What the clocks show now, by account.
    Clocks(Vec<(String, SandboxClock)>),
    /// It is written down.
    Kept,
}

/// Something that people should hear of at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The entry that it is about.
    pub entry: Option<EntryId>,
    /// Good news, bad news, or neither.
    pub tone: Tone,
    /// What happened, in one sentence.
    pub says: String,
}

/// Whether news is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// It is.
    Good,
    /// Neither.
    Plain,
    /// It asks for attention.
    Warning,
    /// It is bad.
    Bad,
}

/// What the details pane shows of an entry beyond the entry itself.
#[derive(Clone, Debug, Default)]
pub struct Details {
    /// The certificate that serves, read from the store.
    pub certificate: Option<Certificate>,
    /// Its chain, the issuer first.
    pub chain: Vec<Certificate>,
    /// Everything else in it.
    pub expanded: Expanded,
    /// What is wrong with it, whatever the time is; [`crate::pki::findings::with_dates`] adds what
    /// depends on that.
    pub findings: Vec<Finding>,
    /// The revocation lists that are here and speak of it, or of a certificate above it.
    pub lists: Vec<ListHere>,
    /// Its history, the newest first.
    pub history: Vec<HistoryLine>,
    /// What could not be read, in sentences.
    pub problems: Vec<String>,
}

impl Details {
    /// Everything that is wrong with the certificate at a moment, the worst first.
    #[must_use]
    pub fn findings_at(&self, at: jiff::Timestamp) -> Vec<Finding> {
        let Some(certificate) = &self.certificate else {
            return Vec::new();
        };
        let mut findings = findings::with_dates(&self.findings, certificate, &self.chain, at);
        let overdue = self.lists.iter();
        findings.extend(overdue.filter_map(|list| findings::overdue(list, at)));
        findings
    }
}

impl Tone {
    /// The tone, as commands see it.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Plain => "plain",
            Self::Warning => "warning",
            Self::Bad => "bad",
        }
    }
}

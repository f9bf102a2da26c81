//! What was bought and how it was ordered.
//!
//! Plain data. The lifecycle's guards read it, the details show it.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What was bought.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and all of them may hold"
)]
pub struct Product {
    /// The provider's name for it, for example `Wildcard DV`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The brand of the certification authority, for example `GeoTrust`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// How much the CA checks: `DV`, `OV` or `EV`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// How many and which names it may protect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<ProductKind>,
    /// How long one payment lasts, in months.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term_months: Option<u32>,
    /// What it costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    /// Costs nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub free: bool,
    /// Brought by its owner from elsewhere and only kept at the provider.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hosted: bool,
    /// The provider renews it by itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub auto_renew: bool,
    /// The applicant forbade the provider to go on using its data.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub privacy_cancelled: bool,
    /// How many names it may protect, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_limit: Option<u32>,
    /// How many days a certificate of it lives at most, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifetime_days: Option<u32>,
    /// Issued by a CA that no browser trusts.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub private: bool,
    /// The bill.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice: Option<Invoice>,
    /// The provider's own number of the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_number: Option<String>,
    /// Until when it is paid for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_until: Option<Timestamp>,
}

/// How many and which names a product may protect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProductKind {
    /// One name.
    Single,
    /// One name and everything one label below it.
    Wildcard,
    /// Several names.
    MultiDomain,
}

impl ProductKind {
    /// The kind in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Single => "single-domain",
            Self::Wildcard => "wildcard",
            Self::MultiDomain => "multi-domain",
        }
    }
}

/// An amount of money, in hundredths so that nothing is rounded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// Hundredths of the currency's unit.
    pub cents: u64,
    /// The ISO 4217 code, for example `EUR`.
    pub currency: String,
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}.{:02} {}",
            self.cents / 100,
            self.cents % 100,
            self.currency
        )
    }
}

/// A provider's bill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Invoice {
    /// The provider's number of it.
    pub number: String,
    /// What it asks for.
    pub amount: Price,
    /// Where it can be looked at and paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// When it was paid, in the account's time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Timestamp>,
}

/// How it was ordered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Order {
    /// The kind of key, for example `p-256`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_type: Option<String>,
    /// Who generated the CSR and with it the private key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub csr_by: Option<CsrBy>,
    /// The CSR, as PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub csr: Option<String>,
    /// SHA-256 of the order's public key, lower-case hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spki_sha256: Option<String>,
    /// Whether the private key lies in this store.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub key_held: bool,
    /// How the control of the names is verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    /// The mailbox that is asked, with verification by e-mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailbox: Option<String>,
}

/// Who generated the CSR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CsrBy {
    /// The provider, which then also has the private key and hands it out.
    Provider,
    /// certdeck: the private key never leaves this machine.
    Certdeck,
    /// Its owner, who keeps the private key elsewhere.
    You,
}

impl CsrBy {
    /// Every choice, in the order that forms offer them.
    pub const ALL: [Self; 3] = [Self::Certdeck, Self::Provider, Self::You];

    /// The maker in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Provider => "the provider",
            Self::Certdeck => "certdeck",
            Self::You => "you",
        }
    }
}

/// How a CA verifies the control of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// A mail to a mailbox of the domain.
    Email,
    /// A record in the domain's DNS.
    Dns,
    /// A file on the web server.
    File,
}

impl Method {
    /// Every method, in the order that forms offer them.
    pub const ALL: [Self; 3] = [Self::Dns, Self::Email, Self::File];

    /// The method in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Email => "e-mail",
            Self::Dns => "DNS record",
            Self::File => "file on the web server",
        }
    }
}

/// One thing to publish or to look at so that the CA can verify a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "kebab-case")]
pub enum ValidationRecord {
    /// Open the link in the mail that went to this mailbox.
    Email {
        /// The name that is verified.
        name: String,
        /// Where the mail went.
        mailbox: String,
    },
    /// Publish this record.
    Dns {
        /// The name that is verified.
        name: String,
        /// The record's full name.
        record: String,
        /// `TXT` or `CNAME`.
        kind: String,
        /// The record's value.
        value: String,
    },
    /// Serve this file.
    File {
        /// The name that is verified.
        name: String,
        /// Where the CA looks for it.
        url: String,
        /// What must be in it.
        content: String,
    },
}

impl ValidationRecord {
    /// The name that it verifies.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Email { name, .. } | Self::Dns { name, .. } | Self::File { name, .. } => name,
        }
    }

    /// What to do, in one sentence.
    #[must_use]
    pub fn instruction(&self) -> String {
        match self {
            Self::Email { mailbox, .. } => {
                format!("open the confirmation link in the mail that the CA sent to {mailbox}")
            }
            Self::Dns {
                record,
                kind,
                value,
                ..
            } => {
                format!("publish the {kind} record {record} with the value {value}")
            }
            Self::File { url, content, .. } => format!("serve {url} with the content {content}"),
        }
    }
}

//! The systems that certificates come from, behind one trait.
//!
//! A provider takes a request and answers with what happened and with the keys and certificates
//! that came of it. It may know the domain and X.509; it never touches the store: the engine
//! keeps what it brings, keys and certificates first. Only the engine calls it.

mod holding;
mod offer;
pub mod sandbox;

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use thiserror::Error;

use crate::domain::entry::{CertificateRecord, Entry, Role};
use crate::domain::event::{Answers, What};
use crate::domain::lifecycle::{ActionRow, Lifecycle};
use crate::pki::certificate::Certificate;

pub use holding::{Holding, Listing, Sought, Unfit};
pub use offer::Offer;

/// An answer that will come; waiting for it blocks nothing.
pub type Answering = Pin<Box<dyn Future<Output = Result<Answer, ProviderError>> + Send>>;

/// What a provider lists, when it comes; waiting for it blocks nothing.
pub type Listed = Pin<Box<dyn Future<Output = Result<Listing, ProviderError>> + Send>>;

/// Where accounts get their providers from: nothing for an account that the sandbox plays.
pub type ProviderSource = Arc<dyn Fn(&str) -> Option<Arc<dyn Provider>> + Send + Sync>;

/// A system that certificates come from.
pub trait Provider: Send + Sync {
    /// Whether a request can be sent again when nobody knows what came of it: doing it twice is
    /// the same as doing it once, and costs nothing. certdeck then repeats it by itself.
    fn is_repeatable(&self, action: &str) -> bool;

    /// How long a request may take at most. One without an answer for longer was interrupted:
    /// nobody is working on it any more.
    fn patience(&self) -> SignedDuration {
        SignedDuration::from_mins(2)
    }

    /// Places an order: the entry is new and has a request open.
    fn order(self: Arc<Self>, request: Request) -> Answering;

    /// Asks for an action that the gate has let through by this row.
    fn act(self: Arc<Self>, request: Request, row: ActionRow) -> Answering;

    /// Lists what it holds that may have come of a request; it may list more. It changes nothing.
    fn list(self: Arc<Self>, sought: Sought) -> Listed;

    /// Asks once more for what it answered to a request that made `holding`: everything that has to
    /// be known and kept of it. With a row it is the answer to that action, without one to the
    /// order of the entry. It changes nothing.
    fn recall(
        self: Arc<Self>,
        request: Request,
        row: Option<ActionRow>,
        holding: Holding,
    ) -> Answering;
}

/// What every request carries.
#[derive(Clone, Debug)]
pub struct Request {
    /// The entry.
    pub entry: Arc<Entry>,
    /// Its lifecycle.
    pub lifecycle: Arc<Lifecycle>,
    /// What a person said for it.
    pub with: Answers,
    /// The account's time.
    pub now: Timestamp,
}

/// What came of a request: what happened, in order, and what has to be kept for it.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The provider's own words.
    pub says: Option<String>,
    /// What happened to the entry.
    pub happened: Vec<What>,
    /// Private keys that came with it.
    pub keys: Vec<KeptKey>,
    /// Certificates that came with it, as PEM.
    pub certificates: Vec<String>,
}

/// A private key that has to be kept before anything that needs it is written down.
#[derive(Clone)]
pub struct KeptKey {
    /// PKCS#8 PEM.
    pub pem: SecretString,
    /// SHA-256 of its public key, lower-case hexadecimal.
    pub spki_sha256: String,
}

impl fmt::Debug for KeptKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptKey")
            .field("spki_sha256", &self.spki_sha256)
            .finish_non_exhaustive()
    }
}

/// Why there is no answer, or an unwelcome one.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ProviderError {
    /// The provider said no.
    #[error("{says}")]
    Refused {
        /// Its own words.
        says: String,
    },
    /// Nobody knows whether it arrived.
    #[error("nobody knows whether it arrived: {why}")]
    OutcomeUnknown {
        /// What went wrong.
        why: String,
    },
}

/// What an entry remembers of a certificate.
#[must_use]
pub fn record_of(certificate: &Certificate, chain: Vec<String>, role: Role) -> CertificateRecord {
    let issuer = certificate.issuer_common_name.clone();
    CertificateRecord {
        sha256: certificate.sha256.clone(),
        chain,
        role,
        subject: certificate.subject.clone(),
        issuer: issuer.unwrap_or_else(|| certificate.issuer.clone()),
        serial: certificate.serial.clone(),
        not_before: certificate.not_before,
        not_after: certificate.not_after,
        key: certificate.key.label(),
        spki_sha256: certificate.spki_sha256.clone(),
        is_ca: certificate.is_ca,
    }
}

//! Revocation lists that a person imports: what they say of the certificates here.
//!
//! A list is believed only if a certificate that is here, of the issuer that it names, signed it.
//! What it says of an entry is written down with the entry, and a later list of the same issuer may
//! take it back; the newest one of an issuer is kept (`kept_lists`), and an older one says nothing any
//! more. May not: fetch a list. `import` calls it.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;

use super::Inner;
use super::command::{ImportReport, ListReport};
use super::error::EngineError;
use super::kept_lists::{revocation_in, speaks_of};
use super::settle::happen;
use crate::domain::entries::Entries;
use crate::domain::entry::{CertificateRecord, Entry, EntryId, Revocation};
use crate::domain::event::What;
use crate::pki::crl::{self, Crl, SignatureDoubt};
use crate::pki::{Certificate, read_certificate};
use crate::store::StoreError;

/// How many entries change in one transaction.
const BATCH: usize = 200;

/// Everything that is here and has to do with some lists.
struct Bench<'a> {
    inner: &'a Inner,
    /// Certificates above others, each read once; nothing where it cannot be read.
    above: HashMap<String, Option<Arc<Certificate>>>,
    lists: Vec<Judged>,
}

/// A list while it is looked into.
struct Judged {
    crl: Crl,
    report: ListReport,
    /// Whether its signature is good.
    believed: bool,
    /// What its issuer's certificates came to that did not sign it.
    doubt: Option<SignatureDoubt>,
    /// Entries with a certificate that it names, or named once: which certificate.
    candidates: Vec<(EntryId, String)>,
}

impl Inner {
    /// Takes in revocation lists, each from a file.
    pub(super) fn take_lists(
        &self,
        lists: Vec<(String, Crl)>,
        report: &mut ImportReport,
    ) -> Result<(), EngineError> {
        if lists.is_empty() {
            return Ok(());
        }
        self.store.catch_up()?;
        let loaded = self.store.snapshot();
        let mut bench = Bench {
            inner: self,
            above: HashMap::new(),
            lists: lists.into_iter().map(Judged::new).collect(),
        };
        bench.look_through(&loaded.entries);
        for index in 0..bench.lists.len() {
            bench.conclude(index, &loaded.entries)?;
        }
        let judged = bench.lists.into_iter();
        report.lists.extend(judged.map(|judged| judged.report));
        Ok(())
    }

    /// A certificate of the store, if it can be read.
    pub(super) fn stored(&self, sha256: &str) -> Option<Certificate> {
        let pem = self.store.certificate(sha256).ok().flatten()?;
        read_certificate(&pem).ok()
    }
}

impl Judged {
    fn new((file, crl): (String, Crl)) -> Self {
        Self {
            report: ListReport {
                file,
                issuer: crl.issuer.clone(),
                number: crl.number.clone(),
                made: crl.this_update,
                next: crl.next_update,
                count: crl.count(),
                known: 0,
                revoked: Vec::new(),
                lifted: 0,
                kept: false,
                newer: None,
                trouble: None,
                doubt: None,
            },
            crl,
            believed: false,
            doubt: None,
            candidates: Vec::new(),
        }
    }

    /// Whether this certificate signed the list; looked at for each once.
    fn meet(&mut self, issuer: &Certificate) {
        if self.believed || issuer.subject_der != self.crl.issuer_der {
            return;
        }
        match self.crl.is_signed_by(issuer) {
            Ok(()) => self.believed = true,
            Err(doubt) => self.doubt = Some(doubt),
        }
    }

    /// Whether an entry's record may be of a certificate of this issuer, and named by the list now or
    /// earlier; its certificate itself decides.
    fn may_concern(&self, entry: &Entry, held: &CertificateRecord) -> bool {
        self.names_issuer(held)
            && (self.crl.find_serial(&serial(&held.serial)).is_some()
                || entry.revocation_of(&held.sha256).is_some())
    }

    fn names_issuer(&self, held: &CertificateRecord) -> bool {
        let common_name = self.crl.issuer_common_name.as_ref();
        *common_name.unwrap_or(&self.crl.issuer) == held.issuer
    }

    fn why_not(&self) -> String {
        self.doubt.as_ref().map_or_else(
            || {
                format!(
                    "no certificate of {} that could prove its signature is here; import that \
                     one, too",
                    self.crl.issuer
                )
            },
            ToString::to_string,
        )
    }
}

impl Bench<'_> {
    /// Looks through all entries once: for the issuers of the lists, and for what these name.
    fn look_through(&mut self, entries: &Entries) {
        for entry in entries.iter() {
            for held in &entry.certificates {
                self.look_at(&entry, held);
            }
        }
    }

    fn look_at(&mut self, entry: &Entry, held: &CertificateRecord) {
        for judged in &mut self.lists {
            judged.report.known += usize::from(judged.names_issuer(held));
            if judged.may_concern(entry, held) {
                let candidate = (entry.id.clone(), held.sha256.clone());
                judged.candidates.push(candidate);
            }
        }
        let named = |judged: &Judged| judged.crl.issuer == held.subject;
        let own = (held.is_ca && self.lists.iter().any(named)).then_some(&held.sha256);
        for sha256 in held.chain.iter().chain(own) {
            let Some(above) = self.above(sha256) else {
                continue;
            };
            for judged in &mut self.lists {
                let named = speaks_of(&judged.crl, &above) && judged.crl.find(&above).is_some();
                if named || entry.revocation_of(sha256).is_some() {
                    let candidate = (entry.id.clone(), sha256.clone());
                    judged.candidates.push(candidate);
                }
            }
        }
    }

    /// A certificate above others; the first time that it is met, every list hears of it.
    fn above(&mut self, sha256: &str) -> Option<Arc<Certificate>> {
        if let Some(known) = self.above.get(sha256) {
            return known.clone();
        }
        let read = self.inner.stored(sha256).map(Arc::new);
        if let Some(certificate) = &read {
            for judged in &mut self.lists {
                judged.meet(certificate);
            }
        }
        self.above.insert(sha256.to_owned(), read.clone());
        read
    }

    /// Writes down what a list says, if it is believed.
    fn conclude(&mut self, index: usize, entries: &Entries) -> Result<(), EngineError> {
        let judged = &self.lists[index];
        if !judged.believed {
            let why = judged.why_not();
            self.lists[index].report.doubt = Some(why);
            return Ok(());
        }
        if !self.keep(index)? {
            return Ok(());
        }
        let judged = &self.lists[index];
        let mut happened: BTreeMap<EntryId, Vec<What>> = BTreeMap::new();
        let mut revoked = BTreeSet::new();
        let candidates: BTreeSet<_> = judged.candidates.iter().collect();
        for (id, sha256) in candidates {
            let Some(entry) = entries.get(id) else {
                continue;
            };
            let certificate = match self.above.get(sha256) {
                Some(read) => read.clone(),
                None => self.inner.stored(sha256).map(Arc::new),
            };
            let Some(certificate) = certificate.filter(|one| speaks_of(&judged.crl, one)) else {
                continue;
            };
            let says = revocation_in(&judged.crl, &certificate);
            if says.is_some() {
                revoked.insert((id.clone(), entry.name().to_owned()));
            }
            if let Some(what) = news(entry.revocation_of(sha256), says, &judged.crl, sha256) {
                happened.entry(id.clone()).or_default().push(what);
            }
        }
        let lifted = happened
            .values()
            .flatten()
            .filter(|what| matches!(what, What::NotRevoked { .. }));
        let lifted = lifted.count();
        let report = &mut self.lists[index].report;
        report.lifted = lifted;
        report.revoked = revoked.into_iter().collect();
        self.write(happened)
    }

    /// Keeps a list, unless a newer one is here: then it has nothing to say. One that speaks of some
    /// certificates only counts now and is not kept.
    fn keep(&mut self, index: usize) -> Result<bool, EngineError> {
        let judged = &mut self.lists[index];
        let crl = &judged.crl;
        if crl.is_partial {
            return Ok(true);
        }
        let newer: Cell<Option<Timestamp>> = Cell::new(None);
        let is_newer = |held: &str| {
            let held = crl::read_pem(held)?;
            if held.is_newer_than(crl) {
                newer.set(Some(held.this_update));
            }
            Some(crl.is_newer_than(&held))
        };
        let store = &self.inner.store;
        match store.put_list(&crl.kept_as(), &crl.to_pem(), is_newer) {
            Ok(kept) => judged.report.kept = kept || newer.get().is_none(),
            // What it says counts all the same.
            Err(error @ StoreError::Taken { .. }) => {
                judged.report.trouble = Some(error.to_string());
            }
            Err(error) => return Err(error.into()),
        }
        judged.report.newer = newer.get();
        Ok(newer.get().is_none())
    }

    fn write(&self, happened: BTreeMap<EntryId, Vec<What>>) -> Result<(), EngineError> {
        let happened: Vec<_> = happened.into_iter().collect();
        for batch in happened.chunks(BATCH) {
            self.inner.store.transact(|transaction| {
                transaction.who(&self.inner.who);
                for (id, what) in batch {
                    if let Some(entry) = transaction.entry(id) {
                        let at = self.inner.time_of(&entry.account);
                        happen(transaction, entry.as_ref().clone(), what.clone(), at);
                    }
                }
                Ok::<_, EngineError>(())
            })?;
        }
        Ok(())
    }
}

/// What changes for an entry, if anything: an older list says nothing new, and one that does not
/// speak of all certificates takes nothing back.
fn news(
    known: Option<&Revocation>,
    says: Option<Revocation>,
    crl: &Crl,
    sha256: &str,
) -> Option<What> {
    let is_later = known.is_none_or(|known| known.list < crl.this_update);
    match says {
        Some(revocation) if is_later => Some(What::Revoked { revocation }),
        None if is_later && known.is_some() && !crl.is_partial => Some(What::NotRevoked {
            sha256: sha256.to_owned(),
            list: crl.this_update,
        }),
        _ => None,
    }
}

fn serial(shown: &str) -> Vec<u8> {
    let bytes = shown.split(':');
    bytes
        .filter_map(|pair| u8::from_str_radix(pair, 16).ok())
        .collect()
}

//! Taking certificates from people's files into the `files` account.
//!
//! One damaged file costs only itself: it is named with its reason, the rest goes in. The same
//! certificate is one entry, however often it is found.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::Inner;
use super::command::{Done, ImportReport};
use super::error::EngineError;
use super::settings::FILES_ACCOUNT;
use super::settle::happen;
use crate::domain::entry::{Entry, EntryId, MAIN_TRACK, Role, StateRef, mint};
use crate::domain::event::{Cause, What};
use crate::files::{self, Read};
use crate::pki::bundle::Found;
use crate::pki::{AltName, Certificate, chain};
use crate::providers::record_of;
use crate::store::Transaction;

/// How many certificates go into one transaction: few lines for many, and none too long.
const BATCH: usize = 500;
const VALID: &str = "valid";
const UNREADABLE: &str = "unreadable";

/// A certificate that becomes an entry, with the chain that lay beside it.
struct Find {
    leaf: Certificate,
    chain: Vec<Certificate>,
    from: String,
}

/// What one import found, before anything is written.
#[derive(Default)]
struct Haul {
    finds: Vec<Find>,
    /// Files that should hold a certificate and hold none that can be read.
    broken: Vec<(String, String)>,
    report: ImportReport,
    seen: BTreeSet<String>,
    /// The files that hold certificates.
    readable: BTreeSet<String>,
}

/// What the store holds already, looked through once for many certificates.
struct Known {
    /// The fingerprints of the certificates that are entries.
    certificates: BTreeSet<String>,
    /// The entries that stand for a file that could not be read, by that file.
    broken: BTreeMap<String, EntryId>,
}

impl Known {
    fn of<'a>(entries: impl Iterator<Item = &'a Arc<Entry>>) -> Self {
        let mut known = Self {
            certificates: BTreeSet::new(),
            broken: BTreeMap::new(),
        };
        for entry in entries {
            let held = entry.certificates.iter();
            known
                .certificates
                .extend(held.map(|certificate| certificate.sha256.clone()));
            if let Some(file) = broken_file(entry) {
                known.broken.insert(file.to_owned(), entry.id.clone());
            }
        }
        known
    }
}

impl Inner {
    /// Imports files and folders.
    pub(super) fn import(&self, paths: &[PathBuf]) -> Result<Done, EngineError> {
        let accounts = self.accounts();
        let account = accounts.get(FILES_ACCOUNT);
        if self.settings.read_only || account.is_some_and(|account| account.read_only) {
            let says =
                format!("the account {FILES_ACCOUNT:?} is read-only, so nothing is imported");
            return Err(EngineError::Usage(says));
        }
        if paths.is_empty() {
            return Err(EngineError::Usage(
                "name at least one file or folder to import".to_owned(),
            ));
        }
        self.store.catch_up()?;
        let mut haul = Haul {
            seen: Known::of(self.store.snapshot().entries.values()).certificates,
            ..Haul::default()
        };
        let reading = files::read(paths);
        haul.report.passed_over = reading.passed_over;
        for read in reading.read {
            haul.take(read);
        }
        let Haul {
            finds,
            broken,
            mut report,
            readable,
            ..
        } = haul;
        for batch in finds.chunks(BATCH) {
            self.write_finds(batch, &mut report)?;
        }
        self.write_broken(&broken)?;
        self.put_mended_away(&readable)?;
        self.publish();
        Ok(Done::Imported(report))
    }

    fn write_finds(&self, finds: &[Find], report: &mut ImportReport) -> Result<(), EngineError> {
        for find in finds {
            for certificate in std::iter::once(&find.leaf).chain(&find.chain) {
                self.store
                    .put_certificate(&certificate.to_pem(), &certificate.sha256)?;
            }
        }
        let now = self.now();
        let imported = self.store.transact(|transaction| {
            transaction.who(&self.who);
            let mut known = Known::of(transaction.entries());
            let mut imported = Vec::new();
            for find in finds {
                // Another process may have taken it in meanwhile.
                if !known.certificates.insert(find.leaf.sha256.clone()) {
                    continue;
                }
                let broken = known.broken.remove(&find.from);
                let broken = broken.and_then(|id| transaction.entry(&id).cloned());
                let mut happened = broken.as_deref().map(mended).unwrap_or_default();
                happened.extend(taken_in(find));
                let entry = self.entry_of(transaction, find, broken, now);
                imported.push((entry.id.clone(), find.from.clone()));
                happen(transaction, entry, happened, now);
            }
            Ok::<_, EngineError>(imported)
        })?;
        report.duplicates += finds.len() - imported.len();
        report.imported.extend(imported);
        Ok(())
    }

    /// The entry that a certificate goes into: a new one, or the one that stood for its file
    /// while that could not be read.
    fn entry_of(
        &self,
        transaction: &Transaction,
        find: &Find,
        broken: Option<Arc<Entry>>,
        now: Timestamp,
    ) -> Entry {
        let mut entry = broken.map_or_else(
            || new_entry(transaction, &find.leaf.sha256, VALID, &find.from, now),
            |entry| entry.as_ref().clone(),
        );
        entry.names = names_of(&find.leaf);
        entry.product.name = product_of(&find.leaf);
        entry.product.level = find
            .leaf
            .validation_level
            .map(|level| level.label().to_owned());
        let spki = find.leaf.spki_sha256.clone();
        entry.order.key_held = self.store.has_key(&spki);
        entry.order.spki_sha256 = Some(spki);
        entry
    }

    fn write_broken(&self, broken: &[(String, String)]) -> Result<(), EngineError> {
        if broken.is_empty() {
            return Ok(());
        }
        let now = self.now();
        self.store.transact(|transaction| {
            transaction.who(&self.who);
            let known = Known::of(transaction.entries());
            for (from, why) in broken {
                if known.broken.contains_key(from) {
                    continue;
                }
                let mut entry = new_entry(transaction, from, UNREADABLE, from, now);
                entry.names = vec![file_name(from)];
                entry.said = Some(why.clone());
                happen(
                    transaction,
                    entry,
                    [What::Imported { from: from.clone() }],
                    now,
                );
            }
            Ok::<_, EngineError>(())
        })
    }

    /// A file that was unreadable and now holds only what is there already needs no entry of its
    /// own any more; it is archived, never deleted.
    fn put_mended_away(&self, readable: &BTreeSet<String>) -> Result<(), EngineError> {
        let now = self.now();
        self.store.transact(|transaction| {
            transaction.who(&self.who);
            let broken = Known::of(transaction.entries()).broken;
            for (_, id) in broken.iter().filter(|(file, _)| readable.contains(*file)) {
                let entry = transaction.entry(id).filter(|entry| !entry.archived);
                if let Some(entry) = entry.map(|entry| entry.as_ref().clone()) {
                    happen(transaction, entry, [What::Archived], now);
                }
            }
            Ok::<_, EngineError>(())
        })
    }
}

impl Haul {
    /// Sorts out what came of one file.
    fn take(&mut self, read: Read) {
        let path = read.path.display().to_string();
        let found = match read.found {
            Ok(found) => found,
            Err(error) => {
                self.report.unreadable.push((path, error.to_string()));
                return;
            }
        };
        let mut certificates = Vec::new();
        let mut complaints = Vec::new();
        for found in found {
            match found {
                Found::Certificate(certificate) => certificates.push(*certificate),
                Found::Unreadable { what, line, why } => {
                    complaints.push(complaint(&what, line, &why));
                }
                Found::Csr(_) | Found::PrivateKey { .. } | Found::Other { .. } => {}
            }
        }
        if certificates.is_empty() {
            self.nothing_in(&path, &complaints);
            return;
        }
        let complaints = complaints.into_iter().map(|why| (path.clone(), why));
        self.report.unreadable.extend(complaints);
        self.readable.insert(path.clone());
        self.sort_out(certificates, &path);
    }

    fn nothing_in(&mut self, path: &str, complaints: &[String]) {
        if complaints.is_empty() {
            self.report.passed_over += 1;
            return;
        }
        let why = complaints.join("; ");
        self.broken.push((path.to_owned(), why.clone()));
        self.report.unreadable.push((path.to_owned(), why));
    }

    /// Which certificates of one file are entries, and which only stand above one of them.
    fn sort_out(&mut self, certificates: Vec<Certificate>, path: &str) {
        let mut above = BTreeSet::new();
        let mut chains = BTreeMap::new();
        let issuers = issuers_among(&certificates);
        for leaf in certificates.iter().filter(|certificate| !certificate.is_ca) {
            let chain = chain::order_chain(leaf, &issuers);
            let chain: Vec<Certificate> = chain.into_iter().skip(1).cloned().collect();
            above.extend(chain.iter().map(|certificate| certificate.sha256.clone()));
            chains.insert(leaf.sha256.clone(), chain);
        }
        for certificate in certificates {
            if above.contains(&certificate.sha256) {
                self.report.chained += 1;
            } else if self.seen.insert(certificate.sha256.clone()) {
                let chain = chains.remove(&certificate.sha256).unwrap_or_default();
                self.finds.push(Find {
                    leaf: certificate,
                    chain,
                    from: path.to_owned(),
                });
            } else {
                self.report.duplicates += 1;
            }
        }
    }
}

/// The certificates that others of the same file name as their issuer: few, where a file holds
/// thousands of leaves.
fn issuers_among(certificates: &[Certificate]) -> Vec<Certificate> {
    let named: BTreeSet<&str> = certificates
        .iter()
        .map(|certificate| certificate.issuer.as_str())
        .collect();
    certificates
        .iter()
        .filter(|certificate| named.contains(certificate.subject.as_str()))
        .cloned()
        .collect()
}

fn complaint(what: &str, line: Option<usize>, why: &str) -> String {
    match line {
        Some(line) => format!("line {line}: {what}: {why}"),
        None => format!("{what}: {why}"),
    }
}

fn new_entry(
    transaction: &Transaction,
    seed: &str,
    state: &str,
    from: &str,
    now: Timestamp,
) -> Entry {
    let id: EntryId = mint(super::place::seed_of(seed.as_bytes()), |id| {
        transaction.entry(id).is_some()
    });
    let mut entry = Entry::new(id, FILES_ACCOUNT, "files", state, now);
    entry.origin = Some(from.to_owned());
    entry
}

/// The file that an entry stands for, if that could not be read.
fn broken_file(entry: &Entry) -> Option<&str> {
    let state = entry.main().map(|track| track.state.as_str());
    let is_ours = entry.account == FILES_ACCOUNT && state == Some(UNREADABLE);
    entry.origin.as_deref().filter(|_| is_ours)
}

/// What happens to the entry of a file that can be read again. One that was put away comes back:
/// it stands for a certificate now.
fn mended(entry: &Entry) -> Vec<What> {
    let moved = What::Moved {
        track: MAIN_TRACK.to_owned(),
        from: StateRef::known(UNREADABLE),
        to: StateRef::known(VALID),
        by: Cause::Observed,
    };
    let restored = entry.archived.then_some(What::Restored);
    std::iter::once(moved).chain(restored).collect()
}

fn taken_in(find: &Find) -> [What; 2] {
    let chain = find
        .chain
        .iter()
        .map(|certificate| certificate.sha256.clone())
        .collect();
    let certificate = record_of(&find.leaf, chain, Role::Serving);
    [
        What::Imported {
            from: find.from.clone(),
        },
        What::Issued { certificate },
    ]
}

/// The names that a certificate protects, or whatever it is called.
fn names_of(certificate: &Certificate) -> Vec<String> {
    let protects = certificate.names.iter().filter_map(|name| match name {
        AltName::Dns(_) | AltName::Ip(_) => Some(name.text()),
        _ => None,
    });
    let mut names: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    for name in protects.chain(
        certificate
            .subject_common_name
            .clone()
            .filter(|_| !certificate.is_ca),
    ) {
        if seen.insert(name.to_lowercase()) {
            names.push(name);
        }
    }
    // A person looks for the name that the certificate calls itself by.
    if let Some(own) = certificate.subject_common_name.as_ref()
        && let Some(at) = names.iter().position(|name| name.eq_ignore_ascii_case(own))
    {
        names[..=at].rotate_right(1);
    }
    if names.is_empty() {
        names.push(certificate.display_name());
    }
    names
}

fn product_of(certificate: &Certificate) -> String {
    match (certificate.is_ca, certificate.is_self_issued) {
        (true, true) => "Root CA".to_owned(),
        (true, false) => "Intermediate CA".to_owned(),
        (false, true) => "Self-signed".to_owned(),
        (false, false) => certificate
            .validation_level
            .map_or("Certificate", |level| level.label())
            .to_owned(),
    }
}

fn file_name(path: &str) -> String {
    let name = Path::new(path).file_name();
    name.map_or_else(
        || path.to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}

//! Taking certificates from people's files into the `files` account.
//!
//! One damaged file costs only itself: it is named with its reason, the rest goes in. The same
//! certificate is one entry, however often it is found.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

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
}

impl Inner {
    /// Imports files and folders.
    pub(super) fn import(&self, paths: &[PathBuf]) -> Result<Done, EngineError> {
        let account = self.accounts.get(FILES_ACCOUNT);
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
            seen: self.fingerprints(),
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
            ..
        } = haul;
        for batch in finds.chunks(BATCH) {
            self.write_finds(batch, &mut report)?;
        }
        self.write_broken(&broken)?;
        self.publish();
        Ok(Done::Imported(report))
    }

    /// The certificates that are entries already.
    fn fingerprints(&self) -> BTreeSet<String> {
        let loaded = self.store.snapshot();
        let held = loaded
            .entries
            .values()
            .flat_map(|entry| &entry.certificates);
        held.map(|certificate| certificate.sha256.clone()).collect()
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
            let mut imported = Vec::new();
            for find in finds {
                let entry = self.entry_of(transaction, find, now);
                imported.push((entry.id.clone(), find.from.clone()));
                happen(transaction, entry, taken_in(find), now);
            }
            Ok::<_, EngineError>(imported)
        })?;
        report.imported.extend(imported);
        Ok(())
    }

    /// The entry that a certificate goes into: a new one, or the one that stood for its file
    /// while that could not be read.
    fn entry_of(&self, transaction: &Transaction, find: &Find, now: Timestamp) -> Entry {
        let mended = transaction
            .entries()
            .find(|entry| is_broken(entry, &find.from))
            .cloned();
        let mut entry = mended.map_or_else(
            || new_entry(transaction, &find.leaf.sha256, VALID, &find.from, now),
            |entry| mend(entry.as_ref().clone(), now),
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
            for (from, why) in broken {
                if transaction.entries().any(|entry| is_broken(entry, from)) {
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
        let mut chains = Vec::new();
        for leaf in certificates.iter().filter(|certificate| !certificate.is_ca) {
            let chain = chain::order_chain(leaf, &certificates);
            let chain: Vec<Certificate> = chain.into_iter().skip(1).cloned().collect();
            above.extend(chain.iter().map(|certificate| certificate.sha256.clone()));
            chains.push((leaf.sha256.clone(), chain));
        }
        for certificate in certificates {
            if above.contains(&certificate.sha256) {
                self.report.chained += 1;
            } else if self.seen.insert(certificate.sha256.clone()) {
                let own = chains.iter().find(|(leaf, _)| *leaf == certificate.sha256);
                let chain = own.map(|(_, chain)| chain.clone()).unwrap_or_default();
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

/// Whether an entry stands for a file that could not be read.
fn is_broken(entry: &Entry, from: &str) -> bool {
    let state = entry.main().map(|track| track.state.as_str());
    state == Some(UNREADABLE) && entry.origin.as_deref() == Some(from)
}

/// The entry of a file that can be read again.
fn mend(mut entry: Entry, now: Timestamp) -> Entry {
    let by = Cause::Observed;
    let (from, to) = (StateRef::known(UNREADABLE), StateRef::known(VALID));
    let what = What::Moved {
        track: MAIN_TRACK.to_owned(),
        from,
        to,
        by,
    };
    let event = crate::domain::event::Event {
        entry: entry.id.clone(),
        at: now,
        what,
    };
    crate::domain::event::apply(&mut entry, &event);
    entry
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

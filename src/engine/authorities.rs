//! The CAs whose certificates a person brought here: entries of their own that were imported.
//!
//! Findings lead to them, and revocation lists are believed by them. They are found by their names, so
//! that of many only those are read that a certificate speaks of. May not: take a certificate that
//! only came along in somebody's chain for one that a person vouches for.

use std::collections::HashMap;

use super::Inner;
use super::settings::FILES_ACCOUNT;
use crate::pki::Certificate;

/// So many of one name are read; CAs that cross each other have a handful.
const MOST_OF_A_NAME: usize = 8;

/// The CAs, by their names in the manner of RFC 4514.
pub(super) struct Authorities<'a> {
    inner: &'a Inner,
    stored: HashMap<String, Vec<String>>,
    /// Those that are being imported just now.
    fresh: HashMap<String, Vec<Certificate>>,
}

impl Inner {
    /// All CAs that were imported. Looks at every entry, and reads those of CAs.
    pub(super) fn authorities(&self) -> Authorities<'_> {
        let loaded = self.store.snapshot();
        let mut stored: HashMap<String, Vec<String>> = HashMap::new();
        for entry in loaded.entries.authorities() {
            let imported = entry.account == FILES_ACCOUNT && entry.gone.is_none();
            let Some(held) = entry.serving().filter(|_| imported) else {
                continue;
            };
            let same = stored.entry(held.subject.clone()).or_default();
            same.push(held.sha256.clone());
        }
        Authorities {
            inner: self,
            stored,
            fresh: HashMap::new(),
        }
    }
}

impl Authorities<'_> {
    /// One more, which is on its way into the store.
    pub(super) fn add(&mut self, certificate: &Certificate) {
        let same = self.fresh.entry(certificate.subject.clone()).or_default();
        if same.len() < MOST_OF_A_NAME {
            same.push(certificate.clone());
        }
    }

    /// Those that a certificate and its chain may lead to, each once.
    pub(super) fn above(
        &self,
        certificate: &Certificate,
        chain: &[Certificate],
    ) -> Vec<Certificate> {
        let mut names: Vec<&str> = std::iter::once(certificate)
            .chain(chain)
            .flat_map(|one| [one.issuer.as_str(), one.subject.as_str()])
            .collect();
        names.sort_unstable();
        names.dedup();
        let mut found: Vec<Certificate> = Vec::new();
        for name in names {
            let stored = self.stored.get(name).into_iter().flatten();
            let stored = stored.take(MOST_OF_A_NAME);
            found.extend(stored.filter_map(|sha256| self.inner.stored(sha256)));
            for one in self.fresh.get(name).into_iter().flatten() {
                if found.iter().all(|known| known.sha256 != one.sha256) {
                    found.push(one.clone());
                }
            }
        }
        found
    }
}

//! What the revocation lists say that are kept here.
//!
//! A list is read when a certificate of its issuer is looked at, and believed only if the certificate
//! of that issuer, which is here, signed it. May not: fetch one, or believe one because it is here:
//! the store's files are other people's, too.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use super::{Inner, hold};
use crate::domain::entry::{self, Entry};
use crate::pki::Certificate;
use crate::pki::crl::{self, Crl};
use crate::pki::findings::ListHere;

/// The list that was read last: people look at several certificates of one issuer.
#[derive(Default)]
pub(super) struct LastList(Mutex<Option<(String, Arc<Crl>)>>);

/// The lists that are here, by name.
pub(super) struct KeptLists<'a> {
    inner: &'a Inner,
    names: BTreeSet<String>,
}

/// What a list says of a certificate.
pub(super) struct Verdict {
    /// The list.
    pub(super) list: ListHere,
    /// That the certificate is revoked; nothing where the list does not name it.
    pub(super) revoked: Option<entry::Revocation>,
}

impl Inner {
    /// The lists that are here. A folder that cannot be listed has none: the doctor says so.
    pub(super) fn kept_lists(&self) -> KeptLists<'_> {
        let names = self.store.list_names().unwrap_or_default();
        KeptLists {
            inner: self,
            names: names.into_iter().collect(),
        }
    }
}

impl KeptLists<'_> {
    /// What the list of its issuer says of a certificate, where one is here that one of the
    /// certificates around it has signed.
    pub(super) fn of<'c>(
        &self,
        certificate: &Certificate,
        around: impl Iterator<Item = &'c Certificate> + Clone,
    ) -> Option<Verdict> {
        if self.names.is_empty() {
            return None;
        }
        let issuers = around.filter(|one| one.subject_der == certificate.issuer_der);
        let of_issuers = issuers.clone().map(|one| one.subject_key_id.as_deref());
        let mut tried = BTreeSet::new();
        for key_id in [certificate.authority_key_id.as_deref(), None]
            .into_iter()
            .chain(of_issuers)
        {
            let name = crl::kept_as(&certificate.issuer_der, key_id);
            if !self.names.contains(&name) || !tried.insert(name.clone()) {
                continue;
            }
            let Some(list) = self.read(&name) else {
                continue;
            };
            let mut issuers = issuers.clone();
            if speaks_of(&list, certificate)
                && issuers.any(|issuer| list.is_signed_by(issuer).is_ok())
            {
                return Some(verdict(&list, certificate));
            }
        }
        None
    }

    fn read(&self, name: &str) -> Option<Arc<Crl>> {
        let pem = self.inner.store.list(name).ok().flatten()?;
        let digest = crate::pki::hash::sha256_hex(pem.as_bytes());
        let mut last_read = hold(&self.inner.last_list.0);
        if let Some((known, list)) = last_read.as_ref()
            && *known == digest
        {
            return Some(Arc::clone(list));
        }
        let list = Arc::new(crl::read_pem(&pem)?);
        *last_read = Some((digest, Arc::clone(&list)));
        Some(list)
    }
}

/// Whether a list is of a certificate's issuer, by name and by key where both say which.
pub(super) fn speaks_of(list: &Crl, certificate: &Certificate) -> bool {
    let keys = (&list.authority_key_id, &certificate.authority_key_id);
    let keys_fit = !matches!(keys, (Some(list), Some(own)) if list != own);
    certificate.issuer_der == list.issuer_der && keys_fit
}

/// What a list says of a certificate of its issuer; one that was taken off again is not revoked.
pub(super) fn revocation_in(list: &Crl, certificate: &Certificate) -> Option<entry::Revocation> {
    let found = list.find(certificate)?;
    if found.reason == Some("removeFromCRL") {
        return None;
    }
    Some(entry::Revocation {
        sha256: certificate.sha256.clone(),
        at: found.at,
        reason: found.reason.map(str::to_owned),
        list: list.this_update,
    })
}

fn verdict(list: &Crl, certificate: &Certificate) -> Verdict {
    let issuer = list.issuer_common_name.as_ref().unwrap_or(&list.issuer);
    Verdict {
        list: ListHere {
            issuer: issuer.clone(),
            made: list.this_update,
            next: list.next_update,
            at: certificate.crl_points.first().cloned(),
        },
        revoked: revocation_in(list, certificate),
    }
}

/// What counts of what an entry remembers and what a list says: the later of the two.
pub(super) fn latest(
    entry: &Entry,
    sha256: &str,
    verdict: Option<&Verdict>,
) -> Option<entry::Revocation> {
    let remembered = entry.revocation_of(sha256);
    match verdict {
        Some(verdict) if remembered.is_none_or(|known| known.list <= verdict.list.made) => {
            verdict.revoked.clone()
        }
        _ => remembered.cloned(),
    }
}

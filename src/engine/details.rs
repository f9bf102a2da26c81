//! What the details pane shows beyond the entry: the certificate as it lies in the store, its
//! chain, what is wrong with it, its history.

use super::Inner;
use super::command::{Details, HistoryLine};
use super::error::EngineError;
use super::kept_lists::latest;
use crate::domain::entry::{self, Entry, EntryId};
use crate::domain::inventory::Unresolved;
use crate::pki::expanded::Expanded;
use crate::pki::findings::{self, Case, Finding, ListHere, Revocation};
use crate::pki::{self, Certificate};

impl Inner {
    /// The details of an entry.
    pub(super) fn details(&self, id: &EntryId) -> Result<Details, EngineError> {
        let loaded = self.store.snapshot();
        let entry = loaded.entries.read(id).map_err(Unresolved::from)?;
        let entry = entry.ok_or_else(|| Unresolved::Nothing(id.as_str().to_owned()))?;
        let mut details = Details::default();
        if let Some(serving) = entry.serving() {
            details.certificate = self.read_certificate(&serving.sha256, &mut details.problems);
            for above in &serving.chain {
                details
                    .chain
                    .extend(self.read_certificate(above, &mut details.problems));
            }
        }
        if let Some(certificate) = &details.certificate {
            details.expanded = Expanded::of(certificate);
            let judged = self.judge_certificate(&entry, certificate, &details.chain);
            (details.findings, details.lists) = judged;
        }
        details.history = self.history(Some(id))?;
        Ok(details)
    }

    /// What is wrong with the certificate of an entry, whatever the time is, and the revocation lists
    /// that speak of it.
    fn judge_certificate(
        &self,
        entry: &Entry,
        certificate: &Certificate,
        chain: &[Certificate],
    ) -> (Vec<Finding>, Vec<ListHere>) {
        let own_roots = self.own_roots(&entry.account);
        let imported = self.authorities().above(certificate, chain);
        let around = chain.iter().chain(&imported).chain(&own_roots);
        let lists = self.kept_lists();
        let verdict = lists.of(certificate, around.clone());
        let mut certificate = certificate.clone();
        // What serves is no CA's, whatever it says of itself; see `watching::find`.
        certificate.is_ca = entry.serving().is_some_and(|held| held.is_ca);
        let revoked = latest(entry, &certificate.sha256, verdict.as_ref());
        let mut findings = findings::judge(&Case {
            certificate: &certificate,
            chain,
            own_roots: &own_roots,
            imported: &imported,
            names: &entry.names,
            // What was read from a file or a server brought its key with it.
            key: entry
                .order
                .spki_sha256
                .as_deref()
                .filter(|_| entry.origin.is_none()),
            revoked: revoked.as_ref().map(revocation),
        });
        let mut here: Vec<ListHere> = verdict.into_iter().map(|verdict| verdict.list).collect();
        for above in chain {
            let verdict = lists.of(above, around.clone());
            let revoked = latest(entry, &above.sha256, verdict.as_ref());
            let found = revoked.map(|one| findings::revoked_above(above, revocation(&one)));
            findings.extend(found);
            here.extend(verdict.map(|verdict| verdict.list));
        }
        findings.sort_by_key(|finding| finding.severity);
        here.dedup();
        (findings, here)
    }

    /// The roots that are known for an account: the sandbox's own.
    fn own_roots(&self, account: &str) -> Vec<Certificate> {
        let loaded = self.store.snapshot();
        let ca = loaded
            .accounts
            .get(account)
            .and_then(|record| record.ca.as_ref());
        let pem = ca.and_then(|ca| self.store.certificate(&ca.root).ok().flatten());
        let root = pem.and_then(|pem| pki::read_certificate(&pem).ok());
        root.into_iter().collect()
    }

    /// The history of one entry or of all, the newest first.
    pub(super) fn history(&self, id: Option<&EntryId>) -> Result<Vec<HistoryLine>, EngineError> {
        let mut lines = match id {
            Some(id) => self.store.history(id)?,
            None => self.store.history_all(usize::MAX)?,
        };
        lines.reverse();
        Ok(lines)
    }

    fn read_certificate(&self, sha256: &str, problems: &mut Vec<String>) -> Option<Certificate> {
        let place = self.store.dir().join("certs").join(format!("{sha256}.pem"));
        let place = place.display();
        let read = match self.store.certificate(sha256) {
            Ok(Some(pem)) => pki::read_certificate(&pem).map_err(|why| format!("{place}: {why}")),
            Ok(None) => Err(format!("{place} is missing; restore it from a backup")),
            Err(error) => Err(error.to_string()),
        };
        read.map_err(|problem| problems.push(problem)).ok()
    }
}

/// What is remembered of a revocation, as findings take it.
pub(super) fn revocation(known: &entry::Revocation) -> Revocation<'_> {
    Revocation {
        at: known.at,
        reason: known.reason.as_deref(),
        list: known.list,
    }
}

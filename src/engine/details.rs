//! What the details pane shows beyond the entry: the certificate as it lies in the store, its
//! chain, its history.

use super::Inner;
use super::command::{Details, HistoryLine};
use super::error::EngineError;
use crate::domain::entry::EntryId;
use crate::domain::inventory::Unresolved;
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
        details.history = self.history(Some(id))?;
        Ok(details)
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

//! The sandbox behind an account: made on first use, with a CA of its own that lies in the store.

use std::sync::Arc;

use secrecy::SecretString;

use super::error::EngineError;
use super::settings::USUAL_SEED;
use super::{Inner, hold};
use crate::domain::account::{AccountKind, AccountRecord, CaRecord};
use crate::pki::PrivateKey;
use crate::pki::ca::SandboxCa;
use crate::providers::sandbox::{self, Sandbox};
use crate::providers::{Offer, Provider};

impl Inner {
    /// What an account sells; nothing if it sells nothing.
    pub(super) fn offers(&self, account: &str) -> Vec<Offer> {
        // The sandbox itself is made when something is ordered, not when somebody looks.
        let accounts = self.accounts();
        let account = accounts.get(account);
        let sells = account.filter(|account| account.kind == AccountKind::Sandbox);
        sells.map_or_else(Vec::new, |account| {
            sandbox::offers(&self.lifecycles_of(account))
        })
    }

    /// The provider of an account.
    ///
    /// # Errors
    /// When the account takes no orders, or when its sandbox cannot be made.
    pub(super) fn provider(&self, account: &str) -> Result<Arc<dyn Provider>, EngineError> {
        let other = self.settings.providers.as_ref();
        if let Some(provider) = other.and_then(|source| source(account)) {
            return Ok(provider);
        }
        let sandbox = self.sandbox(account)?;
        Ok(sandbox)
    }

    /// The sandbox of an account.
    ///
    /// # Errors
    /// When the account is no sandbox, or when its CA can be neither read nor made.
    pub(super) fn sandbox(&self, account: &str) -> Result<Arc<Sandbox>, EngineError> {
        if let Some(sandbox) = hold(&self.sandboxes).get(account) {
            return Ok(Arc::clone(sandbox));
        }
        let accounts = self.accounts();
        let settings = accounts
            .get(account)
            .filter(|a| a.kind == AccountKind::Sandbox);
        let Some(settings) = settings else {
            return Err(EngineError::Usage(format!(
                "the account {account:?} takes no orders; only sandbox accounts do so far"
            )));
        };
        let (record, ca) = self.certification_authority(account, settings.seed)?;
        let seed = record.seed.unwrap_or(USUAL_SEED);
        let loses = settings.lose_answers.unwrap_or_default();
        let sandbox = Arc::new(Sandbox::new(seed, ca).losing(loses));
        hold(&self.sandboxes).insert(account.to_owned(), Arc::clone(&sandbox));
        Ok(sandbox)
    }

    /// The account's record and CA: the stored ones, or new ones.
    fn certification_authority(
        &self,
        account: &str,
        seed: Option<u64>,
    ) -> Result<(AccountRecord, SandboxCa), EngineError> {
        let stored = self.store.snapshot().accounts.get(account).cloned();
        let is_new = stored.is_none();
        if let Some(record) = stored
            && let Some(ca) = &record.ca
        {
            let ca = self.read_ca(account, ca)?;
            return Ok((record, ca));
        }
        if is_new {
            // Its time begins with its first use.
            self.put_clock_at(account, self.sandbox_begins());
        }
        let new = SandboxCa::generate(account, self.time_of(account))
            .map_err(|error| EngineError::Failed(error.to_string()))?;
        self.keep_ca(&new)?;
        let record = self.store.transact(|transaction| {
            let record = transaction.account(account).cloned();
            let mut record = record.unwrap_or_else(|| AccountRecord::new(account));
            // Another process may have been quicker; then its CA counts.
            if record.ca.is_none() {
                record.ca = Some(CaRecord {
                    root: new.root().sha256.clone(),
                    intermediate: new.intermediate().sha256.clone(),
                    key: new.intermediate_key().spki_sha256(),
                });
                record.seed = record.seed.or(seed).or(Some(USUAL_SEED));
                transaction.put_account(record.clone());
            }
            self.write_clock(transaction, account);
            Ok::<_, EngineError>(record)
        })?;
        match &record.ca {
            Some(ca) if ca.root != new.root().sha256 => {
                let ca = self.read_ca(account, ca)?;
                Ok((record, ca))
            }
            _ => Ok((record, new)),
        }
    }

    /// Key and certificates lie on the disk before the record that names them.
    fn keep_ca(&self, ca: &SandboxCa) -> Result<(), EngineError> {
        let key = ca.intermediate_key();
        self.store
            .put_key(&key.to_pkcs8_pem(), &key.spki_sha256())?;
        for certificate in [ca.root(), ca.intermediate()] {
            self.store
                .put_certificate(&certificate.to_pem(), &certificate.sha256)?;
        }
        Ok(())
    }

    pub(super) fn read_ca(
        &self,
        account: &str,
        record: &CaRecord,
    ) -> Result<SandboxCa, EngineError> {
        let missing = |what: &str| {
            EngineError::Failed(format!(
                "the {what} of the sandbox account {account:?} is missing from the store {}; \
                 restore it from a backup, or use another sandbox account",
                self.store.dir().display()
            ))
        };
        let root = self
            .store
            .certificate(&record.root)?
            .ok_or_else(|| missing("CA's root"))?;
        let intermediate = self.store.certificate(&record.intermediate)?;
        let intermediate = intermediate.ok_or_else(|| missing("CA's intermediate"))?;
        let key: SecretString = self
            .store
            .key(&record.key)?
            .ok_or_else(|| missing("CA's signing key"))?;
        let key =
            PrivateKey::from_pem(&key).map_err(|error| EngineError::Failed(error.to_string()))?;
        SandboxCa::from_pem(&root, &intermediate, key)
            .map_err(|error| EngineError::Failed(error.to_string()))
    }
}

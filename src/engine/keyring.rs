//! Private keys at rest: kept plain or encrypted, opened with passphrases that are known while the
//! program runs.
//!
//! May not: write a passphrase down, repeat one, or let a key be named before it is on the disk.
//! Everything of the engine that keeps or uses a private key of the store comes here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use secrecy::{ExposeSecret as _, SecretString};

use super::command::{Done, Field, FieldError, KeyChange, KeysReport, Lock};
use super::error::EngineError;
use super::{Inner, hold};
use crate::pki::PrivateKey;
use crate::pki::sealed::{self, SealError};

/// The longest passphrase, in bytes: openssl takes no longer one at the terminal.
pub const LONGEST_PASSPHRASE: usize = 500;
/// Passphrases of keys that were brought; more than that nobody has.
const MOST_OTHERS: usize = 8;
/// So many encrypted keys are tried with a new passphrase.
const TRIED: usize = 8;

/// What is known while the program runs.
#[derive(Default)]
pub(super) struct Keyring(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// The passphrase of the store.
    own: Option<SecretString>,
    /// Others that have opened a key.
    others: Vec<SecretString>,
    /// The keys that were brought encrypted, which are never kept otherwise, each with the passphrase
    /// that opened it.
    brought: BTreeMap<String, SecretString>,
}

impl Keyring {
    fn own(&self) -> Option<SecretString> {
        hold(&self.0).own.clone()
    }

    fn all(&self) -> Vec<SecretString> {
        let known = hold(&self.0);
        let own = known.own.iter().cloned();
        own.chain(known.others.iter().cloned()).collect()
    }

    fn was_brought(&self, spki: &str) -> bool {
        hold(&self.0).brought.contains_key(spki)
    }

    /// What a key is encrypted with: the passphrase of the store; one that was brought stays under its
    /// own where no other is known.
    fn passphrase_for(&self, spki: &str) -> Option<SecretString> {
        let known = hold(&self.0);
        known
            .own
            .clone()
            .or_else(|| known.brought.get(spki).cloned())
    }

    fn learn(&self, passphrase: &SecretString, is_own: bool, is_strange: bool) {
        let mut known = hold(&self.0);
        let is_same = |other: &SecretString| other.expose_secret() == passphrase.expose_secret();
        if is_own || (known.own.is_none() && !is_strange) {
            let before = known.own.replace(passphrase.clone());
            let before = before.filter(|before| !is_same(before));
            known.others.extend(before);
        } else if !known.others.iter().any(is_same) {
            known.others.push(passphrase.clone());
        }
        if known.others.len() > MOST_OTHERS {
            known.others.remove(0);
        }
    }
}

impl Inner {
    /// As [`Self::can_keep_keys`], for a key that a person brought: one that came encrypted can
    /// always be kept as it came.
    pub(super) fn can_keep_brought(&self, key: &PrivateKey) -> Result<(), EngineError> {
        if self.keyring.was_brought(&key.spki_sha256()) {
            return Ok(());
        }
        self.can_keep_keys(false)
    }

    /// Refuses what is going to keep a private key where it could not be encrypted: nothing has
    /// been made or sent by then.
    /// `wished` says that the key is to be encrypted whatever the configuration says.
    pub(super) fn can_keep_keys(&self, wished: bool) -> Result<(), EngineError> {
        let encrypts = self.settings.encrypt_keys || wished;
        if !encrypts || self.keyring.own().is_some() {
            return Ok(());
        }
        Err(EngineError::Locked(match self.first_sealed()? {
            Some(_) => Lock::Keep,
            None => Lock::New,
        }))
    }

    /// Keeps a private key; when this returns, it is on the disk.
    pub(super) fn keep_key(&self, key: &PrivateKey) -> Result<(), EngineError> {
        self.keep_new_key(key, false)
    }

    /// Keeps a private key, encrypted where that is configured or `wished`.
    pub(super) fn keep_new_key(&self, key: &PrivateKey, wished: bool) -> Result<(), EngineError> {
        let spki = key.spki_sha256();
        let held = self.store.key(&spki)?;
        if held.is_some_and(|held| sealed::is_sealed(held.expose_secret())) {
            return Ok(());
        }
        let encrypts = self.settings.encrypt_keys || wished;
        if !encrypts && !self.keyring.was_brought(&spki) {
            return Ok(self.store.put_key(&key.to_pkcs8_pem(), &spki)?);
        }
        self.keep_encrypted(key, &spki)
    }

    fn keep_encrypted(&self, key: &PrivateKey, spki: &str) -> Result<(), EngineError> {
        let Some(passphrase) = self.keyring.passphrase_for(spki) else {
            self.can_keep_keys(true)?;
            return Err(EngineError::Locked(Lock::Keep));
        };
        if self.store.has_key(spki) {
            // It lies there plain since before.
            return Ok(self.store.put_key(&key.to_pkcs8_pem(), spki)?);
        }
        let pem = checked_seal(key, &passphrase)?;
        Ok(self.store.put_key(&pem, spki)?)
    }

    /// Whether a private key lies here encrypted.
    pub(super) fn is_sealed(&self, spki: &str) -> bool {
        let held = self.store.key(spki).ok().flatten();
        held.is_some_and(|held| sealed::is_sealed(held.expose_secret()))
    }

    /// Keeps a private key that a provider made. It is there and must not be lost, so that it is
    /// kept plain where no passphrase is known: what asks for such a key asks for that before.
    pub(super) fn keep_key_of_provider(
        &self,
        pem: &SecretString,
        spki: &str,
    ) -> Result<(), EngineError> {
        if !self.settings.encrypt_keys || self.keyring.own().is_none() {
            return Ok(self.store.put_key(pem, spki)?);
        }
        let key = PrivateKey::from_pem(pem);
        self.keep_key(&key.map_err(|error| EngineError::Failed(error.to_string()))?)
    }

    /// Opens a private key of the store.
    pub(super) fn open_key(
        &self,
        pem: &SecretString,
        spki: &str,
    ) -> Result<PrivateKey, EngineError> {
        if !sealed::is_sealed(pem.expose_secret()) {
            let key = PrivateKey::from_pem(pem);
            return key.map_err(|error| EngineError::Failed(error.to_string()));
        }
        let spki_sha256 = spki.to_owned();
        let (key, _) = self.open_with_known(pem, Lock::Stored { spki_sha256 })?;
        Ok(key)
    }

    /// The key, and the passphrase that opened it.
    fn open_with_known(
        &self,
        pem: &SecretString,
        lock: Lock,
    ) -> Result<(PrivateKey, SecretString), EngineError> {
        for passphrase in self.keyring.all() {
            match sealed::open(pem, &passphrase) {
                Ok(key) => return Ok((key, passphrase)),
                Err(SealError::WrongPassphrase) => {}
                Err(error) => return Err(EngineError::Failed(error.to_string())),
            }
        }
        Err(EngineError::Locked(lock))
    }

    /// A private key that a person brought, in plain form; one that is encrypted is kept encrypted
    /// later, too.
    pub(super) fn open_brought(&self, pem: &SecretString) -> Result<SecretString, EngineError> {
        if !sealed::is_sealed(pem.expose_secret()) {
            return Ok(pem.clone());
        }
        sealed::inspect(pem).map_err(|error| {
            let (field, says) = (Field::Key, error.to_string());
            EngineError::Record(vec![FieldError { field, says }])
        })?;
        let (key, by) = self.open_with_known(pem, Lock::Brought { pem: pem.clone() })?;
        let mut known = hold(&self.keyring.0);
        known.brought.insert(key.spki_sha256(), by);
        drop(known);
        Ok(key.to_pkcs8_pem())
    }

    /// Takes a passphrase, if it opens what is locked.
    pub(super) fn unlock(
        &self,
        passphrase: &SecretString,
        lock: &Lock,
    ) -> Result<Done, EngineError> {
        check_passphrase(passphrase)?;
        let (pem, what) = match lock {
            Lock::Stored { spki_sha256 } => {
                let held = self.store.key(spki_sha256)?;
                (held, "this private key")
            }
            Lock::Brought { pem } => (Some(pem.clone()), "the private key that was given"),
            // Another process may have encrypted the first key meanwhile.
            Lock::Keep | Lock::New => (
                self.sealed_for(passphrase)?,
                "the private keys that are here",
            ),
        };
        let sealed = pem.filter(|pem| sealed::is_sealed(pem.expose_secret()));
        if let Some(pem) = sealed {
            match sealed::open(&pem, passphrase) {
                Ok(_) => {}
                Err(SealError::WrongPassphrase) => {
                    return Err(EngineError::WrongPassphrase(what.to_owned()));
                }
                Err(error) => return Err(EngineError::Failed(error.to_string())),
            }
        }
        // With the passphrase of what was brought new keys are encrypted only where no other is known
        // here: whoever opens the keys of this store knows theirs.
        let is_strange = matches!(lock, Lock::Brought { .. }) && self.first_sealed()?.is_some();
        let is_own = matches!(lock, Lock::Keep | Lock::New);
        self.keyring.learn(passphrase, is_own, is_strange);
        Ok(Done::Unlocked)
    }

    /// An encrypted key of the store that a passphrase opens; the first one where it opens none. A key
    /// that was brought lies under a passphrase of its own, so more than one is tried, and only so
    /// many that a wrong passphrase is told soon.
    fn sealed_for(&self, passphrase: &SecretString) -> Result<Option<SecretString>, EngineError> {
        let names = self.store.key_names()?;
        let held = names.iter().filter_map(|name| self.store.key(name).ok()?);
        let mut sealed = held.filter(|held| sealed::is_sealed(held.expose_secret()));
        let first = sealed.next();
        let opens = |held: &SecretString| sealed::open(held, passphrase).is_ok();
        if first.as_ref().is_none_or(opens) {
            return Ok(first);
        }
        Ok(sealed.take(TRIED - 1).find(opens).or(first))
    }

    /// Some key of the store that is encrypted.
    fn first_sealed(&self) -> Result<Option<SecretString>, EngineError> {
        for name in self.store.key_names()? {
            let held = self.store.key(&name);
            // One that cannot be read is for the doctor.
            let sealed = held.ok().flatten();
            if let Some(pem) = sealed.filter(|pem| sealed::is_sealed(pem.expose_secret())) {
                return Ok(Some(pem));
            }
        }
        Ok(None)
    }

    /// Encrypts or decrypts the private keys that are here. Each is replaced in one step, once its
    /// new form is on the disk and has been opened again.
    pub(super) fn change_keys(&self, change: &KeyChange) -> Result<Done, EngineError> {
        if let KeyChange::Passphrase(new) = change {
            check_passphrase(new)?;
        }
        self.can_change(change)?;
        let loaded = self.store.snapshot();
        let sandboxes: BTreeSet<String> = (loaded.accounts.values())
            .filter_map(|account| account.ca.as_ref().map(|ca| ca.key.clone()))
            .collect();
        let mut report = KeysReport::default();
        for name in self.store.key_names()? {
            if sandboxes.contains(&name) {
                report.sandboxes += 1;
                continue;
            }
            match self.change_key(&name, change) {
                Ok(true) => report.changed += 1,
                Ok(false) => report.already += 1,
                Err(error) => report.left.push((name, error.to_string())),
            }
        }
        if let KeyChange::Passphrase(new) = change {
            self.keyring.learn(new, true, false);
        }
        Ok(Done::KeysChanged(report))
    }

    /// The passphrase is known before anything is changed.
    fn can_change(&self, change: &KeyChange) -> Result<(), EngineError> {
        if self.keyring.own().is_some() {
            return Ok(());
        }
        let sealed = self.first_sealed()?.is_some();
        match change {
            KeyChange::Passphrase(new) => self.locked_without(new),
            KeyChange::Encrypt if !sealed => Err(EngineError::Locked(Lock::New)),
            _ if sealed => Err(EngineError::Locked(Lock::Keep)),
            _ => Ok(()),
        }
    }

    /// The first encrypted key that the new passphrase does not open yet: where a change was cut off,
    /// some are under it already, and the old one is proved on those that are not.
    fn locked_without(&self, new: &SecretString) -> Result<(), EngineError> {
        for spki_sha256 in self.store.key_names()? {
            let held = self.store.key(&spki_sha256).ok().flatten();
            let sealed = held.filter(|held| sealed::is_sealed(held.expose_secret()));
            let is_wrong =
                |held| matches!(sealed::open(&held, new), Err(SealError::WrongPassphrase));
            if sealed.is_some_and(is_wrong) {
                return Err(EngineError::Locked(Lock::Stored { spki_sha256 }));
            }
        }
        Ok(())
    }

    /// Whether the key was changed; else it was so already.
    fn change_key(&self, spki: &str, change: &KeyChange) -> Result<bool, EngineError> {
        let Some(held) = self.store.key(spki)? else {
            return Ok(false);
        };
        let sealed = sealed::is_sealed(held.expose_secret());
        if sealed == matches!(change, KeyChange::Encrypt) {
            return Ok(false);
        }
        let key = match (self.open_key(&held, spki), change) {
            (Err(EngineError::Locked(_)), KeyChange::Passphrase(new))
                if sealed::open(&held, new).is_ok() =>
            {
                return Ok(false);
            }
            (opened, _) => opened?,
        };
        if key.spki_sha256() != spki {
            let says = "it holds another key than its name says; `certdeck doctor` says more";
            return Err(EngineError::Failed(says.to_owned()));
        }
        let own = self.keyring.own();
        let new = match (change, own) {
            (KeyChange::Decrypt, _) => key.to_pkcs8_pem(),
            (KeyChange::Passphrase(new), _) => checked_seal(&key, new)?,
            (KeyChange::Encrypt, Some(own)) => checked_seal(&key, &own)?,
            (KeyChange::Encrypt, None) => return Err(EngineError::Locked(Lock::Keep)),
        };
        self.store.replace_key(spki, &held, &new)?;
        Ok(true)
    }
}

/// Encrypts a key and opens it again: nothing is kept that does not open.
fn checked_seal(key: &PrivateKey, passphrase: &SecretString) -> Result<SecretString, EngineError> {
    let failed = |error: SealError| EngineError::Failed(error.to_string());
    let pem = sealed::seal(key, passphrase).map_err(failed)?;
    let again = sealed::open(&pem, passphrase).map_err(failed)?;
    if again.spki_sha256() == key.spki_sha256() {
        return Ok(pem);
    }
    Err(failed(SealError::Refused))
}

/// A passphrase that openssl, asking at a terminal, takes as the same one.
fn check_passphrase(passphrase: &SecretString) -> Result<(), EngineError> {
    let text = passphrase.expose_secret();
    let wrong = if text.is_empty() {
        "is empty".to_owned()
    } else if text.len() > LONGEST_PASSPHRASE {
        format!("is longer than {LONGEST_PASSPHRASE} bytes")
    } else if text.chars().any(char::is_control) {
        "has a control character in it, perhaps the line ending of another system".to_owned()
    } else {
        return Ok(());
    };
    Err(EngineError::Usage(format!(
        "the passphrase {wrong}; nothing was done"
    )))
}

#[cfg(test)]
mod tests {
    use super::super::stage::Stage;
    use super::*;
    use crate::pki::KeyType;

    fn secret(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    fn brought(passphrase: &str) -> SecretString {
        let key = PrivateKey::generate(KeyType::P256).unwrap();
        sealed::seal(&key, &secret(passphrase)).unwrap()
    }

    #[tokio::test]
    async fn the_passphrase_of_what_was_brought_encrypts_nothing_else_where_another_is_known_here()
    {
        let stage = Stage::new();
        let inner = &stage.engine.0;
        let own = PrivateKey::generate(KeyType::P256).unwrap();
        let held = sealed::seal(&own, &secret("of the store")).unwrap();
        inner.store.put_key(&held, &own.spki_sha256()).unwrap();
        let pem = brought("strange");
        let lock = Lock::Brought { pem: pem.clone() };
        inner.unlock(&secret("strange"), &lock).unwrap();
        let key = PrivateKey::from_pem(&inner.open_brought(&pem).unwrap()).unwrap();
        inner.can_keep_brought(&key).unwrap();
        inner.keep_key(&key).unwrap();
        let kept = inner.store.key(&key.spki_sha256()).unwrap().unwrap();
        assert!(
            sealed::open(&kept, &secret("strange")).is_ok(),
            "as it was brought"
        );

        let new = PrivateKey::generate(KeyType::P256).unwrap();
        let asked = inner.keep_new_key(&new, true).unwrap_err();
        assert!(matches!(asked, EngineError::Locked(Lock::Keep)), "{asked}");
        assert!(!inner.store.has_key(&new.spki_sha256()));
        // Whichever key of the store it is proved on, it is the one that the store has.
        inner.unlock(&secret("of the store"), &Lock::Keep).unwrap();
        inner.keep_new_key(&new, true).unwrap();
        let kept = inner.store.key(&new.spki_sha256()).unwrap().unwrap();
        assert!(sealed::open(&kept, &secret("of the store")).is_ok());
    }

    #[tokio::test]
    async fn a_first_key_that_is_brought_encrypted_gives_the_store_its_passphrase() {
        let stage = Stage::new();
        let inner = &stage.engine.0;
        let pem = brought("first");
        let lock = Lock::Brought { pem };
        inner.unlock(&secret("first"), &lock).unwrap();
        inner.can_keep_keys(true).unwrap();
    }
}

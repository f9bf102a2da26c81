//! Private keys at rest: kept plain or encrypted, opened with passphrases that are known while the
//! program runs.
//!
//! May not: write a passphrase down, repeat one, or let a key be named before it is on the disk.
//! Everything of the engine that keeps or uses a private key of the store comes here.

use std::collections::BTreeSet;
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

/// What is known while the program runs.
#[derive(Default)]
pub(super) struct Keyring(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// The passphrase of the store.
    own: Option<SecretString>,
    /// Others that have opened a key.
    others: Vec<SecretString>,
    /// The keys that were brought encrypted, which are never kept otherwise.
    brought: BTreeSet<String>,
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
        hold(&self.0).brought.contains(spki)
    }

    fn learn(&self, passphrase: &SecretString, is_own: bool) {
        let mut known = hold(&self.0);
        let is_same = |other: &SecretString| other.expose_secret() == passphrase.expose_secret();
        if is_own || known.own.is_none() {
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
    /// Refuses what is going to keep a private key where it could not be encrypted: nothing has
    /// been made or sent by then.
    pub(super) fn can_keep_keys(&self) -> Result<(), EngineError> {
        if !self.settings.encrypt_keys || self.keyring.own().is_some() {
            return Ok(());
        }
        Err(EngineError::Locked(match self.first_sealed()? {
            Some(_) => Lock::Keep,
            None => Lock::New,
        }))
    }

    /// Keeps a private key; when this returns, it is on the disk.
    pub(super) fn keep_key(&self, key: &PrivateKey) -> Result<(), EngineError> {
        let spki = key.spki_sha256();
        let held = self.store.key(&spki)?;
        if held.is_some_and(|held| sealed::is_sealed(held.expose_secret())) {
            return Ok(());
        }
        if !self.settings.encrypt_keys && !self.keyring.was_brought(&spki) {
            return Ok(self.store.put_key(&key.to_pkcs8_pem(), &spki)?);
        }
        self.keep_encrypted(key, &spki)
    }

    fn keep_encrypted(&self, key: &PrivateKey, spki: &str) -> Result<(), EngineError> {
        let Some(passphrase) = self.keyring.own() else {
            self.can_keep_keys()?;
            return Err(EngineError::Locked(Lock::Keep));
        };
        if self.store.has_key(spki) {
            // It lies there plain since before.
            return Ok(self.store.put_key(&key.to_pkcs8_pem(), spki)?);
        }
        let pem = checked_seal(key, &passphrase)?;
        Ok(self.store.put_key(&pem, spki)?)
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
        self.open_with_known(pem, Lock::Stored { spki_sha256 })
    }

    fn open_with_known(&self, pem: &SecretString, lock: Lock) -> Result<PrivateKey, EngineError> {
        for passphrase in self.keyring.all() {
            match sealed::open(pem, &passphrase) {
                Ok(key) => return Ok(key),
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
        let key = self.open_with_known(pem, Lock::Brought { pem: pem.clone() })?;
        hold(&self.keyring.0).brought.insert(key.spki_sha256());
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
            Lock::Keep | Lock::New => (self.first_sealed()?, "the private keys that are here"),
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
        let is_own = matches!(lock, Lock::Keep | Lock::New);
        self.keyring.learn(passphrase, is_own);
        Ok(Done::Unlocked)
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
            self.keyring.learn(new, true);
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
            KeyChange::Encrypt if !sealed => Err(EngineError::Locked(Lock::New)),
            _ if sealed => Err(EngineError::Locked(Lock::Keep)),
            _ => Ok(()),
        }
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
        let key = self.open_key(&held, spki)?;
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

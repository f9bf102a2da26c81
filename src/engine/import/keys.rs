//! The private keys that lie beside what is imported: found first, taken once it is known whose
//! they are.
//!
//! While files are read only the public halves are remembered. The file of a key that fits is read
//! once more, and the key is on the disk before anything names it. What was encrypted stays so. May
//! not: keep a key of nobody, or repeat one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use crate::domain::entry::{Entry, EntryId};
use crate::domain::event::What;
use crate::engine::Inner;
use crate::engine::command::{ImportReport, KeyTaken};
use crate::engine::error::EngineError;
use crate::engine::settle::happen;
use crate::engine::watching::World;
use crate::files::{path_text, read_file};
use crate::pki::SeenKey;
use crate::pki::bundle::{self, BroughtKey, KeyLeft};

/// How many entries change in one transaction.
const BATCH: usize = 200;
/// So many encrypted keys are held until it is known whose they are.
const MOST_HELD: usize = 256;

/// How an import reads what is protected or private.
#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct With {
    /// What opens what is protected.
    pub(in crate::engine) passphrase: Option<SecretString>,
    /// Whether private keys are taken in.
    pub(in crate::engine) keys: bool,
}

/// The keys that an import has come upon.
#[derive(Default)]
pub(super) struct Hunt {
    with: With,
    /// Where the key with this public half lies.
    lies: BTreeMap<String, PathBuf>,
    /// Files with encrypted keys that were not opened yet.
    sealed: Vec<PathBuf>,
    /// Encrypted keys that were opened, by their public halves, and whose owners were not met yet.
    held: BTreeMap<String, (SecretString, PathBuf)>,
    /// The keys that are in the store now, and the file of each.
    taken: BTreeMap<String, Taken>,
    /// Files that hold nothing but keys and were named themselves.
    alone: BTreeSet<String>,
}

/// A key that was found and is in the store.
struct Taken {
    file: String,
    /// Whether this import has put it there.
    is_new: bool,
}

impl Hunt {
    pub(super) fn new(with: With) -> Self {
        Self {
            with,
            ..Self::default()
        }
    }

    /// Remembers where keys lie. One and the same key in several files is taken from the first.
    pub(super) fn meet(&mut self, path: &Path, keys: &[SeenKey]) {
        if !self.with.keys {
            return;
        }
        for spki in keys.iter().filter_map(|key| key.spki_sha256.as_ref()) {
            let place = self.lies.entry(spki.clone());
            place.or_insert_with(|| path.to_owned());
        }
        if keys.iter().any(|key| key.spki_sha256.is_none()) {
            self.sealed.push(path.to_owned());
        }
    }

    /// Remembers that a file which was named holds keys alone.
    pub(super) fn meet_alone(&mut self, path: &Path) {
        self.alone.insert(path_text(path));
    }

    fn leave(&mut self, path: &Path, left: KeyLeft, report: &mut ImportReport) {
        let file = path_text(path);
        if left.locked {
            report.locked_keys.push(file.clone());
        }
        if self.alone.remove(&file) {
            report.unreadable.push((file, left.why));
        } else {
            report.keys_left.push((file, left.why));
        }
    }

    /// Whether nothing was found that could be taken.
    fn is_empty(&self) -> bool {
        self.lies.is_empty() && self.held.is_empty()
    }
}

impl Inner {
    /// Takes the keys of the certificates of one part, before these become entries.
    pub(super) fn take_keys_of(
        &self,
        world: &World,
        hunt: &mut Hunt,
        report: &mut ImportReport,
    ) -> Result<(), EngineError> {
        open_sealed(hunt, report);
        if hunt.is_empty() {
            return Ok(());
        }
        for find in &world.finds {
            self.take_key(&find.leaf.spki_sha256, hunt, report)?;
        }
        Ok(())
    }

    /// Takes the keys of entries that were there before, and writes down which entries have their
    /// keys now.
    pub(super) fn finish_keys(
        &self,
        hunt: &mut Hunt,
        report: &mut ImportReport,
    ) -> Result<(), EngineError> {
        if hunt.is_empty() && hunt.taken.is_empty() {
            say_of_nobody(hunt, report);
            return Ok(());
        }
        self.store.catch_up()?;
        let loaded = self.store.snapshot();
        let mut owners: Vec<(EntryId, String)> = Vec::new();
        for entry in loaded.entries.iter() {
            let Some(spki) = key_of(&entry) else { continue };
            self.take_key(spki, hunt, report)?;
            let news = |taken: &Taken| taken.is_new || !entry.order.key_held;
            if hunt.taken.get(spki).is_some_and(news) {
                owners.push((entry.id.clone(), spki.to_owned()));
            }
        }
        drop(loaded);
        for batch in owners.chunks(BATCH) {
            self.write_owners(batch, hunt, report)?;
        }
        say_of_nobody(hunt, report);
        Ok(())
    }

    fn write_owners(
        &self,
        owners: &[(EntryId, String)],
        hunt: &Hunt,
        report: &mut ImportReport,
    ) -> Result<(), EngineError> {
        let written = self.store.transact(|transaction| {
            transaction.who(&self.who);
            let mut written = Vec::new();
            for (id, spki) in owners {
                let Some(entry) = transaction.entry(id) else {
                    continue;
                };
                // Another process may have given it another key meanwhile.
                if key_of(&entry) != Some(spki) {
                    continue;
                }
                let Some(from) = hunt.taken.get(spki).map(|taken| taken.file.clone()) else {
                    continue;
                };
                let taken = KeyTaken {
                    entry: id.clone(),
                    name: entry.name().to_owned(),
                    file: from.clone(),
                };
                written.push(taken);
                let spki_sha256 = spki.clone();
                let what = What::KeyTaken { spki_sha256, from };
                let at = self.time_of(&entry.account);
                happen(transaction, entry.as_ref().clone(), [what], at);
            }
            Ok::<_, EngineError>(written)
        })?;
        report.keys_taken.extend(written);
        Ok(())
    }

    /// Puts the key with this public half into the store, if it was found and is not there.
    fn take_key(
        &self,
        spki: &str,
        hunt: &mut Hunt,
        report: &mut ImportReport,
    ) -> Result<(), EngineError> {
        let (found, path) = if let Some((pem, path)) = hunt.held.remove(spki) {
            hunt.lies.remove(spki);
            let spki_sha256 = spki.to_owned();
            (Ok(BroughtKey::Sealed { spki_sha256, pem }), path)
        } else if let Some(path) = hunt.lies.remove(spki) {
            (read_again(&path, spki, hunt), path)
        } else {
            return Ok(());
        };
        let kept = match found {
            Ok(key) => self.keep_taken(spki, &key, &path, hunt),
            Err(left) => {
                hunt.leave(&path, left, report);
                return Ok(());
            }
        };
        match kept {
            // Everything else comes in all the same.
            Err(EngineError::Locked(lock)) => {
                let why = format!("{lock}; run the import where you can be asked for it");
                let needs = report.needs.get_or_insert((lock, Vec::new()));
                needs.1.push(path_text(&path));
                hunt.leave(&path, why.into(), report);
                Ok(())
            }
            other => other,
        }
    }

    /// Keeps a key; one that is here already stays as it is.
    fn keep_taken(
        &self,
        spki: &str,
        key: &BroughtKey,
        path: &Path,
        hunt: &mut Hunt,
    ) -> Result<(), EngineError> {
        let file = path_text(path);
        let is_new = !self.store.has_key(spki);
        if is_new {
            match key {
                BroughtKey::Plain(key) => self.keep_key(key)?,
                BroughtKey::Sealed { pem, .. } => self.store.put_key(pem, spki)?,
            }
        }
        hunt.alone.remove(&file);
        hunt.taken.insert(spki.to_owned(), Taken { file, is_new });
        Ok(())
    }
}

/// Reads a file once more, for the one key in it with this public half.
fn read_again(path: &Path, spki: &str, hunt: &Hunt) -> Result<BroughtKey, KeyLeft> {
    let bytes = read_file(path).map_err(|error| error.to_string())?;
    one_of(bundle::keys(&bytes, hunt.with.passphrase.as_ref()), spki)
}

/// Says which keys belong to nothing here, of named files by name.
fn say_of_nobody(hunt: &mut Hunt, report: &mut ImportReport) {
    report.keys_of_nobody += hunt.lies.len() + hunt.held.len();
    for file in std::mem::take(&mut hunt.alone) {
        let why = "it holds a private key of no certificate that is here; import its certificate \
                   as well";
        report.unreadable.push((file, why.to_owned()));
    }
}

/// The public half of the key that an entry wants: that of its certificate, or of its order.
fn key_of(entry: &Entry) -> Option<&str> {
    let serving = entry.serving().map(|held| held.spki_sha256.as_str());
    serving.or(entry.order.spki_sha256.as_deref())
}

/// The one key with this public half; why it cannot be had, where that was said of one of which
/// nobody can tell whose it is.
fn one_of(keys: Vec<Result<BroughtKey, KeyLeft>>, spki: &str) -> Result<BroughtKey, KeyLeft> {
    let changed = "the file changed while it was read; import it again";
    let mut left = KeyLeft::from(changed.to_owned());
    for key in keys {
        match key {
            Ok(key) if key.spki_sha256() == spki => return Ok(key),
            Ok(_) => {}
            Err(why) => left = why,
        }
    }
    Err(left)
}

/// Opens encrypted keys to know whose they are.
fn open_sealed(hunt: &mut Hunt, report: &mut ImportReport) {
    for path in std::mem::take(&mut hunt.sealed) {
        // What cannot be read any more was there a moment ago, and its certificate is.
        let keys = read_file(&path).map_or_else(
            |error| vec![Err(KeyLeft::from(error.to_string()))],
            |bytes| bundle::keys(&bytes, hunt.with.passphrase.as_ref()),
        );
        for key in keys {
            match key {
                Ok(BroughtKey::Sealed { spki_sha256, pem }) if hunt.held.len() < MOST_HELD => {
                    hunt.held.insert(spki_sha256, (pem, path.clone()));
                }
                Ok(BroughtKey::Sealed { .. }) => {
                    let why = "there are very many encrypted keys; import this one by itself";
                    hunt.leave(&path, why.to_owned().into(), report);
                }
                // Open ones were met by their public halves.
                Ok(BroughtKey::Plain(_)) => {}
                Err(left) => hunt.leave(&path, left, report),
            }
        }
    }
}

//! Handing certificates and keys over: files for servers, and the account's own command that takes
//! them further.
//!
//! May not: hand out a key before it is written down that somebody asked, write over a file
//! unasked, or let a key reach the history. The commands come here.

mod deploy;
mod layout;
mod run;

use std::path::{Path, PathBuf};

pub(super) use deploy::Deploys;

use super::Inner;
use super::command::{Done, Export, ExportForm, Exported};
use super::error::EngineError;
use super::settle::happen;
use crate::domain::action;
use crate::domain::entry::{Entry, EntryId};
use crate::domain::event::What;
use crate::domain::gate::{Reason, Verdict};
use crate::files::{self, NewFile, PutError};
use crate::pki::{self, Certificate, PrivateKey};
use layout::{Laid, Material, Target};

const EXPORT: &str = "export";

impl Inner {
    /// Writes certificate, chain or key into files.
    pub(super) fn export(&self, export: &Export) -> Result<Done, EngineError> {
        let entry = self.may(&export.entry, EXPORT)?;
        let form = export.form;
        if form.has_key() {
            self.may_write_down(&export.entry, EXPORT)?;
        }
        if export.deploy {
            self.may(&export.entry, deploy::DEPLOY)?;
        }
        let to = self.whole_path(&export.to);
        let target = Target::of(&to, form, files::is_folder(&to));
        // Before anybody is asked for a passphrase, and before anything is written down.
        let name = layout::file_name(entry.name());
        let paths = layout::paths(&name, form, &target);
        let paths_only = paths.iter().map(|(path, _)| path.as_path());
        files::check_put(paths_only, export.overwrite).map_err(put_error)?;
        let material = self.material(&entry, form.has_certificate(), form.has_key())?;
        let laid = layout::lay_out(&material, form, &target, export.password.as_ref());
        let Laid { pieces, says } = laid.map_err(|why| refused(&entry, EXPORT, why))?;
        if form.has_key() {
            let to = words(&to);
            self.note_key(&entry, EXPORT, to)?;
        }
        let (files, kinds): (Vec<NewFile>, Vec<_>) = pieces
            .into_iter()
            .map(|piece| (piece.file, piece.what))
            .unzip();
        files::put_all(&files, export.overwrite).map_err(put_error)?;
        let says = match files::strange_folder(&files) {
            Some(warning) => format!("{says} {warning}"),
            None => says,
        };
        let files = files.into_iter().map(|file| file.path).zip(kinds).collect();
        let deploy = export.deploy.then(|| entry.id.clone());
        Ok(Done::Exported(Exported {
            files,
            says,
            deploy,
        }))
    }

    /// The entry, if the action is possible for it now; nothing is written for that.
    fn may(&self, id: &EntryId, action: &str) -> Result<std::sync::Arc<Entry>, EngineError> {
        let picture = self.picture();
        let entry = picture.resolve(id.as_str())?;
        match picture.verdict(action, &entry, self.now()) {
            Verdict::Possible { .. } => Ok(entry),
            Verdict::Refused(reason) => Err(EngineError::Refused {
                action: action::title(action).to_owned(),
                name: entry.name().to_owned(),
                reason,
            }),
        }
    }

    /// The whole path: `~` is the home folder, and what is relative starts where certdeck was
    /// started. A configuration that names it is read from elsewhere.
    fn whole_path(&self, path: &Path) -> PathBuf {
        // What is left of a path loses the slash at its end, which says that it is a folder.
        let says_folder = path.as_os_str().as_encoded_bytes().ends_with(b"/");
        match (path.strip_prefix("~"), &self.settings.home) {
            (Ok(rest), Some(home)) if says_folder => home.join(rest).join(""),
            (Ok(rest), Some(home)) => home.join(rest),
            _ => absolute(path),
        }
    }

    /// What there is to hand over. The key is the one of the certificate, whichever order it was
    /// made for.
    fn material(
        &self,
        entry: &Entry,
        with_certificate: bool,
        with_key: bool,
    ) -> Result<Material, EngineError> {
        let mut material = Material {
            name: layout::file_name(entry.name()),
            names: entry.names.clone(),
            leaf: None,
            chain: Vec::new(),
            key: None,
        };
        let serving = entry.serving();
        if let Some(serving) = serving.filter(|_| with_certificate) {
            material.leaf = Some(self.kept(&serving.sha256)?);
            for above in &serving.chain {
                material.chain.push(self.kept(above)?);
            }
        }
        if with_key {
            let of_certificate = serving.map(|serving| serving.spki_sha256.as_str());
            let spki = of_certificate.or(entry.order.spki_sha256.as_deref());
            material.key = self.key_of(entry, spki)?;
        }
        Ok(material)
    }

    fn kept(&self, sha256: &str) -> Result<Certificate, EngineError> {
        let place = self.store.dir().join("certs").join(format!("{sha256}.pem"));
        let place = place.display();
        let pem = self.store.certificate(sha256)?.ok_or_else(|| {
            EngineError::Failed(format!("{place} is missing; restore it from a backup"))
        })?;
        pki::read_certificate(&pem).map_err(|why| EngineError::Failed(format!("{place}: {why}")))
    }

    fn key_of(&self, entry: &Entry, spki: Option<&str>) -> Result<Option<PrivateKey>, EngineError> {
        match spki {
            Some(spki) if self.store.has_key(spki) => {
                self.read_key(&entry.id, Some(spki)).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Writes down that the key leaves the store.
    fn note_key(&self, entry: &Entry, action: &str, to: String) -> Result<(), EngineError> {
        self.store.transact(|transaction| {
            transaction.who(&self.who);
            let decision = self.decide(transaction, &entry.id, action)?;
            let now = self.time_of(&entry.account);
            let what = What::KeyExported { to };
            happen(transaction, decision.entry.as_ref().clone(), [what], now);
            Ok::<_, EngineError>(())
        })?;
        self.publish();
        Ok(())
    }
}

/// A folder keeps the slash at its end, which says that it is one.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn refused(entry: &Entry, action: &str, why: String) -> EngineError {
    EngineError::Refused {
        action: action::title(action).to_owned(),
        name: entry.name().to_owned(),
        reason: Reason::new(why),
    }
}

fn put_error(error: PutError) -> EngineError {
    match error {
        PutError::InTheWay(paths) => EngineError::InTheWay(paths),
        other => EngineError::Failed(other.to_string()),
    }
}

fn words(path: &Path) -> String {
    files::path_text(path)
}

impl ExportForm {
    /// Where an export of this form would lie, for who asks first.
    #[must_use]
    pub fn paths(self, name: &str, to: &Path) -> Vec<PathBuf> {
        let target = Target::of(to, self, files::is_folder(to));
        let paths = layout::paths(&layout::file_name(name), self, &target);
        paths.into_iter().map(|(path, _)| path).collect()
    }
}

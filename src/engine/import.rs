//! Taking certificates from people's files into the `files` account: looking once.
//!
//! One damaged file costs only itself: it is named with its reason, the rest goes in. The same
//! certificate is one entry, however often it is found. Files are read and written down a part at
//! a time, so that memory does not grow with their number.

mod haul;
mod keys;

use std::path::PathBuf;

use super::Inner;
use super::command::{Done, ImportReport, Progress};
use super::error::EngineError;
use super::settings::FILES_ACCOUNT;
use super::watching::{Scene, World};
use crate::files::Reader;
use crate::pki::crl::Crl;
use haul::Haul;
use keys::Hunt;
pub(super) use keys::With;

/// How many files are read before what they hold is written down.
const PART: usize = 2_000;
/// After how many files people are told how far it has come.
const STEP: usize = 50;

impl Inner {
    /// Imports files and folders.
    pub(super) fn import(&self, paths: &[PathBuf], with: With) -> Result<Done, EngineError> {
        if paths.is_empty() {
            return Err(EngineError::Usage(
                "name at least one file, folder or server to import".to_owned(),
            ));
        }
        self.may_import()?;
        let mut report = ImportReport::default();
        let reader = Reader::new(paths)
            .with_passphrase(with.passphrase.clone())
            .with_keys(with.keys);
        let mut lists = Vec::new();
        let mut hunt = Hunt::new(with);
        let outcome = self
            .import_files(reader, &mut report, &mut lists, &mut hunt)
            .and_then(|()| self.finish_keys(&mut hunt, &mut report))
            .and_then(|()| self.take_lists(lists, &mut report));
        self.progress.send_replace(None);
        // What was written before something went wrong is there.
        self.publish();
        outcome.map(|()| Done::Imported(Box::new(report)))
    }

    /// Nothing is imported into an account that is read-only.
    pub(super) fn may_import(&self) -> Result<(), EngineError> {
        let accounts = self.accounts();
        let account = accounts.get(FILES_ACCOUNT);
        if self.settings.read_only {
            let says = "certdeck was started to look and change nothing (--read-only, or \
                        read-only in the configuration), so nothing is imported";
            return Err(EngineError::Usage(says.to_owned()));
        }
        if account.is_some_and(|account| account.read_only) {
            let says =
                format!("the account {FILES_ACCOUNT:?} is read-only, so nothing is imported");
            return Err(EngineError::Usage(says));
        }
        Ok(())
    }

    fn import_files(
        &self,
        mut reader: Reader,
        report: &mut ImportReport,
        lists: &mut Vec<(String, Crl)>,
        hunt: &mut Hunt,
    ) -> Result<(), EngineError> {
        let told = Told {
            inner: self,
            total: reader.total(),
            since: self.now(),
        };
        while reader.done() < reader.total() {
            let before = reader.done();
            let mut haul = Haul::new(report, lists, hunt);
            while reader.done() < reader.total() && reader.done() - before < PART {
                match reader.next().flatten() {
                    Some(read) => haul.take(read),
                    None => haul.pass_over(),
                }
                // Half of the work: what was read is still to be written.
                told.tell(before + (reader.done() - before) / 2);
            }
            haul.judge(self.authorities(), &self.kept_lists(), self.now());
            let mut world = haul.world;
            self.take_keys_of(&world, hunt, report)?;
            let half = before + (reader.done() - before) / 2;
            let left = reader.done() - half;
            self.settle_import(&mut world, report, &mut |done, of| {
                told.tell_now(half + left * done / of.max(1));
            })?;
            told.tell_now(reader.done());
        }
        Ok(())
    }

    /// Writes down what was found once, in files or on servers.
    pub(super) fn settle_import(
        &self,
        world: &mut World,
        report: &mut ImportReport,
        step: &mut dyn FnMut(usize, usize),
    ) -> Result<(), EngineError> {
        world.settle_where();
        let scene = Scene {
            account: FILES_ACCOUNT,
            world,
            at: self.now(),
            watch: None,
        };
        let settled = self.settle(&scene, step)?;
        report.duplicates += world.finds.len() - settled.taken.len();
        report.imported.extend(settled.taken);
        Ok(())
    }
}

/// Tells how far the import has come.
struct Told<'a> {
    inner: &'a Inner,
    total: usize,
    since: jiff::Timestamp,
}

impl Told<'_> {
    fn tell(&self, done: usize) {
        if done.is_multiple_of(STEP) {
            self.tell_now(done);
        }
    }

    fn tell_now(&self, done: usize) {
        self.inner.progress.send_replace(Some(Progress {
            what: "Reading files".to_owned(),
            done,
            total: Some(self.total),
            since: self.since,
        }));
    }
}

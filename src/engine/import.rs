//! Taking certificates from people's files into the `files` account: looking once.
//!
//! One damaged file costs only itself: it is named with its reason, the rest goes in. The same
//! certificate is one entry, however often it is found. Files are read and written down a part at
//! a time, so that memory does not grow with their number.

use std::path::PathBuf;

use super::Inner;
use super::command::{Done, ImportReport, Progress};
use super::error::EngineError;
use super::settings::FILES_ACCOUNT;
use super::watching::{Scene, World, sort_out, what_lies_there};
use crate::files::{Read, Reader, path_text};

/// How many files are read before what they hold is written down.
const PART: usize = 2_000;
/// After how many files people are told how far it has come.
const STEP: usize = 50;

/// What one part of an import found, before anything is written.
struct Haul<'a> {
    world: World,
    report: &'a mut ImportReport,
}

impl Inner {
    /// Imports files and folders.
    pub(super) fn import(&self, paths: &[PathBuf]) -> Result<Done, EngineError> {
        if paths.is_empty() {
            return Err(EngineError::Usage(
                "name at least one file, folder or server to import".to_owned(),
            ));
        }
        self.may_import()?;
        let mut report = ImportReport::default();
        let outcome = self.import_files(paths, &mut report);
        self.progress.send_replace(None);
        // What was written before something went wrong is there.
        self.publish();
        outcome.map(|()| Done::Imported(report))
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
        paths: &[PathBuf],
        report: &mut ImportReport,
    ) -> Result<(), EngineError> {
        let mut reader = Reader::new(paths);
        let told = Told {
            inner: self,
            total: reader.total(),
            since: self.now(),
        };
        while reader.done() < reader.total() {
            let before = reader.done();
            let mut haul = Haul {
                world: World::default(),
                report,
            };
            while reader.done() < reader.total() && reader.done() - before < PART {
                match reader.next().flatten() {
                    Some(read) => haul.take(read),
                    None => haul.report.passed_over += 1,
                }
                // Half of the work: what was read is still to be written.
                told.tell(before + (reader.done() - before) / 2);
            }
            let mut world = haul.world;
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

impl Haul<'_> {
    /// Sorts out what came of one file.
    fn take(&mut self, read: Read) {
        let path = path_text(&read.path);
        let found = match read.found {
            Ok(found) => found,
            Err(error) => {
                self.report.unreadable.push((path, error.to_string()));
                return;
            }
        };
        let (certificates, complaints) = what_lies_there(found);
        if certificates.is_empty() {
            self.nothing_in(&path, &complaints);
            return;
        }
        let complaints = complaints.into_iter().map(|why| (path.clone(), why));
        self.report.unreadable.extend(complaints);
        let sorted = sort_out(certificates, &path);
        self.report.chained += sorted.chained;
        self.report.duplicates += self.world.hold(&path, sorted);
    }

    fn nothing_in(&mut self, path: &str, complaints: &[String]) {
        if complaints.is_empty() {
            self.report.passed_over += 1;
            return;
        }
        let why = complaints.join("; ");
        self.world.fail(path, why.clone(), true);
        self.report.unreadable.push((path.to_owned(), why));
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

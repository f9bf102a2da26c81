//! Looking at the files of an account.
//!
//! It turns what `files::watch` saw into a world. The task beside the pulse and `sync` call it.

use std::collections::BTreeSet;
use std::path::Path;

use super::find::{is_file, sort_out};
use super::world::World;
use super::{Memory, hold};
use crate::engine::Inner;
use crate::engine::command::{Progress, SyncReport};
use crate::engine::error::EngineError;
use crate::files::path_text;
use crate::files::watch::{self, Filter, Outcome, Place};
use crate::pki::Certificate;
use crate::pki::bundle::Found;

/// More changed files than this are worth a word on how far their reading has come.
const MANY: usize = 200;
/// After how many of them.
const STEP: usize = 50;

/// A look at files, and whether some were being written.
pub(super) struct LookedAt {
    pub(super) report: SyncReport,
    pub(super) unfinished: bool,
}

impl Inner {
    /// One look at the files of an account. Whoever looks again soon is `patient`: a file that
    /// has just vanished may be on its way to being replaced, so nothing is said of it yet.
    pub(super) fn look_at_files(
        &self,
        account: &str,
        patient: bool,
    ) -> Result<LookedAt, EngineError> {
        let memory = self.memory_of(account);
        let mut memory = hold(&memory);
        // Asked now, since an account is removed while nobody holds this.
        let accounts = self.accounts();
        let watched = accounts.get(account).map(|known| &known.watch);
        let Some(watched) = watched.filter(|watched| !watched.paths.is_empty()) else {
            return Ok(LookedAt {
                report: SyncReport::default(),
                unfinished: false,
            });
        };
        let filter = Filter::new(&watched.include, &watched.exclude);
        let filter = filter.map_err(EngineError::Failed)?;
        let at = self.now();
        let (places, cache) =
            watch::look(&watched.paths, &filter, &memory.cache, &mut |done, of| {
                if of > MANY && done.is_multiple_of(STEP) {
                    self.tell_reading(done, of, at);
                }
            });
        let looked = places.len();
        let mut world = world_of(places, &memory);
        world.covered = self.watched_paths(account);
        let vanished = vanished(&memory, &world);
        if patient {
            let first = vanished.difference(&memory.missing);
            world.pending.extend(first.cloned());
        }
        let unfinished = !world.pending.is_empty();
        let settled = self.settle_world(account, &mut memory, world, at);
        if looked > MANY {
            self.progress.send_replace(None);
        }
        let mut report = settled?;
        memory.cache = cache;
        memory.missing = vanished;
        report.looked = looked;
        Ok(LookedAt { report, unfinished })
    }

    fn tell_reading(&self, done: usize, total: usize, since: jiff::Timestamp) {
        self.progress.send_replace(Some(Progress {
            what: "Reading files".to_owned(),
            done,
            total: Some(total),
            since,
        }));
    }
}

/// What lies where now: what was read, and what is known of what did not change.
fn world_of(places: Vec<Place>, memory: &Memory) -> World {
    let mut world = memory.world.clone();
    world.forget_files();
    for place in places {
        let name = path_text(&place.path);
        match place.outcome {
            Outcome::Unchanged => world.keep(&name, &memory.world),
            Outcome::HalfWritten => {
                world.keep(&name, &memory.world);
                world.pending.insert(name);
            }
            Outcome::Failed(error) => world.fail(&name, error.to_string(), false),
            Outcome::Closed(error) => {
                world.obstacles.insert(name, error.to_string());
            }
            Outcome::Read(found) => read(&mut world, &name, found),
        }
    }
    world
}

fn read(world: &mut World, place: &str, found: Vec<Found>) {
    let (certificates, complaints) = what_lies_there(found);
    if certificates.is_empty() && !complaints.is_empty() {
        return world.fail(place, complaints.join("; "), true);
    }
    let sorted = sort_out(certificates, place);
    world.above.extend(sorted.above.iter().cloned());
    world.hold(place, sorted);
}

/// The files that were there at the last look and are not at this one.
fn vanished(memory: &Memory, world: &World) -> BTreeSet<String> {
    let before = memory.world.places.keys().chain(&memory.missing);
    let gone = before.filter(|place| {
        is_file(place)
            && !world.places.contains_key(*place)
            && !world.failed.contains_key(*place)
            && !world.is_closed(Path::new(place))
    });
    gone.cloned().collect()
}

/// The certificates of one file, and what of it cannot be read.
pub(in crate::engine) fn what_lies_there(found: Vec<Found>) -> (Vec<Certificate>, Vec<String>) {
    let mut certificates = Vec::new();
    let mut complaints = Vec::new();
    for found in found {
        match found {
            Found::Certificate(certificate) => certificates.push(*certificate),
            Found::Unreadable { what, line, why } => {
                complaints.push(complaint(&what, line, &why));
            }
            Found::Locked { label, why } => complaints.push(complaint(&label, None, &why)),
            Found::Csr(_) | Found::Crl(_) | Found::PrivateKey(_) | Found::Other { .. } => {}
        }
    }
    (certificates, complaints)
}

/// What cannot be read, in a sentence.
pub(in crate::engine) fn complaint(what: &str, line: Option<usize>, why: &str) -> String {
    match line {
        Some(line) => format!("line {line}: {what}: {why}"),
        None => format!("{what}: {why}"),
    }
}

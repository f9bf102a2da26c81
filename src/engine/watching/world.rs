//! What is known of the places of an account: what lies where, and what cannot be read.
//!
//! Pure. A look makes one from what it saw and from what was known before; `plan` compares it
//! with the entries.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::find::{Find, Sorted, is_file};

/// Why a place cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engine) struct Failure {
    /// What stands in the way and what to do.
    pub(in crate::engine) why: String,
    /// Whether an entry stands for the place where no certificate of it is known: it is meant to
    /// hold one.
    pub(in crate::engine) stands: bool,
}

/// What lies where.
#[derive(Clone, Default)]
pub(in crate::engine) struct World {
    /// The places that were read, and the fingerprints of what stands for itself there.
    pub(in crate::engine) places: BTreeMap<String, Vec<String>>,
    /// The places that cannot be read.
    pub(in crate::engine) failed: BTreeMap<String, Failure>,
    /// Folders that cannot be entered, and why: nothing can be said of what lies below.
    pub(in crate::engine) obstacles: BTreeMap<String, String>,
    /// Places of which nothing is said yet: they are being written.
    pub(in crate::engine) pending: BTreeSet<String>,
    /// Servers that nobody looked at yet since certdeck was started: what another one does not show
    /// any more may be shown there.
    pub(in crate::engine) unseen: BTreeSet<String>,
    /// Whether nobody looked before, since certdeck was started or the account was added.
    pub(in crate::engine) first: bool,
    /// Files and folders that were looked at as a whole: what was there and is in no place is gone.
    pub(in crate::engine) covered: Vec<String>,
    /// The certificates that were read just now, each once.
    pub(in crate::engine) finds: Vec<Find>,
    /// The fingerprints of what stands above others, so that it is no entry of its own.
    pub(in crate::engine) above: BTreeSet<String>,
    /// The fingerprints of roots that a person named: they are entries of their own all the same.
    pub(in crate::engine) asked: BTreeSet<String>,
    /// Where each certificate was found among `finds`.
    index: BTreeMap<String, usize>,
    /// In which places each certificate lies; see [`World::settle_where`].
    lies: BTreeMap<String, Vec<String>>,
}

/// What became of a place, as one certificate of it sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// It is still there.
    Holds,
    /// Something else is there now, or nothing: the fingerprints.
    HoldsOther(Vec<String>),
    /// It cannot be read.
    Failed(String),
    /// The place is gone.
    Gone,
    /// Nobody looked.
    Unknown,
}

impl World {
    /// Takes in what lies in one place; counts the certificates that were found elsewhere in this
    /// look as well.
    pub(in crate::engine) fn hold(&mut self, place: &str, sorted: Sorted) -> usize {
        let mut held: Vec<String> = Vec::new();
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let mut doubles = 0;
        for find in sorted.finds {
            let sha256 = find.leaf.sha256.clone();
            if let Some(known) = self.index.get(&sha256) {
                doubles += 1;
                // The place that holds the chain as well says more.
                if self.finds[*known].chain.len() < find.chain.len() {
                    self.finds[*known] = find;
                }
            } else {
                self.index.insert(sha256.clone(), self.finds.len());
                self.finds.push(find);
            }
            if seen.insert(sha256.clone()) {
                held.push(sha256);
            }
        }
        self.failed.remove(place);
        self.places.insert(place.to_owned(), held);
        doubles
    }

    /// Forgets what was known of files, before all of them are looked at.
    pub(super) fn forget_files(&mut self) {
        self.places.retain(|place, _| !is_file(place));
        self.failed.retain(|place, _| !is_file(place));
        self.obstacles.clear();
        self.pending.clear();
    }

    /// Forgets what was known of servers that are not watched any more.
    pub(super) fn keep_servers(&mut self, watched: &BTreeSet<String>) {
        let stays = |place: &String| is_file(place) || watched.contains(place);
        self.places.retain(|place, _| stays(place));
        self.failed.retain(|place, _| stays(place));
    }

    /// Keeps what was known of a file that did not change.
    pub(super) fn keep(&mut self, place: &str, known: &Self) {
        if let Some(held) = known.places.get(place) {
            self.places.insert(place.to_owned(), held.clone());
        }
        if let Some(failure) = known.failed.get(place) {
            self.failed.insert(place.to_owned(), failure.clone());
        }
    }

    /// What is remembered for the next look: what lies where, not what was read.
    pub(super) fn without_finds(self) -> Self {
        Self {
            finds: Vec::new(),
            index: BTreeMap::new(),
            lies: BTreeMap::new(),
            covered: Vec::new(),
            pending: BTreeSet::new(),
            ..self
        }
    }

    /// Whether a folder on the way to a file is closed.
    pub(super) fn is_closed(&self, path: &Path) -> bool {
        self.obstacles.keys().any(|folder| path.starts_with(folder))
    }

    /// Takes in that one place cannot be read.
    pub(in crate::engine) fn fail(&mut self, place: &str, why: String, stands: bool) {
        self.places.remove(place);
        let failure = Failure { why, stands };
        self.failed.insert(place.to_owned(), failure);
    }

    /// Works out where each certificate lies, when all places are there.
    pub(in crate::engine) fn settle_where(&mut self) {
        self.lies.clear();
        for (place, held) in &self.places {
            for sha256 in held {
                let places = self.lies.entry(sha256.clone()).or_default();
                places.push(place.clone());
            }
        }
    }

    /// Where a certificate lies.
    pub(super) fn lies(&self, sha256: &str) -> &[String] {
        self.lies.get(sha256).map_or(&[], Vec::as_slice)
    }

    /// Whether a server shows a certificate.
    pub(super) fn is_served(&self, sha256: &str) -> bool {
        self.lies(sha256).iter().any(|place| !is_file(place))
    }

    /// A certificate that was read just now.
    pub(super) fn find(&self, sha256: &str) -> Option<&Find> {
        self.index.get(sha256).map(|at| &self.finds[*at])
    }

    /// The best place of a certificate: where it was found with its chain, else the first one.
    pub(super) fn best_place(&self, sha256: &str) -> Option<&str> {
        let lies = self.lies(sha256);
        let found = self.find(sha256).map(|find| &find.place);
        let best = found.filter(|found| lies.contains(found)).or(lies.first());
        best.map(String::as_str)
    }

    /// What became of a place in which a certificate lay.
    pub(super) fn status(&self, place: &str, sha256: &str) -> Status {
        if self.pending.contains(place) {
            return Status::Unknown;
        }
        if let Some(failure) = self.failed.get(place) {
            return Status::Failed(failure.why.clone());
        }
        if let Some(held) = self.places.get(place) {
            if held.iter().any(|held| held == sha256) {
                return Status::Holds;
            }
            return Status::HoldsOther(held.clone());
        }
        if let Some(why) = self.in_the_way(place) {
            return Status::Failed(why);
        }
        if self.covers(place) {
            Status::Gone
        } else {
            Status::Unknown
        }
    }

    /// The obstacle on the way to a file.
    fn in_the_way(&self, place: &str) -> Option<String> {
        let path = Path::new(place);
        let obstacle = self
            .obstacles
            .iter()
            .find(|(folder, _)| path.starts_with(folder));
        obstacle.map(|(folder, why)| {
            if folder == place {
                why.clone()
            } else {
                format!("{folder}: {why}")
            }
        })
    }

    fn covers(&self, place: &str) -> bool {
        let path = Path::new(place);
        is_file(place) && self.covered.iter().any(|root| path.starts_with(root))
    }

    /// Whether a place that could not be read is of no concern any more.
    pub(super) fn is_over(&self, place: &str) -> bool {
        matches!(self.status(place, ""), Status::HoldsOther(_) | Status::Gone)
    }

    /// What cannot be read, folders first, each with the reason.
    pub(super) fn trouble(&self) -> Vec<(String, String)> {
        let obstacles = self.obstacles.iter();
        let obstacles = obstacles.map(|(folder, why)| (folder.clone(), why.clone()));
        let failed = self.failed.iter();
        obstacles
            .chain(failed.map(|(place, failure)| (place.clone(), failure.why.clone())))
            .collect()
    }
}

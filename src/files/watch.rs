//! Looking at the same files again and again, reading only what changed.
//!
//! May not: write anything, or judge what is new. What did not change since the last look (device,
//! number, size, times) is not read again. The engine calls it for watched accounts.

#![cfg_attr(
    not(test),
    expect(
        clippy::disallowed_methods,
        reason = "whether a file was written just now is seen by the system's clock"
    )
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use glob::{MatchOptions, Pattern};

use super::walk::{self, Facts, Reached};
use super::{FileError, looks_like_certificate, read::read_file};
use crate::pki::bundle::{self, Found};

/// A file that was written so shortly ago may still be written to.
const FRESH: Duration = Duration::from_secs(2);

/// Which files of a folder are looked at.
#[derive(Debug, Default)]
pub struct Filter {
    include: Vec<Pattern>,
    exclude: Vec<Pattern>,
}

/// What earlier looks know of files.
#[derive(Clone, Debug, Default)]
pub struct Cache(BTreeMap<PathBuf, Facts>);

/// What came of one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It did not change since the last look.
    Unchanged,
    /// It was read: what lies in it, nothing where it does not look like a certificate.
    Read(Vec<Found>),
    /// It was written just now and cannot be read, so it may be half-written.
    HalfWritten,
    /// A file that cannot be read.
    Failed(FileError),
    /// A folder that cannot be entered; nothing is known of what lies below.
    Closed(FileError),
}

/// A place that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file or folder.
    pub path: PathBuf,
    /// What came of it.
    pub outcome: Outcome,
}

impl Filter {
    /// A filter of these patterns; see [`crate::config::Watch`].
    ///
    /// # Errors
    /// The pattern that is wrong, and why.
    pub fn new(include: &[String], exclude: &[String]) -> Result<Self, String> {
        let patterns = |texts: &[String]| -> Result<Vec<Pattern>, String> {
            let wrong = |text: &String, error| {
                format!("the pattern {text:?} is wrong: {error}; mend the account's file")
            };
            let read = texts
                .iter()
                .map(|text| Pattern::new(text).map_err(|error| wrong(text, error)));
            read.collect()
        };
        Ok(Self {
            include: patterns(include)?,
            exclude: patterns(exclude)?,
        })
    }

    /// Whether a file is looked at; `below` is its path below the folder that was named.
    fn fits(&self, below: &Path) -> bool {
        let options = MatchOptions {
            require_literal_separator: true,
            ..MatchOptions::new()
        };
        let fits = |pattern: &Pattern| {
            if pattern.as_str().contains('/') {
                return pattern.matches_path_with(below, options);
            }
            let name = below.file_name().unwrap_or_default();
            pattern.matches_path_with(Path::new(name), options)
        };
        let wanted = self.include.is_empty() || self.include.iter().any(fits);
        wanted && !self.exclude.iter().any(fits)
    }

    /// Whether somebody asked for this very kind of file.
    fn names_files(&self) -> bool {
        !self.include.is_empty()
    }
}

/// Looks at everything under these paths, in the order of their walk, each file once. `step` hears
/// how many of how many changed files are read. What it returns takes the cache's place when what
/// was seen is written down. Blocks while it reads.
pub fn look(
    paths: &[PathBuf],
    filter: &Filter,
    cache: &Cache,
    step: &mut dyn FnMut(usize, usize),
) -> (Vec<Place>, Cache) {
    let reached = reach(paths, filter);
    let now = SystemTime::now();
    let is_known = |reached: &Reached| {
        let facts = reached.outcome.as_ref().ok();
        facts.is_some() && cache.0.get(&reached.path) == facts
    };
    let total = reached.iter().filter(|reached| !is_known(reached)).count();
    let mut done = 0;
    let mut places = Vec::with_capacity(reached.len());
    let mut next = Cache::default();
    for reached in reached {
        let known = is_known(&reached);
        if !known {
            step(done, total);
            done += 1;
        }
        let fresh = reached
            .outcome
            .as_ref()
            .is_ok_and(|facts| facts.is_fresh(now));
        if let (Ok(facts), false) = (&reached.outcome, fresh) {
            next.0.insert(reached.path.clone(), facts.clone());
        }
        let outcome = if known {
            Outcome::Unchanged
        } else {
            outcome_of(&reached, fresh)
        };
        // What failed is tried again: it may be mended without a change of its own.
        if matches!(outcome, Outcome::Failed(_)) {
            next.0.remove(&reached.path);
        }
        let path = reached.path;
        places.push(Place { path, outcome });
    }
    (places, next)
}

/// Whether there is anything at a path, itself perhaps a link to nothing.
#[must_use]
pub fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// The files and closed folders that are to be looked at.
fn reach(paths: &[PathBuf], filter: &Filter) -> Vec<Reached> {
    let mut all: BTreeSet<PathBuf> = BTreeSet::new();
    let mut reached = Vec::new();
    for root in paths {
        walk::walk(root, &mut |one| {
            if is_wanted(root, &one, filter) && all.insert(one.path.clone()) {
                reached.push(one);
            }
        });
    }
    reached
}

/// Whether somebody who watches `root` through this filter cares for what was reached.
pub(super) fn is_wanted(root: &Path, reached: &Reached, filter: &Filter) -> bool {
    if reached.named {
        return true;
    }
    if reached.folder {
        return true;
    }
    let below = reached.path.strip_prefix(root).unwrap_or(&reached.path);
    // Sockets and pipes lie in many folders; who asks for none is not told of them.
    let is_special = matches!(reached.outcome, Err(FileError::Special { .. }));
    filter.fits(below) && (!is_special || filter.names_files())
}

fn outcome_of(reached: &Reached, fresh: bool) -> Outcome {
    if let Err(error) = &reached.outcome {
        return if reached.folder || reached.named {
            Outcome::Closed(error.clone())
        } else {
            Outcome::Failed(error.clone())
        };
    }
    let bytes = match read_file(&reached.path) {
        Ok(bytes) => bytes,
        Err(FileError::System { .. }) if holds_a_key(&reached.path) => {
            return Outcome::Read(Vec::new());
        }
        Err(error) => return Outcome::Failed(error),
    };
    if bytes.is_empty() && fresh {
        return Outcome::HalfWritten;
    }
    if !reached.named && !looks_like_certificate(&reached.path, &bytes) {
        return Outcome::Read(Vec::new());
    }
    let found = bundle::read(&bytes);
    let is_whole = |one: &Found| !matches!(one, Found::Unreadable { .. });
    if fresh && !found.iter().all(is_whole) {
        return Outcome::HalfWritten;
    }
    Outcome::Read(found)
}

/// Files that by their names hold private keys: that they may not be read is as it should be.
pub(super) fn holds_a_key(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.to_ascii_lowercase();
    name.starts_with("privkey") || path.extension().is_some_and(|kind| kind == "key")
}

impl Facts {
    /// Whether the file was written just now, or by its date will be.
    fn is_fresh(&self, now: SystemTime) -> bool {
        match now.duration_since(self.modified) {
            Ok(age) => age < FRESH,
            // A date far in the future is a wrong date.
            Err(ahead) => ahead.duration() < FRESH,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(include: &[&str], exclude: &[&str]) -> Filter {
        let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
        Filter::new(&texts(include), &texts(exclude)).unwrap()
    }

    #[test]
    fn patterns_fit_names_or_with_a_slash_paths() {
        let cases = [
            (&["*.pem"][..], &[][..], "a/b/c.pem", true),
            (&["*.pem"], &[], "a/b/c.crt", false),
            (&["*/fullchain.pem"], &[], "shop/fullchain.pem", true),
            (&["*/fullchain.pem"], &[], "live/shop/fullchain.pem", false),
            (&["**/fullchain.pem"], &[], "live/shop/fullchain.pem", true),
            (&[], &["privkey*"], "live/privkey.pem", false),
            (&["*.pem"], &["old/**"], "old/a.pem", false),
            (&[], &[], "anything", true),
        ];
        for (include, exclude, path, fits) in cases {
            let filter = filter(include, exclude);
            assert_eq!(filter.fits(Path::new(path)), fits, "{include:?} {path}");
        }
    }

    #[test]
    fn a_wrong_pattern_is_named() {
        let wrong = Filter::new(&["a[".to_owned()], &[]).unwrap_err();
        assert!(wrong.contains("a["), "{wrong}");
    }

    #[test]
    fn what_did_not_change_is_not_read_again_and_what_was_just_written_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.crt");
        std::fs::write(&file, "nothing").unwrap();
        let paths = [folder.path().to_owned()];
        let look = |cache: &Cache| look(&paths, &Filter::default(), cache, &mut |_, _| {});
        let (places, cache) = look(&Cache::default());
        assert_eq!(places[0].outcome, Outcome::HalfWritten);
        assert_eq!(look(&cache).0[0].outcome, Outcome::HalfWritten);

        let long_ago = SystemTime::now() - Duration::from_secs(60);
        let opened = std::fs::File::options().write(true).open(&file).unwrap();
        opened.set_modified(long_ago).unwrap();
        let (places, cache) = look(&cache);
        assert!(matches!(&places[0].outcome, Outcome::Read(found) if found.len() == 1));
        assert_eq!(look(&cache).0[0].outcome, Outcome::Unchanged);
    }

    #[test]
    fn a_link_in_circles_and_a_root_that_is_gone_are_closed() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("inside");
        std::fs::create_dir(&inside).unwrap();
        std::os::unix::fs::symlink(folder.path(), inside.join("loop")).unwrap();
        let gone = folder.path().join("gone");
        let paths = [folder.path().to_owned(), gone.clone()];
        let (places, _) = look(
            &paths,
            &Filter::default(),
            &Cache::default(),
            &mut |_, _| {},
        );
        let at = |place: &Place| (place.path.clone(), place.outcome.clone());
        let [first, second] = places
            .iter()
            .map(at)
            .collect::<Vec<_>>()
            .try_into()
            .unwrap();
        assert_eq!(
            first,
            (inside.join("loop"), Outcome::Closed(FileError::Loop))
        );
        assert_eq!(second.0, gone);
        assert!(matches!(
            second.1,
            Outcome::Closed(FileError::System { .. })
        ));
    }
}

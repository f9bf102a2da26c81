//! Going through folders until something is recognised.
//!
//! May not: go on for ever. Links to folders are not followed, and what was recognised is not
//! searched again.

use std::collections::{BTreeSet, VecDeque};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::folder::{Folder, real_path, trouble_with};
use super::{Layout, Program, acme_sh, caddy, certbot, lego, nginx};

/// How far below a folder is searched: `/` to `/var/lib/caddy/.local/share/caddy/certificates/
/// ISSUER/NAME` are nine.
const DEEPEST: usize = 10;
/// How many folders are looked into; who has more names one further down.
const MOST_FOLDERS: usize = 50_000;
/// Folders of the kernel's own: endless, and nobody keeps anything there.
const KERNEL: [&str; 3] = ["/proc", "/sys", "/dev"];

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Places where programs keep certificates, in the order in which they were found.
    pub layouts: Vec<Layout>,
    /// Folders that could not be searched, with the reason.
    pub unreadable: Vec<(String, String)>,
}

/// Searches these folders and everything below them. With `only_there`, a folder that is not
/// there is no trouble. Blocks while it reads.
#[must_use]
pub fn search(roots: &[PathBuf], only_there: bool) -> Search {
    let mut searching = Searching::default();
    for root in roots {
        match trouble_with(root) {
            Some(error) if only_there && error.kind() == ErrorKind::NotFound => {}
            Some(error) => searching.cannot(root, &format!("looking at it failed: {error}")),
            None => searching.below(root),
        }
    }
    searching.found
}

#[derive(Default)]
struct Searching {
    found: Search,
    seen: BTreeSet<PathBuf>,
    /// Folders that belong to something that was recognised.
    taken: Vec<PathBuf>,
    looked_into: usize,
}

impl Searching {
    fn below(&mut self, root: &Path) {
        let mut waiting = VecDeque::from([(root.to_owned(), 0)]);
        while let Some((path, depth)) = waiting.pop_front() {
            if self.looked_into >= MOST_FOLDERS {
                let why = format!(
                    "more than {MOST_FOLDERS} folders were looked into, so the search ended here; \
                     name a folder further down"
                );
                return self.cannot(&path, &why);
            }
            let Some(folder) = self.enter(&path) else {
                continue;
            };
            self.recognise(&folder, root);
            if depth < DEEPEST && !self.is_taken(&path) {
                let inner = folder.folders.iter().map(|name| folder.join(name));
                waiting.extend(inner.map(|path| (path, depth + 1)));
            }
        }
    }

    fn enter(&mut self, path: &Path) -> Option<Folder> {
        if self.is_taken(path) || KERNEL.iter().any(|kernel| path == Path::new(kernel)) {
            return None;
        }
        if !self.seen.insert(real_path(path)) {
            return None;
        }
        self.looked_into += 1;
        match Folder::list(path) {
            Ok(folder) => Some(folder),
            Err(error) => {
                // What went away meanwhile, as build folders do, is nobody's trouble.
                let is_gone = |error: std::io::Error| error.kind() == ErrorKind::NotFound;
                if !trouble_with(path).is_some_and(is_gone) {
                    self.cannot(path, &error.to_string());
                }
                None
            }
        }
    }

    fn recognise(&mut self, folder: &Folder, root: &Path) {
        let kept = certbot::recognise(folder)
            .or_else(|| lego::recognise(folder))
            .or_else(|| acme_sh::recognise(folder, root))
            .or_else(|| caddy::recognise(folder, root));
        for layout in kept.into_iter().chain(nginx::recognise(folder)) {
            // A web server's configuration may lie around what another program keeps.
            if layout.program != Program::Nginx {
                self.taken.push(layout.folder.clone());
            }
            self.found.layouts.push(layout);
        }
    }

    fn is_taken(&self, path: &Path) -> bool {
        self.taken.iter().any(|taken| path.starts_with(taken))
    }

    fn cannot(&mut self, path: &Path, why: &str) {
        let path = path.display().to_string();
        self.found.unreadable.push((path, why.to_owned()));
    }
}

//! Certificates that other programs keep on this machine: found, read, and put into the words of
//! an account that would watch them.
//!
//! May not: write anything, anywhere. The engine's command loop calls it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::Inner;
use super::accounts::free_name;
use super::command::{AccountDraft, Discovered, Discoveries, Discovery, Done};
use super::settings::AccountSettings;
use crate::domain::account::AccountKind;
use crate::files::discover::{self, Layout, Program, certificate_in, real_path};
use crate::pki::{AltName, Certificate};

impl Inner {
    /// Looks below these folders, or at the usual places where there are none.
    pub(super) fn discover(&self, roots: &[PathBuf]) -> Done {
        let usual = roots.is_empty();
        let places = if usual {
            &self.settings.usual_places
        } else {
            roots
        };
        let search = discover::search(places, usual);
        let elsewhere = kept_elsewhere(&search.layouts);
        let accounts = self.accounts();
        let mut taken = self.taken_names();
        let mut found = Vec::new();
        for mut layout in search.layouts {
            let notes = leave_to_others(&mut layout, &elsewhere);
            let watched_by = watched_by(&layout, accounts.values());
            let name = free_name(layout.program.account_name(), |name| {
                taken.iter().any(|taken| taken.eq_ignore_ascii_case(name))
            });
            let mut discovery = describe(layout, name);
            discovery.notes = notes;
            discovery.watched_by = watched_by;
            if discovery.can_be_added() {
                taken.push(discovery.draft.name.clone());
            }
            found.push(discovery);
        }
        let unreadable = search.unreadable;
        Done::Discovered(Discoveries { found, unreadable })
    }
}

/// The files that programs keep themselves; a web server only points at them.
fn kept_elsewhere(layouts: &[Layout]) -> BTreeSet<PathBuf> {
    let keepers = layouts
        .iter()
        .filter(|layout| layout.program != Program::Nginx);
    keepers
        .flat_map(|layout| layout.files.iter().map(|file| real_path(file)))
        .collect()
}

/// Takes out of a web server's files those that are found where another program keeps them: each
/// certificate is watched once.
fn leave_to_others(layout: &mut Layout, elsewhere: &BTreeSet<PathBuf>) -> Vec<String> {
    if layout.program != Program::Nginx {
        return Vec::new();
    }
    let all = layout.files.len();
    let own = |path: &PathBuf| !elsewhere.contains(&real_path(path));
    layout.files.retain(own);
    layout.paths.retain(own);
    match all - layout.files.len() {
        0 => Vec::new(),
        1 => vec!["1 more that it serves is listed where another program keeps it".to_owned()],
        left => vec![format!(
            "{left} more that it serves are listed where other programs keep them"
        )],
    }
}

/// The account that watches all of it already.
fn watched_by<'a>(
    layout: &Layout,
    accounts: impl Iterator<Item = &'a AccountSettings>,
) -> Option<String> {
    let paths: Vec<PathBuf> = layout.paths.iter().map(|path| real_path(path)).collect();
    let mut accounts = accounts.filter(|account| account.kind == AccountKind::Files);
    let account = accounts.find(|account| {
        let watched: Vec<PathBuf> = account.watch.paths.iter().map(|p| real_path(p)).collect();
        let covers = |path: &PathBuf| watched.iter().any(|watched| path.starts_with(watched));
        !paths.is_empty() && paths.iter().all(covers)
    });
    account.map(|account| account.name.clone())
}

fn describe(layout: Layout, name: String) -> Discovery {
    let Layout {
        program,
        folder,
        paths,
        include,
        exclude,
        files,
        mut unreadable,
    } = layout;
    let mut certificates = Vec::new();
    for path in files {
        match certificate_in(&path) {
            Ok(certificate) => certificates.push(Discovered {
                path,
                names: names_of(&certificate),
                not_after: certificate.not_after,
            }),
            Err(why) => unreadable.push((path.display().to_string(), why)),
        }
    }
    let draft = AccountDraft {
        name,
        kind: AccountKind::Files.id().to_owned(),
        paths: texts(&paths, &mut unreadable),
        include,
        exclude,
        ..AccountDraft::default()
    };
    Discovery {
        program: program.name(),
        folder,
        draft,
        certificates,
        unreadable,
        watched_by: None,
        notes: Vec::new(),
    }
}

/// The paths as an account's file can hold them.
fn texts(paths: &[PathBuf], unreadable: &mut Vec<(String, String)>) -> Vec<String> {
    let mut texts = Vec::new();
    for path in paths {
        match absolute(path).to_str() {
            Some(text) => texts.push(text.to_owned()),
            None => unreadable.push((
                path.display().to_string(),
                "its path is no valid UTF-8, which no account's file can hold; rename it"
                    .to_owned(),
            )),
        }
    }
    texts
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The names that a certificate protects, or whatever it is called.
fn names_of(certificate: &Certificate) -> Vec<String> {
    let protects = certificate.names.iter().filter_map(|name| match name {
        AltName::Dns(_) | AltName::Ip(_) => Some(name.text()),
        _ => None,
    });
    let mut names: Vec<String> = protects.collect();
    if names.is_empty() {
        names.push(certificate.display_name());
    }
    names
}

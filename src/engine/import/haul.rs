//! What one part of an import found, before anything is written: sorted out, and judged.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;

use super::keys::Hunt;
use crate::engine::authorities::Authorities;
use crate::engine::command::ImportReport;
use crate::engine::details::revocation;
use crate::engine::kept_lists::KeptLists;
use crate::engine::watching::{World, complaint, sort_out};
use crate::files::{Read, path_text};
use crate::pki::bundle::Found;
use crate::pki::crl::Crl;
use crate::pki::findings::{Case, judge_at};
use crate::pki::{Certificate, SeenKey};

/// Where a file holds more certificates than this, nobody serves it as it is, and their order is
/// nobody's business.
const LONGEST_CHAIN: usize = 10;

/// One part of an import.
pub(super) struct Haul<'a> {
    /// What lies where.
    pub(super) world: World,
    report: &'a mut ImportReport,
    lists: &'a mut Vec<(String, Crl)>,
    hunt: &'a mut Hunt,
    /// What lies beside the one certificate of a file, by its place.
    beside: BTreeMap<String, Beside>,
}

/// What lies beside a certificate in its file.
struct Beside {
    /// The other certificates, as they stand there.
    chain: Vec<Certificate>,
    /// The fingerprint of the public half of the only key there.
    key: Option<String>,
}

/// What lies in one file.
#[derive(Default)]
struct Content {
    certificates: Vec<Certificate>,
    complaints: Vec<String>,
    keys: Vec<SeenKey>,
    lists: Vec<Crl>,
    locked: bool,
}

impl<'a> Haul<'a> {
    /// Nothing yet.
    pub(super) fn new(
        report: &'a mut ImportReport,
        lists: &'a mut Vec<(String, Crl)>,
        hunt: &'a mut Hunt,
    ) -> Self {
        Self {
            world: World::default(),
            report,
            lists,
            hunt,
            beside: BTreeMap::new(),
        }
    }

    /// Counts a file in a folder that holds nothing of interest.
    pub(super) fn pass_over(&mut self) {
        self.report.passed_over += 1;
    }

    /// Sorts out what came of one file.
    pub(super) fn take(&mut self, read: Read) {
        let path = path_text(&read.path);
        let content = match read.found {
            Ok(found) => Content::of(found),
            Err(error) => {
                self.report.unreadable.push((path, error.to_string()));
                return;
            }
        };
        self.report.keys_seen += content.keys.len();
        self.meet_keys(&read.path, read.named, &content);
        let has_list = !content.lists.is_empty();
        let lists = content.lists.iter();
        self.lists
            .extend(lists.map(|list| (path.clone(), list.clone())));
        if content.locked {
            self.report.locked.push(path.clone());
        }
        if content.certificates.is_empty() {
            // One that needs a passphrase is not broken, and stands for nothing until it is open.
            let stands = !content.locked && !has_list;
            let is_told = has_list || (read.named && !content.keys.is_empty());
            self.nothing_in(&path, &content.complaints, stands, is_told);
            return;
        }
        let complaints = content.complaints.iter();
        let complaints = complaints.map(|why| (path.clone(), why.clone()));
        self.report.unreadable.extend(complaints);
        self.remember_beside(&path, &content);
        let only_authorities = !content.certificates.iter().any(Certificate::serves);
        let sorted = sort_out(content.certificates, &path);
        if read.named && only_authorities {
            // Whoever names a root wants it here, also where it stands in the chain of another.
            let roots = sorted.finds.iter().map(|find| &find.leaf);
            let roots = roots.filter(|leaf| leaf.is_ca && leaf.is_self_issued);
            self.world
                .asked
                .extend(roots.map(|leaf| leaf.sha256.clone()));
        }
        self.report.chained += sorted.chained;
        self.report.duplicates += self.world.hold(&path, sorted);
    }

    /// Remembers the keys of a file for when it is known whose they are.
    fn meet_keys(&mut self, path: &Path, named: bool, content: &Content) {
        if content.keys.is_empty() {
            return;
        }
        let alone = content.certificates.is_empty();
        if named && alone {
            self.hunt.meet_alone(path);
        }
        if named || !alone {
            return self.hunt.meet(path, &content.keys);
        }
        // In a folder lie keys of all sorts; those that nobody can look into without a passphrase
        // are only counted.
        let open = content.keys.iter().filter(|key| key.spki_sha256.is_some());
        let open: Vec<SeenKey> = open.cloned().collect();
        self.report.keys_closed += content.keys.len() - open.len();
        self.hunt.meet(path, &open);
    }

    fn nothing_in(&mut self, path: &str, complaints: &[String], stands: bool, is_told: bool) {
        if complaints.is_empty() {
            self.report.passed_over += usize::from(!is_told);
            return;
        }
        let why = complaints.join("; ");
        if stands {
            self.world.fail(path, why.clone(), true);
        }
        self.report.unreadable.push((path.to_owned(), why));
    }

    /// What is judged together: files with one certificate of a server, and what else is in them.
    fn remember_beside(&mut self, path: &str, content: &Content) {
        let mut servers = content.certificates.iter().filter(|one| one.serves());
        let (Some(own), None) = (servers.next(), servers.next()) else {
            return;
        };
        let is_alone = content.certificates.len() == 1;
        if content.certificates.len() > LONGEST_CHAIN || (is_alone && content.keys.is_empty()) {
            return;
        }
        let others = content.certificates.iter();
        let others = others.filter(|other| other.sha256 != own.sha256);
        let key = match content.keys.as_slice() {
            [only] => only.spki_sha256.clone(),
            _ => None,
        };
        let beside = Beside {
            chain: others.cloned().collect(),
            key,
        };
        self.beside.insert(path.to_owned(), beside);
    }

    /// Says what is wrong with everything that was read.
    pub(super) fn judge(
        &mut self,
        mut authorities: Authorities<'_>,
        lists: &KeptLists<'_>,
        at: Timestamp,
    ) {
        for find in self.world.finds.iter().filter(|find| find.leaf.is_ca) {
            authorities.add(&find.leaf);
        }
        for find in &self.world.finds {
            let beside = self.beside.get(&find.place);
            let chain = beside.map_or(&find.chain, |beside| &beside.chain);
            let imported = authorities.above(&find.leaf, chain);
            let verdict = lists.of(&find.leaf, chain.iter().chain(&imported));
            let revoked = verdict.and_then(|verdict| verdict.revoked);
            let case = Case {
                certificate: &find.leaf,
                chain,
                own_roots: &[],
                imported: &imported,
                names: &[],
                key: beside.and_then(|beside| beside.key.as_deref()),
                revoked: revoked.as_ref().map(revocation),
            };
            self.report.findings.take(&find.place, judge_at(&case, at));
        }
    }
}

impl Content {
    fn of(found: Vec<Found>) -> Self {
        let mut content = Self::default();
        for found in found {
            match found {
                Found::Certificate(certificate) => content.certificates.push(*certificate),
                Found::Crl(list) => content.lists.push(*list),
                Found::PrivateKey(key) => content.keys.push(key),
                Found::Locked { label, why } => {
                    content.locked = true;
                    content.complaints.push(complaint(&label, None, &why));
                }
                Found::Unreadable { what, line, why } => {
                    content.complaints.push(complaint(&what, line, &why));
                }
                Found::Csr(_) | Found::Other { .. } => {}
            }
        }
        content
    }
}

//! Entries as far as the base knows them without reading: enough for their rows.
//!
//! Pure. Rows are made of them, so that a row looks the same wherever its entry lies.

use std::sync::Arc;

use super::Entries;
use super::base::Base;
use super::slim::Slim;
use super::ties::End;
use crate::domain::entry::{
    CertificateRecord, Entry, EntryId, Link, Order, Product, Role, StateRef, Track,
};
use crate::domain::probed::Probed;
use jiff::Timestamp;

impl Entries {
    /// What is known of an entry without reading it: all that its row and its ties need.
    pub(in crate::domain) fn outline(&self, id: &EntryId) -> Option<Arc<Entry>> {
        if let Some(held) = self.over.get(id) {
            return Some(Arc::clone(held));
        }
        self.base.find(id).map(|at| self.base.outline(at))
    }
}

impl Base {
    /// What is known of one without reading it. What is held whole is given whole.
    pub(in crate::domain) fn outline(&self, at: usize) -> Arc<Entry> {
        if let Some(whole) = self.whole(at) {
            return Arc::clone(whole);
        }
        let id = self.id(at);
        Arc::new(match self.slim(at) {
            Some(slim) => self.sketch(at, slim, id),
            None => unreadable(id),
        })
    }

    fn sketch(&self, at: usize, slim: &Slim, id: EntryId) -> Entry {
        let kind = self.kind(slim);
        let tracks = kind.tracks.iter().zip(slim.since);
        let tracks = tracks.map(|((track, state), since)| {
            let stands = Track {
                state: state.clone(),
                since: since.at().unwrap_or_default(),
                previous: None,
            };
            (track.clone(), stands)
        });
        let key = &self.make(slim).key;
        let ordered = (!slim.has_certificate() && !key.is_empty()).then(|| key.clone());
        let created = slim.created.at().unwrap_or_default();
        Entry {
            names: self.names_of(at).map(str::to_owned).collect(),
            tracks: tracks.collect(),
            product: Product {
                name: self.product(slim).to_owned(),
                paid_until: slim.paid.at(),
                ..Product::default()
            },
            order: Order {
                key_type: ordered,
                method: kind.method,
                ..Order::default()
            },
            certificates: self.certificate(slim).into_iter().collect(),
            links: self.links(at),
            dns_points: kind.dns_points,
            probed: kind.served.map(|served| Box::new(Probed::known_as(served))),
            archived: kind.archived,
            ..Entry::on_tracks(id, self.account(slim), &kind.lifecycle, [], created)
        }
    }

    fn certificate(&self, slim: &Slim) -> Option<CertificateRecord> {
        let (not_before, not_after) = (slim.begins.at()?, slim.ends.at()?);
        let (kind, make) = (self.kind(slim), self.make(slim));
        Some(CertificateRecord {
            sha256: String::new(),
            chain: Vec::new(),
            role: if kind.serving {
                Role::Serving
            } else {
                Role::Past
            },
            subject: String::new(),
            issuer: make.issuer.clone(),
            serial: String::new(),
            not_before,
            not_after,
            key: make.key.clone(),
            spki_sha256: String::new(),
            is_ca: kind.is_ca,
        })
    }

    fn links(&self, at: usize) -> Vec<Link> {
        let links = self.ties_of(at).map(|(kind, end)| Link {
            kind,
            entry: match end {
                End::Here(other) => self.id(other as usize),
                End::Elsewhere(id) => EntryId::new(id),
            },
        });
        links.collect()
    }
}

/// What stands for an entry that should be held whole and could not be read.
pub(super) fn unreadable(id: EntryId) -> Entry {
    let mut entry = Entry::new(id, "", "", "", Timestamp::UNIX_EPOCH);
    for track in entry.tracks.values_mut() {
        track.state = StateRef::unknown("could not be read");
    }
    entry
}

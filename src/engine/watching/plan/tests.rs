//! What a look changes, as tables: what was known, what lies where now, what has to be done.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::domain::entry::{CertificateRecord, Link, LinkKind, Trouble};
use crate::domain::event::What;
use crate::engine::watching::book::{UNREADABLE, VALID, left_behind};
use crate::engine::watching::find::Sorted;
use crate::pki::Certificate;
use crate::pki::ca::{IssueRequest, SandboxCa};
use crate::pki::{KeyType, PrivateKey, ValidationLevel};

/// Certificates of one name, the oldest first, and a world and a book to put them into.
struct Table {
    leaves: Vec<Certificate>,
    world: World,
    entries: Vec<Arc<Entry>>,
}

impl Table {
    fn new(leaves: usize) -> Self {
        Self::every(leaves, 1)
    }

    /// Each begins so many hours after the one before.
    fn every(leaves: usize, hours: i64) -> Self {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let ca = SandboxCa::generate("test", now).unwrap();
        let key = PrivateKey::generate(KeyType::P256).unwrap();
        let issue = |at: usize| {
            let begins = now + SignedDuration::from_hours(hours * i64::try_from(at).unwrap());
            let request = IssueRequest {
                names: vec!["www.example.com".parse().unwrap()],
                not_before: begins,
                not_after: begins + SignedDuration::from_hours(24 * 90),
                serial: [u8::try_from(at + 1).unwrap(); 16],
                level: ValidationLevel::Dv,
                organization: None,
            };
            let issued = ca.issue(&key.spki_der(), &request).unwrap();
            crate::pki::read_certificate(&issued.leaf_pem).unwrap()
        };
        Self {
            leaves: (0..leaves).map(issue).collect(),
            world: World::default(),
            entries: Vec::new(),
        }
    }

    fn sha256(&self, leaf: usize) -> String {
        self.leaves[leaf].sha256.clone()
    }

    /// An entry for a certificate that was read from a place.
    fn known(&mut self, leaf: usize, origin: &str) -> &mut Entry {
        let find = self.find(leaf, origin);
        let at = self.leaves[leaf].not_before;
        let id = EntryId::new(format!("e{leaf}"));
        let mut entry = Entry::new(id, "certs", "files", VALID, at);
        entry.names = names_of(&find.leaf);
        entry.certificates = vec![find.record()];
        entry.origin = Some(origin.to_owned());
        self.entries.push(Arc::new(entry));
        Arc::get_mut(self.entries.last_mut().unwrap()).unwrap()
    }

    fn find(&self, leaf: usize, place: &str) -> Find {
        Find {
            leaf: self.leaves[leaf].clone(),
            chain: Vec::new(),
            place: place.to_owned(),
        }
    }

    /// Some certificates are read in a place now.
    fn holds(&mut self, place: &str, leaves: &[usize]) {
        let finds = leaves.iter().map(|leaf| self.find(*leaf, place)).collect();
        let sorted = Sorted {
            finds,
            ..Sorted::default()
        };
        self.world.hold(place, sorted);
    }

    fn plan(&mut self) -> Vec<Unit> {
        self.world.settle_where();
        let entries = self.entries.iter().cloned().collect();
        plan(Book::of(&entries, "certs", false), &self.world)
    }
}

fn take(sha256: String) -> Step {
    Step::Take {
        sha256,
        instead: None,
    }
}

fn id(leaf: usize) -> EntryId {
    EntryId::new(format!("e{leaf}"))
}

#[test]
fn what_is_where_it_was_changes_nothing() {
    let mut table = Table::new(1);
    table.known(0, "/a.pem");
    table.holds("/a.pem", &[0]);
    table.holds("/copy.pem", &[0]);
    assert_eq!(table.plan(), Vec::<Unit>::new());
}

#[test]
fn what_takes_a_place_within_the_same_second_renews_what_was_there() {
    let mut table = Table::every(2, 0);
    table.known(0, "/a.pem");
    table.holds("/a.pem", &[1]);
    let (older, newer) = (table.sha256(0), table.sha256(1));
    let [unit] = table.plan().try_into().unwrap();
    assert!(unit.contains(&Step::Link { older, newer }), "{unit:?}");
    // Elsewhere nobody can say which of the two came first.
    let mut table = Table::every(2, 0);
    table.known(0, "/a.pem");
    table.holds("/a.pem", &[0]);
    table.holds("/b.pem", &[1]);
    assert_eq!(table.plan(), [vec![take(table.sha256(1))]]);
}

#[test]
fn a_successor_its_link_and_the_end_of_the_old_one_are_one_unit() {
    let mut table = Table::new(2);
    table.known(0, "/a.pem");
    table.holds("/a.pem", &[1]);
    let (older, newer) = (table.sha256(0), table.sha256(1));
    let [unit] = table.plan().try_into().unwrap();
    let [taken, link, retired] = unit.try_into().unwrap();
    assert_eq!(taken, take(newer.clone()));
    assert_eq!(link, Step::Link { older, newer });
    assert!(matches!(retired, Step::Retire { entry, .. } if entry == id(0)));
}

#[test]
fn each_renews_the_next_older_one_in_whatever_order_they_are_found() {
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1]] {
        let mut table = Table::new(3);
        for (at, leaf) in order.into_iter().enumerate() {
            table.holds(&format!("/{at}.pem"), &[leaf]);
        }
        let mut links: Vec<_> = table
            .plan()
            .into_iter()
            .flatten()
            .filter(|step| matches!(step, Step::Link { .. }))
            .collect();
        let link = |older, newer| Step::Link {
            older: table.sha256(older),
            newer: table.sha256(newer),
        };
        links.sort_by_key(|step| *step != link(0, 1));
        assert_eq!(links, [link(0, 1), link(1, 2)], "{order:?}");
    }
}

#[test]
fn one_in_between_is_tied_to_both() {
    let mut table = Table::new(3);
    table.known(0, "/0.pem");
    table.known(2, "/2.pem");
    table.holds("/0.pem", &[0]);
    table.holds("/1.pem", &[1]);
    table.holds("/2.pem", &[2]);
    let [unit] = table.plan().try_into().unwrap();
    assert_eq!(unit.len(), 3, "{unit:?}");
}

#[test]
fn a_certificate_that_a_server_still_shows_is_not_superseded() {
    let mut table = Table::new(2);
    table.known(0, "one.example:443");
    table.holds("one.example:443", &[1]);
    table.holds("two.example:443", &[0]);
    let steps: Vec<_> = table.plan().into_iter().flatten().collect();
    let place = "two.example:443".to_owned();
    let found = Step::Found {
        entry: id(0),
        place,
    };
    assert_eq!(steps, [found, take(table.sha256(1))]);

    // Now the second one shows the new one as well.
    let origin = "two.example:443".to_owned();
    Arc::get_mut(&mut table.entries[0]).unwrap().origin = Some(origin);
    table.known(1, "one.example:443");
    table.holds("two.example:443", &[1]);
    let [unit] = table.plan().try_into().unwrap();
    assert!(
        matches!(&*unit, [Step::Link { .. }, Step::Retire { entry, .. }] if *entry == id(0)),
        "{unit:?}"
    );
}

#[test]
fn nothing_is_over_while_another_server_was_not_looked_at_yet() {
    let mut table = Table::new(2);
    table.known(0, "one.example:443");
    table.holds("one.example:443", &[1]);
    table.world.unseen.insert("two.example:443".to_owned());
    assert_eq!(table.plan(), [vec![take(table.sha256(1))]]);
}

#[test]
fn what_cannot_be_read_is_said_once_for_each_reason() {
    let mut table = Table::new(1);
    table.known(0, "/folder/a.pem");
    let obstacles = &mut table.world.obstacles;
    obstacles.insert("/folder".to_owned(), "listing failed".to_owned());
    let [unit] = table.plan().try_into().unwrap();
    let [Step::Lost { why, .. }] = &*unit else {
        panic!("{unit:?}");
    };
    assert_eq!(why, "/folder: listing failed");
    let at = table.leaves[0].not_before;
    Arc::get_mut(&mut table.entries[0]).unwrap().trouble = Some(Trouble {
        why: why.clone(),
        since: at,
        last_good: at,
    });
    assert_eq!(table.plan(), Vec::<Unit>::new());
    table.world.obstacles.clear();
    table.holds("/folder/a.pem", &[0]);
    let [unit] = table.plan().try_into().unwrap();
    assert!(matches!(&*unit, [Step::Found { .. }]), "{unit:?}");
}

#[test]
fn a_place_that_went_back_to_an_older_certificate_of_the_same_name_is_said_to_show_another() {
    for place in ["/a.pem", "www.example.com:443"] {
        let mut table = Table::new(2);
        table.known(1, place);
        table.holds(place, &[0]);
        let steps: Vec<Step> = table.plan().into_iter().flatten().collect();
        let says = |step: &Step| matches!(step, Step::Lost { entry, why } if *entry == id(1) && why.contains("another certificate for www.example.com now"));
        assert!(steps.iter().any(says), "{place}: {steps:?}");
    }
}

#[test]
fn where_nobody_looked_nothing_is_gone() {
    let mut table = Table::new(1);
    table.known(0, "/elsewhere/a.pem");
    table.world.covered.push("/else".to_owned());
    assert_eq!(table.plan(), Vec::<Unit>::new(), "a folder's name is whole");
    table.world.covered.push("/elsewhere".to_owned());
    table.world.pending.insert("/elsewhere/a.pem".to_owned());
    assert_eq!(table.plan(), Vec::<Unit>::new(), "it is being written");
    table.world.pending.clear();
    let [unit] = table.plan().try_into().unwrap();
    assert!(matches!(&*unit, [Step::Lost { .. }]), "{unit:?}");
}

#[test]
fn what_a_person_put_away_stays_away() {
    let mut table = Table::new(2);
    table.known(0, "/a.pem").archived = true;
    table.holds("/a.pem", &[0]);
    assert_eq!(table.plan(), Vec::<Unit>::new());
    table.holds("/a.pem", &[]);
    table.holds("/b.pem", &[0]);
    assert_eq!(table.plan(), Vec::<Unit>::new());
}

#[test]
fn a_link_that_is_there_is_not_made_again() {
    let mut table = Table::new(2);
    let newer = id(1);
    table.known(0, "/a.pem").links.push(Link {
        kind: LinkKind::RenewedBy,
        entry: newer,
    });
    table.known(1, "/b.pem");
    table.holds("/b.pem", &[1]);
    table.world.covered.push("/a.pem".to_owned());
    let [unit] = table.plan().try_into().unwrap();
    assert!(matches!(&*unit, [Step::Retire { .. }]), "{unit:?}");
}

#[test]
fn a_place_that_never_could_be_read_stands_for_itself_until_it_can() {
    let mut table = Table::new(1);
    table.world.fail("/a.pem", "it is cut off".to_owned(), true);
    table
        .world
        .fail("/b.pem", "no permission".to_owned(), false);
    let [unit] = table.plan().try_into().unwrap();
    assert!(matches!(&*unit, [Step::Stand { place, .. }] if place == "/a.pem"));
    let at = table.leaves[0].not_before;
    let mut entry = Entry::new(id(7), "certs", "files", UNREADABLE, at);
    entry.origin = Some("/a.pem".to_owned());
    entry.said = Some("it is cut off".to_owned());
    table.entries.push(Arc::new(entry));
    assert_eq!(table.plan(), Vec::<Unit>::new());
    table.holds("/a.pem", &[0]);
    let [unit] = table.plan().try_into().unwrap();
    let instead = Some(id(7));
    let sha256 = table.sha256(0);
    assert_eq!(unit, [Step::Take { sha256, instead }]);
}

#[test]
fn a_ca_above_a_certificate_is_no_entry_of_its_own() {
    let mut table = Table::new(1);
    table.leaves[0].is_ca = true;
    table.holds("/chain.pem", &[0]);
    assert_eq!(table.plan().len(), 1);
    let sha256 = table.sha256(0);
    table.world.above.insert(sha256.clone());
    assert_eq!(table.plan(), Vec::<Unit>::new());
    table.world.above.clear();
    let held = CertificateRecord {
        chain: vec![sha256],
        is_ca: false,
        sha256: "other".to_owned(),
        ..table.find(0, "/x.pem").record()
    };
    let at = table.leaves[0].not_before;
    let mut entry = Entry::new(id(8), "certs", "files", VALID, at);
    entry.certificates = vec![held];
    table.entries.push(Arc::new(entry));
    assert_eq!(table.plan(), Vec::<Unit>::new());
}

#[test]
fn what_was_put_away_with_its_account_comes_back_with_it_and_not_before() {
    let mut table = Table::new(1);
    let at = table.leaves[0].not_before;
    let entry = table.known(0, "/a.pem");
    let lost = left_behind(entry, at);
    let Some(What::Lost { why, last_good }) = lost else {
        panic!("{lost:?}");
    };
    entry.archived = true;
    entry.trouble = Some(Trouble {
        why,
        since: at,
        last_good,
    });
    table.holds("/a.pem", &[0]);
    assert_eq!(table.plan(), Vec::<Unit>::new(), "a panel that lags behind");
    table.world.first = true;
    let [unit] = table.plan().try_into().unwrap();
    assert!(matches!(&*unit, [Step::Found { .. }]), "{unit:?}");
}

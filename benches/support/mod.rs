//! What the benches share: realistic inventories of any size, in memory or as a store's files.
//!
//! Everything about an entry is decided by its number, so that two runs measure the same.

#![allow(dead_code, unused_imports, reason = "each bench takes what it needs")]

mod certificates;
mod entries;
pub(crate) mod panel;
pub(crate) mod seat;
pub(crate) mod sqlite;
mod store;
pub(crate) mod table;
pub(crate) mod versus;
pub(crate) mod viewer;

use std::collections::BTreeMap;
use std::sync::Arc;

use certdeck::domain::account::AccountKind;
use certdeck::domain::entries::{Base, BaseBuilder, Entries, Place, Shelf, Thin};
use certdeck::domain::entry::Entry;
use certdeck::domain::inventory::{Account, Inventory};
use certdeck::domain::lifecycle::Lifecycles;
use jiff::Timestamp;

pub(crate) use entries::{ACCOUNTS, entry, in_order};
pub(crate) use store::{Written, write_store, write_store_with_files};

/// Makes the entries anew that are asked for.
#[derive(Debug)]
struct Made(Timestamp);

impl Shelf for Made {
    fn read(&self, place: Place) -> Result<Arc<Entry>, String> {
        Ok(Arc::new(entry(place.offset, self.0)))
    }
}

/// Writes so many files of certificates into the folder `certs` below this one.
pub(crate) fn files_of_certificates(folder: &std::path::Path, count: u64) -> std::io::Result<()> {
    certificates::Maker::new(folder)?.fill(count)
}

/// An inventory of so many entries that lie on the disk, as far as memory is concerned.
pub(crate) fn inventory(count: u64, now: Timestamp) -> Inventory {
    Inventory {
        entries: Entries::of(Arc::new(base(count, now))),
        accounts: accounts(),
        lifecycles: Arc::new(Lifecycles::built_in().expect("the embedded tables")),
        seq: 1,
        ..Inventory::default()
    }
}

/// What is in memory of so many entries.
pub(crate) fn base(count: u64, now: Timestamp) -> Base {
    let numbers = in_order(count);
    let mut builder = BaseBuilder::with_room(numbers.len());
    for number in numbers {
        let entry = entry(number, now);
        let place = Place {
            offset: number,
            length: 1,
        };
        let thin = Thin::of(&entry);
        if thin.is_enough() {
            builder.add(&thin, place);
        } else {
            builder.keep(&Arc::new(entry.clone()), place);
        }
    }
    builder.finish(Arc::new(Made(now)))
}

fn accounts() -> BTreeMap<String, Account> {
    let account = |(name, lifecycle): &(&str, &str)| {
        let kind = if *lifecycle == "files" {
            AccountKind::Files
        } else {
            AccountKind::Sandbox
        };
        let account = Account {
            deploys: false,
            probes_wildcards: false,
            name: (*name).to_owned(),
            kind,
            lifecycles: vec![(*lifecycle).to_owned()],
            read_only: false,
            clock: None,
            seed: None,
            zone: None,
            panel: None,
            watched: None,
        };
        ((*name).to_owned(), account)
    };
    ACCOUNTS.iter().map(account).collect()
}

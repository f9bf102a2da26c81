//! A base is packed and comes back; nonsense does not.

use std::convert::Infallible;
use std::sync::Arc;

use super::super::tests::Nothing;
use super::super::{Base, BaseBuilder, Ranks, Thin};
use super::*;
use crate::domain::entry::{Entry, EntryId, Link};

/// A base with everything in it: names of every kind, ties, an entry that is held whole, places far
/// away.
fn base() -> Base {
    let mut builder = BaseBuilder::default();
    for number in 0..300_u64 {
        let id = EntryId::new(format!("e{number:03}"));
        let created = "2026-11-22T12:00:00Z".parse().unwrap();
        let mut entry = Entry::new(id, &format!("account-{}", number % 3), "none", "s", created);
        entry.names = match number % 4 {
            0 => vec![format!("shop-{number}.example"), "same.example".to_owned()],
            1 => vec![format!("Www.{number}.Example")],
            2 => vec!["xn--bcher-kva.example".to_owned()],
            _ => Vec::new(),
        };
        if number % 5 == 0 {
            let to = EntryId::new(if number % 2 == 0 { "e007" } else { "gone" });
            entry.links.push(Link {
                kind: LINKS[(number % 4) as usize],
                entry: to,
            });
        }
        let place = Place {
            offset: if number == 9 { 1 << 50 } else { number * 100 },
            length: 99,
        };
        if number % 50 == 7 {
            builder.keep(&Arc::new(entry), place);
        } else {
            builder.add(&Thin::of(&entry), place);
        }
    }
    builder.finish(Arc::new(Nothing))
}

fn columns(base: &Base) -> Vec<u8> {
    let mut bytes = Vec::new();
    let packed: Result<(), Infallible> = base.pack(|piece| {
        bytes.extend_from_slice(piece);
        Ok(())
    });
    packed.unwrap();
    bytes
}

fn unpacked(packed: &Packed, columns: &[u8], base: &Base) -> Option<Base> {
    assert_eq!(packed.columns(), base.packed().columns());
    let columns = packed.clone().columns_from(taker(columns)).ok()??;
    columns.base(base.whole.clone(), Arc::new(Nothing))
}

fn all(base: &Base) -> Vec<String> {
    let each = |at: usize| {
        let names: Vec<_> = match base.slim(at) {
            Some(slim) => {
                let names = base.names_of(at);
                let shared = (base.kind(slim), base.account(slim), base.make(slim));
                let outline = base.outline(at);
                names
                    .map(str::to_owned)
                    .chain([format!("{slim:?} {shared:?} {outline:?}")])
                    .collect()
            }
            None => vec![format!("{:?}", base.whole(at))],
        };
        let ties: Vec<_> = base.ties_of(at).collect();
        let id = base.id(at);
        let found = base.find(&id);
        format!("{id} {names:?} {ties:?} {:?} {found:?}", base.place(at))
    };
    (0..base.len()).map(each).collect()
}

#[test]
fn what_comes_back_is_what_was_packed() {
    let base = base();
    let (packed, bytes) = (base.packed(), columns(&base));
    assert_eq!(packed.columns(), bytes.len() as u64);
    let text = serde_json::to_string(&packed).unwrap();
    let read: Packed = serde_json::from_str(&text).unwrap();
    assert_eq!(read, packed);
    let back = unpacked(&read, &bytes, &base).unwrap();
    for (left, right) in all(&back).iter().zip(all(&base)) {
        assert_eq!(*left, right);
    }
    assert_eq!((back.len(), back.text()), (base.len(), base.text()));
}

#[test]
fn what_is_packed_otherwise_has_another_version() {
    let base = base();
    let text = serde_json::to_string(&base.packed()).unwrap();
    let all = [text.as_bytes(), &columns(&base)].concat();
    let sum = crc32fast::hash(&all);
    // Where the sum differs, what older versions packed is not what this one would: raise the
    // version, and write the new sum here.
    assert_eq!(
        (PACKED_VERSION, format!("{sum:08x}").as_str()),
        (1, "e0a9428d")
    );
}

#[test]
fn the_order_of_names_comes_back_and_nonsense_is_none() {
    let base = base();
    let mut bytes = Vec::new();
    let packed: Result<(), Infallible> = base.pack_ranks(|piece| {
        bytes.extend_from_slice(piece);
        Ok(())
    });
    packed.unwrap();
    let back = ranks(&bytes, base.len()).unwrap();
    assert_eq!(back.in_order(), base.ranks().in_order());
    assert_eq!(back.same(), base.ranks().same());
    for (what, wrong) in [
        ("cut off", &bytes[..bytes.len() - 1]),
        ("too short", &bytes[4..]),
        ("empty", &[]),
    ] {
        assert!(ranks(wrong, base.len()).is_none(), "{what}");
    }
    let beyond = [&[0xFF; 4], &bytes[4..]].concat();
    assert!(ranks(&beyond, base.len()).is_none(), "no such place");
}

fn ranks(bytes: &[u8], count: usize) -> Option<Ranks> {
    Ranks::from_packed(count, taker(bytes)).ok()?
}

/// Hands out bytes in pieces.
fn taker(bytes: &[u8]) -> impl FnMut(&mut [u8]) -> Result<(), ()> {
    let mut rest = bytes;
    move |into| {
        let (now, later) = rest.split_at_checked(into.len()).ok_or(())?;
        into.copy_from_slice(now);
        rest = later;
        Ok(())
    }
}

#[test]
fn no_bytes_make_a_base_that_points_beside_itself() {
    let base = base();
    let (packed, bytes) = (base.packed(), columns(&base));
    let mut refused = 0;
    for at in (0..bytes.len()).step_by(41) {
        let mut changed = bytes.clone();
        changed[at] = 0xFF;
        // Whatever comes back can be walked through.
        match unpacked(&packed, &changed, &base) {
            Some(base) => drop(all(&base)),
            None => refused += 1,
        }
    }
    assert!(
        refused > bytes.len() / 41 / 4,
        "{refused} of {}",
        bytes.len()
    );
    for cut in [0, 1, bytes.len() / 2, bytes.len() - 1] {
        assert!(unpacked(&packed, &bytes[..cut], &base).is_none(), "{cut}");
    }
    let fewer = Packed {
        whole: BTreeMap::new(),
        ..packed.clone()
    };
    assert!(unpacked(&fewer, &bytes, &base).is_none());
    let fewer = Packed {
        kinds: Vec::new(),
        ..packed
    };
    assert!(unpacked(&fewer, &bytes, &base).is_none());
}

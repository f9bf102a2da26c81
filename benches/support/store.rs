//! A store's files, written directly: a million entries in seconds instead of a transaction each.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use certdeck::domain::entry::Entry;
use jiff::Timestamp;
use serde::Serialize;

use super::certificates::Maker;
use super::{entry, in_order};

/// A line of a snapshot.
#[derive(Serialize)]
struct Line<'a> {
    entry: &'a Entry,
}

/// How many entries there are in a store, and how many of them are not put away.
#[derive(Clone, Copy)]
pub(crate) struct Written {
    pub(crate) all: usize,
    pub(crate) in_sight: usize,
}

/// Writes a store as [`write_store`], in which the files of the certificates lie that its entries
/// name.
pub(crate) fn write_store_with_files(folder: &Path, count: u64) -> io::Result<Written> {
    let maker = Maker::new(folder)?;
    write_entries(folder, count, |entry| maker.give(entry))
}

/// Writes a store with a snapshot of so many entries and an empty journal, as `certdeck::store`
/// describes its format. Of two entries with one id the second is left out.
pub(crate) fn write_store(folder: &Path, count: u64) -> io::Result<Written> {
    write_entries(folder, count, |_| Ok(()))
}

fn write_entries(
    folder: &Path,
    count: u64,
    finish: impl Fn(&mut Entry) -> io::Result<()>,
) -> io::Result<Written> {
    let now = Timestamp::now();
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let numbers = in_order(count);
    let mut snapshot = create(&folder.join("inventory.jsonl"))?;
    let head = format!(
        r#"{{"format":"certdeck-inventory","version":1,"generation":1,"through_seq":1,"count":{}}}"#,
        numbers.len()
    );
    let all = numbers.len();
    let mut in_sight = 0;
    seal(&mut snapshot, head.into_bytes())?;
    for number in numbers {
        let mut entry = entry(number, now);
        finish(&mut entry)?;
        in_sight += usize::from(!entry.archived);
        seal(&mut snapshot, serde_json::to_vec(&Line { entry: &entry })?)?;
    }
    snapshot.flush()?;
    let mut journal = create(&folder.join("journal.jsonl"))?;
    let head =
        r#"{"format":"certdeck-journal","version":1,"generation":1,"through_seq":1}"#.to_owned();
    seal(&mut journal, head.into_bytes())?;
    journal.flush()?;
    Ok(Written { all, in_sight })
}

fn create(path: &Path) -> io::Result<BufWriter<File>> {
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    Ok(BufWriter::with_capacity(1 << 20, file))
}

/// Writes a JSON object with its checksum as the last member, and a newline.
fn seal(file: &mut impl Write, mut object: Vec<u8>) -> io::Result<()> {
    let sum = crc32fast::hash(&object);
    object.pop();
    file.write_all(&object)?;
    writeln!(file, r#","crc":"{sum:08x}"}}"#)
}

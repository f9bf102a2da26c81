//! A store's files, written directly: a million entries in seconds instead of a transaction each.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use certdeck::domain::entry::Entry;
use jiff::Timestamp;
use serde::Serialize;

use super::{entry, in_order};

/// A line of a snapshot.
#[derive(Serialize)]
struct Line<'a> {
    entry: &'a Entry,
}

/// Writes a store with a snapshot of so many entries and an empty journal, as `certdeck::store`
/// describes its format.
pub(crate) fn write_store(folder: &Path, count: u64) -> io::Result<()> {
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
    seal(&mut snapshot, head.into_bytes())?;
    for number in numbers {
        let entry = entry(number, now);
        seal(&mut snapshot, serde_json::to_vec(&Line { entry: &entry })?)?;
    }
    snapshot.flush()?;
    let mut journal = create(&folder.join("journal.jsonl"))?;
    let head =
        r#"{"format":"certdeck-journal","version":1,"generation":1,"through_seq":1}"#.to_owned();
    seal(&mut journal, head.into_bytes())?;
    journal.flush()?;
    fs::metadata(folder).map(|_| ())
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

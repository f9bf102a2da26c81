//! Reading the lines of a snapshot, on several processors where there are many.
//!
//! Pure: it is handed bytes. `image` calls it.

use std::sync::Arc;
use std::thread;

use crate::domain::account::AccountRecord;
use crate::domain::entry::Entry;

use super::image::Sheet;
use super::line::Piece;
use super::record::ReadSnapshotLine;

/// A thread costs as much as reading about this many lines.
const WORTH_A_THREAD: usize = 250;
/// More threads than this gain nothing: the memory becomes the bottleneck.
const MOST_THREADS: usize = 4;

/// What one line of a snapshot holds.
pub(crate) enum Value {
    Entry(Arc<Entry>),
    Account(AccountRecord),
}

/// The value of each line, in order; `None` where it cannot be read.
pub(crate) fn values(sheet: &Sheet<'_>) -> Vec<Option<Value>> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let threads = processors
        .min(MOST_THREADS)
        .min(sheet.rest.len() / WORTH_A_THREAD)
        .max(1);
    let share = sheet.rest.len().div_ceil(threads).max(1);
    let mut shares = sheet.rest.chunks(share);
    let own = shares.next().unwrap_or_default();
    thread::scope(|scope| {
        let others: Vec<_> = shares
            .map(|share| scope.spawn(|| read(sheet, share)))
            .collect();
        let mut values = read(sheet, own);
        for other in others {
            match other.join() {
                Ok(read) => values.extend(read),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        values
    })
}

fn read(sheet: &Sheet<'_>, share: &[Piece]) -> Vec<Option<Value>> {
    share.iter().map(|piece| value(sheet, *piece)).collect()
}

fn value(sheet: &Sheet<'_>, piece: Piece) -> Option<Value> {
    let text = piece
        .intact
        .then(|| std::str::from_utf8(sheet.text(piece)).ok());
    match serde_json::from_str(text.flatten()?).ok()? {
        ReadSnapshotLine {
            entry: Some(entry),
            account: None,
        } => Some(Value::Entry(Arc::new(entry))),
        ReadSnapshotLine {
            entry: None,
            account: Some(account),
        } => Some(Value::Account(account)),
        ReadSnapshotLine { .. } => None,
    }
}

//! Removing the oldest journals of the history, where somebody asked for it: the one thing of the
//! store that is ever removed, and never the journal or the snapshot.
//!
//! `history/pruned.jsonl` remembers it: one line for each time, `{"through":NNN,"seq":S,
//! "events":N,"at":…,"crc":…}` – the files up to number `through` were removed, and with them the
//! transactions up to `S`. The numbers of files go on behind it. The line is written and synced
//! before the first file goes, so that a crash between the two leaves files that are announced as
//! removed and never a gap that nobody explains. The engine calls it.

use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::disk::{Disk, How};
use super::doctor::{Finding, Kind, Level};
use super::line::pieces;
use super::mend::HISTORY;

/// Where it is remembered, in the history.
pub(crate) const MARKER: &str = "pruned.jsonl";

/// One time that journals were removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Marker {
    /// The number of the last file that was removed.
    pub(crate) through: u64,
    /// The last transaction in it.
    pub(crate) seq: u64,
    /// How many events were removed this time.
    #[serde(default)]
    pub(crate) events: u64,
    /// When.
    pub(crate) at: Timestamp,
}

impl Marker {
    /// That the history begins later, and since when.
    pub(crate) fn finding(&self) -> Finding {
        let says = format!(
            "the history up to transaction {} was removed with `certdeck store prune` on {}",
            self.seq,
            crate::domain::time::date(self.at)
        );
        let file = format!("{HISTORY}/{MARKER}");
        Finding::new(Level::Note, Kind::Pruned, &file, says)
    }
}

/// The last time that journals were removed; nothing where that was never, or cannot be read.
pub(crate) fn read_marker(disk: &dyn Disk, dir: &Path) -> Option<Marker> {
    let path = dir.join(HISTORY).join(MARKER);
    let mut file = disk.open(&path, How::Read).ok()?;
    let bytes = file.read_from(0).ok()?;
    let lines = pieces(&bytes).into_iter().filter(|piece| piece.intact);
    let markers = lines.filter_map(|piece| {
        serde_json::from_slice::<Marker>(&bytes[piece.start..piece.text_end]).ok()
    });
    markers.max_by_key(|marker| marker.through)
}

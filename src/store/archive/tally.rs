//! Counting what the files of a store hold, line by line, without holding it.
//!
//! Pure: it is handed bytes in pieces. What counts as an entry and how far the journal is intact is
//! found here, so that an archive says what is in it and ends where the store's readers would.
//! `cut` calls it.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

use serde::Deserialize;

use crate::store::line::pieces;
use crate::store::record::VERSION;

/// What the lines of snapshot and journal come to.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Ids by their hash: a million ids would be many times as large. Two that share one would make
    /// the count wrong by one, in five of ten million stores of a million entries.
    entries: HashSet<u64>,
    hasher: RandomState,
    /// The last transaction that the snapshot holds, by its header or else the journal's.
    through: Option<u64>,
    /// The last transaction.
    pub(crate) seq: u64,
    /// Lines that are not what was written, the last of a journal left out.
    pub(crate) damaged_lines: u64,
    /// A version that this certdeck does not know.
    pub(crate) newer: Option<u32>,
}

/// What is of interest in a line of either file.
#[derive(Deserialize)]
struct Line {
    format: Option<String>,
    version: Option<u32>,
    through_seq: Option<u64>,
    seq: Option<u64>,
    entry: Option<Id>,
    #[serde(default)]
    entries: Vec<Id>,
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

impl Tally {
    /// How many entries there are.
    pub(crate) fn entries(&self) -> u64 {
        self.entries.len() as u64
    }

    fn take(&mut self, text: &[u8]) {
        let Ok(line) = serde_json::from_slice::<Line>(text) else {
            self.damaged_lines += 1;
            return;
        };
        if line.format.is_some() {
            self.newer = self
                .newer
                .or(line.version.filter(|version| *version > VERSION));
            let through = *self.through.get_or_insert(line.through_seq.unwrap_or(0));
            self.seq = self.seq.max(through);
            return;
        }
        // What the snapshot has taken in is in it already.
        let seq = line.seq.unwrap_or(self.seq);
        if line.seq.is_some() && seq <= self.through.unwrap_or(0) {
            return;
        }
        self.seq = self.seq.max(seq);
        for id in line.entries.iter().chain(&line.entry) {
            self.entries.insert(self.hasher.hash_one(&id.id));
        }
    }
}

/// Goes through one file.
pub(crate) struct Lines<'a> {
    tally: &'a mut Tally,
    /// The beginning of a line whose end has not come yet.
    waiting: Vec<u8>,
    /// How many bytes were handed over as whole lines.
    passed: u64,
    /// How many bytes there are up to the end of the last intact line.
    pub(crate) intact: u64,
    /// How many damaged lines there were by then.
    damaged_by_then: u64,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(tally: &'a mut Tally) -> Self {
        Self {
            damaged_by_then: tally.damaged_lines,
            tally,
            waiting: Vec::new(),
            passed: 0,
            intact: 0,
        }
    }

    /// Takes the next bytes.
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            if self.waiting.is_empty() && piece.ends_with(b"\n") {
                self.line(piece);
                continue;
            }
            self.waiting.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                let line = std::mem::take(&mut self.waiting);
                self.line(&line);
            }
        }
    }

    fn line(&mut self, bytes: &[u8]) {
        for piece in pieces(bytes) {
            if piece.intact {
                self.tally.take(&bytes[piece.start..piece.text_end]);
                self.intact = self.passed + piece.end as u64;
                self.damaged_by_then = self.tally.damaged_lines;
            } else {
                self.tally.damaged_lines += 1;
            }
        }
        self.passed += bytes.len() as u64;
    }

    /// Ends a snapshot: everything of it counts.
    pub(crate) fn whole(mut self) {
        let rest = std::mem::take(&mut self.waiting);
        self.line(&rest);
    }

    /// Ends a journal: what comes behind the last intact line may be a line that is being written,
    /// and counts nowhere. Gives how many bytes are intact.
    pub(crate) fn up_to_the_last_intact_line(mut self) -> u64 {
        let rest = std::mem::take(&mut self.waiting);
        self.line(&rest);
        self.tally.damaged_lines = self.damaged_by_then;
        self.intact
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::line::seal;
    use serde_json::json;

    fn lines(values: &[serde_json::Value]) -> Vec<u8> {
        values
            .iter()
            .flat_map(|value| seal(value).unwrap())
            .collect()
    }

    fn snapshot() -> Vec<u8> {
        lines(&[
            json!({"format": "certdeck-inventory", "version": 1, "through_seq": 4}),
            json!({"account": {"name": "shop"}}),
            json!({"entry": {"id": "a", "names": []}}),
            json!({"entry": {"id": "b"}}),
        ])
    }

    fn journal() -> Vec<u8> {
        lines(&[
            json!({"format": "certdeck-journal", "version": 1, "through_seq": 3}),
            json!({"seq": 4, "entries": [{"id": "z"}], "accounts": []}),
            json!({"seq": 5, "entries": [{"id": "b"}, {"id": "c"}], "accounts": []}),
        ])
    }

    fn count(snapshot: &[u8], journal: &[u8], step: usize) -> (Tally, u64) {
        let mut tally = Tally::default();
        let mut reading = Lines::new(&mut tally);
        snapshot
            .chunks(step)
            .for_each(|piece| reading.update(piece));
        reading.whole();
        let mut reading = Lines::new(&mut tally);
        journal.chunks(step).for_each(|piece| reading.update(piece));
        let intact = reading.up_to_the_last_intact_line();
        (tally, intact)
    }

    #[test]
    fn entries_are_counted_once_and_what_the_snapshot_holds_is_passed_over() {
        for step in [1, 10, 10_000] {
            let (tally, intact) = count(&snapshot(), &journal(), step);
            assert_eq!((tally.entries(), tally.seq), (3, 5));
            assert_eq!((tally.damaged_lines, tally.newer), (0, None));
            assert_eq!(intact, journal().len() as u64);
        }
    }

    #[test]
    fn a_journal_counts_up_to_its_last_intact_line() {
        let whole = journal();
        let second = whole.len()
            - lines(&[json!({"seq": 5, "entries": [{"id": "b"}, {"id": "c"}], "accounts": []})])
                .len();
        for cut in second..whole.len() - 1 {
            let (tally, intact) = count(&snapshot(), &whole[..cut], 7);
            assert_eq!((tally.seq, tally.damaged_lines), (4, 0), "cut at {cut}");
            assert_eq!(intact, second as u64, "cut at {cut}");
        }
        let mut damaged = whole.clone();
        damaged[second - 5] ^= 1;
        let (tally, intact) = count(&snapshot(), &damaged, 7);
        assert_eq!((tally.seq, tally.damaged_lines), (5, 1));
        assert_eq!(intact, whole.len() as u64);
    }

    #[test]
    fn a_newer_version_is_seen() {
        let newer = lines(&[json!({"format": "certdeck-inventory", "version": 9, "new": {}})]);
        assert_eq!(count(&newer, b"", 100).0.newer, Some(9));
    }
}

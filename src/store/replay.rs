//! Replaying the journal, a stretch of lines at a time.
//!
//! It reads and changes nothing on the disk. Damage before the last intact line is noted for good;
//! what follows it may be a line that is being written now. `files` calls it.

use std::io;

use super::damage::{Damage, Harm, note};
use super::disk::DiskFile;
use super::image::{Image, JOURNAL};
use super::line::{Piece, SEAL, pieces};
use super::stretch::{BLOCK, Buffer, Stretch};

/// What is known of a journal: how much of it is replayed, and what stands at the end of that.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    /// How many bytes are intact, counted from the beginning.
    pub(crate) length: u64,
    /// How many lines of transactions they have.
    pub(crate) lines: u64,
    /// The last checksum in them, to notice a line that was taken back.
    pub(crate) seal: Vec<u8>,
    /// Whether they lack a newline at their end.
    pub(crate) open_ended: bool,
    /// How many of the bytes the snapshot holds: up to the first transaction that it lacks.
    pub(crate) absorbed: u64,
    /// What is left behind them.
    pub(crate) torn: Option<Damage>,
}

impl Known {
    /// Replays what follows in the file, whose content begins after `head` lines; whether the state
    /// changed.
    pub(crate) fn follow(
        &mut self,
        file: &dyn DiskFile,
        head: u64,
        image: &mut Image,
    ) -> io::Result<bool> {
        let before = image.seq;
        let length = file.look()?.length;
        let mut buffer = Buffer::default();
        let mut at = self.length;
        let mut work = Work {
            known: self,
            image,
            pending: Vec::new(),
            head,
            pieces: 0,
        };
        while at < length {
            let stretch = buffer.lines(file, at..length.min(at + BLOCK), true)?;
            if stretch.bytes.is_empty() {
                break;
            }
            at = stretch.end();
            work.take(stretch);
        }
        work.finish();
        Ok(image.seq != before)
    }

    /// The newline that an earlier end lacked was written meanwhile.
    pub(crate) fn close(&mut self) {
        if self.absorbed == self.length {
            self.absorbed += 1;
        }
        self.length += 1;
        self.open_ended = false;
    }
}

struct Work<'a> {
    known: &'a mut Known,
    image: &'a mut Image,
    /// Damaged places since the last intact line.
    pending: Vec<Damage>,
    head: u64,
    /// How many pieces were met in them.
    pieces: u64,
}

impl Work<'_> {
    fn take(&mut self, stretch: Stretch<'_>) {
        for piece in pieces(stretch.bytes) {
            let place = self.place(stretch, piece);
            self.pieces += 1;
            if piece.intact {
                self.take_line(stretch, piece, &place);
            } else {
                note(&mut self.pending, place);
            }
        }
    }

    fn place(&self, stretch: Stretch<'_>, piece: Piece) -> Damage {
        Damage {
            line: self.head + self.known.lines + self.pieces + 1,
            offset: stretch.offset + piece.start as u64,
            length: (piece.end - piece.start) as u64,
            ..Damage::whole(JOURNAL, Harm::Line)
        }
    }

    fn take_line(&mut self, stretch: Stretch<'_>, piece: Piece, place: &Damage) {
        for damaged in self.pending.drain(..) {
            note(&mut self.image.damage, damaged);
        }
        let text = &stretch.bytes[piece.start..piece.text_end];
        let through = self.image.through;
        let seq = self.image.replay_line(text, place);
        let is_absorbed = seq.is_none_or(|seq| seq <= through);
        let known = &mut *self.known;
        let all_before_is_absorbed = known.absorbed == known.length;
        known.length = place.offset + place.length;
        if all_before_is_absorbed && is_absorbed {
            known.absorbed = known.length;
        }
        known.lines += self.pieces;
        self.pieces = 0;
        known.seal = text[text.len() - SEAL..].to_vec();
        known.open_ended = piece.end == piece.text_end;
    }

    /// What is left behind the last intact line, as one place.
    fn finish(self) {
        let mut pending = self.pending.into_iter();
        self.known.torn = pending.next().map(|mut first| {
            first.harm = Harm::TornTail;
            first.length += pending.map(|damage| damage.length).sum::<u64>();
            first
        });
    }
}

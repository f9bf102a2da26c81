//! The lines that the store's files are made of, and the checksum at the end of each.
//!
//! Pure bytes: nothing here touches a file or knows what a line means. The rest of the store
//! calls it. The format module documentation (`store`) tells people how to check a line by hand.

use memchr::{memchr, memmem};
use serde::Serialize;

/// What stands before the checksum's eight digits.
const BEFORE: &[u8] = b",\"crc\":\"";
/// What stands after them, and ends the line.
const AFTER: &[u8] = b"\"}";
/// How long the checksum member is, with the closing brace of the line.
pub(crate) const SEAL: usize = BEFORE.len() + 8 + AFTER.len();

/// How many places in one damaged line are tried as the end of an intact one: enough for two
/// lines that a damaged newline joined, few enough that garbage cannot keep certdeck busy.
const TRIES: usize = 64;

/// `value` as one line: JSON, checksum as the last member, newline.
pub(crate) fn seal<T: Serialize>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    let mut line = serde_json::to_vec(value)?;
    let sum = hexadecimal(crc32fast::hash(&line));
    line.pop();
    line.extend_from_slice(BEFORE);
    line.extend_from_slice(&sum);
    line.extend_from_slice(AFTER);
    line.push(b'\n');
    Ok(line)
}

/// Whether a line (without its newline) ends in the checksum of the rest of it.
pub(crate) fn is_intact(line: &[u8]) -> bool {
    let Some(body) = line.len().checked_sub(SEAL) else {
        return false;
    };
    let (body, seal) = line.split_at(body);
    let (before, rest) = seal.split_at(BEFORE.len());
    let (digits, after) = rest.split_at(8);
    if before != BEFORE || after != AFTER {
        return false;
    }
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(body);
    hasher.update(b"}");
    // Compared as text: a digit whose case was flipped is damage, too.
    hexadecimal(hasher.finalize()) == digits
}

/// A checksum in eight lower-case digits; without an allocation, since every line needs one.
fn hexadecimal(sum: u32) -> [u8; 8] {
    let mut digits = [0; 8];
    for (digit, shift) in digits.iter_mut().zip((0..32).step_by(4).rev()) {
        let value = (sum >> shift) & 0xF;
        *digit = b"0123456789abcdef"[value as usize];
    }
    digits
}

/// A stretch of a file: one line, or what is left of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Where it begins.
    pub(crate) start: usize,
    /// Where its text ends.
    pub(crate) text_end: usize,
    /// Where the next one begins: after the newline, where there is one.
    pub(crate) end: usize,
    /// Whether its checksum matches.
    pub(crate) intact: bool,
}

/// Cuts a file's bytes into lines. Every byte belongs to exactly one piece.
pub(crate) fn pieces(bytes: &[u8]) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut start = 0;
    while start < bytes.len() {
        let newline = memchr(b'\n', &bytes[start..]).map(|at| start + at);
        let text_end = newline.unwrap_or(bytes.len());
        let end = newline.map_or(bytes.len(), |at| at + 1);
        let piece = Piece {
            start,
            text_end,
            end,
            intact: is_intact(&bytes[start..text_end]),
        };
        if piece.intact {
            found.push(piece);
        } else {
            rescue(bytes, piece, &mut found);
        }
        start = end;
    }
    found
}

/// Finds intact lines inside a damaged stretch: a damaged newline joins two lines that are well.
fn rescue(bytes: &[u8], damaged: Piece, found: &mut Vec<Piece>) {
    let mut start = damaged.start;
    let text = &bytes[damaged.start..damaged.text_end];
    for at in memmem::find_iter(text, BEFORE).take(TRIES) {
        let text_end = damaged.start + at + SEAL;
        if text_end > damaged.text_end || text_end <= start {
            continue;
        }
        if is_intact(&bytes[start..text_end]) {
            // What stands where the newline belongs goes with the line before it.
            let end = (text_end + 1).min(damaged.end);
            found.push(Piece {
                start,
                text_end,
                end,
                intact: true,
            });
            start = end;
        }
    }
    if start < damaged.end {
        found.push(Piece { start, ..damaged });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn line(text: &str) -> Vec<u8> {
        seal(&BTreeMap::from([("say", text)])).unwrap()
    }

    #[test]
    fn a_sealed_line_is_json_with_its_checksum_last() {
        let line = line("hello");
        let text = String::from_utf8(line.clone()).unwrap();
        // crc32 of {"say":"hello"}, as `python3 -c 'import zlib…'` gives it.
        assert_eq!(text, "{\"say\":\"hello\",\"crc\":\"5eecea31\"}\n");
        assert!(is_intact(&line[..line.len() - 1]));
    }

    #[test]
    fn any_flipped_bit_shows() {
        let line = line("hello, world");
        let text = &line[..line.len() - 1];
        for at in 0..text.len() {
            for bit in 0..8 {
                let mut flipped = text.to_vec();
                flipped[at] ^= 1 << bit;
                assert!(!is_intact(&flipped), "byte {at}, bit {bit}");
            }
        }
    }

    #[test]
    fn lines_joined_by_a_damaged_newline_are_both_read() {
        let (one, two) = (line("one"), line("two"));
        let mut bytes = [one.clone(), two.clone(), line("three")].concat();
        bytes[one.len() - 1] = b'*';
        let found = pieces(&bytes);
        assert_eq!(found.len(), 3);
        assert!(found.iter().all(|piece| piece.intact));
    }

    #[test]
    fn the_pieces_cover_every_byte_once() {
        let mut bytes = [
            line("one"),
            line("two"),
            b"\0\0\n\n,\"crc\":\"12345678\"}x".to_vec(),
        ]
        .concat();
        for cut in 0..bytes.len() {
            let mut at = 0;
            for piece in pieces(&bytes[..cut]) {
                assert_eq!(piece.start, at);
                at = piece.end;
            }
            assert_eq!(at, cut);
        }
        bytes.clear();
        assert!(pieces(&bytes).is_empty());
    }
}

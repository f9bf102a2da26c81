//! Reading a snapshot: block by block, on several processors where it is long, and of each line
//! only what the list needs.
//!
//! Whatever it cannot read becomes a [`Damage`]; it never guesses and never panics. `files` calls it;
//! `compact` takes in its own lines the same way.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

use serde::Deserialize;

use crate::domain::account::AccountRecord;
use crate::domain::entries::{BaseBuilder, Place, Thin};

use super::blocks::Blocks;
use super::damage::{Damage, Harm, note};
use super::disk::DiskFile;
use super::hold;
use super::image::INVENTORY;
use super::line::{SEAL, pieces};
use super::reading::Reading;
use super::record::ReadSnapshotLine;
use super::scan::Sum;
use super::stretch::Stretch;

/// So many entries a block has, about.
const IN_A_BLOCK: usize = 750;
/// The shortest line of an entry that certdeck writes, in bytes: no more of them fit into a file.
const SHORTEST_LINE: u64 = 150;
/// With what the line of an entry begins.
const ENTRY: &str = "{\"entry\":";

/// A line of a snapshot as it is read into memory.
#[derive(Deserialize)]
struct ThinLine<'a> {
    #[serde(borrow, default)]
    entry: Option<Thin<'a>>,
    #[serde(default)]
    account: Option<AccountRecord>,
}

/// What lines of a snapshot hold.
#[derive(Debug, Default)]
pub(crate) struct Content {
    pub(crate) entries: BaseBuilder,
    pub(crate) accounts: Vec<AccountRecord>,
    /// How many lines there were, readable or not.
    lines: u64,
    /// How many could be read.
    pub(crate) found: u64,
    pub(crate) damage: Vec<Damage>,
    /// What the lines that could be read add up to.
    pub(crate) sum: Sum,
    /// Where the lines of accounts begin.
    pub(crate) account_lines: Vec<u64>,
}

impl Content {
    /// With room for so many entries.
    pub(crate) fn with_room(count: usize) -> Self {
        Self {
            entries: BaseBuilder::with_room(count),
            ..Self::default()
        }
    }

    /// Takes in a line whose checksum matches; `false` if it has no meaning.
    pub(crate) fn take(&mut self, text: &[u8], offset: u64) -> bool {
        let taken = self.take_value(text, offset).is_some();
        self.found += u64::from(taken);
        self.sum.add(text, offset);
        taken
    }

    fn take_value(&mut self, text: &[u8], offset: u64) -> Option<()> {
        let length = u32::try_from(text.len()).ok()?;
        let place = Place { offset, length };
        // Looked at once as a whole: quicker than each of its texts.
        let text = std::str::from_utf8(text).ok()?;
        let line = match as_written(text) {
            Some(thin) => ThinLine {
                entry: Some(thin),
                account: None,
            },
            None => serde_json::from_str(text).ok()?,
        };
        match line {
            ThinLine {
                entry: Some(thin),
                account: None,
            } => {
                if !self.entries.add_if_enough(&thin, place) {
                    let line: ReadSnapshotLine = serde_json::from_str(text).ok()?;
                    self.entries.keep(&Arc::new(line.entry?), place);
                }
            }
            ThinLine {
                entry: None,
                account: Some(account),
            } => {
                self.accounts.push(account);
                self.account_lines.push(offset);
            }
            ThinLine { .. } => return None,
        }
        Some(())
    }

    fn take_stretch(&mut self, stretch: Stretch<'_>) {
        for piece in pieces(stretch.bytes) {
            self.lines += 1;
            let offset = stretch.offset + piece.start as u64;
            let text = &stretch.bytes[piece.start..piece.text_end];
            if piece.intact && self.take(text, offset) {
                continue;
            }
            let damage = Damage {
                line: self.lines,
                offset,
                length: (piece.end - piece.start) as u64,
                ..Damage::whole(INVENTORY, Harm::Line)
            };
            note(&mut self.damage, damage);
        }
    }

    /// Puts what follows in the file behind this.
    fn append(&mut self, later: Self) {
        self.entries.append(later.entries);
        self.accounts.extend(later.accounts);
        self.account_lines.extend(later.account_lines);
        self.sum.add_all(later.sum);
        for mut damage in later.damage {
            damage.line += self.lines;
            note(&mut self.damage, damage);
        }
        self.lines += later.lines;
        self.found += later.found;
    }
}

/// The entry of a line that looks just as certdeck writes it.
fn as_written(text: &str) -> Option<Thin<'_>> {
    let (thin, rest) = Thin::written(text.strip_prefix(ENTRY)?)?;
    // Nothing but the checksum, which was looked at.
    (rest.len() == SEAL).then_some(thin)
}

/// Reads the content of a snapshot, which begins at byte `from` after `lines` lines; its header
/// counts `count` of them.
pub(crate) fn read(
    file: &dyn DiskFile,
    from: u64,
    lines: u64,
    count: Option<u64>,
    reading: &Reading,
) -> io::Result<Content> {
    let length = file.look()?.length;
    let most = length.saturating_sub(from) / SHORTEST_LINE;
    let room = usize::try_from(count.unwrap_or(0).min(most)).unwrap_or(0);
    reading.begin(length, count.unwrap_or(0).min(most));
    let mut content = Content::with_room(room);
    content.lines = lines;
    let gathered = Mutex::new(Gathered {
        content,
        appended: 0,
        early: BTreeMap::new(),
    });
    let blocks = Blocks::new(file, from, length, reading);
    blocks.each(
        || (),
        |block, stretch| {
            let mut content = Content::with_room(IN_A_BLOCK);
            content.take_stretch(stretch);
            hold(&gathered).put(block, content);
        },
    )?;
    reading.end();
    Ok(gathered
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .content)
}

/// What was read, in the order of the file.
struct Gathered {
    content: Content,
    /// How many blocks are in it.
    appended: u64,
    /// Blocks that were read before one that comes before them.
    early: BTreeMap<u64, Content>,
}

impl Gathered {
    fn put(&mut self, block: u64, content: Content) {
        self.early.insert(block, content);
        while let Some(content) = self.early.remove(&self.appended) {
            self.content.append(content);
            self.appended += 1;
        }
    }
}

//! What of the store could not be read, and where it was put aside.
//!
//! Plain data and its sentences. Loading makes it, the faces show it; nothing here touches a file.

use std::fmt;

/// One place where a file of the store is damaged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The file, relative to the store.
    pub file: String,
    /// The line, counted from 1; 0 where no single line is meant.
    pub line: u64,
    /// Where the damaged bytes begin.
    pub offset: u64,
    /// How many there are.
    pub length: u64,
    /// What is wrong, and with it what is lost.
    pub harm: Harm,
    /// The copy of the damaged bytes, relative to the store, once a writer has made it.
    pub aside: Option<String>,
}

/// What is wrong with a file, and with it what is lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Harm {
    /// The last line is incomplete: it is being written now, or a crash left it.
    TornTail,
    /// The header line cannot be read; what follows it could be.
    Header,
    /// The checksum of a line does not match its bytes, or it has no meaning.
    Line,
    /// The journal skips from one sequence number to a later one.
    Missing {
        /// The first transaction that is missing.
        from: u64,
        /// The last one.
        to: u64,
    },
    /// A sequence number comes twice or too late; the line was left out.
    OutOfOrder {
        /// The sequence number.
        seq: u64,
    },
    /// The snapshot has fewer or more readable lines than its header says.
    Count {
        /// What the header says.
        expected: u64,
        /// How many could be read.
        found: u64,
    },
    /// The file belongs to another store.
    Stranger,
    /// The whole file is missing.
    Gone,
    /// The file is there, and no line of it can be read.
    Ruined,
}

/// Beyond so many places, damage that lies side by side is named as one place.
const NAMED_ONE_BY_ONE: usize = 16;

/// Adds a damaged place to those that are known. A file of which little is left has so many that they
/// would fill the memory: beyond a number, neighbours are one.
pub(crate) fn note(known: &mut Vec<Damage>, damage: Damage) {
    let many = known.len() >= NAMED_ONE_BY_ONE;
    match known
        .last_mut()
        .filter(|last| many && last.touches(&damage))
    {
        Some(last) => last.length += damage.length,
        None => known.push(damage),
    }
}

impl Damage {
    /// Whether the other one is more of the same, and follows at once.
    fn touches(&self, next: &Self) -> bool {
        self.file == next.file
            && self.harm == next.harm
            && self.aside.is_none()
            && self.offset + self.length == next.offset
    }

    /// Whether the other one is the same place, put aside or not.
    pub(crate) fn is(&self, other: &Self) -> bool {
        (&self.file, self.offset, self.length, &self.harm)
            == (&other.file, other.offset, other.length, &other.harm)
    }

    pub(crate) fn whole(file: &str, harm: Harm) -> Self {
        Self {
            file: file.to_owned(),
            line: 0,
            offset: 0,
            length: 0,
            harm,
            aside: None,
        }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            let end = self.offset + self.length;
            write!(f, ", line {} (bytes {} to {end})", self.line, self.offset)?;
        }
        write!(f, ": {}", self.harm)?;
        if let Some(aside) = &self.aside {
            write!(f, "; the damaged bytes are kept in {aside}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Harm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TornTail => {
                f.write_str("the last line is incomplete and was left out; all before it is intact")
            }
            Self::Header => f.write_str("the header cannot be read; the lines after it were"),
            Self::Line => f.write_str(
                "this line does not match its checksum; what it said is lost, the rest is intact",
            ),
            Self::Missing { from, to } if from == to => {
                write!(f, "transaction {from} is missing; what it changed is lost")
            }
            Self::Missing { from, to } => {
                write!(
                    f,
                    "transactions {from} to {to} are missing; what they changed is lost"
                )
            }
            Self::OutOfOrder { seq } => {
                write!(
                    f,
                    "transaction {seq} comes twice or too late and was left out"
                )
            }
            Self::Count { expected, found } => {
                write!(
                    f,
                    "{found} of {expected} entries and accounts could be read"
                )
            }
            Self::Stranger => f.write_str(
                "it belongs to another store than inventory.jsonl and was not read; put the file back that belongs here",
            ),
            Self::Gone => f.write_str("the file is missing; put it back from a backup"),
            Self::Ruined => f.write_str("nothing of it can be read; put it back from a backup"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_in_ruins_is_named_in_a_bounded_number_of_places() {
        let mut known = Vec::new();
        for line in 1..=5_000 {
            let damage = Damage {
                line,
                offset: line,
                length: 1,
                ..Damage::whole("a", Harm::Line)
            };
            note(&mut known, damage);
        }
        assert_eq!(known.len(), NAMED_ONE_BY_ONE);
        let covered: u64 = known.iter().map(|damage| damage.length).sum();
        assert_eq!(covered, 5_000);
    }
}

//! Counting a timeline as a piece of work that can be done elsewhere.
//!
//! Pure data in, pure data out: of a short list it is done at once, of a long one beside the loop.

use std::fmt;

use crate::domain::rows::Rows;
use crate::domain::timeline::Timeline;

/// Up to so many rows are counted at once.
pub const AT_ONCE: usize = 5_000;

/// The rows to count. [`TimelineWork::run`] does it, wherever that is.
pub struct TimelineWork {
    /// All rows.
    pub rows: Rows,
    /// Those of them that count; all where there is no choice.
    pub chosen: Option<Vec<u32>>,
}

impl TimelineWork {
    /// Counts.
    #[must_use]
    pub fn run(&self) -> Timeline {
        Timeline::of(&self.rows, self.chosen.as_deref())
    }
}

impl fmt::Debug for TimelineWork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TimelineWork({})", self.rows.len())
    }
}

//! How many rows there are of each kind.
//!
//! Pure. Counted while rows are made and kept in step with their changes, so that nobody counts a
//! million rows for a frame.

use std::collections::BTreeMap;

use crate::domain::lifecycle::Phase;

/// The counts, by phase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally([usize; Phase::ALL.len()]);

impl Tally {
    pub(super) fn add(&mut self, phase: Option<Phase>) {
        if let Some(phase) = phase {
            self.0[phase as usize] += 1;
        }
    }

    pub(super) fn remove(&mut self, phase: Option<Phase>) {
        if let Some(phase) = phase {
            let count = &mut self.0[phase as usize];
            *count = count.saturating_sub(1);
        }
    }

    /// Adds what another one counted.
    pub(super) fn take_over(&mut self, other: Self) {
        for (own, others) in self.0.iter_mut().zip(other.0) {
            *own += others;
        }
    }

    /// The counts of the phases that there are.
    pub(super) fn counts(&self) -> BTreeMap<Phase, usize> {
        let counts = Phase::ALL.map(|phase| (phase, self.0[phase as usize]));
        counts.into_iter().filter(|(_, count)| *count > 0).collect()
    }
}

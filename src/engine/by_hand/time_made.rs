//! States that only time makes, such as expired: computed when read, never stored, also when a person
//! says that the panel shows them.
//!
//! Pure. Records and orders ask it.

use crate::domain::lifecycle::{EventRow, Lifecycle, State};

/// The states from which time alone leads here, if nothing else does: such a state is never stored.
pub(super) fn made_by_time<'a>(state: &State, lifecycle: &'a Lifecycle) -> Vec<&'a State> {
    if !only_time_leads_to(&state.id, lifecycle) {
        return Vec::new();
    }
    let rows = lifecycle.events.iter().filter(|row| row.to == state.id);
    let from = rows.flat_map(|row| &row.from);
    from.filter(|id| !only_time_leads_to(id, lifecycle))
        .filter_map(|id| lifecycle.state(id))
        .collect()
}

fn only_time_leads_to(id: &str, lifecycle: &Lifecycle) -> bool {
    let begins = lifecycle.entry_points.iter().any(|point| point.state == id);
    let made = lifecycle.actions.iter().any(|row| {
        row.to.as_deref() == Some(id) || row.makes.as_ref().is_some_and(|makes| makes.state == id)
    });
    let mut rows = lifecycle
        .events
        .iter()
        .filter(|row| row.to == id)
        .peekable();
    !begins && !made && rows.peek().is_some() && rows.all(EventRow::is_made_by_time)
}

//! Where a new entry begins: one state on each track.
//!
//! Pure. The engine asks when it writes an order down, the sandbox when it accepts one.

use super::{Circumstances, Condition, EntryPoint, Lifecycle};

impl Lifecycle {
    /// The states in which a new entry begins, one for each track that is not left out: the one
    /// that was chosen, or the first entry point whose condition holds. A track without any has
    /// no state.
    #[must_use]
    pub fn beginnings(
        &self,
        chosen: &[String],
        without: &[String],
        around: Circumstances,
    ) -> Vec<&str> {
        let tracks = self.tracks.iter();
        let kept = tracks.filter(|track| !(track.optional && without.contains(&track.id)));
        let begins = kept.filter_map(|track| {
            let named = chosen.iter().filter_map(|id| self.state(id));
            let named = named.rev().find(|state| state.track == track.id);
            let usual = self
                .entry_points
                .iter()
                .filter(|point| point.track == track.id)
                .find(|point| point.is_open(around));
            let usual = usual.map(|point| point.state.as_str());
            named.map(|state| state.id.as_str()).or(usual)
        });
        begins.collect()
    }
}

impl EntryPoint {
    /// Whether an entry may begin here. A zone that nobody knows anything of is taken for active.
    #[must_use]
    pub fn is_open(&self, around: Circumstances) -> bool {
        match self.when {
            Some(Condition::ZoneNotActive) => around.zone_active == Some(false),
            Some(Condition::ZoneActive) => around.zone_active != Some(false),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::table;
    use super::*;

    fn begins(chosen: &[&str], without: &[&str], zone_active: Option<bool>) -> Vec<String> {
        let owned = |all: &[&str]| all.iter().map(|&one| one.to_owned()).collect::<Vec<_>>();
        let around = Circumstances {
            zone_active,
            ..Circumstances::default()
        };
        let table = table();
        let states = table.beginnings(&owned(chosen), &owned(without), around);
        states.into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn every_track_begins_where_its_first_open_entry_point_is() {
        assert_eq!(begins(&[], &[], Some(true)), ["host-pending", "active"]);
        assert_eq!(begins(&[], &[], None), ["host-pending", "active"]);
        assert_eq!(begins(&[], &[], Some(false)), ["host-pending", "held"]);
    }

    #[test]
    fn a_product_chooses_a_state_or_leaves_an_optional_track_out() {
        assert_eq!(begins(&["held"], &[], None), ["host-pending", "held"]);
        assert_eq!(begins(&[], &["certificate"], None), ["host-pending"]);
        let all = begins(&[], &["hostname"], None);
        assert_eq!(all, ["host-pending", "active"], "it is not optional");
    }
}

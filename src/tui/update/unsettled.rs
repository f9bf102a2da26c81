//! A request of which nobody knows what came: what the provider holds is shown to choose from.

use crate::engine::command::Candidates;
use crate::tui::model::Model;

/// Opens the list of what the provider holds.
pub(super) fn choose(_model: &mut Model, _candidates: &Candidates) {}

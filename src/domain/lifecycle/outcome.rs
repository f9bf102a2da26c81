//! What came of a request, where only the state after it is seen.
//!
//! Pure. A provider that is polled shows snapshots, and people record what a panel shows; both
//! learn here which event of the table leads to what is seen, and what the list says of it.

use super::{Condition, EventRow, Lifecycle};
use crate::domain::entry::{Entry, StateRef};

impl Lifecycle {
    /// Whether a sentence is a result of this table, and so nothing that the provider said.
    #[must_use]
    pub fn is_result(&self, said: &str) -> bool {
        let results = self.events.iter().filter_map(|row| row.result.as_ref());
        results.chain(&self.not_stated).any(|result| result == said)
    }

    /// What the list shows once `track` is seen in `to`: the result of the one event that leads
    /// there. `names` are those of the certificate, where they can be read. Where several events
    /// lead there and nothing tells them apart, the table's sentence for that.
    #[must_use]
    pub fn result_of(
        &self,
        entry: &Entry,
        track: &str,
        to: &str,
        names: Option<&[String]>,
    ) -> Option<String> {
        let leading = self.leading_to(entry, track, to);
        if leading.iter().all(|row| row.result.is_none()) {
            return None;
        }
        let fitting: Vec<_> = leading
            .iter()
            .filter(|row| names_fit(row.when, entry, names) != Some(false))
            .collect();
        match fitting.as_slice() {
            [only] => only.result.clone(),
            _ => self.not_stated.clone(),
        }
    }

    /// The events that lead a track from where it stands to a state.
    fn leading_to<'a>(&'a self, entry: &Entry, track: &str, to: &str) -> Vec<&'a EventRow> {
        let Some(stands) = entry.tracks.get(track) else {
            return Vec::new();
        };
        let StateRef::Known(from) = &stands.state else {
            return Vec::new();
        };
        let previous = stands.previous.as_ref().map(StateRef::as_str);
        let leads =
            |row: &&EventRow| row.to == to || (row.to == super::PREVIOUS && previous == Some(to));
        let on_track = |row: &&EventRow| row.track == track && row.from.contains(from);
        self.events.iter().filter(on_track).filter(leads).collect()
    }
}

/// Whether the names that are seen are those that the condition speaks of; nothing where the names
/// are not known or the condition does not speak of them. Where nobody wrote down which names were
/// asked for, they are those that the certificate did not have.
fn names_fit(when: Option<Condition>, entry: &Entry, names: Option<&[String]>) -> Option<bool> {
    let names = names?;
    let is_new = |name: &String| !entry.names.contains(name);
    let mut added = names.iter().filter(|name| is_new(name)).peekable();
    let is_there = |name: &String| names.contains(name);
    let (all, none) = if entry.adding.is_empty() {
        (added.peek().is_some(), added.peek().is_none())
    } else {
        let mut asked = entry.adding.iter();
        let all = asked.clone().all(is_there);
        (all, !asked.any(is_there))
    };
    match when? {
        Condition::NamesAdded => Some(all),
        Condition::NamesUnchanged => Some(none),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{adding, entry, table};

    fn result(names: Option<&[&str]>) -> Option<String> {
        let names: Option<Vec<String>> =
            names.map(|names| names.iter().map(|&name| name.to_owned()).collect());
        table().result_of(&adding(), "certificate", "active", names.as_deref())
    }

    #[test]
    fn the_names_tell_which_of_two_events_it_was() {
        let (old, new) = ("www.example.com", "new.example.com");
        assert_eq!(result(Some(&[old, new])).unwrap(), "The names were added.");
        assert_eq!(result(Some(&[old])).unwrap(), "The names were not added.");
        assert_eq!(result(None).unwrap(), "outcome not stated by Sample");
    }

    #[test]
    fn some_of_several_names_tell_nothing() {
        let mut entry = adding();
        entry.adding.push("other.example.com".to_owned());
        let names = ["www.example.com", "new.example.com"].map(str::to_owned);
        let says = table().result_of(&entry, "certificate", "active", Some(&names));
        // Neither all of them are there nor none, so the table's own sentence stands.
        assert_eq!(says.unwrap(), "outcome not stated by Sample");
    }

    #[test]
    fn where_no_event_has_a_result_nothing_is_said() {
        let held = entry(&["host-active", "held"]);
        let says = table().result_of(&held, "certificate", "active", None);
        assert_eq!(says, None);
        assert_eq!(table().result_of(&held, "nowhere", "active", None), None);
    }

    #[test]
    fn where_nobody_wrote_down_what_was_asked_for_new_names_tell() {
        let mut entry = adding();
        entry.adding.clear();
        let result = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
            table().result_of(&entry, "certificate", "active", Some(&names))
        };
        let (old, new) = ("www.example.com", "other.example.com");
        assert_eq!(result(&[old, new]).unwrap(), "The names were added.");
        assert_eq!(result(&[old]).unwrap(), "The names were not added.");
    }
}

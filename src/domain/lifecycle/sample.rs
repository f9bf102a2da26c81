//! A small table with two tracks, a request that has a result, and a zone, for the tests beside it.

use jiff::Timestamp;

use super::Lifecycle;
use crate::domain::entry::{Entry, EntryId, StateRef};

const TABLE: &str = r#"
id         = "sample"
title      = "sample certificate"
provider   = "Sample"
source     = "a test"
zone       = true
not-stated = "outcome not stated by Sample"

[ready]
states = ["host-active", "active"]
dns    = true

[[track]]
id    = "hostname"
title = "Hostname activation"

[[track]]
id       = "certificate"
title    = "Certificate"
optional = true

[[entry]]
state = "host-pending"

[[entry]]
state = "held"
when  = "zone-not-active"

[[entry]]
state = "active"

[state.host-pending]
label = "Pending"
track = "hostname"
phase = "action-needed"
who   = "customer"
says  = "Point it here."

[state.host-active]
label    = "Active"
track    = "hostname"
phase    = "live"
who      = "nobody"
says     = "It is on."
terminal = true

[state.held]
label = "Holding"
track = "certificate"
phase = "in-progress"
who   = "provider"
says  = "It waits for the zone."

[state.active]
label = "Active"
track = "certificate"
phase = "live"
who   = "nobody"
says  = "It serves."

[state.adding]
label = "Adding"
track = "certificate"
phase = "in-progress"
who   = "ca"
says  = "Names are being added."

[[action]]
id    = "add-domain"
from  = ["active"]
to    = "adding"
asks  = ["new-names", "reason"]

[[action]]
id    = "delete"
from  = ["active"]
opens = "a deletion has been submitted, and it cannot be withdrawn"

[[event]]
id    = "pointed"
label = "Pointed here"
from  = ["host-pending"]
to    = "host-active"

[[event]]
id    = "zone-came"
label = "Zone active"
from  = ["held"]
to    = "active"
when  = "zone-active"

[[event]]
id     = "lost"
label  = "The CA was faster"
from   = ["adding"]
to     = "active"
when   = "names-added"
result = "The names were added."

[[event]]
id     = "withdrawn"
label  = "Withdrawn"
from   = ["adding"]
to     = "@previous"
when   = "names-unchanged"
result = "The names were not added."

[[event]]
id      = "deleted"
label   = "Deleted"
from    = ["active"]
to      = "@gone"
answers = "delete"
"#;

/// The table.
pub(super) fn table() -> Lifecycle {
    Lifecycle::parse("sample.toml", TABLE).unwrap()
}

/// An entry that stands there, track by track.
pub(super) fn entry(states: &[&str]) -> Entry {
    let table = table();
    let tracks = states.iter().map(|id| table.state(id).unwrap());
    let tracks = tracks.map(|state| (state.track.as_str(), state.id.as_str()));
    let at = Timestamp::UNIX_EPOCH;
    let mut entry = Entry::on_tracks(EntryId::new("e1"), "shop", "sample", tracks, at);
    entry.names = vec!["www.example.com".to_owned()];
    entry
}

/// An entry to which a name is being added.
pub(super) fn adding() -> Entry {
    let mut entry = entry(&["host-active", "adding"]);
    entry.adding = vec!["new.example.com".to_owned()];
    let track = entry.tracks.get_mut("certificate").unwrap();
    track.previous = Some(StateRef::known("active"));
    entry
}

//! The panel without a terminal: whole sessions as lists of keys and answers, and what a person
//! would see of them.

#![expect(
    clippy::unwrap_used,
    reason = "a test that meets what it does not expect has to stop"
)]

mod asking;
mod bulk;
mod by_hand;
mod driver;
mod findings;
mod fixture;
mod handing;
mod lifecycle;
mod probing;
mod random;
mod screens;
mod stories;
mod sweep;
mod timeline;
mod tracks;
mod tracks_fixture;
mod unsettled;
mod watched;

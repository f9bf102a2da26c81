//! What certdeck knows about certificates, accounts and their lifecycles.
//!
//! Pure: no I/O, no clock, no async, no terminal. The time always comes in as an argument.
//! It may know nothing else of ours; every other module may know it.

pub mod account;
pub mod action;
pub mod bulk;
mod by_key;
pub mod clock_doubt;
pub mod entries;
pub mod entry;
pub mod event;
pub mod gate;
mod halves;
pub mod history;
pub mod inventory;
pub mod key_need;
pub mod lifecycle;
pub mod name;
pub mod nearest;
pub mod need;
pub mod probed;
pub mod query;
pub mod reminder;
pub mod renewal;
pub mod row;
pub mod rows;
pub mod text;
pub mod time;
pub mod timeline;
pub mod urgency;
pub mod wrap;

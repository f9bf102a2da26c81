//! certdeck.

pub mod domain;
pub mod store;

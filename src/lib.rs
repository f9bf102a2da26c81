//! certdeck.

pub mod domain;

//! certdeck

pub mod domain;
pub mod pki;

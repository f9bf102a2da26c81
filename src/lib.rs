//! certdeck

pub mod tui;

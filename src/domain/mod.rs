//! What certdeck is about, without any I/O and without a clock.

pub mod text;

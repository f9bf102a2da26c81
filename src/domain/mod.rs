//! What certdeck knows about certificates, accounts and their lifecycles (pure).

pub mod account;
pub mod entry;
pub mod event;
pub mod time;

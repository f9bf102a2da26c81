//! The order form and the dialogs, used as a person uses them: keys in, outcome out, and the
//! screen as it is drawn.

#![expect(
    clippy::unwrap_used,
    reason = "a fixture that cannot be made fails the test, as it should"
)]

mod accounts;
mod accounts_fixtures;
mod answers;
mod by_hand;
mod desk;
mod dialogs;
mod fixtures;
mod form;
mod hands;
mod random;
mod random_hands;
mod shop;
mod sizes;

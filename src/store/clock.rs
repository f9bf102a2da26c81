//! The one place where the store learns what time it is: when a transaction was written.
//!
//! It may do nothing else. `OpenOptions` carries the clock; tests bring their own.

#![cfg_attr(
    not(test),
    expect(
        clippy::disallowed_methods,
        reason = "the journal's clock is the system's"
    )
)]

use std::sync::Arc;

use jiff::Timestamp;

/// Says what time it is, in UTC.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The system's clock.
#[must_use]
pub fn system_clock() -> Clock {
    Arc::new(Timestamp::now)
}

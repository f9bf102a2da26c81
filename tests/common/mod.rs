//! What several test files share.

pub(crate) mod deck;
pub(crate) mod pty;
pub(crate) mod steer;

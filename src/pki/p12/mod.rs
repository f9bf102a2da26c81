//! PKCS #12 files (RFC 7292): a private key with its certificates, protected by a password.
//!
//! May not: keep a password or a key, or quote anything of them. Called by `bundle`, by import and by
//! the export.

mod read;
pub mod write;

pub use read::{Opened, P12Error, is_p12, open, open_with};

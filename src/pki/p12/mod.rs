//! PKCS #12 files (RFC 7292): a private key with its certificates, protected by a passphrase.
//!
//! May not: keep a passphrase or a key. Called by `bundle` and by import.

mod read;

pub use read::{Opened, P12Error, is_p12, open};

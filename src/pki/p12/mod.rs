//! PKCS#12 (RFC 7292): a key with its certificates in one file with a password.
//!
//! May not: keep a password, or quote anything of key or password. Called by the export.

pub mod write;

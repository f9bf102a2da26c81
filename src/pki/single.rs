//! One certificate where exactly one is expected: what the store or the sandbox's CA wrote.
//!
//! Pure. Files of people's own go through `bundle`, which takes anything.

use super::bundle::{self, Found};
use super::certificate::Certificate;

/// Reads the first certificate of a PEM text.
///
/// # Errors
/// Why there is none, in a sentence.
pub fn read_certificate(pem: &str) -> Result<Certificate, String> {
    for found in bundle::read(pem.as_bytes()) {
        match found {
            Found::Certificate(certificate) => return Ok(*certificate),
            Found::Unreadable { what, why, .. } => return Err(format!("{what}: {why}")),
            _ => {}
        }
    }
    Err("there is no certificate in this text".to_owned())
}

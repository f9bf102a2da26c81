//! X.509, pure: names, keys, requests, certificates, bundles, chains and the sandbox's own CA.
//!
//! May not: touch files, the network, the clock or the environment; every point in time is passed
//! in. The strings of certificates are given as they are: whoever draws them sanitises them
//! (`domain::text`). Called by the store, the providers, the file reader and the faces.

pub mod belong;
pub mod bundle;
pub mod ca;
pub mod certificate;
pub mod chain;
pub mod crl;
pub mod csr;
mod der;
mod describe;
mod dn;
pub mod expanded;
mod extensions;
pub mod findings;
#[cfg(test)]
mod fixtures;
pub mod hash;
pub mod key;
mod labels;
pub mod names;
pub mod p12;
mod pem;
mod pkcs7;
pub mod roots;
pub mod sealed;
mod seen;
mod single;
pub mod subject;

pub use certificate::Certificate;
pub use describe::{AltName, KeyDescription};
pub use key::{KeyType, PrivateKey};
pub use labels::ValidationLevel;
pub use names::CertName;
pub use seen::SeenKey;
pub use single::read_certificate;
pub use subject::Subject;

/// Turns the parser's error into a few words, without its nesting.
fn describe_parse_error(error: &x509_parser::nom::Err<x509_parser::error::X509Error>) -> String {
    use x509_parser::error::X509Error;
    use x509_parser::nom::Err;
    match error {
        Err::Incomplete(_) => "it is cut off".to_owned(),
        // The parser's own words for these name its machinery, not the certificate.
        Err::Error(X509Error::NomError(_) | X509Error::Der(_) | X509Error::Generic)
        | Err::Failure(X509Error::NomError(_) | X509Error::Der(_) | X509Error::Generic) => {
            "its structure is broken".to_owned()
        }
        Err::Error(error) | Err::Failure(error) => error.to_string(),
    }
}

//! What certificates and requests share: their public key and their alternative names, described.
//!
//! May not: judge. Called by `certificate`, `csr` and `key`.

use std::fmt;
use std::net::IpAddr;

use data_encoding::HEXLOWER;
use x509_parser::asn1_rs::Tag;
use x509_parser::extensions::GeneralName;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::der::{self, Elements};
use super::{dn, labels};

/// A public key's algorithm and size.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeyDescription {
    /// `RSA`, `P-256`, `Ed25519`, …; a dotted identifier when the algorithm has no name here.
    pub algorithm: String,
    /// The size in bits; 0 when it is not known.
    pub bits: u32,
}

impl KeyDescription {
    /// `RSA 2048`, `P-256`, `Ed25519`: the size only where the algorithm does not imply it.
    #[must_use]
    pub fn label(&self) -> String {
        match self.algorithm.as_str() {
            name @ ("RSA" | "RSA-PSS" | "DSA" | "EC") if self.bits > 0 => {
                format!("{name} {}", self.bits)
            }
            name => name.to_owned(),
        }
    }

    pub(crate) fn of(spki: &SubjectPublicKeyInfo<'_>) -> Self {
        let oid = labels::dotted(&spki.algorithm.algorithm);
        let curve = spki
            .algorithm
            .parameters
            .as_ref()
            .and_then(|parameters| parameters.clone().oid().ok())
            .and_then(|oid| labels::curve(&labels::dotted(&oid)));
        if let Some((name, bits)) = curve {
            let algorithm = name.to_owned();
            return Self { algorithm, bits };
        }
        match labels::key_algorithm(&oid) {
            Some((name, fixed)) => Self {
                algorithm: name.to_owned(),
                bits: fixed.unwrap_or_else(|| measured_bits(spki)),
            },
            None => Self {
                algorithm: oid,
                bits: 0,
            },
        }
    }
}

impl fmt::Display for KeyDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label())
    }
}

/// `id-RSASSA-PSS`.
const RSA_PSS: &str = "1.2.840.113549.1.1.10";

/// The modulus of an RSA key (RFC 8017 appendix A.1.1); nothing where there is none.
fn modulus(key: &[u8]) -> &[u8] {
    let key = Elements::of(key).one(der::SEQUENCE);
    let modulus = key.and_then(|key| Elements::of(key.content).one(der::INTEGER));
    modulus.map_or(&[], |modulus| modulus.content)
}

fn measured_bits(spki: &SubjectPublicKeyInfo<'_>) -> u32 {
    let bits = match spki.parsed() {
        Ok(PublicKey::RSA(key)) => bits_of_integer(key.modulus),
        Ok(PublicKey::EC(point)) => point.key_size(),
        Ok(PublicKey::DSA(y)) => bits_of_integer(y),
        // The parser knows RSA by its plain identifier alone; of RSA-PSS the key is the same
        // (RFC 4055 section 1.2).
        _ if labels::dotted(&spki.algorithm.algorithm) == RSA_PSS => {
            bits_of_integer(modulus(&spki.subject_public_key.data))
        }
        _ => 0,
    };
    u32::try_from(bits).unwrap_or(0)
}

/// The length of a big-endian integer without its leading zeros.
fn bits_of_integer(bytes: &[u8]) -> usize {
    let Some(first) = bytes.iter().position(|&byte| byte != 0) else {
        return 0;
    };
    let unused = bytes.get(first).map_or(0, |byte| byte.leading_zeros());
    (bytes.len() - first) * 8 - unused as usize
}

/// A subject alternative name (RFC 5280 section 4.2.1.6), as it stands in the certificate: not
/// checked and not sanitised.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AltName {
    /// A DNS name; other scripts are written as `xn--…`.
    Dns(String),
    /// An IP address.
    Ip(IpAddr),
    /// An e-mail address.
    Email(String),
    /// A URI.
    Uri(String),
    /// Anything else, with its kind in front.
    Other(String),
}

impl AltName {
    /// The name without its kind.
    #[must_use]
    pub fn text(&self) -> String {
        self.to_string()
    }

    pub(crate) fn of(name: &GeneralName<'_>) -> Self {
        match name {
            GeneralName::DNSName(text) => Self::Dns((*text).to_owned()),
            GeneralName::RFC822Name(text) => Self::Email((*text).to_owned()),
            GeneralName::URI(text) => Self::Uri((*text).to_owned()),
            GeneralName::IPAddress(bytes) => address(bytes),
            GeneralName::DirectoryName(name) => Self::Other(format!("name {}", dn::to_text(name))),
            GeneralName::OtherName(oid, value) => Self::Other(format!(
                "other name {} {}",
                labels::dotted(oid),
                HEXLOWER.encode(value)
            )),
            GeneralName::RegisteredID(oid) => {
                Self::Other(format!("registered id {}", labels::dotted(oid)))
            }
            GeneralName::X400Address(any) => Self::raw("X.400 address", any.data),
            GeneralName::EDIPartyName(any) => Self::raw("EDI party name", any.data),
            GeneralName::Invalid(tag, bytes) => Self::invalid(*tag, bytes),
        }
    }

    fn raw(kind: &str, bytes: &[u8]) -> Self {
        Self::Other(format!("{kind} {}", HEXLOWER.encode(bytes)))
    }

    /// What the parser could not read: mostly text that is not UTF-8.
    fn invalid(tag: Tag, bytes: &[u8]) -> Self {
        let text = dn::lossless_utf8(bytes);
        match tag.0 {
            1 => Self::Email(text),
            2 => Self::Dns(text),
            6 => Self::Uri(text),
            kind => Self::raw(&format!("unreadable name of kind {kind}"), bytes),
        }
    }
}

impl fmt::Display for AltName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(text) | Self::Email(text) | Self::Uri(text) | Self::Other(text) => {
                f.write_str(text)
            }
            Self::Ip(ip) => ip.fmt(f),
        }
    }
}

fn address(bytes: &[u8]) -> AltName {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return AltName::Ip(IpAddr::from(four));
    }
    match <[u8; 16]>::try_from(bytes) {
        Ok(sixteen) => AltName::Ip(IpAddr::from(sixteen)),
        Err(_) => AltName::raw("IP address of the wrong length", bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leading_zeros_do_not_count() {
        assert_eq!(bits_of_integer(&[0, 0x80, 0]), 16);
        assert_eq!(bits_of_integer(&[0x01, 0]), 9);
        assert_eq!(bits_of_integer(&[0, 0]), 0);
        assert_eq!(bits_of_integer(&[]), 0);
    }

    #[test]
    fn an_address_of_a_wrong_length_is_shown_not_hidden() {
        assert_eq!(
            address(&[192, 0, 2, 1]),
            AltName::Ip("192.0.2.1".parse().unwrap())
        );
        assert_eq!(
            address(&[1, 2, 3]).text(),
            "IP address of the wrong length 010203"
        );
    }

    #[test]
    fn the_size_is_said_only_where_it_is_news() {
        let label = |algorithm: &str, bits| {
            let algorithm = algorithm.to_owned();
            KeyDescription { algorithm, bits }.label()
        };
        assert_eq!(label("RSA", 2048), "RSA 2048");
        assert_eq!(label("P-256", 256), "P-256");
        assert_eq!(label("1.2.3", 0), "1.2.3");
    }
}

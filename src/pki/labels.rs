//! Object identifiers and their names: signature algorithms, curves, attributes, key usages.
//!
//! May not: parse anything. Called by `certificate`, `describe` and `dn`. What is not in a table is
//! shown as its dotted number, never hidden.

use data_encoding::HEXLOWER;
use x509_parser::asn1_rs::Oid;

/// Names of the CA/B Forum's reserved policies (Baseline Requirements 7.1.6.1, EV guidelines 7.1.6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ValidationLevel {
    /// Only the domain was validated.
    Dv,
    /// The organisation was validated.
    Ov,
    /// A person was validated.
    Iv,
    /// Extended validation of the organisation.
    Ev,
}

impl ValidationLevel {
    /// The level that a policy's dotted identifier stands for.
    #[must_use]
    pub fn of_policy(oid: &str) -> Option<Self> {
        match oid {
            "2.23.140.1.2.1" => Some(Self::Dv),
            "2.23.140.1.2.2" => Some(Self::Ov),
            "2.23.140.1.2.3" => Some(Self::Iv),
            "2.23.140.1.1" => Some(Self::Ev),
            _ => None,
        }
    }

    /// The policy's identifier as the content of its DER, the reverse of
    /// [`ValidationLevel::of_policy`].
    pub(crate) fn policy(self) -> &'static [u8] {
        match self {
            Self::Dv => &[0x67, 0x81, 0x0c, 1, 2, 1],
            Self::Ov => &[0x67, 0x81, 0x0c, 1, 2, 2],
            Self::Iv => &[0x67, 0x81, 0x0c, 1, 2, 3],
            Self::Ev => &[0x67, 0x81, 0x0c, 1, 1],
        }
    }

    /// `DV`, `OV`, `IV` or `EV`.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Dv => "DV",
            Self::Ov => "OV",
            Self::Iv => "IV",
            Self::Ev => "EV",
        }
    }
}

/// Longer identifiers than this are no identifiers; they are shown as hexadecimal.
const LONGEST_IDENTIFIER: usize = 64;

/// The dotted form of an object identifier; of one that is broken, its bytes in hexadecimal.
pub(crate) fn dotted(oid: &Oid<'_>) -> String {
    let bytes = oid.as_bytes();
    match arcs(bytes) {
        Some(arcs) => arcs.join("."),
        None => format!("oid:{}", HEXLOWER.encode(bytes)),
    }
}

/// X.690 section 8.19: seven bits a byte, the first two arcs in one number.
fn arcs(bytes: &[u8]) -> Option<Vec<String>> {
    if bytes.is_empty() || bytes.len() > LONGEST_IDENTIFIER || bytes.last()? & 0x80 != 0 {
        return None;
    }
    let mut arcs: Vec<String> = Vec::new();
    let mut value: u128 = 0;
    for byte in bytes {
        value = value.checked_mul(128)? + u128::from(byte & 0x7f);
        if byte & 0x80 != 0 {
            continue;
        }
        if arcs.is_empty() {
            let first = (value / 40).min(2);
            arcs.push(first.to_string());
            value -= first * 40;
        }
        arcs.push(value.to_string());
        value = 0;
    }
    Some(arcs)
}

/// A readable name for a signature algorithm, or the identifier itself.
pub(crate) fn signature_algorithm(oid: &str) -> String {
    let name = match oid {
        "1.2.840.113549.1.1.2" => "MD2 with RSA",
        "1.2.840.113549.1.1.4" => "MD5 with RSA",
        "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" => "SHA-1 with RSA",
        "1.2.840.113549.1.1.10" => "RSA-PSS",
        "1.2.840.113549.1.1.11" => "SHA-256 with RSA",
        "1.2.840.113549.1.1.12" => "SHA-384 with RSA",
        "1.2.840.113549.1.1.13" => "SHA-512 with RSA",
        "1.2.840.113549.1.1.14" => "SHA-224 with RSA",
        "1.2.840.10045.4.1" => "SHA-1 with ECDSA",
        "1.2.840.10045.4.3.1" => "SHA-224 with ECDSA",
        "1.2.840.10045.4.3.2" => "SHA-256 with ECDSA",
        "1.2.840.10045.4.3.3" => "SHA-384 with ECDSA",
        "1.2.840.10045.4.3.4" => "SHA-512 with ECDSA",
        "1.2.840.10040.4.3" => "SHA-1 with DSA",
        "2.16.840.1.101.3.4.3.2" => "SHA-256 with DSA",
        "2.16.840.1.101.3.4.3.17" => "ML-DSA-44",
        "2.16.840.1.101.3.4.3.18" => "ML-DSA-65",
        "2.16.840.1.101.3.4.3.19" => "ML-DSA-87",
        "1.3.101.112" => "Ed25519",
        "1.3.101.113" => "Ed448",
        "1.2.156.10197.1.501" => "SM3 with SM2",
        "1.2.643.7.1.1.3.2" => "GOST R 34.10-2012 (256)",
        "1.2.643.7.1.1.3.3" => "GOST R 34.10-2012 (512)",
        other => other,
    };
    name.to_owned()
}

/// The name and the size in bits of a named curve.
pub(crate) fn curve(oid: &str) -> Option<(&'static str, u32)> {
    Some(match oid {
        "1.2.840.10045.3.1.1" => ("P-192", 192),
        "1.3.132.0.33" => ("P-224", 224),
        "1.2.840.10045.3.1.7" => ("P-256", 256),
        "1.3.132.0.34" => ("P-384", 384),
        "1.3.132.0.35" => ("P-521", 521),
        "1.3.132.0.10" => ("secp256k1", 256),
        "1.3.36.3.3.2.8.1.1.7" => ("brainpoolP256r1", 256),
        "1.3.36.3.3.2.8.1.1.11" => ("brainpoolP384r1", 384),
        "1.3.36.3.3.2.8.1.1.13" => ("brainpoolP512r1", 512),
        "1.2.156.10197.1.301" => ("SM2", 256),
        _ => return None,
    })
}

/// The name and the fixed size in bits, where there is one, of a key algorithm without parameters.
pub(crate) fn key_algorithm(oid: &str) -> Option<(&'static str, Option<u32>)> {
    Some(match oid {
        "1.2.840.113549.1.1.1" => ("RSA", None),
        "1.2.840.113549.1.1.10" => ("RSA-PSS", None),
        "1.2.840.10040.4.1" => ("DSA", None),
        "1.2.840.10045.2.1" => ("EC", None),
        "1.3.101.110" => ("X25519", Some(256)),
        "1.3.101.112" => ("Ed25519", Some(256)),
        "1.3.101.113" => ("Ed448", Some(456)),
        "2.16.840.1.101.3.4.3.17" => ("ML-DSA-44", None),
        "2.16.840.1.101.3.4.3.18" => ("ML-DSA-65", None),
        "2.16.840.1.101.3.4.3.19" => ("ML-DSA-87", None),
        "1.2.643.7.1.1.1.1" => ("GOST R 34.10-2012", Some(256)),
        "1.2.643.7.1.1.1.2" => ("GOST R 34.10-2012", Some(512)),
        _ => return None,
    })
}

/// The short name of an attribute of a distinguished name (RFC 4514 section 3, RFC 4519, and the
/// EV guidelines' jurisdiction attributes), or the identifier itself.
pub(crate) fn attribute(oid: &str) -> &str {
    match oid {
        "2.5.4.3" => "CN",
        "2.5.4.4" => "SN",
        "2.5.4.5" => "serialNumber",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.9" => "STREET",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "2.5.4.12" => "title",
        "2.5.4.15" => "businessCategory",
        "2.5.4.17" => "postalCode",
        "2.5.4.42" => "GN",
        "2.5.4.46" => "dnQualifier",
        "2.5.4.97" => "organizationIdentifier",
        "0.9.2342.19200300.100.1.1" => "UID",
        "0.9.2342.19200300.100.1.25" => "DC",
        "1.2.840.113549.1.9.1" => "emailAddress",
        "1.3.6.1.4.1.311.60.2.1.1" => "jurisdictionL",
        "1.3.6.1.4.1.311.60.2.1.2" => "jurisdictionST",
        "1.3.6.1.4.1.311.60.2.1.3" => "jurisdictionC",
        other => other,
    }
}

/// The name of an extended key usage that the parser leaves as an identifier, or the identifier.
pub(crate) fn extended_key_usage(oid: &str) -> String {
    let name = match oid {
        "1.3.6.1.5.5.7.3.17" => "ipsecIKE",
        "1.3.6.1.5.2.3.5" => "kerberosKDC",
        "1.3.6.1.4.1.311.20.2.2" => "smartcardLogon",
        "1.3.6.1.4.1.311.10.3.3" => "serverGatedCrypto",
        "2.16.840.1.113730.4.1" => "netscapeServerGatedCrypto",
        other => other,
    };
    name.to_owned()
}

/// The name of an extension of certificates or revocation lists.
pub(crate) fn extension(oid: &str) -> Option<&'static str> {
    Some(match oid {
        "2.5.29.9" => "Subject directory attributes",
        "2.5.29.14" => "Subject key identifier",
        "2.5.29.15" => "Key usage",
        "2.5.29.16" => "Private key usage period",
        "2.5.29.17" => "Subject alternative names",
        "2.5.29.18" => "Issuer alternative names",
        "2.5.29.19" => "Basic constraints",
        "2.5.29.20" => "CRL number",
        "2.5.29.30" => "Name constraints",
        "2.5.29.31" => "CRL distribution points",
        "2.5.29.32" => "Certificate policies",
        "2.5.29.33" => "Policy mappings",
        "2.5.29.35" => "Authority key identifier",
        "2.5.29.36" => "Policy constraints",
        "2.5.29.37" => "Extended key usage",
        "2.5.29.46" => "Freshest CRL",
        "2.5.29.54" => "Inhibit anyPolicy",
        "1.3.6.1.5.5.7.1.1" => "Authority information access",
        "1.3.6.1.5.5.7.1.3" => "Qualified certificate statements",
        "1.3.6.1.5.5.7.1.11" => "Subject information access",
        "1.3.6.1.5.5.7.1.24" => "TLS feature (OCSP must-staple)",
        "1.3.6.1.5.5.7.48.1.5" => "OCSP no check",
        "1.3.6.1.4.1.11129.2.4.2" => "Signed certificate timestamps",
        "1.3.6.1.4.1.11129.2.4.3" => "Precertificate poison",
        "1.3.6.1.4.1.311.20.2" => "Microsoft certificate template name",
        "1.3.6.1.4.1.311.21.1" => "Microsoft CA version",
        "1.3.6.1.4.1.311.21.7" => "Microsoft certificate template",
        "1.3.6.1.4.1.311.21.10" => "Microsoft application policies",
        "2.16.840.1.113730.1.1" => "Netscape certificate type",
        "2.16.840.1.113730.1.13" => "Netscape comment",
        _ => return None,
    })
}

/// The key usages of RFC 5280 section 4.2.1.3 in the order of their bits.
pub(crate) const KEY_USAGES: [&str; 9] = [
    "digitalSignature",
    "contentCommitment",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "cRLSign",
    "encipherOnly",
    "decipherOnly",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_validation_levels_know_their_policies_both_ways() {
        for level in [
            ValidationLevel::Dv,
            ValidationLevel::Ov,
            ValidationLevel::Iv,
            ValidationLevel::Ev,
        ] {
            let dotted = dotted(&Oid::new(level.policy().into()));
            assert_eq!(ValidationLevel::of_policy(&dotted), Some(level));
        }
        assert_eq!(ValidationLevel::of_policy("1.2.3"), None);
    }

    #[test]
    fn identifiers_are_written_with_dots_and_broken_ones_are_not_hidden() {
        let dotted = |bytes: &'static [u8]| dotted(&Oid::new(bytes.into()));
        assert_eq!(
            dotted(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1]),
            "1.2.840.10045.2.1"
        );
        assert_eq!(dotted(&[0x67, 0x81, 0x0c, 1, 2, 1]), "2.23.140.1.2.1");
        assert_eq!(dotted(&[0x88, 0x37, 3]), "2.999.3");
        assert_eq!(dotted(&[]), "oid:");
        assert_eq!(dotted(&[0x2a, 0x86]), "oid:2a86");
        assert_eq!(dotted(&[0xff; 40]), format!("oid:{}", "ff".repeat(40)));
    }

    #[test]
    fn what_has_no_name_is_shown_as_its_number() {
        assert_eq!(signature_algorithm("1.2.3.4"), "1.2.3.4");
        assert_eq!(attribute("1.2.3.4"), "1.2.3.4");
        assert_eq!(extended_key_usage("1.2.3.4"), "1.2.3.4");
    }
}

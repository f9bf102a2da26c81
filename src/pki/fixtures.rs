//! Certificates for tests that no library would make: every part of the DER can be chosen, and the
//! signature is nonsense. Also hostile but well-formed ones.
//!
//! Called by the tests of this module, and by those in `tests/reading`.

use rcgen::string::Ia5String;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, SanType};

/// One DER element.
pub(super) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut der = vec![tag];
    match u16::try_from(content.len()).unwrap() {
        short @ 0..=0x7f => der.push(u8::try_from(short).unwrap()),
        middle @ 0x80..=0xff => der.extend([0x81, u8::try_from(middle).unwrap()]),
        long => {
            der.push(0x82);
            der.extend(long.to_be_bytes());
        }
    }
    der.extend_from_slice(content);
    der
}

pub(super) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

/// A name with one attribute (`2.5.4.x`) whose value is any DER.
pub(super) fn name(attribute: u8, value: &[u8]) -> Vec<u8> {
    let pair = sequence(&[&[0x06, 3, 0x55, 4, attribute], value]);
    sequence(&[&tlv(0x31, &pair)])
}

/// An extension (`2.5.29.x`).
pub(super) fn extension(kind: u8, value: &[u8]) -> Vec<u8> {
    sequence(&[&[0x06, 3, 0x55, 0x1d, kind], &tlv(0x04, value)])
}

/// The parts of a certificate, each as finished DER.
pub(super) struct Parts {
    pub(super) version: Vec<u8>,
    pub(super) serial: Vec<u8>,
    pub(super) issuer: Vec<u8>,
    pub(super) not_before: Vec<u8>,
    pub(super) not_after: Vec<u8>,
    pub(super) subject: Vec<u8>,
    pub(super) algorithm: Vec<u8>,
    pub(super) spki: Vec<u8>,
    pub(super) extensions: Vec<u8>,
}

impl Default for Parts {
    fn default() -> Self {
        let point = [&[0, 4][..], &[9; 64]].concat();
        let ec = sequence(&[
            &[0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1],
            &[0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7],
        ]);
        Self {
            version: vec![0xa0, 3, 2, 1, 2],
            serial: vec![2, 1, 5],
            issuer: name(3, &tlv(0x0c, b"issuer")),
            not_before: tlv(0x17, b"260101000000Z"),
            not_after: tlv(0x17, b"270101000000Z"),
            subject: name(3, &tlv(0x0c, b"subject")),
            algorithm: sequence(&[&[0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]]),
            spki: sequence(&[&ec, &tlv(0x03, &point)]),
            extensions: Vec::new(),
        }
    }
}

impl Parts {
    pub(super) fn der(&self) -> Vec<u8> {
        let extensions = if self.extensions.is_empty() {
            Vec::new()
        } else {
            tlv(0xa3, &sequence(&[&self.extensions]))
        };
        let signed = sequence(&[
            &self.version,
            &self.serial,
            &self.algorithm,
            &self.issuer,
            &sequence(&[&self.not_before, &self.not_after]),
            &self.subject,
            &self.spki,
            &extensions,
        ]);
        sequence(&[&signed, &self.algorithm, &[0x03, 3, 0, 1, 2]])
    }
}

/// A good, self-signed certificate with any common name and any DNS names, as DER.
pub(super) fn self_signed(common_name: &str, names: &[&str]) -> Vec<u8> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    params.subject_alt_names = names
        .iter()
        .map(|name| SanType::DnsName(Ia5String::try_from(*name).unwrap()))
        .collect();
    let key = KeyPair::generate().unwrap();
    params.self_signed(&key).unwrap().der().to_vec()
}

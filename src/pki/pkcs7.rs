//! PKCS #7 bundles (RFC 2315, RFC 5652), the `.p7b` files in which some CAs hand out chains.
//!
//! Only the certificates and revocation lists in them are of interest; nothing in them is secret.
//! May not: look at what they sign, if anything. Called by `bundle`.

use super::der::{self, Elements};

/// `signedData` (RFC 2315 section 14).
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
/// The set of certificates, and the set of revocation lists (RFC 5652 section 5.1).
const CERTIFICATES: u8 = 0xa0;
const LISTS: u8 = 0xa1;
const SET: u8 = 0x31;

/// What lies in a bundle, each as DER.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Bundle<'a> {
    pub(super) certificates: Vec<&'a [u8]>,
    pub(super) lists: Vec<&'a [u8]>,
}

/// Reads a bundle; nothing where it is none, or not in DER.
pub(super) fn read(bytes: &[u8]) -> Option<Bundle<'_>> {
    let outer = Elements::of(bytes).one(der::SEQUENCE)?;
    let mut outer = Elements::of(outer.content);
    if outer.one(der::OBJECT_IDENTIFIER)?.content != SIGNED_DATA {
        return None;
    }
    let content = outer.one(der::CONTEXT_0)?;
    let signed = Elements::of(content.content).one(der::SEQUENCE)?;
    let mut parts = Elements::of(signed.content);
    parts.one(der::INTEGER)?;
    parts.one(SET)?;
    parts.one(der::SEQUENCE)?;
    let mut all = |tag| -> Vec<&[u8]> {
        let set = parts.one(tag);
        let set = set.into_iter().flat_map(|set| Elements::of(set.content));
        set.filter(|one| one.tag == der::SEQUENCE)
            .map(|one| one.raw)
            .collect()
    };
    Some(Bundle {
        certificates: all(CERTIFICATES),
        lists: all(LISTS),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_and_lists_are_taken_and_what_is_signed_is_not() {
        let one = der::element(der::SEQUENCE, b"one");
        let list = der::element(der::SEQUENCE, b"list");
        let signed = [
            der::element(der::INTEGER, &[1]),
            der::element(SET, &[]),
            der::element(der::SEQUENCE, b"signed"),
            der::element(CERTIFICATES, &one),
            der::element(LISTS, &list),
            der::element(SET, &[]),
        ]
        .concat();
        let content = der::element(der::CONTEXT_0, &der::element(der::SEQUENCE, &signed));
        let oid = der::element(der::OBJECT_IDENTIFIER, SIGNED_DATA);
        let bytes = der::element(der::SEQUENCE, &[oid, content].concat());
        let found = read(&bytes).unwrap();
        assert_eq!(found.certificates, [&one[..]]);
        assert_eq!(found.lists, [&list[..]]);
        assert_eq!(read(&bytes[..bytes.len() - 1]), None);
    }
}

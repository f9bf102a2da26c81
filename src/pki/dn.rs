//! Distinguished names and the strings in them, as text.
//!
//! May not: lose anything. What is not text is shown as escapes or hexadecimal. The result is not
//! sanitised for a terminal. Called by `certificate`, `csr` and `describe`.

use std::fmt::Write as _;

use data_encoding::HEXLOWER;
use x509_parser::asn1_rs::Tag;
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

use super::labels;

/// Dotted identifiers of the attributes that are asked for by themselves (RFC 4519).
pub(crate) const COMMON_NAME: &str = "2.5.4.3";
pub(crate) const ORGANIZATION: &str = "2.5.4.10";
pub(crate) const ORGANIZATIONAL_UNIT: &str = "2.5.4.11";

/// The whole name in the manner of RFC 4514: the most specific part first, `,` between the parts,
/// `+` between the attributes of one part, special characters escaped with `\`.
pub(crate) fn to_text(name: &X509Name<'_>) -> String {
    let mut parts: Vec<String> = name
        .iter_rdn()
        .map(|part| {
            let attributes: Vec<String> = part.iter().map(attribute_to_text).collect();
            attributes.join("+")
        })
        .collect();
    parts.reverse();
    parts.join(",")
}

/// The last, that is the most specific, value of an attribute with this dotted identifier that is
/// not empty.
pub(crate) fn value_of(name: &X509Name<'_>, dotted: &str) -> Option<String> {
    name.iter_attributes()
        .filter(|attribute| labels::dotted(attribute.attr_type()) == dotted)
        .filter_map(|attribute| string_of(attribute))
        .filter(|value| !value.trim().is_empty())
        .last()
}

fn attribute_to_text(attribute: &AttributeTypeAndValue<'_>) -> String {
    let oid = labels::dotted(attribute.attr_type());
    let value = match string_of(attribute) {
        Some(text) => escape(&text),
        None => format!("#{}", HEXLOWER.encode(attribute.as_slice())),
    };
    format!("{}={value}", labels::attribute(&oid))
}

/// The value as text; `None` when its type is no string.
fn string_of(attribute: &AttributeTypeAndValue<'_>) -> Option<String> {
    let bytes = attribute.as_slice();
    Some(match attribute.attr_value().tag() {
        Tag::Utf8String
        | Tag::PrintableString
        | Tag::NumericString
        | Tag::Ia5String
        | Tag::VisibleString => lossless_utf8(bytes),
        // T.61 itself is hardly ever meant: those who wrote it wrote Latin-1.
        Tag::T61String | Tag::GeneralString => bytes.iter().map(|&byte| char::from(byte)).collect(),
        Tag::BmpString => decode_utf16(bytes),
        Tag::UniversalString => decode_utf32(bytes),
        _ => return None,
    })
}

/// UTF-8 with every wrong byte shown as `\xNN`.
pub(crate) fn lossless_utf8(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a string cannot fail.
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

fn decode_utf16(bytes: &[u8]) -> String {
    let units = bytes.chunks(2).map(|pair| match *pair {
        [high, low] => u16::from_be_bytes([high, low]),
        _ => 0xfffd,
    });
    char::decode_utf16(units)
        .map(|decoded| decoded.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

fn decode_utf32(bytes: &[u8]) -> String {
    bytes
        .chunks(4)
        .map(|unit| {
            <[u8; 4]>::try_from(unit)
                .ok()
                .and_then(|unit| char::from_u32(u32::from_be_bytes(unit)))
                .unwrap_or(char::REPLACEMENT_CHARACTER)
        })
        .collect()
}

/// RFC 4514 section 2.4, without the escaping of non-ASCII letters.
fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    let last = value.chars().count().saturating_sub(1);
    for (index, c) in value.chars().enumerate() {
        let special = matches!(c, ',' | '+' | '"' | '\\' | '<' | '>' | ';');
        let at_the_edge = (index == 0 && matches!(c, ' ' | '#')) || (index == last && c == ' ');
        if special || at_the_edge {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_characters_are_escaped_where_they_would_mislead() {
        assert_eq!(escape("Example, Inc."), "Example\\, Inc.");
        assert_eq!(escape("#1 "), "\\#1\\ ");
        assert_eq!(escape("a+b=c"), "a\\+b=c");
    }

    #[test]
    fn bytes_that_are_no_text_stay_visible() {
        assert_eq!(lossless_utf8(b"caf\xe9 \xff"), "caf\\xe9 \\xff");
        assert_eq!(decode_utf16(&[0, b'a', 0xd8, 0]), "a\u{fffd}");
        assert_eq!(decode_utf32(&[0, 0, 0, b'a', 1]), "a\u{fffd}");
    }
}

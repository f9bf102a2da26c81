//! Names as people read them: IDN in its own script beside the punycode that certificates carry.
//!
//! Pure. Searching and naming an entry accept both forms; the faces show both.

use std::borrow::Cow;

/// The Unicode form of an ASCII name, where it has one that can be decoded; else the name itself.
///
/// Source: RFC 5891, section 4.4 (punycode conversion), by way of UTS 46.
#[must_use]
pub fn unicode(ascii: &str) -> Cow<'_, str> {
    if !ascii.contains("xn--") {
        return Cow::Borrowed(ascii);
    }
    let (star, bare) = match ascii.strip_prefix("*.") {
        Some(bare) => ("*.", bare),
        None => ("", ascii),
    };
    let (decoded, outcome) = idna::domain_to_unicode(bare);
    match outcome {
        Ok(()) => Cow::Owned(format!("{star}{decoded}")),
        Err(_) => Cow::Borrowed(ascii),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_scripts_are_read_and_others_stay() {
        assert_eq!(unicode("xn--bcher-kva.example"), "bücher.example");
        assert_eq!(unicode("*.xn--bcher-kva.example"), "*.bücher.example");
        assert_eq!(unicode("www.example.com"), "www.example.com");
        assert_eq!(unicode("xn--\u{1b}[31m.example"), "xn--\u{1b}[31m.example");
        assert!(matches!(unicode("www.example.com"), Cow::Borrowed(_)));
    }
}

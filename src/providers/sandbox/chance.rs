//! The sandbox's luck: numbers that hang on its seed and on what they are for, and on nothing
//! else, so that the order in which things are asked makes no difference.

use crate::pki::hash::sha256;

/// A number from 0 up to (not including) 1, always the same for the same seed and purpose.
pub(super) fn fraction(seed: u64, purpose: &[&str]) -> f64 {
    // 53 bits fit a float exactly.
    let bits = number(seed, purpose) >> 11;
    #[expect(
        clippy::cast_precision_loss,
        reason = "53 bits fit the mantissa of a float"
    )]
    let fraction = bits as f64 / (1_u64 << 53) as f64;
    fraction
}

/// A number, always the same for the same seed and purpose.
pub(super) fn number(seed: u64, purpose: &[&str]) -> u64 {
    let digest = bytes(seed, purpose);
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    u64::from_be_bytes(first)
}

/// 32 hexadecimal digits, always the same for the same seed and purpose.
pub(super) fn token(seed: u64, purpose: &[&str]) -> String {
    let number = |part: &str| number(seed, &[purpose, &[part]].concat());
    format!("{:016x}{:016x}", number("first"), number("second"))
}

/// 32 bytes, always the same for the same seed and purpose.
pub(super) fn bytes(seed: u64, purpose: &[&str]) -> [u8; 32] {
    let mut text = seed.to_string();
    for part in purpose {
        // A separator that no part holds, so that ["a", "bc"] is not ["ab", "c"].
        text.push('\0');
        text.push_str(part);
    }
    sha256(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luck_is_repeatable_and_fair() {
        assert_eq!(number(1, &["a", "b"]), number(1, &["a", "b"]));
        assert_ne!(number(1, &["a", "b"]), number(2, &["a", "b"]));
        assert_ne!(number(1, &["a", "bc"]), number(1, &["ab", "c"]));
        let below_a_fifth = (0..2_000)
            .filter(|index| fraction(7, &["race", &index.to_string()]) < 0.2)
            .count();
        assert!(
            (300..500).contains(&below_a_fifth),
            "{below_a_fifth} of 2000"
        );
    }
}

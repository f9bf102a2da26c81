//! The skeleton of DER (X.690): one element after the other, without a copy and without recursion.
//!
//! For what has to be walked rather than understood: revocation lists with a million entries,
//! containers, extensions that nobody knows. Takes definite lengths and tags of one byte, which is
//! all that X.509 uses. May not: fail loudly; what is no element is `None`. Called by the readers
//! beside it.

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const UTC_TIME: u8 = 0x17;
pub(super) const GENERALIZED_TIME: u8 = 0x18;
/// The constructed, context-specific tag 0, with which optional parts begin.
pub(super) const CONTEXT_0: u8 = 0xa0;

/// One element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Element<'a> {
    /// Its tag, class and form included.
    pub(super) tag: u8,
    /// What it holds.
    pub(super) content: &'a [u8],
    /// All of it, tag and length included.
    pub(super) raw: &'a [u8],
}

/// Elements that lie behind one another.
#[derive(Clone, Debug)]
pub(super) struct Elements<'a> {
    rest: &'a [u8],
}

impl<'a> Elements<'a> {
    /// The elements of these bytes.
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What is not read yet.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next element if it has this tag; otherwise nothing is taken.
    pub(super) fn one(&mut self, tag: u8) -> Option<Element<'a>> {
        self.one_if(|found| found == tag)
    }

    /// The next element if its tag is right; otherwise nothing is taken.
    pub(super) fn one_if(&mut self, is_right: impl Fn(u8) -> bool) -> Option<Element<'a>> {
        let (element, rest) = first(self.rest)?;
        if !is_right(element.tag) {
            return None;
        }
        self.rest = rest;
        Some(element)
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    /// The next element; nothing where the bytes end or are none.
    fn next(&mut self) -> Option<Element<'a>> {
        self.one_if(|_| true)
    }
}

/// The element at the beginning of the bytes, and what follows it.
pub(super) fn first(bytes: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (&tag, after) = bytes.split_first()?;
    // Tags of several bytes occur nowhere in X.509.
    if tag & 0x1f == 0x1f {
        return None;
    }
    let (&short, after) = after.split_first()?;
    let (length, after) = match short {
        0..=0x7f => (usize::from(short), after),
        0x81..=0x84 => long_length(usize::from(short & 0x7f), after)?,
        _ => return None,
    };
    let content = after.get(..length)?;
    let rest = after.get(length..)?;
    let raw = bytes.get(..bytes.len() - rest.len())?;
    Some((Element { tag, content, raw }, rest))
}

fn long_length(digits: usize, bytes: &[u8]) -> Option<(usize, &[u8])> {
    let length = bytes.get(..digits)?;
    let length = length.iter().try_fold(0_usize, |sum, byte| {
        sum.checked_mul(256)?.checked_add(usize::from(*byte))
    })?;
    Some((length, bytes.get(digits..)?))
}

/// Writes one element.
pub(super) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let used = length.iter().skip_while(|byte| **byte == 0);
    let used: Vec<u8> = used.copied().collect();
    let mut der = vec![tag];
    match used.as_slice() {
        [] => der.push(0),
        [one] if *one < 0x80 => der.push(*one),
        several => {
            der.push(0x80 | u8::try_from(several.len()).unwrap_or(8));
            der.extend_from_slice(several);
        }
    }
    der.extend_from_slice(content);
    der
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_walked_again() {
        for length in [0, 1, 127, 128, 255, 256, 65_535, 65_536] {
            let content = vec![7; length];
            let der = [element(OCTET_STRING, &content), element(INTEGER, &[5])].concat();
            let mut walk = Elements::of(&der);
            assert_eq!(walk.one(INTEGER), None, "nothing is taken by a wrong tag");
            let found = walk.one(OCTET_STRING).unwrap();
            assert_eq!(
                (found.content, found.raw.len()),
                (&content[..], der.len() - 3)
            );
            assert_eq!(walk.next().unwrap().content, [5]);
            assert!(walk.next().is_none() && walk.rest().is_empty());
        }
    }

    #[test]
    fn what_is_cut_off_or_no_der_is_nothing() {
        for wrong in [
            &[][..],
            &[0x30],
            &[0x30, 1],
            &[0x30, 0x80, 0, 0],
            &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0],
            &[0x30, 0x85, 0, 0, 0, 0, 0],
            &[0x1f, 0x81, 1, 0],
        ] {
            assert!(first(wrong).is_none(), "{wrong:02x?}");
        }
    }
}

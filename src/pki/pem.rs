//! The PEM armour (RFC 7468), read leniently and written strictly.
//!
//! Reading finds blocks anywhere in any bytes, in one pass, and never decodes what nobody asked
//! for, so a private key that lies in a bundle is seen but not copied. May not: know what a block
//! contains. Called by `key`, `csr` and `bundle`.

use data_encoding::BASE64;
use memchr::memmem;
use zeroize::Zeroizing;

const DASHES: &[u8] = b"-----";
const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
/// Longer than any label in use; a bound, so that a search for a label's end stays short.
const LONGEST_LABEL: usize = 80;
/// RFC 7468 section 2: lines of 64 characters.
const LINE_LENGTH: usize = 64;

/// What a scan found, in the order of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Item<'a> {
    /// A block with its beginning and its end.
    Block(Block<'a>),
    /// A beginning without a matching end.
    Broken {
        label: &'a str,
        line: usize,
        why: String,
    },
}

/// One armoured block; its body is still text.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Block<'a> {
    /// What stands between `BEGIN ` and the dashes.
    pub(crate) label: &'a str,
    /// The line of the beginning, counted from 1.
    pub(crate) line: usize,
    body: &'a [u8],
}

impl std::fmt::Debug for Block<'_> {
    /// Without the body, which may be a private key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Block")
            .field("label", &self.label)
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

impl Block<'_> {
    /// `true` when the header lines of RFC 1421 say that the body is encrypted.
    pub(crate) fn is_encrypted(&self) -> bool {
        memmem::find(self.body, b"ENCRYPTED").is_some()
    }

    /// Decodes the body; the error says in a few words what is wrong with it.
    pub(crate) fn decode(&self) -> Result<Zeroizing<Vec<u8>>, String> {
        let text = self.base64_characters();
        if text.is_empty() {
            return Err("there is nothing between its BEGIN and END lines".to_owned());
        }
        BASE64
            .decode(&text)
            .map(Zeroizing::new)
            .map_err(|error| describe_base64(&error, &text))
    }

    /// The body without white space and without header lines such as `Proc-Type: 4,ENCRYPTED`.
    fn base64_characters(&self) -> Zeroizing<Vec<u8>> {
        // One allocation of the right size: growing would leave copies of a key behind.
        let mut text = Zeroizing::new(Vec::with_capacity(self.body.len()));
        for line in self.body.split(|&byte| byte == b'\n' || byte == b'\r') {
            if !line.contains(&b':') {
                text.extend(line.iter().filter(|byte| !byte.is_ascii_whitespace()));
            }
        }
        text
    }
}

fn describe_base64(error: &data_encoding::DecodeError, text: &[u8]) -> String {
    let at = text.get(error.position).copied();
    match (error.kind, at) {
        (data_encoding::DecodeKind::Symbol, Some(byte)) => format!(
            "its text is not base64: {:?} stands at character {}",
            char::from(byte),
            error.position + 1
        ),
        (data_encoding::DecodeKind::Length, _) => {
            "its base64 text is cut off: characters are missing".to_owned()
        }
        _ => format!(
            "its base64 text is damaged near character {}",
            error.position + 1
        ),
    }
}

/// Writes one block: LF line ends, 64 characters to the line.
pub(crate) fn encode(label: &str, der: &[u8]) -> String {
    let body = Zeroizing::new(BASE64.encode(der));
    let lines = body.len().div_ceil(LINE_LENGTH);
    let armour = "-----BEGIN -----\n-----END -----\n".len() + 2 * label.len();
    // Exact, so that a key's text is never moved and left behind in freed memory.
    let mut text = String::with_capacity(body.len() + lines + armour);
    text.push_str("-----BEGIN ");
    text.push_str(label);
    text.push_str("-----\n");
    let mut rest = body.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(LINE_LENGTH));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text.push_str("-----END ");
    text.push_str(label);
    text.push_str("-----\n");
    text
}

/// Finds every block of the input, in time linear in its length.
pub(crate) fn scan(input: &[u8]) -> Vec<Item<'_>> {
    let mut scanner = Scanner {
        input,
        position: 0,
        counted_to: 0,
        line: 1,
    };
    std::iter::from_fn(|| scanner.next_item()).collect()
}

struct Scanner<'a> {
    input: &'a [u8],
    position: usize,
    /// Lines are counted up to here, so that no byte is counted twice.
    counted_to: usize,
    line: usize,
}

impl<'a> Scanner<'a> {
    fn next_item(&mut self) -> Option<Item<'a>> {
        loop {
            let start = self.find(BEGIN)?;
            let line = self.line_of(start);
            self.position = start + BEGIN.len();
            if let Some(label) = self.label() {
                return Some(self.block(label, line));
            }
        }
    }

    /// Reads the label at the position and steps behind its dashes; `None`: this is no label.
    fn label(&mut self) -> Option<&'a str> {
        let rest = self.input.get(self.position..)?;
        let window = rest.get(..LONGEST_LABEL).unwrap_or(rest);
        let length = memmem::find(window, DASHES)?;
        let label = std::str::from_utf8(window.get(..length)?).ok()?;
        let plain = |c: char| c.is_ascii_graphic() || c == ' ';
        if label.is_empty() || !label.chars().all(plain) {
            return None;
        }
        self.position += length + DASHES.len();
        Some(label)
    }

    fn block(&mut self, label: &'a str, line: usize) -> Item<'a> {
        let start = self.position;
        let Some(stop) = self.find(DASHES) else {
            self.position = self.input.len();
            return broken(label, line, "the text ends before its END line".to_owned());
        };
        // The position stays at these dashes: if they begin a block, that block is not lost.
        self.position = stop;
        let body = self.input.get(start..stop).unwrap_or_default();
        let rest = self.input.get(stop..).unwrap_or_default();
        if rest.starts_with(BEGIN) {
            return broken(
                label,
                line,
                "another block begins before its END line".to_owned(),
            );
        }
        self.position = stop + DASHES.len();
        if !rest.starts_with(END) {
            return broken(
                label,
                line,
                "dashes stand where its base64 text should go on".to_owned(),
            );
        }
        self.position = stop + END.len();
        match self.label() {
            Some(end) if end == label => Item::Block(Block { label, line, body }),
            Some(end) => {
                // The dashes behind a wrong label may be those of the next beginning.
                self.position = stop + END.len();
                broken(label, line, format!("its END line says {end:?}"))
            }
            None => broken(label, line, "its END line is damaged".to_owned()),
        }
    }

    fn find(&self, needle: &[u8]) -> Option<usize> {
        let rest = self.input.get(self.position..)?;
        memmem::find(rest, needle).map(|offset| self.position + offset)
    }

    fn line_of(&mut self, offset: usize) -> usize {
        let passed = self.input.get(self.counted_to..offset).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', passed).count();
        self.counted_to = offset;
        self.line
    }
}

fn broken(label: &str, line: usize, why: String) -> Item<'_> {
    Item::Broken { label, line, why }
}

/// Text as some Windows tools save it, with its byte order mark; `None` for everything else.
pub(crate) fn decode_utf16(bytes: &[u8]) -> Option<String> {
    let (order, units): (fn([u8; 2]) -> u16, _) = match bytes {
        [0xff, 0xfe, units @ ..] => (u16::from_le_bytes, units),
        [0xfe, 0xff, units @ ..] => (u16::from_be_bytes, units),
        _ => return None,
    };
    let units = units
        .chunks_exact(2)
        .filter_map(|pair| <[u8; 2]>::try_from(pair).ok())
        .map(order);
    Some(
        char::decode_utf16(units)
            .map(|decoded| decoded.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only_block(input: &[u8]) -> Block<'_> {
        match scan(input).as_slice() {
            [Item::Block(block)] => block.clone(),
            other => panic!("expected one block, found {other:?}"),
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for length in [1_usize, 47, 48, 49, 500] {
            let bytes = vec![7_u8; length];
            let text = encode("CERTIFICATE", &bytes);
            assert_eq!(text.capacity(), text.len(), "a key's text is not moved");
            assert!(text.lines().all(|line| line.len() <= LINE_LENGTH));
            assert_eq!(
                only_block(text.as_bytes()).decode().unwrap().as_slice(),
                bytes
            );
        }
    }

    #[test]
    fn carriage_returns_indentation_and_a_single_line_do_no_harm() {
        let text = encode(
            "X",
            b"some bytes that are longer than one line of sixty-four characters",
        );
        for odd in [
            text.replace('\n', "\r\n"),
            text.replace('\n', "\n   "),
            text.replace('\n', " "),
            format!("\u{feff}{text}"),
            format!("subject=CN = x\n{text}\nmore words"),
        ] {
            let block = only_block(odd.as_bytes());
            assert!(block.decode().unwrap().starts_with(b"some bytes"), "{odd}");
        }
    }

    #[test]
    fn the_line_of_a_block_is_counted() {
        let text = format!("one\ntwo\n{}", encode("X", b"abc"));
        assert_eq!(only_block(text.as_bytes()).line, 3);
    }

    #[test]
    fn a_block_without_an_end_does_not_swallow_the_next() {
        let text = format!("-----BEGIN X-----\nAAAA\n{}", encode("Y", b"abc"));
        let items = scan(text.as_bytes());
        assert!(
            matches!(&items[0], Item::Broken { label: "X", line: 1, why } if why.contains("another block"))
        );
        assert!(matches!(&items[1], Item::Block(block) if block.label == "Y"));
    }

    #[test]
    fn a_damaged_end_line_does_not_swallow_the_next_block() {
        let good = encode("Y", b"abc");
        for end in [
            "-----END X----?",
            "-----END X-----Z",
            "-----END Z-----",
            "-----",
        ] {
            let text = format!("-----BEGIN X-----\nAAAA\n{end}{good}");
            let items = scan(text.as_bytes());
            assert!(
                matches!(items.last(), Some(Item::Block(block)) if block.label == "Y"),
                "{end}: {items:?}"
            );
        }
    }

    #[test]
    fn header_lines_are_not_base64() {
        let text = "-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\n\nYWJj\n-----END X-----\n";
        let block = only_block(text.as_bytes());
        assert!(block.is_encrypted());
        assert_eq!(block.decode().unwrap().as_slice(), b"abc");
    }

    #[test]
    fn what_is_wrong_with_a_body_is_said() {
        for (body, why) in [
            ("", "nothing between"),
            ("YW!j", "'!' stands at character 3"),
            ("YWJ", "cut off"),
        ] {
            let text = format!("-----BEGIN X-----\n{body}\n-----END X-----\n");
            let error = only_block(text.as_bytes()).decode().unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn a_flood_of_beginnings_is_read_in_one_pass() {
        let flood = "-----BEGIN X-----".repeat(200_000);
        assert_eq!(scan(flood.as_bytes()).len(), 200_000);
        let dashes = "-".repeat(5_000_000);
        assert!(scan(dashes.as_bytes()).is_empty());
    }
}

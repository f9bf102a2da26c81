//! Reads a Rust file as far as the rules of the house need it: which of our modules it names, how
//! long its functions are, what of it is only there for tests.
//!
//! It is a reader of names and braces, not of Rust: comments and literals are blanked first, and
//! then the text is looked through. `main.rs` beside it asks it.

use std::ops::Range;

/// One source file.
pub(crate) struct Source {
    /// Its place below `src/`, with slashes: `domain/gate.rs`.
    pub(crate) path: String,
    /// Its text as it stands.
    pub(crate) text: String,
    /// The same, character for character, with comments and literals blanked.
    code: Vec<char>,
    /// Where its lines end, by character.
    ends: Vec<usize>,
}

/// A name of one of our top-level modules, and the line on which it is used.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mention {
    pub(crate) module: String,
    pub(crate) line: usize,
}

/// A function: its name, the line on which it begins, and how many lines it has.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) line: usize,
    pub(crate) lines: usize,
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let code = blanked(text);
        let ends = code
            .iter()
            .enumerate()
            .filter(|(_, letter)| **letter == '\n');
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            ends: ends.map(|(at, _)| at).collect(),
            code,
        }
    }

    /// The top-level module that the file belongs to: `domain` for `domain/gate.rs`.
    pub(crate) fn top(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// How deep below the crate's root the file's module lies: 2 for `domain/gate.rs`.
    fn depth(&self) -> usize {
        let parts = self.path.split('/').count();
        let is_root = matches!(self.path.as_str(), "lib.rs" | "main.rs");
        let is_mod = self.path.ends_with("/mod.rs");
        parts - usize::from(is_root || is_mod)
    }

    /// Every top-level module that the file names by a path from the crate's root.
    pub(crate) fn mentions(&self) -> Vec<Mention> {
        let words = words(&self.code);
        let mut found = Vec::new();
        for (index, word) in words.iter().enumerate() {
            let text = word.text.as_str();
            let begins = index == 0 || words[index - 1].text != "::";
            let rest = &words[index + 1..];
            let rest = match text {
                "crate" | "certdeck" => rest.strip_prefix_path(),
                "super" if begins => self.above_the_root(rest),
                _ => None,
            };
            found.extend(rest.map(firsts).unwrap_or_default());
        }
        let mention = |word: &Word| Mention {
            module: word.text.clone(),
            line: self.line_at(word.at),
        };
        found.into_iter().map(mention).collect()
    }

    /// What follows a chain of `super` that climbs to the crate's root.
    fn above_the_root<'a>(&self, mut rest: &'a [Word]) -> Option<&'a [Word]> {
        let mut climbed = 1;
        loop {
            rest = rest.strip_prefix_path()?;
            if rest.first()?.text != "super" {
                break;
            }
            climbed += 1;
            rest = &rest[1..];
        }
        (climbed >= self.depth()).then_some(rest)
    }

    /// Every function with its length.
    pub(crate) fn functions(&self) -> Vec<Function> {
        let words = words(&self.code);
        let heads = words
            .windows(2)
            .filter(|pair| pair[0].text == "fn" && pair[1].is_name());
        heads
            .filter_map(|pair| {
                let end = self.end_of_body(pair[1].at)?;
                let line = self.line_at(pair[0].at);
                Some(Function {
                    name: pair[1].text.clone(),
                    line,
                    lines: self.line_at(end) - line + 1,
                })
            })
            .collect()
    }

    /// Where the braces that open after `from` close; nothing where a `;` comes first.
    fn end_of_body(&self, from: usize) -> Option<usize> {
        let mut depth = 0usize;
        let mut round = 0usize;
        for (at, letter) in self.code.iter().enumerate().skip(from) {
            match letter {
                '(' | '[' => round += 1,
                ')' | ']' => round = round.saturating_sub(1),
                ';' if depth == 0 && round == 0 => return None,
                '{' => depth += 1,
                '}' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return Some(at);
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// Lines outside of what `#[cfg(test)]` covers that hold this piece of code.
    pub(crate) fn lines_with(&self, piece: &str) -> Vec<usize> {
        let tests = self.test_ranges();
        let text: String = self.code.iter().collect();
        let mut from = 0;
        let mut lines = Vec::new();
        while let Some(found) = text[from..].find(piece) {
            let byte = from + found;
            let at = text[..byte].chars().count();
            if !tests.iter().any(|range| range.contains(&at)) {
                lines.push(self.line_at(at));
            }
            from = byte + piece.len();
        }
        lines
    }

    /// The modules that are declared here and compiled for tests only: `#[cfg(test)] mod tests;`.
    pub(crate) fn test_modules(&self) -> Vec<String> {
        let words = words(&self.code);
        let mut names = Vec::new();
        for range in self.test_attributes() {
            let after: Vec<&Word> = words
                .iter()
                .filter(|word| word.at >= range.end)
                .take(5)
                .collect();
            let is_mod = after.iter().position(|word| word.text == "mod");
            if let Some(name) = is_mod.and_then(|index| after.get(index + 1)) {
                names.push(name.text.clone());
            }
        }
        names
    }

    fn test_ranges(&self) -> Vec<Range<usize>> {
        let end = |from: usize| self.end_of_body(from).unwrap_or(from);
        let ranges = self.test_attributes().into_iter();
        ranges.map(|range| range.start..end(range.end)).collect()
    }

    fn test_attributes(&self) -> Vec<Range<usize>> {
        const ATTRIBUTE: &str = "#[cfg(test)]";
        let piece: Vec<char> = ATTRIBUTE.chars().collect();
        let starts = self.code.windows(piece.len()).enumerate();
        let starts = starts.filter(|(_, window)| *window == piece);
        starts.map(|(at, _)| at..at + piece.len()).collect()
    }

    fn line_at(&self, at: usize) -> usize {
        self.ends.partition_point(|end| *end < at) + 1
    }
}

/// A name, or one of `::`, `{`, `}`, `,` and other single signs.
struct Word {
    text: String,
    at: usize,
}

impl Word {
    fn is_name(&self) -> bool {
        self.text
            .starts_with(|first: char| first.is_alphabetic() || first == '_')
    }
}

trait StripPath {
    /// What follows, if a `::` comes first.
    fn strip_prefix_path(&self) -> Option<&[Word]>;
}

impl StripPath for [Word] {
    fn strip_prefix_path(&self) -> Option<&[Word]> {
        (self.first()?.text == "::").then(|| &self[1..])
    }
}

fn words(code: &[char]) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut at = 0;
    while at < code.len() {
        let begin = at;
        let is_part = |letter: &char| letter.is_alphanumeric() || *letter == '_';
        if is_part(&code[at]) {
            while code.get(at).is_some_and(is_part) {
                at += 1;
            }
        } else if code[at] == ':' && code.get(at + 1) == Some(&':') {
            at += 2;
        } else {
            at += 1;
        }
        let text: String = code[begin..at].iter().collect();
        if !text.trim().is_empty() {
            words.push(Word { text, at: begin });
        }
    }
    words
}

/// The first name of a path, or of each path of a group in braces.
fn firsts(rest: &[Word]) -> Vec<&Word> {
    let Some(first) = rest.first() else {
        return Vec::new();
    };
    if first.text != "{" {
        return vec![first];
    }
    let mut found = Vec::new();
    let mut depth = 1;
    let mut fresh = true;
    for word in &rest[1..] {
        match word.text.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            "," if depth == 1 => fresh = true,
            _ if fresh && depth == 1 => {
                found.push(word);
                fresh = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    found
}

/// The text with comments and literals blanked, character for character.
fn blanked(text: &str) -> Vec<char> {
    let letters: Vec<char> = text.chars().collect();
    let mut code = letters.clone();
    let mut at = 0;
    while at < letters.len() {
        let end = literal_end(&letters, at);
        match end {
            Some(end) => {
                for letter in &mut code[at..end] {
                    if *letter != '\n' {
                        *letter = ' ';
                    }
                }
                at = end;
            }
            None => at += 1,
        }
    }
    code
}

/// Where a comment or literal that begins here ends.
fn literal_end(letters: &[char], at: usize) -> Option<usize> {
    let next = letters.get(at + 1);
    match letters[at] {
        '/' if next == Some(&'/') => Some(find(letters, at, &['\n'])),
        '/' if next == Some(&'*') => Some(block_comment_end(letters, at)),
        '"' => Some(string_end(letters, at)),
        'r' if !is_inside_name(letters, at) => raw_string_end(letters, at),
        '\'' => char_end(letters, at),
        _ => None,
    }
}

fn is_inside_name(letters: &[char], at: usize) -> bool {
    let before = at.checked_sub(1).map(|before| letters[before]);
    before.is_some_and(|before| (before.is_alphanumeric() && before != 'b') || before == '_')
}

fn find(letters: &[char], from: usize, piece: &[char]) -> usize {
    let mut windows = letters[from..].windows(piece.len());
    windows
        .position(|window| window == piece)
        .map_or(letters.len(), |found| from + found)
}

fn block_comment_end(letters: &[char], from: usize) -> usize {
    let mut depth = 0usize;
    let mut at = from;
    while at + 1 < letters.len() {
        match (letters[at], letters[at + 1]) {
            ('/', '*') => (depth, at) = (depth + 1, at + 2),
            ('*', '/') => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    letters.len()
}

fn string_end(letters: &[char], from: usize) -> usize {
    let mut at = from + 1;
    while at < letters.len() {
        match letters[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    letters.len()
}

fn raw_string_end(letters: &[char], from: usize) -> Option<usize> {
    let hashes = letters[from + 1..]
        .iter()
        .take_while(|letter| **letter == '#')
        .count();
    let open = from + 1 + hashes;
    if letters.get(open) != Some(&'"') {
        return None;
    }
    let close: Vec<char> = std::iter::once('"')
        .chain(std::iter::repeat_n('#', hashes))
        .collect();
    Some((find(letters, open + 1, &close) + close.len()).min(letters.len()))
}

/// A character's end; nothing for a lifetime.
fn char_end(letters: &[char], from: usize) -> Option<usize> {
    if letters.get(from + 1) == Some(&'\\') {
        return Some((find(letters, from + 3, &['\'']) + 1).min(letters.len()));
    }
    (letters.get(from + 2) == Some(&'\'')).then_some(from + 3)
}

//! nginx's configuration language, as far as it matters: directives and their first value.
//!
//! Pure. Words end at blanks, `;`, `{` and `}`; quotes and backslashes keep them together; `#`
//! begins a comment where a word would begin. Blocks of Lua are another language and are left out.

/// A directive with its first value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Directive {
    /// Its name.
    pub(super) name: String,
    /// Its first value, without quotes.
    pub(super) value: String,
    /// The line that it begins on, from 1.
    pub(super) line: usize,
}

/// All directives that end with `;` and have a value, in whatever block they stand.
pub(super) fn directives(text: &str) -> Vec<Directive> {
    let mut reader = Reader {
        letters: text.chars().peekable(),
        line: 1,
    };
    let mut found = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let mut begun = 1;
    while let Some(token) = reader.token() {
        match token {
            Token::Word(word) => {
                if words.is_empty() {
                    begun = reader.line;
                }
                words.push(word);
            }
            Token::End => found.extend(directive(&mut words, begun)),
            Token::Open => {
                let is_lua = words
                    .first()
                    .is_some_and(|name| name.ends_with("_by_lua_block"));
                words.clear();
                if is_lua {
                    reader.skip_block();
                }
            }
            Token::Close => words.clear(),
        }
    }
    found
}

fn directive(words: &mut Vec<String>, line: usize) -> Option<Directive> {
    let mut words = words.drain(..);
    let (name, value) = (words.next()?, words.next()?);
    Some(Directive { name, value, line })
}

enum Token {
    Word(String),
    End,
    Open,
    Close,
}

struct Reader<'t> {
    letters: std::iter::Peekable<std::str::Chars<'t>>,
    line: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let letter = self.letters.next();
        if letter == Some('\n') {
            self.line += 1;
        }
        letter
    }

    fn token(&mut self) -> Option<Token> {
        loop {
            let letter = self.next()?;
            match letter {
                ';' => return Some(Token::End),
                '{' => return Some(Token::Open),
                '}' => return Some(Token::Close),
                '#' => while !matches!(self.next(), None | Some('\n')) {},
                '"' | '\'' => return Some(Token::Word(self.quoted(letter))),
                blank if blank.is_whitespace() => {}
                first => return Some(Token::Word(self.word(first))),
            }
        }
    }

    fn quoted(&mut self, quote: char) -> String {
        let mut word = String::new();
        while let Some(letter) = self.next() {
            match letter {
                end if end == quote => break,
                '\\' => self.escaped(&mut word),
                other => word.push(other),
            }
        }
        word
    }

    fn word(&mut self, first: char) -> String {
        let mut word = String::new();
        if first == '\\' {
            self.escaped(&mut word);
        } else {
            word.push(first);
        }
        while let Some(next) = self.letters.peek().copied() {
            // `${name}` is a variable, not a block.
            let in_variable = next == '{' && word.ends_with('$');
            if next.is_whitespace() || next == ';' || (next == '{' && !in_variable) {
                break;
            }
            self.next();
            if next == '\\' {
                self.escaped(&mut word);
            } else {
                word.push(next);
            }
        }
        word
    }

    /// What stands behind a backslash; only quotes, blanks and the backslash itself lose it.
    fn escaped(&mut self, word: &mut String) {
        match self.next() {
            Some(letter @ ('"' | '\'' | '\\' | ' ' | ';' | '{' | '}' | '#')) => word.push(letter),
            Some('t') => word.push('\t'),
            Some('n') => word.push('\n'),
            Some(other) => word.extend(['\\', other]),
            None => word.push('\\'),
        }
    }

    /// Past the end of a block that was just opened.
    fn skip_block(&mut self) {
        let mut open = 1_usize;
        while open > 0 {
            match self.next() {
                Some('{') => open += 1,
                Some('}') => open -= 1,
                Some(_) => {}
                None => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String, usize)> {
        let found = directives(text).into_iter();
        found
            .map(|found| (found.name, found.value, found.line))
            .filter(|(name, ..)| name == "ssl_certificate" || name == "include")
            .collect()
    }

    fn one(text: &str) -> String {
        let mut found = read(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        found.remove(0).1
    }

    #[test]
    fn values_come_without_quotes_comments_and_escapes() {
        for (text, value) in [
            ("ssl_certificate a.pem;", "a.pem"),
            ("ssl_certificate  \"a b.pem\" ;", "a b.pem"),
            ("ssl_certificate 'a\\'b.pem';", "a'b.pem"),
            ("ssl_certificate a\\ b.pem;", "a b.pem"),
            ("ssl_certificate # which?\n a.pem; # this", "a.pem"),
            ("ssl_certificate a#b.pem;", "a#b.pem"),
            ("ssl_certificate ${name}.pem;", "${name}.pem"),
            ("server{ssl_certificate a.pem;}", "a.pem"),
        ] {
            assert_eq!(one(text), value, "{text}");
        }
    }

    #[test]
    fn what_is_commented_out_or_another_directive_is_none() {
        for text in [
            "# ssl_certificate a.pem;",
            "ssl_certificate_key a.key;",
            "ssl_certificate;",
            "ssl_certificate a.pem",
            "content_by_lua_block { local a = 'ssl_certificate x;' if {} then ssl_certificate b; end }",
        ] {
            assert_eq!(read(text), [], "{text}");
        }
    }

    #[test]
    fn the_line_is_where_the_directive_begins() {
        let text = "http {\n  include conf.d/*.conf;\n  server {\n    ssl_certificate\n      a.pem;\n  }\n}\n";
        let lines: Vec<usize> = read(text).into_iter().map(|(.., line)| line).collect();
        assert_eq!(lines, [2, 4]);
    }
}

//! What `doctor` found, as text: the worst first, a sentence each, and what to do now.
//!
//! Pure. Everything fits the columns that it is given and is made harmless.

use std::fmt::Write as _;

use crate::domain::wrap::wrap;
use crate::engine::doctor::{Examination, Finding, Findings, Level, Looked, Mended};

/// The whole answer.
pub(super) fn render(
    store: &str,
    examination: &Examination,
    mended: &[Mended],
    columns: usize,
) -> String {
    let mut page = Page {
        text: String::new(),
        columns,
    };
    let findings = &examination.findings;
    if !mended.is_empty() {
        page.heading("Mended");
        for one in mended {
            page.paragraph(2, &sentence(&one.file, 0, &one.says));
        }
    }
    for level in Level::ALL {
        group(&mut page, findings, level);
    }
    page.end(store, findings, &examination.looked);
    page.text
}

fn group(page: &mut Page, findings: &Findings, level: Level) {
    if findings.count(level) == 0 {
        return;
    }
    page.heading(level.words());
    let sorted = findings.sorted();
    for finding in sorted.into_iter().filter(|finding| finding.level == level) {
        one(page, finding);
    }
    for (_, kind, count) in findings.left_off().filter(|(of, ..)| *of == level) {
        page.paragraph(
            2,
            &format!("… and {count} more of this kind: {}", kind.id()),
        );
    }
}

fn one(page: &mut Page, finding: &Finding) {
    page.paragraph(2, &sentence(&finding.file, finding.line, &finding.says));
    if !finding.advice.is_empty() {
        page.paragraph(4, &format!("Now: {}.", finding.advice));
    }
}

/// A sentence with its place before it.
fn sentence(file: &str, line: u64, says: &str) -> String {
    match (file, line) {
        // A sentence that begins with a path keeps it as it is.
        ("", _)
            if says
                .split(' ')
                .next()
                .is_some_and(|word| word.contains('/')) =>
        {
            format!("{says}.")
        }
        ("", _) => {
            let mut letters = says.chars();
            let first = letters.next().map(char::to_uppercase);
            let capital: String = first.into_iter().flatten().collect();
            format!("{capital}{}.", letters.as_str())
        }
        (file, 0) => format!("{file}: {says}."),
        (file, line) => format!("{file}, line {line}: {says}."),
    }
}

/// Text that grows line by line.
struct Page {
    text: String,
    columns: usize,
}

impl Page {
    fn heading(&mut self, words: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        let _ = writeln!(self.text, "{words}");
    }

    fn paragraph(&mut self, indent: usize, words: &str) {
        for line in wrap(words, self.columns.saturating_sub(indent)) {
            let _ = writeln!(self.text, "{:indent$}{line}", "");
        }
    }

    /// What it comes to.
    fn end(&mut self, store: &str, findings: &Findings, looked: &Looked) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        let unusable = findings.count(Level::Unusable) > 0;
        if !unusable {
            let wrong = findings.worst().is_some_and(|worst| worst < Level::Note);
            let begins = if wrong { "" } else { "Nothing is wrong. " };
            let words = format!("{begins}Looked at {store}: {}.", counts(looked));
            self.paragraph(0, &words);
        }
        let levels = [
            (findings.count(Level::Broken), "broken"),
            (findings.count(Level::Look), "to look at"),
        ];
        let words: Vec<_> = levels
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, words)| format!("{count} {words}"))
            .collect();
        let mut last = words.join(", ");
        match findings.fixable() {
            0 => {}
            count => {
                let _ = write!(last, "; `certdeck doctor --fix` mends {count}");
            }
        }
        if !words.is_empty() {
            self.paragraph(0, &format!("{last}."));
        }
    }
}

fn counts(looked: &Looked) -> String {
    let several = |count: u64, one: &str, more: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {more}"),
    };
    format!(
        "{} in {}, {}, {}, {}, {}",
        several(looked.lines, "line", "lines"),
        several(looked.files, "file", "files"),
        several(looked.transactions, "transaction", "transactions"),
        several(looked.entries, "entry", "entries"),
        several(looked.keys, "key", "keys"),
        several(looked.certificates, "certificate", "certificates"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_begins_with_its_place() {
        assert_eq!(sentence("", 0, "the clock"), "The clock.");
        assert_eq!(sentence("lock", 0, "it is"), "lock: it is.");
        assert_eq!(
            sentence("journal.jsonl", 4, "it"),
            "journal.jsonl, line 4: it."
        );
        assert_eq!(sentence("", 0, ""), ".");
    }

    #[test]
    fn nothing_wrong_is_one_line_that_says_what_was_looked_at() {
        let text = render("/store", &Examination::default(), &[], 200);
        assert_eq!(
            text,
            "Nothing is wrong. Looked at /store: 0 lines in 0 files, 0 transactions, 0 entries, 0 \
             keys, 0 certificates.\n"
        );
    }
}

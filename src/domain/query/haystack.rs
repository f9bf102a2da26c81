//! Where plain words are found.
//!
//! Pure. Names and ids lie in one piece of memory with the base; what many entries share is looked
//! at once for all of them, what is held row by row.

use memchr::memchr;
use memchr::memmem::Finder;

use crate::domain::rows::{Bits, Rows};

/// For each row, whether the word, in small letters, is found in it.
pub(super) fn rows_with(rows: &Rows, word: &str) -> Bits {
    let mut found = Bits::all(rows.len(), false);
    if word.is_empty() {
        return Bits::all(rows.len(), true);
    }
    // Between two texts stand control characters, and nobody looks for those.
    if !word.bytes().any(|byte| byte < b' ') {
        in_names(rows, word, &mut found);
    }
    in_what_is_shared(rows, word, &mut found);
    let finder = Finder::new(word.as_bytes());
    for (number, held) in rows.all_held() {
        let is = finder.find(held.words.as_bytes()).is_some();
        found.set(number as usize, is);
    }
    found
}

/// Looks for a text, in small letters, in the names and ids of all entries of the base.
pub(super) fn in_names(rows: &Rows, word: &str, found: &mut Bits) {
    let base = rows.base();
    let (text, slims) = (base.text().as_bytes(), base.slims());
    let finder = Finder::new(word.as_bytes());
    let next = |from: usize| match word.as_bytes() {
        [letter] => memchr(*letter, &text[from..]),
        _ => finder.find(&text[from..]),
    };
    let (mut from, mut row) = (0, 0);
    while let Some(hit) = next(from) {
        row = row_at(slims.len(), row, |at| base.start(at) <= from + hit);
        found.set(row, true);
        // One hit is enough for a row.
        from = base.part(row).end;
        row += 1;
        if row >= slims.len() {
            break;
        }
    }
}

/// The last row from `first` on whose part has begun; hits lie near each other more often than not,
/// so the steps grow from one on.
fn row_at(count: usize, first: usize, has_begun: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut step) = (first, 1);
    while low + step < count && has_begun(low + step) {
        low += step;
        step *= 2;
    }
    let mut high = (low + step).min(count);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if has_begun(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// Looks at accounts, products and states, each of which many entries share.
fn in_what_is_shared(rows: &Rows, word: &str, found: &mut Bits) {
    let shared = rows.base().shared();
    let holds = |text: &str| super::text::fold(text).contains(word);
    let accounts = shared.accounts.iter();
    let accounts: Vec<bool> = accounts
        .map(|name| holds(&rows.inventory().account_words(name)))
        .collect();
    let products: Vec<bool> = shared.products.iter().map(|name| holds(name)).collect();
    let states = rows.by_code(false, |judged| holds(&judged.label));
    let any = |answers: &[bool]| answers.contains(&true);
    if any(&accounts) || any(&products) {
        for (at, slim) in rows.base().slims().iter().enumerate() {
            // What is held is looked at by itself.
            let is = accounts.get(usize::from(slim.account)) == Some(&true)
                || products.get(usize::from(slim.product)) == Some(&true);
            if is {
                found.set(at, true);
            }
        }
    }
    if any(&states) {
        for at in 0..rows.base().len() {
            if states.get(usize::from(rows.code(at))) == Some(&true) {
                found.set(at, true);
            }
        }
    }
}

//! Where plain words are found.
//!
//! Pure. Names and ids lie in one piece of memory with the base; what many entries share is looked
//! at once for all of them, what is held row by row.

use std::ops::Range;

use memchr::memchr;
use memchr::memmem::Finder;

use crate::domain::halves;
use crate::domain::rows::{Bits, Rows};

/// Fewer names than this are searched before a thread has begun; tests have no patience for more.
const MANY: usize = if cfg!(test) { 200 } else { 1 << 17 };

/// For each row, whether the word, in small letters, is found in it.
pub(super) fn rows_with(rows: &Rows, word: &str) -> Bits {
    let mut found = Bits::all(rows.len(), false);
    if word.is_empty() {
        return Bits::all(rows.len(), true);
    }
    in_what_is_shared(rows, word, &mut found);
    // Between two texts stand control characters, and nobody looks for those.
    if !word.bytes().any(|byte| byte < b' ') {
        in_names(rows, word, &mut found);
    }
    let finder = Finder::new(word.as_bytes());
    for (number, held) in rows.all_held() {
        let is = finder.find(held.words.as_bytes()).is_some();
        found.set(number as usize, is);
    }
    found
}

/// Looks for a text, in small letters, in the names and ids of all entries of the base that were not
/// found yet; in those of many in two halves side by side.
pub(super) fn in_names(rows: &Rows, word: &str, found: &mut Bits) {
    let count = rows.base().len();
    let middle = count / 2 / 64 * 64;
    if count < MANY {
        let all = in_some_names(rows, word, 0..count, found);
        found.add(&all, 0);
        return;
    }
    let (lower, upper) = halves::both(
        || in_some_names(rows, word, 0..middle, found),
        || in_some_names(rows, word, middle..count, found),
    );
    found.add(&lower, 0);
    found.add(&upper, middle);
}

/// The same in those of some entries; the answers begin with the first of them.
fn in_some_names(rows: &Rows, word: &str, some: Range<usize>, found: &Bits) -> Bits {
    let mut own = Bits::all(some.len(), false);
    let Some(last) = some.end.checked_sub(1) else {
        return own;
    };
    let base = rows.base();
    let text = &base.text().as_bytes()[..base.part(last).end];
    let finder = Finder::new(word.as_bytes());
    let next = |from: usize| match word.as_bytes() {
        [letter] => memchr(*letter, &text[from..]),
        _ => finder.find(&text[from..]),
    };
    let mut row = some.start;
    // One hit is enough for a row, and one that was found need not be looked at.
    while let Some(unknown) = found.next_no(row, some.end) {
        let from = base.start(unknown);
        let Some(hit) = next(from) else {
            break;
        };
        let at = row_at(some.end, unknown, |at| base.start(at) <= from + hit);
        own.set(at - some.start, true);
        row = at + 1;
    }
    own
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
    let slims = rows.base().slims();
    let holds_slim = |at: usize| {
        let slim = &slims[at];
        // What is held is looked at by itself.
        accounts.get(usize::from(slim.account)) == Some(&true)
            || products.get(usize::from(slim.product)) == Some(&true)
    };
    let holds_state = |at: usize| states.get(usize::from(rows.code(at))) == Some(&true);
    if any(&accounts) || any(&products) {
        found.add(&Bits::of(slims.len(), holds_slim), 0);
    }
    if any(&states) {
        found.add(&Bits::of(slims.len(), holds_state), 0);
    }
}

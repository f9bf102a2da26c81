//! "Did you mean …?": the known word that is nearest to a mistyped one.
//!
//! Pure. The filter language, the configuration's errors and the headless commands ask it.

/// The known word that is at most two slips away from `given`, if there is one.
///
/// A slip is a letter too many, too few, or a wrong one (Levenshtein's distance). Words of up to
/// three letters allow one slip, since two would make them any other word.
#[must_use]
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = if given.chars().count() <= 3 { 1 } else { 2 };
    let judged = known.into_iter().map(|word| (distance(given, word), word));
    judged
        .filter(|(slips, _)| *slips <= most)
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, word)| word)
}

fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (above, letter) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = above + 1;
        for (at, other) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[at + 1];
            row[at + 1] = replaced.min(diagonal + 1).min(row[at] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_forgiven_and_other_words_are_not() {
        let known = ["theme", "store", "ascii", "bell"];
        assert_eq!(nearest("them", known), Some("theme"));
        assert_eq!(nearest("stoer", known), Some("store"));
        assert_eq!(nearest("bel", known), Some("bell"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(nearest("", known), None);
    }
}

//! What the list says of what is really served, in a sign and a word; and the same for the details.
//!
//! Pure; who draws the list or the details asks it.

use crate::domain::probed::Served;
use crate::tui::look::Look;
use crate::tui::theme::Role;

/// The sign and the word; they say the same, so that no colour is needed.
pub(in crate::tui::view) fn words(served: Option<Served>, look: &Look<'_>) -> (String, Role) {
    let Some(served) = served else {
        return (look.symbols.none.to_owned(), Role::Dim);
    };
    let signs = look.symbols;
    let (sign, role) = match served {
        Served::Same => (signs.live, Role::Good),
        Served::Newer => (signs.up, Role::Accent),
        Served::Nothing => (signs.failed, Role::Bad),
        Served::Other => (signs.trouble, Role::Warn),
        Served::Old => (signs.winding_down, Role::Warn),
    };
    (format!("{sign} {}", served.words()), role)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::tui::symbols;

    #[test]
    fn each_has_a_sign_and_a_word_of_its_own() {
        let theme = crate::tui::theme::Theme::named("mono").unwrap();
        let keymap = crate::tui::keymap::Keymap::embedded().unwrap();
        for symbols in [&symbols::UNICODE, &symbols::ASCII] {
            let look = Look {
                theme: &theme,
                symbols,
                keymap: &keymap,
            };
            let said = Served::ALL.map(|served| words(Some(served), &look).0);
            let signs: BTreeSet<char> =
                said.iter().filter_map(|said| said.chars().next()).collect();
            assert_eq!(signs.len(), Served::ALL.len(), "{said:?}");
            let widest = said
                .iter()
                .map(|said| crate::domain::text::width(said))
                .max();
            assert_eq!(widest, Some(super::super::columns::SERVED));
        }
    }
}

//! From the text of a key table to its rows, and the search for contradictions among them.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};
use toml::Spanned;

use super::error::Use;
use super::{Binding, Key, KeymapError, Place, Scope, UiAction, label};

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default)]
    bind: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    keys: Vec<Spanned<String>>,
    action: Spanned<String>,
    scope: Spanned<OneOrMore>,
    says: Option<String>,
    hint: Option<String>,
}

/// `"list"` or `["list", "details"]`.
struct OneOrMore(Vec<String>);

impl<'de> Deserialize<'de> for OneOrMore {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrMoreVisitor)
    }
}

struct OneOrMoreVisitor;

impl<'de> Visitor<'de> for OneOrMoreVisitor {
    type Value = OneOrMore;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("the name of a scope, or a list of such names")
    }

    fn visit_str<E>(self, name: &str) -> Result<OneOrMore, E> {
        Ok(OneOrMore(vec![name.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut names: A) -> Result<OneOrMore, A::Error> {
        let mut all = Vec::new();
        while let Some(name) = names.next_element()? {
            all.push(name);
        }
        Ok(OneOrMore(all))
    }
}

/// Reads the rows of `text`; what they leave out they take over from `base`.
pub(super) fn rows(text: &str, file: &str, base: &[Binding]) -> Result<Vec<Binding>, KeymapError> {
    let table: Table = toml::from_str(text).map_err(|error| KeymapError::Syntax {
        place: Place::of(file, text, error.span()),
        message: error.message().to_owned(),
    })?;
    let reader = Reader { text, file, base };
    let mut rows = Vec::new();
    for row in &table.bind {
        reader.read(row, &mut rows)?;
    }
    Ok(rows)
}

struct Reader<'a> {
    text: &'a str,
    file: &'a str,
    base: &'a [Binding],
}

impl Reader<'_> {
    fn read(&self, row: &Row, rows: &mut Vec<Binding>) -> Result<(), KeymapError> {
        let action = self.action(&row.action)?;
        let keys: Vec<_> = row
            .keys
            .iter()
            .map(|keys| self.keys(keys))
            .collect::<Result<_, _>>()?;
        for name in &row.scope.get_ref().0 {
            let scope = self.scope(name, &row.scope)?;
            let replaced = self
                .base
                .iter()
                .find(|old| (old.action, old.scope) == (action, scope));
            rows.push(Binding {
                keys: keys.clone(),
                action,
                scope,
                says: self.says(row, replaced)?,
                hint: row.hint.clone().or_else(|| replaced?.hint.clone()),
                place: self.place(&row.action),
            });
        }
        Ok(())
    }

    fn place<T>(&self, of: &Spanned<T>) -> Place {
        Place::of(self.file, self.text, Some(of.span()))
    }

    fn action(&self, id: &Spanned<String>) -> Result<UiAction, KeymapError> {
        UiAction::from_id(id.get_ref()).ok_or_else(|| KeymapError::UnknownAction {
            place: self.place(id),
            found: id.get_ref().clone(),
            expected: UiAction::all()
                .map(UiAction::id)
                .collect::<Vec<_>>()
                .join(", "),
        })
    }

    fn scope(&self, name: &str, at: &Spanned<OneOrMore>) -> Result<Scope, KeymapError> {
        Scope::from_name(name).ok_or_else(|| KeymapError::UnknownScope {
            place: self.place(at),
            found: name.to_owned(),
            expected: Scope::ALL.map(|(_, name)| name).join(", "),
        })
    }

    fn keys(&self, written: &Spanned<String>) -> Result<Vec<Key>, KeymapError> {
        Key::parse_sequence(written.get_ref()).ok_or_else(|| KeymapError::UnknownKey {
            place: self.place(written),
            found: written.get_ref().clone(),
        })
    }

    fn says(&self, row: &Row, replaced: Option<&Binding>) -> Result<String, KeymapError> {
        let says = row
            .says
            .clone()
            .or_else(|| replaced.map(|old| old.says.clone()));
        says.filter(|says| !says.trim().is_empty())
            .ok_or_else(|| KeymapError::SaysMissing {
                place: self.place(&row.action),
                action: row.action.get_ref().clone(),
            })
    }
}

/// Refuses one key for two things in a scope, a global key that a scope uses for something else,
/// and a key that is also the beginning of several: it could never be reached.
/// The complaint is about the row in `file`, which the person can change.
pub(super) fn refuse_contradictions(rows: &[Binding], file: &str) -> Result<(), KeymapError> {
    let mut all: Vec<_> = rows
        .iter()
        .flat_map(|row| row.keys.iter().map(move |keys| (row, keys)))
        .collect();
    all.sort_by_key(|(row, _)| (row.place.file == file, row.place.line));
    for (index, &(row, keys)) in all.iter().enumerate() {
        let earlier = all.iter().take(index);
        if let Some((other, others)) = earlier
            .copied()
            .find(|(other, others)| meet(row.scope, other.scope, keys) && overlap(keys, others))
        {
            return Err(collision(row, keys, other, others));
        }
    }
    Ok(())
}

fn meet(one: Scope, other: Scope, keys: &[Key]) -> bool {
    one == other
        || (one == Scope::Global && other.hears_global(keys))
        || (other == Scope::Global && one.hears_global(keys))
}

fn overlap(one: &[Key], other: &[Key]) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

fn collision(row: &Binding, keys: &[Key], other: &Binding, others: &[Key]) -> KeymapError {
    KeymapError::Collision {
        here: Box::new(used(row, keys)),
        other: Box::new(used(other, others)),
    }
}

fn used(row: &Binding, keys: &[Key]) -> Use {
    Use {
        key: label(keys),
        action: row.action.id(),
        scope: row.scope.name(),
        place: row.place.clone(),
    }
}

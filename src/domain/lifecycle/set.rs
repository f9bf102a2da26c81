//! All lifecycles that are known: the embedded ones and people's own.
//!
//! Pure. The engine builds one set at start and everybody reads it.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::{Lifecycle, LifecycleError};

/// A table that is built into the program.
#[derive(Clone, Copy, Debug)]
pub struct Embedded {
    /// The id that it gives itself.
    pub id: &'static str,
    /// Its file.
    pub file: &'static str,
    /// What stands in it.
    pub text: &'static str,
}

/// The embedded table with an id.
macro_rules! embedded {
    ($id:literal) => {
        Embedded {
            id: $id,
            file: concat!("assets/lifecycles/", $id, ".toml"),
            text: include_str!(concat!("../../../assets/lifecycles/", $id, ".toml")),
        }
    };
}

/// The tables that are built into the program; one may take states over from those before it.
const EMBEDDED: &[Embedded] = &[
    embedded!("netcup"),
    embedded!("files"),
    embedded!("acme"),
    embedded!("cloudflare-edge"),
    embedded!("cloudflare-custom"),
    embedded!("cloudflare-staging"),
    embedded!("cloudflare-client"),
    embedded!("cloudflare-hostname"),
    embedded!("huawei-ssl"),
];

/// The embedded tables, for the tests that check them one by one.
#[must_use]
pub fn embedded() -> &'static [Embedded] {
    EMBEDDED
}

/// A table, read when it is asked for first: the start of the program does not wait for tables that
/// nobody follows.
#[derive(Debug)]
struct Table {
    read: OnceLock<Option<Arc<Lifecycle>>>,
    /// Which of the embedded ones it is; of people's own, which are read already, none.
    embedded: usize,
}

/// Lifecycles by id.
#[derive(Clone, Debug, Default)]
pub struct Lifecycles {
    by_id: BTreeMap<String, Arc<Table>>,
}

impl Lifecycles {
    /// The embedded lifecycles, all of them read and checked.
    ///
    /// # Errors
    /// What is wrong with an embedded table; the tests see to it that nothing is.
    pub fn built_in() -> Result<Self, Vec<LifecycleError>> {
        let set = Self::on_demand();
        for (at, table) in EMBEDDED.iter().enumerate() {
            let lifecycle = Arc::new(set.read_embedded(at)?);
            if let Some(table) = set.by_id.get(table.id) {
                table.read.get_or_init(|| Some(lifecycle));
            }
        }
        Ok(set)
    }

    /// The embedded lifecycles, each read when it is asked for first.
    #[must_use]
    pub fn on_demand() -> Self {
        let tables = EMBEDDED.iter().enumerate().map(|(embedded, table)| {
            let read = OnceLock::new();
            (table.id.to_owned(), Arc::new(Table { read, embedded }))
        });
        Self {
            by_id: tables.collect(),
        }
    }

    /// Reads an embedded table, which knows those before it.
    fn read_embedded(&self, at: usize) -> Result<Lifecycle, Vec<LifecycleError>> {
        let before = self.by_id.iter().filter(|(_, table)| table.embedded < at);
        let before = Self {
            by_id: before
                .map(|(id, table)| (id.clone(), Arc::clone(table)))
                .collect(),
        };
        Lifecycle::parse_with(EMBEDDED[at].file, EMBEDDED[at].text, &before)
    }

    /// Adds a table under its own id.
    ///
    /// # Errors
    /// What is wrong with it, or that its id is taken. The set is unchanged then.
    pub fn add(&mut self, file: &str, text: &str) -> Result<(), Vec<LifecycleError>> {
        let lifecycle = Lifecycle::parse_with(file, text, self)?;
        if self.by_id.contains_key(&lifecycle.id) {
            let problem = format!("the id {:?} is taken; choose another", lifecycle.id);
            let key = "id".to_owned();
            let line = text
                .lines()
                .position(|line| line.trim_start().starts_with("id"));
            let line = line.map_or(1, |index| index + 1);
            return Err(vec![LifecycleError {
                file: file.to_owned(),
                line,
                key,
                problem,
            }]);
        }
        let id = lifecycle.id.clone();
        let table = Table {
            read: OnceLock::from(Some(Arc::new(lifecycle))),
            embedded: usize::MAX,
        };
        self.by_id.insert(id, Arc::new(table));
        Ok(())
    }

    /// A lifecycle by id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<Lifecycle>> {
        let table = self.by_id.get(id)?;
        let read = || self.read_embedded(table.embedded).ok().map(Arc::new);
        table.read.get_or_init(read).as_ref()
    }

    /// The ids of all, in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.by_id.keys().map(String::as_str)
    }

    /// Every lifecycle, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Lifecycle>> {
        self.by_id.keys().filter_map(|id| self.get(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_tables_have_the_ids_under_which_they_are_asked_for() {
        let tables = Lifecycles::built_in().unwrap();
        for table in EMBEDDED {
            assert_eq!(tables.get(table.id).unwrap().id, table.id);
        }
        assert_eq!(tables.iter().count(), EMBEDDED.len());
        assert_eq!(tables.ids().count(), EMBEDDED.len());
    }

    #[test]
    fn only_what_is_asked_for_is_read() {
        let tables = Lifecycles::on_demand();
        assert!(tables.get("netcup").is_some());
        let read = tables
            .by_id
            .iter()
            .filter(|(_, table)| table.read.get().is_some());
        assert_eq!(read.map(|(id, _)| id).collect::<Vec<_>>(), ["netcup"]);
    }
}

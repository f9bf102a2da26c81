//! All lifecycles that are known: the embedded ones and people's own.
//!
//! Pure. The engine builds one set at start and everybody reads it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Lifecycle, LifecycleError};

/// The tables that are built into the program, with their file names; one may take states over
/// from those before it.
const EMBEDDED: &[(&str, &str)] = &[
    (
        "assets/lifecycles/netcup.toml",
        include_str!("../../../assets/lifecycles/netcup.toml"),
    ),
    (
        "assets/lifecycles/files.toml",
        include_str!("../../../assets/lifecycles/files.toml"),
    ),
    (
        "assets/lifecycles/acme.toml",
        include_str!("../../../assets/lifecycles/acme.toml"),
    ),
    (
        "assets/lifecycles/cloudflare-edge.toml",
        include_str!("../../../assets/lifecycles/cloudflare-edge.toml"),
    ),
    (
        "assets/lifecycles/cloudflare-custom.toml",
        include_str!("../../../assets/lifecycles/cloudflare-custom.toml"),
    ),
    (
        "assets/lifecycles/cloudflare-staging.toml",
        include_str!("../../../assets/lifecycles/cloudflare-staging.toml"),
    ),
    (
        "assets/lifecycles/cloudflare-client.toml",
        include_str!("../../../assets/lifecycles/cloudflare-client.toml"),
    ),
    (
        "assets/lifecycles/cloudflare-hostname.toml",
        include_str!("../../../assets/lifecycles/cloudflare-hostname.toml"),
    ),
    (
        "assets/lifecycles/huawei-ssl.toml",
        include_str!("../../../assets/lifecycles/huawei-ssl.toml"),
    ),
];

/// The files of the embedded tables, for the tests that check them one by one.
#[must_use]
pub fn embedded() -> &'static [(&'static str, &'static str)] {
    EMBEDDED
}

/// Lifecycles by id.
#[derive(Clone, Debug, Default)]
pub struct Lifecycles {
    by_id: BTreeMap<String, Arc<Lifecycle>>,
}

impl Lifecycles {
    /// The embedded lifecycles.
    ///
    /// # Errors
    /// What is wrong with an embedded table; the tests see to it that nothing is.
    pub fn built_in() -> Result<Self, Vec<LifecycleError>> {
        let mut set = Self::default();
        for (file, text) in EMBEDDED {
            set.add(file, text)?;
        }
        Ok(set)
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
        self.by_id.insert(lifecycle.id.clone(), Arc::new(lifecycle));
        Ok(())
    }

    /// A lifecycle by id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<Lifecycle>> {
        self.by_id.get(id)
    }

    /// Every lifecycle, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Lifecycle>> {
        self.by_id.values()
    }
}

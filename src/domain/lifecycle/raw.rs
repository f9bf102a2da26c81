//! The shape of a lifecycle file, word for word, with the place of everything that refers to
//! something else.
//!
//! Pure `serde` shapes; only `load` reads them.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor, value::MapAccessDeserializer};
use toml::Spanned;

use super::{
    Ask, Bring, Condition, Confirm, Phase, RecordNames, Setting, Support, TrackDefinition, Via, Who,
};
use crate::domain::action::Danger;
use crate::domain::entry::{LinkKind, Method};

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RawLifecycle {
    pub(super) id: Spanned<String>,
    pub(super) title: String,
    pub(super) provider: String,
    pub(super) source: String,
    #[serde(default)]
    pub(super) assumptions: Vec<String>,
    #[serde(default)]
    pub(super) support: Option<Support>,
    #[serde(default)]
    pub(super) order: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) zone: bool,
    #[serde(default)]
    pub(super) not_stated: Option<String>,
    #[serde(default)]
    pub(super) records: RecordNames,
    #[serde(default)]
    pub(super) ready: Option<RawReady>,
    #[serde(default)]
    pub(super) track: Vec<TrackDefinition>,
    #[serde(default)]
    pub(super) entry: Vec<RawEntryPoint>,
    #[serde(default)]
    pub(super) state: BTreeMap<String, Spanned<RawState>>,
    #[serde(default)]
    pub(super) action: Vec<RawAction>,
    #[serde(default)]
    pub(super) event: Vec<RawEvent>,
    #[serde(default)]
    pub(super) refuse: Vec<RawRefusal>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RawReady {
    pub(super) states: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) dns: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RawEntryPoint {
    pub(super) state: Spanned<String>,
    #[serde(default)]
    pub(super) when: Option<Condition>,
    #[serde(default)]
    pub(super) brings: Vec<Bring>,
    #[serde(default)]
    pub(super) steps: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) assumed: Option<String>,
}

/// A state: every key may be taken over from another table's state by `same-as`.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RawState {
    #[serde(default)]
    pub(super) same_as: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) label: Option<String>,
    #[serde(default)]
    pub(super) short: Option<String>,
    #[serde(default)]
    pub(super) track: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) phase: Option<Spanned<Phase>>,
    #[serde(default)]
    pub(super) who: Option<Who>,
    #[serde(default)]
    pub(super) who_by: Option<BTreeMap<Method, Who>>,
    #[serde(default)]
    pub(super) says: Option<String>,
    #[serde(default)]
    pub(super) says_by: Option<BTreeMap<Method, String>>,
    #[serde(default)]
    pub(super) wire: Option<Vec<RawWire>>,
    #[serde(default)]
    pub(super) progress: Option<Spanned<u8>>,
    #[serde(default)]
    pub(super) terminal: Option<bool>,
    #[serde(default)]
    pub(super) dead_end: Option<String>,
    #[serde(default)]
    pub(super) assumed: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RawWire {
    pub(super) is: Spanned<String>,
    #[serde(default)]
    pub(super) when: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RawAction {
    pub(super) id: Spanned<String>,
    #[serde(default)]
    pub(super) label: Option<String>,
    pub(super) from: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) guards: Vec<Spanned<RawGuard>>,
    #[serde(default)]
    pub(super) to: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) makes: Option<RawMakes>,
    #[serde(default)]
    pub(super) via: Via,
    #[serde(default)]
    pub(super) link: Option<String>,
    #[serde(default)]
    pub(super) steps: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) confirm: Option<Confirm>,
    #[serde(default)]
    pub(super) done: Option<String>,
    #[serde(default)]
    pub(super) asks: Vec<Ask>,
    #[serde(default)]
    pub(super) also: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) brings: Vec<Bring>,
    #[serde(default)]
    pub(super) opens: Option<String>,
    #[serde(default)]
    pub(super) sets: Option<Setting>,
    #[serde(default)]
    pub(super) danger: Option<Danger>,
    #[serde(default)]
    pub(super) assumed: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RawMakes {
    pub(super) state: Spanned<String>,
    pub(super) link: LinkKind,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RawEvent {
    pub(super) id: Spanned<String>,
    pub(super) label: String,
    pub(super) from: Vec<Spanned<String>>,
    pub(super) to: Spanned<String>,
    #[serde(default)]
    pub(super) when: Option<Condition>,
    #[serde(default)]
    pub(super) brings: Vec<Bring>,
    #[serde(default)]
    pub(super) steps: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) says: Option<String>,
    #[serde(default)]
    pub(super) notify: bool,
    #[serde(default)]
    pub(super) sandbox: Option<RawTiming>,
    #[serde(default)]
    pub(super) also: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) answers: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) result: Option<String>,
    #[serde(default)]
    pub(super) errors: Vec<String>,
    #[serde(default)]
    pub(super) assumed: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RawTiming {
    pub(super) after: Spanned<String>,
    #[serde(default)]
    pub(super) chance: Option<Spanned<f64>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RawRefusal {
    pub(super) action: Spanned<String>,
    #[serde(default)]
    pub(super) from: Vec<Spanned<String>>,
    pub(super) says: String,
}

/// A guard: its bare name, or a table with its parameters.
#[derive(Default)]
pub(super) struct RawGuard {
    pub(super) is: String,
    pub(super) days: Option<i64>,
    pub(super) by_brand: BTreeMap<String, i64>,
    pub(super) value: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct GuardTable {
    is: String,
    #[serde(default)]
    days: Option<i64>,
    #[serde(default)]
    by_brand: BTreeMap<String, i64>,
    #[serde(default)]
    value: Option<String>,
}

impl<'de> Deserialize<'de> for RawGuard {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(GuardVisitor)
    }
}

struct GuardVisitor;

impl<'de> Visitor<'de> for GuardVisitor {
    type Value = RawGuard;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a guard's name, or a table like { is = \"within-days-of-expiry\", days = 30 }")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<RawGuard, E> {
        Ok(RawGuard {
            is: name.to_owned(),
            ..RawGuard::default()
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawGuard, A::Error> {
        let table = GuardTable::deserialize(MapAccessDeserializer::new(map))?;
        let GuardTable {
            is,
            days,
            by_brand,
            value,
        } = table;
        Ok(RawGuard {
            is,
            days,
            by_brand,
            value,
        })
    }
}

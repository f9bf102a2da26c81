//! What a provider's API calls a state, and what tells two states apart that share a string.
//!
//! Pure data. `load` reads it from the table, `Lifecycle::resolve` looks it up.

/// A string of the provider's API that means a state.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Wire {
    /// The string.
    pub is: String,
    /// Where it has to come from to mean this state, as `kind:value`.
    pub when: Option<Qualifier>,
}

/// What tells two states apart that share a string of the API.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Qualifier {
    /// Where the distinction is seen.
    pub kind: QualifierKind,
    /// What is seen there.
    pub value: String,
}

/// Where the distinction between two states with one string is seen; a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum QualifierKind {
    /// The list was asked for with this filter.
    ListFilter,
    /// The object was listed in this deployment environment.
    Deploy,
    /// The zone has this status.
    Zone,
    /// The object carries this kind of record.
    Record,
    /// The order is of this type.
    OrderType,
    /// The authorization inside has this status.
    Authorization,
}

impl QualifierKind {
    /// Every kind with the word that tables use for it.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::ListFilter, "list-filter"),
        (Self::Deploy, "deploy"),
        (Self::Zone, "zone"),
        (Self::Record, "record"),
        (Self::OrderType, "order-type"),
        (Self::Authorization, "authorization"),
    ];
}

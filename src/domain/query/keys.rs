//! The keys of the filter language: one table, from which parser, errors and help are made.
//!
//! Pure data.

use crate::domain::probed::Served;

/// The word that shows what was put away; the same as `archived:yes`.
pub const ARCHIVED: &str = "archived";

/// A key, as help lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyHelp {
    /// The key with a value, as it is typed.
    pub example: &'static str,
    /// What it finds.
    pub says: &'static str,
}

/// What a key asks for, and so which values it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Text(TextKey),
    Time(TimeKey),
    YesNo(Fact),
    Phase,
    Needs,
    Ready,
    Probe,
}

/// A key whose value is looked for in texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextKey {
    Name,
    San,
    Account,
    Provider,
    Lifecycle,
    Status,
    Product,
    Issuer,
    Key,
    Serial,
    Id,
    Note,
}

/// A key whose value is compared with a point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TimeKey {
    Expires,
    /// When its renewal is due; nothing for what nobody renews any more.
    Renewal,
    Paid,
}

/// A key that is answered with yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fact {
    Due,
    Archived,
    Superseded,
    Ca,
    Expired,
    Trouble,
}

/// Whom `needs:` asks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    /// You, and not your customer alone.
    You,
    /// You or your customer.
    Someone,
    /// Nobody.
    Nothing,
}

impl Needs {
    pub(super) const ALL: [(Self, &'static str); 3] = [
        (Self::You, "you"),
        (Self::Someone, "someone"),
        (Self::Nothing, "nothing"),
    ];
}

/// What `ready:` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ready {
    /// Everything that it takes is there.
    Yes,
    /// Something is missing.
    No,
    /// Not everything is known.
    Unknown,
}

impl Ready {
    pub(super) const ALL: [(Self, &'static str); 3] = [
        (Self::Yes, "yes"),
        (Self::No, "no"),
        (Self::Unknown, "unknown"),
    ];
}

/// What `probe:` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Probe {
    /// That somebody looked.
    Any,
    /// That nobody did.
    Never,
    /// That this was seen.
    Is(Served),
}

impl Probe {
    pub(super) const ALL: [(Self, &'static str); 7] = [
        (Self::Is(Served::Same), "same"),
        (Self::Is(Served::Newer), "newer"),
        (Self::Is(Served::Nothing), "unreachable"),
        (Self::Is(Served::Other), "other"),
        (Self::Is(Served::Old), "old"),
        (Self::Never, "never"),
        (Self::Any, ""),
    ];

    /// Whether that is what was last seen, if anything was.
    pub(super) fn fits(self, served: Option<Served>) -> bool {
        match self {
            Self::Any => served.is_some(),
            Self::Never => served.is_none(),
            Self::Is(wanted) => served == Some(wanted),
        }
    }
}

/// Every key with its help, in the order in which help lists them.
pub(super) const TABLE: [(&str, Key, KeyHelp); 25] = [
    row(
        "name",
        Key::Text(TextKey::Name),
        "name:shop",
        "the name that it is called by holds it",
    ),
    row(
        "san",
        Key::Text(TextKey::San),
        "san:*.example.com",
        "one of its names does; * stands for anything",
    ),
    row(
        "account",
        Key::Text(TextKey::Account),
        "account:shop",
        "the account's name",
    ),
    row(
        "provider",
        Key::Text(TextKey::Provider),
        "provider:netcup",
        "the provider or the account's kind: sandbox, by-hand, files",
    ),
    row(
        "lifecycle",
        Key::Text(TextKey::Lifecycle),
        "lifecycle:netcup",
        "the lifecycle that it follows",
    ),
    row(
        "status",
        Key::Text(TextKey::Status),
        "status:\"not yet\"",
        "what the provider's panel shows, on any track; quotes for blanks",
    ),
    row(
        "phase",
        Key::Phase,
        "phase:live",
        "action-needed, in-progress, live, winding-down, ended, failed or unknown",
    ),
    row(
        "product",
        Key::Text(TextKey::Product),
        "product:wildcard",
        "the product's name",
    ),
    row(
        "issuer",
        Key::Text(TextKey::Issuer),
        "issuer:geotrust",
        "who issued the certificate that serves",
    ),
    row(
        "key",
        Key::Text(TextKey::Key),
        "key:rsa",
        "the kind of its key",
    ),
    row(
        "serial",
        Key::Text(TextKey::Serial),
        "serial:4a01",
        "its serial number, with or without colons",
    ),
    row("id", Key::Text(TextKey::Id), "id:k7", "the entry's id"),
    row(
        "note",
        Key::Text(TextKey::Note),
        "note:",
        "your note; without a value, that there is one",
    ),
    row(
        "expires",
        Key::Time(TimeKey::Expires),
        "expires<30d",
        "its certificate ends before then: 30d, 2w, 6mo, 1y, 2027-01-31",
    ),
    row(
        "renewal",
        Key::Time(TimeKey::Renewal),
        "renewal<2w",
        "its renewal is due before then; without a value, that it will be due",
    ),
    row(
        "paid",
        Key::Time(TimeKey::Paid),
        "paid:2027-06",
        "paid until then; also paid<30d and paid>1y",
    ),
    row(
        "due",
        Key::YesNo(Fact::Due),
        "due:",
        "its renewal window is open, or it has ended",
    ),
    row(
        "needs",
        Key::Needs,
        "needs:",
        "it needs someone; needs:you, needs:nothing",
    ),
    row(
        "ready",
        Key::Ready,
        "ready:no",
        "a custom hostname is ready for production: yes, no or unknown",
    ),
    row(
        "probe",
        Key::Probe,
        "probe:old",
        "its servers serve: same, newer, unreachable, other, old; never: not looked at",
    ),
    row(
        "expired",
        Key::YesNo(Fact::Expired),
        "expired:",
        "its certificate has ended",
    ),
    row(
        "superseded",
        Key::YesNo(Fact::Superseded),
        "!superseded:",
        "no successor serves in its place",
    ),
    row(
        "ca",
        Key::YesNo(Fact::Ca),
        "ca:no",
        "it is no certification authority's own",
    ),
    row(
        "trouble",
        Key::YesNo(Fact::Trouble),
        "trouble:",
        "the place that it was read from cannot be read",
    ),
    row(
        ARCHIVED,
        Key::YesNo(Fact::Archived),
        "archived:",
        "put away, which is hidden otherwise",
    ),
];

const fn row(
    name: &'static str,
    key: Key,
    example: &'static str,
    says: &'static str,
) -> (&'static str, Key, KeyHelp) {
    (name, key, KeyHelp { example, says })
}

/// Every key, for help.
pub fn keys() -> impl Iterator<Item = KeyHelp> {
    TABLE.iter().map(|(_, _, help)| *help)
}

/// How words, keys and `!` go together, for help.
pub const EXAMPLES: [KeyHelp; 4] = [
    KeyHelp {
        example: "shop issued",
        says: "both words are found: in names, id, account, product or status",
    },
    KeyHelp {
        example: "!issued",
        says: "it is not found; ! turns anything round",
    },
    KeyHelp {
        example: "\"Certificate issued\"",
        says: "the text itself, blanks, colons and all",
    },
    KeyHelp {
        example: "due: !account:shop",
        says: "all of it holds",
    },
];

/// A key by its name.
pub(super) fn find(name: &str) -> Option<Key> {
    let row = TABLE.iter().find(|(known, _, _)| *known == name);
    row.map(|(_, key, _)| *key)
}

/// The name of a key.
pub(super) fn name_of(key: Key) -> &'static str {
    let row = TABLE.iter().find(|(_, known, _)| *known == key);
    row.map_or("", |(name, _, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::query::Query;

    #[test]
    fn every_example_of_the_help_is_a_filter_and_uses_its_key() {
        for (name, key, help) in TABLE {
            let query = Query::parse(help.example).unwrap();
            assert!(!query.is_empty(), "{name}");
            assert!(help.example.contains(name), "{name}");
            assert_eq!((find(name), name_of(key)), (Some(key), name));
        }
        for help in EXAMPLES {
            assert!(!Query::parse(help.example).unwrap().is_empty());
        }
    }
}

//! What the list needs of an entry, read from its line without taking the line apart any further.
//!
//! Pure. The store reads it, `builder` packs it. Nothing here may decide what a row looks like.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::moment::Moment;
use crate::domain::entry::{CertificateRecord, Entry, LinkKind, Method, Role, StateRef};
use crate::domain::probed::Served;

/// More tracks than this are held with the whole entry; no provider has more.
pub(super) const TRACKS: usize = 2;

/// What is kept in memory of an entry that lies on the disk, as it is read from its line.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub struct Thin<'a> {
    /// The entry's id.
    #[serde(borrow)]
    pub id: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) account: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) lifecycle: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) names: Vec<Text<'a>>,
    #[serde(borrow, deserialize_with = "tracks")]
    pub(super) tracks: Vec<ThinTrack<'a>>,
    #[serde(borrow, default)]
    pub(super) product: ThinProduct<'a>,
    #[serde(borrow, default)]
    pub(super) order: ThinOrder<'a>,
    /// Of its certificates the one that serves now, or the newest one, as [`Entry::serving`] says.
    #[serde(borrow, default, rename = "certificates", deserialize_with = "serving")]
    pub(super) serving: Option<ThinCertificate<'a>>,
    #[serde(borrow, default)]
    pub(super) links: Vec<ThinLink<'a>>,
    #[serde(default)]
    pub(super) request: Present,
    #[serde(default)]
    pub(super) gone: Present,
    #[serde(default)]
    pub(super) said: Present,
    #[serde(default)]
    pub(super) trouble: Present,
    #[serde(default)]
    pub(super) undeployed: Present,
    pub(super) probed: Option<ThinProbed>,
    #[serde(default)]
    pub(super) dns_points: Option<bool>,
    #[serde(borrow, default)]
    pub(super) note: Cow<'a, str>,
    #[serde(default)]
    pub(super) archived: bool,
    pub(super) created: Time,
    pub(super) changed: Time,
    /// Whether it is known that no text has a control character.
    #[serde(skip)]
    pub(super) is_bare: bool,
}

/// What its servers were last seen to serve, in a word.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(super) struct ThinProbed {
    pub(super) served: Served,
}

/// A text that is borrowed from the line where it can be.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// Whether something is there.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
#[serde(from = "Option<IgnoredAny>")]
pub(super) struct Present(pub(super) bool);

impl From<Option<IgnoredAny>> for Present {
    fn from(value: Option<IgnoredAny>) -> Self {
        Self(value.is_some())
    }
}

/// One track and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ThinTrack<'a> {
    pub(super) id: Cow<'a, str>,
    pub(super) state: Cow<'a, str>,
    /// Whether a table may know the state.
    pub(super) known: bool,
    pub(super) since: Time,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(super) struct ThinProduct<'a> {
    #[serde(borrow, default)]
    pub(super) name: Cow<'a, str>,
    #[serde(default)]
    pub(super) paid_until: Option<Time>,
    #[serde(default)]
    pub(super) invoice: Option<ThinInvoice>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(super) struct ThinInvoice {
    #[serde(default)]
    pub(super) paid_at: Present,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(super) struct ThinOrder<'a> {
    #[serde(borrow, default)]
    pub(super) key_type: Option<Text<'a>>,
    #[serde(default)]
    pub(super) method: Option<Method>,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
pub(super) struct ThinCertificate<'a> {
    pub(super) role: Role,
    #[serde(borrow)]
    pub(super) issuer: Cow<'a, str>,
    pub(super) not_before: Time,
    pub(super) not_after: Time,
    #[serde(borrow)]
    pub(super) key: Cow<'a, str>,
    #[serde(default)]
    pub(super) is_ca: bool,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
pub(super) struct ThinLink<'a> {
    pub(super) kind: LinkKind,
    #[serde(borrow)]
    pub(super) entry: Cow<'a, str>,
}

impl<'a> Thin<'a> {
    /// The same of an entry that is at hand.
    #[must_use]
    pub fn of(entry: &'a Entry) -> Self {
        let text = |text: &'a String| Text(Cow::Borrowed(text));
        Self {
            id: Cow::Borrowed(entry.id.as_str()),
            account: Cow::Borrowed(&entry.account),
            lifecycle: Cow::Borrowed(&entry.lifecycle),
            names: entry.names.iter().map(text).collect(),
            tracks: entry.tracks.iter().map(ThinTrack::of).collect(),
            product: ThinProduct {
                name: Cow::Borrowed(&entry.product.name),
                paid_until: entry.product.paid_until.map(Time),
                invoice: (entry.product.invoice.as_ref()).map(|invoice| ThinInvoice {
                    paid_at: Present(invoice.paid_at.is_some()),
                }),
            },
            order: ThinOrder {
                key_type: entry.order.key_type.as_ref().map(text),
                method: entry.order.method,
            },
            serving: entry.serving().map(ThinCertificate::of),
            links: (entry.links.iter())
                .map(|link| ThinLink {
                    kind: link.kind,
                    entry: Cow::Borrowed(link.entry.as_str()),
                })
                .collect(),
            request: Present(entry.request.is_some()),
            gone: Present(entry.gone.is_some()),
            said: Present(entry.said.is_some()),
            trouble: Present(entry.trouble.is_some()),
            undeployed: Present(entry.undeployed.is_some()),
            probed: (entry.probed.as_ref()).map(|probed| ThinProbed {
                served: probed.served,
            }),
            dns_points: entry.dns_points,
            note: Cow::Borrowed(&entry.note),
            archived: entry.archived,
            created: Time(entry.created),
            changed: Time(entry.changed),
            is_bare: false,
        }
    }

    /// Whether what is kept of it is enough; else the whole entry is held in memory.
    #[must_use]
    pub fn is_enough(&self) -> bool {
        let unusual = [
            self.request,
            self.gone,
            self.said,
            self.trouble,
            self.undeployed,
        ];
        !unusual.iter().any(|is| is.0)
            && self.is_paid()
            && self.stands()
            && self.texts_can_be_kept()
            && self.times_can_be_kept()
    }

    /// Without a track, it stands where it stands since it changed, which is not kept.
    fn stands(&self) -> bool {
        !self.tracks.is_empty()
    }

    /// An open bill is named in a reminder.
    fn is_paid(&self) -> bool {
        (self.product.invoice).is_none_or(|invoice| invoice.paid_at.0)
    }

    fn texts_can_be_kept(&self) -> bool {
        let plain = |text: &str| self.is_bare || !text.bytes().any(|byte| byte < b' ');
        let small = |byte: u8| byte > b' ' && byte.is_ascii() && !byte.is_ascii_uppercase();
        let states = self.tracks.iter();
        let key_type = self.order.key_type.as_ref();
        !self.id.is_empty()
            && self.id.bytes().all(small)
            && self.names.iter().all(|name| plain(&name.0))
            && self.tracks.len() <= TRACKS
            && states
                .clone()
                .all(|track| plain(&track.id) && plain(&track.state))
            && plain(&self.lifecycle)
            && self.serving.as_ref().is_none_or(|held| plain(&held.key))
            && key_type.is_none_or(|key| plain(&key.0) && !key.0.is_empty())
    }

    fn times_can_be_kept(&self) -> bool {
        let kept = |time: Time| Moment::of(time.0).is_some();
        let exact = |time: Time| Moment::exactly(time.0).is_some();
        kept(self.created)
            && self.product.paid_until.is_none_or(kept)
            && self.tracks.iter().all(|track| kept(track.since))
            && (self.serving.as_ref())
                .is_none_or(|held| exact(held.not_before) && exact(held.not_after))
    }
}

impl<'a> ThinTrack<'a> {
    fn of((id, track): (&'a String, &'a crate::domain::entry::Track)) -> Self {
        Self {
            id: Cow::Borrowed(id),
            state: Cow::Borrowed(track.state.as_str()),
            known: matches!(track.state, StateRef::Known(_)),
            since: Time(track.since),
        }
    }
}

impl<'a> ThinCertificate<'a> {
    /// Puts the next certificate in the place of the one that was kept, unless that serves and this
    /// does not.
    pub(super) fn put(self, kept: &mut Option<Self>) {
        let serves = |held: &Self| held.role == Role::Serving;
        if serves(&self) || !kept.as_ref().is_some_and(serves) {
            *kept = Some(self);
        }
    }

    fn of(held: &'a CertificateRecord) -> Self {
        Self {
            role: held.role,
            issuer: Cow::Borrowed(&held.issuer),
            not_before: Time(held.not_before),
            not_after: Time(held.not_after),
            key: Cow::Borrowed(&held.key),
            is_ca: held.is_ca,
        }
    }
}

/// A point in time; read quickly where it is written as it usually is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Time(pub(super) Timestamp);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Written;
        impl Visitor<'_> for Written {
            type Value = Time;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a point in time as RFC 3339 writes it")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Time, E> {
                match plain_second(text.as_bytes()) {
                    Some(at) => Ok(Time(at)),
                    None => text.parse().map(Time).map_err(E::custom),
                }
            }
        }
        deserializer.deserialize_str(Written)
    }
}

/// A whole second of UTC as certdeck writes it, `2026-11-22T12:00:00Z`; nothing for any other form.
pub(super) fn plain_second(text: &[u8]) -> Option<Timestamp> {
    let text: &[u8; 20] = text.try_into().ok()?;
    let marks = [text[4], text[7], text[10], text[13], text[16], text[19]];
    if &marks != b"--T::Z" {
        return None;
    }
    let [
        _,
        _,
        _,
        _,
        _,
        mo1,
        mo0,
        _,
        d1,
        d0,
        _,
        h1,
        h0,
        _,
        mi1,
        mi0,
        _,
        s1,
        s0,
        _,
    ] = *text;
    let [century, year, month, day] =
        pairs([text[0], text[1], text[2], text[3], mo1, mo0, d1, d0])?;
    let [hour, minute, second, _] = pairs([h1, h0, mi1, mi0, s1, s0, b'0', b'0'])?;
    let year = century * 100 + year;
    // The day that leap years add, and leap seconds, are left to whoever knows the calendar.
    let usual = (1970..2100).contains(&year)
        && (1..=12).contains(&month)
        && day >= 1
        && hour < 24
        && minute < 60
        && second < 60;
    let (longest, before) = *MONTHS.get(month as usize).filter(|_| usual)?;
    if day > longest {
        return None;
    }
    // In these years each fourth one is a leap year: 2000 was one, too.
    let leap_day = u32::from(year % 4 == 0 && month > 2);
    let days = (year - 1970) * 365 + (year - 1969) / 4 + leap_day + before + day - 1;
    let seconds = i64::from(days) * 86_400 + i64::from(hour * 3_600 + minute * 60 + second);
    Timestamp::from_second(seconds).ok()
}

/// The values of four pairs of digits, all of them reckoned at once; nothing where one is no digit.
fn pairs(digits: [u8; 8]) -> Option<[u32; 4]> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let text = u64::from_le_bytes(digits);
    // Digits are 0x30 to 0x39: their upper halves are 3, also when 6 is added.
    let upper = |text: u64| text & (ONES * 0xF0);
    let zeros = ONES * u64::from(b'0');
    if upper(text) != zeros || upper(text + ONES * 6) != zeros {
        return None;
    }
    let values = text - zeros;
    let [first, _, second, _, third, _, fourth, _] = (values * 10 + (values >> 8)).to_le_bytes();
    Some([first, second, third, fourth].map(u32::from))
}

/// For each month, by its number, the days that it has at least, and how many of a common year are
/// before it.
const MONTHS: [(u32, u32); 13] = [
    (0, 0),
    (31, 0),
    (28, 31),
    (31, 59),
    (30, 90),
    (31, 120),
    (30, 151),
    (31, 181),
    (31, 212),
    (30, 243),
    (31, 273),
    (30, 304),
    (31, 334),
];

/// The certificate of a list that counts.
fn serving<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<ThinCertificate<'de>>, D::Error> {
    let mut kept = None;
    for held in Vec::<ThinCertificate<'de>>::deserialize(deserializer)? {
        held.put(&mut kept);
    }
    Ok(kept)
}

/// The tracks of an entry, in the order in which they are written: that of their ids.
fn tracks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ThinTrack<'de>>, D::Error> {
    struct Tracks;
    impl<'de> Visitor<'de> for Tracks {
        type Value = Vec<ThinTrack<'de>>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("tracks by id")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut tracks: Self::Value = Vec::with_capacity(1);
            while let Some((id, track)) = map.next_entry::<Text<'de>, Stands<'de>>()? {
                tracks.push(ThinTrack {
                    id: id.0,
                    known: track.state.known,
                    state: track.state.text,
                    since: track.since,
                });
            }
            // As a map has them, whoever wrote the line.
            tracks.sort_by(|left, right| left.id.cmp(&right.id));
            Ok(tracks)
        }
    }
    deserializer.deserialize_map(Tracks)
}

#[derive(Deserialize)]
struct Stands<'a> {
    #[serde(borrow)]
    state: State<'a>,
    since: Time,
}

struct State<'a> {
    text: Cow<'a, str>,
    known: bool,
}

impl<'de: 'a, 'a> Deserialize<'de> for State<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = State<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a state, or one that no table knows")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<State<'de>, E> {
                Ok(State {
                    text: Cow::Borrowed(text),
                    known: true,
                })
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<State<'de>, E> {
                Ok(State {
                    text: Cow::Owned(text.to_owned()),
                    known: true,
                })
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<State<'de>, A::Error> {
                let mut found = None;
                while let Some(key) = map.next_key::<Text<'de>>()? {
                    if key.0 == "unknown" {
                        found = Some(map.next_value::<Text<'de>>()?.0);
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                let text = found.ok_or_else(|| A::Error::missing_field("unknown"))?;
                Ok(State { text, known: false })
            }
        }
        deserializer.deserialize_any(Either)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_seconds_are_read_as_the_calendar_has_them() {
        for text in [
            "1970-01-01T00:00:00Z",
            "2000-02-28T23:59:59Z",
            "2000-03-01T00:00:00Z",
            "2024-02-28T01:02:03Z",
            "2026-11-22T12:00:00Z",
            "2025-04-30T00:00:00Z",
            "2026-08-31T08:09:10Z",
            "2099-12-31T23:59:59Z",
        ] {
            let expected: Timestamp = text.parse().unwrap();
            assert_eq!(plain_second(text.as_bytes()), Some(expected), "{text}");
        }
        for other in [
            "2026-11-31T12:00:00Z",
            "2024-02-29T12:00:00Z",
            "2026-00-10T12:00:00Z",
            "2026-13-10T12:00:00Z",
            "2026-10-00T12:00:00Z",
            "2026-11-22T12:00:00.5Z",
            "2026-11-22T12:00:00+01",
            "2026-11-22 12:00:00Z",
            "+026-11-22T12:00:00Z",
            "2026-11-22T12:00:0:Z",
            "2026-11-22T12:00:/0Z",
            "2026-1?-22T12:00:00Z",
            "",
        ] {
            assert_eq!(plain_second(other.as_bytes()), None, "{other}");
        }
        let read = |text: &str| serde_json::from_str::<Time>(&format!("{text:?}"));
        assert_eq!(
            read("2024-02-29T01:02:03Z").unwrap().0.as_second(),
            1_709_168_523
        );
        assert!(read("2023-02-29T01:02:03Z").is_err());
    }
}

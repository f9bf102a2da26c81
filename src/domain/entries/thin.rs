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

/// More tracks than this are held with the whole entry; no provider has more.
pub(super) const TRACKS: usize = 2;

/// What is kept in memory of an entry that lies on the disk, as it is read from its line.
#[derive(Clone, Debug, Deserialize)]
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
    #[serde(borrow, default)]
    certificates: Vec<ThinCertificate<'a>>,
    #[serde(borrow, default)]
    pub(super) links: Vec<ThinLink<'a>>,
    #[serde(default)]
    request: Present,
    #[serde(default)]
    gone: Present,
    #[serde(default)]
    said: Present,
    #[serde(default)]
    trouble: Present,
    #[serde(default)]
    pub(super) dns_points: Option<bool>,
    #[serde(borrow, default)]
    pub(super) note: Cow<'a, str>,
    #[serde(default)]
    pub(super) archived: bool,
    pub(super) created: Time,
    pub(super) changed: Time,
}

/// A text that is borrowed from the line where it can be.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// Whether something is there.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(from = "Option<IgnoredAny>")]
struct Present(bool);

impl From<Option<IgnoredAny>> for Present {
    fn from(value: Option<IgnoredAny>) -> Self {
        Self(value.is_some())
    }
}

/// One track and where it stands.
#[derive(Clone, Debug)]
pub(super) struct ThinTrack<'a> {
    pub(super) id: Cow<'a, str>,
    pub(super) state: Cow<'a, str>,
    /// Whether a table may know the state.
    pub(super) known: bool,
    pub(super) since: Time,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct ThinProduct<'a> {
    #[serde(borrow, default)]
    pub(super) name: Cow<'a, str>,
    #[serde(default)]
    pub(super) paid_until: Option<Time>,
    #[serde(default)]
    invoice: Option<ThinInvoice>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct ThinInvoice {
    #[serde(default)]
    paid_at: Present,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct ThinOrder<'a> {
    #[serde(borrow, default)]
    pub(super) key_type: Option<Text<'a>>,
    #[serde(default)]
    pub(super) method: Option<Method>,
}

#[derive(Clone, Debug, Deserialize)]
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

#[derive(Clone, Debug, Deserialize)]
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
            certificates: entry.certificates.iter().map(ThinCertificate::of).collect(),
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
            dns_points: entry.dns_points,
            note: Cow::Borrowed(&entry.note),
            archived: entry.archived,
            created: Time(entry.created),
            changed: Time(entry.changed),
        }
    }

    /// Whether what is kept of it is enough; else the whole entry is held in memory.
    #[must_use]
    pub fn is_enough(&self) -> bool {
        let unusual = [self.request, self.gone, self.said, self.trouble];
        !unusual.iter().any(|is| is.0)
            && self.is_paid()
            && self.texts_can_be_kept()
            && self.times_can_be_kept()
    }

    /// The certificate that serves now, or the newest one, as [`Entry::serving`] says.
    pub(super) fn serving(&self) -> Option<&ThinCertificate<'a>> {
        let mut newest_first = self.certificates.iter().rev();
        let serving = newest_first.find(|held| held.role == Role::Serving);
        serving.or_else(|| self.certificates.last())
    }

    /// An open bill is named in a reminder.
    fn is_paid(&self) -> bool {
        (self.product.invoice).is_none_or(|invoice| invoice.paid_at.0)
    }

    fn texts_can_be_kept(&self) -> bool {
        let plain = |text: &str| !text.bytes().any(|byte| byte < b' ');
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
            && self.serving().is_none_or(|held| plain(&held.key))
            && key_type.is_none_or(|key| plain(&key.0) && !key.0.is_empty())
    }

    fn times_can_be_kept(&self) -> bool {
        let kept = |time: Time| Moment::of(time.0).is_some();
        let exact = |time: Time| Moment::exactly(time.0).is_some();
        kept(self.created)
            && kept(self.changed)
            && self.product.paid_until.is_none_or(kept)
            && self.tracks.iter().all(|track| kept(track.since))
            && (self.serving()).is_none_or(|held| exact(held.not_before) && exact(held.not_after))
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
fn plain_second(text: &[u8]) -> Option<Timestamp> {
    let [
        y3,
        y2,
        y1,
        y0,
        b'-',
        mo1,
        mo0,
        b'-',
        d1,
        d0,
        b'T',
        rest @ ..,
    ] = text
    else {
        return None;
    };
    let [h1, h0, b':', mi1, mi0, b':', s1, s0, b'Z'] = rest else {
        return None;
    };
    let number = |digits: &[&u8]| {
        digits.iter().try_fold(0_i64, |number, digit| {
            (digit.is_ascii_digit()).then(|| number * 10 + i64::from(**digit - b'0'))
        })
    };
    let (year, month, day) = (
        number(&[y3, y2, y1, y0])?,
        number(&[mo1, mo0])?,
        number(&[d1, d0])?,
    );
    let (hour, minute, second) = (number(&[h1, h0])?, number(&[mi1, mi0])?, number(&[s1, s0])?);
    // Days that not every month has, and leap seconds, are left to whoever knows the calendar.
    let usual = (1970..2100).contains(&year)
        && (1..=12).contains(&month)
        && (1..=28).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    if !usual {
        return None;
    }
    let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    Timestamp::from_second(seconds).ok()
}

/// Days from March 1 of the year 0 to the beginning of 1970.
const TO_1970: i64 = 719_468;

/// Days since 1970 in the Gregorian calendar: years are counted from March, so that the day that
/// leap years add is the last of them, and the months before it have 153 days in each five.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let in_year = (153 * month + 2) / 5 + day - 1;
    year * 365 + year / 4 - year / 100 + year / 400 + in_year - TO_1970
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
            "2099-12-28T23:59:59Z",
        ] {
            let expected: Timestamp = text.parse().unwrap();
            assert_eq!(plain_second(text.as_bytes()), Some(expected), "{text}");
        }
        for other in [
            "2026-11-31T12:00:00Z",
            "2026-11-22T12:00:00.5Z",
            "2026-11-22T12:00:00+01",
            "2026-11-22 12:00:00Z",
            "+026-11-22T12:00:00Z",
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

//! The next twelve months of an inventory, week by week: what ends, what is due, and what shorter
//! lives will do to the number of renewals.
//!
//! Pure: one pass over the rows, of which nothing is read or made whole. The panel's timeline and
//! `certdeck timeline` draw it.

use jiff::civil::{Date, Weekday, date};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::renewal;
use super::rows::{Rows, Seen};
use super::time;

/// How many weeks are looked at: a year from now, wherever in its week that begins.
pub const WEEKS: usize = 53;

/// From a day on, publicly trusted certificates are issued for at most so many days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The day.
    pub from: Date,
    /// The longest life of what is issued from then on, in days.
    pub days: i64,
}

/// The rules of today and tomorrow.
///
/// Source: Baseline Requirements of the CA/Browser Forum, section 6.3.2, as of ballot SC-081v3.
pub const RULES: [Rule; 3] = [
    Rule {
        from: date(2026, 3, 15),
        days: 200,
    },
    Rule {
        from: date(2027, 3, 15),
        days: 100,
    },
    Rule {
        from: date(2029, 3, 15),
        days: 47,
    },
];

/// One week, from Monday on, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Week {
    /// Its Monday.
    pub monday: Date,
    /// How many certificates end in it.
    pub ends: usize,
    /// How many renewal windows open in it.
    pub due: usize,
}

/// How many renewals a rule makes of this inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Renewals {
    /// The rule.
    pub rule: Rule,
    /// How many renewals in a year, if each certificate is renewed as soon as its window opens,
    /// and lives as long as it does now or as the rule allows.
    pub in_a_year: usize,
}

/// The next twelve months.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// When it was looked at.
    pub now: Timestamp,
    /// The weeks, the one of now first.
    pub weeks: Vec<Week>,
    /// How many certificates count: those that serve and that nothing has replaced.
    pub certificates: usize,
    /// How many of them have ended already.
    pub expired: usize,
    /// How many of them are due already and have not ended.
    pub overdue: usize,
    /// How many end later than in the last week.
    pub later: usize,
    /// Whether some of them belong to accounts with a time of their own.
    pub has_other_clocks: bool,
    /// What each rule makes of them.
    pub renewals: [Renewals; RULES.len()],
}

impl Timeline {
    /// The timeline of some rows; of all where there is no choice of them. Put away, replaced,
    /// deleted and certification authorities' own certificates do not count.
    #[must_use]
    pub fn of(rows: &Rows, chosen: Option<&[u32]>) -> Self {
        let mut making = Making::at(rows.system());
        let times = rows.times();
        match chosen {
            Some(numbers) => {
                let numbers = numbers.iter().map(|number| *number as usize);
                numbers.for_each(|number| making.take(rows, &times, number));
            }
            None => (0..rows.len()).for_each(|number| making.take(rows, &times, number)),
        }
        making.finish()
    }

    /// The number of the week in which a day lies, if it is one of these.
    #[must_use]
    pub fn week_of(&self, day: Date) -> Option<usize> {
        let found = self.weeks.iter().rposition(|week| week.monday <= day)?;
        let is_last = found + 1 == self.weeks.len();
        let ends = self.weeks[found]
            .monday
            .checked_add(jiff::Span::new().days(7));
        (!is_last || ends.is_ok_and(|ends| day < ends)).then_some(found)
    }

    /// The week with the most of what is due, and of what ends: what a chart is drawn by.
    #[must_use]
    pub fn most(&self) -> (usize, usize) {
        let due = self.weeks.iter().map(|week| week.due).max();
        let ends = self.weeks.iter().map(|week| week.ends).max();
        (due.unwrap_or(0), ends.unwrap_or(0))
    }
}

/// What happens in a week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Happens {
    /// Renewals become due.
    #[default]
    Due,
    /// Certificates end.
    Ends,
}

impl Week {
    /// How often it happens in this week.
    #[must_use]
    pub fn count(&self, what: Happens) -> usize {
        match what {
            Happens::Due => self.due,
            Happens::Ends => self.ends,
        }
    }
}

impl Timeline {
    /// The filter that finds what is counted in a week, by its number; nothing where there is no
    /// such week.
    #[must_use]
    pub fn filter(&self, number: usize, what: Happens) -> Option<String> {
        let (after, before) = self.bounds(number)?;
        Some(match what {
            Happens::Due => format!("renewal>{after} renewal<{before}"),
            // Only what will be renewed counts.
            Happens::Ends => format!("expires>{after} expires<{before} renewal:"),
        })
    }

    /// Between what a week lies, as a filter writes it.
    fn bounds(&self, number: usize) -> Option<(String, String)> {
        let monday = self.weeks.get(number)?.monday;
        let day = |days: i64| {
            let day = monday.checked_add(jiff::Span::new().days(days));
            day.unwrap_or(monday)
        };
        // Of this week only what is still to come counts.
        let is_first = number == 0;
        if self.has_other_clocks {
            // What lies ten days ahead of each of them has no date in common.
            let ahead = |day: Date| {
                let begins = day.to_zoned(TimeZone::UTC).ok()?.timestamp();
                Some(format!("{}s", self.now.duration_until(begins).as_secs()))
            };
            let after = if is_first {
                Some("0s".to_owned())
            } else {
                ahead(day(0))
            };
            return Some((after?, ahead(day(7))?));
        }
        // Both bounds are days, before or after which something lies.
        let after = if is_first {
            "0s".to_owned()
        } else {
            day(-1).to_string()
        };
        Some((after, day(7).to_string()))
    }
}

/// A timeline that is being made.
struct Making {
    timeline: Timeline,
    /// The first second of the first week.
    begins: i64,
    /// Renewals in a year, by rule.
    renewals: [f64; RULES.len()],
}

const WEEK: i64 = 7 * 86_400;
const YEAR: f64 = 365.0 * 86_400.0;

impl Making {
    fn at(now: Timestamp) -> Self {
        let monday = monday_of(now);
        let begins = monday.to_zoned(TimeZone::UTC);
        let begins = begins.map_or(now, |monday| monday.timestamp());
        let weeks = (0..WEEKS).map(|number| {
            let days = jiff::Span::new().weeks(i64::try_from(number).unwrap_or(0));
            Week {
                monday: monday.checked_add(days).unwrap_or(monday),
                ends: 0,
                due: 0,
            }
        });
        let renewals = RULES.map(|rule| Renewals { rule, in_a_year: 0 });
        Self {
            timeline: Timeline {
                now,
                weeks: weeks.collect(),
                certificates: 0,
                expired: 0,
                overdue: 0,
                later: 0,
                has_other_clocks: false,
                renewals,
            },
            begins: begins.as_second(),
            renewals: [0.0; RULES.len()],
        }
    }

    fn take(&mut self, rows: &Rows, times: &[Timestamp], number: usize) {
        if let Some((from, to, now)) = life(rows, times, number) {
            self.add(from, to, now);
        }
    }

    /// Adds a certificate with this life; `now` is its account's time, which may be another one.
    fn add(&mut self, from: Timestamp, to: Timestamp, now: Timestamp) {
        let line = &mut self.timeline;
        // What happens in ten days there happens in ten days here: a timeline has one clock.
        let shift = line.now.duration_since(now);
        let opens = renewal::window_opens(from, to);
        line.certificates += 1;
        // A second is nothing: a clock may be read a moment later than another.
        line.has_other_clocks |= shift.abs() > SignedDuration::from_secs(1);
        let (ends, due) = (time::later(to, shift), time::later(opens, shift));
        if ends < line.now {
            line.expired += 1;
        } else {
            match self.week(ends) {
                Some(week) => self.timeline.weeks[week].ends += 1,
                None => self.timeline.later += 1,
            }
            if due <= self.timeline.now {
                self.timeline.overdue += 1;
            } else if let Some(week) = self.week(due) {
                self.timeline.weeks[week].due += 1;
            }
        }
        let lasts = from.duration_until(to);
        for (sum, rule) in self.renewals.iter_mut().zip(RULES) {
            *sum += in_a_year(lasts.min(time::days(rule.days)));
        }
    }

    fn week(&self, at: Timestamp) -> Option<usize> {
        let number = (at.as_second() - self.begins).div_euclid(WEEK);
        usize::try_from(number)
            .ok()
            .filter(|number| *number < WEEKS)
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a sum of what is not negative, far below the limits of a count"
    )]
    fn finish(mut self) -> Timeline {
        for (renewals, sum) in self.timeline.renewals.iter_mut().zip(self.renewals) {
            renewals.in_a_year = sum.round() as usize;
        }
        self.timeline
    }
}

/// How often something that lives so long is renewed in a year, each time when its window opens.
fn in_a_year(life: SignedDuration) -> f64 {
    if life <= SignedDuration::ZERO {
        return 0.0;
    }
    let ends = time::later(Timestamp::UNIX_EPOCH, life);
    let used =
        Timestamp::UNIX_EPOCH.duration_until(renewal::window_opens(Timestamp::UNIX_EPOCH, ends));
    YEAR / used.as_secs_f64().max(1.0)
}

/// The life of the certificate of a row that counts, and its account's time; `times` has those of
/// the accounts of the base.
fn life(
    rows: &Rows,
    times: &[Timestamp],
    number: usize,
) -> Option<(Timestamp, Timestamp, Timestamp)> {
    match rows.seen(number)? {
        Seen::Packed(slim) => {
            let base = rows.base();
            let kind = base.kind(slim);
            if kind.archived || kind.is_ca || rows.is_superseded(number) {
                return None;
            }
            let now = *times.get(usize::from(slim.account))?;
            Some((slim.begins.at()?, slim.ends.at()?, now))
        }
        Seen::Held(held) => {
            let row = &held.row;
            let counts = !(row.archived || row.is_ca || row.superseded || row.gone.is_some());
            let (from, to) = row.validity.filter(|_| counts)?;
            let now = rows.inventory().time_of(&row.account, rows.system());
            Some((from, to, now))
        }
    }
}

/// The Monday of the week in which a moment lies.
fn monday_of(now: Timestamp) -> Date {
    let today = now.to_zoned(TimeZone::UTC).date();
    let days = i64::from(today.weekday().since(Weekday::Monday));
    let monday = today.checked_sub(jiff::Span::new().days(days));
    monday.unwrap_or(today)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn of(lives: &[(&str, &str)]) -> Timeline {
        let now = at("2026-11-22T12:00:00Z");
        let mut making = Making::at(now);
        for (from, to) in lives {
            making.add(at(from), at(to), now);
        }
        making.finish()
    }

    #[test]
    fn weeks_begin_on_monday_and_reach_a_year_ahead() {
        let line = of(&[]);
        let mondays: Vec<Date> = line.weeks.iter().map(|week| week.monday).collect();
        assert_eq!(mondays.len(), WEEKS);
        assert_eq!(mondays[0], date(2026, 11, 16), "the Monday before a Sunday");
        assert_eq!(mondays[1], date(2026, 11, 23));
        assert_eq!(mondays[WEEKS - 1], date(2027, 11, 15));
        assert_eq!(line.week_of(date(2027, 3, 15)), Some(17));
        assert_eq!(line.week_of(date(2027, 11, 21)), Some(WEEKS - 1));
        assert_eq!(line.week_of(date(2027, 11, 22)), None);
        assert_eq!(line.week_of(date(2026, 11, 15)), None);
    }

    #[test]
    fn each_certificate_counts_once_where_it_ends_and_once_where_it_is_due() {
        let line = of(&[
            // 90 days: due on 2026-12-24, ends on 2027-01-23.
            ("2026-10-25T00:00:00Z", "2027-01-23T00:00:00Z"),
            // Due since 2026-11-01.
            ("2026-09-02T00:00:00Z", "2026-12-01T00:00:00Z"),
            // Ended.
            ("2026-08-01T00:00:00Z", "2026-11-01T00:00:00Z"),
            // 2028.
            ("2026-01-01T00:00:00Z", "2028-01-01T00:00:00Z"),
        ]);
        let due: Vec<_> = line.weeks.iter().filter(|week| week.due > 0).collect();
        let ends: Vec<_> = line.weeks.iter().filter(|week| week.ends > 0).collect();
        let mondays = |weeks: &[&Week]| weeks.iter().map(|week| week.monday).collect::<Vec<_>>();
        assert_eq!(mondays(&due), [date(2026, 12, 21), date(2027, 4, 26)]);
        assert_eq!(mondays(&ends), [date(2026, 11, 30), date(2027, 1, 18)]);
        let counted = (line.certificates, line.expired, line.overdue, line.later);
        assert_eq!(counted, (4, 1, 1, 1));
        assert_eq!(line.most(), (1, 1));
    }

    #[test]
    fn shorter_lives_mean_more_renewals() {
        // Renewed after two thirds: 60 days of 90, and of at most 200, 100 and 47.
        let ninety = vec![("2026-10-25T00:00:00Z", "2027-01-23T00:00:00Z"); 60];
        let counts = of(&ninety).renewals.map(|renewals| renewals.in_a_year);
        assert_eq!(counts, [365, 365, 699]);
        let years = vec![("2026-01-01T00:00:00Z", "2027-02-03T00:00:00Z"); 100];
        let counts = of(&years).renewals.map(|renewals| renewals.in_a_year);
        assert_eq!(counts, [274, 548, 1165]);
        let odd = of(&[("2026-02-01T00:00:00Z", "2026-01-01T00:00:00Z")]);
        assert_eq!(
            odd.renewals[2].in_a_year, 0,
            "a life that ends before it begins"
        );
    }

    #[test]
    fn a_clock_that_runs_elsewhere_counts_from_its_own_now() {
        let now = at("2026-11-22T12:00:00Z");
        let mut making = Making::at(now);
        // The account's clock shows a year later; ten days are left there.
        making.add(
            at("2027-09-03T12:00:00Z"),
            at("2027-12-02T12:00:00Z"),
            at("2027-11-22T12:00:00Z"),
        );
        let line = making.finish();
        assert_eq!(line.week_of(date(2026, 12, 2)), Some(2));
        assert_eq!((line.weeks[2].ends, line.overdue), (1, 1));
        // From Sunday noon to Monday a week later are seven and a half days.
        let filter = line.filter(2, Happens::Ends).unwrap();
        assert_eq!(filter, "expires>648000s expires<1252800s renewal:");
    }

    #[test]
    fn the_filter_of_a_week_is_one() {
        let line = of(&[]);
        let filters = [(0, Happens::Due), (1, Happens::Due), (1, Happens::Ends)]
            .map(|(week, what)| line.filter(week, what).unwrap());
        assert_eq!(
            filters,
            [
                "renewal>0s renewal<2026-11-23",
                "renewal>2026-11-22 renewal<2026-11-30",
                "expires>2026-11-22 expires<2026-11-30 renewal:",
            ]
        );
        for filter in filters {
            assert!(
                crate::domain::query::Query::parse(&filter).is_ok(),
                "{filter}"
            );
        }
        assert_eq!(line.filter(WEEKS, Happens::Due), None);
    }
}

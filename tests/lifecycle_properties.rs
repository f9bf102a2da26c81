//! Properties of the lifecycles: whatever happens in whatever order, nothing panics, time leaves
//! no trace, every change is explained by one row, and a refused action changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use certdeck::domain::account::AccountKind;
use certdeck::domain::action::{CATALOGUE, Kind};
use certdeck::domain::entry::{
    CertificateRecord, CsrBy, Entry, EntryId, Invoice, Method, OpenRequest, Price, ProductKind,
    Role, StateRef, Track,
};
use certdeck::domain::event::{Cause, Event, What, apply};
use certdeck::domain::gate::{AccountFacts, Context, Verdict, gate};
use certdeck::domain::lifecycle::{
    Bring, EntryPoint, Lifecycle, Lifecycles, PREVIOUS, effective, effective_track, embedded,
};
use certdeck::domain::row::Row;
use jiff::{SignedDuration, Timestamp};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;

/// Every embedded lifecycle, and the made-up one that uses the whole format.
fn lifecycles() -> Vec<Lifecycle> {
    let files = embedded().iter().copied();
    let fixture = (
        "every_feature.toml",
        include_str!("fixtures/every_feature.toml"),
    );
    files
        .chain([fixture])
        .map(|(file, text)| Lifecycle::parse(file, text).expect("a right table"))
        .collect()
}

fn start() -> Timestamp {
    "2026-11-22T14:30:00Z".parse().expect("a timestamp")
}

// --- what may happen ---------------------------------------------------------------------------

/// One thing that is tried in a made-up story.
#[derive(Clone, Debug)]
enum Step {
    /// Time passes, or is set back.
    Time(i64),
    /// Some action of the catalogue is tried.
    Act(Index, bool),
    /// Some event that the state allows happens.
    Happen(Index),
    /// The provider is seen to stand somewhere, be it in a state that no table knows.
    Observe(Index, String),
    /// The circumstances change.
    Around(Around),
}

#[derive(Clone, Debug)]
enum Around {
    ReadOnly(bool),
    Quota(Option<u32>),
    Successor(bool),
    Archived(bool),
    Product(Option<u8>, bool, bool, bool),
    Csr(u8, bool),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (-4_000_000i64..20_000_000).prop_map(Step::Time),
        4 => (any::<Index>(), any::<bool>()).prop_map(|(index, accepted)| Step::Act(index, accepted)),
        3 => any::<Index>().prop_map(Step::Happen),
        1 => (any::<Index>(), ".{0,12}").prop_map(|(index, raw)| Step::Observe(index, raw)),
        2 => around().prop_map(Step::Around),
    ]
}

fn around() -> impl Strategy<Value = Around> {
    prop_oneof![
        any::<bool>().prop_map(Around::ReadOnly),
        option::of(0u32..3).prop_map(Around::Quota),
        any::<bool>().prop_map(Around::Successor),
        any::<bool>().prop_map(Around::Archived),
        (
            option::of(0u8..3),
            any::<bool>(),
            any::<bool>(),
            any::<bool>()
        )
            .prop_map(|(kind, free, hosted, auto)| Around::Product(kind, free, hosted, auto)),
        (0u8..3, any::<bool>()).prop_map(|(by, held)| Around::Csr(by, held)),
    ]
}

/// The world of one story.
struct Story<'a> {
    lifecycle: &'a Lifecycle,
    entry: Entry,
    now: Timestamp,
    read_only: bool,
    quota: Option<u32>,
    successor: bool,
    changes: usize,
}

impl<'a> Story<'a> {
    fn begin(lifecycle: &'a Lifecycle, point: &EntryPoint) -> Self {
        let mut entry = Entry::new(
            EntryId::new("e1"),
            "shop",
            &lifecycle.id,
            &point.state,
            start(),
        );
        let track = entry
            .tracks
            .remove("main")
            .expect("a new entry has its track");
        entry.tracks.insert(point.track.clone(), track);
        Self {
            lifecycle,
            entry,
            now: start(),
            read_only: false,
            quota: Some(2),
            successor: false,
            changes: 0,
        }
    }

    fn context(&self) -> Context<'static> {
        let account = AccountFacts {
            name: "shop",
            kind: AccountKind::Sandbox,
            configured: true,
            read_only: self.read_only,
            zone_active: None,
            quota_left: self.quota,
        };
        Context {
            now: self.now,
            account,
            successor: self.successor.then(|| "e2 (on its way)".to_owned()),
            successor_live: None,
        }
    }

    fn event(&mut self, what: What) {
        let event = Event {
            entry: self.entry.id.clone(),
            at: self.now,
            what,
        };
        apply(&mut self.entry, &event);
        self.changes += 1;
    }

    fn take(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match step {
            Step::Time(seconds) => self.let_time_pass(*seconds),
            Step::Act(index, accepted) => {
                let mut actions: Vec<_> = CATALOGUE.iter().collect();
                // Half of the tries go to what is sent to the provider.
                actions.retain(|spec| *accepted || spec.kind == Kind::Provider);
                self.try_action(index.get(&actions).id, *accepted)
            }
            Step::Happen(index) => self.let_happen(*index),
            Step::Observe(index, raw) => self.observe(*index, raw),
            Step::Around(around) => {
                self.change_around(around);
                Ok(())
            }
        }
    }

    /// Time alone changes nothing that is stored, however it is looked at.
    fn let_time_pass(&mut self, seconds: i64) -> Result<(), TestCaseError> {
        let before = self.entry.clone();
        self.now = self
            .now
            .saturating_add(SignedDuration::from_secs(seconds))
            .expect("a span of seconds");
        self.look()?;
        prop_assert_eq!(&before, &self.entry);
        Ok(())
    }

    /// Everything that is read of an entry: none of it may panic or change it.
    fn look(&self) -> Result<(), TestCaseError> {
        let shown = effective(&self.entry, self.lifecycle, self.now);
        prop_assert!(!self.lifecycle.label(&shown).contains(PREVIOUS));
        for track in self.entry.tracks.keys() {
            let state = effective_track(&self.entry, track, self.lifecycle, self.now);
            prop_assert!(state.is_some(), "{track} has a state");
            if let Some(StateRef::Known(id)) = state {
                let state = self.lifecycle.state(&id);
                prop_assert_eq!(
                    state.map(|state| &state.track),
                    Some(track),
                    "{} is a state of its track",
                    id
                );
            }
        }
        let row = Row::of(&self.entry, Some(self.lifecycle), self.now, false);
        prop_assert_eq!(row.state.as_str(), self.lifecycle.label(&shown));
        let again = effective(&self.entry, self.lifecycle, self.now);
        prop_assert_eq!(shown, again);
        Ok(())
    }

    /// The gate is asked; what it refuses changes nothing, what it allows goes along its row.
    fn try_action(&mut self, action: &str, accepted: bool) -> Result<(), TestCaseError> {
        let before = self.entry.clone();
        let verdict = gate(action, &self.entry, self.lifecycle, &self.context());
        prop_assert_eq!(&before, &self.entry, "asking changes nothing");
        let Verdict::Possible { row } = verdict else {
            let reason = verdict
                .reason()
                .map(ToString::to_string)
                .unwrap_or_default();
            prop_assert!(reason.len() > 10, "a refusal has a reason: {:?}", reason);
            return Ok(());
        };
        let is_local = CATALOGUE
            .iter()
            .any(|spec| spec.id == action && spec.kind == Kind::Local);
        prop_assert!(is_local || row.is_some(), "a provider action goes by a row");
        let Some(row) = row.map(|row| &self.lifecycle.actions[row]) else {
            return Ok(());
        };
        prop_assert_eq!(&row.id, action);
        if is_local {
            return Ok(());
        }
        self.check_allowed(row)?;
        let asked = action.to_owned();
        let since = self.now;
        self.event(What::Requested {
            action: asked.clone(),
            since,
            with: certdeck::domain::event::Answers::default(),
        });
        let closed = gate(action, &self.entry, self.lifecycle, &self.context());
        prop_assert!(!closed.is_possible(), "nothing is sent twice");
        if accepted {
            self.event(What::Accepted {
                action: asked.clone(),
                says: None,
                open: row.opens.is_some(),
            });
            if let Some(to) = &row.to {
                self.move_along(&row.track, to, Cause::Action { action: asked })?;
            }
        } else {
            let says = "no".to_owned();
            self.event(What::Refused {
                action: asked,
                says,
            });
            prop_assert_eq!(
                &before.tracks,
                &self.entry.tracks,
                "a refused action moves nothing"
            );
            prop_assert_eq!(self.entry.said.as_deref(), Some("no"));
        }
        prop_assert_eq!(&self.entry.request, &None);
        Ok(())
    }

    /// What a person would object to, had the gate let it through.
    fn check_allowed(
        &self,
        row: &certdeck::domain::lifecycle::ActionRow,
    ) -> Result<(), TestCaseError> {
        prop_assert!(!self.read_only && !self.entry.archived && self.entry.request.is_none());
        let state = effective_track(&self.entry, &row.track, self.lifecycle, self.now);
        if let Some(StateRef::Known(id)) = &state {
            prop_assert!(row.from.contains(id), "{} from {}", row.id, id);
        }
        if row.makes.is_some() {
            prop_assert!(!self.successor, "nothing is bought twice");
        }
        Ok(())
    }

    /// Some event that the stored states allow happens, with what it brings.
    fn let_happen(&mut self, index: Index) -> Result<(), TestCaseError> {
        let rows: Vec<_> = self
            .entry
            .tracks
            .iter()
            .flat_map(|(track, stands)| self.lifecycle.events_from(track, stands.state.as_str()))
            .filter(|row| !row.is_made_by_time())
            .collect();
        if rows.is_empty() {
            return Ok(());
        }
        let row = (*index.get(&rows)).clone();
        self.move_along(
            &row.track,
            &row.to,
            Cause::Event {
                event: row.id.clone(),
            },
        )?;
        for bring in &row.brings {
            self.bring(*bring);
        }
        self.look()
    }

    /// A track goes where a row leads, and remembers where it was.
    fn move_along(&mut self, track: &str, to: &str, by: Cause) -> Result<(), TestCaseError> {
        let left = self.entry.tracks[track].clone();
        let target = match (to, &left.previous) {
            (PREVIOUS, Some(previous)) => previous.clone(),
            (PREVIOUS, None) => left.state.clone(),
            (state, _) => StateRef::known(state),
        };
        self.event(What::Moved {
            track: track.to_owned(),
            from: left.state.clone(),
            to: target.clone(),
            by,
        });
        let stands = &self.entry.tracks[track];
        prop_assert_eq!(&stands.state, &target);
        if left.state != target {
            prop_assert_eq!(&stands.previous, &Some(left.state));
        }
        prop_assert_eq!(stands.since, self.now);
        prop_assert_eq!(&self.entry.said, &None);
        Ok(())
    }

    fn bring(&mut self, bring: Bring) {
        let what = match bring {
            Bring::Invoice => What::InvoiceSent { invoice: invoice() },
            Bring::Receipt => What::InvoicePaid {
                number: "1".to_owned(),
                paid_until: None,
            },
            Bring::ValidationRecords => What::ValidationAsked {
                records: Vec::new(),
            },
            Bring::Question => What::Asked {
                says: "Who are you?".to_owned(),
            },
            Bring::Certificate => What::Issued {
                certificate: certificate(self.now, self.changes),
            },
            _ => return,
        };
        self.event(what);
    }

    /// Polling sees only snapshots: any string may come, and it is never lost.
    fn observe(&mut self, index: Index, raw: &str) -> Result<(), TestCaseError> {
        let tracks: Vec<String> = self
            .lifecycle
            .tracks
            .iter()
            .map(|track| track.id.clone())
            .collect();
        let track = index.get(&tracks).clone();
        let wires: Vec<&str> = self
            .lifecycle
            .states
            .iter()
            .flat_map(|state| &state.wire)
            .map(|wire| wire.is.as_str())
            .collect();
        let raw = if wires.is_empty() || raw.len() > 6 {
            raw
        } else {
            index.get(&wires)
        };
        let to = self.lifecycle.resolve(&track, raw, &[]);
        if let StateRef::Unknown { unknown } = &to {
            prop_assert_eq!(unknown, raw, "kept word for word");
        }
        let from = self
            .entry
            .tracks
            .get(&track)
            .map_or_else(|| to.clone(), |stands| stands.state.clone());
        self.event(What::Moved {
            track: track.clone(),
            from,
            to: to.clone(),
            by: Cause::Observed,
        });
        prop_assert_eq!(&self.entry.tracks[&track].state, &to);
        self.look()
    }

    fn change_around(&mut self, around: &Around) {
        let product = &mut self.entry.product;
        match *around {
            Around::ReadOnly(is) => self.read_only = is,
            Around::Quota(left) => self.quota = left,
            Around::Successor(is) => self.successor = is,
            Around::Archived(is) => self.entry.archived = is,
            Around::Product(kind, free, hosted, auto_renew) => {
                let kinds = [
                    ProductKind::Single,
                    ProductKind::Wildcard,
                    ProductKind::MultiDomain,
                ];
                product.kind = kind.map(|kind| kinds[usize::from(kind)]);
                (product.free, product.hosted, product.auto_renew) = (free, hosted, auto_renew);
            }
            Around::Csr(by, held) => {
                self.entry.order.csr_by = Some(CsrBy::ALL[usize::from(by)]);
                self.entry.order.key_held = held;
                self.entry.order.method = Some(Method::ALL[usize::from(by)]);
            }
        }
    }
}

fn invoice() -> Invoice {
    Invoice {
        number: "1".to_owned(),
        amount: Price {
            cents: 4_900,
            currency: "EUR".to_owned(),
        },
        link: None,
        paid_at: None,
    }
}

fn certificate(now: Timestamp, number: usize) -> CertificateRecord {
    let days = |count: i64| SignedDuration::from_hours(24 * count);
    CertificateRecord {
        sha256: format!("{number:064x}"),
        chain: Vec::new(),
        role: Role::Serving,
        subject: "CN=a.example".to_owned(),
        issuer: "a CA".to_owned(),
        serial: "01".to_owned(),
        not_before: now.saturating_sub(days(1)).expect("a span of days"),
        not_after: now.saturating_add(days(90)).expect("a span of days"),
        key: "P-256".to_owned(),
        spki_sha256: "aa".repeat(32),
        is_ca: false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_story_is_explained_row_by_row(
        which in any::<Index>(),
        point in any::<Index>(),
        steps in vec(step(), 1..60),
    ) {
        let all = lifecycles();
        let lifecycle = which.get(&all);
        let mut story = Story::begin(lifecycle, point.get(&lifecycle.entry_points));
        for step in &steps {
            story.take(step)?;
        }
    }

    #[test]
    fn time_is_read_and_never_stored(
        which in any::<Index>(),
        state in any::<Index>(),
        begins in -5_000i64..5_000,
        lives in -10i64..5_000,
        look in -1_000_000i64..1_000_000,
    ) {
        let all = lifecycles();
        let lifecycle = which.get(&all);
        let state = state.get(&lifecycle.states);
        let mut entry = Entry::new(EntryId::new("e1"), "shop", &lifecycle.id, &state.id, start());
        let track = entry.tracks.remove("main").expect("a new entry has its track");
        entry.tracks.insert(state.track.clone(), track);
        let hours = |count: i64| SignedDuration::from_hours(count);
        let mut held = certificate(start(), 0);
        held.not_before = start() + hours(begins);
        held.not_after = held.not_before + hours(lives);
        entry.certificates.push(held);
        let before = entry.clone();
        let later = start().saturating_add(hours(look)).expect("a span of hours");
        let first = effective_track(&entry, &state.track, lifecycle, start());
        let moved = effective_track(&entry, &state.track, lifecycle, later);
        let back = effective_track(&entry, &state.track, lifecycle, start());
        prop_assert_eq!(&entry, &before);
        prop_assert_eq!(first, back, "a clock that jumps and comes back leaves no trace");
        let known = matches!(&moved, Some(StateRef::Known(id)) if lifecycle.state(id).is_some());
        prop_assert!(known, "{:?}", moved);
    }

    #[test]
    fn a_string_of_the_api_is_a_state_or_itself(which in any::<Index>(), raw in ".{0,24}") {
        let all = lifecycles();
        let lifecycle = which.get(&all);
        for track in &lifecycle.tracks {
            match lifecycle.resolve(&track.id, &raw, &[]) {
                StateRef::Known(id) => prop_assert!(lifecycle.state(&id).is_some()),
                StateRef::Unknown { unknown } => prop_assert_eq!(&unknown, &raw),
            }
        }
    }

    #[test]
    fn any_text_is_a_table_or_an_error_with_a_place(
        from in any::<Index>(), length in 0usize..40, put in ".{0,20}",
    ) {
        for (file, text) in embedded() {
            let chars: Vec<char> = text.chars().collect();
            let cut = from.index(chars.len());
            let rest = chars.iter().skip(cut + length);
            let broken: String = chars[..cut].iter().copied().chain(put.chars()).chain(rest.copied()).collect();
            if let Err(errors) = Lifecycle::parse(file, &broken) {
                prop_assert!(!errors.is_empty());
                for error in errors {
                    prop_assert!(error.line >= 1 && error.line <= broken.lines().count().max(1), "{}", error);
                    prop_assert!(!error.key.is_empty() && !error.problem.is_empty());
                }
            }
        }
    }
}

// --- the stories get somewhere ------------------------------------------------------------------

/// The stories above must get somewhere, or they prove nothing.
#[test]
fn stories_meet_every_embedded_state() {
    let lifecycles = Lifecycles::built_in().expect("the embedded tables are right");
    let netcup = lifecycles.get("netcup").expect("netcup is embedded");
    let mut met = BTreeMap::new();
    let mut todo = vec![Story::begin(netcup, &netcup.entry_points[0])];
    while let Some(story) = todo.pop() {
        let at = effective(&story.entry, netcup, story.now)
            .as_str()
            .to_owned();
        if met
            .insert(at.clone(), story.entry.tracks["main"].since)
            .is_some()
        {
            continue;
        }
        for row in netcup.events_from("main", &at) {
            let mut next = Story::begin(netcup, &netcup.entry_points[0]);
            next.entry = story.entry.clone();
            next.now = story.now + SignedDuration::from_hours(1);
            if row.is_made_by_time() {
                next.now += SignedDuration::from_hours(24 * 400);
            } else {
                let by = Cause::Event {
                    event: row.id.clone(),
                };
                next.move_along(&row.track, &row.to, by)
                    .expect("a move along a row");
                row.brings.iter().for_each(|bring| next.bring(*bring));
            }
            todo.push(next);
        }
    }
    let met: BTreeSet<&str> = met.keys().map(String::as_str).collect();
    let all: BTreeSet<&str> = netcup
        .states
        .iter()
        .map(|state| state.id.as_str())
        .collect();
    assert_eq!(met, all);
}

#[test]
fn an_open_request_without_an_answer_holds_everything_back() {
    for lifecycle in lifecycles() {
        for state in &lifecycle.states {
            let mut story = Story::begin(&lifecycle, &lifecycle.entry_points[0]);
            let stands = Track {
                state: StateRef::known(&state.id),
                since: start(),
                previous: None,
            };
            story.entry.tracks = BTreeMap::from([(state.track.clone(), stands)]);
            story.entry.request = Some(OpenRequest {
                action: "renew".to_owned(),
                since: start(),
                unknown_outcome: true,
                accepted: false,
            });
            for spec in CATALOGUE.iter().filter(|spec| spec.kind == Kind::Provider) {
                let verdict = gate(spec.id, &story.entry, &lifecycle, &story.context());
                assert!(
                    !verdict.is_possible(),
                    "{} {} {}",
                    lifecycle.id,
                    state.id,
                    spec.id
                );
            }
        }
    }
}

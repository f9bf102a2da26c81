//! The sandbox plays every lifecycle from every entry point to an end, with fixed seeds, through
//! the engine and a real store. Where somebody has to act, a person with fixed chances does, and
//! only what the gate allows. Together the runs meet every state, or the list here says which of
//! them only a provider can show.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod person;
mod stage;
mod years;

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::Arc;

use certdeck::domain::account::ZoneStatus;
use certdeck::domain::entry::{Entry, EntryId, ProductKind};
use certdeck::domain::event::What;
use certdeck::domain::lifecycle::{EventRow, Lifecycle, Lifecycles};
use certdeck::engine::command::Offer;
use jiff::SignedDuration;

use person::Person;
use stage::Stage;

/// How often the person looks before everything is brought to its end.
const LOOKS: usize = 60;
/// How many times everything is brought nearer to its end at most.
const LAST_LOOKS: usize = 120;

/// What the runs of one lifecycle met.
#[derive(Default, Debug, PartialEq)]
struct Met {
    states: BTreeSet<String>,
    events: BTreeSet<String>,
    /// The states in which entries began, those of successors left out.
    begun: BTreeSet<String>,
}

impl Met {
    fn take_in(&mut self, other: &Self) {
        self.states.extend(other.states.iter().cloned());
        self.events.extend(other.events.iter().cloned());
        self.begun.extend(other.begun.iter().cloned());
    }
}

/// With odd seeds the person lets the sandbox's events happen before their time, also those that
/// never happen by themselves.
fn lets_happen(seed: u64) -> bool {
    seed % 2 == 1
}

/// Plays a lifecycle with one seed: every product, in every zone in which it may begin. `known` are
/// the states that other runs have met.
async fn run(lifecycle: &str, seed: u64, known: &BTreeSet<String>) -> Met {
    let stage = Stage::new(lifecycle, seed);
    let mut person = Person::new(seed, lets_happen(seed));
    let mut met = Met {
        states: known.clone(),
        ..Met::default()
    };
    begin(&stage, &mut met).await;
    for _ in 0..LOOKS {
        for entry in stage.entries().iter().filter(|entry| !entry.archived) {
            person.look_at(&stage, entry, &met.states).await;
            met.states.extend(stage.stands(&stage.entry(&entry.id)));
        }
        if let Some(zone) = person.zone().filter(|_| stage.lifecycle.zone) {
            stage.set_zone(zone).await;
        }
        stage.advance(person.pause()).await;
        look_around(&stage, &mut met);
    }
    if stage.lifecycle.zone {
        stage.set_zone(ZoneStatus::Active).await;
    }
    // Nobody does anything for a year: what is left alone grows old.
    for _ in 0..12 {
        stage.advance(SignedDuration::from_hours(24 * 30)).await;
        look_around(&stage, &mut met);
        for entry in stage.entries().iter().filter(|_| person.plays) {
            person
                .let_something_new_happen(&stage, entry, &met.states)
                .await;
        }
    }
    finish(&stage, &mut person, &mut met).await;
    let (states, events) = stage.met().await;
    met.states.extend(states);
    met.events.extend(events);
    met
}

/// Orders some of everything in every zone.
async fn begin(stage: &Stage, met: &mut Met) {
    let zones: &[ZoneStatus] = if stage.lifecycle.zone {
        &[ZoneStatus::Pending, ZoneStatus::Moved, ZoneStatus::Active]
    } else {
        &[ZoneStatus::Active]
    };
    let mut number = 0;
    for zone in zones {
        if stage.lifecycle.zone {
            stage.set_zone(*zone).await;
        }
        for offer in stage.offers() {
            for _ in 0..if zones.len() > 1 { 3 } else { 6 } {
                number += 1;
                let id = stage.order(&offer, number).await;
                let entry = stage.entry(&id);
                let begun = entry
                    .tracks
                    .values()
                    .map(|track| track.state.as_str().to_owned());
                met.begun.extend(begun);
            }
        }
        look_around(stage, met);
        stage.advance(SignedDuration::from_mins(2)).await;
    }
}

/// What is shown now, what time makes included.
fn look_around(stage: &Stage, met: &mut Met) {
    for entry in stage.entries() {
        met.states.extend(stage.stands(&entry));
    }
}

/// Brings everything to its end; every order must come to one.
async fn finish(stage: &Stage, person: &mut Person, met: &mut Met) {
    for _ in 0..LAST_LOOKS {
        let open = open(stage);
        if open.is_empty() {
            return;
        }
        for entry in &open {
            person.finish(stage, entry).await;
        }
        stage.advance(SignedDuration::from_hours(24 * 9)).await;
        look_around(stage, met);
    }
    let open: Vec<(EntryId, Vec<String>)> = open(stage)
        .iter()
        .map(|entry| (entry.id.clone(), stage.stands(entry)))
        .collect();
    assert!(
        open.is_empty(),
        "{}: these come to no end: {open:?}",
        stage.lifecycle.id
    );
}

/// The entries that are not at an end; what was put away stays where it is.
fn open(stage: &Stage) -> Vec<Arc<Entry>> {
    let entries = stage.entries().into_iter();
    entries
        .filter(|entry| !entry.archived && !stage.is_over(entry))
        .collect()
}

/// Plays a lifecycle with several seeds: every entry point must be met, and every state but those
/// that only a provider shows. Returns
/// what was met where nobody but the sandbox let events happen.
/// `all` is what other runs met of it.
async fn play(lifecycle: &str, seeds: RangeInclusive<u64>, mut all: Met) -> Met {
    let mut by_itself = Met::default();
    for seed in seeds {
        let met = run(lifecycle, seed, &all.states).await;
        all.take_in(&met);
        if !lets_happen(seed) {
            by_itself.events.extend(met.events);
        }
    }
    let table = table(lifecycle);
    let points: BTreeSet<String> = table.entry_points.iter().map(|p| p.state.clone()).collect();
    let unbegun: Vec<_> = points.difference(&all.begun).collect();
    assert!(
        unbegun.is_empty(),
        "{lifecycle}: nothing begins in {unbegun:?}"
    );
    let states: BTreeSet<String> = table.states.iter().map(|state| state.id.clone()).collect();
    let met = |state: &&String| {
        all.states.contains(*state) || reviewed(lifecycle).contains(&state.as_str())
    };
    let unmet: Vec<_> = states.iter().filter(|state| !met(state)).collect();
    assert!(unmet.is_empty(), "{lifecycle}: no run comes to {unmet:?}");
    by_itself
}

fn table(lifecycle: &str) -> Arc<Lifecycle> {
    let all = Lifecycles::built_in().unwrap();
    Arc::clone(all.get(lifecycle).unwrap())
}

/// One test for each lifecycle, so that they are played side by side.
macro_rules! played {
    ($($name:ident: $id:literal, $seeds:expr;)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let met = play($id, $seeds, Met::default()).await;
                assert!(met.events.len() > 1, "{met:?}");
            }
        )*

        /// Files are watched and never ordered; everything else is played.
        #[test]
        fn every_lifecycle_but_that_of_files_is_played() {
            let all = Lifecycles::built_in().unwrap();
            let ids: BTreeSet<&str> = all.iter().map(|table| table.id.as_str()).collect();
            let played = BTreeSet::from(["files", "huawei-ssl", $($id),*]);
            assert_eq!(ids, played);
        }
    };
}

played! {
    netcup: "netcup", 1..=4;
    acme: "acme", 1..=4;
    cloudflare_edge: "cloudflare-edge", 1..=4;
    cloudflare_custom: "cloudflare-custom", 1..=7;
    cloudflare_staging: "cloudflare-staging", 1..=4;
    cloudflare_client: "cloudflare-client", 1..=4;
    cloudflare_hostname: "cloudflare-hostname", 1..=7;
}

/// Applications and additions that are all withdrawn, with what the sandbox makes of it.
async fn withdraw_all() -> Met {
    let stage = Stage::new("huawei-ssl", 11);
    let mut person = Person::new(11, false);
    let offers = stage.offers();
    let several = |offer: &&Offer| offer.kind == ProductKind::MultiDomain;
    let offer = offers
        .iter()
        .find(several)
        .expect("a product for several names");
    for number in 0..24 {
        stage.order(offer, number).await;
    }
    assert_eq!(person.ask_all(&stage, "apply").await, 24);
    assert_eq!(person.ask_all(&stage, "withdraw").await, 24);
    stage.advance(SignedDuration::from_hours(24 * 30)).await;
    person.ask_all(&stage, "apply").await;
    stage.advance(SignedDuration::from_hours(24 * 30)).await;
    let added = person.ask_all(&stage, "add-domain").await;
    assert!(added > 12, "{added}");
    assert_eq!(person.ask_all(&stage, "withdraw").await, added);
    stage.advance(SignedDuration::from_hours(24)).await;
    let (states, events) = stage.met().await;
    Met {
        states,
        events,
        ..Met::default()
    }
}

/// Huawei Cloud's guide: the CA may have approved the application before it is withdrawn. Nobody
/// but the sandbox decides which.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn huawei_ssl_where_withdrawals_are_won_and_lost() {
    let withdrawn = withdraw_all().await;
    for outcome in [
        "withdrawn",
        "addition-withdrawn",
        "addition-withdrawal-failed",
    ] {
        assert!(
            withdrawn.events.contains(outcome),
            "{outcome}: {withdrawn:?}"
        );
    }
    let lost = ["withdrawal-failed", "withdrawal-failed-issued"];
    assert!(lost.iter().any(|id| withdrawn.events.contains(*id)));
    play("huawei-ssl", 1..=4, withdrawn).await;
}

#[tokio::test]
async fn the_same_seed_plays_the_same_story() {
    let nothing = BTreeSet::new();
    let once = run("netcup", 5, &nothing).await;
    assert_eq!(once, run("netcup", 5, &nothing).await);
    assert!(once.events.len() > 3, "{once:?}");
}

/// What happened to orders of everything that an account sells, in the order in which it happened:
/// all but keys and certificates, which are never the same twice, and dates.
async fn told(lifecycle: &str, seed: u64, begins: &str) -> Vec<String> {
    let stage = Stage::at(lifecycle, seed, begins);
    begin(&stage, &mut Met::default()).await;
    for _ in 0..10 {
        stage.advance(SignedDuration::from_hours(12)).await;
    }
    let lines = stage.history().await;
    let told = lines.iter().filter_map(|line| match &line.event.what {
        What::Issued { .. } | What::CsrReady { .. } | What::InvoicePaid { .. } => None,
        What::Requested { action, .. } => Some(format!("{}: {action}", line.event.entry)),
        what => Some(format!("{}: {what:?}", line.event.entry)),
    });
    told.collect()
}

/// What the CA complains of and the proofs that it asks for hang on the seed as well, and not on
/// when somebody happens to play.
#[tokio::test]
async fn the_same_seed_tells_the_same_story_whenever_it_is_played() {
    for lifecycle in ["cloudflare-hostname", "cloudflare-edge", "acme"] {
        let once = told(lifecycle, 5, "2026-11-22T12:00:00Z").await;
        let later = told(lifecycle, 5, "2026-12-03T04:05:06.789Z").await;
        let complains = |line: &String| line.contains("ValidationFailed");
        assert!(once.iter().any(complains), "{lifecycle}: {once:#?}");
        let differs = once.iter().zip(&later).find(|(one, other)| one != other);
        assert_eq!(differs, None, "{lifecycle}");
        assert_eq!(once.len(), later.len(), "{lifecycle}");
    }
}

/// What only a provider shows, or a person lets happen: nothing that happens by itself leads there.
/// Reviewed; a state that is missing here, or is here without need, is a mistake in its table.
const ONLY_SEEN: &[(&str, &[&str])] = &[
    // Cloudflare warns before it expires; no document says when.
    ("cloudflare-custom", &["pending-expiration"]),
    // Of uploaded certificates, whose tables play them; the API names them for all.
    (
        "cloudflare-edge",
        &["holding-deployment", "staging-deployment", "staging-active"],
    ),
    // Words of the API that no document explains, and states of certificates that are not a custom
    // hostname's.
    (
        "cloudflare-hostname",
        &[
            "hostname-pending-blocked",
            "hostname-pending-migration",
            "hostname-pending-provisioned",
            "hostname-provisioned",
            "hostname-test-pending",
            "hostname-test-active",
            "hostname-test-active-apex",
            "hostname-test-blocked",
            "hostname-test-failed",
            "pending-cleanup",
            "backup-issued",
            "staging-deployment",
            "staging-active",
        ],
    ),
];

fn reviewed(lifecycle: &str) -> &'static [&'static str] {
    let own = ONLY_SEEN.iter().find(|(id, _)| *id == lifecycle);
    own.map_or(&[], |(_, states)| states)
}

#[test]
fn the_sandbox_comes_to_every_state_by_itself_but_to_these() {
    for lifecycle in Lifecycles::built_in().unwrap().iter() {
        assert_eq!(
            only_seen(lifecycle),
            reviewed(&lifecycle.id),
            "{}",
            lifecycle.id
        );
    }
}

/// The states to which no way leads from an entry point by actions, time and timed events alone.
fn only_seen(lifecycle: &Lifecycle) -> Vec<&str> {
    let makes = lifecycle
        .actions
        .iter()
        .filter_map(|row| row.makes.as_ref());
    let points = lifecycle.entry_points.iter().map(|point| &point.state);
    let mut todo: Vec<&String> = points.chain(makes.map(|makes| &makes.state)).collect();
    let mut met: BTreeSet<&str> = BTreeSet::new();
    while let Some(state) = todo.pop() {
        if !met.insert(state) {
            continue;
        }
        let here = |from: &[String]| from.contains(state);
        let by_itself = |row: &&EventRow| row.sandbox.is_some() || row.is_made_by_time();
        let events = lifecycle.events.iter().filter(by_itself);
        let events = events.filter(|row| here(&row.from));
        todo.extend(events.flat_map(|row| row.also.iter().chain([&row.to])));
        let actions = lifecycle.actions.iter().filter(|row| here(&row.from));
        todo.extend(actions.flat_map(|row| row.also.iter().chain(&row.to)));
    }
    let states = lifecycle.states.iter().map(|state| state.id.as_str());
    states.filter(|id| !met.contains(id)).collect()
}

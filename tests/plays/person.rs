//! The person who has to do with the entries: by fixed chances, and only what the gate allows.

use std::collections::BTreeSet;

use certdeck::domain::account::ZoneStatus;
use certdeck::domain::action::{CATALOGUE, Kind};
use certdeck::domain::entry::{Entry, Method};
use certdeck::domain::event::Answers;
use certdeck::domain::gate::Verdict;
use certdeck::domain::lifecycle::{ActionRow, Ask, EventRow, possible_events};
use jiff::SignedDuration;

use super::stage::Stage;

/// A person with chances of one's own.
pub(crate) struct Person {
    state: u64,
    /// Whether the person lets events of the sandbox happen before their time.
    pub(crate) plays: bool,
    orders: usize,
}

/// No person orders more successors than this.
const MOST_ENTRIES: usize = 60;

impl Person {
    pub(crate) fn new(seed: u64, plays: bool) -> Self {
        Self {
            state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ u64::from(plays),
            plays,
            orders: 0,
        }
    }

    /// A number below `count`.
    pub(crate) fn draw(&mut self, count: usize) -> usize {
        // splitmix64, the public-domain generator by Sebastiano Vigna.
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let drawn = usize::try_from((mixed ^ (mixed >> 31)) >> 11).unwrap_or_default();
        drawn % count.max(1)
    }

    /// How long the person looks away: minutes, hours, days or weeks.
    pub(crate) fn pause(&mut self) -> SignedDuration {
        let minutes = [5, 20, 60, 6 * 60, 24 * 60, 5 * 24 * 60, 40 * 24 * 60];
        let drawn = minutes[self.draw(minutes.len())];
        // Who lets events happen before their time mostly looks before it has passed.
        let is_short = self.plays && self.draw(3) > 0;
        SignedDuration::from_mins(if is_short { 1 } else { drawn })
    }

    /// Where the zone is put, where the person plays with that.
    pub(crate) fn zone(&mut self) -> Option<ZoneStatus> {
        let zones = [ZoneStatus::Active, ZoneStatus::Pending, ZoneStatus::Moved];
        let moves = self.plays && self.draw(4) == 0;
        moves.then(|| zones[self.draw(zones.len())])
    }

    /// Looks at an entry, and perhaps does something about it. `met` are the states that were met
    /// so far; the person is curious about the others.
    pub(crate) async fn look_at(&mut self, stage: &Stage, entry: &Entry, met: &BTreeSet<String>) {
        if is_left_alone(entry) {
            if self.draw(10) < 4 {
                self.help(stage, entry).await;
            }
            return;
        }
        match self.draw(10) {
            0..=3 => self.do_something(stage, entry, met).await,
            4..=8 if self.plays => self.let_something_happen(stage, entry, met).await,
            _ => {}
        }
    }

    /// Does what takes an entry along its usual way, and nothing else.
    async fn help(&mut self, stage: &Stage, entry: &Entry) {
        let rows = possible(stage, entry);
        let order = &stage.lifecycle.order;
        let onward = |row: &&ActionRow| row.to.as_ref().is_some_and(|to| order.contains(to));
        if let Some(row) = rows.iter().find(onward) {
            self.ask_for(stage, entry, row).await;
        }
    }

    async fn do_something(&mut self, stage: &Stage, entry: &Entry, met: &BTreeSet<String>) {
        let mut rows = possible(stage, entry);
        let too_many = stage.entries().len() >= MOST_ENTRIES;
        rows.retain(|row| !(too_many && row.makes.is_some()));
        let is_new = |row: &ActionRow| row.to.as_ref().is_some_and(|to| !met.contains(to));
        if rows.iter().any(is_new) {
            rows.retain(is_new);
        }
        if !rows.is_empty() {
            let row = &rows[self.draw(rows.len())];
            self.ask_for(stage, entry, row).await;
        }
    }

    /// Lets an event happen now; rather one that leads to something new.
    async fn let_something_happen(&mut self, stage: &Stage, entry: &Entry, met: &BTreeSet<String>) {
        let events = playable(stage, entry);
        let new: Vec<_> = events
            .iter()
            .filter(|row| !met.contains(&row.to))
            .cloned()
            .collect();
        let chosen = if new.is_empty() { &events } else { &new };
        if !chosen.is_empty() {
            let event = &chosen[self.draw(chosen.len())];
            stage.play(&entry.id, &event.id).await;
        }
    }

    /// Lets an event happen now if it leads to something new.
    pub(crate) async fn let_something_new_happen(
        &self,
        stage: &Stage,
        entry: &Entry,
        met: &BTreeSet<String>,
    ) {
        let events = playable(stage, entry);
        if let Some(event) = events.iter().find(|row| !met.contains(&row.to)) {
            stage.play(&entry.id, &event.id).await;
        }
    }

    /// Brings an entry to its end: whatever the gate allows that leads there.
    pub(crate) async fn finish(&mut self, stage: &Stage, entry: &Entry) {
        const WAYS: [&str; 9] = [
            "delete",
            "revoke",
            "withdraw",
            "unsubscribe",
            "deactivate",
            "apply",
            "recheck",
            "restart",
            "check-zone",
        ];
        let rows = possible(stage, entry);
        let way = WAYS
            .iter()
            .find_map(|way| rows.iter().find(|row| row.id == *way));
        if let Some(row) = way {
            self.ask_for(stage, entry, row).await;
        }
    }

    /// Asks for an action wherever it is possible; says how often that was.
    pub(crate) async fn ask_all(&mut self, stage: &Stage, action: &str) -> usize {
        let mut asked = 0;
        for entry in stage.entries() {
            let rows = possible(stage, &entry);
            if let Some(row) = rows.iter().find(|row| row.id == action) {
                self.ask_for(stage, &entry, row).await;
                asked += 1;
            }
        }
        asked
    }

    async fn ask_for(&mut self, stage: &Stage, entry: &Entry, row: &ActionRow) {
        let asks = |ask| row.asks.contains(&ask);
        self.orders += 1;
        let new = format!("n{}.example.com", self.orders);
        // Another method than before; what is proven in one way alone keeps it.
        let method = match entry.order.method {
            _ if row.id != "change-method" => None,
            Some(Method::Dns) => Some(Method::File),
            _ => Some(Method::Dns),
        };
        let with = Answers {
            reason: asks(Ask::Reason).then(|| "superseded".to_owned()),
            names: Vec::new(),
            new_names: asks(Ask::NewNames).then_some(new).into_iter().collect(),
            method: method.filter(|_| asks(Ask::Method)),
            mailbox: None,
        };
        stage.act(&entry.id, &row.id, with).await;
    }
}

/// A third of the orders is left alone, so that time passes over them.
fn is_left_alone(entry: &Entry) -> bool {
    let digits = entry.name().chars().filter(char::is_ascii_digit);
    let number: usize = digits.collect::<String>().parse().unwrap_or_default();
    number.is_multiple_of(3)
}

/// The events that a person may let happen now.
fn playable(stage: &Stage, entry: &Entry) -> Vec<EventRow> {
    let (inventory, system) = (stage.inventory(), stage.engine.now());
    let entry = stage.entry(&entry.id);
    if !inventory
        .verdict("play-event", &entry, system)
        .is_possible()
    {
        return Vec::new();
    }
    let context = inventory.context(&entry, system);
    let events = possible_events(
        &entry,
        &stage.lifecycle,
        context.now,
        context.circumstances(),
    );
    events.cloned().collect()
}

/// The rows by which something can be asked of the provider now.
fn possible(stage: &Stage, entry: &Entry) -> Vec<ActionRow> {
    let inventory = stage.inventory();
    let entry = stage.entry(&entry.id);
    let wildcard = entry.names.iter().any(|name| name.starts_with('*'));
    let sent = CATALOGUE.iter().filter(|spec| spec.kind == Kind::Provider);
    let rows = sent.filter_map(|spec| {
        let verdict = inventory.verdict(spec.id, &entry, stage.engine.now());
        match verdict {
            // A wildcard is never proven by a file, so nothing else can be chosen for it.
            Verdict::Possible { .. } if spec.id == "change-method" && wildcard => None,
            Verdict::Possible { row: Some(row) } => Some(stage.lifecycle.actions[row].clone()),
            _ => None,
        }
    });
    rows.collect()
}

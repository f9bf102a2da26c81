//! Probing: what the servers of entries really serve, many at once; what was seen of entries is
//! written down as it comes.
//!
//! May not: change anything about an entry but what was seen, or hold a hundred thousand of them in
//! memory. The faces ask for it by command; `engine::run` calls it.

mod crew;
mod judge;
mod plan;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::command::{Done, ProbeForm, ProbeLook, ProbeReport, Probing, Progress, Shown};
use super::error::EngineError;
use super::settle::{entry_in, happen};
use super::{Engine, Inner};
use crate::config::Target;
use crate::domain::entry::{Entry, EntryId};
use crate::domain::event::What;
use crate::domain::probed::{Probed, ProbedPlace, Served};
use crate::probe::{ProbeError, Seen};
use crew::{Crew, Manner};
use judge::Family;
use plan::{Known, Planned};

/// How many entries are planned at a time.
const PLANNED: usize = 256;
/// How many entries go into one transaction at most.
const BATCH: usize = 500;
/// How many places go into one transaction, beyond which no further entry does: an entry may have
/// hundreds of names.
const PLACES: usize = 2_000;
/// How long results are gathered before they are written down together: people see them come, and
/// the journal has few lines.
const GATHERING: Duration = Duration::from_secs(1);

impl Engine {
    /// Looks at servers, and keeps with entries what was seen of theirs.
    pub(super) async fn probe(&self, form: ProbeForm) -> Result<Done, EngineError> {
        let mut round = Round::new(self, form);
        let outcome = round.run().await;
        self.0.progress.send_replace(None);
        outcome.map(|()| Done::Probed(Box::new(round.finish())))
    }
}

/// A look that was asked for.
struct Asked {
    target: Target,
    of: Of,
}

/// Whom a look is for.
enum Of {
    /// An entry of the round, by its number.
    Entry(usize),
    /// Nobody but whoever asked; with what the store says of the name.
    Host(Option<Box<Known>>),
}

/// An entry whose places are being looked at.
struct Pending {
    planned: Planned,
    left: usize,
    places: Vec<(usize, ProbedPlace)>,
}

/// One probing from its beginning to its end.
struct Round<'a> {
    engine: &'a Engine,
    form: ProbeForm,
    crew: Crew,
    /// Entries that are not planned yet.
    ids: VecDeque<EntryId>,
    /// Servers that are not compared with anything yet.
    hosts: VecDeque<Target>,
    /// Looks that wait for a place in the crew, and those that are under way, by number.
    waiting: VecDeque<usize>,
    asked: BTreeMap<usize, Asked>,
    numbers: usize,
    pending: BTreeMap<usize, Pending>,
    ready: Vec<(EntryId, Probed)>,
    write_at: Option<Instant>,
    looks: BTreeMap<usize, ProbeLook>,
    /// How the entry stands that stands worst.
    worst: Option<Served>,
    report: ProbeReport,
    /// How many entries or servers are done, and how many there are.
    done: usize,
    total: usize,
    since: Timestamp,
}

impl<'a> Round<'a> {
    fn new(engine: &'a Engine, mut form: ProbeForm) -> Self {
        let settings = &engine.0.settings;
        let manner = Manner {
            patience: form.patience.unwrap_or(settings.patience),
            parallel: settings.probe_parallel,
        };
        let (mut ids, mut hosts) = (VecDeque::new(), VecDeque::new());
        let what = std::mem::replace(&mut form.what, Probing::Hosts(Vec::new()));
        match what {
            Probing::Entries(entries) => ids.extend(entries),
            Probing::Hosts(targets) => hosts.extend(targets),
        }
        let total = ids.len() + hosts.len();
        Self {
            engine,
            form,
            crew: Crew::new(manner),
            report: ProbeReport {
                kept: !settings.read_only && hosts.is_empty(),
                ..ProbeReport::default()
            },
            ids,
            hosts,
            waiting: VecDeque::new(),
            asked: BTreeMap::new(),
            numbers: 0,
            pending: BTreeMap::new(),
            ready: Vec::new(),
            write_at: None,
            looks: BTreeMap::new(),
            worst: None,
            done: 0,
            total,
            since: engine.now(),
        }
    }

    async fn run(&mut self) -> Result<(), EngineError> {
        let mut stop = self.engine.0.probing.subscribe();
        stop.mark_unchanged();
        self.tell();
        loop {
            self.feed(&stop).await?;
            if self.crew.is_idle() {
                // Only who stops before the end leaves something there.
                self.report.stopped = !(self.ids.is_empty() && self.hosts.is_empty());
                break;
            }
            let write_at = self.write_at.unwrap_or_else(Instant::now);
            tokio::select! {
                _ = stop.changed() => {
                    self.report.stopped = true;
                    break;
                }
                looked = self.crew.next() => {
                    if let Some((number, seen)) = looked {
                        self.take(number, seen);
                    }
                }
                () = sleep_until(write_at), if self.write_at.is_some() => {}
            }
            if self.ready.len() >= BATCH || self.write_at.is_some_and(|at| at <= Instant::now()) {
                self.write().await?;
            }
        }
        self.write().await
    }

    /// Has the crew look at as much as it takes.
    async fn feed(&mut self, stop: &watch::Receiver<u64>) -> Result<(), EngineError> {
        // Entries of which none has a place to look at would be planned to their end at once.
        while self.crew.has_room() && !stop.has_changed().unwrap_or(true) {
            if let Some(number) = self.waiting.pop_front() {
                if let Some(asked) = self.asked.get(&number) {
                    self.crew.begin(number, asked.target.clone());
                }
            } else if !self.ids.is_empty() {
                self.plan_entries().await?;
            } else if !self.hosts.is_empty() {
                self.plan_hosts().await?;
            } else {
                break;
            }
        }
        Ok(())
    }

    async fn plan_entries(&mut self) -> Result<(), EngineError> {
        let some = self.ids.len().min(PLANNED);
        let ids: Vec<EntryId> = self.ids.drain(..some).collect();
        let form = self.form.clone();
        let engine = self.engine;
        let planned = engine.aside(move |inner| Ok(inner.plan_probes(&ids, &form)));
        let planned = planned.await?;
        // What is not there any more is done.
        self.done += some - planned.len();
        for planned in planned {
            self.ask_for(planned);
        }
        Ok(())
    }

    fn ask_for(&mut self, planned: Planned) {
        let first = self.numbers;
        let targets = planned.targets.clone();
        self.report.passed_over += planned.skipped.len();
        if self.form.in_full {
            let skipped = planned.skipped.iter();
            let skipped = skipped.map(|name| (planned.id.clone(), name.clone()));
            self.report.skipped.extend(skipped);
        }
        let pending = Pending {
            left: targets.len(),
            places: Vec::with_capacity(targets.len()),
            planned,
        };
        for target in targets {
            let of = Of::Entry(first);
            self.ask(Asked { target, of });
        }
        if pending.left == 0 {
            self.numbers += 1;
            self.settle(pending);
        } else {
            self.pending.insert(first, pending);
        }
    }

    fn ask(&mut self, asked: Asked) {
        self.asked.insert(self.numbers, asked);
        self.waiting.push_back(self.numbers);
        self.numbers += 1;
    }

    async fn plan_hosts(&mut self) -> Result<(), EngineError> {
        let some = self.hosts.len().min(PLANNED);
        let hosts: Vec<Target> = self.hosts.drain(..some).collect();
        let engine = self.engine;
        let known = engine.aside(move |inner| Ok(inner.known_of(hosts))).await?;
        for (target, known) in known {
            let of = Of::Host(known.map(Box::new));
            self.ask(Asked { target, of });
        }
        Ok(())
    }

    /// Takes in what came of a look.
    fn take(&mut self, number: usize, seen: Result<Seen, ProbeError>) {
        let Some(Asked { target, of }) = self.asked.remove(&number) else {
            return;
        };
        let now = self.engine.now();
        let seen = seen.map(|seen| judge::read(&seen, &target, now));
        let seen = seen.map_err(|error| error.to_string());
        self.report.places += 1;
        self.report.silent += usize::from(seen.is_err());
        match of {
            Of::Host(known) => {
                let look = of_host(&target, known.as_deref(), seen);
                self.looks.insert(number, look);
                self.done += 1;
            }
            Of::Entry(first) => self.take_place(first, number, &target, seen),
        }
        self.tell();
    }

    fn take_place(
        &mut self,
        first: usize,
        number: usize,
        target: &Target,
        seen: Result<Shown, String>,
    ) {
        let Some(pending) = self.pending.get_mut(&first) else {
            return;
        };
        let served = compare(&pending.planned.family, &seen);
        let place = judge::place(target, &seen, served);
        if self.form.in_full {
            let planned = &pending.planned;
            let look = ProbeLook {
                told: place.clone(),
                entry: Some((planned.id.clone(), planned.name.clone())),
                served,
                seen,
            };
            self.looks.insert(number, look);
        }
        pending.places.push((number, place));
        pending.left -= 1;
        if pending.left == 0
            && let Some(pending) = self.pending.remove(&first)
        {
            self.settle(pending);
        }
    }

    /// All places of an entry are looked at.
    fn settle(&mut self, mut pending: Pending) {
        pending.places.sort_by_key(|(number, _)| *number);
        let places = pending.places.into_iter().map(|(_, place)| place);
        let Planned { id, skipped, .. } = pending.planned;
        self.report.entries += 1;
        self.done += 1;
        let probed = Probed::of(self.engine.now(), places.collect(), skipped);
        // Nothing was looked at, so nothing is known.
        if probed.places.is_empty() {
            return;
        }
        let stands = Served::ALL
            .iter()
            .position(|served| *served == probed.served);
        if let Some(count) = stands.and_then(|at| self.report.counts.get_mut(at)) {
            *count += 1;
        }
        if self.worst.is_none_or(|worst| worst < probed.served) {
            self.worst = Some(probed.served);
            self.report.worst = Some(probed.sentence());
        }
        self.ready.push((id, probed));
        self.write_at
            .get_or_insert_with(|| Instant::now() + GATHERING);
    }

    /// Writes down what is there.
    async fn write(&mut self) -> Result<(), EngineError> {
        self.write_at = None;
        let ready = std::mem::take(&mut self.ready);
        if ready.is_empty() || !self.report.kept {
            return Ok(());
        }
        let kept = self.engine.aside(move |inner| inner.keep_probes(ready));
        kept.await
    }

    fn tell(&self) {
        self.engine.0.progress.send_replace(Some(Progress {
            what: "Probing".to_owned(),
            done: self.done,
            total: Some(self.total),
            since: self.since,
        }));
    }

    fn finish(self) -> ProbeReport {
        ProbeReport {
            looks: self.looks.into_values().collect(),
            ..self.report
        }
    }
}

/// The fingerprint of what is served, compared; nothing where none could be read.
fn compare(family: &Family, seen: &Result<Shown, String>) -> Option<Served> {
    let Ok(shown) = seen else {
        return Some(Served::Nothing);
    };
    let own = shown.chain.first()?.as_ref();
    Some(own.map_or(Served::Other, |own| family.compare(&own.sha256)))
}

fn of_host(target: &Target, known: Option<&Known>, seen: Result<Shown, String>) -> ProbeLook {
    let own = seen.as_ref().ok().and_then(|shown| shown.chain.first());
    let sha256 = own.and_then(|own| own.as_ref().ok());
    let sha256 = sha256.map(|own| own.sha256.clone());
    let served = known.and_then(|known| compare(&known.family, &seen));
    ProbeLook {
        told: judge::place(target, &seen, served),
        entry: known.and_then(|known| known.entry(sha256.as_deref())),
        served,
        seen,
    }
}

/// How many of these go into one transaction: at least one.
fn batch(seen: &VecDeque<(EntryId, Probed)>) -> usize {
    let mut places = 0;
    let fits = seen.iter().take(BATCH).take_while(|(_, probed)| {
        let fits = places < PLACES;
        places += probed.places.len();
        fits
    });
    fits.count()
}

impl Inner {
    /// Calls off every probing that is under way.
    pub(super) fn stop_probing(&self) -> Done {
        self.probing.send_modify(|stopped| *stopped += 1);
        Done::Kept
    }

    /// Where the servers of some entries are. Blocks.
    fn plan_probes(&self, ids: &[EntryId], form: &ProbeForm) -> Vec<Planned> {
        let (inventory, accounts) = (self.picture(), self.accounts());
        let entries = ids.iter().filter_map(|id| inventory.get(id));
        let plan = |entry: Arc<Entry>| {
            let settings = accounts.get(&entry.account);
            let settings = settings.map(|account| account.probe.clone());
            plan::plan(&inventory, &entry, form, &settings.unwrap_or_default())
        };
        entries.map(plan).collect()
    }

    /// What the store says of some servers. Blocks.
    fn known_of(&self, hosts: Vec<Target>) -> Vec<(Target, Option<Known>)> {
        let (inventory, now) = (self.picture(), self.now());
        let rows = inventory.rows(now);
        let known = |target: &Target| Known::of(&inventory, &rows, target, now);
        let told = hosts.into_iter().map(|target| (known(&target), target));
        told.map(|(known, target)| (target, known)).collect()
    }

    /// Keeps what was seen with its entries, in few transactions. Blocks.
    fn keep_probes(&self, seen: Vec<(EntryId, Probed)>) -> Result<(), EngineError> {
        let mut seen = VecDeque::from(seen);
        while !seen.is_empty() {
            let some: Vec<_> = seen.drain(..batch(&seen)).collect();
            self.store.transact(|transaction| {
                transaction.who(&self.who);
                for (id, probed) in &some {
                    // An entry that went away meanwhile has no use for it.
                    let Ok(entry) = entry_in(transaction, id) else {
                        continue;
                    };
                    let at = self.time_of(&entry.account);
                    let seen = Box::new(probed.clone());
                    happen(
                        transaction,
                        entry.as_ref().clone(),
                        [What::Probed { seen }],
                        at,
                    );
                }
                Ok::<_, EngineError>(())
            })?;
        }
        self.publish();
        Ok(())
    }
}

//! Whatever is recorded, in whatever order: moves along the table are rows of it, everything else
//! is a correction, what is refused changes nothing, and a key is found in the keys' folder alone.

use certdeck::domain::entry::{Entry, EntryId, StateRef};
use certdeck::domain::event::{Cause, What};
use certdeck::domain::lifecycle::{Lifecycle, PREVIOUS};
use certdeck::engine::command::{HandOrder, Particulars, Recorded};
use proptest::prelude::*;
use secrecy::ExposeSecret as _;

use crate::desk::{Desk, key, nothing, order, secret, text};

#[derive(Clone, Debug)]
enum Ask {
    Event(usize, u8),
    Submitted(usize),
    Shows(usize, u8),
    Described(u8),
    Days(i64),
}

fn ask() -> impl Strategy<Value = Ask> {
    prop_oneof![
        6 => (0..12_usize, 0..6_u8).prop_map(|(event, with)| Ask::Event(event, with)),
        2 => (0..4_usize).prop_map(Ask::Submitted),
        4 => (0..16_usize, 0..6_u8).prop_map(|(state, with)| Ask::Shows(state, with)),
        1 => (0..3_u8).prop_map(Ask::Described),
        1 => (1..120_i64).prop_map(Ask::Days),
    ]
}

struct Run {
    desk: Desk,
    id: EntryId,
    canary: String,
    texts: Vec<Particulars>,
}

async fn start(account: &str) -> Run {
    let desk = Desk::new();
    let order = HandOrder {
        account: account.to_owned(),
        ..order()
    };
    let (id, _) = desk.order(order).await.unwrap();
    let csr = desk.entry(&id).order.csr.unwrap();
    let strange = key();
    let pem = strange.to_pkcs8_pem().expose_secret().to_owned();
    let canary = pem.lines().nth(1).unwrap().to_owned();
    let names = ["www.example.net"];
    let given = |text: &str| Particulars {
        certificate: secret(text),
        ..nothing()
    };
    let stray = Particulars {
        question: text(&pem),
        proof: text(&pem),
        ..nothing()
    };
    let texts = vec![
        stray,
        nothing(),
        given(&desk.certify(&csr, &names, "2027-06-01T00:00:00Z")),
        given(&desk.certify(&csr, &names, "2026-11-20T00:00:00Z")),
        given(&pem),
        Particulars {
            key: secret(&pem),
            question: text("Who are you?\nI am I."),
            proof: text("_x.www.example.net TXT y"),
            paid_until: text("2027-01-01"),
            ..nothing()
        },
    ];
    Run {
        desk,
        id,
        canary,
        texts,
    }
}

impl Run {
    async fn step(&self, ask: &Ask, table: &Lifecycle) {
        let with = |with: u8| self.texts[usize::from(with) % self.texts.len()].clone();
        let (what, with) = match ask {
            Ask::Days(days) => return self.desk.turn_clock(*days),
            Ask::Event(event, given) => {
                let row = &table.events[event % table.events.len()];
                (Recorded::Event(row.id.clone()), with(*given))
            }
            Ask::Submitted(action) => {
                let id = ["renew", "withdraw", "reissue", "revoke"][*action];
                (Recorded::Submitted(id.to_owned()), nothing())
            }
            Ask::Shows(state, given) => {
                let state = &table.states[state % table.states.len()];
                let (track, state) = (state.track.clone(), state.id.clone());
                (Recorded::Shows { track, state }, with(*given))
            }
            Ask::Described(number) => {
                let described = Particulars {
                    order_number: text(&number.to_string()),
                    ..nothing()
                };
                (Recorded::Described, described)
            }
        };
        let before = (self.desk.entry(&self.id), self.desk.engine.inventory().seq);
        let answer = self.desk.record(&self.id, what.clone(), with).await;
        let after = (self.desk.entry(&self.id), self.desk.engine.inventory().seq);
        match answer {
            Ok(says) => {
                assert!(says.starts_with("Recorded: "), "{says}");
                assert_eq!(after.1, before.1 + 1, "{what:?} is one transaction");
            }
            Err(error) => {
                assert!(!error.contains(&self.canary), "{error}");
                assert_eq!(after, before, "{what:?} was refused: {error}");
            }
        }
    }

    async fn check(&self, table: &Lifecycle) {
        for line in self
            .desk
            .engine
            .history(Some(self.id.clone()))
            .await
            .unwrap()
        {
            let What::Moved {
                track,
                from,
                to,
                by,
            } = &line.event.what
            else {
                continue;
            };
            match by {
                Cause::Corrected => {}
                Cause::Recorded { event } => {
                    let rows = table.events.iter().filter(|row| row.id == *event);
                    explained(
                        rows.map(|row| (&row.track, &row.from, &row.to)),
                        track,
                        from,
                        to,
                    );
                }
                Cause::Submitted { action } => {
                    let rows = table
                        .rows_of(action)
                        .filter_map(|row| Some((&row.track, &row.from, row.to.as_ref()?)));
                    explained(rows, track, from, to);
                }
                other => panic!("{other:?} moved an entry that is kept by hand"),
            }
        }
        let stored = self.desk.entry(&self.id);
        never_made_by_time(&stored, table);
        assert!(!self.desk.written().contains(&self.canary));
    }
}

/// One of the rows leads from here to there.
fn explained<'a>(
    rows: impl Iterator<Item = (&'a String, &'a Vec<String>, &'a String)>,
    track: &str,
    from: &StateRef,
    to: &StateRef,
) {
    let mut rows = rows.filter(|(on, starts, _)| {
        *on == track && starts.iter().any(|start| start == from.as_str())
    });
    let leads = rows.any(|(_, _, end)| end == PREVIOUS || end == to.as_str());
    assert!(leads, "no row leads from {from:?} to {to:?}");
}

fn never_made_by_time(entry: &Entry, table: &Lifecycle) {
    for track in entry.tracks.values() {
        let id = track.state.as_str();
        let mut rows = table.events.iter().filter(|row| row.to == id).peekable();
        let by_time = rows.peek().is_some()
            && rows.all(certdeck::domain::lifecycle::EventRow::is_made_by_time);
        let begins = table.entry_points.iter().any(|point| point.state == id);
        assert!(
            !by_time || begins,
            "{id} is stored although only time makes it"
        );
    }
}

fn play(account: &str, asks: &[Ask]) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let run = start(account).await;
        let inventory = run.desk.engine.inventory();
        let entry = inventory.get(&run.id).unwrap();
        let table = inventory.lifecycle_of(&entry).unwrap();
        for ask in asks {
            run.step(ask, table).await;
        }
        run.check(table).await;
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_recorded_at_netcup(asks in prop::collection::vec(ask(), 1..24)) {
        play("netcup-main", &asks);
    }

    #[test]
    fn whatever_is_recorded_of_two_tracks(asks in prop::collection::vec(ask(), 1..24)) {
        play("made-up", &asks);
    }
}

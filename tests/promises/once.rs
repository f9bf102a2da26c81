//! Promise 10: what costs or cannot be undone is written down before it is sent, and sent at most
//! once; where nobody knows what came of it, what the provider holds decides, or a person.

use std::path::Path;
use std::sync::Arc;

use certdeck::domain::action::{ADOPT, GIVE_UP, SEND_AGAIN};
use certdeck::domain::entry::{Entry, EntryId, LinkKind, OpenRequest};
use certdeck::domain::event::{Answers, What};
use certdeck::engine::command::{Command, Done};
use certdeck::engine::{Engine, EngineError};
use certdeck::store::{OpenOptions, Store, StoreError};

use crate::broken_disk::{BrokenDisk, EIO, ENOSPC, Fault};
use crate::fake::{Desk, NAME, Way, form, only, order};

fn is_unknown(entry: &Entry) -> bool {
    let open = entry.request.as_ref();
    open.is_some_and(|request| request.unknown_outcome)
}

fn verdict(engine: &Engine, action: &str, entry: &Entry) -> Result<(), String> {
    let verdict = engine.inventory().verdict(action, entry, engine.now());
    verdict.reason().map_or(Ok(()), |it| Err(it.to_string()))
}

/// Begins an order in a process that is killed while it waits for the answer.
async fn killed_while_waiting(desk: &Desk) {
    let engine = desk.open();
    let mut changed = engine.watch();
    let task = tokio::spawn(async move { engine.run(Command::Order(form())).await });
    let is_asked = |inventory: &Arc<certdeck::domain::inventory::Inventory>| {
        inventory
            .entries
            .iter()
            .any(|entry| entry.request.is_some())
    };
    changed.wait_for(is_asked).await.unwrap();
    // Until it has reached the provider, or would have.
    for _ in 0..50 {
        tokio::task::yield_now().await;
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        if desk.fake.books().way == Way::HangsBefore || desk.fake.sold() > 0 {
            break;
        }
    }
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
}

async fn history(engine: &Engine, id: &EntryId) -> Vec<What> {
    let lines = engine.history(Some(id.clone())).await.unwrap();
    lines.into_iter().map(|line| line.event.what).collect()
}

#[tokio::test]
async fn promise_10_an_order_whose_answer_is_lost_is_found_and_adopted() {
    let desk = Desk::new();
    let engine = desk.open();
    desk.fake.goes(Way::BreaksAfter);
    let id = order(&engine).await.unwrap();
    assert_eq!(desk.fake.sold(), 1);
    let entry = only(&engine);
    assert_eq!((entry.request.as_ref(), entry.archived), (None, false));
    assert_eq!(entry.product.order_number.as_deref(), Some("X-1"));
    let adopted = history(&engine, &id)
        .await
        .into_iter()
        .find_map(|what| match what {
            What::Adopted { found, chosen, .. } => Some((found, chosen)),
            _ => None,
        });
    assert_eq!(adopted, Some(("X-1".to_owned(), false)));
    // Nobody heard the provider say thank you.
    let said = history(&engine, &id).await;
    let thanks = said
        .iter()
        .any(|what| matches!(what, What::Accepted { .. }));
    assert!(!thanks, "{said:?}");
}

#[tokio::test]
async fn promise_10_nothing_is_sent_again_by_itself_while_nobody_knows() {
    let desk = Desk::new();
    let engine = desk.open();
    desk.fake.goes(Way::BreaksBefore);
    let error = order(&engine).await.unwrap_err();
    assert!(matches!(error, EngineError::OutcomeUnknown(_)), "{error}");
    let says = error.to_string();
    for part in [
        "nobody knows",
        "nothing that fits",
        "send it again",
        "say that it never arrived",
    ] {
        assert!(says.contains(part), "{part} in {says}");
    }
    desk.fake.goes(Way::Answered);
    let entry = only(&engine);
    for action in ["open-invoice", "renew", "withdraw"] {
        assert!(verdict(&engine, action, &entry).is_err(), "{action}");
    }
    for _ in 0..3 {
        desk.turn_clock(86_400);
        desk.open().settle_interrupted().await.unwrap();
    }
    assert_eq!(
        desk.fake.sold(),
        0,
        "nothing was bought behind anybody's back"
    );
    assert!(is_unknown(&only(&desk.open())));
    let row = desk.open().inventory().row(&only(&engine), engine.now());
    assert!(row.needs_someone());
    assert!(row.reminder.unwrap().contains("outcome unknown"));
}

#[tokio::test]
async fn promise_10_also_a_provider_that_is_certain_gets_nothing_twice_without_a_person() {
    let desk = Desk::new();
    desk.fake.books().certain = true;
    let engine = desk.open();
    desk.fake.goes(Way::BreaksBefore);
    let says = order(&engine).await.unwrap_err().to_string();
    assert!(says.contains("never arrived"), "{says}");
    desk.fake.goes(Way::Answered);
    for _ in 0..3 {
        desk.turn_clock(86_400);
        desk.open().settle_interrupted().await.unwrap();
    }
    assert_eq!(desk.fake.books().asked.get("order"), None);
    let entry = only(&desk.open());
    assert!(is_unknown(&entry));

    // What it is certain of is said to whoever chooses.
    let entry = entry.id.clone();
    let adopt = Command::Adopt {
        entry: entry.clone(),
        candidate: None,
    };
    let says = engine.run(adopt).await.unwrap_err().to_string();
    assert!(says.contains("never arrived"), "{says}");
    engine.run(Command::SendAgain { entry }).await.unwrap();
    assert_eq!(
        (only(&engine).request.as_ref(), desk.fake.sold()),
        (None, 1)
    );
}

#[tokio::test]
async fn promise_10_an_action_of_which_nobody_knows_is_neither_repeated_nor_called_refused() {
    let desk = Desk::new();
    desk.fake.books().certain = true;
    let engine = desk.open();
    let id = order(&engine).await.unwrap();
    expire(&desk, &engine, &id);
    desk.fake.goes(Way::BreaksBefore);
    let renew = Command::Act {
        entry: id.clone(),
        action: "renew".to_owned(),
        with: Answers::default(),
        seen_state: None,
    };
    let error = engine.run(renew).await.unwrap_err();
    assert!(matches!(error, EngineError::OutcomeUnknown(_)), "{error}");
    desk.fake.goes(Way::Answered);
    desk.turn_clock(86_400);
    let next = desk.open();
    next.settle_interrupted().await.unwrap();
    assert!(is_unknown(&next.inventory().get(&id).unwrap()));
    let refused = history(&next, &id).await;
    let refused = refused
        .iter()
        .any(|what| matches!(what, What::Refused { .. }));
    assert!(!refused, "the provider refused nothing");
    assert_eq!(desk.fake.sold(), 1);
}

#[tokio::test]
async fn promise_10_killed_before_sending_and_while_waiting_buys_at_most_once() {
    for (way, bought) in [(Way::HangsBefore, 0), (Way::HangsAfter, 1)] {
        let desk = Desk::new();
        desk.fake.goes(way);
        killed_while_waiting(&desk).await;
        desk.fake.goes(Way::Answered);
        // Whoever starts at once leaves it alone: its answer may still come.
        let next = desk.open();
        next.settle_interrupted().await.unwrap();
        assert_eq!(desk.fake.books().listed, 0, "{way:?}");
        assert!(!is_unknown(&only(&next)));
        desk.turn_clock(3600);
        next.settle_interrupted().await.unwrap();
        assert_eq!(desk.fake.sold(), bought, "{way:?}");
        let entry = only(&next);
        if bought == 1 {
            assert_eq!(entry.request, None);
            assert_eq!(entry.product.order_number.as_deref(), Some("X-1"));
        } else {
            assert!(is_unknown(&entry));
        }
    }
}

#[tokio::test]
async fn promise_10_a_full_disk_at_any_moment_of_an_order_buys_at_most_once() {
    let calls = {
        let broken = BrokenDisk::new(0);
        let desk = Desk::on(Path::new("/store"), Some(Arc::new(broken.clone())));
        order(&desk.open()).await.unwrap();
        broken.calls()
    };
    let mut ends = [0; 2];
    let mut adopted = 0;
    for (index, (errno, crashes)) in [(ENOSPC, false), (EIO, true)].into_iter().enumerate() {
        let fault = Fault::From(errno);
        for call in 0..calls {
            let broken = BrokenDisk::new(call as u64);
            let mut desk = Desk::on(Path::new("/store"), Some(Arc::new(broken.clone())));
            let engine = desk.open();
            broken.breaks_at(call, fault);
            let told = order(&engine).await;
            drop(engine);
            broken.cure();
            if crashes {
                // The machine stops: what was not synced may be gone.
                desk.disk = Some(Arc::new(broken.after_crash(call as u64)));
            }
            desk.turn_clock(3600);
            let next = desk.open();
            next.settle_interrupted().await.unwrap();
            assert!(desk.fake.sold() <= 1, "call {call}, {fault:?}");
            let inventory = next.inventory();
            let entry = inventory.entries.iter().next();
            if desk.fake.sold() == 1 {
                // What was bought is known, whatever the disk did.
                let entry = entry.unwrap_or_else(|| panic!("call {call}, {fault:?}: forgotten"));
                assert_eq!(entry.request, None, "call {call}, {fault:?}");
                adopted += usize::from(told.is_err());
            }
            ends[index] += desk.fake.sold();
        }
    }
    assert!(
        adopted > 0,
        "some answers were lost, and what was bought was found"
    );
    assert!(
        ends.iter().all(|sold| *sold > 0 && *sold < calls),
        "{ends:?}"
    );
}

#[tokio::test]
async fn promise_10_a_person_adopts_one_of_several() {
    let desk = Desk::new();
    let engine = desk.open();
    desk.fake.goes(Way::BreaksAfter);
    desk.fake.books().mute = true;
    let error = order(&engine).await.unwrap_err();
    assert!(error.to_string().contains("could not be listed"), "{error}");
    desk.fake.books().mute = false;
    let names = vec![NAME.to_owned()];
    let product = only(&engine).product.name.clone();
    let twin = desk.fake.sell(&names, &product, engine.now());
    let entry = only(&engine).id.clone();
    let adopt = |candidate: Option<&str>| Command::Adopt {
        entry: entry.clone(),
        candidate: candidate.map(str::to_owned),
    };
    let both = engine.run(adopt(None)).await.unwrap_err().to_string();
    assert!(both.contains("2 of them fit"), "{both}");
    let candidates = engine
        .run(Command::Candidates {
            entry: entry.clone(),
        })
        .await;
    let Done::Candidates(candidates) = candidates.unwrap() else {
        panic!("candidates are listed");
    };
    assert_eq!(candidates.list.len(), 2);
    let unknown = engine
        .run(adopt(Some("X-9")))
        .await
        .unwrap_err()
        .to_string();
    assert!(
        unknown.contains("X-9") && unknown.contains("X-1"),
        "{unknown}"
    );
    engine.run(adopt(Some(&twin))).await.unwrap();
    let adopted = only(&engine);
    assert_eq!(adopted.request, None);
    assert_eq!(adopted.product.order_number, Some(twin));
    // What is somebody's already is nobody else's.
    desk.fake.goes(Way::BreaksBefore);
    let error = order(&engine).await;
    assert!(error.is_ok(), "X-1 is nobody's yet: {error:?}");
    assert_eq!(desk.fake.sold(), 2);
}

#[tokio::test]
async fn promise_10_only_a_person_buys_it_twice() {
    let desk = Desk::new();
    let engine = desk.open();
    desk.fake.goes(Way::BreaksAfter);
    desk.fake.books().mute = true;
    order(&engine).await.unwrap_err();
    desk.fake.books().mute = false;
    desk.fake.goes(Way::Answered);
    assert_eq!(desk.fake.sold(), 1);
    let entry = only(&engine).id.clone();
    engine
        .run(Command::SendAgain {
            entry: entry.clone(),
        })
        .await
        .unwrap();
    assert_eq!(desk.fake.sold(), 2, "somebody wanted it so");
    assert_eq!(only(&engine).request, None);
    let again = engine
        .run(Command::SendAgain {
            entry: entry.clone(),
        })
        .await;
    assert!(matches!(again.unwrap_err(), EngineError::Refused { .. }));
    let risked = history(&engine, &entry).await;
    let risked = risked
        .iter()
        .any(|what| matches!(what, What::SentAgain { risked: true, .. }));
    assert!(risked);
}

#[tokio::test]
async fn promise_10_a_person_says_that_it_never_arrived() {
    let desk = Desk::new();
    let engine = desk.open();
    desk.fake.goes(Way::BreaksBefore);
    order(&engine).await.unwrap_err();
    let entry = only(&engine);
    for action in [ADOPT, SEND_AGAIN, GIVE_UP] {
        assert_eq!(verdict(&engine, action, &entry), Ok(()), "{action}");
    }
    let give_up = Command::GiveUp {
        entry: entry.id.clone(),
    };
    engine.run(give_up).await.unwrap();
    let entry = only(&engine);
    assert_eq!((entry.request.as_ref(), entry.archived), (None, true));
    for action in [ADOPT, SEND_AGAIN, GIVE_UP] {
        let reason = verdict(&engine, action, &entry).unwrap_err();
        assert!(reason.contains("no request is open"), "{reason}");
    }
    assert_eq!(desk.fake.sold(), 0);
}

#[tokio::test]
async fn promise_10_a_renewal_is_one_order_and_its_key_is_kept() {
    let desk = Desk::new();
    let engine = desk.open();
    let id = order(&engine).await.unwrap();
    assert_eq!(desk.fake.sold(), 1);
    expire(&desk, &engine, &id);
    desk.fake.goes(Way::BreaksAfter);
    desk.fake.books().mute = true;
    let renew = Command::Act {
        entry: id.clone(),
        action: "renew".to_owned(),
        with: Answers::default(),
        seen_state: None,
    };
    let error = engine.run(renew.clone()).await.unwrap_err();
    assert!(matches!(error, EngineError::OutcomeUnknown(_)), "{error}");
    let asked = engine.inventory().get(&id).unwrap();
    let drafted = asked.sending.as_ref().unwrap().successor.clone().unwrap();
    let refused = engine.run(renew).await.unwrap_err();
    assert!(matches!(refused, EngineError::Refused { .. }), "{refused}");
    assert_eq!(desk.fake.sold(), 2, "the first and its renewal");

    desk.fake.books().mute = false;
    let adopt = Command::Adopt {
        entry: id.clone(),
        candidate: None,
    };
    let Done::Acted { successor, .. } = engine.run(adopt).await.unwrap() else {
        panic!("adopting a renewal makes the successor");
    };
    let inventory = engine.inventory();
    let (old, new) = (
        inventory.get(&id).unwrap(),
        inventory.get(&successor.unwrap()).unwrap(),
    );
    assert_eq!(old.request, None);
    assert_eq!(old.sending, None);
    assert!(
        old.links
            .iter()
            .any(|link| link.kind == LinkKind::RenewedBy && link.entry == new.id)
    );
    assert_eq!(new.product.order_number.as_deref(), Some("X-2"));
    // The key that the CSR was made with, and no other.
    assert_eq!(new.order.spki_sha256, drafted.entry.order.spki_sha256);
    let key = new.order.spki_sha256.as_deref().unwrap();
    assert!(desk.store.join(format!("keys/{key}.pem")).exists());
    assert_eq!(desk.fake.sold(), 2);
}

/// Lets an order be one that has expired, so that it can be renewed.
fn expire(desk: &Desk, engine: &Engine, id: &EntryId) {
    edit(desk, |entry| {
        if entry.id == *id {
            let track = entry.tracks.get_mut("main").unwrap();
            track.state = certdeck::domain::entry::StateRef::known("expired");
            entry.product.order_number = Some("X-1".to_owned());
        }
    });
    let entry = desk.open().inventory().get(id).unwrap();
    assert_eq!(verdict(engine, "renew", &entry), Ok(()));
}

fn edit(desk: &Desk, change: impl Fn(&mut Entry)) {
    let store = Store::open(&desk.store, OpenOptions::default()).unwrap();
    let ids: Vec<EntryId> = store.snapshot().entries.ids().collect();
    let edited: Result<(), StoreError> = store.transact(|transaction| {
        for id in &ids {
            let mut entry = transaction.entry(id).unwrap().as_ref().clone();
            change(&mut entry);
            transaction.put_entry(entry);
        }
        Ok(())
    });
    edited.unwrap();
}

#[tokio::test]
async fn promise_10_what_is_safe_to_repeat_is_repeated() {
    let desk = Desk::new();
    let engine = desk.open();
    let id = order(&engine).await.unwrap();
    edit(&desk, |entry| {
        entry.lifecycle = "cloudflare-edge".to_owned();
        let mut track = entry.tracks.values().next().unwrap().clone();
        track.state = certdeck::domain::entry::StateRef::known("pending-validation");
        entry.tracks = [("main".to_owned(), track)].into();
        entry.request = Some(OpenRequest {
            action: "recheck".to_owned(),
            since: "2026-11-22T12:00:00Z".parse().unwrap(),
            unknown_outcome: false,
            accepted: false,
        });
    });
    desk.turn_clock(3600);
    let next = desk.open();
    next.settle_interrupted().await.unwrap();
    assert_eq!(desk.fake.books().asked.get("recheck"), Some(&1));
    assert_eq!(only(&next).request, None, "{:?}", history(&next, &id).await);
    assert_eq!(desk.fake.books().listed, 0, "nobody has to look for it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn promise_10_of_two_processes_one_reconciles() {
    for round in 0..20 {
        let desk = Desk::new();
        desk.fake.goes(Way::HangsAfter);
        killed_while_waiting(&desk).await;
        desk.fake.goes(Way::Answered);
        desk.turn_clock(3600);
        let (one, other) = (desk.open(), desk.open());
        let (left, right) = tokio::join!(one.settle_interrupted(), other.settle_interrupted());
        for told in [left, right] {
            // Whoever came second found it settled.
            let fine = told.as_ref().is_ok_and(|()| true)
                || told
                    .as_ref()
                    .unwrap_err()
                    .to_string()
                    .contains("settled already");
            assert!(fine, "round {round}: {told:?}");
        }
        let fresh = desk.open();
        let entry = only(&fresh);
        assert_eq!(entry.request, None);
        let adopted = history(&fresh, &entry.id).await;
        let adopted = adopted
            .iter()
            .filter(|what| matches!(what, What::Adopted { .. }));
        assert_eq!((adopted.count(), desk.fake.sold()), (1, 1), "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn promise_10_two_people_who_send_again_at_once_send_it_once() {
    let desk = Desk::new();
    let engines = [desk.open(), desk.open()];
    // Who comes first is chance; in enough rounds both have asked before either has sent.
    for round in 1..=150 {
        // What was sold in the round before is too old to be what is looked for.
        desk.turn_clock(86_400);
        desk.fake.goes(Way::BreaksBefore);
        order(&engines[0]).await.unwrap_err();
        desk.fake.goes(Way::Answered);
        let there = engines[0].inventory();
        let entry = there.entries.iter().find(|entry| is_unknown(entry));
        let entry = entry.unwrap();
        let both = engines.clone().map(|engine| {
            let entry = entry.id.clone();
            tokio::spawn(async move { engine.run(Command::SendAgain { entry }).await })
        });
        let mut done = 0;
        for one in both {
            done += usize::from(one.await.unwrap().is_ok());
        }
        assert_eq!((done, desk.fake.sold()), (1, round), "round {round}");
    }
}

//! The withdrawal of an application, point by point after Huawei Cloud's document.

use certdeck::domain::account::AccountKind;
use certdeck::domain::entry::{Entry, EntryId, MAIN_TRACK, ProductKind, StateRef};
use certdeck::domain::event::What;
use certdeck::domain::gate::gate;

use crate::entries::context;
use crate::stage::{ACCOUNT, Console, table};

const CONFIRMED: &str = "Request for canceling the application submitted successfully";
const WITHDRAWING: &str = "CA verifying (application withdrawal)";
const ADDING: &str = "CA verifying (domain name addition)";

/// Seeds of the sandbox under which the races of the stories below go this way. They hang on the
/// ids of the entries too: where those change, other seeds under 40 do the same.
const WON: u64 = 1;
const LOST: u64 = 17;
const LOST_AND_ISSUED: u64 = 16;
const ADDITION_WON: u64 = 1;
const ADDITION_LOST: u64 = 3;

// --- 1: from where ------------------------------------------------------------------------------

const ELSEWHERE: &str = "possible while Pending domain name verification, \
                         Pending organization verification or CA verifying (domain name addition)";

#[test]
fn one_it_is_possible_from_three_states_and_from_no_other() {
    let table = table();
    let at = "2026-11-22T12:00:00Z".parse().unwrap();
    let mut possible = Vec::new();
    let mut reasons = Vec::new();
    for state in &table.states {
        let entry = Entry::new(EntryId::new("e1"), ACCOUNT, "huawei-ssl", &state.id, at);
        match gate("withdraw", &entry, &table, &context(AccountKind::Sandbox)).reason() {
            None => possible.push(state.id.as_str()),
            Some(reason) => reasons.push((state.id.as_str(), reason.to_string())),
        }
    }
    assert_eq!(
        possible,
        [
            "pending-domain-verification",
            "pending-organization-verification",
            "verifying-addition"
        ]
    );
    let own = [
        (
            "verifying-addition-withdrawal",
            "a withdrawal has been submitted",
        ),
        ("verifying-withdrawal", "a withdrawal has been submitted"),
        (
            "verifying-revocation",
            "a submitted deletion or revocation cannot be withdrawn",
        ),
        (
            "revocation-domain-verification",
            "a submitted deletion or revocation cannot be withdrawn",
        ),
        (
            "revoked",
            "a revocation cannot be withdrawn; buy a new certificate and apply for it",
        ),
        (
            "to-be-issued",
            "the CA has approved it already; once it is issued, it can be revoked or reissued",
        ),
    ];
    assert_eq!(reasons.len(), 12);
    for (state, reason) in reasons {
        let expected = own.iter().find(|(id, _)| *id == state);
        assert_eq!(
            reason,
            expected.map_or(ELSEWHERE, |(_, says)| says),
            "{state}"
        );
    }
}

// --- 2 and 3: submitted -------------------------------------------------------------------------

#[tokio::test]
async fn two_it_is_confirmed_in_the_consoles_own_words() {
    for level in ["DV", "OV"] {
        let console = Console::new();
        let id = console
            .buy(ProductKind::Single, level, &["www.example.com"])
            .await;
        console.act(&id, "apply").await.unwrap();
        if level == "OV" {
            console.play(&id, "domain-verified").await;
            assert_eq!(console.label(&id), "Pending organization verification");
        }
        assert_eq!(console.act(&id, "withdraw").await.unwrap(), CONFIRMED);
        let history = console.engine.details(id).await.unwrap().history;
        let accepted = history.iter().any(|line| {
            matches!(&line.event.what, What::Accepted { action, says, .. }
                if action == "withdraw" && says.as_deref() == Some(CONFIRMED))
        });
        assert!(accepted, "and the history remembers it: {history:?}");
    }
}

#[tokio::test]
async fn three_an_application_waits_for_the_ca_and_is_not_withdrawn_twice() {
    let console = Console::new();
    let id = console.applied().await;
    console.act(&id, "withdraw").await.unwrap();
    assert_eq!(console.label(&id), WITHDRAWING);
    let reason = console.refused(&id, "withdraw").await;
    assert!(
        reason.contains("a withdrawal has been submitted"),
        "{reason}"
    );
    let reason = console.refused(&id, "apply").await;
    assert!(reason.contains("apply again once"), "{reason}");
}

#[tokio::test]
async fn three_an_addition_keeps_its_label_and_is_not_withdrawn_twice() {
    let console = Console::new();
    let id = console.adding().await;
    assert_eq!(console.act(&id, "withdraw").await.unwrap(), CONFIRMED);
    assert_eq!(console.label(&id), ADDING, "the label stays");
    let stands = console.entry(&id).main().unwrap().state.clone();
    assert_eq!(stands, StateRef::known("verifying-addition-withdrawal"));
    let reason = console.refused(&id, "withdraw").await;
    assert!(
        reason.contains("a withdrawal has been submitted"),
        "{reason}"
    );
}

// --- 4: it succeeds -----------------------------------------------------------------------------

#[tokio::test]
async fn four_a_withdrawn_application_is_applied_for_and_verified_all_over_again() {
    let console = Console::new();
    let id = console
        .buy(ProductKind::Single, "OV", &["www.example.com"])
        .await;
    console.act(&id, "apply").await.unwrap();
    console.play(&id, "domain-verified").await;
    console.act(&id, "withdraw").await.unwrap();
    console.play(&id, "withdrawn").await;
    assert_eq!(console.label(&id), "Pending application");
    let said = console.said(&id);
    assert!(said.contains("was withdrawn"), "{said}");
    assert!(
        console.entry(&id).records.is_empty(),
        "what was published is void"
    );
    for words in ["apply again", "domain ownership", "organization"] {
        assert!(said.contains(words), "{words}: {said}");
    }

    console.act(&id, "apply").await.unwrap();
    assert_eq!(console.label(&id), "Pending domain name verification");
    assert_eq!(console.said(&id), "", "that was said of the last time");
    assert!(!console.entry(&id).records.is_empty());
    for event in ["domain-verified", "organization-verified", "issued"] {
        console.play(&id, event).await;
    }
    assert_eq!(console.label(&id), "Issued");
    assert_eq!(console.entry(&id).certificates.len(), 1);
}

#[tokio::test]
async fn four_a_withdrawn_addition_leaves_the_certificate_as_it_was() {
    let console = Console::new();
    let id = console.adding().await;
    let before = console.entry(&id);
    console.act(&id, "withdraw").await.unwrap();
    console.play(&id, "addition-withdrawn").await;
    let after = console.entry(&id);
    assert_eq!(console.label(&id), "Issued");
    assert_eq!(after.names, before.names);
    assert_eq!(after.certificates, before.certificates);
    assert!(after.adding.is_empty() && after.records.is_empty());
    let said = console.said(&id);
    assert!(said.contains("addition was withdrawn"), "{said}");
}

// --- 5: it fails --------------------------------------------------------------------------------

#[tokio::test]
async fn five_an_application_that_the_ca_had_approved_is_issued_and_the_list_says_why() {
    for (event, label) in [
        ("withdrawal-failed", "To be issued"),
        ("withdrawal-failed-issued", "Issued"),
    ] {
        let console = Console::new();
        let id = console.applied().await;
        console.act(&id, "withdraw").await.unwrap();
        console.play(&id, event).await;
        assert_eq!(console.label(&id), label);
        let said = console.said(&id);
        assert!(said.contains("The withdrawal failed"), "{said}");
        assert!(said.contains("had already approved"), "{said}");
        let has_one = console.entry(&id).serving().is_some();
        assert_eq!(has_one, label == "Issued");
    }
}

#[tokio::test]
async fn five_an_addition_that_the_ca_had_approved_is_issued_with_the_new_names() {
    let console = Console::new();
    let id = console.adding().await;
    console.act(&id, "withdraw").await.unwrap();
    console.play(&id, "addition-withdrawal-failed").await;
    assert_eq!(console.label(&id), "Issued");
    let entry = console.entry(&id);
    let names = ["www.example.com", "shop.example.com", "new.example.com"];
    assert_eq!(entry.names, names);
    assert!(entry.adding.is_empty());
    assert_eq!(entry.certificates.len(), 2, "the old one is past");
    assert!(console.said(&id).contains("The withdrawal failed"));
}

/// An application that was withdrawn and then left alone: every label that the console showed, and
/// the last thing that its row said.
async fn left_alone(console: &Console, id: &EntryId) -> (Vec<String>, String) {
    let mut said = String::new();
    // Small steps, so that what is said between two states is seen.
    for _ in 0..100 {
        console.wait_minutes(2).await;
        let says = console.said(id);
        said = if says.is_empty() { said } else { says };
    }
    (console.shown(id).await, said)
}

#[tokio::test]
async fn five_the_race_is_won_or_lost_without_anybody_playing_it() {
    let begun = ["Pending domain name verification", WITHDRAWING];
    let cases: [(u64, &[&str], &str); 3] = [
        (WON, &["Pending application"], "was withdrawn"),
        (LOST, &["To be issued", "Issued"], "is about to be issued"),
        (LOST_AND_ISSUED, &["Issued"], "certificate was issued"),
    ];
    for (seed, ends, words) in cases {
        let console = Console::with_seed(seed);
        let id = console.applied().await;
        console.act(&id, "withdraw").await.unwrap();
        let (shown, said) = left_alone(&console, &id).await;
        assert_eq!(shown, [&begun, ends].concat(), "seed {seed}");
        assert!(said.contains(words), "seed {seed}: {said}");
        let has_one = console.entry(&id).serving().is_some();
        assert_eq!(has_one, ends.contains(&"Issued"), "seed {seed}");
    }
}

#[tokio::test]
async fn five_the_race_of_an_addition_is_won_or_lost_without_anybody_playing_it() {
    for (seed, names, words) in [
        (ADDITION_WON, 2, "addition was withdrawn"),
        (ADDITION_LOST, 3, "The withdrawal failed"),
    ] {
        let console = Console::with_seed(seed);
        let id = console.adding().await;
        console.act(&id, "withdraw").await.unwrap();
        console.wait(24).await;
        assert_eq!(console.label(&id), "Issued", "seed {seed}");
        assert_eq!(console.entry(&id).names.len(), names, "seed {seed}");
        assert!(console.said(&id).contains(words), "{}", console.said(&id));
    }
}

/// Where only the state afterwards is seen, the names tell an addition's outcomes apart; where they
/// cannot be read, nobody knows, and nobody pretends to.
#[tokio::test]
async fn five_what_is_only_seen_is_told_by_the_names_or_not_at_all() {
    let console = Console::new();
    let id = console.adding().await;
    console.act(&id, "withdraw").await.unwrap();
    let (table, entry) = (table(), console.entry(&id));
    let result = |names: Option<&[String]>| {
        let result = table.result_of(&entry, MAIN_TRACK, "issued", names);
        result.unwrap_or_default()
    };
    let old = entry.names.clone();
    let new = [old.clone(), entry.adding.clone()].concat();
    assert!(result(Some(&old)).contains("addition was withdrawn"));
    assert!(result(Some(&new)).contains("The withdrawal failed"));
    assert_eq!(result(None), "outcome not stated by Huawei Cloud");
}

#[tokio::test]
async fn five_of_an_application_the_state_itself_tells() {
    let console = Console::new();
    let id = console.applied().await;
    console.act(&id, "withdraw").await.unwrap();
    let (table, entry) = (table(), console.entry(&id));
    for (state, words) in [
        ("pending-application", "was withdrawn"),
        ("to-be-issued", "The withdrawal failed"),
        ("issued", "The withdrawal failed"),
    ] {
        let result = table.result_of(&entry, MAIN_TRACK, state, None).unwrap();
        assert!(result.contains(words), "{state}: {result}");
    }
}

// --- 6: never a deletion or a revocation --------------------------------------------------------

#[tokio::test]
async fn six_a_submitted_deletion_is_not_withdrawn() {
    let console = Console::new();
    let id = console.issued().await;
    console.wait(24 * 40).await;
    let asked = console.now();
    console.act(&id, "delete").await.unwrap();
    assert_eq!(console.label(&id), "Issued", "the state stays");
    let open = console.entry(&id).request.clone().unwrap();
    assert!(open.accepted && open.action == "delete", "{open:?}");
    for action in ["withdraw", "revoke", "reissue", "delete"] {
        let reason = console.refused(&id, action).await;
        let says = "a deletion has been submitted, and it cannot be withdrawn";
        assert!(reason.contains(says), "{action}: {reason}");
    }
    console.wait(1).await;
    let entry = console.entry(&id);
    assert!(entry.archived);
    assert!(entry.gone.unwrap() > asked, "not before it was asked for");
    assert_eq!(entry.request, None);
    assert!(entry.serving().is_some(), "what was issued is kept here");
    let reason = console.refused(&id, "withdraw").await;
    assert!(reason.contains("it is gone at Huawei Cloud"), "{reason}");
}

#[tokio::test]
async fn six_a_submitted_revocation_is_not_withdrawn() {
    let console = Console::new();
    let id = console.issued().await;
    console.act(&id, "revoke").await.unwrap();
    let says = "a submitted deletion or revocation cannot be withdrawn";
    assert!(console.refused(&id, "withdraw").await.contains(says));
    console.play(&id, "revocation-verifies").await;
    assert!(console.refused(&id, "withdraw").await.contains(says));
    console.play(&id, "revoked").await;
    let reason = console.refused(&id, "withdraw").await;
    assert!(reason.contains("cannot be withdrawn"), "{reason}");
}

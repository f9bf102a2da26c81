//! The golden gate table: what the gate answers for every state and every action of every
//! embedded lifecycle, and in the situations where more than the state counts, as text that a
//! person reviews in a diff.
//!
//! It compares with `tests/golden/gate.txt`; `CERTDECK_BLESS=1 cargo test --test golden_gate`
//! writes that file anew.

use std::fmt::Write as _;
use std::path::Path;

use certdeck::domain::account::AccountKind;
use certdeck::domain::action::CATALOGUE;
use certdeck::domain::entry::{
    CertificateRecord, CsrBy, Entry, EntryId, Invoice, OpenRequest, Price, Role, StateRef,
};
use certdeck::domain::gate::{AccountFacts, Context, Verdict, gate};
use certdeck::domain::lifecycle::{Lifecycle, Lifecycles, Phase, State, effective};
use jiff::Timestamp;

const GOLDEN: &str = "tests/golden/gate.txt";
const BLESS: &str = "CERTDECK_BLESS=1 cargo test --test golden_gate";

/// What every answer below is given at.
fn now() -> Timestamp {
    at("2026-11-22T14:30:00Z")
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp of this file")
}

fn certificate(not_before: &str, not_after: &str) -> CertificateRecord {
    CertificateRecord {
        sha256: "5e".repeat(32),
        chain: Vec::new(),
        role: Role::Serving,
        subject: "CN=www.example.net".to_owned(),
        issuer: "a CA".to_owned(),
        serial: "01".to_owned(),
        not_before: at(not_before),
        not_after: at(not_after),
        key: "P-256".to_owned(),
        spki_sha256: "aa".repeat(32),
        is_ca: false,
    }
}

/// Far from its end, on the day of the answers.
fn fresh() -> CertificateRecord {
    certificate("2026-11-01T00:00:00Z", "2027-05-20T00:00:00Z")
}

/// Twenty days before its end.
fn ageing() -> CertificateRecord {
    certificate("2026-05-26T00:00:00Z", "2026-12-12T00:00:00Z")
}

/// Ended ten days ago.
fn ended() -> CertificateRecord {
    certificate("2026-04-26T00:00:00Z", "2026-11-12T00:00:00Z")
}

fn invoice(paid: bool) -> Invoice {
    Invoice {
        number: "RE-2026-1182".to_owned(),
        amount: Price {
            cents: 4_900,
            currency: "EUR".to_owned(),
        },
        link: None,
        paid_at: paid.then(|| at("2026-05-25T00:00:00Z")),
    }
}

/// An entry that stands in a state with what usually comes with it.
fn entry_in(lifecycle: &Lifecycle, state: &State) -> Entry {
    let id = EntryId::new("e1");
    let mut entry = Entry::new(
        id,
        "shop",
        &lifecycle.id,
        &state.id,
        at("2026-05-24T00:00:00Z"),
    );
    let first = entry
        .tracks
        .remove("main")
        .expect("a new entry has its track");
    entry.tracks.insert(state.track.clone(), first);
    entry.names = vec!["www.example.net".to_owned()];
    entry.certificates = match state.phase {
        Phase::Live | Phase::WindingDown => vec![fresh()],
        Phase::Failed => vec![ended()],
        Phase::ActionNeeded | Phase::InProgress | Phase::Ended => Vec::new(),
    };
    if lifecycle.id != "files" {
        let is_first = lifecycle.order.first() == Some(&state.id);
        entry.product.invoice = Some(invoice(!is_first));
        entry.order.csr_by = Some(CsrBy::Certdeck);
        entry.order.key_held = true;
    }
    entry
}

fn context(lifecycle: &Lifecycle) -> Context<'static> {
    let kind = match lifecycle.id.as_str() {
        "files" => AccountKind::Files,
        _ => AccountKind::Sandbox,
    };
    let account = AccountFacts {
        name: "shop",
        kind,
        configured: true,
        read_only: false,
        zone_active: None,
        quota_left: None,
    };
    Context {
        now: now(),
        account,
        successor: None,
        successor_live: None,
    }
}

/// A situation in which more than the state counts.
struct Scene {
    title: &'static str,
    lifecycle: &'static str,
    state: &'static str,
    set: fn(&mut Entry, &mut Context<'static>),
}

const fn scene(
    title: &'static str,
    state: &'static str,
    set: fn(&mut Entry, &mut Context<'static>),
) -> Scene {
    Scene {
        title,
        lifecycle: "netcup",
        state,
        set,
    }
}

const SCENES: &[Scene] = &[
    scene("20 days before expiry", "issued", |entry, _| {
        entry.certificates = vec![ageing()];
    }),
    scene(
        "10 days after expiry, stored as issued",
        "issued",
        |entry, _| {
            entry.certificates = vec![ended()];
        },
    ),
    scene(
        "20 days before expiry, a successor under way",
        "issued",
        |entry, context| {
            entry.certificates = vec![ageing()];
            context.successor = Some("kx4p2m (Registration)".to_owned());
        },
    ),
    scene(
        "far from expiry, the term paid beyond it",
        "issued",
        |entry, _| {
            entry.product.paid_until = Some(at("2028-06-01T23:59:59Z"));
        },
    ),
    scene(
        "20 days before expiry, the term paid beyond it",
        "issued",
        |entry, _| {
            entry.certificates = vec![ageing()];
            entry.product.paid_until = Some(at("2028-06-01T23:59:59Z"));
        },
    ),
    scene("issued, kept by hand", "issued", |_, context| {
        context.account.kind = AccountKind::ByHand;
    }),
    scene(
        "issued, kept by hand in a read-only account",
        "issued",
        |_, context| {
            context.account.kind = AccountKind::ByHand;
            context.account.read_only = true;
        },
    ),
    scene("expired, a successor serves", "expired", |_, context| {
        context.successor = Some("kx4p2m (Certificate issued)".to_owned());
    }),
    scene(
        "expired, in a read-only account",
        "expired",
        |_, context| {
            context.account.read_only = true;
        },
    ),
    scene(
        "expired, another request under way",
        "expired",
        |entry, _| {
            entry.request = Some(request(false));
        },
    ),
    scene(
        "expired, the outcome of a request unknown",
        "expired",
        |entry, _| {
            entry.request = Some(request(true));
        },
    ),
    scene("expired and archived", "expired", |entry, _| {
        entry.archived = true;
    }),
    scene("a state that no table knows", "issued", |entry, _| {
        let track = entry.tracks.get_mut("main").expect("netcup has one track");
        track.state = StateRef::unknown("Wird geprüft");
    }),
    scene("the CSR is your own", "issued", |entry, _| {
        entry.order.csr_by = Some(CsrBy::You);
        entry.order.key_held = false;
    }),
    scene(
        "the provider generates the CSR, not issued yet",
        "verification",
        |entry, _| {
            entry.order.csr_by = Some(CsrBy::Provider);
            entry.order.key_held = false;
        },
    ),
    scene(
        "no invoice is known yet",
        "outstanding-invoice",
        |entry, _| {
            entry.product.invoice = None;
        },
    ),
];

fn request(unknown_outcome: bool) -> OpenRequest {
    OpenRequest {
        action: "renew".to_owned(),
        since: at("2026-11-22T14:02:09Z"),
        unknown_outcome,
        accepted: false,
    }
}

/// One line per action of the catalogue.
fn answers(entry: &Entry, lifecycle: &Lifecycle, context: &Context<'_>) -> String {
    let mut text = String::new();
    for spec in CATALOGUE {
        let answer = match gate(spec.id, entry, lifecycle, context) {
            Verdict::Possible { .. } => "possible".to_owned(),
            Verdict::Refused(reason) => format!("no: {reason}"),
        };
        let _ = writeln!(text, "  {:16} {answer}", spec.id);
    }
    text
}

fn by_state(lifecycle: &Lifecycle) -> String {
    let mut text = format!("# {} ({})\n", lifecycle.title, lifecycle.id);
    for state in &lifecycle.states {
        let entry = entry_in(lifecycle, state);
        let context = context(lifecycle);
        let _ = write!(text, "\n## {} ({})\n", state.label, state.id);
        text.push_str(&answers(&entry, lifecycle, &context));
    }
    text
}

fn by_scene(lifecycles: &Lifecycles) -> String {
    let mut text = "# where more than the state counts\n".to_owned();
    for scene in SCENES {
        let lifecycle = lifecycles
            .get(scene.lifecycle)
            .expect("an embedded lifecycle");
        let state = lifecycle.state(scene.state).expect("a state of it");
        let mut entry = entry_in(lifecycle, state);
        let mut context = context(lifecycle);
        (scene.set)(&mut entry, &mut context);
        let stands = effective(&entry, lifecycle, context.now);
        let label = lifecycle.label(&stands);
        let _ = write!(
            text,
            "\n## {}: {} [{label}]\n",
            scene.lifecycle, scene.title
        );
        text.push_str(&answers(&entry, lifecycle, &context));
    }
    text
}

fn whole_table() -> String {
    let lifecycles = Lifecycles::built_in().expect("the embedded tables are right");
    let mut parts: Vec<String> = lifecycles
        .iter()
        .map(|lifecycle| by_state(lifecycle))
        .collect();
    parts.push(by_scene(&lifecycles));
    parts.join("\n")
}

#[test]
fn the_gate_answers_as_it_was_reviewed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(GOLDEN);
    let table = whole_table();
    if std::env::var_os("CERTDECK_BLESS").is_some() {
        std::fs::write(&path, &table).expect("the golden table can be written");
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = golden
        .lines()
        .chain(std::iter::repeat(""))
        .zip(table.lines())
        .position(|(reviewed, answered)| reviewed != answered);
    if let Some(line) = differs {
        let side = |text: &str| text.lines().nth(line).unwrap_or("(nothing)").to_owned();
        panic!(
            "{GOLDEN}:{}: reviewed\n{}\nbut the gate answers\n{}\nIf that is meant: {BLESS}, and read the diff.",
            line + 1,
            side(&golden),
            side(&table),
        );
    }
    assert_eq!(
        golden.len(),
        table.len(),
        "{GOLDEN} has more than the gate answers: {BLESS}"
    );
}

#[test]
fn every_refusal_is_a_sentence_that_a_person_can_act_on() {
    let table = whole_table();
    let refusals: Vec<&str> = table
        .lines()
        .filter_map(|line| line.split_once(" no: "))
        .map(|(_, says)| says)
        .collect();
    assert!(
        refusals.len() > 50,
        "the table refuses a good deal: {}",
        refusals.len()
    );
    for says in refusals {
        assert!(says.len() > 15 && !says.ends_with('.'), "{says:?}");
        assert!(!says.contains("{}") && !says.contains("  "), "{says:?}");
    }
}

#[test]
fn every_action_is_possible_somewhere_or_the_tables_say_why_not() {
    let table = whole_table();
    for spec in CATALOGUE {
        let lines: Vec<&str> = table
            .lines()
            .filter(|line| line.trim_start().split(' ').next() == Some(spec.id))
            .collect();
        assert!(lines.len() > 12, "{}: {}", spec.id, lines.len());
        let possible = lines.iter().any(|line| line.ends_with(" possible"));
        let explained = lines
            .iter()
            .all(|line| !line.contains("offers no such action"));
        assert!(
            possible || explained,
            "{} is nowhere possible and nobody says why",
            spec.id
        );
    }
}

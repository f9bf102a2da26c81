//! The golden gate table: what the gate answers for every state and every action of every
//! embedded lifecycle, and in the situations where more than the state counts, as text that a
//! person reviews in a diff.
//!
//! It compares with `tests/golden/gate.txt`; `CERTDECK_BLESS=1 cargo test --test golden_gate`
//! writes that file anew.

mod fixture;
mod scenes;
mod scenes_elsewhere;
mod sheet;

use std::path::Path;

use certdeck::domain::action::CATALOGUE;
use certdeck::domain::entry::Entry;
use certdeck::domain::gate::{Context, Verdict, gate};
use certdeck::domain::lifecycle::{Lifecycle, Lifecycles, State, effective};

use fixture::{context, entry_in};
use scenes::{NETCUP, Scene};
use scenes_elsewhere::{ACME, CLOUDFLARE, HUAWEI};
use sheet::{Answers, InState, Matrix};

const GOLDEN: &str = "tests/golden/gate.txt";
const BLESS: &str = "CERTDECK_BLESS=1 cargo test --test golden_gate";

const PREFACE: &str = "\
What the gate answers, on 2026-11-22, to every action of the catalogue in every state of every
embedded lifecycle, in an account of the sandbox (of watched files for `files`). The first lines of
each lifecycle say what holds in all of its states. Below, each state says what is possible there
besides, and why an action is not where it has a reason of its own; for every other action the
reason at the top holds. So every pair of state and action has its answer.

An entry has what usually came on its way to the state: a certificate 19 days old where none can be
without one, an old one where the state speaks of its age, a single name, a paid product, a key and
a CSR made by certdeck; other tracks stand where they serve. One of Huawei Cloud is an OV product
for several names, paid two days ago, and Huawei Cloud made its CSR.
";

fn scenes() -> impl Iterator<Item = &'static Scene> {
    [ACME, CLOUDFLARE, HUAWEI, NETCUP].into_iter().flatten()
}

fn lifecycles() -> Lifecycles {
    Lifecycles::built_in().expect("the embedded tables are right")
}

fn answers(entry: &Entry, lifecycle: &Lifecycle, context: &Context<'_>) -> Answers {
    let ask = |action| match gate(action, entry, lifecycle, context) {
        Verdict::Possible { .. } => None,
        Verdict::Refused(reason) => Some(reason.to_string()),
    };
    CATALOGUE
        .iter()
        .map(|spec| (spec.id, ask(spec.id)))
        .collect()
}

fn answers_in(lifecycle: &Lifecycle, state: &State) -> Answers {
    let entry = entry_in(lifecycle, state);
    answers(&entry, lifecycle, &context(lifecycle))
}

fn chapter(lifecycle: &Lifecycle) -> String {
    let in_state = |state: &State| InState {
        id: state.id.clone(),
        label: state.label.clone(),
        answers: answers_in(lifecycle, state),
    };
    let states: Vec<InState> = lifecycle.states.iter().map(in_state).collect();
    sheet::chapter(&lifecycle.id, &lifecycle.title, &states)
}

/// What a scene changes, and what the state alone would have answered.
fn play(scene: &Scene, lifecycles: &Lifecycles) -> (String, Answers, Answers) {
    let lifecycle = lifecycles
        .get(scene.lifecycle)
        .expect("an embedded lifecycle");
    let state = lifecycle.state(scene.state).expect("a state of it");
    let plain = answers_in(lifecycle, state);
    let mut entry = entry_in(lifecycle, state);
    let mut context = context(lifecycle);
    (scene.set)(&mut entry, &mut context);
    let stands = effective(&entry, lifecycle, context.now);
    let title = format!(
        "{} [{}]: {}",
        lifecycle.id,
        lifecycle.label(&stands),
        scene.title
    );
    let here = answers(&entry, lifecycle, &context);
    (title, plain, here)
}

fn whole_table() -> String {
    let lifecycles = lifecycles();
    let mut text = PREFACE.to_owned();
    for lifecycle in lifecycles.iter() {
        text.push('\n');
        text.push_str(&chapter(lifecycle));
    }
    text.push_str("\n# Where more than the state counts: what differs from the state alone\n");
    for scene in scenes() {
        let (title, plain, here) = play(scene, &lifecycles);
        text.push_str(&sheet::scene(&title, &plain, &here));
    }
    text
}

fn golden_file() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(GOLDEN);
    std::fs::read_to_string(path).unwrap_or_default()
}

#[test]
fn the_gate_answers_as_it_was_reviewed() {
    let table = whole_table();
    if std::env::var_os("CERTDECK_BLESS").is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(GOLDEN);
        std::fs::write(path, &table).expect("the golden table can be written");
    }
    let golden = golden_file();
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

/// The text says the common things once; still every single answer can be read from it.
#[test]
fn every_pair_of_state_and_action_can_be_read_from_the_text() {
    let actions: Vec<&str> = CATALOGUE.iter().map(|spec| spec.id).collect();
    let read = sheet::read(&whole_table(), &actions);
    let mut asked = Matrix::new();
    for lifecycle in lifecycles().iter() {
        for state in &lifecycle.states {
            for (action, answer) in answers_in(lifecycle, state) {
                let key = (lifecycle.id.clone(), state.id.clone(), action.to_owned());
                asked.insert(key, answer);
            }
        }
    }
    let states: usize = lifecycles().iter().map(|l| l.states.len()).sum();
    assert_eq!(asked.len(), states * CATALOGUE.len());
    let missing = asked
        .iter()
        .find(|(key, answer)| read.get(*key) != Some(answer));
    assert_eq!(missing, None, "not in the text, or otherwise");
    assert_eq!(read.len(), asked.len(), "the text has a pair too many");
}

#[test]
fn every_refusal_is_a_sentence_that_a_person_can_act_on() {
    let lifecycles = lifecycles();
    let in_states = lifecycles.iter().flat_map(|lifecycle| {
        let answers = lifecycle
            .states
            .iter()
            .map(|state| answers_in(lifecycle, state));
        answers.collect::<Vec<_>>()
    });
    let in_scenes = scenes().map(|scene| play(scene, &lifecycles).2);
    let mut refusals = 0;
    for (action, answer) in in_states.chain(in_scenes).flatten() {
        let Some(says) = answer else { continue };
        refusals += 1;
        assert!(
            says.split(' ').count() >= 3 && !says.ends_with('.'),
            "{action}: {says:?}"
        );
        assert!(
            !says.contains("{}") && !says.contains("  ") && !says.contains('\n'),
            "{action}: {says:?}"
        );
    }
    assert!(refusals > 100, "the table refuses a good deal: {refusals}");
}

#[test]
fn every_action_is_possible_somewhere() {
    let lifecycles = lifecycles();
    for spec in CATALOGUE {
        let in_states = lifecycles.iter().flat_map(|lifecycle| {
            let states = lifecycle.states.iter();
            let answers = states.map(|state| answers_in(lifecycle, state));
            answers.collect::<Vec<_>>()
        });
        let in_scenes = scenes().map(|scene| play(scene, &lifecycles).2);
        let somewhere = in_states
            .chain(in_scenes)
            .any(|answers| possible(spec.id, &answers));
        assert!(somewhere, "{} is possible nowhere", spec.id);
    }
}

#[test]
fn every_scene_makes_a_difference() {
    let lifecycles = lifecycles();
    let played = scenes().map(|scene| play(scene, &lifecycles));
    let same = played.filter(|(_, plain, here)| plain == here);
    let same: Vec<String> = same.map(|(title, ..)| title).collect();
    assert_eq!(same, Vec::<String>::new());
}

fn possible(action: &str, answers: &Answers) -> bool {
    answers
        .iter()
        .any(|(id, answer)| *id == action && answer.is_none())
}

//! Lifecycle tables: a wrong one is answered with file, line, key and the way to mend it, and what
//! must hold for every table holds for the embedded ones.

use std::collections::BTreeSet;

use certdeck::domain::lifecycle::{Lifecycle, LifecycleError, Lifecycles, Phase};

// --- wrong tables ------------------------------------------------------------------------------

/// A small table with nothing wrong in it; every wrong one differs from it in one place.
const RIGHT: &str = r#"id       = "small"
title    = "small certificate"
provider = "small"
source   = "a test"
order    = ["begun", "issued"]

[[entry]]
state = "begun"

[state.begun]
label = "Begun"
phase = "action-needed"
who   = "you"
says  = "Do it."
wire  = [{ is = "begun" }, { is = "open", when = "order-type:new" }]

[state.issued]
label    = "Issued"
phase    = "live"
who      = "nobody"
says     = "It serves."
terminal = true
wire     = [{ is = "issued" }]

[[action]]
id     = "renew"
from   = ["issued"]
guards = ["paid", { is = "within-days-of-expiry", days = 30 }]
makes  = { state = "begun", link = "renews" }

[[event]]
id      = "done"
label   = "Done"
from    = ["begun"]
to      = "issued"
sandbox = { after = "10m", chance = 0.5 }

[[refuse]]
action = "withdraw"
says   = "there is nothing to withdraw"
"#;

const WRONG: &str = include_str!("fixtures/wrong_tables.txt");

/// A table that is wrong in one place, and what has to be said about it.
#[derive(Debug, Default)]
struct Wrong {
    what: String,
    out: String,
    put: String,
    /// The line that the error names: its number among those put in, or its text.
    line: Option<Line>,
    key: String,
    says: Vec<String>,
}

#[derive(Debug)]
enum Line {
    Put(usize),
    Stands(String),
}

fn wrong_tables() -> Vec<Wrong> {
    let mut all: Vec<Wrong> = Vec::new();
    for text in WRONG
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
    {
        let (mark, rest) = text.split_once(' ').unwrap_or((text, ""));
        if mark == "===" {
            all.push(Wrong {
                what: rest.to_owned(),
                ..Wrong::default()
            });
            continue;
        }
        let wrong = all
            .last_mut()
            .expect("the first line of the list is a title");
        match mark {
            "-" => wrong.out.extend([rest, "\n"]),
            "+" => wrong.put.extend([rest, "\n"]),
            ">" => {
                wrong.line = Some(Line::Put(wrong.put.matches('\n').count()));
                wrong.put.extend([rest, "\n"]);
            }
            "@" => wrong.line = Some(Line::Stands(rest.to_owned())),
            "key:" => rest.clone_into(&mut wrong.key),
            "says:" => wrong.says.push(rest.to_owned()),
            _ => panic!("what is {text:?}?"),
        }
    }
    all
}

fn errors_of(text: &str) -> Vec<LifecycleError> {
    Lifecycle::parse("people/small.toml", text)
        .err()
        .unwrap_or_default()
}

#[test]
fn the_small_table_is_right() {
    assert_eq!(errors_of(RIGHT), []);
}

/// What does not fit about the answer to a wrong table; nothing if it is as it should be.
fn misfit(wrong: &Wrong) -> Option<String> {
    assert_eq!(
        RIGHT.matches(&wrong.out).count(),
        1,
        "the edit fits once: {wrong:?}"
    );
    assert!(!wrong.says.is_empty(), "{wrong:?}");
    let text = RIGHT.replacen(&wrong.out, &wrong.put, 1);
    let line = match wrong.line.as_ref().expect("a line") {
        Line::Put(below) => RIGHT[..RIGHT.find(&wrong.out)?].matches('\n').count() + below + 1,
        Line::Stands(stands) => text.lines().position(|line| line == stands)? + 1,
    };
    let errors = errors_of(&text);
    let said: Vec<String> = errors.iter().map(ToString::to_string).collect();
    let place = format!("people/small.toml:{line}: {}: ", wrong.key);
    let fits = said.len() == 1
        && said[0].starts_with(&place)
        && !said[0].contains('\n')
        && wrong
            .says
            .iter()
            .all(|piece| errors[0].problem.contains(piece));
    (!fits).then(|| {
        format!(
            "{}: expected {place:?} with {:?}, got {said:#?}",
            wrong.what, wrong.says
        )
    })
}

#[test]
fn a_wrong_table_is_answered_with_file_line_key_and_the_way_to_mend_it() {
    let all = wrong_tables();
    assert!(all.len() > 40, "the list was read: {}", all.len());
    let misfits: Vec<String> = all.iter().filter_map(misfit).collect();
    assert!(misfits.is_empty(), "{}", misfits.join("\n"));
}

#[test]
fn everything_that_is_wrong_is_said_at_once_in_the_order_of_the_file() {
    let text = RIGHT
        .replace("order-type:new", "moon:full")
        .replace(r#"id     = "renew""#, r#"id     = "renwe""#)
        .replace("chance = 0.5", "chance = 2.0");
    let lines: Vec<usize> = errors_of(&text).iter().map(|error| error.line).collect();
    assert_eq!(lines, [15, 26, 36]);
}

#[test]
fn an_id_that_is_taken_is_refused_and_the_set_stays_as_it_was() {
    let mut set = Lifecycles::built_in().expect("the embedded tables are right");
    let before: Vec<String> = set
        .iter()
        .map(|lifecycle| lifecycle.title.clone())
        .collect();
    let text = RIGHT.replace(r#"id       = "small""#, "# mine\nid       = \"netcup\"");
    let errors = set
        .add("people/netcup.toml", &text)
        .expect_err("the id is taken");
    assert_eq!(
        errors[0].to_string(),
        "people/netcup.toml:2: id: the id \"netcup\" is taken; choose another"
    );
    let after: Vec<String> = set
        .iter()
        .map(|lifecycle| lifecycle.title.clone())
        .collect();
    assert_eq!(before, after);
    set.add("people/small.toml", RIGHT)
        .expect("a free id is taken in");
    assert!(set.get("small").is_some());
}

// --- what holds for every table ----------------------------------------------------------------

/// Every embedded lifecycle.
fn lifecycles() -> Vec<Lifecycle> {
    let set = Lifecycles::built_in().expect("the embedded tables are right");
    set.iter()
        .map(|lifecycle| lifecycle.as_ref().clone())
        .collect()
}

/// Every state that rows lead to from the entry points and from where successors begin.
fn reached(lifecycle: &Lifecycle) -> BTreeSet<String> {
    let points = lifecycle.entry_points.iter();
    reached_from(lifecycle, points.map(|point| point.state.clone()).collect())
}

/// Every state that rows lead to from these, other tracks that are taken along included.
fn reached_from(lifecycle: &Lifecycle, mut todo: Vec<String>) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    while let Some(state) = todo.pop() {
        // Back to where it was is nowhere new, and what is gone is in no state.
        if state.starts_with('@') || !reached.insert(state.clone()) {
            continue;
        }
        let events = lifecycle
            .events
            .iter()
            .filter(|row| row.from.contains(&state));
        todo.extend(events.flat_map(|row| row.also.iter().chain([&row.to]).cloned()));
        let actions = lifecycle
            .actions
            .iter()
            .filter(|row| row.from.contains(&state));
        for row in actions {
            todo.extend(row.also.iter().chain(&row.to).cloned());
            todo.extend(row.makes.iter().map(|makes| makes.state.clone()));
        }
    }
    reached
}

#[test]
fn every_state_is_reached_and_none_but_an_end_is_a_trap() {
    for lifecycle in lifecycles() {
        let all: BTreeSet<String> = lifecycle
            .states
            .iter()
            .map(|state| state.id.clone())
            .collect();
        assert_eq!(reached(&lifecycle), all, "{}", lifecycle.id);
        for state in &lifecycle.states {
            let leaves = |from: &[String], to: &str| from.contains(&state.id) && to != state.id;
            let by_event = lifecycle
                .events
                .iter()
                .any(|row| leaves(&row.from, &row.to));
            let by_action = lifecycle
                .actions
                .iter()
                .any(|row| row.to.as_deref().is_some_and(|to| leaves(&row.from, to)));
            assert!(
                state.terminal || state.dead_end.is_some() || by_event || by_action,
                "{}: no way out of {}",
                lifecycle.id,
                state.id
            );
        }
    }
}

#[test]
fn you_are_asked_exactly_where_you_or_your_customer_move_next() {
    for lifecycle in lifecycles() {
        for state in &lifecycle.states {
            let ours = state.who.is_ours() || state.who_by.values().any(|who| who.is_ours());
            assert_eq!(
                ours,
                state.phase == Phase::ActionNeeded,
                "{} {}",
                lifecycle.id,
                state.id
            );
        }
    }
}

#[test]
fn the_happy_path_of_every_track_can_be_walked() {
    for lifecycle in lifecycles() {
        assert!(lifecycle.order.len() > 1, "{} draws a path", lifecycle.id);
        for track in &lifecycle.tracks {
            let states = lifecycle.order.iter().filter_map(|id| lifecycle.state(id));
            let path: Vec<&String> = states
                .filter(|state| state.track == track.id)
                .map(|state| &state.id)
                .collect();
            assert!(!path.is_empty(), "{} draws {}", lifecycle.id, track.id);
            for pair in path.windows(2) {
                let from_here = reached_from(&lifecycle, vec![pair[0].clone()]);
                let leads = from_here.contains(pair[1]);
                assert!(leads, "{}: {} leads to {}", lifecycle.id, pair[0], pair[1]);
            }
        }
    }
}

#[test]
fn netcup_has_its_seven_states_under_the_labels_of_its_own_page() {
    let lifecycles = Lifecycles::built_in().expect("the embedded tables are right");
    let netcup = lifecycles.get("netcup").expect("netcup is embedded");
    let labels: Vec<_> = netcup
        .states
        .iter()
        .map(|state| state.label.as_str())
        .collect();
    assert_eq!(
        labels,
        [
            "Outstanding invoice",
            "Registration",
            "Verification is performed",
            "Additional information required",
            "Certificate issued",
            "Cancelled",
            "Expired",
        ]
    );
}

#[test]
fn every_state_says_something_and_every_row_has_words() {
    for lifecycle in lifecycles() {
        for state in &lifecycle.states {
            assert!(
                state.says.ends_with('.'),
                "{} {}: {:?}",
                lifecycle.id,
                state.id,
                state.says
            );
            assert!(!state.label.trim().is_empty() && !state.short.trim().is_empty());
        }
        for row in &lifecycle.events {
            assert!(!row.label.trim().is_empty(), "{} {}", lifecycle.id, row.id);
            let starts_big = row.label.starts_with(|first: char| first.is_uppercase());
            assert!(starts_big, "{} {}: {:?}", lifecycle.id, row.id, row.label);
        }
        for refusal in &lifecycle.refusals {
            assert!(
                !refusal.says.ends_with('.'),
                "{}: {:?}",
                lifecycle.id,
                refusal.says
            );
        }
    }
}

//! The golden table as text that a person can read: what holds for a whole lifecycle is said once,
//! and each state says only what is its own. And back from that text to every single answer.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What the gate answers: nothing where it is possible, the reason where it is not.
pub(crate) type Answer = Option<String>;

/// The answers to every action of the catalogue, in its order.
pub(crate) type Answers = Vec<(&'static str, Answer)>;

/// The answers in one state.
pub(crate) struct InState {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) answers: Answers,
}

/// The columns of the text.
const WIDTH: usize = 100;
const ALWAYS: &str = "Possible in every state";
const NEVER: &str = "Not possible in any state";
const USUAL: &str = "Not possible where a state says nothing else";
const POSSIBLE: &str = "possible";
const NOTHING: &str = "nothing else";

/// What an action's answers have in common in all states.
enum Common {
    Always,
    Never(String),
    /// Where it is not possible, this is the reason, unless a state has one of its own.
    Usual(String),
}

fn common(states: &[InState], action: usize) -> Common {
    let answers: Vec<&Answer> = states
        .iter()
        .map(|state| &state.answers[action].1)
        .collect();
    let mut counts: Vec<(&String, usize)> = Vec::new();
    for reason in answers.iter().filter_map(|answer| answer.as_ref()) {
        match counts.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, count)) => *count += 1,
            None => counts.push((reason, 1)),
        }
    }
    let most = counts.iter().map(|(_, count)| *count).max();
    let usual = counts.iter().find(|(_, count)| Some(*count) == most);
    match usual {
        None => Common::Always,
        Some((reason, count)) if *count == answers.len() => Common::Never((*reason).clone()),
        Some((reason, _)) => Common::Usual((*reason).clone()),
    }
}

/// The chapter of one lifecycle.
pub(crate) fn chapter(id: &str, title: &str, states: &[InState]) -> String {
    let mut text = format!("# {id}: {title}, {} states\n", states.len());
    let actions: Vec<&'static str> = states[0]
        .answers
        .iter()
        .map(|(action, _)| *action)
        .collect();
    let commons: Vec<Common> = (0..actions.len())
        .map(|action| common(states, action))
        .collect();
    let named = || actions.iter().copied().zip(&commons);
    let always = named().filter(|(_, common)| matches!(common, Common::Always));
    let always: Vec<&str> = always.map(|(action, _)| action).collect();
    let never = named().filter_map(|(action, common)| match common {
        Common::Never(reason) => Some((action, reason.as_str())),
        _ => None,
    });
    let usual = named().filter_map(|(action, common)| match common {
        Common::Usual(reason) => Some((action, reason.as_str())),
        _ => None,
    });
    section(&mut text, ALWAYS, |text| wrap(text, &always.join(", ")));
    section(&mut text, NEVER, |text| lines(text, never));
    section(&mut text, USUAL, |text| lines(text, usual));
    for state in states {
        let _ = write!(text, "\n## {} ({})\n", state.label, state.id);
        own_answers(&mut text, state, &commons);
    }
    text
}

/// A heading with what stands below it; nothing where that is nothing.
fn section(text: &mut String, heading: &str, body: impl FnOnce(&mut String)) {
    let mut below = String::new();
    body(&mut below);
    if !below.trim().is_empty() {
        let _ = write!(text, "\n{heading}\n{below}");
    }
}

/// What a state answers that is not said for the whole lifecycle.
fn own_answers(text: &mut String, state: &InState, commons: &[Common]) {
    let not_always = |common: &Common| !matches!(common, Common::Always);
    let possible: Vec<&str> = state
        .answers
        .iter()
        .zip(commons)
        .filter(|((_, answer), common)| answer.is_none() && not_always(common))
        .map(|((action, _), _)| *action)
        .collect();
    let possible = match possible.as_slice() {
        [] => NOTHING.to_owned(),
        some => some.join(", "),
    };
    wrap(text, &format!("{POSSIBLE}: {possible}"));
    let own = state.answers.iter().zip(commons);
    let own = own.filter_map(|((action, answer), common)| {
        let reason = answer.as_deref()?;
        let is_common =
            matches!(common, Common::Never(said) | Common::Usual(said) if said == reason);
        (!is_common).then_some((*action, reason))
    });
    lines(text, own);
}

/// A situation: only what differs from the plain state.
pub(crate) fn scene(title: &str, plain: &Answers, here: &Answers) -> String {
    let mut text = format!("\n## {title}\n");
    let changed = || {
        let pairs = plain.iter().zip(here);
        pairs.filter(|((_, plain), (_, here))| plain != here)
    };
    let possible = changed().filter(|(_, (_, here))| here.is_none());
    let possible: Vec<&str> = possible.map(|(_, (action, _))| *action).collect();
    if !possible.is_empty() {
        wrap(&mut text, &format!("{POSSIBLE}: {}", possible.join(", ")));
    }
    let refused = changed().filter_map(|(_, (action, here))| Some((*action, here.as_deref()?)));
    lines(&mut text, refused);
    text
}

/// One line for each reason, with all actions that it is the reason for.
fn lines<'a>(text: &mut String, refused: impl Iterator<Item = (&'a str, &'a str)>) {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for (action, reason) in refused {
        match groups.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, actions)) => actions.push(action),
            None => groups.push((reason, vec![action])),
        }
    }
    for (reason, actions) in groups {
        wrap(text, &format!("{}: {reason}", actions.join(", ")));
    }
}

/// A line of the text, broken between words; what follows the first line stands further in.
fn wrap(text: &mut String, line: &str) {
    let mut column = 0;
    for word in line.split(' ') {
        let (indent, length) = (if column == 0 { 2 } else { 1 }, word.chars().count());
        if column > 0 && column + 1 + length > WIDTH {
            text.push_str("\n      ");
            column = 6 + length;
        } else {
            text.push_str(&"  "[..indent]);
            column += indent + length;
        }
        text.push_str(word);
    }
    text.push('\n');
}

// --- and back ----------------------------------------------------------------------------------

/// Every answer that the text gives: by lifecycle, state and action.
pub(crate) type Matrix = BTreeMap<(String, String, String), Answer>;

/// Reads the chapters of the lifecycles back into every single answer.
pub(crate) fn read(text: &str, actions: &[&str]) -> Matrix {
    let mut matrix = Matrix::new();
    for chapter in text.split("\n# ").skip(1) {
        let (head, body) = chapter.split_once('\n').unwrap_or((chapter, ""));
        let Some((lifecycle, _)) = head.split_once(": ").filter(|(id, _)| !id.contains(' ')) else {
            continue;
        };
        let mut parts = body.split("\n## ");
        let usual = common_answers(parts.next().unwrap_or_default());
        for state in parts {
            let (head, body) = state.split_once('\n').unwrap_or((state, ""));
            let id = head.rsplit_once('(').map_or(head, |(_, id)| id);
            let id = id.trim_end_matches(')');
            let own = own_lines(body);
            for action in actions {
                let answer = own.get(*action).or_else(|| usual.get(*action));
                if let Some(answer) = answer {
                    let key = [lifecycle, id, action].map(str::to_owned);
                    matrix.insert(key.into(), answer.clone());
                }
            }
        }
    }
    matrix
}

/// What is said for all states of a lifecycle.
fn common_answers(text: &str) -> BTreeMap<String, Answer> {
    let mut answers = BTreeMap::new();
    let mut always = false;
    for line in joined(text) {
        match line.strip_prefix("  ") {
            None => always = line == ALWAYS,
            Some(actions) if always => {
                answers.extend(actions.split(", ").map(|action| (action.to_owned(), None)));
            }
            Some(line) => answers.extend(refused(line)),
        }
    }
    answers
}

/// What a state says of its own.
fn own_lines(text: &str) -> BTreeMap<String, Answer> {
    let mut answers = BTreeMap::new();
    for line in joined(text) {
        let line = line.trim_start();
        match line.strip_prefix("possible: ") {
            Some(NOTHING) => {}
            Some(actions) => {
                answers.extend(actions.split(", ").map(|action| (action.to_owned(), None)));
            }
            None => answers.extend(refused(line)),
        }
    }
    answers
}

fn refused(line: &str) -> Vec<(String, Answer)> {
    let (actions, reason) = line.split_once(": ").unwrap_or((line, ""));
    let named = actions.split(", ");
    named
        .map(|action| (action.to_owned(), Some(reason.to_owned())))
        .collect()
}

/// The lines of the text as they were before they were broken.
fn joined(text: &str) -> Vec<String> {
    let mut whole: Vec<String> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        match (line.strip_prefix("      "), whole.last_mut()) {
            (Some(rest), Some(last)) => {
                last.push(' ');
                last.push_str(rest);
            }
            _ => whole.push(line.to_owned()),
        }
    }
    whole
}

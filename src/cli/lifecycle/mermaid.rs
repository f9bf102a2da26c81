//! A lifecycle as a state diagram in Mermaid's language, which GitHub and others draw.
//!
//! Pure text. Its grammar (`stateDiagram.jison` of mermaid-js) decides what is escaped: ids take
//! neither hyphens nor colons, the text of an arrow neither colons nor semicolons, and whatever a
//! person's own table says must never end the text that it stands in.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::domain::lifecycle::{By, Edge, Lifecycle, Mover, State, Target, Who};
use crate::domain::text;

/// What comes before each line within a composite state.
const INDENT: &str = "    ";

/// The diagram.
pub(super) fn render(table: &Lifecycle) -> String {
    let names = Names::of(table);
    let mut drawn = "stateDiagram-v2\n".to_owned();
    if let [only] = table.tracks.as_slice() {
        track(&mut drawn, table, &names, &only.id, INDENT);
        return drawn;
    }
    for (index, definition) in table.tracks.iter().enumerate() {
        let optional = if definition.optional {
            " (not every entry has it)"
        } else {
            ""
        };
        let title = escape(&format!("{}{optional}", definition.title));
        // The title in a line of its own: older versions draw no other.
        let _ = writeln!(drawn, "{INDENT}state \"{title}\" as track_{index}");
        let _ = writeln!(drawn, "{INDENT}state track_{index} {{");
        track(&mut drawn, table, &names, &definition.id, &INDENT.repeat(2));
        let _ = writeln!(drawn, "{INDENT}}}");
    }
    drawn
}

/// The states of one track and the arrows between them.
fn track(drawn: &mut String, table: &Lifecycle, names: &Names<'_>, track: &str, indent: &str) {
    let states = || table.states.iter().filter(|state| state.track == track);
    for state in states() {
        let label = escape(&label(table, state));
        let _ = writeln!(drawn, "{indent}state \"{label}\" as {}", names.get(state));
    }
    for point in table.entry_points.iter().filter(|p| p.track == track) {
        let Some(state) = table.state(&point.state) else {
            continue;
        };
        let when = point.when.map_or("", |when| when.words());
        arrow(drawn, indent, "[*]", names.get(state), when);
    }
    for state in states() {
        arrows_from(drawn, table, names, state, indent);
        if state.terminal {
            arrow(drawn, indent, names.get(state), "[*]", "");
        }
    }
}

/// The arrows from one state, one to each place that steps lead to.
fn arrows_from(
    drawn: &mut String,
    table: &Lifecycle,
    names: &Names<'_>,
    from: &State,
    indent: &str,
) {
    let mut arrows: Vec<(&str, Vec<String>)> = Vec::new();
    for edge in table.edges_from(from) {
        let says = says(table, &edge);
        for to in places(table, names, &edge) {
            match arrows.iter_mut().find(|(place, _)| *place == to) {
                Some((_, all)) if all.contains(&says) => {}
                Some((_, all)) => all.push(says.clone()),
                None => arrows.push((to, vec![says.clone()])),
            }
        }
    }
    for (to, all) in arrows {
        arrow(drawn, indent, names.get(from), to, &all.join(", "));
    }
}

/// Where a step leads, as the diagram names it.
fn places<'n>(table: &Lifecycle, names: &'n Names<'_>, edge: &Edge<'_>) -> Vec<&'n str> {
    match edge.to {
        Target::State(state) => vec![names.get(state)],
        Target::Previous => {
            let origins = table.origins(edge.from);
            origins.into_iter().map(|state| names.get(state)).collect()
        }
        Target::Gone => vec!["[*]"],
        Target::Successor(makes) => {
            let begins = table.state(&makes.state);
            // An arrow cannot leave its track; the successor's other tracks begin by themselves.
            let begins = begins.filter(|state| state.track == edge.from.track);
            begins.map(|state| names.get(state)).into_iter().collect()
        }
    }
}

/// What stands on the arrow: what happens and who does it.
fn says(table: &Lifecycle, edge: &Edge<'_>) -> String {
    let label = edge.label(table);
    let who = match edge.mover(None) {
        Some(Mover::Time) => Some("time alone"),
        Some(Mover::Somebody(Who::Provider)) => Some(table.provider.as_str()),
        Some(Mover::Somebody(who)) => Some(who.words()),
        None => None,
    };
    let what = match (edge.by, edge.to) {
        (By::Action(_), Target::Successor(_)) => ", a new entry",
        (_, Target::Previous) => ", back to where it was",
        (_, Target::Gone) => ", it is gone",
        _ => "",
    };
    match who {
        Some(who) => format!("{label} ({who}{what})"),
        None if what.is_empty() => label,
        None => format!("{label} ({})", what.trim_start_matches(", ")),
    }
}

fn arrow(drawn: &mut String, indent: &str, from: &str, to: &str, says: &str) {
    let says = if says.is_empty() {
        String::new()
    } else {
        format!(" : {}", escape(says))
    };
    let _ = writeln!(drawn, "{indent}{from} --> {to}{says}");
}

/// The label, with the id where another state has the same.
fn label(table: &Lifecycle, state: &State) -> String {
    if table.shares_its_label(state) {
        format!("{} ({})", state.label, state.id)
    } else {
        state.label.clone()
    }
}

/// What the diagram calls each state: its id in letters, digits and underscores.
struct Names<'a> {
    by_id: BTreeMap<&'a str, String>,
}

impl<'a> Names<'a> {
    fn of(table: &'a Lifecycle) -> Self {
        let mut by_id: BTreeMap<&str, String> = BTreeMap::new();
        for (index, state) in table.states.iter().enumerate() {
            let plain = |letter: char| letter.is_ascii_alphanumeric();
            // The letter in front keeps it apart from the words of the language.
            let mut name = "s_".to_owned();
            name.extend(state.id.chars().map(|c| if plain(c) { c } else { '_' }));
            if by_id.values().any(|taken| *taken == name) {
                let _ = write!(name, "_{index}");
            }
            by_id.insert(&state.id, name);
        }
        Self { by_id }
    }

    fn get(&self, state: &State) -> &str {
        self.by_id.get(state.id.as_str()).map_or("s_", |name| name)
    }
}

/// A text that cannot be taken for anything but text: whatever has a meaning in the language or in
/// the page around it is written as a number (`#58;`).
fn escape(raw: &str) -> String {
    let mut escaped = String::with_capacity(raw.len());
    for letter in text::sanitise(raw).chars() {
        let plain = letter.is_alphanumeric() || " .,'()/-+!?=".contains(letter);
        if plain {
            escaped.push(letter);
        } else {
            let _ = write!(escaped, "#{};", u32::from(letter));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::lifecycle::Lifecycles;

    fn fixture() -> Lifecycle {
        let text = include_str!("../../../tests/fixtures/every_feature.toml");
        Lifecycle::parse("every_feature.toml", text).unwrap()
    }

    #[test]
    fn a_diagram_has_every_state_and_arrow() {
        let lifecycles = Lifecycles::built_in().unwrap();
        insta::assert_snapshot!(render(lifecycles.get("netcup").unwrap()));
    }

    #[test]
    fn tracks_are_composite_and_twins_are_told_apart() {
        let drawn = render(&fixture());
        assert!(drawn.contains("\n    state track_1 {\n"), "{drawn}");
        assert!(drawn.contains("state \"Activation (not every entry has it)\" as track_1"));
        assert!(drawn.contains("\"Checking (checking-names)\" as s_checking_names"));
        assert!(drawn.contains("\"Checking (checking-organization)\""));
        for origin in ["names", "organization"] {
            let back = format!("s_leaving --> s_checking_{origin} : It cannot be taken back");
            assert!(drawn.contains(&back), "{drawn}");
        }
        assert!(drawn.contains("s_gone --> [*]"), "{drawn}");
    }

    #[test]
    fn nothing_that_a_table_says_leaves_its_place() {
        for (raw, escaped) in [
            ("a \"quoted\" name", "a #34;quoted#34; name"),
            ("one: two; three", "one#58; two#59; three"),
            ("%% <<fork>>", "#37;#37; #60;#60;fork#62;#62;"),
            ("[*] --> {x}", "#91;#42;#93; --#62; #123;x#125;"),
            ("#quot;", "#35;quot#59;"),
            ("Größe 証明", "Größe 証明"),
            ("\u{1b}[31m", "#92;u#123;1b#125;#91;31m"),
        ] {
            assert_eq!(escape(raw), escaped);
        }
    }

    #[test]
    fn ids_that_become_alike_stay_apart() {
        let mut table = fixture();
        "a-b".clone_into(&mut table.states[0].id);
        "a_b".clone_into(&mut table.states[1].id);
        "default {".clone_into(&mut table.states[2].id);
        let names = Names::of(&table);
        assert_eq!(names.get(&table.states[0]), "s_a_b");
        assert_eq!(names.get(&table.states[1]), "s_a_b_1");
        assert_eq!(names.get(&table.states[2]), "s_default__");
    }
}

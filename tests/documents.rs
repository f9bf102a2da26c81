//! The documents say what is so: the README's commands and tables, ARCHITECTURE's list of
//! dependencies, the versions. A document that drifts fails here.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use certdeck::domain::lifecycle::{Lifecycles, Phase, Who};
use toml::Table;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn manifest() -> Table {
    read("Cargo.toml").parse().expect("Cargo.toml is TOML")
}

fn names_of(manifest: &Table, section: &str) -> BTreeSet<String> {
    let names = manifest.get(section).and_then(|section| section.as_table());
    names
        .expect("a section of Cargo.toml")
        .keys()
        .cloned()
        .collect()
}

/// The names that a list explains: "- `name`: why".
fn explained(text: &str) -> BTreeSet<String> {
    let lines = text
        .lines()
        .filter_map(|line| line.strip_prefix("- `")?.split_once("`: "));
    lines
        .map(|(name, why)| {
            assert!(
                why.len() > 10 && why.ends_with('.'),
                "{name} is explained: {why:?}"
            );
            name.to_owned()
        })
        .collect()
}

#[test]
fn every_direct_dependency_has_its_line_of_reason() {
    let manifest = manifest();
    let text = read("ARCHITECTURE.md");
    let (_, section) = text.split_once("## Dependencies").expect("the section");
    let (section, _) = section.split_once("\n## ").expect("a section follows");
    let (shipped, for_tests) = section
        .split_once("For the tests and benches alone:")
        .expect("two lists");
    assert_eq!(explained(shipped), names_of(&manifest, "dependencies"));
    assert_eq!(
        explained(for_tests),
        names_of(&manifest, "dev-dependencies")
    );
}

/// The lines of the README's code blocks that are marked as shell.
fn shell_lines(text: &str) -> Vec<String> {
    let blocks = text
        .split("```sh\n")
        .skip(1)
        .filter_map(|block| block.split("```").next());
    blocks
        .flat_map(str::lines)
        .map(|line| line.split(" #").next().unwrap_or(line).trim().to_owned())
        .collect()
}

#[test]
fn the_readme_begins_with_its_two_commands_and_ci_runs_them() {
    let lines = shell_lines(&read("README.md"));
    assert_eq!(lines[..2], ["cargo run --release -- demo", "cargo test"]);
    let ci = read(".ci/run");
    assert!(
        ci.contains("cargo run --locked --release"),
        "the release build of the first command"
    );
    assert!(ci.contains("cargo test --locked"), "the second command");
}

#[test]
fn the_readme_names_the_compiler_that_is_needed() {
    let manifest = manifest();
    let version = manifest["package"]["rust-version"]
        .as_str()
        .expect("a version");
    let readme = read("README.md");
    assert!(
        readme.contains(&format!("Rust {version} or newer")),
        "Rust {version}"
    );
}

#[test]
fn the_keys_of_the_tour_are_bound() {
    let keymap: Table = read("assets/keymap.toml")
        .parse()
        .expect("the keymap is TOML");
    let rows = keymap["bind"].as_array().expect("rows");
    let keys = rows
        .iter()
        .filter_map(|row| row["keys"].as_array())
        .flatten();
    let bound: BTreeSet<&str> = keys.filter_map(|key| key.as_str()).collect();
    let readme = read("README.md");
    let (_, tour) = readme
        .split_once("## Two minutes with the demo")
        .expect("the tour");
    let (tour, _) = tour
        .split_once("\nWhat an order")
        .expect("the end of the tour");
    let quoted: Vec<&str> = tour.split('`').skip(1).step_by(2).collect();
    assert!(quoted.len() > 12, "{quoted:?}");
    for key in quoted {
        assert!(
            bound.contains(key),
            "`{key}` is in the tour, and no row of assets/keymap.toml binds it"
        );
    }
}

fn phase_words(phase: Phase) -> &'static str {
    match phase {
        Phase::ActionNeeded => "action needed",
        Phase::InProgress => "in progress",
        Phase::Live => "live",
        Phase::WindingDown => "winding down",
        Phase::Ended => "ended",
        Phase::Failed => "failed",
    }
}

fn netcup_table() -> String {
    let lifecycles = Lifecycles::built_in().expect("the embedded tables are right");
    let netcup = lifecycles.get("netcup").expect("netcup is embedded");
    let mut text = "| state | phase | who moves next |\n|---|---|---|\n".to_owned();
    for state in &netcup.states {
        let who = match state.who {
            Who::Provider => netcup.provider.as_str(),
            other => other.words(),
        };
        let _ = writeln!(
            text,
            "| {} | {} | {who} |",
            state.label,
            phase_words(state.phase)
        );
    }
    text
}

#[test]
fn the_readme_shows_netcups_states_as_they_are() {
    let readme = read("README.md");
    let (_, rest) = readme
        .split_once("<!-- netcup:begin")
        .expect("the beginning of the table");
    let (_, rest) = rest.split_once("-->\n").expect("the end of the remark");
    let (shown, _) = rest
        .split_once("<!-- netcup:end -->")
        .expect("the end of the table");
    assert_eq!(
        shown,
        netcup_table(),
        "put this into README.md:\n{}",
        netcup_table()
    );
}

/// What stands in the README between two remarks, within its block of code.
fn block<'a>(readme: &'a str, name: &str, language: &str) -> &'a str {
    let (begin, end) = (
        format!("<!-- {name}:begin"),
        format!("```\n<!-- {name}:end -->"),
    );
    let (_, rest) = readme.split_once(&begin).expect("the beginning");
    let (shown, _) = rest.split_once(&end).expect("the end");
    let (_, shown) = shown.split_once("-->\n").expect("the end of the remark");
    let fence = format!("```{language}\n");
    shown.strip_prefix(&fence).expect("a block of code")
}

#[test]
fn the_readme_draws_netcups_lifecycle_as_the_program_does() {
    let printed = std::process::Command::new(env!("CARGO_BIN_EXE_certdeck"))
        .env_clear()
        .env("HOME", env!("CARGO_TARGET_TMPDIR"))
        .args(["lifecycle", "netcup", "--format", "mermaid"])
        .output()
        .expect("the program runs");
    let printed = String::from_utf8(printed.stdout).expect("text");
    assert!(printed.starts_with("stateDiagram-v2"), "{printed}");
    let readme = read("README.md");
    let shown = block(&readme, "lifecycle", "mermaid");
    assert_eq!(shown, printed, "put this into README.md:\n{printed}");
}

#[test]
fn the_readmes_table_of_ones_own_is_the_one_that_is_played() {
    let readme = read("README.md");
    let shown = block(&readme, "own-table", "toml");
    assert_eq!(shown, read("tests/fixtures/own_table.toml"));
}

#[test]
fn both_licences_are_there_and_name_whom_they_are_from() {
    for file in ["LICENSE-MIT", "LICENSE-APACHE"] {
        assert!(read(file).contains("The certdeck authors"), "{file}");
    }
    assert_eq!(
        manifest()["package"]["license"].as_str(),
        Some("MIT OR Apache-2.0")
    );
    assert!(
        read("LICENSE-APACHE")
            .contains("TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION")
    );
}

/// The places that a document points to: "](path)".
fn links(text: &str) -> Vec<&str> {
    let targets = text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    targets.filter(|target| !target.contains("://")).collect()
}

#[test]
fn what_the_documents_point_to_is_there() {
    for file in [
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
    ] {
        for target in links(&read(file)) {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(target);
            assert!(path.exists(), "{file} points to {target}");
        }
    }
}

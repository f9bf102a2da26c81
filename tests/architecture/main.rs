//! The rules of the house, read off the source itself: who may know whom, how long things may be,
//! and what every file begins with. `ARCHITECTURE.md` says why.

mod source;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use source::{Mention, Source};

/// Who may know whom. A top-level module that is missing here fails the test.
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("pki", &[]),
    ("config", &["domain", "pki"]),
    ("probe", &["domain", "pki", "config"]),
    ("store", &["domain", "pki", "config"]),
    ("files", &["domain", "pki", "config"]),
    ("providers", &["domain", "pki", "config", "probe"]),
    (
        "engine",
        &[
            "domain",
            "pki",
            "config",
            "probe",
            "store",
            "files",
            "providers",
        ],
    ),
    ("tui", &["engine", "domain", "pki", "config"]),
    // A configuration and a CSR of one's own are people's files, too.
    ("cli", &["engine", "domain", "pki", "config", "files"]),
    // The door between the two faces, which never know each other.
    ("panel", &["engine", "config", "tui", "cli"]),
    ("main", &["cli", "panel"]),
    // The map only declares the modules.
    ("lib", &[]),
];

/// What is wanted, and what is the end of patience.
const FILE_LINES: (usize, usize) = (500, 600);
const TEST_FILE_LINES: (usize, usize) = (500, 700);
const FUNCTION_LINES: (usize, usize) = (60, 100);

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below a folder.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files = Vec::new();
    for entry in entries.filter_map(Result::ok) {
        let path = entry.path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn sources(folder: &str) -> Vec<Source> {
    let folder = root().join(folder);
    let read = |path: PathBuf| {
        let below = path.strip_prefix(&folder).expect("a file of the folder");
        let text = fs::read_to_string(&path).expect("a source file can be read");
        Source::new(&below.to_string_lossy().replace('\\', "/"), &text)
    };
    rust_files(&folder).into_iter().map(read).collect()
}

fn ours() -> Vec<Source> {
    let sources = sources("src");
    assert!(
        sources.len() > 30,
        "the walk found the source: {}",
        sources.len()
    );
    sources
}

/// What a file names that it may not know.
fn wrong_arrows(source: &Source) -> Vec<String> {
    let top = source.top();
    let Some((_, allowed)) = ARROWS.iter().find(|(module, _)| *module == top) else {
        return vec![format!(
            "src/{}: {top} has no row in ARROWS; add it there and to ARCHITECTURE.md",
            source.path
        )];
    };
    let is_ours = |mention: &Mention| ARROWS.iter().any(|(module, _)| *module == mention.module);
    let is_wrong = |mention: &Mention| {
        is_ours(mention) && mention.module != top && !allowed.contains(&mention.module.as_str())
    };
    let mentions = source.mentions().into_iter().filter(is_wrong);
    mentions
        .map(|mention| {
            format!(
                "src/{}:{}: {top} may not know {}",
                source.path, mention.line, mention.module
            )
        })
        .collect()
}

#[test]
fn every_arrow_points_the_right_way() {
    let wrong: Vec<String> = ours().iter().flat_map(wrong_arrows).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_walk_sees_the_arrows_that_are_there() {
    let sources = ours();
    let engine: BTreeSet<String> = sources
        .iter()
        .filter(|source| source.top() == "engine")
        .flat_map(|source| source.mentions().into_iter().map(|mention| mention.module))
        .collect();
    assert!(
        engine.contains("domain"),
        "the engine knows the domain: {engine:?}"
    );
}

#[test]
fn a_made_up_wrong_arrow_is_caught() {
    let caught = |path: &str, text: &str| wrong_arrows(&Source::new(path, text));
    for text in [
        "use crate::store::Store;",
        "use crate::{pki, store::{Store, line}};",
        "pub use crate :: store;",
        "fn f() -> crate::store::Store { todo!() }",
        "fn f() { let x = &crate::store::open(\"x\"); }",
        "use super::super::store::Store;",
        "use super::super::{store, pki};",
        "fn f<'a>(x: &'a str) -> char { '\"' } use crate::store; // \"",
        "#[cfg(test)]\nmod tests { use crate::store::Store; }",
    ] {
        let found = caught("domain/gate.rs", text);
        assert!(
            found
                .iter()
                .any(|says| says.contains("domain may not know store")),
            "{text}: {found:?}"
        );
    }
    let place = caught(
        "tui/update/mod.rs",
        "//! x\n\nuse crate::engine;\nuse crate::providers::Provider;\n",
    );
    assert_eq!(
        place,
        ["src/tui/update/mod.rs:4: tui may not know providers"]
    );
    assert_eq!(
        caught("main.rs", "use certdeck::store::Store;"),
        ["src/main.rs:1: main may not know store"]
    );
    assert_eq!(
        caught("novel.rs", "")[0],
        "src/novel.rs: novel has no row in ARROWS; add it there and to ARCHITECTURE.md"
    );
}

#[test]
fn what_only_looks_like_an_arrow_is_let_through() {
    for text in [
        "// use crate::store::Store;\n/* crate::store /* nested crate::store */ crate::store */",
        "const X: &str = \"crate::store\"; const Y: &str = r#\"\"crate::store\"#;",
        "const X: char = '\\''; // crate::store",
        "use super::gate; use super::super::domain::text; use crate::domain::entry::{Entry, EntryId};",
        "use other::store; use self::store; fn store() { store::x() }",
    ] {
        assert_eq!(
            wrong_arrows(&Source::new("domain/gate.rs", text)),
            Vec::<String>::new(),
            "{text}"
        );
    }
    assert!(
        wrong_arrows(&Source::new(
            "engine/mod.rs",
            "use crate::{store, providers::sandbox};"
        ))
        .is_empty()
    );
}

#[test]
fn every_file_begins_with_what_it_is_for() {
    let mut silent = Vec::new();
    for folder in ["src", "tests", "benches"] {
        for source in sources(folder) {
            if !source.text.starts_with("//! ") {
                silent.push(format!("{folder}/{} does not open with `//!`", source.path));
            }
        }
    }
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

#[test]
fn files_stay_short() {
    let mut too_long = Vec::new();
    for (folder, (wanted, most)) in [
        ("src", FILE_LINES),
        ("tests", TEST_FILE_LINES),
        ("benches", TEST_FILE_LINES),
    ] {
        for source in sources(folder) {
            let lines = source.text.lines().count();
            let says = format!("{folder}/{}: {lines} lines", source.path);
            if lines > most {
                too_long.push(says);
            } else if lines > wanted {
                println!("longer than wanted: {says}");
            }
        }
    }
    assert!(too_long.is_empty(), "{}", too_long.join("\n"));
}

#[test]
fn functions_stay_short() {
    let (wanted, most) = FUNCTION_LINES;
    let mut too_long = Vec::new();
    let mut seen = 0;
    for source in ours() {
        for function in source.functions() {
            seen += 1;
            let says = format!(
                "src/{}:{}: {} has {} lines",
                source.path, function.line, function.name, function.lines
            );
            if function.lines > most {
                too_long.push(says);
            } else if function.lines > wanted {
                println!("longer than wanted: {says}");
            }
        }
    }
    assert!(seen > 200, "the walk found the functions: {seen}");
    assert!(too_long.is_empty(), "{}", too_long.join("\n"));
}

/// Files that are compiled for tests only, by the declarations of the others.
fn only_for_tests(sources: &[Source]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for source in sources {
        let folder = source
            .path
            .trim_end_matches("mod.rs")
            .trim_end_matches(".rs")
            .trim_end_matches('/');
        for module in source.test_modules() {
            let below = format!("{folder}/{module}");
            for other in sources {
                let is_it = other.path == format!("{below}.rs")
                    || other.path.starts_with(&format!("{below}/"));
                if is_it {
                    found.insert(other.path.clone());
                }
            }
        }
    }
    found
}

#[test]
fn nothing_panics_on_purpose_outside_of_tests() {
    let sources = ours();
    let tests = only_for_tests(&sources);
    let mut found = Vec::new();
    for source in sources
        .iter()
        .filter(|source| !tests.contains(&source.path))
    {
        for piece in [
            ".unwrap()",
            ".expect(",
            "todo!(",
            "unimplemented!(",
            "dbg!(",
        ] {
            let lines = source.lines_with(piece);
            found.extend(
                lines
                    .iter()
                    .map(|line| format!("src/{}:{line}: {piece}", source.path)),
            );
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn lints_are_expected_with_a_reason_and_never_allowed() {
    let mut found = Vec::new();
    for source in ours() {
        for piece in ["#[allow(", "#![allow("] {
            let lines = source.lines_with(piece);
            found.extend(lines.iter().map(|line| {
                format!(
                    "src/{}:{line}: use #[expect(…, reason = \"…\")]",
                    source.path
                )
            }));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_reader_of_source_counts_what_is_there() {
    let text = "\
fn one() {
    let text = \"}\";
    let brace = '}';
}

trait Has {
    fn none(&self) -> [u8; 4];
}

fn two<'a>(x: &'a str) -> &'a str { x }

#[cfg(test)]
mod tests {
    fn three() { None::<u8>.unwrap() }
}

fn four() { x.unwrap() }

#[cfg(test)]
mod fixtures;
";
    let source = Source::new("domain/x.rs", text);
    let functions: Vec<_> = source
        .functions()
        .iter()
        .map(|function| (function.name.clone(), function.line, function.lines))
        .collect();
    let expected = [
        ("one", 1, 4),
        ("two", 10, 1),
        ("three", 14, 1),
        ("four", 17, 1),
    ];
    assert_eq!(
        functions,
        expected.map(|(name, line, lines)| (name.to_owned(), line, lines))
    );
    assert_eq!(source.lines_with(".unwrap()"), [17]);
    assert_eq!(source.test_modules(), ["tests", "fixtures"]);
    let other = Source::new("domain/x/fixtures.rs", "");
    assert!(only_for_tests(&[source, other]).contains("domain/x/fixtures.rs"));
}

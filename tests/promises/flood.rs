//! Promise 5 where the damage is big, or of a kind that chance seldom brings: lines of a hundred
//! megabytes, millions of damaged ones, lines that are well and do not belong where they stand.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use certdeck::store::{Harm, Loaded, OpenOptions, Store, StoreError};

use super::home::{Home, Said};
use super::stock::{entries, entry, fresh, notes, open, put};

const MIB: usize = 1 << 20;
/// Far more than is needed on a busy machine where nothing is quadratic, and far less than where
/// something is: that takes hours.
const PATIENCE: Duration = Duration::from_secs(180);
/// How much memory the program may ask for, in KiB: the longest line a few times over.
const MEMORY: u64 = 1_500_000;

/// Three entries in the journal, the last of them in its last line.
fn with_three() -> (tempfile::TempDir, std::path::PathBuf) {
    let (home, dir, store) = fresh();
    for (id, note) in [("a", "1"), ("b", "2"), ("c", "3")] {
        put(&store, id, note).unwrap();
    }
    (home, dir)
}

fn read(dir: &Path) -> Loaded {
    let options = OpenOptions {
        read_only: true,
        ..OpenOptions::default()
    };
    Store::open(dir, options).unwrap().snapshot()
}

/// Puts bytes into the journal after so many of its lines.
fn insert(dir: &Path, lines: usize, bytes: &[u8]) {
    let path = dir.join("journal.jsonl");
    let whole = fs::read(&path).unwrap();
    let ends = whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let at = ends.map(|(at, _)| at + 1).nth(lines - 1).unwrap();
    let mut file = fs::File::create(&path).unwrap();
    for part in [&whole[..at], bytes, &whole[at..]] {
        file.write_all(part).unwrap();
    }
}

/// What the store is after it was read and written to, both of which must not take long.
#[track_caller]
fn survives(dir: &Path, what: &str) -> Loaded {
    let begun = Instant::now();
    let loaded = read(dir);
    assert!(!loaded.warnings.is_empty(), "silent: {what}");
    assert!(
        loaded.warnings.len() < 100,
        "{what}: {} warnings",
        loaded.warnings.len()
    );
    let store = open(dir);
    put(&store, "z", "new").unwrap();
    let written = store.snapshot();
    assert_eq!(notes(&written)["z"], "new", "{what}");
    assert_eq!(
        entries(&written).len(),
        entries(&loaded).len() + 1,
        "{what}"
    );
    let aside = written.warnings.iter().filter(|damage| damage.length > 0);
    assert!(aside.clone().all(|damage| damage.aside.is_some()), "{what}");
    assert!(begun.elapsed() < PATIENCE, "{what}: {:?}", begun.elapsed());
    loaded
}

#[test]
fn promise_05_a_line_of_a_hundred_megabytes_costs_only_itself() {
    // What looks most like ends of lines is the hardest to tell from them.
    let marks = b",\"crc\":\"00000000\"}".repeat(100 * MIB / 18);
    let kinds = [
        ("zeros at the end", vec![0; 100 * MIB], 4, Harm::TornTail),
        ("what looks like checksums", marks, 2, Harm::Line),
    ];
    for (what, mut line, place, harm) in kinds {
        let (_home, dir) = with_three();
        line.extend((place == 2).then_some(b'\n'));
        insert(&dir, place, &line);
        let loaded = survives(&dir, what);
        assert_eq!(notes(&loaded).len(), 3, "{what}");
        assert_eq!(loaded.warnings[0].harm, harm, "{what}");
    }
}

#[test]
fn promise_05_a_change_of_many_megabytes_is_read_like_any_other() {
    let (_home, dir) = with_three();
    let note = "n".repeat(20 * MIB);
    let begun = Instant::now();
    let changed = open(&dir).transact(|tx| {
        tx.put_entry(entry("big", &note));
        Ok::<_, StoreError>(())
    });
    changed.unwrap();
    let loaded = read(&dir);
    assert_eq!(loaded.warnings, []);
    assert_eq!(notes(&loaded)["big"].len(), note.len());
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
}

#[test]
fn promise_05_millions_of_damaged_lines_are_one_damage() {
    let bad = b"{\"seq\":1}\n".repeat(100_000);
    for (what, bytes) in [("newlines", vec![b'\n'; MIB]), ("bad lines", bad)] {
        let (_home, dir) = with_three();
        insert(&dir, 2, &bytes);
        let loaded = survives(&dir, what);
        assert_eq!(notes(&loaded).len(), 3, "{what}");
    }
}

/// Every other line is damaged, so that nothing can be said at once of all of them.
#[test]
fn promise_05_damage_in_thousands_of_places_is_put_aside_in_time() {
    let (_home, dir, store) = fresh();
    for turn in 0..2_000 {
        put(&store, "a", &format!("{turn} {}", "x".repeat(300))).unwrap();
    }
    drop(store);
    let path = dir.join("journal.jsonl");
    let mut bytes = fs::read(&path).unwrap();
    let starts: Vec<_> = bytes
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'\n')
        .map(|(at, _)| at)
        .collect();
    for start in starts.iter().step_by(2).take(999) {
        bytes[start + 20] ^= 1;
    }
    fs::write(&path, bytes).unwrap();
    let begun = Instant::now();
    let store = open(&dir);
    let before = store.snapshot();
    assert!(notes(&before)["a"].starts_with("1999 "));
    put(&store, "z", "new").unwrap();
    let lines = store.snapshot().warnings;
    let kept = fs::read_dir(dir.join("damaged")).unwrap().count();
    assert!(kept < 20, "{kept} files");
    let aside = lines
        .iter()
        .filter(|damage| damage.harm == Harm::Line && damage.aside.is_some());
    assert_eq!(aside.count(), 999);
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
}

#[test]
fn promise_05_lines_twice_elsewhere_and_from_another_store_are_left_out_and_said() {
    let line = |dir: &Path, at: usize| {
        let journal = fs::read_to_string(dir.join("journal.jsonl")).unwrap();
        let lines = journal.split_inclusive('\n');
        lines.map(str::to_owned).nth(at).unwrap()
    };
    let (_other_home, other) = with_three();
    put(&open(&other), "stranger", "from elsewhere").unwrap();
    let said = |warnings: &[certdeck::store::Damage]| {
        let said: Vec<_> = warnings.iter().map(ToString::to_string).collect();
        said.join("; ")
    };
    // The second line again at the end, and in between.
    for place in [4, 3] {
        let (_home, dir) = with_three();
        let second = line(&dir, 2);
        insert(&dir, place, second.as_bytes());
        let loaded = read(&dir);
        assert_eq!(notes(&loaded)["b"], "2");
        assert_eq!(notes(&loaded).len(), 3);
        let said = said(&loaded.warnings);
        assert!(
            said.contains("transaction 2 comes twice or too late"),
            "{said}"
        );
        assert_eq!(open(&dir).snapshot().seq, 3);
    }
    // A line of another store that has the same number as one of ours.
    let (_home, dir) = with_three();
    insert(&dir, 4, line(&other, 2).as_bytes());
    assert!(said(&read(&dir).warnings).contains("comes twice or too late"));
    // Two lines that changed places.
    let (_home, dir) = with_three();
    let third = line(&dir, 3);
    let journal = fs::read_to_string(dir.join("journal.jsonl")).unwrap();
    let moved = journal.replace(&third, "");
    fs::write(dir.join("journal.jsonl"), moved).unwrap();
    insert(&dir, 2, third.as_bytes());
    let loaded = read(&dir);
    let said = said(&loaded.warnings);
    assert!(
        said.contains("transaction 2") && said.contains("too late"),
        "{said}"
    );
    put(&open(&dir), "z", "new").unwrap();
    assert_eq!(read(&dir).seq, 4);
}

/// The program with a bound on its memory.
fn bounded(home: &Home, line: &str) -> Said {
    let mut shell = Command::new("sh");
    let script = format!("ulimit -v {MEMORY} 2>/dev/null; exec \"$0\" \"$@\"");
    shell.args(["-c", &script, env!("CARGO_BIN_EXE_certdeck")]);
    let mut command = home.started_by(shell, line);
    Said::of(command.stdin(Stdio::null()).output().unwrap())
}

#[test]
fn promise_05_the_program_lists_and_changes_a_store_with_such_a_line() {
    let home = Home::new(1);
    home.done("order --product acme-dv --name there.example --yes");
    let marks = b",\"crc\":\"00000000\"}\n{\"seq\":7".repeat(4 * MIB / 27);
    let long = vec![b'x'; 100 * MIB];
    insert(&home.store(), 2, &[&long[..], &marks, b"\n"].concat());
    let begun = Instant::now();
    let listed = bounded(&home, "list");
    // Everything is listed, and the code says that the store is damaged.
    assert_eq!(listed.code, Some(5), "{}", listed.err);
    assert!(listed.out.contains("there.example"), "{}", listed.out);
    assert!(
        listed.err.contains("journal.jsonl") && listed.err.contains("checksum"),
        "{}",
        listed.err
    );
    assert!(
        listed.err.lines().count() < 20,
        "{} lines",
        listed.err.lines().count()
    );
    let noted = bounded(&home, "note there.example well");
    assert_eq!(noted.code, Some(0), "{}", noted.err);
    assert!(home.run("show there.example").out.contains("well"));
    assert!(begun.elapsed() < PATIENCE * 2, "{:?}", begun.elapsed());
}

//! Promise 3 with the real program on a disk that is really full: a file size that must not be
//! passed, which everybody may set, and a small file system, where one may be mounted.

use std::fs;
use std::path::Path;
use std::process::Command;

use certdeck::domain::lifecycle::Lifecycles;
use certdeck::engine::command::Command as Ask;
use certdeck::engine::{Engine, EngineSettings};

use super::home::{Home, Said};
use super::stock::entries;

/// Runs the program where no file can grow beyond so many blocks of 512 bytes.
fn with_limit(home: &Home, blocks: u64, line: &str) -> Said {
    let mut shell = Command::new("sh");
    // Without the signal, a write that goes too far is an error like that of a full disk.
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    shell.args(["-c", &script, env!("CARGO_BIN_EXE_certdeck")]);
    Said::of(home.started_by(shell, line).output().unwrap())
}

/// The bytes of the store's own files and the names in its folders.
fn everything(store: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for folder in ["", "keys", "certs", "history"] {
        for file in fs::read_dir(store.join(folder)).unwrap() {
            let path = file.unwrap().path();
            let bytes = if path.is_file() {
                fs::read(&path).unwrap()
            } else {
                Vec::new()
            };
            all.push((path.display().to_string(), bytes));
        }
    }
    all.sort();
    all
}

#[test]
fn promise_03_where_nothing_can_be_written_all_can_be_looked_at_and_it_works_again() {
    let home = Home::new(5);
    let id = home
        .done("order --product acme-dv --name full.example --yes --json")
        .member("id");
    home.done("sandbox pause");
    let long = "n".repeat(1_000);
    home.done(&format!("note {id} {long}"));
    let journal = home.store().join("journal.jsonl");
    // Some bytes of the next line may still have room, which is the worst.
    let blocks = fs::metadata(&journal).unwrap().len() / 512 + 1;
    let before = everything(&home.store());
    for line in ["list", "show full.example", "history", "check"] {
        let said = with_limit(&home, blocks, line);
        assert!(matches!(said.code, Some(0 | 10)), "{line}: {}", said.err);
        assert!(said.out.contains("full.example"), "{line}: {}", said.out);
    }
    for line in [
        format!("note {id} {}", &long[..900]),
        format!("archive {id}"),
        "sandbox advance 1h".to_owned(),
    ] {
        let said = with_limit(&home, blocks, &line);
        assert_eq!(said.code, Some(1), "{line}: {}", said.err);
        assert!(
            said.err.contains("could not append to"),
            "{line}: {}",
            said.err
        );
        assert!(
            said.err.contains("what was there is intact"),
            "{line}: {}",
            said.err
        );
        assert_eq!(everything(&home.store()), before, "{line}");
    }
    // Nothing at all has room: not even the key of an order, so that there is no order.
    let said = with_limit(&home, 0, "order --product acme-dv --name new.example --yes");
    assert_eq!(said.code, Some(1), "{}", said.err);
    assert_eq!(everything(&home.store()), before);
    home.done(&format!("note {id} room"));
    home.done("order --product acme-dv --name new.example --yes");
    assert!(home.done("list").out.contains("new.example"));
    assert_eq!(home.look().snapshot().warnings, []);
}

const SMALL: &str = "CERTDECK_TEST_SMALL_DISK";

/// Fills the disk to its last byte; gives the file that did it.
fn fill(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("filler");
    let mut size = 1 << 20;
    let mut held = Vec::new();
    while size > 0 {
        held.resize(held.len() + size, 7_u8);
        if fs::write(&path, &held).is_err() {
            held.truncate(held.len() - size);
            size /= 2;
        }
    }
    let _ = fs::write(&path, &held);
    path
}

async fn note(engine: &Engine, note: &str) -> Result<(), String> {
    let inventory = engine.inventory();
    let entry = inventory.entries.iter().next().unwrap().id.clone();
    let ask = Ask::Note {
        entry,
        note: note.to_owned(),
    };
    engine
        .run(ask)
        .await
        .map(drop)
        .map_err(|error| error.to_string())
}

#[tokio::test]
#[ignore = "a child of promise_03_on_a_full_disk_the_engine_goes_on_reading_and_works_again"]
async fn child_on_a_small_disk() {
    let Some(folder) = std::env::var_os(SMALL) else {
        return;
    };
    let folder = Path::new(&folder);
    let settings = EngineSettings::usual(
        folder.join("store"),
        Lifecycles::built_in().unwrap(),
        "test",
    );
    let engine = Engine::open(settings.clone()).unwrap();
    let mut wanted = entries(&home_store(&settings))
        .into_values()
        .next()
        .unwrap();
    let mut last = "before".to_owned();
    note(&engine, &last).await.unwrap();
    for round in 0..3 {
        let filler = fill(folder);
        // Within the last page there may be room for some.
        let (mut expected, mut error) = (last.clone(), None);
        for turn in 0..20 {
            let text = format!("{round} {turn} {}", "n".repeat(900));
            match note(&engine, &text).await {
                Ok(()) => expected = text,
                Err(says) => error = Some(says),
            }
        }
        let error = error.unwrap();
        assert!(error.contains("make room and try again"), "{error}");
        // The same session still shows what there is, and so does a new one.
        let shown = |engine: &Engine| {
            engine
                .inventory()
                .entries
                .iter()
                .next()
                .unwrap()
                .note
                .clone()
        };
        assert_eq!(shown(&engine), expected);
        let again = Engine::open(settings.clone()).unwrap();
        assert_eq!(shown(&again), expected);
        assert_eq!(again.warnings(), [""; 0]);
        fs::remove_file(filler).unwrap();
        last = format!("after {round}");
        note(&engine, &last).await.unwrap();
    }
    wanted.note = "after 2".to_owned();
    let there = entries(&home_store(&settings))
        .into_values()
        .next()
        .unwrap();
    assert_eq!(there.note, wanted.note);
    println!("the small disk was full three times");
}

fn home_store(settings: &EngineSettings) -> certdeck::store::Loaded {
    let options = certdeck::store::OpenOptions {
        read_only: true,
        ..certdeck::store::OpenOptions::default()
    };
    certdeck::store::Store::open(&settings.store, options)
        .unwrap()
        .snapshot()
}

#[test]
fn promise_03_on_a_full_disk_the_engine_goes_on_reading_and_works_again() {
    let home = Home::new(6);
    home.done("order --product acme-dv --name full.example --yes");
    home.done("sandbox pause");
    let disk = home.path("disk");
    fs::create_dir(&disk).unwrap();
    // In a namespace of its own, so that the disk goes with the child.
    let script = "mount -t tmpfs -o size=2m tmpfs \"$1\" && cp -r \"$2\" \"$1\"/store || exit 77; \
                  exec \"$0\" small::child_on_a_small_disk --exact --ignored --nocapture";
    let output = Command::new("unshare")
        .args(["-rm", "sh", "-c", script])
        .arg(std::env::current_exe().unwrap())
        .args([&disk, &home.store()])
        .env(SMALL, &disk)
        .output();
    let mounted = output
        .as_ref()
        .is_ok_and(|output| output.status.code() != Some(77))
        && output
            .as_ref()
            .is_ok_and(|output| !output.stdout.is_empty());
    if !mounted {
        println!("skipped: no file system can be mounted here: {output:?}");
        return;
    }
    let output = output.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(
        said.contains("the small disk was full three times"),
        "{said}"
    );
}

//! Requests whose answers get lost, with the real program: what `act adopt`, `send-again` and
//! `give-up` do and refuse, what other commands say of such an entry, and the panel's way through it
//! in a terminal.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod common;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use certdeck::store::{OpenOptions, Store, StoreError};
use common::pty::{Key, Panel, Size};
use common::steer::{answer, choose, write};
use tempfile::TempDir;

/// A home whose sandbox loses answers.
struct Home(TempDir);

struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Said {
    #[track_caller]
    fn ends(self, code: i32, says: &str) -> Self {
        let all = format!("{}{}", self.out, self.err);
        assert_eq!(self.code, code, "{all}");
        assert!(all.contains(says), "{says:?} is missing in {all}");
        self
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap()
    }
}

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        fs::create_dir(home.path("accounts")).unwrap();
        fs::write(home.path("config.toml"), "").unwrap();
        home.loses(1_000);
        home
    }

    /// So many of a thousand answers get lost from now on.
    fn loses(&self, many: u32) {
        let text = format!("kind = \"sandbox\"\nseed = 7\nlose-answers = {many}\n");
        fs::write(self.path("accounts/sandbox.toml"), text).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn env(&self) -> [(&'static str, String); 3] {
        let text = |name: &str| self.path(name).display().to_string();
        [
            ("HOME", self.0.path().display().to_string()),
            ("CERTDECK_CONFIG", text("config.toml")),
            ("CERTDECK_STORE", text("store")),
        ]
    }

    /// Runs the words of a line.
    fn run(&self, line: &str) -> Said {
        let output = Command::new(env!("CARGO_BIN_EXE_certdeck"))
            .env_clear()
            .envs(self.env())
            .args(line.split_whitespace())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        Said {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Orders until the answer to one is lost and nothing is found of it; the id of that one.
    #[track_caller]
    fn lost(&self) -> String {
        let ordered = fs::read_to_string(self.path("store/journal.jsonl")).unwrap_or_default();
        for number in 0..40 {
            let name = format!("lost{}-{number}.example", ordered.lines().count());
            let said = self.run(&format!("order --product single-dv --name {name} --yes"));
            if said.code == 0 {
                continue;
            }
            let said = said.ends(1, "nobody knows what came of Order");
            let (_, rest) = said.err.split_once("certdeck act adopt ").unwrap();
            return rest
                .chars()
                .take_while(char::is_ascii_alphanumeric)
                .collect();
        }
        panic!("of forty orders none was lost");
    }

    /// Lets the sandbox's chances hang on another seed.
    fn hangs_on(&self, seed: u64) {
        let store = Store::open(&self.path("store"), OpenOptions::default()).unwrap();
        let changed = store.transact(|transaction| {
            let mut record = transaction.account("sandbox").unwrap().clone();
            record.seed = Some(seed);
            transaction.put_account(record);
            Ok::<_, StoreError>(())
        });
        changed.unwrap();
    }

    /// An order that was sent twice, and the two numbers under which both are listed now. Which of
    /// them arrive hangs on the seed.
    #[track_caller]
    fn twice(&self) -> (String, Vec<String>) {
        let lost_again = |id: &String| self.run(&format!("act send-again {id} --yes")).code == 1;
        let id = (0..40).map(|_| self.lost()).find(lost_again).unwrap();
        for seed in 8..200 {
            self.hangs_on(seed);
            let said = self.run(&format!("act adopt {id} --candidate none --yes"));
            let numbers = said.err.split([' ', ',', ';', '\n']);
            let numbers = numbers.filter(|word| word.starts_with("SBX-"));
            let numbers: Vec<String> = numbers.map(str::to_owned).collect();
            if numbers.len() == 2 {
                return (id, numbers);
            }
        }
        panic!("by no seed both arrive");
    }

    fn shown(&self, id: &str) -> serde_json::Value {
        self.run(&format!("show {id} --json")).ends(0, id).json()
    }

    /// How many transactions the journal holds.
    fn written(&self) -> usize {
        let journal = fs::read_to_string(self.path("store/journal.jsonl")).unwrap();
        journal.lines().count()
    }

    fn panel(&self, size: Size) -> Panel {
        let env = self.env();
        let env: Vec<_> = env.iter().map(|(name, at)| (*name, at.as_str())).collect();
        Panel::start(&[], size, &env)
    }
}

fn is_unknown(shown: &serde_json::Value) -> bool {
    let reminder = shown["reminder"].as_str();
    reminder.is_some_and(|says| says.starts_with("outcome unknown"))
}

#[test]
fn every_command_that_names_it_says_how_it_is_settled() {
    let home = Home::new();
    let id = home.lost();
    let adopt = format!("certdeck act adopt {id}");
    let listed = home.run("list").ends(0, "outcome unknown");
    assert!(listed.err.contains(&adopt), "{}", listed.err);
    home.lost();
    let listed = home.run("list").ends(0, "of 2 requests is unknown");
    assert!(
        listed.err.contains("certdeck act adopt ID"),
        "{}",
        listed.err
    );
    for line in [format!("show {id}"), "doctor".to_owned()] {
        let code = if line == "doctor" { 10 } else { 0 };
        let said = home.run(&line);
        // Lines are broken where a terminal ends.
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let all = Said {
            out: words(&said.out),
            ..said
        };
        let all = all.ends(code, &adopt);
        for other in ["send-again", "give-up"] {
            assert!(all.out.contains(&format!("certdeck act {other} {id}")));
        }
    }
    assert!(is_unknown(&home.shown(&id)));
}

#[test]
fn what_never_arrived_is_given_up_or_sent_again_by_a_person_alone() {
    let home = Home::new();
    let (given_up, sent) = (home.lost(), home.lost());
    let before = home.written();
    // Nothing is listed that fits, so there is nothing to adopt.
    home.run(&format!("act adopt {sent} --yes"))
        .ends(2, "nothing that fits is listed there");
    home.run(&format!("act adopt {sent} --candidate SBX-0 --yes"))
        .ends(2, "nothing is listed there as \"SBX-0\"");
    home.run(&format!(
        "act adopt {sent} {given_up} --candidate SBX-0 --yes"
    ))
    .ends(2, "--candidate belongs to");
    home.run(&format!("act give-up {given_up}"))
        .ends(2, "--yes");
    for action in ["adopt", "give-up", "archive"] {
        home.run(&format!("--read-only act {action} {sent} --yes"))
            .ends(3, "started to look and change nothing");
    }
    home.run(&format!("--read-only act send-again {sent} --yes"))
        .ends(3, "read-only");
    assert_eq!(home.written(), before, "nothing was written");

    let said = home.run(&format!("act give-up {given_up} --yes --json"));
    let result = said.ends(0, "it never arrived").json();
    assert_eq!(result["results"][0]["id"], given_up.as_str());
    assert_eq!(result["results"][0]["done"], true);
    assert_eq!(home.shown(&given_up)["archived"], true);

    home.loses(0);
    home.run("list").ends(0, &sent);
    assert!(is_unknown(&home.shown(&sent)), "nothing was sent by itself");
    home.run(&format!("act send-again {sent} --yes"))
        .ends(0, "");
    assert!(!is_unknown(&home.shown(&sent)));
    for action in ["adopt", "send-again", "give-up"] {
        let said = home.run(&format!("act {action} {sent} --yes --json"));
        let result = said.ends(3, "no request is open").json();
        assert_eq!(result["results"][0]["done"], false);
        assert_eq!(result["results"][0]["exit"], 3);
    }
}

#[test]
fn a_person_adopts_one_of_several_by_the_number_that_the_provider_has_for_it() {
    let home = Home::new();
    let (id, numbers) = home.twice();
    let before = home.written();
    let adopt = format!("act adopt {id} --yes");
    home.run(&adopt).ends(2, "2 of them fit");
    home.run(&adopt).ends(2, "--candidate");
    let wrong = home.run(&format!("{adopt} --candidate SBX-0"));
    let wrong = wrong.ends(2, "nothing is listed there as \"SBX-0\"");
    for number in &numbers {
        assert!(wrong.err.contains(number), "{number} in {}", wrong.err);
    }
    assert_eq!(home.written(), before, "nothing was written");

    let second = &numbers[1];
    let said = home.run(&format!("{adopt} --candidate {second} --json"));
    let result = said.ends(0, second).json();
    assert_eq!(result["results"][0]["done"], true);
    let shown = home.shown(&id);
    assert!(!is_unknown(&shown), "{shown}");
    assert_eq!(shown["bought"]["order-number"], second.as_str());
}

#[test]
fn in_the_panel_one_of_several_is_chosen_and_asked_for_once_more() {
    for size in [(24, 80), (50, 200)] {
        let home = Home::new();
        let (id, numbers) = home.twice();
        let mut panel = home.panel(size);
        find(&mut panel, &id);
        panel.wait_for("outcome unknown");
        ask(&mut panel, "T", "it fits");
        choose(&mut panel, &numbers[1]);
        panel.wait_for(&format!("Takes {}", numbers[1]));
        answer(&mut panel, "Adopt");
        panel.wait_gone("outcome unknown");
        panel.press_key(Key::Ctrl('c'));
        assert_eq!(panel.exit_code(), 0);
        let shown = home.shown(&id);
        assert_eq!(shown["bought"]["order-number"], numbers[1].as_str());
    }
}

/// Leaves one entry in the list.
fn find(panel: &mut Panel, id: &str) {
    panel.wait_for("lost");
    panel.press("/");
    panel.press(id);
    panel.press_key(Key::Enter);
    panel.wait_for("1/1");
}

/// Opens the menu of the only entry, and asks for one of the ways on.
fn ask(panel: &mut Panel, key: &str, title: &str) {
    panel.press("a");
    panel.wait_for("It never arrived");
    panel.wait_until("the frame is whole", Panel::is_whole);
    panel.press(key);
    panel.wait_for(title);
}

#[test]
fn in_the_panel_the_three_ways_are_a_menu_away() {
    for size in [(24, 80), (50, 200)] {
        let home = Home::new();
        let id = home.lost();
        let mut panel = home.panel(size);
        find(&mut panel, &id);
        panel.wait_for("outcome unknown");

        // Nothing is listed, so the other two are named.
        ask(&mut panel, "T", "nothing is listed there");
        panel.press_key(Key::Esc);
        panel.wait_gone("nothing is listed there");

        // It never arrived: kept by default, and then done.
        ask(&mut panel, "F", "other button");
        panel.press_key(Key::Enter);
        panel.wait_gone("other button");
        panel.wait_for("outcome unknown");
        assert!(is_unknown(&home.shown(&id)));
        ask(&mut panel, "F", "other button");
        answer(&mut panel, "It never arrived");
        panel.wait_for("it never arrived, as you say");
        panel.press_key(Key::Ctrl('c'));
        assert_eq!(panel.exit_code(), 0);
        assert_eq!(home.shown(&id)["archived"], true);
    }
}

#[test]
fn in_the_panel_it_is_sent_again_after_a_question() {
    let home = Home::new();
    let id = home.lost();
    home.loses(0);
    let mut panel = home.panel((24, 80));
    find(&mut panel, &id);
    panel.wait_for("outcome unknown");
    // It may be bought twice, so the name is wanted.
    ask(&mut panel, "2", "may be bought twice");
    let name = home.shown(&id)["name"].as_str().unwrap().to_owned();
    write(&mut panel, &name);
    panel.press_key(Key::Enter);
    panel.wait_for("[> Send again <]");
    panel.press_key(Key::Enter);
    panel.wait_gone("outcome unknown");
    panel.press_key(Key::Ctrl('c'));
    assert_eq!(panel.exit_code(), 0);
    assert!(!is_unknown(&home.shown(&id)));
    panel.assert_as_found();
}

//! Finding: the same words find the same entries in the panel, in `list` and in `check`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

#[path = "common/shelf.rs"]
mod shelf;

use std::collections::BTreeSet;

use certdeck::config::AccountFile;
use certdeck::domain::lifecycle::Lifecycles;
use certdeck::engine::{AccountSettings, Engine, EngineSettings};
use certdeck::tui::keymap::Keymap;
use certdeck::tui::message::Message;
use certdeck::tui::model::{Model, Settings};
use certdeck::tui::theme::Theme;
use certdeck::tui::update::update;
use certdeck::tui::view::view;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use serde_json::Value;
use shelf::{Said, Shelf};

fn filled() -> Shelf {
    let shelf = Shelf::new();
    let mut away = shelf.entry("away", "files", "valid", 9);
    away.archived = true;
    let mut shop = shelf.valid(shelf.entry("shop", "sandbox", "issued", 1), -1, 199);
    shop.names.push("*.xn--bcher-kva.example".to_owned());
    "Wildcard DV".clone_into(&mut shop.product.name);
    shop.product.paid_until = Some(shelf.days(100));
    let mut mail = shelf.entry("mail", "mine", "registration", 6);
    "=1+1".clone_into(&mut mail.product.name);
    shelf.put([
        away,
        shop,
        mail,
        shelf.valid(shelf.entry("due", "files", "valid", 80), -80, 10),
        shelf.lost(
            shelf.valid(shelf.entry("gone", "files", "valid", 9), -9, 81),
            4,
        ),
        shelf.valid(shelf.entry("over", "sandbox", "issued", 200), -203, -3),
    ]);
    shelf
}

fn ids(said: &Said) -> Vec<String> {
    let json: Value = serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{}", said.err));
    let list = json.get("entries").or_else(|| json.get("needs")).unwrap();
    let ids = list.as_array().unwrap().iter().map(|entry| &entry["id"]);
    ids.map(|id| id.as_str().unwrap().to_owned()).collect()
}

/// A panel on the shelf's store.
fn panel(shelf: &Shelf) -> Model {
    let account = AccountFile::parse("mine", "mine.toml", "kind = \"by-hand\"", &["netcup"]);
    let account = account.unwrap();
    let mut settings =
        EngineSettings::usual(shelf.store(), Lifecycles::built_in().unwrap(), "panel");
    settings.accounts = vec![AccountSettings::usual("mine", account.kind, "netcup")];
    let engine = Engine::open(settings).unwrap();
    let settings = Settings {
        keymap: Keymap::embedded().unwrap(),
        theme: Theme::named("mono").unwrap(),
        ascii: true,
        read_only: false,
        bell: false,
        clear_clipboard: jiff::SignedDuration::from_secs(30),
        greeting: None,
    };
    let mut model = Model::new(settings, engine.inventory(), engine.now());
    let _ = update(&mut model, Message::Resize(100, 30));
    model
}

fn press(model: &mut Model, code: KeyCode) {
    let event = KeyEvent::new(code, KeyModifiers::NONE);
    let _ = update(model, Message::Key(event));
}

fn type_filter(model: &mut Model, filter: &str) {
    press(model, KeyCode::Esc);
    press(model, KeyCode::Char('/'));
    for letter in filter.chars() {
        press(model, KeyCode::Char(letter));
    }
}

fn shown(model: &Model) -> Vec<String> {
    let rows = (0..model.list.visible.len()).filter_map(|at| model.list.row(at));
    rows.map(|row| row.id.to_string()).collect()
}

#[test]
fn the_same_words_find_the_same_in_the_panel_in_list_and_in_check() {
    let shelf = filled();
    let mut model = panel(&shelf);
    let urgent: BTreeSet<String> = ids(&shelf.run(&["check", "--json"])).into_iter().collect();
    assert_eq!(urgent.len(), 4, "{urgent:?}");
    for (filter, expected) in [
        ("", &["over", "due", "mail", "gone", "shop"][..]),
        ("example !shop", &["over", "due", "mail", "gone"]),
        ("bücher", &["shop"]),
        ("san:*.bücher.example", &["shop"]),
        ("provider:files", &["due", "gone"]),
        ("provider:by-hand", &["mail"]),
        ("status:\"certificate issued\"", &["shop"]),
        ("expires<30d !expired:", &["due"]),
        ("needs: !trouble:", &["over", "due", "mail"]),
        ("due:", &["over", "due"]),
        ("paid>1mo", &["shop"]),
        ("archived", &["away"]),
        ("archived:no phase:live", &["gone", "shop"]),
        ("localhost:443", &[]),
    ] {
        type_filter(&mut model, filter);
        assert_eq!(shown(&model), expected, "the panel: {filter}");
        let listed = shelf.run(&["list", "--json", filter]);
        assert_eq!(ids(&listed), expected, "list: {filter}");
        let needed: Vec<_> = expected.iter().filter(|id| urgent.contains(**id)).collect();
        let checked = shelf.run(&["check", "--json", filter]);
        assert_eq!(
            ids(&checked).iter().collect::<Vec<_>>(),
            needed,
            "check: {filter}"
        );
    }
}

#[test]
fn while_a_key_is_typed_the_list_does_not_go_empty_and_the_mistake_is_said() {
    let shelf = filled();
    let mut model = panel(&shelf);
    type_filter(&mut model, "provider:files expires<3");
    assert_eq!(
        shown(&model),
        ["due", "gone"],
        "what stands before it stays"
    );
    let problem = model.list.problem.clone().unwrap();
    assert_eq!((problem.word.as_str(), problem.at), ("expires<3", 16));
    press(&mut model, KeyCode::Enter);
    assert!(model.list.typing, "a mistake is not kept");
    press(&mut model, KeyCode::Char('0'));
    press(&mut model, KeyCode::Char('d'));
    assert_eq!(
        (shown(&model).as_slice(), &model.list.problem),
        (&["due".to_owned()][..], &None)
    );
    press(&mut model, KeyCode::Enter);
    assert!(!model.list.typing);
}

fn screen(model: &Model, columns: u16, rows: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    terminal.draw(|frame| view(model, frame)).unwrap();
    let buffer = terminal.backend().buffer();
    let line = |y| {
        (0..columns)
            .map(|x| buffer[(x, y)].symbol())
            .collect::<String>()
    };
    (0..rows).map(|y| line(y) + "\n").collect()
}

#[test]
fn a_mistake_is_said_in_the_pane_whatever_its_size() {
    let shelf = filled();
    let mut model = panel(&shelf);
    type_filter(&mut model, "shop expries<30d");
    let seen = screen(&model, 100, 30);
    assert!(
        seen.contains("! \"expries<30d\": there is no key \"expries\""),
        "{seen}"
    );
    assert!(seen.contains("did you mean \"expires\"?"), "{seen}");
    assert!(
        seen.contains("shop.example.com"),
        "what is found stays in sight:\n{seen}"
    );
    for columns in 0..30 {
        for rows in 0..12 {
            let _ = update(&mut model, Message::Resize(columns, rows));
            screen(&model, columns, rows);
        }
    }
}

#[test]
fn every_key_of_the_language_is_in_the_panels_help_and_in_that_of_list() {
    let shelf = filled();
    let mut model = panel(&shelf);
    press(&mut model, KeyCode::Char('?'));
    let _ = update(&mut model, Message::Resize(100, 400));
    let help = screen(&model, 100, 400);
    let listed = shelf.run(&["list", "--help"]).out;
    let checked = shelf.run(&["check", "--help"]).out;
    let mut count = 0;
    for key in certdeck::domain::query::keys() {
        for text in [&help, &listed, &checked] {
            assert!(
                text.contains(key.example),
                "{} is missing in\n{text}",
                key.example
            );
        }
        count += 1;
    }
    assert!(count > 20);
    let exit_codes = shelf.run(&["--help"]).out;
    assert!(
        exit_codes.contains("10 check: something needs someone"),
        "{exit_codes}"
    );
    assert!(
        exit_codes.contains("11 check: failed or expired, and nothing serves"),
        "{exit_codes}"
    );
}

#[test]
fn what_is_kept_by_hand_and_forgotten_is_said_in_the_row_and_in_general() {
    let shelf = filled();
    let mut model = panel(&shelf);
    type_filter(&mut model, "provider:by-hand");
    press(&mut model, KeyCode::Enter);
    let _ = update(&mut model, Message::Resize(160, 40));
    let seen = screen(&model, 160, 40);
    let since = certdeck::domain::time::date(shelf.days(-6));
    let says = format!("Nothing was recorded since {since}");
    assert!(
        seen.contains("Registration: nothi"),
        "the row says that there is more:\n{seen}"
    );
    assert!(seen.contains("Reminder") && seen.contains(&says), "{seen}");
}

#[test]
fn at_the_start_one_message_says_how_much_is_kept_by_hand_and_waits() {
    let shelf = filled();
    let says = |model: &Model| -> Vec<String> {
        let shown = model.toasts.shown().iter();
        shown.map(|toast| toast.says.clone()).collect()
    };
    assert_eq!(
        says(&panel(&shelf)),
        ["1 entry kept by hand waits for you; `needs:` shows it"]
    );
    shelf.put([shelf.entry("two", "mine", "outstanding-invoice", 0)]);
    assert_eq!(
        says(&panel(&shelf)),
        ["2 entries kept by hand wait for you; `needs:` shows them"]
    );
    shelf.put(["mail", "two"].map(|id| shelf.entry(id, "mine", "cancelled", 0)));
    assert!(says(&panel(&shelf)).is_empty());
}

#[test]
fn a_list_is_ordered_by_any_column_either_way_and_cut() {
    let shelf = filled();
    for (arguments, expected) in [
        (
            &["--sort", "name"][..],
            &["due", "gone", "mail", "over", "shop"][..],
        ),
        (
            &["--sort", "name", "--reverse"],
            &["shop", "over", "mail", "gone", "due"],
        ),
        (
            &["--sort", "expiry"],
            &["over", "due", "gone", "shop", "mail"],
        ),
        (
            &["--sort", "expiry", "--reverse"],
            &["shop", "gone", "due", "over", "mail"],
        ),
        (&["--sort", "issued", "--limit", "2"], &["over", "due"]),
        (&["--sort", "paid", "--limit", "1"], &["shop"]),
        (&["--limit", "0"], &[]),
        (&["--archived", "--sort", "id", "--limit", "1"], &["away"]),
    ] {
        let said = shelf.run(&[&["list", "--json"], arguments].concat());
        assert_eq!(ids(&said), expected, "{arguments:?}");
    }
    let said = shelf.run(&["list", "--sort", "colour"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("issued, created, paid, probe, id"),
        "{}",
        said.err
    );
}

#[test]
fn a_spreadsheet_gets_every_row_and_no_formula() {
    let shelf = filled();
    let said = shelf.run(&["list", "--csv", "--sort", "name"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    let mut reader = csv::Reader::from_reader(said.out.as_bytes());
    let names = reader.headers().unwrap().clone();
    let column = |name: &str| names.iter().position(|known| known == name).unwrap();
    let records: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), 5);
    let mail = records
        .iter()
        .find(|record| &record[column("id")] == "mail")
        .unwrap();
    assert_eq!(&mail[column("product")], "'=1+1");
    assert_eq!(&mail[column("needs_someone")], "true");
    assert_eq!(&mail[column("not_after")], "");
    let empty = shelf.run(&["list", "--csv", "nobody"]);
    assert_eq!(
        empty.out.lines().count(),
        1,
        "the header stays: {}",
        empty.out
    );
}

//! What list and details show of entries with several tracks, of results, of what is open or gone.

use certdeck::domain::query::{Query, Search};

use crate::driver::{Panel, settings};
use crate::screens::keep;
use crate::tracks_fixture::{LOST, inventory};

fn open(columns: u16, rows: u16) -> Panel {
    Panel::over(inventory(), settings("dark", false), columns, rows)
}

#[test]
fn how_it_looks() {
    let screens = [
        ("tracks-list", "", ""),
        ("tracks-hostname", "pending", "enter 1"),
        ("tracks-bare", "bare", "enter 1"),
        ("tracks-progress", "organization", "enter 1"),
        ("tracks-adding", "adding", "enter 1"),
        ("tracks-deleting", "deleting", "enter 1"),
        ("tracks-acme", "acme", "enter 2"),
    ];
    for (name, entry, keys) in screens {
        for (theme, size) in [("dark", (80, 24)), ("dark", (200, 50)), ("mono", (80, 24))] {
            let look = settings(theme, theme == "mono");
            let mut panel = Panel::over(inventory(), look, size.0, size.1);
            if !entry.is_empty() {
                panel.walk_to(entry).press(keys);
            }
            let screen = panel.screen();
            assert!(theme != "mono" || screen.is_ascii(), "{screen}");
            keep(&format!("{name}-{theme}-{}x{}", size.0, size.1), &screen);
        }
    }
}

#[test]
fn both_statuses_and_readiness_stand_in_the_list_at_80_columns() {
    let panel = open(80, 60);
    panel
        .sees("Active · Pending Validation ✗ not ready")
        .sees("Active · Active ✓ ready")
        .sees("Active · Active ? ready?")
        .sees("Issued (deletion submitted)");
}

#[test]
fn readiness_is_said_whole_or_not_at_all() {
    let mut drawn = 0;
    for columns in 60..80 {
        let screen = open(columns, 60).screen();
        let rows = screen.lines().filter(|line| line.contains("customer"));
        for row in rows.filter(|line| line.contains('✗')) {
            assert!(row.contains("✗ not ready"), "{columns}: {row}");
            drawn += 1;
        }
    }
    assert!(drawn > 0);
}

#[test]
fn what_came_of_a_withdrawal_can_be_read_in_the_list_at_80_columns() {
    let panel = open(80, 40);
    panel
        .sees(&LOST[..60])
        .sees("The application was withdrawn. To get the certificate");
    // Beside it the row still says where it stands.
    let screen = panel.screen();
    let at = screen
        .lines()
        .position(|line| line.contains(&LOST[..60]))
        .unwrap();
    let row = screen.lines().nth(at - 1).unwrap();
    assert!(
        row.contains("lost.example.org") && row.contains("Issued"),
        "{row}"
    );
}

#[test]
fn what_the_provider_deleted_is_put_away_and_says_so() {
    let mut panel = open(80, 24);
    panel.sees_not("gone.example.org");
    panel.press("/").type_text("archived:").press("enter");
    panel.sees("gone.example.org").sees("gone (was Issued)");
    panel.walk_to("gone").press("enter 1");
    panel.sees("deleted at Huawei Cloud");
    panel.press("esc");
    // No provider action is possible, and each says why.
    panel.press("a");
    panel.sees("it is gone at Huawei Cloud since");
}

#[test]
fn a_click_on_either_line_of_a_row_selects_it() {
    use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
    let mut panel = open(80, 60);
    let screen = panel.screen();
    let below = screen
        .lines()
        .position(|line| line.contains(&LOST[..60]))
        .unwrap();
    let lines: Vec<&str> = screen.lines().collect();
    let click = |line: usize| {
        certdeck::tui::message::Message::Mouse(MouseEvent {
            kind: MouseEventKind::Down(MouseButton::Left),
            column: 9,
            row: u16::try_from(line).unwrap(),
            modifiers: KeyModifiers::NONE,
        })
    };
    assert!(lines[below - 1].contains("lost.example.org"));
    for line in [below, below - 1] {
        panel.press("G");
        panel.say(click(line));
        assert_eq!(
            panel.model.list.selected,
            Some(crate::fixture::id("lost")),
            "{line}"
        );
    }
}

#[test]
fn whoever_walks_down_sees_every_row_at_any_height() {
    for rows in [8, 12, 17, 24, 40] {
        let mut panel = open(80, rows);
        panel.press("g");
        for _ in 0..20 {
            let selected = panel.model.list.selected.clone().unwrap();
            let name = panel
                .model
                .inventory
                .get(&selected)
                .unwrap()
                .name()
                .to_owned();
            let screen = panel.screen();
            let seen = screen
                .lines()
                .any(|line| line.contains('▌') && line.contains(&name[..4]));
            assert!(seen, "{name} at {rows} rows:\n{screen}");
            panel.press("j");
        }
    }
}

#[test]
fn general_says_each_track_who_moves_next_and_what_the_ca_complains_of() {
    let mut panel = open(120, 70);
    panel.walk_to("pending").press("enter 1");
    panel
        .sees("Hostname activation")
        .sees("✗ no: certificate: Pending Validation")
        .sees("Pending · for 1 d")
        .sees("CAA record of shop.customer.example forbids issuance")
        .sees("must act: mend this and publish what is shown below")
        .sees("_cf-custom-hostname.shop.customer.example");
    panel.press("esc").walk_to("bare").press("enter 1");
    panel
        .sees("✗ no: there is no certificate")
        .sees("none: it was made without one");
}

#[test]
fn progress_is_drawn_and_a_result_is_no_word_of_the_provider() {
    let mut panel = open(120, 60);
    panel.walk_to("organization").press("enter 1");
    panel.sees("▇▇▇▇▇▇▇▇▇▇▇▇▇▇▁▁▁▁▁▁  70 %");
    panel.press("esc").walk_to("lost").press("enter 1");
    panel.sees("Result").sees_not("It was said");
    panel.press("esc").walk_to("adding").press("enter 1");
    panel
        .sees("Being added")
        .sees("(bücher.example)")
        .sees("the provider renews it by itself")
        .sees("applicant's data is cancelled");
}

#[test]
fn filters_know_all_tracks_and_readiness() {
    let inventory = inventory();
    let now = crate::fixture::at(crate::fixture::NOW);
    let rows = inventory.rows(now);
    let search = Search::of(&inventory, &rows);
    let found = |text: &str| -> Vec<String> {
        let found = search.find(&rows, &Query::parse(text).unwrap());
        found
            .into_iter()
            .map(|index| rows.id(index).unwrap().to_string())
            .collect()
    };
    assert_eq!(found("ready:yes"), ["ready"]);
    assert_eq!(found("ready:"), ["ready"]);
    assert_eq!(found("ready:no"), ["bare", "pending"]);
    assert_eq!(found("ready:unknown"), ["unknown"]);
    assert_eq!(found("status:\"pending validation\""), ["pending"]);
    assert_eq!(found("status:pending-validation"), ["pending"]);
    assert_eq!(found("status:hostname-active status:active*").len(), 4);
    assert_eq!(
        found("provider:cloudflare phase:action-needed"),
        ["pending"]
    );
    assert_eq!(found("status:verifying-addition"), ["adding"]);
    assert_eq!(found("archived: phase:ended"), ["gone"]);
    let wrong = Query::parse("ready:perhaps").unwrap_err().to_string();
    assert!(wrong.contains("expected yes, no or unknown"), "{wrong}");
    assert_eq!(Query::parse("ready:no").unwrap().to_string(), "ready:no");
}

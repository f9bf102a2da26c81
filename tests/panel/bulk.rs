//! One action on marked entries of different lifecycles.

use certdeck::domain::entries::Entries;
use certdeck::domain::entry::OpenRequest;
use certdeck::engine::command::{Command, Done, Lock};
use certdeck::tui::message::{Failure, Message, RefusedBy};

use crate::driver::{Panel, settings};
use crate::fixture::id;
use crate::screens::keep;
use crate::tracks_fixture::inventory;

/// Seven of four lifecycles.
const MARKED: [&str; 7] = [
    "domain",
    "organization",
    "adding",
    "by-hand",
    "deleting",
    "pending",
    "acme",
];

fn marked(theme: &str, columns: u16, rows: u16) -> Panel {
    let look = settings(theme, theme == "mono");
    let mut panel = Panel::over(inventory(), look, columns, rows);
    for entry in MARKED {
        panel.walk_to(entry).press("space");
    }
    panel
}

/// To the line of an action, by its title.
fn choose(panel: &mut Panel, title: &str) {
    panel.press("g");
    for _ in 0..60 {
        let screen = panel.screen();
        let at = screen
            .lines()
            .find(|line| line.contains('▌') && line.contains(title));
        if at.is_some() {
            panel.press("enter");
            return;
        }
        panel.press("j");
    }
    panic!("{title} is not in the menu:\n{}", panel.screen());
}

fn acted(says: &str, entry: &str) -> Done {
    Done::Acted {
        entry: id(entry),
        says: says.to_owned(),
        successor: None,
    }
}

fn refused(panel: &mut Panel, says: &str, by: RefusedBy) {
    let (job, _) = panel.commands.remove(0);
    panel.say(Message::Finished(
        job,
        Err(Failure {
            says: says.to_owned(),
            fields: Vec::new(),
            refused_by: Some(by),
            locked: None,
        }),
    ));
}

#[test]
fn how_it_looks() {
    for (theme, size) in [
        ("dark", (80, 24)),
        ("dark", (200, 50)),
        ("mono", (80, 24)),
        ("dark", (40, 12)),
    ] {
        let look = format!("{theme}-{}x{}", size.0, size.1);
        let mut panel = marked(theme, size.0, size.1);
        panel.press("a");
        keep(&format!("bulk-menu-{look}"), &panel.screen());
        panel.press("w");
        keep(&format!("bulk-question-{look}"), &panel.screen());
        panel.press("left enter");
        assert_eq!(panel.commands.len(), 4, "{}", panel.screen());
        panel.answer(Ok(acted(
            "Request for canceling the application submitted successfully",
            "adding",
        )));
        refused(
            &mut panel,
            "Huawei Cloud refused it: it has been approved",
            RefusedBy::Provider,
        );
        let screen = panel.screen();
        keep(&format!("bulk-outcomes-{look}"), &screen);
        assert!(theme != "mono" || screen.is_ascii(), "{screen}");
    }
}

#[test]
fn the_menu_says_to_how_many_an_action_applies_and_why_not_to_the_others() {
    let mut panel = marked("dark", 100, 60);
    panel.press("a");
    panel
        .sees("Actions · 7 marked entries")
        .sees("for 4 of 7")
        .sees("for none")
        // Of the line with the cursor, every reason.
        .sees("▌ w  Withdraw")
        .sees("1 left out: kept by hand: it is done in the provider's own panel")
        .sees("1: a deletion has been submitted, and it cannot be withdrawn")
        .sees("1: Cloudflare has no withdrawal of an order");
    // Where it applies to none, the menu stays and says why.
    choose(&mut panel, "Unsubscribe");
    panel
        .sees("Actions · 7 marked entries")
        .sees("not possible for any");
    assert!(panel.commands.is_empty());
}

#[test]
fn it_asks_once_in_each_providers_words_and_lists_what_came_of_each() {
    let mut panel = marked("dark", 100, 60);
    panel.press("a w");
    panel
        .sees("For 4 of 7 marked entries")
        .sees("Huawei Cloud, 2 entries: domain.example.org (sandbox),")
        .sees("Huawei Cloud, 1 entry: adding.example.org (sandbox)")
        .sees("The CA, 1 entry: a.example.net (sandbox)")
        .sees("names may have been approved by the CA before: then the")
        .sees("[> Leave them as they are <]");
    panel.press("left enter");
    let sent: Vec<_> = panel
        .commands
        .iter()
        .map(|(_, command)| format!("{command:?}"))
        .collect();
    assert_eq!(sent.len(), 4, "{sent:?}");
    assert!(panel.commands.iter().all(|(_, command)| matches!(command,
        Command::Act { action, seen_state: Some(_), .. } if action == "withdraw")));
    panel.sees("4 under way, 3 left out");
    for entry in ["acme", "adding"] {
        panel.answer(Ok(acted("Request submitted", entry)));
    }
    refused(&mut panel, "it was approved meanwhile", RefusedBy::Provider);
    refused(
        &mut panel,
        "it is Issued now, no longer Pending",
        RefusedBy::Gate,
    );
    panel
        .sees("2 done, 1 refused by the provider, 1 not possible any more, 3 left out")
        .sees("done: Request submitted")
        .sees("refused by the provider: it was approved meanwhile")
        .sees("not possible any more: it is Issued now")
        .sees("left out: kept by hand");
    // Enter goes to the entry with the cursor, and the list is gone.
    panel.press("j enter").sees_not("3 left out");
    assert_eq!(panel.model.list.selected, Some(id("adding")));
}

#[test]
fn whoever_closes_the_list_early_hears_of_the_end() {
    let mut panel = marked("dark", 100, 60);
    panel.press("a w").press("left enter").press("esc");
    for entry in ["acme", "adding", "domain"] {
        panel.answer(Ok(acted("Request submitted", entry)));
        panel.sees_not("Request submitted");
    }
    refused(&mut panel, "it was approved meanwhile", RefusedBy::Provider);
    panel
        .sees("3 done, 1 refused by the provider")
        .sees("organization.example.org: it was approved");
}

#[test]
fn what_cannot_be_undone_wants_the_number_of_entries_typed() {
    let look = settings("dark", false);
    let mut panel = Panel::over(inventory(), look, 100, 60);
    for entry in ["lost", "ready"] {
        panel.walk_to(entry).press("space");
    }
    panel.press("a");
    choose(&mut panel, "Revoke");
    let screen = panel.screen();
    assert!(
        screen.contains("Type the number of entries, 1, to go on"),
        "{screen}"
    );
    panel
        .type_text("2")
        .press("enter")
        .sees("Type the number of entries first: 1");
    panel.press("backspace").type_text("1").press("enter enter");
    assert_eq!(panel.commands.len(), 1, "{}", panel.screen());
}

#[test]
fn the_menu_follows_what_happens_meanwhile() {
    let mut panel = marked("dark", 100, 60);
    panel.press("a").sees("for 4 of 7");
    let mut later = (*inventory()).clone();
    let kept = later.entries.iter();
    let mut entries: Entries = kept.filter(|entry| entry.id != id("acme")).collect();
    let mut entry = (*entries.get(&id("domain")).unwrap()).clone();
    entry.request = Some(OpenRequest {
        action: "withdraw".to_owned(),
        since: crate::fixture::at(crate::fixture::NOW),
        unknown_outcome: false,
        accepted: false,
    });
    entries.insert(std::sync::Arc::new(entry));
    later.entries = entries;
    later.seq += 1;
    panel.say(Message::Published(std::sync::Arc::new(later)));
    panel.sees("6 marked entries").sees("for 2 of 6");
    // Nothing is there any more.
    panel.say(Message::Published(crate::fixture::empty()));
    panel.sees_not("marked");
}

/// The engine says of the oldest open command that it needs a passphrase.
fn locked(panel: &mut Panel) {
    let (job, _) = panel.commands.remove(0);
    let failure = Failure {
        says: "its key is encrypted".to_owned(),
        fields: Vec::new(),
        refused_by: None,
        locked: Some(Lock::Keep),
    };
    panel.say(Message::Finished(job, Err(failure)));
}

#[test]
fn the_passphrase_is_asked_for_once_for_all_of_them() {
    let mut panel = marked("dark", 100, 60);
    panel.press("a w").press("left enter");
    assert_eq!(panel.commands.len(), 4);
    locked(&mut panel);
    panel.sees("Passphrase");
    panel.answer(Ok(acted("Request submitted", "adding")));
    locked(&mut panel);
    locked(&mut panel);
    panel.type_text("canary").press("enter");
    let asked = panel.answer(Ok(Done::Unlocked));
    assert!(matches!(asked, Command::Unlock { .. }), "{asked:?}");
    panel.sees("3 under way, 1 done, 3 left out");
    assert_eq!(panel.commands.len(), 3, "what was locked is sent again");
    for entry in ["acme", "domain", "organization"] {
        panel.answer(Ok(acted("Request submitted", entry)));
    }
    panel.sees("4 done, 3 left out");
    assert!(!format!("{:?}", panel.model).contains("canary"));
}

#[test]
fn without_the_passphrase_what_needed_it_is_said_to_be_undone() {
    let mut panel = marked("dark", 100, 60);
    panel.press("a w").press("left enter");
    locked(&mut panel);
    locked(&mut panel);
    panel.press("esc");
    panel
        .sees("2 under way, 2 failed, 3 left out")
        .sees("the passphrase was not given");
    for entry in ["domain", "organization"] {
        panel.answer(Ok(acted("Request submitted", entry)));
    }
    panel.sees("2 done, 2 failed, 3 left out");
    assert!(panel.commands.is_empty());
}

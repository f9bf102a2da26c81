//! Accounts of every kind, watched places in trouble, and what other programs keep.

use std::path::PathBuf;
use std::sync::Arc;

use certdeck::domain::account::AccountKind;
use certdeck::domain::entry::{Entry, EntryId};
use certdeck::domain::inventory::{Account, Inventory, Watched};
use certdeck::engine::command::{
    AccountAdded, AccountCheck, AccountDraft, Discovered, Discoveries, Discovery, Done, SyncReport,
};
use certdeck::tui::dialog::{Accounts, AccountsNow};
use certdeck::tui::overlay::{Input, Overlay};
use jiff::{SignedDuration, Timestamp};

use crate::desk::Desk;
use crate::fixtures;

const REASON: &str = "permission denied; give certdeck the right to read it, or leave it out";

fn minutes_ago(minutes: i64) -> Timestamp {
    fixtures::now() - SignedDuration::from_mins(minutes)
}

fn account(name: &str, kind: AccountKind) -> Account {
    Account {
        deploys: false,
        probes_wildcards: false,
        name: name.to_owned(),
        kind,
        lifecycles: match kind {
            AccountKind::Files => vec!["files".to_owned()],
            _ => vec!["netcup".to_owned()],
        },
        read_only: false,
        clock: None,
        seed: None,
        zone: None,
        panel: None,
        watched: None,
    }
}

/// An inventory with accounts of every kind and some entries.
pub(crate) fn inventory() -> Inventory {
    let mut inventory = fixtures::inventory();
    let mut by_hand = account("netcup-main", AccountKind::ByHand);
    by_hand.panel = Some("https://www.customercontrolpanel.de".to_owned());
    let mut edge = account("edge", AccountKind::Files);
    edge.watched = Some(Watched {
        places: vec![
            "/etc/letsencrypt/live".to_owned(),
            "/srv/certs\u{1b}[31m".to_owned(),
        ],
        looked: Some(minutes_ago(2)),
        trouble: vec![("/srv/certs\u{1b}[31m".to_owned(), REASON.to_owned())],
    });
    let mut servers = account("servers", AccountKind::Files);
    servers.read_only = true;
    servers.watched = Some(Watched {
        places: vec!["shop.example:443".to_owned()],
        ..Watched::default()
    });
    for account in [by_hand, edge, servers] {
        inventory.accounts.insert(account.name.clone(), account);
    }
    let mut entries = inventory.entries.clone();
    for number in 0..12 {
        let id = EntryId::new(format!("edge{number}"));
        let state = if number < 2 { "unreadable" } else { "valid" };
        let mut entry = Entry::new(id.clone(), "edge", "files", state, fixtures::now());
        entry.archived = number == 11;
        entries.insert(Arc::new(entry));
    }
    inventory.entries = entries;
    inventory
}

pub(crate) fn now_of(inventory: Inventory, read_only: bool) -> Arc<AccountsNow> {
    let rows = inventory.rows(fixtures::now());
    let inventory = Arc::new(inventory);
    Arc::new(AccountsNow::of(
        inventory,
        &rows,
        fixtures::now(),
        read_only,
    ))
}

pub(crate) fn accounts() -> Overlay {
    let now = now_of(inventory(), false);
    Overlay::Accounts(Box::new(Accounts::new(now)))
}

/// The dialog on one of its pages: what is pressed, and what is answered then.
pub(crate) fn on_page(keys: &str, answer: Option<Done>) -> Desk {
    let mut desk = Desk::with(accounts());
    for key in keys.split_whitespace() {
        desk.press(key);
    }
    if let Some(done) = answer {
        desk.overlay.handle(&Input::Answer(done));
    }
    desk
}

pub(crate) fn checked(name: &str) -> Done {
    Done::AccountChecked(AccountCheck {
        name: name.to_owned(),
        findings: vec![
            (
                "/etc/letsencrypt/live".to_owned(),
                Ok("14 files, 9 of them hold certificates".to_owned()),
            ),
            ("/srv/certs".to_owned(), Err(REASON.to_owned())),
        ],
    })
}

pub(crate) fn synced(name: &str) -> Done {
    Done::Synced(vec![SyncReport {
        account: name.to_owned(),
        looked: 14,
        new: 9,
        trouble: vec![("/srv/certs/broken.pem".to_owned(), REASON.to_owned())],
        ..SyncReport::default()
    }])
}

pub(crate) fn added(name: &str) -> Done {
    Done::AccountAdded(AccountAdded {
        name: name.to_owned(),
        file: PathBuf::from(format!("/home/ada/.config/certdeck/accounts/{name}.toml")),
    })
}

fn discovery(program: &'static str, folder: &str, names: &[&str]) -> Discovery {
    let certificate = |name: &&str| Discovered {
        path: PathBuf::from(format!("{folder}/{name}/fullchain.pem")),
        names: vec![(*name).to_owned(), format!("www.{name}")],
        not_after: fixtures::now() + SignedDuration::from_hours(24 * 53),
    };
    Discovery {
        program,
        folder: PathBuf::from(folder),
        draft: AccountDraft {
            name: program.to_lowercase().replace('.', "-"),
            kind: "files".to_owned(),
            paths: vec![folder.to_owned()],
            include: vec!["fullchain.pem".to_owned()],
            ..AccountDraft::default()
        },
        certificates: names.iter().map(certificate).collect(),
        unreadable: Vec::new(),
        watched_by: None,
        notes: Vec::new(),
    }
}

pub(crate) fn discovered() -> Done {
    let mut watched = discovery("certbot", "/etc/letsencrypt/live", &["old.example"]);
    watched.watched_by = Some("edge".to_owned());
    let mut lego = discovery(
        "lego",
        "/home/ada/.lego/certificates",
        &[
            "shop.example",
            "api.example",
            "evil\u{202e}.example",
            "more.example",
        ],
    );
    lego.certificates[1].not_after = minutes_ago(60 * 24 * 3);
    let mut acme = discovery("acme.sh", "/root/.acme.sh", &[]);
    acme.unreadable = vec![("/root/.acme.sh".to_owned(), REASON.to_owned())];
    acme.notes = vec!["Nothing of it could be read yet.".to_owned()];
    Done::Discovered(Discoveries {
        found: vec![watched, lego, acme],
        unreadable: vec![("/etc/nginx".to_owned(), REASON.to_owned())],
    })
}

/// The pages of the dialog, by name.
pub(crate) fn all() -> Vec<(&'static str, Overlay)> {
    let form = || on_page("n", None);
    vec![
        ("accounts", accounts()),
        ("account", on_page("enter", None).overlay),
        ("accounts found", on_page("f", Some(discovered())).overlay),
        ("new account", form().overlay),
        ("remove account", on_page("R", None).overlay),
    ]
}

//! Servers watched through the engine: two hundred at once, renewals, failures and returns.

use std::time::{Duration, Instant};

use certdeck::config::Target;
use certdeck::domain::entry::LinkKind;
use certdeck::domain::probed::Served;
use certdeck::domain::row::Row;
use certdeck::engine::command::{Command, Done, ProbeForm};

use crate::identity::{Identity, config_by_name};
use crate::servers::{Manner, Server, Step, Then};
use crate::stage::{FLEET, Stage};

const GOOD: usize = 160;
const BROKEN: usize = 40;
const PATIENCE: Duration = Duration::from_millis(1500);

fn tls(identity: &Identity) -> Manner {
    Manner::Tls(identity.config())
}

/// One good server in four ways.
fn good(number: usize) -> (String, Identity, &'static str) {
    let name = format!("host-{number}.example");
    let (identity, label) = match number % 4 {
        0 => (Identity::self_signed(&[&name], -100, -10), "Expired"),
        1 => (Identity::self_signed(&[&name], 10, 100), "Not yet valid"),
        2 => (Identity::chain(&name, 3), "Valid"),
        _ => (Identity::good(&name), "Valid"),
    };
    (name, identity, label)
}

/// One broken server, and what is said of it.
fn broken(number: usize) -> (Manner, &'static str) {
    let ways = [
        (Manner::Hangs, "said nothing for 1.5 s"),
        (
            Manner::HangsInTheMiddle,
            "had shown no certificate after 1.5 s",
        ),
        (Manner::Closes, "closed the connection"),
        (Manner::ClosesOnHello, "closed the connection"),
        (
            Manner::Says(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
            "plain HTTP",
        ),
        (Manner::WaitsForALine, "plain HTTP"),
        (
            Manner::Says(b"220 mail.example ESMTP\r\n"),
            "write smtp:// before the server",
        ),
        (Manner::Repeats(vec![0xfa; 900]), "speaks no TLS"),
        (
            Manner::Trickles(vec![22, 3, 3, 0x40, 0, 2, 0, 0x3f]),
            "began to answer",
        ),
        (Manner::alert(112), "does not know the name"),
    ];
    ways[number % ways.len()].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_begins_in_the_clear_is_watched_like_any_other() {
    let identity = Identity::good("mail.example");
    let talk = vec![
        Step::Say(b"220 mail.example\r\n"),
        Step::Hear(b"EHLO"),
        Step::Say(b"250 STARTTLS\r\n"),
        Step::Hear(b"STARTTLS"),
        Step::Say(b"220 go ahead\r\n"),
    ];
    let server = Server::start(Manner::Talks(talk, Then::Tls(identity.config()))).await;
    let given = format!("smtp://mail.example@127.0.0.1:{}", server.port);
    let mut stage = Stage::new(vec![given.parse().unwrap()], PATIENCE * 20);
    stage.live();
    let seen = stage.until("it to be looked at", |inventory| {
        inventory.entries.len() == 1
    });
    seen.await;
    let entry = stage.entry("mail.example");
    assert_eq!(entry.origin.as_ref(), Some(&given));
    assert!(entry.trouble.is_none(), "{:?}", entry.trouble);
    // What it was read from is also where it is probed.
    let form = ProbeForm::of_entries(vec![entry.id.clone()]);
    let command = Command::Probe(Box::new(form));
    let Ok(Done::Probed(report)) = stage.engine.run(command).await else {
        panic!("it is not probed");
    };
    assert_eq!(report.count(Served::Same), 1, "{report:?}");
    let entry = stage.entry("mail.example");
    assert_eq!(entry.probed.as_ref().unwrap().places[0].place, given);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_servers_are_watched_some_of_them_broken() {
    let mut servers = Vec::new();
    let mut expected_good = Vec::new();
    let mut expected_broken = Vec::new();
    for number in 0..GOOD {
        let (name, identity, label) = good(number);
        let server = Server::start(tls(&identity)).await;
        expected_good.push((name.clone(), server.target(&name).to_string(), label));
        servers.push((server, name));
    }
    for number in 0..BROKEN {
        let (manner, says) = broken(number);
        let name = format!("broken-{number}.example");
        let server = Server::start(manner).await;
        expected_broken.push((server.target(&name).to_string(), says));
        servers.push((server, name));
    }
    let hosts: Vec<Target> = servers
        .iter()
        .map(|(server, name)| server.target(name))
        .collect();
    let mut stage = Stage::new(hosts.clone(), PATIENCE);

    let begun = Instant::now();
    stage.live();
    stage
        .until("all to be looked at", |inventory| {
            let watched = inventory.accounts[FLEET].watched.as_ref().unwrap();
            inventory.entries.len() == GOOD + BROKEN && watched.trouble.len() == BROKEN
        })
        .await;
    // Twelve of the broken ones use up their patience, and each is tried twice: one after the
    // other that would be 36 s.
    let took = begun.elapsed();
    println!("{} servers in {took:?}", GOOD + BROKEN);
    assert!(took < Duration::from_secs(18), "{took:?}");

    let inventory = stage.engine.inventory();
    let rows: Vec<Row> = inventory.rows(stage.engine.now()).iter().collect();
    for (name, origin, label) in &expected_good {
        let entry = stage.entry(name);
        assert_eq!(entry.origin.as_ref(), Some(origin));
        assert!(entry.trouble.is_none(), "{name}: {:?}", entry.trouble);
        let row = rows.iter().find(|row| row.id == entry.id).unwrap();
        assert_eq!(&row.state, label, "{name}");
    }
    for (place, says) in &expected_broken {
        let trouble = stage.watched().trouble;
        let (_, why) = trouble.iter().find(|(at, _)| at == place).unwrap();
        assert!(why.contains(says), "{place}: {why}");
        let entry = stage.entry(place);
        assert_eq!(entry.said.as_ref(), Some(why));
    }

    // Everything goes down, and another process comes up: what was known is still known.
    drop(servers);
    let stage = stage.again(hosts);
    let restart = stage.engine.now();
    let rows: Vec<Row> = stage
        .engine
        .inventory()
        .rows(stage.engine.now())
        .iter()
        .collect();
    for (name, _, label) in &expected_good {
        let entry = stage.entry(name);
        let row = rows.iter().find(|row| row.id == entry.id).unwrap();
        assert_eq!(&row.state, label, "{name} after the restart");
    }
    let report = stage.sync().await;
    assert_eq!((report.looked, report.lost), (GOOD + BROKEN, GOOD));
    assert_eq!(report.trouble.len(), GOOD + BROKEN);
    for (name, _, label) in &expected_good {
        let entry = stage.entry(name);
        let trouble = entry.trouble.as_ref().unwrap();
        assert!(trouble.why.contains("nothing listens there"), "{trouble:?}");
        assert!(
            trouble.last_good < restart && trouble.since > restart,
            "{trouble:?}"
        );
        let inventory = stage.engine.inventory();
        let row = inventory.row(&entry, stage.engine.now());
        assert_eq!(&row.state, label, "the last good state stays");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dozens_of_dead_servers_keep_no_good_one_waiting() {
    const AMPLE: Duration = Duration::from_secs(8);
    let mut servers = Vec::new();
    for _ in 0..90 {
        servers.push(Server::start(Manner::Hangs).await);
    }
    for number in 0..20 {
        let name = format!("good-{number}.example");
        servers.push(Server::start(tls(&Identity::good(&name))).await);
    }
    let hosts = servers.iter().map(|server| server.target("x.example"));
    let mut stage = Stage::new(hosts.collect(), AMPLE);
    let begun = Instant::now();
    stage.live();
    stage
        .until("the good ones", |inventory| inventory.entries.len() == 20)
        .await;
    let took = begun.elapsed();
    assert!(took < AMPLE, "before any patience was at its end: {took:?}");
}

#[tokio::test]
async fn what_goes_down_keeps_its_last_state_with_its_age_and_is_found_again() {
    let identity = Identity::good("shop.example");
    let server = Server::start(tls(&identity)).await;
    let (port, target) = (server.port, server.target("shop.example"));
    let stage = Stage::new(vec![target.clone()], PATIENCE);
    assert_eq!(stage.sync().await.new, 1);
    let before = stage.engine.now();
    let seq = stage.engine.inventory().seq;
    stage.sync().await;
    assert_eq!(
        stage.engine.inventory().seq,
        seq,
        "nothing changed, nothing is written"
    );

    drop(server);
    let after = stage.engine.now();
    let report = stage.sync().await;
    assert_eq!((report.lost, report.trouble.len()), (1, 1), "{report:?}");
    let entry = stage.entry("shop.example");
    let trouble = entry.trouble.clone().unwrap();
    assert!(trouble.why.contains("nothing listens there"), "{trouble:?}");
    assert!(trouble.last_good >= before, "{trouble:?}");
    assert!(
        trouble.last_good < trouble.since && after <= trouble.since,
        "{trouble:?}"
    );
    let stage = stage.again(vec![target]);
    assert_eq!(stage.entry("shop.example").trouble, Some(trouble.clone()));
    let seq = stage.engine.inventory().seq;
    stage.sync().await;
    assert_eq!(stage.entry("shop.example").trouble, Some(trouble));
    assert_eq!(
        stage.engine.inventory().seq,
        seq,
        "the same trouble is no news"
    );

    let _server = Server::start_at(port, tls(&identity)).await;
    let report = stage.sync().await;
    assert_eq!(
        (report.found_again, report.trouble.len()),
        (1, 0),
        "{report:?}"
    );
    assert_eq!(stage.entry("shop.example").trouble, None);
}

#[tokio::test]
async fn a_renewed_certificate_is_a_successor_and_another_one_is_not() {
    let old = Identity::self_signed(&["shop.example", "www.shop.example"], -80, 10);
    let new = Identity::self_signed(&["WWW.shop.example", "shop.example"], -1, 89);
    let server = Server::start(tls(&old)).await;
    let mut stage = Stage::new(vec![server.target("shop.example")], PATIENCE);
    stage.live();
    let listed = |inventory: &certdeck::domain::inventory::Inventory, count: usize| {
        let listed = inventory.entries.iter().filter(|entry| !entry.archived);
        inventory.entries.len() == count && listed.count() == 1
    };
    stage
        .until("the first", |inventory| listed(inventory, 1))
        .await;
    let first = stage.entry("shop.example");
    server.becomes(tls(&new));
    stage
        .until("its successor", |inventory| listed(inventory, 2))
        .await;
    let inventory = stage.engine.inventory();
    let renewed = inventory.get(&first.id).unwrap();
    assert!(renewed.archived, "the old one is kept, out of the list");
    let second = inventory
        .entries
        .iter()
        .find(|entry| entry.id != first.id)
        .unwrap();
    let links = |kind| second.links.iter().find(|link| link.kind == kind);
    assert_eq!(links(LinkKind::Renews).unwrap().entry, first.id);
    assert_eq!(renewed.successors().next(), Some(&second.id));

    // Other names: nobody renewed anything, and the one that was there is missed.
    server.becomes(tls(&Identity::good("other.example")));
    stage
        .until("the other one", |inventory| inventory.entries.len() == 3)
        .await;
    let inventory = stage.engine.inventory();
    let missed = inventory.get(&second.id).unwrap();
    let why = &missed.trouble.as_ref().unwrap().why;
    assert!(
        why.contains("shows a certificate for other.example now"),
        "{why}"
    );
    assert!(!missed.archived && stage.entry("other.example").links.is_empty());
}

#[tokio::test]
async fn each_name_of_one_server_is_a_place_of_its_own() {
    let (first, second) = (Identity::good("a.example"), Identity::good("b.example"));
    let config = config_by_name(&[("a.example", &first), ("b.example", &second)]);
    let server = Server::start(Manner::Tls(config)).await;
    let hosts = ["a.example", "b.example", "c.example"].map(|name| server.target(name));
    let stage = Stage::new(hosts.to_vec(), PATIENCE);
    let report = stage.sync().await;
    assert_eq!((report.new, report.trouble.len()), (2, 1), "{report:?}");
    assert_eq!(report.trouble[0].0, hosts[2].to_string());
    for (name, host) in ["a.example", "b.example"].iter().zip(&hosts) {
        assert_eq!(stage.entry(name).origin, Some(host.to_string()));
    }
}

#[tokio::test]
async fn what_serves_is_no_ca_whatever_it_says_of_itself() {
    let old = Identity::by_hand("box.example", -90, -1);
    let server = Server::start(tls(&old)).await;
    let stage = Stage::new(vec![server.target("box.example")], PATIENCE);
    stage.sync().await;
    let inventory = stage.engine.inventory();
    let row = inventory.row(&stage.entry("box.example"), stage.engine.now());
    assert!(!row.is_ca && row.needs_someone(), "{row:?}");
    assert_eq!(row.product, "Self-signed");
    server.becomes(tls(&Identity::by_hand("box.example", -1, 89)));
    let report = stage.sync().await;
    assert_eq!((report.new, report.renewed), (1, 1), "{report:?}");
}

#[tokio::test]
async fn what_stands_behind_a_certificate_and_not_above_it_is_passed_over() {
    let chain = Identity::chain("shop.example", 3).certificates();
    let stranger = Identity::good("stranger.example").certificates();
    let other = Identity::by_hand("ca.example", -9, 9).certificates();
    let shown = [&chain[..1], &stranger, &other, &chain[2..], &chain[1..2]].concat();
    let server = Server::start(tls(&Identity::showing(shown))).await;
    let stage = Stage::new(vec![server.target("shop.example")], PATIENCE);
    assert_eq!(stage.sync().await.new, 1);
    let entry = stage.entry("shop.example");
    assert_eq!(entry.serving().unwrap().chain.len(), 2, "in their order");
}

#[tokio::test]
async fn a_server_that_was_only_being_restarted_is_no_trouble() {
    let identity = Identity::good("shop.example");
    let server = Server::start(Manner::Closes).await;
    let stage = Stage::new(vec![server.target("shop.example")], Duration::from_secs(5));
    let sync = stage.sync();
    let restart = async {
        // The second try comes a fifth of the patience later.
        tokio::time::sleep(Duration::from_millis(300)).await;
        server.becomes(tls(&identity));
    };
    let (report, ()) = tokio::join!(sync, restart);
    assert_eq!((report.new, report.trouble.len()), (1, 0), "{report:?}");
}

#[tokio::test]
async fn what_a_server_shows_can_be_imported() {
    let server = Server::start(tls(&Identity::chain("shop.example", 3))).await;
    let broken = Server::start(Manner::alert(112)).await;
    let stage = Stage::new(Vec::new(), PATIENCE);
    let command = || Command::Import {
        paths: Vec::new(),
        hosts: vec![server.target("shop.example"), broken.target("b.example")],
        passphrase: None,
        keys: false,
    };
    let Done::Imported(report) = stage.engine.run(command()).await.unwrap() else {
        panic!("an import answers Imported");
    };
    let from: Vec<&str> = report
        .imported
        .iter()
        .map(|(_, from)| from.as_str())
        .collect();
    assert_eq!(from, [server.target("shop.example").to_string()]);
    assert_eq!(
        (report.chained, report.unreadable.len()),
        (2, 1),
        "{report:?}"
    );
    assert!(
        report.unreadable[0]
            .1
            .contains("does not know the name b.example")
    );
    assert_eq!(stage.entry("shop.example").account, "files");
    let Done::Imported(again) = stage.engine.run(command()).await.unwrap() else {
        panic!("an import answers Imported");
    };
    assert_eq!((again.imported.len(), again.duplicates), (0, 1));
}

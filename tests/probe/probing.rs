//! Probing entries and hosts: what is served is compared with what the store has, and kept.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use certdeck::config::{ProbeSettings, StartTls, Target};
use certdeck::domain::account::AccountKind;
use certdeck::domain::entry::{CertificateRecord, Entry, EntryId, Link, LinkKind, Role};
use certdeck::domain::history;
use certdeck::domain::lifecycle::Lifecycles;
use certdeck::domain::probed::{Flaw, Probed, Served};
use certdeck::engine::command::{Command, Detour, Done, ProbeForm, ProbeReport, Progress};
use certdeck::engine::{AccountSettings, Engine, EngineSettings};
use certdeck::pki::certificate;
use certdeck::store::{OpenOptions, Store, StoreError};
use jiff::Timestamp;
use tempfile::TempDir;

use crate::identity::{Identity, config_by_name};
use crate::servers::{Manner, Server};

/// An engine on a store that vanishes with the test.
pub(crate) struct Shop {
    pub(crate) engine: Engine,
    pub(crate) folder: TempDir,
}

fn settings(folder: &TempDir) -> EngineSettings {
    let store = folder.path().join("store");
    EngineSettings {
        // Good servers use none of it, however busy the machine is.
        patience: Duration::from_secs(300),
        ..EngineSettings::usual(store, Lifecycles::built_in().unwrap(), "test")
    }
}

impl Shop {
    pub(crate) fn with(entries: impl IntoIterator<Item = Entry>) -> Self {
        Self::set(entries, |_| {})
    }

    fn set(
        entries: impl IntoIterator<Item = Entry>,
        change: impl FnOnce(&mut EngineSettings),
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fill(&folder.path().join("store"), entries);
        let mut settings = settings(&folder);
        change(&mut settings);
        let engine = Engine::open(settings).unwrap();
        Self { engine, folder }
    }

    async fn probe(&self, form: ProbeForm) -> ProbeReport {
        match self.engine.run(Command::Probe(Box::new(form))).await {
            Ok(Done::Probed(report)) => *report,
            other => panic!("a probe answers Probed, not {other:?}"),
        }
    }

    /// Probes entries at a server that stands for all of their names.
    async fn probe_at(&self, server: &Server, ids: &[&str]) -> ProbeReport {
        let ids = ids.iter().map(|id| EntryId::new(*id)).collect();
        let form = ProbeForm {
            detour: Some(Detour {
                host: "127.0.0.1".to_owned(),
                port: Some(server.port),
            }),
            ..ProbeForm::of_entries(ids)
        };
        self.probe(form).await
    }

    fn seen(&self, id: &str) -> Probed {
        let entry = self.engine.inventory().get(&EntryId::new(id)).unwrap();
        *entry
            .probed
            .clone()
            .unwrap_or_else(|| panic!("{id} was not probed"))
    }
}

pub(crate) fn fill(store: &std::path::Path, entries: impl IntoIterator<Item = Entry>) {
    let store = Store::open(store, OpenOptions::default()).unwrap();
    let put = store.transact(|transaction| {
        for entry in entries {
            transaction.put_entry(entry);
        }
        Ok::<_, StoreError>(())
    });
    put.unwrap();
}

/// An entry with these certificates, the last one serving.
pub(crate) fn entry(id: &str, names: &[&str], identities: &[&Identity]) -> Entry {
    let now: Timestamp = Timestamp::now();
    let mut entry = Entry::new(EntryId::new(id), "files", "files", "valid", now);
    entry.names = names.iter().map(|name| (*name).to_owned()).collect();
    for (number, identity) in identities.iter().enumerate() {
        let role = if number + 1 == identities.len() {
            Role::Serving
        } else {
            Role::Past
        };
        entry.certificates.push(record(identity, role));
    }
    entry
}

fn record(identity: &Identity, role: Role) -> CertificateRecord {
    let read = certificate::read(&identity.ders()[0]).unwrap();
    CertificateRecord {
        sha256: read.sha256,
        chain: Vec::new(),
        role,
        subject: read.subject,
        issuer: read.issuer,
        serial: read.serial,
        not_before: read.not_before,
        not_after: read.not_after,
        key: read.key.label(),
        spki_sha256: read.spki_sha256,
        is_ca: false,
    }
}

#[tokio::test]
async fn what_is_served_is_told_apart_and_kept() {
    let (new, old) = (
        Identity::chain("shop.example", 2),
        Identity::self_signed(&["shop.example"], -80, 3),
    );
    let (stranger, expired) = (
        Identity::chain("other.example", 2),
        Identity::self_signed(&["shop.example"], -90, -2),
    );
    let shop = Shop::with([entry("shop", &["shop.example"], &[&old, &new])]);
    let server = Server::start(Manner::Tls(new.config())).await;
    let cases: [(&Identity, Served, &[Flaw], &str); 4] = [
        (
            &new,
            Served::Same,
            &[],
            "serves this certificate, expires in",
        ),
        (
            &old,
            Served::Old,
            &[Flaw::SelfSigned],
            "still serves the old one (",
        ),
        (
            &stranger,
            Served::Other,
            &[Flaw::WrongName],
            "not for this name",
        ),
        (
            &expired,
            Served::Other,
            &[Flaw::Expired, Flaw::SelfSigned],
            "expired 2 d ago, self-signed",
        ),
    ];
    for (identity, served, flaws, says) in cases {
        server.becomes(Manner::Tls(identity.config()));
        let report = shop.probe_at(&server, &["shop"]).await;
        assert_eq!((report.entries, report.places, report.silent), (1, 1, 0));
        assert!(report.kept && report.count(served) == 1, "{report:?}");
        let seen = shop.seen("shop");
        assert_eq!(
            (seen.served, seen.places[0].flaws.as_slice()),
            (served, flaws)
        );
        let sentence = seen.places[0].sentence(shop.engine.now());
        assert!(sentence.contains(says), "{sentence}");
    }
    server.becomes(Manner::Says(b"SSH-2.0-OpenSSH_9.2\r\n"));
    let report = shop.probe_at(&server, &["shop"]).await;
    assert_eq!((report.silent, report.count(Served::Nothing)), (1, 1));
    let says = &shop.seen("shop").places[0].says;
    assert!(says.contains("answers in SSH"), "{says}");
    let history = shop
        .engine
        .history(Some(EntryId::new("shop")))
        .await
        .unwrap();
    let told = history
        .iter()
        .map(|line| &line.event)
        .map(|event| history::sentence(&event.what, None));
    let told: Vec<String> = told.collect();
    let old = told
        .iter()
        .filter(|says| says.contains("still serves the old one"));
    assert_eq!((told.len(), old.count()), (5, 1), "{told:?}");
}

#[tokio::test]
async fn what_was_seen_is_there_for_the_next_process_and_in_the_list() {
    let identity = Identity::good("shop.example");
    let entries = ["a", "b"].map(|id| entry(id, &["shop.example"], &[&identity]));
    let shop = Shop::with(entries);
    let server = Server::start(Manner::Tls(identity.config())).await;
    shop.probe_at(&server, &["a"]).await;
    let next = Engine::open(settings(&shop.folder)).unwrap();
    let inventory = next.inventory();
    let rows = inventory.rows(next.now());
    let told = rows.iter();
    let told: Vec<_> = told.map(|row| (row.id.to_string(), row.served)).collect();
    let expected = [("a".to_owned(), Some(Served::Same)), ("b".to_owned(), None)];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn all_names_of_an_entry_are_asked_and_wildcards_are_passed_over() {
    let (here, there) = (Identity::good("a.example"), Identity::good("b.example"));
    let config = config_by_name(&[("a.example", &here), ("b.example", &there)]);
    let server = Server::start(Manner::Tls(config)).await;
    let names = ["a.example", "b.example", "*.c.example", "a.example"];
    let shop = Shop::with([entry("many", &names, &[&here])]);
    let report = shop.probe_at(&server, &["many"]).await;
    assert_eq!((report.places, report.passed_over), (2, 1));
    let seen = shop.seen("many");
    assert_eq!(seen.skipped, ["*.c.example"]);
    let each: Vec<_> = seen.places.iter().map(|place| place.served).collect();
    assert_eq!(each, [Served::Same, Served::Other]);
    assert_eq!(seen.served, Served::Other, "the worst");

    let wild = Shop::with([entry("wild", &["*.c.example"], &[&here])]);
    let report = wild.probe_at(&server, &["wild", "nobody"]).await;
    assert_eq!((report.places, report.passed_over), (0, 1));
    let entry = wild.engine.inventory().get(&EntryId::new("wild")).unwrap();
    assert_eq!(entry.probed, None, "nothing was seen");
}

#[tokio::test]
async fn those_before_and_after_an_entry_are_known() {
    let [old, middle, new] =
        [40, 60, 90].map(|to| Identity::self_signed(&["shop.example"], -10, to));
    let mut generations = [
        entry("one", &["shop.example"], &[&old]),
        entry("two", &["shop.example"], &[&middle]),
        entry("three", &["shop.example"], &[&new]),
    ];
    for (older, newer) in [(0, 1), (1, 2)] {
        let (before, after) = (generations[older].id.clone(), generations[newer].id.clone());
        let tie = |kind, entry| Link { kind, entry };
        generations[older]
            .links
            .push(tie(LinkKind::RenewedBy, after));
        generations[newer].links.push(tie(LinkKind::Renews, before));
    }
    let shop = Shop::with(generations);
    let server = Server::start(Manner::Tls(middle.config())).await;
    shop.probe_at(&server, &["one", "two", "three"]).await;
    let told = ["one", "two", "three"].map(|id| shop.seen(id).served);
    assert_eq!(told, [Served::Newer, Served::Same, Served::Old]);

    let report = shop
        .probe(ProbeForm::of_hosts(vec![server.target("shop.example")]))
        .await;
    let look = &report.looks[0];
    assert_eq!(
        look.served,
        Some(Served::Old),
        "of the name, the newest should be served"
    );
    assert_eq!(
        look.entry.as_ref().unwrap().0.as_str(),
        "two",
        "whose it is"
    );
}

#[tokio::test]
async fn hosts_are_compared_with_the_entries_that_have_their_name() {
    let (new, old) = (
        Identity::good("*.shop.example"),
        Identity::good("www.shop.example"),
    );
    let shop = Shop::with([
        entry("wild", &["*.shop.example"], &[&old, &new]),
        entry("far", &["www.shop.example.net"], &[&old]),
    ]);
    let server = Server::start(Manner::Tls(old.config())).await;
    let before = shop.engine.inventory().seq;
    let asked = ["www.shop.example", "a.b.shop.example", "shop.example"];
    let hosts: Vec<Target> = asked.iter().map(|name| server.target(name)).collect();
    let report = shop.probe(ProbeForm::of_hosts(hosts)).await;
    let told = report.looks.iter().map(|look| {
        let entry = look.entry.as_ref().map(|(id, _)| id.as_str());
        (entry, look.served)
    });
    let told: Vec<_> = told.collect();
    assert_eq!(
        told,
        [
            (Some("wild"), Some(Served::Old)),
            (None, None),
            (None, None)
        ]
    );
    let sentence = report.looks[1].sentence(shop.engine.now());
    assert!(sentence.contains("which no entry here has"), "{sentence}");
    assert!(!report.kept);
    assert_eq!(shop.engine.inventory().seq, before, "hosts change nothing");
}

#[tokio::test]
async fn an_entry_that_was_read_from_a_server_is_looked_at_there() {
    let identity = Identity::good("shop.example");
    let server = Server::start(Manner::Tls(identity.config())).await;
    let mut watched = entry("watched", &["shop.example"], &[&identity]);
    watched.origin = Some(server.target("shop.example").to_string());
    let shop = Shop::with([watched]);
    let form = ProbeForm::of_entries(vec![EntryId::new("watched")]);
    assert_eq!(shop.probe(form).await.count(Served::Same), 1);
}

#[tokio::test]
async fn read_only_looks_and_keeps_nothing() {
    let identity = Identity::good("shop.example");
    let server = Server::start(Manner::Tls(identity.config())).await;
    let shop = Shop::set([entry("a", &["shop.example"], &[&identity])], |settings| {
        settings.read_only = true;
    });
    let report = shop.probe_at(&server, &["a"]).await;
    assert_eq!((report.kept, report.count(Served::Same)), (false, 1));
    let entry = shop.engine.inventory().get(&EntryId::new("a")).unwrap();
    assert_eq!(entry.probed, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hundreds_are_probed_in_one_go_in_few_transactions() {
    const COUNT: usize = 250;
    let identity = Identity::good("shop.example");
    let names: Vec<String> = (0..COUNT).map(|at| format!("n{at:03}.example")).collect();
    let entries = names
        .iter()
        .enumerate()
        .map(|(at, name)| entry(&format!("e{at:03}"), &[name], &[&identity]));
    let shop = Shop::with(entries);
    let server = Server::start(Manner::Tls(identity.config())).await;
    let ids: Vec<String> = (0..COUNT).map(|at| format!("e{at:03}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut steps = shop.engine.progress();
    let before = shop.engine.inventory().seq;
    let report = shop.probe_at(&server, &ids).await;
    assert_eq!((report.entries, report.count(Served::Same)), (COUNT, COUNT));
    assert!(
        report.looks.is_empty(),
        "only who asks for everything gets it"
    );
    let lines = shop.engine.inventory().seq - before;
    assert!(lines < 60, "{lines} transactions for {COUNT} entries");
    let places: BTreeSet<String> = ids
        .iter()
        .map(|id| shop.seen(id).places[0].place.clone())
        .collect();
    assert_eq!(places.len(), COUNT, "each was asked for its own name");
    assert!(steps.has_changed().unwrap());
    assert_eq!(*steps.borrow_and_update(), None::<Progress>, "it is over");
}

#[tokio::test]
async fn dead_servers_keep_no_good_one_from_its_turn_and_it_can_be_called_off() {
    let identity = Identity::good("shop.example");
    let dead = Server::start(Manner::Hangs).await;
    let good = Server::start(Manner::Tls(identity.config())).await;
    let mut entries = Vec::new();
    for at in 0..12 {
        let mut one = entry(&format!("e{at:02}"), &["shop.example"], &[&identity]);
        let server = if at == 11 { &good } else { &dead };
        one.origin = Some(server.target("shop.example").to_string());
        entries.push(one);
    }
    let ids: Vec<EntryId> = entries.iter().map(|entry| entry.id.clone()).collect();
    let shop = Shop::set(entries, |settings| {
        settings.probe_parallel = 6;
        settings.patience = Duration::from_secs(600);
    });
    let engine = shop.engine.clone();
    let form = ProbeForm::of_entries(ids);
    let probing = tokio::spawn(async move { engine.run(Command::Probe(Box::new(form))).await });
    let begun = Instant::now();
    while shop
        .engine
        .inventory()
        .get(&EntryId::new("e11"))
        .unwrap()
        .probed
        .is_none()
    {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "the good one waits"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    shop.engine.run(Command::StopProbing).await.unwrap();
    let Done::Probed(report) = probing.await.unwrap().unwrap() else {
        panic!("a probe answers Probed");
    };
    assert!(report.stopped);
    assert_eq!((report.entries, report.count(Served::Same)), (1, 1));
    assert_eq!(*shop.engine.progress().borrow(), None);
    let others = shop.engine.inventory().get(&EntryId::new("e00")).unwrap();
    assert_eq!(others.probed, None, "nobody knows of it yet");
}

/// What an account says about its servers, and where they are then looked at.
async fn places_of(names: &[&str], form: &ProbeForm, says: ProbeSettings) -> Vec<String> {
    let mut one = entry("one", names, &[]);
    "mine".clone_into(&mut one.account);
    let shop = Shop::set([one], |settings| {
        // Whatever is there: it is the places that count.
        settings.patience = Duration::from_millis(200);
        settings.accounts = vec![AccountSettings {
            probe: says,
            ..AccountSettings::usual("mine", AccountKind::Files, "files")
        }];
    });
    let report = shop.probe(form.clone()).await;
    let looks = report.looks.iter().map(|look| look.told.place.clone());
    let skipped = report.skipped.iter().map(|(_, name)| format!("not {name}"));
    looks.chain(skipped).collect()
}

#[tokio::test]
async fn an_account_says_where_its_servers_are() {
    let form = ProbeForm {
        in_full: true,
        detour: Some(Detour {
            host: "127.0.0.1".to_owned(),
            port: None,
        }),
        ..ProbeForm::of_entries(vec![EntryId::new("one")])
    };
    let names = ["shop.example", "*.shop.example"];
    let nothing = ProbeSettings::default();
    assert_eq!(
        places_of(&names, &form, nothing).await,
        ["shop.example@127.0.0.1:443", "not *.shop.example"]
    );
    let all = ProbeSettings {
        port: Some(18_443),
        wildcard: Some("www".to_owned()),
        starttls: Some(StartTls::Smtp),
    };
    assert_eq!(
        places_of(&names, &form, all.clone()).await,
        [
            "smtp://shop.example@127.0.0.1:18443",
            "smtp://www.shop.example@127.0.0.1:18443"
        ]
    );
    // The same server twice is looked at once; what is asked for goes before what is settled.
    let asked = ProbeForm {
        port: Some(18_444),
        starttls: Some(StartTls::Imap),
        ..form.clone()
    };
    assert_eq!(
        places_of(&["*.shop.example", "www.shop.example"], &asked, all).await,
        ["imap://www.shop.example@127.0.0.1:18444"]
    );
    let mail = ProbeSettings {
        starttls: Some(StartTls::Smtp),
        ..ProbeSettings::default()
    };
    assert_eq!(
        places_of(&["shop.example"], &form, mail).await,
        ["smtp://shop.example@127.0.0.1:25"]
    );
}

#[tokio::test]
async fn thousands_without_a_place_to_look_at_are_called_off_at_once() {
    let entries = (0..4_000).map(|number| entry(&format!("e{number}"), &["*.shop.example"], &[]));
    let shop = Shop::with(entries);
    let ids = (0..4_000).map(|number| EntryId::new(format!("e{number}")));
    let form = ProbeForm::of_entries(ids.collect());
    let engine = shop.engine.clone();
    let stopping = async {
        // As soon as it has begun.
        let mut progress = engine.progress();
        while progress.borrow_and_update().is_none() {
            progress.changed().await.unwrap();
        }
        engine.run(Command::StopProbing).await.unwrap();
    };
    let (report, ()) = tokio::join!(shop.probe(form), stopping);
    assert!(report.stopped, "{report:?}");
    assert!(report.passed_over < 4_000, "{report:?}");
}

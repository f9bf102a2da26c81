//! `certdeck probe` as people and scripts meet it.

use serde_json::Value;

use crate::identity::Identity;
use crate::probing::{entry, fill};
use crate::servers::{Manner, Server};
use crate::shelf::{Said, Shelf};

fn run(shelf: &Shelf, arguments: &[String]) -> Said {
    // The servers of the test answer meanwhile.
    tokio::task::block_in_place(|| {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        shelf.run(&arguments)
    })
}

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_shown_with_its_chain_and_compared() {
    let shelf = Shelf::new();
    let (new, old) = (
        Identity::good("shop.example"),
        Identity::chain("shop.example", 3),
    );
    fill(
        &shelf.store(),
        [entry("k7", &["shop.example"], &[&old, &new])],
    );
    let server = Server::start(Manner::Tls(old.config())).await;
    let port = server.port;
    let line = format!("probe shop.example:{port} --connect 127.0.0.1 --timeout 300");
    let said = run(&shelf, &words(&line));
    assert_eq!(said.code, 10, "{}{}", said.out, said.err);
    for expected in [
        &*format!("shop.example@127.0.0.1:{port} (127.0.0.1:{port}), TLS 1.3, TLS_"),
        "shop.example (k7): still serves the old one (",
        "  0  ",
        "  2  ",
        "SHA-256 ",
    ] {
        assert!(said.out.contains(expected), "{expected:?} in\n{}", said.out);
    }
    server.becomes(Manner::Tls(new.config()));
    let said = run(&shelf, &words(&line));
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(
        said.out.contains("serves this certificate, expires in"),
        "{}",
        said.out
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exit_codes_and_json_say_what_was_seen() {
    let shelf = Shelf::new();
    let good = Server::start(Manner::Tls(Identity::chain("a.example", 2).config())).await;
    let expired = Identity::self_signed(&["a.example"], -9, -2);
    let expired = Server::start(Manner::Tls(expired.config())).await;
    let http = Server::start(Manner::Says(b"HTTP/1.1 400 Bad Request\r\n\r\n")).await;
    let at = |server: &Server| server.target("a.example").to_string();
    let wrong_name = good.target("b.example").to_string();
    for (hosts, code) in [
        (vec![at(&good)], 0),
        (vec![at(&good), wrong_name], 10),
        (vec![at(&good), at(&expired)], 11),
        (vec![at(&good), at(&http)], 6),
        (vec![at(&http)], 1),
        (vec!["https://a.example".to_owned()], 2),
    ] {
        let arguments = [words("probe --json --timeout 300"), hosts.clone()].concat();
        let said = run(&shelf, &arguments);
        assert_eq!(said.code, code, "{hosts:?}\n{}{}", said.out, said.err);
        if code == 2 {
            continue;
        }
        let json: Value = serde_json::from_str(&said.out).unwrap();
        assert_eq!(json["exit"], code);
        assert_eq!(json["looks"].as_array().unwrap().len(), hosts.len());
        assert_eq!(json["looks"][0]["place"], hosts[0].as_str());
        if code == 1 {
            let error = json["looks"][0]["error"].as_str().unwrap();
            assert!(error.contains("plain HTTP"), "{error}");
        } else {
            let seen = &json["looks"][0]["seen"];
            assert_eq!(seen["protocol"], "TLS 1.3");
            assert_eq!(seen["chain"][0]["names"][0], "a.example");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entries_are_probed_by_id_and_by_filter_and_it_is_kept() {
    let shelf = Shelf::new();
    let (one, two) = (Identity::good("one.example"), Identity::good("two.example"));
    fill(
        &shelf.store(),
        [
            entry("one", &["one.example"], &[&one]),
            entry("two", &["two.example", "*.two.example"], &[&two]),
        ],
    );
    let server = Server::start(Manner::Tls(one.config())).await;
    let detour = format!("--connect 127.0.0.1:{} --timeout 300", server.port);
    let by_id = run(
        &shelf,
        &words(&format!("probe --entry one.example {detour}")),
    );
    assert_eq!(by_id.code, 0, "{}{}", by_id.out, by_id.err);
    assert!(by_id.out.starts_with("served"), "{}", by_id.out);
    let by_filter = run(
        &shelf,
        &words(&format!("probe --filter san:example {detour}")),
    );
    assert_eq!(by_filter.code, 10, "{}{}", by_filter.out, by_filter.err);
    assert_eq!(by_filter.out.lines().count(), 2, "{}", by_filter.out);
    assert!(
        by_filter.out.contains("not for this name"),
        "{}",
        by_filter.out
    );
    assert!(by_filter.err.contains("*.two.example"), "{}", by_filter.err);
    let history = run(&shelf, &words("history two"));
    assert!(
        history.out.contains("Probed: two.example@127.0.0.1"),
        "{}",
        history.out
    );
    let nobody = run(&shelf, &words("probe --entry nobody"));
    assert_eq!(nobody.code, 2, "{}", nobody.err);
}

#[test]
fn bad_names_ports_and_addresses_say_what_is_wrong() {
    let shelf = Shelf::new();
    for (line, code, expected) in [
        ("probe a.example:0", 2, "is no port"),
        ("probe a.example:70000", 2, "is no port"),
        ("probe [::1", 2, "is no server"),
        ("probe a_b..", 1, "was not found"),
        (
            "probe no-such-name.invalid --timeout 30",
            1,
            "no-such-name.invalid",
        ),
        ("probe [::1]:1 --timeout 30", 1, "[::1]:1"),
        (
            "probe a.example --starttls ftp",
            2,
            "smtp, imap, pop3, postgres, ldap",
        ),
        ("probe", 2, "HOST[:PORT]"),
    ] {
        let arguments: Vec<&str> = line.split_whitespace().collect();
        let said = shelf.run(&arguments);
        let all = format!("{}{}", said.out, said.err);
        assert_eq!(said.code, code, "{line}: {all}");
        assert!(all.contains(expected), "{line}: {all}");
    }
}

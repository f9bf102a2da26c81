//! The tab CSR / Certificate of a certificate with which much is wrong, and all that is in it.

use certdeck::pki::expanded::{Expanded, Extension, SignedTimestamp};
use certdeck::pki::findings::{Finding, Kind, ListHere, Severity};

use crate::driver::{Panel, settings};
use crate::fixture;
use crate::screens::keep;

fn finding(kind: Kind, severity: Severity, says: &str, advice: &str) -> Finding {
    Finding {
        kind,
        severity,
        says: says.to_owned(),
        advice: advice.to_owned(),
    }
}

fn wrong() -> Vec<Finding> {
    vec![
        finding(
            Kind::Revoked,
            Severity::Fault,
            "Its issuer revoked it on 2026-11-20 (keyCompromise), says the list of 2026-11-21",
            "make a new key and get a new certificate; never use this key again",
        ),
        finding(
            Kind::ChainIncomplete,
            Severity::Warning,
            "Its chain ends at mail.example.com: Evil\u{1b}[31m CA, which issued that, is not here",
            "get the certificates above it from the CA, and put them behind it",
        ),
    ]
}

fn whole() -> Expanded {
    let extension = |oid: &str, name, critical, length: u8| Extension {
        oid: oid.to_owned(),
        name,
        critical,
        value: (0..length).collect(),
    };
    let logged = SignedTimestamp {
        log: "6D7Q2j71BjUy51covIlryQPTy9ERa+zraeF3fW0GvW4=".to_owned(),
        at: "2026-11-01T08:30:00Z".parse().unwrap(),
    };
    Expanded {
        extensions: vec![
            extension("2.5.29.15", Some("Key usage"), true, 4),
            extension("1.2.3.4.5", None, false, 200),
        ],
        timestamps: vec![logged],
        signature_length: 72,
    }
}

/// A panel on that tab, scrolled down by so many lines.
fn panel(size: (u16, u16), keys: &str) -> Panel {
    let look = settings("dark", false);
    let mut panel = Panel::over(fixture::inventory(), look, size.0, size.1);
    panel.walk_to("issued").press("enter 3");
    let loaded = panel.model.details.loaded.as_mut().unwrap();
    let details = loaded.details.as_mut().unwrap();
    details.findings = wrong();
    details.expanded = whole();
    details.lists = vec![ListHere {
        issuer: "House CA".to_owned(),
        made: "2026-11-01T00:00:00Z".parse().unwrap(),
        next: Some("2026-11-08T00:00:00Z".parse().unwrap()),
        at: None,
    }];
    if !keys.is_empty() {
        panel.press(keys);
    }
    panel
}

const SIZES: [(u16, u16); 3] = [(80, 24), (200, 50), (20, 8)];

/// Scrolls down until a text is in sight.
fn down_to(panel: &mut Panel, text: &str) {
    for _ in 0..400 {
        if panel.screen().contains(text) {
            return;
        }
        panel.press("j");
    }
    panic!("{text:?} is nowhere:\n{}", panel.screen());
}

#[test]
fn findings_stand_above_the_certificate_at_any_size() {
    for size in SIZES {
        let mut panel = panel(size, "");
        down_to(&mut panel, "Findings");
        let seen = panel.screen();
        assert!(!seen.contains('\u{1b}'), "{seen}");
        keep(&format!("findings-dark-{}x{}", size.0, size.1), &seen);
    }
}

#[test]
fn a_sign_and_a_word_stand_beside_each_and_the_overdue_list_is_among_them() {
    let mut panel = panel((80, 60), "");
    down_to(&mut panel, "was due on 2026-11-08");
    panel
        .sees("✗ fault")
        .sees("⚠ warning")
        .sees("never use this key")
        .sees("Evil\\u{1b}[31m CA");
}

#[test]
fn x_shows_everything_at_any_size_and_x_again_folds_it() {
    for size in SIZES {
        let mut panel = panel(size, "x");
        down_to(&mut panel, "Extensions");
        keep(
            &format!("expanded-dark-{}x{}", size.0, size.1),
            &panel.screen(),
        );
    }
    let mut panel = panel((80, 60), "x");
    down_to(&mut panel, "6D7Q2j71BjUy51covIlryQPTy9ERa+zraeF3fW0GvW4=");
    down_to(&mut panel, "1.2.3.4.5");
    down_to(&mut panel, "000102030405060708090a0b0c0d0e0f");
    panel
        .press("x")
        .sees_not("000102030405060708090a0b0c0d0e0f");
    down_to(&mut panel, "2; x shows each with its value");
}

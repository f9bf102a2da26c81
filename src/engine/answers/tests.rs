//! What people answer, right and wrong, against rows that ask for it.

use jiff::Timestamp;

use super::*;
use crate::domain::entry::{EntryId, ProductKind};
use crate::domain::lifecycle::Lifecycles;

fn row(asks: &[Ask]) -> ActionRow {
    let lifecycles = Lifecycles::built_in().unwrap();
    let netcup = lifecycles.get("netcup").unwrap();
    let renew = netcup.rows_of("renew").next().unwrap();
    ActionRow {
        asks: asks.to_vec(),
        ..renew.clone()
    }
}

fn entry() -> Entry {
    let id = EntryId::new("a1");
    let mut entry = Entry::new(id, "sandbox", "netcup", "issued", Timestamp::UNIX_EPOCH);
    entry.names = vec!["www.example.com".to_owned()];
    entry.product.kind = Some(ProductKind::MultiDomain);
    entry.product.name_limit = Some(3);
    entry.order.method = Some(Method::Dns);
    entry
}

fn list(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn said(asks: &[Ask], edit: impl FnOnce(&mut Answers)) -> (Answers, Vec<(Field, String)>) {
    said_of(&entry(), asks, edit)
}

fn said_of(
    entry: &Entry,
    asks: &[Ask],
    edit: impl FnOnce(&mut Answers),
) -> (Answers, Vec<(Field, String)>) {
    let mut given = Answers::default();
    edit(&mut given);
    let (answers, problems) = judge(&given, &row(asks), entry);
    let problems = problems.into_iter();
    (
        answers,
        problems
            .map(|problem| (problem.field, problem.says))
            .collect(),
    )
}

#[track_caller]
fn complains(found: &[(Field, String)], field: Field, part: &str) {
    let hit = found
        .iter()
        .any(|(at, says)| *at == field && says.contains(part));
    assert!(hit, "{field:?} {part:?}: {found:?}");
}

#[test]
fn right_answers_are_sent_trimmed_in_ascii_and_only_where_something_changes() {
    let all = [Ask::Reason, Ask::Names, Ask::Method];
    let (answers, problems) = said(&all, |given| {
        given.reason = Some("  key lost ".to_owned());
        given.names = list(&["WWW.example.com", " Müller.example "]);
        given.method = Some(Method::Email);
        given.mailbox = Some(" admin@example.com ".to_owned());
    });
    complains(&problems, Field::Mailbox, "müller.example");
    assert_eq!(answers.reason.as_deref(), Some("key lost"));
    let (answers, problems) = said(&all, |given| {
        given.names = list(&["www.example.com"]);
        given.method = Some(Method::Dns);
        given.reason = Some(" ".to_owned());
    });
    assert_eq!(problems, []);
    assert!(answers.is_empty(), "{answers:?}");
    let (answers, problems) = said(&[Ask::NewNames], |given| {
        given.new_names = list(&["Müller.example"]);
    });
    assert_eq!(problems, []);
    assert_eq!(answers.new_names, ["xn--mller-kva.example"]);
}

#[test]
fn what_is_not_asked_for_is_refused_with_what_is() {
    let (answers, problems) = said(&[Ask::NewNames, Ask::Method], |given| {
        given.reason = Some("because".to_owned());
        given.new_names = list(&["b.example.com"]);
    });
    complains(&problems, Field::Reason, "it asks for new-name and method");
    assert_eq!(answers.reason, None);
    let (_, problems) = said(&[], |given| {
        given.mailbox = Some("admin@example.com".to_owned());
    });
    complains(&problems, Field::Mailbox, "it asks for nothing");
    let error = check(
        &Answers {
            reason: Some("x".to_owned()),
            ..Answers::default()
        },
        &row(&[]),
        &entry(),
    );
    let says = error.unwrap_err().to_string();
    assert!(
        says.contains("cannot be asked for www.example.com so"),
        "{says}"
    );
}

#[test]
fn each_wrong_answer_says_what_is_wrong_with_it() {
    type Edit = fn(&mut Answers);
    let cases: [(&[Ask], Field, &str, Edit); 10] = [
        (&[Ask::Reason], Field::Reason, "this has 64", |given| {
            given.reason = Some("ü".repeat(64));
        }),
        (&[Ask::Reason], Field::Reason, "one line", |given| {
            given.reason = Some("one\ntwo\u{1b}".to_owned());
        }),
        (&[Ask::NewNames], Field::NewNames, "at least one", |_| {}),
        (&[Ask::NewNames], Field::NewNames, "already", |given| {
            given.new_names = list(&["WWW.Example.COM"]);
        }),
        (
            &[Ask::NewNames],
            Field::NewNames,
            "at most 3 names, not 4",
            |given| {
                given.new_names = list(&["a.de", "b.de", "c.de"]);
            },
        ),
        (&[Ask::NewNames], Field::NewNames, "twice", |given| {
            given.new_names = list(&["a.de", "A.de"]);
        }),
        (
            &[Ask::Names],
            Field::Names,
            "at most 3 names, not 4",
            |given| {
                given.names = list(&["a.de", "b.de", "c.de", "d.de"]);
            },
        ),
        (&[Ask::Method], Field::Method, "which method", |_| {}),
        (&[Ask::Method], Field::Method, "already", |given| {
            given.method = Some(Method::Dns);
        }),
        (&[Ask::Method], Field::Mailbox, "one of admin", |given| {
            given.method = Some(Method::Email);
        }),
    ];
    for (asks, field, part, edit) in cases {
        complains(&said(asks, edit).1, field, part);
    }
}

#[test]
fn a_file_verifies_no_wildcard_also_where_the_names_stay() {
    let mut entry = entry();
    entry.names = list(&["*.example.com"]);
    let by_file = |given: &mut Answers| given.method = Some(Method::File);
    let (_, problems) = said_of(&entry, &[Ask::Method], by_file);
    complains(&problems, Field::Method, "wildcard");
    entry.names = list(&["www.example.com"]);
    let (answers, problems) = said_of(&entry, &[Ask::Method], by_file);
    assert_eq!((answers.method, problems), (Some(Method::File), Vec::new()));
}

#[test]
fn another_mailbox_of_the_same_method_is_a_change() {
    let mut entry = entry();
    entry.order.method = Some(Method::Email);
    entry.order.mailbox = Some("admin@example.com".to_owned());
    let (answers, problems) = said_of(&entry, &[Ask::Method], |given| {
        given.mailbox = Some("webmaster@example.com".to_owned());
    });
    assert_eq!(problems, []);
    assert_eq!(answers.method, Some(Method::Email));
    assert_eq!(answers.mailbox.as_deref(), Some("webmaster@example.com"));
}

#[test]
fn names_that_nobody_changed_are_not_judged_again() {
    let mut entry = entry();
    entry.product.kind = Some(ProductKind::Single);
    entry.names = list(&["a.de", "b.de"]);
    let (answers, problems) = said_of(&entry, &[Ask::Names], |given| {
        given.names = list(&["a.de", "b.de"]);
    });
    assert_eq!((answers.names, problems), (Vec::new(), Vec::new()));
    let (_, problems) = said_of(&entry, &[Ask::Names], |given| {
        given.names = list(&["a.de", "c.de"]);
    });
    complains(&problems, Field::Names, "one name, not 2");
}

#[test]
fn a_page_of_wrong_names_is_not_repeated_whole() {
    let (answers, problems) = said(&[Ask::NewNames], |given| {
        given.new_names = (0..500).map(|n| format!("no name {n}")).collect();
    });
    assert!(answers.new_names.is_empty());
    assert_eq!(problems.len(), MOST_COMPLAINTS + 1);
    complains(&problems, Field::NewNames, "and 495 more");
}

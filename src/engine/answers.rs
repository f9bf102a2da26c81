//! What a person said for an action, checked against what its row asks for.
//!
//! Pure, so that a form can say at once what is wrong; the engine asks again before it sends.

use super::command::{Field, FieldError};
use super::error::EngineError;
use super::order::{MAILBOXES, parse_all};
use crate::domain::entry::{Entry, Method};
use crate::domain::event::Answers;
use crate::domain::lifecycle::{ActionRow, Ask};

/// How long a reason may be: Huawei Cloud, revoking a certificate, takes 0 to 63 characters.
pub const LONGEST_REASON: usize = 63;

/// The answers as they are sent: trimmed, names in ASCII, and only what the row asks for.
///
/// # Errors
/// Every answer that is wrong, missing or not asked for.
pub fn check(given: &Answers, row: &ActionRow, entry: &Entry) -> Result<Answers, EngineError> {
    let mut problems = unasked(given, row);
    let mut answers = Answers::default();
    for ask in &row.asks {
        match ask {
            Ask::Reason => answers.reason = reason(given, &mut problems),
            Ask::Names => answers.names = all_names(given, &mut problems),
            Ask::NewNames => answers.new_names = new_names(given, entry, &mut problems),
            Ask::Method => {
                answers.method = given.method;
                answers.mailbox = mailbox(given, entry, &mut problems);
            }
        }
    }
    if problems.is_empty() {
        Ok(answers)
    } else {
        Err(EngineError::Order(problems))
    }
}

fn wrong(field: Field, says: impl Into<String>) -> FieldError {
    FieldError {
        field,
        says: says.into(),
    }
}

/// What was said though nobody asks for it.
fn unasked(given: &Answers, row: &ActionRow) -> Vec<FieldError> {
    let said = [
        (Ask::Reason, Field::Reason, given.reason.is_some()),
        (Ask::Names, Field::Names, !given.names.is_empty()),
        (Ask::NewNames, Field::NewNames, !given.new_names.is_empty()),
        (
            Ask::Method,
            Field::Method,
            given.method.is_some() || given.mailbox.is_some(),
        ),
    ];
    said.into_iter()
        .filter(|(ask, _, is_said)| *is_said && !row.asks.contains(ask))
        .map(|(_, field, _)| wrong(field, format!("{:?} does not ask for it", row.id)))
        .collect()
}

fn reason(given: &Answers, problems: &mut Vec<FieldError>) -> Option<String> {
    let reason = given.reason.as_deref().map(str::trim)?;
    if reason.chars().count() > LONGEST_REASON {
        let says = format!("a reason has at most {LONGEST_REASON} characters");
        problems.push(wrong(Field::Reason, says));
    }
    Some(reason.to_owned()).filter(|reason| !reason.is_empty())
}

fn all_names(given: &Answers, problems: &mut Vec<FieldError>) -> Vec<String> {
    if given.names.is_empty() {
        return Vec::new();
    }
    parsed(&given.names, Field::Names, problems)
}

fn new_names(given: &Answers, entry: &Entry, problems: &mut Vec<FieldError>) -> Vec<String> {
    let names = parsed(&given.new_names, Field::NewNames, problems);
    if let Some(known) = names.iter().find(|name| entry.names.contains(name)) {
        let says = format!("{known} is in the certificate already");
        problems.push(wrong(Field::NewNames, says));
    }
    let limit = entry.product.name_limit;
    let total = entry.names.len() + names.len();
    if let Some(limit) = limit.filter(|limit| usize::try_from(*limit).is_ok_and(|n| total > n)) {
        let says = format!("the product protects {limit} names at most; these make {total}");
        problems.push(wrong(Field::NewNames, says));
    }
    names
}

fn parsed(typed: &[String], field: Field, problems: &mut Vec<FieldError>) -> Vec<String> {
    match parse_all(typed) {
        Ok(names) => names.iter().map(|name| name.ascii().to_owned()).collect(),
        Err(of_names) => {
            problems.extend(
                of_names
                    .into_iter()
                    .map(|problem| wrong(field, problem.says)),
            );
            Vec::new()
        }
    }
}

fn mailbox(given: &Answers, entry: &Entry, problems: &mut Vec<FieldError>) -> Option<String> {
    let method = given.method.or(entry.order.method);
    let mailbox = given.mailbox.as_deref().map(str::trim);
    let mailbox = mailbox.filter(|mailbox| !mailbox.is_empty());
    if given.method != Some(Method::Email) {
        if mailbox.is_some() && method != Some(Method::Email) {
            let says = "a mailbox is asked only with verification by e-mail";
            problems.push(wrong(Field::Mailbox, says));
        }
        return mailbox.map(str::to_owned);
    }
    let local = mailbox.and_then(|mailbox| mailbox.split_once('@'));
    let fits =
        local.is_some_and(|(local, domain)| MAILBOXES.contains(&local) && !domain.is_empty());
    if !fits {
        let says = format!(
            "expected one of {} and the domain, for example admin@{}",
            MAILBOXES.join("@, "),
            entry.name().trim_start_matches("*.")
        );
        problems.push(wrong(Field::Mailbox, says));
    }
    mailbox.map(str::to_owned)
}

//! What a person said for an action, checked against what its row asks for.
//!
//! Pure, so that a form can say at once what is wrong; the engine asks again before it sends.

use super::command::{Field, FieldError};
use super::error::EngineError;
use super::order::{mailbox_problem, method_problem, parse_all};
use super::protects::Protects;
use crate::domain::action;
use crate::domain::entry::{Entry, Method};
use crate::domain::event::Answers;
use crate::domain::lifecycle::{ActionRow, Ask};
use crate::pki::CertName;

/// How long a reason may be: Huawei Cloud, revoking a certificate, takes 0 to 63 characters.
pub const LONGEST_REASON: usize = 63;
/// More wrong names than these are counted: whoever pasted a page of text need not read all of it
/// again.
const MOST_COMPLAINTS: usize = 5;

/// The answers as they are sent: trimmed, names in ASCII, and only what the row asks for.
///
/// # Errors
/// Every answer that is wrong, missing or not asked for.
pub fn check(given: &Answers, row: &ActionRow, entry: &Entry) -> Result<Answers, EngineError> {
    let (answers, fields) = judge(given, row, entry);
    if fields.is_empty() {
        return Ok(answers);
    }
    let shared = || action::spec(&row.id).map(|spec| spec.title.to_owned());
    let title = row.label.clone().or_else(shared);
    Err(EngineError::Answers {
        action: title.unwrap_or_else(|| row.id.clone()),
        name: entry.name().to_owned(),
        fields,
    })
}

/// The answers as they would be sent, and everything that is wrong with them, by field; they can
/// be sent where nothing is.
#[must_use]
pub fn judge(given: &Answers, row: &ActionRow, entry: &Entry) -> (Answers, Vec<FieldError>) {
    let mut problems = unasked(given, row);
    let mut answers = Answers::default();
    // In the order of the fields whatever the table's: the names first, which a method verifies.
    if row.asks.contains(&Ask::Names) {
        answers.names = all_names(given, entry, &mut problems);
    }
    if row.asks.contains(&Ask::NewNames) {
        answers.new_names = new_names(given, entry, &mut problems);
    }
    if row.asks.contains(&Ask::Method) {
        (answers.method, answers.mailbox) = method(given, &answers, entry, &mut problems);
        problems.extend(unchanged_method(given, &answers, row));
    }
    if row.asks.contains(&Ask::Reason) {
        answers.reason = reason(given, &mut problems);
    }
    (answers, problems)
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
        (Ask::Method, Field::Method, given.method.is_some()),
        (Ask::Method, Field::Mailbox, given.mailbox.is_some()),
    ];
    said.into_iter()
        .filter(|(ask, _, is_said)| *is_said && !row.asks.contains(ask))
        .map(|(_, field, _)| {
            wrong(
                field,
                format!(
                    "{:?} does not ask for it; it asks for {}",
                    row.id,
                    wanted(row)
                ),
            )
        })
        .collect()
}

/// What a row asks for, as the command line calls it: `new-name and method`.
fn wanted(row: &ActionRow) -> String {
    let ids: Vec<&str> = row.asks.iter().map(|ask| field_of(*ask).id()).collect();
    match ids.as_slice() {
        [] => "nothing".to_owned(),
        [only] => (*only).to_owned(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}

fn field_of(ask: Ask) -> Field {
    match ask {
        Ask::Reason => Field::Reason,
        Ask::Names => Field::Names,
        Ask::NewNames => Field::NewNames,
        Ask::Method => Field::Method,
    }
}

fn reason(given: &Answers, problems: &mut Vec<FieldError>) -> Option<String> {
    let reason = given.reason.as_deref().map(str::trim)?;
    let length = reason.chars().count();
    if length > LONGEST_REASON {
        let says = format!("a reason has at most {LONGEST_REASON} characters; this has {length}");
        problems.push(wrong(Field::Reason, says));
    }
    if reason.chars().any(char::is_control) {
        problems.push(wrong(Field::Reason, "a reason is one line of plain text"));
    }
    Some(reason.to_owned()).filter(|reason| !reason.is_empty())
}

/// All names of the certificate; nothing where they are what they were, also where a product would
/// not be sold for them any more.
fn all_names(given: &Answers, entry: &Entry, problems: &mut Vec<FieldError>) -> Vec<String> {
    if given.names.is_empty() {
        return Vec::new();
    }
    let names = parsed(&given.names, Field::Names, problems);
    let ascii = in_ascii(&names);
    if ascii == entry.names {
        return Vec::new();
    }
    let objection = Protects::bought(&entry.product).objection(&names);
    problems.extend(objection.map(|says| wrong(Field::Names, says)));
    ascii
}

fn new_names(given: &Answers, entry: &Entry, problems: &mut Vec<FieldError>) -> Vec<String> {
    let names = parsed(&given.new_names, Field::NewNames, problems);
    let is_known = |name: &&CertName| entry.names.iter().any(|known| known == name.ascii());
    if let Some(known) = names.iter().find(is_known) {
        let says = format!("{} is in the certificate already", known.display());
        problems.push(wrong(Field::NewNames, says));
    }
    let together: Vec<CertName> = held(entry).chain(names.iter().cloned()).collect();
    let objection = Protects::bought(&entry.product).objection(&together);
    let objection = objection.filter(|_| !names.is_empty());
    problems.extend(objection.map(|says| {
        let says = format!("with those that are in it: {says}");
        wrong(Field::NewNames, says)
    }));
    in_ascii(&names)
}

/// The names that the certificate is for now.
fn held(entry: &Entry) -> impl Iterator<Item = CertName> {
    let names = entry.names.iter();
    names.filter_map(|name| CertName::parse(name).ok())
}

/// The names that it is for with these answers.
fn names_then(answers: &Answers, entry: &Entry) -> Vec<CertName> {
    let read = |names: &[String]| -> Vec<CertName> {
        let names = names.iter();
        names
            .filter_map(|name| CertName::parse(name).ok())
            .collect()
    };
    if answers.names.is_empty() {
        held(entry).chain(read(&answers.new_names)).collect()
    } else {
        read(&answers.names)
    }
}

fn in_ascii(names: &[CertName]) -> Vec<String> {
    names.iter().map(|name| name.ascii().to_owned()).collect()
}

fn parsed(typed: &[String], field: Field, problems: &mut Vec<FieldError>) -> Vec<CertName> {
    match parse_all(typed) {
        Ok(names) => names,
        Err(of_names) => {
            let more = of_names.len().saturating_sub(MOST_COMPLAINTS);
            let said = of_names.into_iter().take(MOST_COMPLAINTS);
            problems.extend(said.map(|problem| wrong(field, problem.says)));
            if more > 0 {
                problems.push(wrong(field, format!("and {more} more names are none")));
            }
            Vec::new()
        }
    }
}

/// The method and its mailbox, as they will be from now on; nothing where they stay.
fn method(
    given: &Answers,
    answers: &Answers,
    entry: &Entry,
    problems: &mut Vec<FieldError>,
) -> (Option<Method>, Option<String>) {
    let mailbox = given.mailbox.as_deref().map(str::trim);
    let mailbox = mailbox.filter(|mailbox| !mailbox.is_empty());
    let Some(method) = given.method.or(entry.order.method) else {
        let says = "say by which method the names are verified, too";
        problems.extend(mailbox.map(|_| wrong(Field::Method, says)));
        return (None, None);
    };
    if method != Method::Email {
        let says = "a mailbox is asked only with verification by e-mail";
        problems.extend(mailbox.map(|_| wrong(Field::Mailbox, says)));
    }
    let names = names_then(answers, entry);
    let stays = entry.order.method == Some(method);
    let before = entry.order.mailbox.as_deref().filter(|_| stays);
    let mailbox = mailbox.or(before).filter(|_| method == Method::Email);
    let changes = !stays || mailbox != before;
    let renamed = !answers.names.is_empty() || !answers.new_names.is_empty();
    if changes || renamed {
        problems.extend(names.iter().find_map(|name| method_problem(name, method)));
        problems.extend(mailbox_problem(method, mailbox, &names));
    }
    if changes {
        (Some(method), mailbox.map(str::to_owned))
    } else {
        (None, None)
    }
}

/// Where nothing but the method is asked for, the one that it has is no answer.
fn unchanged_method(given: &Answers, answers: &Answers, row: &ActionRow) -> Option<FieldError> {
    if row.asks != [Ask::Method] || answers.method.is_some() {
        return None;
    }
    let says = match given.method {
        None => "say which method is wanted: dns, email or file".to_owned(),
        Some(method) => format!(
            "it is verified by {} already; choose another method",
            method.words()
        ),
    };
    Some(wrong(Field::Method, says))
}

#[cfg(test)]
mod tests;

//! Whether an order can be placed as it was filled in.
//!
//! Pure, so that a form can say at once which field is wrong; the engine asks again before it
//! places the order.

use std::collections::HashSet;

use super::command::{CsrChoice, Field, FieldError, Offer, OrderForm};
use super::protects::Protects;
use crate::domain::account::AccountKind;
use crate::domain::entry::Method;
use crate::domain::inventory::Inventory;
use crate::pki::csr::CsrInfo;
use crate::pki::{AltName, CertName, csr};

/// The parts before the @ that a CA may write to: CA/Browser Forum Baseline Requirements,
/// section 3.2.2.4.4 (Constructed Email to Domain Contact).
pub const MAILBOXES: [&str; 5] = [
    "admin",
    "administrator",
    "webmaster",
    "hostmaster",
    "postmaster",
];

/// Everything that is wrong with an order, by field; nothing if it can be placed.
#[must_use]
pub fn check(form: &OrderForm, inventory: &Inventory, offers: &[Offer]) -> Vec<FieldError> {
    let mut problems = Vec::new();
    problems.extend(account_problem(form, inventory));
    let offer = offers.iter().find(|offer| offer.id == form.product);
    if offer.is_none() {
        problems.push(unknown_product(form, offers));
    }
    let names = names(form);
    problems.extend(csr_problem(form, names.as_deref().unwrap_or_default()));
    problems.extend(form.wishes.problems(form.csr == CsrChoice::Certdeck));
    match names {
        Ok(names) => {
            problems.extend(offer.and_then(|offer| product_problem(offer, &names)));
            if offer.is_none_or(|offer| !offer.methods.is_empty()) {
                problems.extend(offer.and_then(|offer| not_verified_so(offer, form.method)));
                let mut of_names = names.iter();
                problems.extend(of_names.find_map(|name| method_problem(name, form.method)));
                let mailbox = form.mailbox.as_deref();
                problems.extend(mailbox_problem(form.method, mailbox, &names));
            }
        }
        Err(of_names) => problems.extend(of_names),
    }
    problems
}

/// The names of an order, each once, in the order in which they were typed.
///
/// # Errors
/// What is wrong with each of them.
pub fn names(form: &OrderForm) -> Result<Vec<CertName>, Vec<FieldError>> {
    parse_all(&form.names)
}

/// Names as they were typed, each once, in their order.
///
/// # Errors
/// What is wrong with each of them.
pub(super) fn parse_all(typed: &[String]) -> Result<Vec<CertName>, Vec<FieldError>> {
    let mut names: Vec<CertName> = Vec::new();
    // Thousands of names may be pasted at once, and this is asked again at every key.
    let mut known: HashSet<CertName> = HashSet::new();
    let mut problems = Vec::new();
    for typed in typed
        .iter()
        .map(|name| name.trim())
        .filter(|name| !name.is_empty())
    {
        match CertName::parse(typed) {
            Ok(name) if known.insert(name.clone()) => names.push(name),
            Ok(_) => problems.push(wrong(Field::Names, format!("{typed} is there twice"))),
            Err(error) => problems.push(wrong(Field::Names, error.to_string())),
        }
    }
    if names.is_empty() && problems.is_empty() {
        let says = "give at least one name, for example www.example.com or *.example.com";
        problems.push(wrong(Field::Names, says));
    }
    if problems.is_empty() {
        Ok(names)
    } else {
        Err(problems)
    }
}

fn wrong(field: Field, says: impl Into<String>) -> FieldError {
    FieldError {
        field,
        says: says.into(),
    }
}

fn account_problem(form: &OrderForm, inventory: &Inventory) -> Option<FieldError> {
    let Some(account) = inventory.accounts.get(&form.account) else {
        let known: Vec<_> = inventory.accounts.keys().map(String::as_str).collect();
        let says = format!(
            "there is no account {:?}; there are: {}",
            form.account,
            known.join(", ")
        );
        return Some(wrong(Field::Account, says));
    };
    if account.kind != AccountKind::Sandbox {
        let says = format!(
            "{:?} takes no orders; only sandbox accounts do so far",
            form.account
        );
        return Some(wrong(Field::Account, says));
    }
    account.read_only.then(|| {
        wrong(
            Field::Account,
            format!("the account {} is read-only", form.account),
        )
    })
}

fn unknown_product(form: &OrderForm, offers: &[Offer]) -> FieldError {
    let known: Vec<_> = offers.iter().map(|offer| offer.id.as_str()).collect();
    let says = format!(
        "there is no product {:?}; there are: {}",
        form.product,
        known.join(", ")
    );
    wrong(Field::Product, says)
}

fn product_problem(offer: &Offer, names: &[CertName]) -> Option<FieldError> {
    let says = Protects::offered(offer).objection(names)?;
    Some(wrong(Field::Names, says))
}

/// A method that the product does not know.
fn not_verified_so(offer: &Offer, method: Method) -> Option<FieldError> {
    let known = offer.methods.iter().map(|method| method.words());
    let known = known.collect::<Vec<_>>().join(" or ");
    (!offer.methods.contains(&method)).then(|| {
        wrong(
            Field::Method,
            format!("{} is verified by {known} only", offer.name),
        )
    })
}

/// Which names a method cannot verify.
///
/// Source: CA/Browser Forum Baseline Requirements, sections 3.2.2.4.18 (no wildcards by file) and
/// 3.2.2.5 (IP addresses).
pub(super) fn method_problem(name: &CertName, method: Method) -> Option<FieldError> {
    let shown = name.display();
    let says = match method {
        Method::File if name.is_wildcard() => {
            format!("a file cannot verify the wildcard {shown}; choose DNS or e-mail")
        }
        Method::Dns | Method::Email if name.ip().is_some() => {
            format!("the address {shown} can only be verified by a file")
        }
        _ => return None,
    };
    Some(wrong(Field::Method, says))
}

/// Why a CA would not write to a mailbox to verify these names, or why one is missing.
///
/// Source: CA/Browser Forum Baseline Requirements, section 3.2.2.4.4.
pub(super) fn mailbox_problem(
    method: Method,
    mailbox: Option<&str>,
    names: &[CertName],
) -> Option<FieldError> {
    if method != Method::Email {
        return None;
    }
    let mailbox = mailbox.map(str::trim).unwrap_or_default();
    let allowed = MAILBOXES.join(", ");
    let Some((local, domain)) = mailbox.split_once('@') else {
        let says =
            format!("give the mailbox that the CA writes to: one of {allowed}, at the domain");
        return Some(wrong(Field::Mailbox, says));
    };
    if !MAILBOXES.contains(&local) {
        let says = format!("a CA writes to {allowed} only, not to {local:?}");
        return Some(wrong(Field::Mailbox, says));
    }
    // Names are kept in ASCII; an address is typed in any script.
    let at = CertName::parse(domain);
    let at = at.map_or_else(|_| domain.to_lowercase(), |name| name.ascii().to_owned());
    let strange = names
        .iter()
        .find(|name| !is_at_or_below(name.ascii(), &at))?;
    let says = format!(
        "{} is not at or below {domain:?}, so its mailbox proves nothing",
        strange.display()
    );
    Some(wrong(Field::Mailbox, says))
}

fn is_at_or_below(name: &str, domain: &str) -> bool {
    let bare = name.strip_prefix("*.").unwrap_or(name);
    // A name under a bare top-level domain proves nothing for it.
    domain.contains('.') && (bare == domain || bare.ends_with(&format!(".{domain}")))
}

fn csr_problem(form: &OrderForm, names: &[CertName]) -> Option<FieldError> {
    let CsrChoice::Own(pem) = &form.csr else {
        return None;
    };
    if pem.trim().is_empty() {
        let says = "paste the CSR, from -----BEGIN CERTIFICATE REQUEST----- to its end";
        return Some(wrong(Field::Csr, says));
    }
    let says = match csr::read(pem.as_bytes()) {
        Ok(request) => key_problem(&request).or_else(|| other_name(&request, names))?,
        Err(error) => error.to_string(),
    };
    Some(wrong(Field::Csr, says))
}

/// Which keys a public CA does not certify.
///
/// Source: CA/Browser Forum Baseline Requirements, section 6.1.1.3: RSA of 2048 bits and more,
/// and ECDSA on P-256, P-384 or P-521.
fn key_problem(request: &CsrInfo) -> Option<String> {
    let fits = match request.key.algorithm.as_str() {
        "RSA" => request.key.bits >= 2048,
        "P-256" | "P-384" | "P-521" => true,
        _ => false,
    };
    (!fits).then(|| {
        format!(
            "its key is {}, which public CAs do not certify; make one with RSA 2048 or more, or \
             with P-256 or P-384",
            request.key.label()
        )
    })
}

/// A CSR that was made for something else than what is ordered.
fn other_name(request: &CsrInfo, names: &[CertName]) -> Option<String> {
    let first = request.names.first().map(AltName::text);
    let made_for = request.common_name.clone().or(first)?;
    let is_ordered = names.iter().any(|name| {
        name.ascii().eq_ignore_ascii_case(&made_for)
            || name.display().eq_ignore_ascii_case(&made_for)
    });
    // Without names there is nothing to compare with; that is complained of at its own field.
    (!is_ordered && !names.is_empty())
        .then(|| format!("it was made for {made_for}, which is not among the names of this order"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entry::{Price, ProductKind};
    use crate::domain::inventory::Account;
    use crate::pki::KeyType;

    fn offer(id: &str, kind: ProductKind) -> Offer {
        Offer {
            id: id.to_owned(),
            name: id.to_owned(),
            level: Some("DV".to_owned()),
            kind,
            price: Price {
                cents: 100,
                currency: "EUR".to_owned(),
            },
            term_months: Some(12),
            lifecycle: None,
            brand: None,
            hosted: false,
            auto_renew: false,
            name_limit: (kind == ProductKind::MultiDomain).then_some(3),
            methods: Method::ALL.to_vec(),
            lifetime_days: None,
            private: false,
            begins: Vec::new(),
            without: Vec::new(),
        }
    }

    fn problems(edit: impl FnOnce(&mut OrderForm)) -> Vec<(Field, String)> {
        let mut form = OrderForm {
            account: "sandbox".to_owned(),
            product: "single".to_owned(),
            names: vec!["www.example.com".to_owned()],
            key_type: KeyType::P256,
            csr: CsrChoice::Certdeck,
            method: Method::Dns,
            mailbox: None,
            wishes: crate::engine::command::Wishes::default(),
        };
        edit(&mut form);
        let mut inventory = Inventory::default();
        for (name, kind) in [
            ("sandbox", AccountKind::Sandbox),
            ("files", AccountKind::Files),
        ] {
            let account = Account {
                deploys: false,
                probes_wildcards: false,
                panel: None,
                watched: None,
                name: name.to_owned(),
                kind,
                lifecycles: vec!["netcup".to_owned()],
                read_only: false,
                clock: None,
                seed: None,
                zone: None,
            };
            inventory.accounts.insert(name.to_owned(), account);
        }
        let offers = [
            offer("single", ProductKind::Single),
            offer("wildcard", ProductKind::Wildcard),
            offer("multi", ProductKind::MultiDomain),
            Offer {
                methods: Vec::new(),
                ..offer("uploaded", ProductKind::MultiDomain)
            },
            Offer {
                methods: vec![Method::Dns, Method::File],
                ..offer("acme", ProductKind::Single)
            },
        ];
        let found = check(&form, &inventory, &offers);
        found
            .into_iter()
            .map(|problem| (problem.field, problem.says))
            .collect()
    }

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_right_order_has_no_problems() {
        assert_eq!(problems(|_| {}), []);
        assert_eq!(
            problems(|form| {
                form.product = "wildcard".to_owned();
                form.names = names(&["*.Müller.example"]);
                form.method = Method::Email;
                form.mailbox = Some("admin@xn--mller-kva.example".to_owned());
            }),
            []
        );
    }

    #[test]
    fn what_nobody_verifies_needs_no_method() {
        let found = problems(|form| {
            form.product = "uploaded".to_owned();
            form.names = names(&["*.example.com"]);
            form.method = Method::Email;
        });
        assert_eq!(found, []);
    }

    #[test]
    fn a_mailbox_may_be_typed_in_the_script_of_its_name() {
        for mailbox in ["admin@müller.example", "admin@MÜLLER.example"] {
            let found = problems(|form| {
                form.names = names(&["www.müller.example"]);
                form.method = Method::Email;
                form.mailbox = Some(mailbox.to_owned());
            });
            assert_eq!(found, [], "{mailbox}");
        }
    }

    #[test]
    fn each_problem_stands_at_its_field() {
        type Edit = fn(&mut OrderForm);
        let cases: [(Field, &str, Edit); 15] = [
            (Field::Account, "no account", |form| {
                form.account = "nowhere".to_owned();
            }),
            (Field::Account, "takes no orders", |form| {
                form.account = "files".to_owned();
            }),
            (Field::Product, "there are: single", |form| {
                form.product = "gold".to_owned();
            }),
            (Field::Names, "at least one name", |form| {
                form.names = names(&[" ", ""]);
            }),
            (Field::Names, "twice", |form| {
                form.names = names(&["a.example.com", "A.example.com"]);
            }),
            (Field::Names, "one name, not 2", |form| {
                form.names = names(&["a.de", "b.de"]);
            }),
            (Field::Names, "at most 3 names, not 4", |form| {
                form.product = "multi".to_owned();
                form.names = names(&["a.de", "b.de", "c.de", "d.de"]);
            }),
            (Field::Method, "by DNS record or file", |form| {
                form.product = "acme".to_owned();
                form.method = Method::Email;
                form.mailbox = Some("admin@example.com".to_owned());
            }),
            (Field::Names, "wildcard product", |form| {
                form.names = names(&["*.example.com"]);
            }),
            (Field::Names, "*.www.example.com", |form| {
                form.product = "wildcard".to_owned();
            }),
            (Field::Method, "wildcard", |form| {
                form.product = "wildcard".to_owned();
                form.names = names(&["*.example.com"]);
                form.method = Method::File;
            }),
            (Field::Method, "by a file", |form| {
                form.names = names(&["192.0.2.1"]);
            }),
            (Field::Mailbox, "one of admin", |form| {
                form.method = Method::Email;
            }),
            (Field::Mailbox, "not to \"me\"", |form| {
                form.method = Method::Email;
                form.mailbox = Some("me@example.com".to_owned());
            }),
            (Field::Mailbox, "not at or below", |form| {
                form.method = Method::Email;
                form.mailbox = Some("admin@example.org".to_owned());
            }),
        ];
        for (field, says, edit) in cases {
            let found = problems(edit);
            let hit = found
                .iter()
                .any(|(at, text)| *at == field && text.contains(says));
            assert!(hit, "{field:?} {says:?}: {found:?}");
        }
        let junk = problems(|form| form.csr = CsrChoice::Own("hello".to_owned()));
        assert_eq!(junk.len(), 1);
        assert_eq!(junk[0].0, Field::Csr);

        let key = crate::pki::PrivateKey::generate(KeyType::P256).unwrap();
        let request = |name: &str| csr::make(&key, &[name.parse().unwrap()]).unwrap();
        let own = |name: &str| problems(|form| form.csr = CsrChoice::Own(request(name)));
        assert_eq!(own("www.example.com"), []);
        let other = own("shop.example.org");
        assert!(
            other[0].1.contains("made for shop.example.org"),
            "{other:?}"
        );
    }
}

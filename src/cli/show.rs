//! `certdeck show ID`: everything about one entry.

use jiff::Timestamp;

use super::args::ShowArguments;
use super::error::CliError;
use super::output;
use super::session::Session;
use super::shapes::{ActionShape, RowShape, ShowShape};
use super::shapes_of_certificates::{CertificateShape, FindingShape, RequestShape};
use super::shapes_of_states::{StateShape, ZoneShape};
use super::show_certificate;
use super::show_state;
use super::table::Sheet;
use crate::domain::account::Zone;
use crate::domain::entry::{CsrBy, Entry, Method, ProductKind};
use crate::domain::inventory::Inventory;
use crate::domain::lifecycle::{Lifecycle, standing};
use crate::domain::row::Row;
use crate::domain::time;
use crate::engine::EngineError;
use crate::engine::command::Details;
use crate::pki::Certificate;
use crate::pki::csr::{self, CsrInfo};
use crate::pki::expanded::Expanded;
use crate::pki::findings::{self, Finding};

/// So many names are listed; the rest is counted. `--json` has them all.
const NAMES_SHOWN: usize = 20;

/// Prints the entry.
pub(super) async fn run(session: &Session, arguments: &ShowArguments) -> Result<(), CliError> {
    let entry = session.resolve(&arguments.id)?;
    if arguments.csr {
        let csr = entry.order.csr.as_deref();
        return output::print(csr.ok_or_else(|| missing("CSR", &entry))?);
    }
    let details = session.engine.details(entry.id.clone()).await?;
    if arguments.pem {
        return output::print(&pem(&details).ok_or_else(|| missing("certificate", &entry))?);
    }
    let (inventory, system) = session.look();
    let view = View::new(&entry, &inventory, &details, system);
    if arguments.json {
        return output::print_json(&view.shape());
    }
    output::print(&view.sheet())
}

fn missing(what: &str, entry: &Entry) -> CliError {
    let name = entry.name();
    EngineError::Failed(format!(
        "{name:?} has no {what} yet; `certdeck show` says what comes next"
    ))
    .into()
}

fn pem(details: &Details) -> Option<String> {
    let mut pem = details.certificate.as_ref()?.to_pem();
    pem.extend(details.chain.iter().map(Certificate::to_pem));
    Some(pem)
}

/// Everything that is shown, looked up once.
struct View<'a> {
    entry: &'a Entry,
    inventory: &'a Inventory,
    details: &'a Details,
    system: Timestamp,
    row: Row,
    table: Option<&'a Lifecycle>,
    /// Where each track stands.
    states: Vec<StateShape<'a>>,
    /// What is wrong with the certificate now.
    findings: Vec<Finding>,
    /// Everything in the certificates above it.
    chain: Vec<Expanded>,
    /// Its request, and what is wrong with that.
    request: Option<(CsrInfo, Vec<Finding>)>,
}

impl<'a> View<'a> {
    fn new(
        entry: &'a Entry,
        inventory: &'a Inventory,
        details: &'a Details,
        system: Timestamp,
    ) -> Self {
        let row = inventory.row(entry, system);
        let table: Option<&'a Lifecycle> = inventory.lifecycle_of(entry).map(AsRef::as_ref);
        let states = StateShape::all(entry, table, row.now);
        Self {
            findings: details.findings_at(row.now),
            chain: details.chain.iter().map(Expanded::of).collect(),
            request: request_of(entry),
            entry,
            inventory,
            details,
            system,
            row,
            table,
            states,
        }
    }

    /// The track that asks for the most.
    fn leading(&self) -> Option<&StateShape<'a>> {
        let table = self.table?;
        let stands = standing(self.entry, table, self.row.now);
        let (track, _) = stands.leading(table)?;
        self.states.iter().find(|state| state.track == track)
    }

    /// How the account's zone stands, where the entry lives in one.
    fn zone(&self) -> Option<Zone> {
        let account = self.inventory.accounts.get(&self.entry.account)?;
        account
            .zone
            .filter(|_| self.table.is_some_and(|table| table.zone))
    }

    fn means(&self) -> Option<&'a str> {
        self.leading().and_then(|state| state.means)
    }

    fn who(&self) -> Option<&'static str> {
        self.leading().and_then(|state| state.who)
    }

    fn shape(&self) -> ShowShape<'_> {
        let sandbox = Session::is_sandbox(self.inventory, &self.entry.account);
        let (entry, details) = (self.entry, self.details);
        let certificate = details.certificate.as_ref();
        let chain = details.chain.iter().zip(&self.chain);
        ShowShape {
            row: RowShape::of(&self.row, entry, self.table, sandbox),
            means: self.means(),
            who: self.who(),
            states: StateShape::all(entry, self.table, self.row.now),
            zone: self.zone().map(ZoneShape::of),
            lifecycle: &entry.lifecycle,
            bought: &entry.product,
            order: &entry.order,
            records: &entry.records,
            validation_errors: &entry.validation_errors,
            authorizations: &entry.authorizations,
            adding: &entry.adding,
            dns_points: entry.dns_points,
            certificates: &entry.certificates,
            certificate: self.details.certificate.as_ref().map(Certificate::to_pem),
            chain: self.details.chain.iter().map(Certificate::to_pem).collect(),
            certificate_says: certificate.map(|one| CertificateShape::of(one, &details.expanded)),
            chain_says: chain
                .map(|(one, more)| CertificateShape::of(one, more))
                .collect(),
            findings: self.findings.iter().map(FindingShape::of).collect(),
            request_says: self
                .request
                .as_ref()
                .map(|(request, findings)| RequestShape::of(request, findings)),
            links: &entry.links,
            actions: ActionShape::all(self.inventory, entry, self.system),
            origin: entry.origin.as_deref(),
            note: &entry.note,
            created: entry.created,
            changed: entry.changed,
            problems: self.details.problems.clone(),
        }
    }

    fn sheet(&self) -> String {
        let mut sheet = Sheet::default();
        self.general(&mut sheet);
        self.product(&mut sheet);
        self.records(&mut sheet);
        self.certificate(&mut sheet);
        self.findings(&mut sheet);
        self.actions(&mut sheet);
        if !self.details.problems.is_empty() {
            sheet.heading("Problems");
            self.details
                .problems
                .iter()
                .for_each(|problem| sheet.line(problem));
        }
        sheet.finish()
    }

    fn general(&self, sheet: &mut Sheet) {
        let entry = self.entry;
        sheet.heading(entry.name());
        sheet.field("Id", entry.id.as_str());
        sheet.field("Status", &self.row.state);
        show_state::fill(sheet, entry, &self.row, &self.states, self.table);
        if let Some(zone) = self.zone() {
            let since = time::moment(zone.since);
            sheet.field("Zone", &format!("{} since {since}", zone.status.label()));
        }
        show_state::said(sheet, entry, self.table);
        show_state::request(sheet, entry, &self.row, self.table);
        sheet.field("Names", &names(&entry.names));
        if !entry.adding.is_empty() {
            sheet.field("Being added", &names(&entry.adding));
        }
        sheet.field("Account", &self.inventory.account_words(&entry.account));
        for link in &entry.links {
            let other = self.inventory.get(&link.entry);
            let state = other.map(|other| self.inventory.row(&other, self.system).state);
            let state = state.unwrap_or_else(|| "not here".to_owned());
            sheet.field(
                "Link",
                &format!("{} {} ({state})", link.kind.words(), link.entry),
            );
        }
        sheet.optional("Read from", entry.origin.as_deref());
        sheet.field("Note", &entry.note);
        if entry.archived {
            sheet.field("Archived", "yes");
        }
    }

    fn product(&self, sheet: &mut Sheet) {
        let product = &self.entry.product;
        if product.name.is_empty() {
            return;
        }
        sheet.heading("Product");
        sheet.field("Name", &product.name);
        sheet.optional("Brand", product.brand.as_deref());
        sheet.optional("Validation", product.level.as_deref());
        sheet.optional("Protects", product.kind.map(ProductKind::words));
        let price = product.price.as_ref().map(ToString::to_string);
        sheet.optional("Price", price.as_deref());
        let term = product.term_months.map(|months| format!("{months} months"));
        sheet.optional("Term", term.as_deref());
        sheet.optional("Order number", product.order_number.as_deref());
        if let Some(invoice) = &product.invoice {
            let paid = invoice.paid_at.map_or_else(
                || "not paid".to_owned(),
                |at| format!("paid {}", time::date(at)),
            );
            sheet.field(
                "Invoice",
                &format!("{}, {}, {paid}", invoice.number, invoice.amount),
            );
            sheet.optional("Invoice link", invoice.link.as_deref());
        }
        let until = product.paid_until.map(time::date);
        sheet.optional("Paid until", until.as_deref());
        if product.auto_renew {
            sheet.field("Renewal", "the provider renews it by itself");
        }
        if product.privacy_cancelled {
            sheet.field("Privacy", show_state::PRIVACY);
        }
    }

    fn records(&self, sheet: &mut Sheet) {
        let entry = self.entry;
        let nothing = entry.records.is_empty() && entry.validation_errors.is_empty();
        if nothing && entry.authorizations.is_empty() {
            return;
        }
        sheet.heading("Verification");
        show_state::verification(sheet, entry, &self.states);
        for record in &self.entry.records {
            sheet.line(&format!("{}: {}", record.name(), record.instruction()));
        }
    }

    fn certificate(&self, sheet: &mut Sheet) {
        let order = &self.entry.order;
        sheet.heading("CSR / Certificate");
        sheet.optional("Key", order.key_type.as_deref());
        sheet.optional("CSR by", order.csr_by.map(CsrBy::words));
        sheet.optional("Verified by", order.method.map(Method::words));
        sheet.optional("Mailbox", order.mailbox.as_deref());
        let key = if order.key_held {
            "held here; `certdeck reveal-key` prints it"
        } else {
            "not held here"
        };
        sheet.field("Private key", key);
        if let Some((request, findings)) = &self.request {
            show_certificate::fill_request(sheet, request, findings);
        }
        let Some(held) = self.entry.serving() else {
            return sheet.line("There is no certificate yet.");
        };
        let left = time::relative(self.row.now, held.not_after);
        sheet.field("Subject", &held.subject);
        sheet.field("Issuer", &held.issuer);
        sheet.field("Serial", &held.serial);
        sheet.field("Valid from", &time::moment(held.not_before));
        sheet.field(
            "Valid until",
            &format!("{} ({left})", time::moment(held.not_after)),
        );
        sheet.field("Public key", &held.key);
        sheet.field("SHA-256", &held.sha256);
        if let Some(certificate) = &self.details.certificate {
            show_certificate::fill(sheet, certificate, self.details);
        }
    }

    fn findings(&self, sheet: &mut Sheet) {
        if self.findings.is_empty() {
            return;
        }
        sheet.heading("Findings");
        for finding in &self.findings {
            sheet.field(finding.severity.word(), &finding.says);
            sheet.field("", &finding.advice);
        }
    }

    fn actions(&self, sheet: &mut Sheet) {
        sheet.heading("Actions");
        for action in ActionShape::all(self.inventory, self.entry, self.system) {
            let answer = action.reason.unwrap_or_else(|| "possible now".to_owned());
            sheet.field(action.id, &format!("{}: {answer}", action.title));
        }
    }
}

/// What the entry's request says, if there is one that can be read.
fn request_of(entry: &Entry) -> Option<(CsrInfo, Vec<Finding>)> {
    let request = csr::look(entry.order.csr.as_ref()?.as_bytes()).ok()?;
    let findings = findings::of_request(&request);
    Some((request, findings))
}

fn names(names: &[String]) -> String {
    let shown = names
        .iter()
        .take(NAMES_SHOWN)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().saturating_sub(NAMES_SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::entry::{EntryId, Invoice, Price};
    use crate::domain::lifecycle::Lifecycles;

    fn entry() -> Entry {
        let at = Timestamp::UNIX_EPOCH;
        let mut entry = Entry::new(
            EntryId::new("a1"),
            "shop",
            "netcup",
            "outstanding-invoice",
            at,
        );
        entry.names = (0..25).map(|number| format!("n{number}.example")).collect();
        entry.product.name = "Wildcard DV".to_owned();
        entry.product.invoice = Some(Invoice {
            number: "RE-1".to_owned(),
            amount: Price {
                cents: 4900,
                currency: "EUR".to_owned(),
            },
            link: None,
            paid_at: None,
        });
        entry.said = Some("odd \u{1b}]0;title\u{7}".to_owned());
        entry
    }

    fn inventory() -> Inventory {
        Inventory {
            lifecycles: Arc::new(Lifecycles::built_in().unwrap()),
            ..Inventory::default()
        }
    }

    #[test]
    fn the_sheet_says_status_meaning_invoice_and_reasons() {
        let (entry, inventory, details) = (entry(), inventory(), Details::default());
        let sheet = View::new(&entry, &inventory, &details, Timestamp::UNIX_EPOCH).sheet();
        for expected in [
            "Status          Outstanding invoice",
            "Means           Pay the invoice; registration",
            "Next moves      you",
            "n19.example and 5 more",
            "RE-1, 49.00 EUR, not paid",
            "There is no certificate yet.",
            "withdraw        Withdraw application: netcup documents no withdrawal",
            "open-invoice    Open invoice: possible now",
        ] {
            assert!(
                sheet.contains(expected),
                "{expected} is missing in\n{sheet}"
            );
        }
        assert!(!sheet.contains('\u{1b}'), "{sheet}");
    }

    #[test]
    fn the_sheet_says_each_track_what_is_open_and_what_the_ca_complains_of() {
        use crate::domain::entry::{Authorization, OpenRequest};
        let at = Timestamp::UNIX_EPOCH;
        let tracks = [
            ("hostname", "hostname-active"),
            ("certificate", "pending-validation"),
        ];
        let id = EntryId::new("a1");
        let mut entry = Entry::on_tracks(id, "cf", "cloudflare-hostname", tracks, at);
        entry.names = vec!["shop.example".to_owned()];
        entry.adding = vec!["new.example".to_owned()];
        entry.validation_errors = vec!["CAA forbids it".to_owned()];
        entry.authorizations = vec![Authorization {
            name: "shop.example\u{1b}".to_owned(),
            status: "invalid".to_owned(),
            challenge: "dns-01".to_owned(),
            challenge_status: "invalid".to_owned(),
            error: Some("no TXT record".to_owned()),
        }];
        entry.request = Some(OpenRequest {
            action: "delete".to_owned(),
            since: at,
            unknown_outcome: false,
            accepted: true,
        });
        entry.product.privacy_cancelled = true;
        entry.product.name = "SSL for SaaS".to_owned();
        let (inventory, details) = (inventory(), Details::default());
        let view = View::new(&entry, &inventory, &details, at);
        let sheet = view.sheet();
        for expected in [
            "Status          Active · Pending Validation",
            "Hostname activation Active",
            "Certificate     Pending Validation",
            "Ready           no: certificate: Pending Validation",
            "Under way       ",
            "Being added     new.example",
            "The CA says     CAA forbids it",
            "must act: publish what is below",
            "invalid (dns-01 invalid: no TXT record)",
            "applicant's data is cancelled",
        ] {
            assert!(
                sheet.contains(expected),
                "{expected} is missing in\n{sheet}"
            );
        }
        assert!(!sheet.contains('\u{1b}'), "{sheet}");
        let json = serde_json::to_value(view.shape()).unwrap();
        assert_eq!(json["ready"]["is"], "no");
        assert_eq!(json["states"][1]["state"], "pending-validation");
        assert_eq!(json["request_accepted"], true);
        assert_eq!(json["authorizations"][0]["status"], "invalid");
    }

    #[test]
    fn the_json_holds_every_name_and_no_key_twice() {
        let (entry, inventory, details) = (entry(), inventory(), Details::default());
        let view = View::new(&entry, &inventory, &details, Timestamp::UNIX_EPOCH);
        let json = serde_json::to_string(&view.shape()).unwrap();
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(value["names"].as_array().unwrap().len(), 25);
        assert_eq!(value["who"], "you");
        assert_eq!(value["bought"]["invoice"]["number"], "RE-1");
        let keys = value.as_object().unwrap().len();
        let top = serde_json::to_string_pretty(&view.shape()).unwrap();
        let written = top.lines().filter(|line| line.starts_with("  \"")).count();
        assert_eq!(keys, written, "a key stands twice");
    }
}

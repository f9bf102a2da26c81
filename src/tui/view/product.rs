//! The tab Product: what was bought, what it costs, how it is validated.

use super::records;
use super::sheet::Sheet;
use crate::domain::entry::{Entry, Invoice, ProductKind};
use crate::domain::time;
use crate::tui::actions_menu::key_of;
use crate::tui::dialog::about;
use crate::tui::model::Model;
use crate::tui::theme::Role;

/// Fills the page.
pub(super) fn fill<'a>(sheet: &mut Sheet<'a>, model: &'a Model, entry: &'a Entry) {
    let product = &entry.product;
    if product.name.is_empty() && entry.origin.is_some() {
        sheet.text(
            "Nothing was ordered here: this certificate was read from a file.",
            Role::Dim,
        );
        sheet.gap();
    }
    sheet.field_if("Product", Some(&product.name));
    sheet.field_if("CA brand", product.brand.as_deref());
    sheet.field_if("Validation", product.level.as_deref());
    sheet.field_if("Protects", product.kind.map(ProductKind::words));
    if let Some(months) = product.term_months {
        sheet.field("Term", &format!("{months} months"));
    }
    if let Some(price) = &product.price {
        sheet.field("Price", &price.to_string());
    } else if product.free {
        sheet.field("Price", "free");
    }
    if let Some(until) = product.paid_until {
        let relative = time::relative(model.time_of(entry), until);
        sheet.field("Paid until", &format!("{} ({relative})", time::date(until)));
    }
    super::general::settings(sheet, entry);
    if let Some(limit) = product.name_limit {
        sheet.field("Name limit", &limit.to_string());
    }
    sheet.field_if("Order", product.order_number.as_deref());
    sheet.field("Account", &entry.account);
    if let Some(bill) = &product.invoice {
        invoice(sheet, bill);
    }
    validation(sheet, model, entry);
    records::authorizations(sheet, &entry.authorizations);
}

fn invoice(sheet: &mut Sheet<'_>, invoice: &Invoice) {
    sheet.heading("Invoice");
    sheet.field("Number", &invoice.number);
    sheet.field("Amount", &invoice.amount.to_string());
    let key = key_of("open-invoice", sheet.look.keymap).unwrap_or_default();
    match invoice.paid_at {
        Some(at) => sheet.field_in("Paid", &time::minute(at), Role::Good),
        None => sheet.field_in("Paid", &format!("not yet; {key} opens it"), Role::Warn),
    }
    sheet.field_if("Link", invoice.link.as_deref());
}

fn validation(sheet: &mut Sheet<'_>, model: &Model, entry: &Entry) {
    let Some(method) = entry.order.method else {
        return;
    };
    sheet.heading("Validation");
    sheet.field("Method", method.words());
    sheet.field_if("Mailbox", entry.order.mailbox.as_deref());
    let awaited = about::awaited(entry, &model.inventory, model.now);
    if awaited.is_empty() {
        sheet.field_in("To publish", "nothing at the moment", Role::Dim);
    }
    records::fill(sheet, awaited);
}

//! What has to be published or looked at so that the CA can verify the names.

use super::sheet::Sheet;
use crate::domain::entry::ValidationRecord;

/// Adds what to do, record by record.
pub(super) fn fill(sheet: &mut Sheet<'_>, records: &[ValidationRecord]) {
    if records.is_empty() {
        return;
    }
    sheet.heading("To prove that the names are yours (y copies each value)");
    for record in records {
        one(sheet, record);
    }
    sheet.gap();
}

fn one(sheet: &mut Sheet<'_>, record: &ValidationRecord) {
    match record {
        ValidationRecord::Email { name, mailbox } => {
            sheet.field("For", name);
            sheet.field("Mailbox", mailbox);
            sheet.field("Do", "open the link in the mail that the CA sent there");
        }
        ValidationRecord::Dns {
            name,
            record,
            kind,
            value,
        } => {
            sheet.field("For", name);
            sheet.field(kind, record);
            sheet.field("Value", value);
        }
        ValidationRecord::File { name, url, content } => {
            sheet.field("For", name);
            sheet.field("Serve at", url);
            sheet.field("Content", content);
        }
    }
}

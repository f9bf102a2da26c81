//! `list --csv`: the list for spreadsheets and scripts.
//!
//! Pure. Fields are quoted as RFC 4180 says; what strangers wrote is made harmless, for terminals
//! as everywhere, and for spreadsheets, which take some texts for formulas. Columns are only ever
//! added at the end.

use super::error::CliError;
use super::shapes::urgency_word;
use crate::domain::lifecycle::Phase;
use crate::domain::row::Row;
use crate::domain::text::sanitise;

/// The columns, in order.
const HEADER: [&str; 19] = [
    "id",
    "name",
    "more_names",
    "product",
    "account",
    "status",
    "phase",
    "urgency",
    "needs_someone",
    "not_before",
    "not_after",
    "paid_until",
    "superseded",
    "archived",
    "is_ca",
    "ready",
    "gone",
    "request",
    "said",
];

/// The rows as CSV, with a header.
pub(super) fn render(rows: &[Row]) -> Result<String, CliError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut written = writer.write_record(HEADER);
    for row in rows {
        written = written.and_then(|()| writer.write_record(cells(row)));
    }
    let bytes = written
        .map_err(|error| error.to_string())
        .and_then(|()| writer.into_inner().map_err(|error| error.to_string()));
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).map_err(|error| error.to_string()));
    text.map_err(|error| CliError::Failed(format!("turning the list into CSV failed: {error}")))
}

fn cells(row: &Row) -> [String; 19] {
    let time = |at: Option<jiff::Timestamp>| at.map_or_else(String::new, |at| at.to_string());
    [
        harmless(row.id.as_str()),
        harmless(&row.name),
        row.more_names.to_string(),
        harmless(&row.product),
        harmless(&row.account),
        harmless(&row.state),
        row.phase
            .map_or_else(String::new, |phase| Phase::id(phase).to_owned()),
        urgency_word(row.urgency.class).to_owned(),
        row.needs_someone().to_string(),
        time(row.validity.map(|(from, _)| from)),
        time(row.validity.map(|(_, to)| to)),
        time(row.paid_until),
        row.superseded.to_string(),
        row.archived.to_string(),
        row.is_ca.to_string(),
        row.ready
            .as_ref()
            .map_or_else(String::new, |ready| ready.word().to_owned()),
        time(row.gone),
        row.request_words().unwrap_or_default(),
        harmless(row.said.as_deref().unwrap_or_default()),
    ]
}

/// A text of others. A spreadsheet takes what begins with one of these signs for a formula, in
/// quotes or not; behind an apostrophe it is a text.
///
/// Source: OWASP, "CSV Injection". Tabs and line ends, which it names as well, are escaped before.
fn harmless(text: &str) -> String {
    const BEGIN_FORMULAS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    let text = sanitise(text);
    // Spreadsheets skip blanks in front.
    if text.trim_start().starts_with(BEGIN_FORMULAS) {
        format!("'{text}")
    } else {
        text.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::entry::{Entry, EntryId};

    fn row(name: &str, product: &str) -> Row {
        let at = Timestamp::UNIX_EPOCH;
        let mut entry = Entry::new(EntryId::new("a1"), "shop", "netcup", "issued", at);
        entry.names = vec![name.to_owned()];
        product.clone_into(&mut entry.product.name);
        Row::of(&entry, None, at, false)
    }

    #[test]
    fn every_reader_takes_it_and_no_spreadsheet_runs_it() {
        let rows = [
            row("a.example", "DV, \"wild\""),
            row("=HYPERLINK(\"http://evil.example\")", " @SUM(1)"),
            row("-1+1", "\t=cmd"),
            row("e\u{1b}[31m\r\nvil", "＝1"),
        ];
        let text = render(&rows).unwrap();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        assert_eq!(reader.headers().unwrap(), &HEADER[..]);
        let cells: Vec<_> = reader.records().map(Result::unwrap).collect();
        let pairs: Vec<_> = cells.iter().map(|cells| (&cells[1], &cells[3])).collect();
        assert_eq!(
            pairs,
            [
                ("a.example", "DV, \"wild\""),
                ("'=HYPERLINK(\"http://evil.example\")", "' @SUM(1)"),
                ("'-1+1", "\\u{9}=cmd"),
                ("e\\u{1b}[31m\\u{d}\\u{a}vil", "'＝1"),
            ]
        );
        assert_eq!(text.lines().count(), 5, "one line each:\n{text}");
    }
}

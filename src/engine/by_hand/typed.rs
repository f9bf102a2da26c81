//! Reading what people type of an order: prices, terms, dates, links, proofs.
//!
//! Pure. Each answer says what it expects instead. Nothing is rounded and nothing is guessed: what
//! can be read in two ways is asked for again.

use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};

use crate::domain::entry::{Price, ValidationRecord};

/// A term longer than this many months is a slip: no certificate product is paid for ten years.
const LONGEST_TERM: u32 = 120;

/// What is read of years outside of these is a slip.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2100;

/// What was typed, as errors quote it: its beginning, since anything may have been pasted.
fn quoted(typed: &str) -> String {
    const SHOWN: usize = 24;
    let mut letters = typed.trim().chars();
    let mut shown: String = letters.by_ref().take(SHOWN).collect();
    if letters.next().is_some() {
        shown.push('…');
    }
    format!("{shown:?}")
}

/// An amount with its currency: `49.00 EUR`, `49,00 €`, `€ 49`, `1.234,56 EUR`.
pub(super) fn price(typed: &str) -> Result<Price, String> {
    let typed = typed.trim();
    let wanted = || {
        let typed = quoted(typed);
        format!("{typed} is no price; give amount and currency, for example 49.00 EUR or 49,00 €")
    };
    let is_amount = |letter: char| {
        letter.is_ascii_digit() || matches!(letter, '.' | ',' | '\'' | ' ' | '\u{a0}')
    };
    let amount: String = typed.chars().filter(|letter| is_amount(*letter)).collect();
    let currency: String = typed.chars().filter(|letter| !is_amount(*letter)).collect();
    // The currency stands before or behind the amount, in one piece.
    let in_one_piece = typed.starts_with(&currency) || typed.ends_with(&currency);
    let currency = currency_code(&currency)
        .filter(|_| in_one_piece)
        .ok_or_else(wanted)?;
    let cents = cents(amount.trim()).ok_or_else(wanted)?;
    match cents {
        Amount::Cents(cents) => Ok(Price { cents, currency }),
        Amount::Ambiguous => Err(format!(
            "{} can mean two amounts; write it without a separator of thousands and with \
             two decimals, for example 1234.00 {currency}",
            quoted(typed)
        )),
    }
}

enum Amount {
    Cents(u64),
    Ambiguous,
}

/// ISO 4217: three capital letters. A symbol is understood where it means one currency.
fn currency_code(text: &str) -> Option<String> {
    let code = match text {
        "€" => "EUR",
        "£" => "GBP",
        "$" => "USD",
        other => other,
    };
    let is_code = code.len() == 3 && code.chars().all(|letter| letter.is_ascii_alphabetic());
    is_code.then(|| code.to_ascii_uppercase())
}

fn cents(amount: &str) -> Option<Amount> {
    let (whole, decimals) = match amount.rfind(['.', ',']) {
        None => (amount, ""),
        Some(at) => (&amount[..at], &amount[at + 1..]),
    };
    if !decimals.chars().all(|letter| letter.is_ascii_digit()) {
        return None;
    }
    let decimals = match decimals.len() {
        0 if whole.len() == amount.len() => 0,
        1 => decimals.parse::<u64>().ok()? * 10,
        2 => decimals.parse().ok()?,
        3 => return Some(Amount::Ambiguous),
        _ => return None,
    };
    let groups: Vec<&str> = whole.split(['.', ',', '\'', ' ', '\u{a0}']).collect();
    let is_grouped = groups.iter().skip(1).all(|group| group.len() == 3);
    let first = groups.first()?;
    let is_whole = !first.is_empty() && (groups.len() == 1 || first.len() <= 3);
    if !is_grouped || !is_whole {
        return None;
    }
    let units: u64 = groups.concat().parse().ok()?;
    units
        .checked_mul(100)?
        .checked_add(decimals)
        .map(Amount::Cents)
}

/// A number of months: `12`, `12 months`.
pub(super) fn term(typed: &str) -> Result<u32, String> {
    let number = typed
        .trim()
        .trim_end_matches(|letter: char| letter.is_ascii_alphabetic() || letter == ' ');
    let months = number.parse().ok();
    let is_years = typed.contains("year");
    months
        .filter(|months| !is_years && (1..=LONGEST_TERM).contains(months))
        .ok_or_else(|| {
            let typed = quoted(typed);
            format!("{typed} is no term; give a number of months from 1 to {LONGEST_TERM}, for example 12")
        })
}

/// The end of a day: `2027-06-01`, `01.06.2027`; a paid term lasts until the last second of its
/// day, in UTC.
pub(super) fn end_of_day(typed: &str) -> Result<Timestamp, String> {
    let typed = typed.trim();
    let wanted = || {
        format!(
            "{} is no date; give year, month and day, for example 2027-06-01",
            quoted(typed)
        )
    };
    let day = date(typed).ok_or_else(wanted)?;
    if !YEARS.contains(&day.year()) {
        return Err(format!(
            "the year {} cannot be meant; give year, month and day, for example 2027-06-01",
            day.year()
        ));
    }
    day.at(23, 59, 59, 0)
        .to_zoned(TimeZone::UTC)
        .map(|end| end.timestamp())
        .map_err(|_| wanted())
}

fn date(typed: &str) -> Option<Date> {
    let parts: Vec<&str> = typed.split(['-', '.']).collect();
    let [one, two, three] = parts.as_slice() else {
        return None;
    };
    let (year, month, day) = match typed.find(['-', '.']) {
        Some(4) if !typed.contains('.') => (one, two, three),
        // Slashes are not read: their order depends on the country.
        Some(1 | 2) if !typed.contains('-') => (three, two, one),
        _ => return None,
    };
    let day = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    day.ok()
}

/// A link that can be opened: `https` and a host.
pub(super) fn link(typed: &str) -> Result<String, String> {
    let typed = typed.trim();
    let rest = typed.strip_prefix("https://").unwrap_or_default();
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_clean = !typed
        .chars()
        .any(|letter| letter.is_whitespace() || letter.is_control());
    if is_clean && host.contains('.') && !host.contains('@') {
        return Ok(typed.to_owned());
    }
    Err(format!(
        "{} is no link; give one that begins with https://",
        quoted(typed)
    ))
}

/// `DV`, `OV` or `EV`.
pub(super) fn level(typed: &str) -> Result<String, String> {
    let level = typed.trim().to_ascii_uppercase();
    if ["DV", "OV", "EV"].contains(&level.as_str()) {
        return Ok(level);
    }
    Err(format!(
        "{} is no validation level; give DV (domain), OV (organisation) or EV (extended)",
        quoted(typed)
    ))
}

/// A mailbox.
pub(super) fn mailbox(typed: &str) -> Result<String, String> {
    let typed = typed.trim();
    let fits = typed.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && domain.contains('.') && !domain.contains('@')
    });
    if fits
        && !typed
            .chars()
            .any(|letter| letter.is_whitespace() || letter.is_control())
    {
        return Ok(typed.to_owned());
    }
    Err(format!(
        "{} is no mailbox; give one like admin@example.com",
        quoted(typed)
    ))
}

/// What has to be published, one a line: `NAME TXT VALUE`, `NAME CNAME VALUE` (also as a line of a
/// zone file), `URL CONTENT`, or a mailbox that the CA writes to. `names` are the entry's.
pub(super) fn proof(typed: &str, names: &[String]) -> Result<Vec<ValidationRecord>, String> {
    let lines = typed.lines().map(str::trim).enumerate();
    let lines = lines.filter(|(_, line)| !line.is_empty());
    lines
        .map(|(index, line)| {
            proof_line(line, names).ok_or_else(|| {
                format!(
                    "line {} is no proof ({}); write NAME TXT VALUE or NAME CNAME VALUE for \
                     DNS, URL CONTENT for a file, or the mailbox for e-mail",
                    index + 1,
                    quoted(line)
                )
            })
        })
        .collect()
}

fn proof_line(line: &str, names: &[String]) -> Option<ValidationRecord> {
    if line.starts_with("http://") || line.starts_with("https://") {
        let (url, content) = line.split_once(char::is_whitespace)?;
        let host = url.split("://").nth(1)?.split(['/', ':']).next()?;
        return Some(ValidationRecord::File {
            name: proven(host, names),
            url: url.to_owned(),
            content: content.trim().to_owned(),
        });
    }
    if line.contains('@') && !line.contains(char::is_whitespace) {
        let mailbox = mailbox(line).ok()?;
        let (_, domain) = mailbox.split_once('@')?;
        return Some(ValidationRecord::Email {
            name: proven(domain, names),
            mailbox,
        });
    }
    dns(line, names)
}

fn dns(line: &str, names: &[String]) -> Option<ValidationRecord> {
    let (record, mut rest) = line.split_once(char::is_whitespace)?;
    loop {
        let (word, behind) = rest.trim_start().split_once(char::is_whitespace)?;
        let is_kind = ["TXT", "CNAME"]
            .iter()
            .find(|kind| word.eq_ignore_ascii_case(kind));
        if let Some(kind) = is_kind {
            let value = behind.trim().trim_matches('"');
            let record = record.trim_end_matches('.').to_owned();
            return (!value.is_empty()).then(|| ValidationRecord::Dns {
                name: proven(&record, names),
                record,
                kind: (*kind).to_owned(),
                value: value.to_owned(),
            });
        }
        // A line of a zone file (RFC 1035, section 5.1) has a time to live and a class before it.
        let is_zone_file = word.eq_ignore_ascii_case("IN") || word.parse::<u32>().is_ok();
        if !is_zone_file {
            return None;
        }
        rest = behind;
    }
}

/// The name of the entry that something at this host proves: the longest that the host is at or
/// below, else the host itself.
fn proven(host: &str, names: &[String]) -> String {
    let host = host.to_lowercase();
    let bare = names
        .iter()
        .map(|name| name.strip_prefix("*.").unwrap_or(name));
    let fitting = bare.filter(|bare| host == **bare || host.ends_with(&format!(".{bare}")));
    let longest = fitting.max_by_key(|bare| bare.len()).map(str::to_owned);
    // A mailbox stands at a domain above the name that it proves.
    let below = || {
        let mut below = names
            .iter()
            .filter(|name| name.ends_with(&format!(".{host}")));
        below
            .next()
            .map(|name| name.trim_start_matches("*.").to_owned())
    };
    longest.or_else(below).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_exact_or_asked_for_again() {
        for (typed, cents, currency) in [
            ("49.00 EUR", 4_900, "EUR"),
            ("49,00 €", 4_900, "EUR"),
            ("€49", 4_900, "EUR"),
            ("EUR 49.5", 4_950, "EUR"),
            ("0,99€", 99, "EUR"),
            ("1.234,56 EUR", 123_456, "EUR"),
            ("1,234.56 usd", 123_456, "USD"),
            ("1'234.50 CHF", 123_450, "CHF"),
            ("1 234,50 EUR", 123_450, "EUR"),
            ("0 EUR", 0, "EUR"),
            ("19.99 £", 1_999, "GBP"),
        ] {
            let price = price(typed).unwrap_or_else(|why| panic!("{typed}: {why}"));
            assert_eq!(
                (price.cents, price.currency.as_str()),
                (cents, currency),
                "{typed}"
            );
            assert_eq!(super::price(&price.to_string()), Ok(price), "{typed}");
        }
        for typed in [
            "",
            "49",
            "EUR",
            "49.00",
            "free",
            "4 9 EUR",
            "49.0000 EUR",
            "-3 EUR",
            "49..00 EUR",
            "49. EUR",
            ".50 EUR",
            "12,34,56 EUR",
            "1234.567,00 EUR",
            "E49UR",
            "99999999999999999999 EUR",
            "49 EURO",
            "49 €€€",
        ] {
            let why = price(typed).expect_err(typed);
            assert!(
                why.contains("49.00 EUR") || why.contains("1234.00"),
                "{typed}: {why}"
            );
        }
        let why = price("1.234 EUR").unwrap_err();
        assert!(why.contains("two amounts"), "{why}");
    }

    #[test]
    fn a_term_is_a_number_of_months() {
        assert_eq!(term("12"), Ok(12));
        assert_eq!(term(" 24 months"), Ok(24));
        for typed in ["", "0", "121", "1 year", "twelve", "-1", "1.5"] {
            assert!(term(typed).unwrap_err().contains("months"), "{typed}");
        }
    }

    #[test]
    fn a_paid_term_ends_with_its_day() {
        for typed in ["2027-06-01", "01.06.2027", "1.6.2027"] {
            assert_eq!(
                end_of_day(typed).map(|at| at.to_string()),
                Ok("2027-06-01T23:59:59Z".to_owned()),
                "{typed}"
            );
        }
        for typed in [
            "",
            "06/01/2027",
            "2027-13-01",
            "2027-02-30",
            "tomorrow",
            "27-06-01",
            "0027-06-01",
        ] {
            assert!(
                end_of_day(typed).unwrap_err().contains("2027-06-01"),
                "{typed}"
            );
        }
    }

    #[test]
    fn links_are_https_with_a_host() {
        assert!(link("https://www.customercontrolpanel.de/invoice?id=1").is_ok());
        for typed in [
            "",
            "http://a.example",
            "javascript:alert(1)",
            "https://",
            "https://host",
            "https://a b.example",
            "https://a.example\u{1b}[0m",
            "https://user@a.example",
        ] {
            assert!(link(typed).unwrap_err().contains("https://"), "{typed}");
        }
    }

    #[test]
    fn proofs_are_read_line_by_line() {
        let names = ["*.shop.example.com".to_owned(), "example.com".to_owned()];
        let text = "_acme.shop.example.com TXT abc=1 2\n\n\
                    _x.example.com. 300 IN CNAME y.ca.example.\n\
                    http://example.com/.well-known/pki-validation/a.txt  content here\n\
                    admin@shop.example.com\n\
                    _q.example.com IN TXT \"quoted\"";
        let records = proof(text, &names).unwrap();
        let proven: Vec<_> = records.iter().map(ValidationRecord::name).collect();
        assert_eq!(
            proven,
            [
                "shop.example.com",
                "example.com",
                "example.com",
                "shop.example.com",
                "example.com"
            ]
        );
        let told: Vec<_> = records.iter().map(ValidationRecord::instruction).collect();
        assert!(told[0].contains("TXT record _acme.shop.example.com with the value abc=1 2"));
        assert!(told[1].contains("CNAME record _x.example.com with the value y.ca.example."));
        assert!(told[2].contains("content here"));
        assert!(told[4].ends_with("the value quoted"));
        for (typed, line) in [
            ("abc", 1),
            ("a.example MX b", 1),
            ("\nx TXT", 2),
            ("http://a.example", 1),
        ] {
            let why = proof(typed, &names).unwrap_err();
            assert!(
                why.starts_with(&format!("line {line} is no proof")),
                "{why}"
            );
        }
        assert_eq!(proof(" \n", &names), Ok(Vec::new()));
    }
}

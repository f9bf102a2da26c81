//! `certdeck probe`: what servers really serve, compared with what the store has.
//!
//! May not: judge what the engine has not judged. What was seen of entries is kept by the engine.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::Timestamp;

use super::args::ProbeArguments;
use super::error::CliError;
use super::exit::Exit;
use super::filter;
use super::output::{self, say};
use super::probe_shapes::ProbeShape;
use super::progress;
use super::session::{Session, entry_words, unexpected};
use super::table::Table;
use crate::config::Target;
use crate::domain::entry::EntryId;
use crate::domain::probed::{Flaw, Served};
use crate::domain::query::Search;
use crate::domain::text::sanitise;
use crate::domain::time;
use crate::engine::command::{
    Command, Detour, Done, ProbeForm, ProbeLook, ProbeReport, Shown, StartTls,
};
use crate::pki::Certificate;

/// Looks, and says what was seen.
pub(super) async fn run(session: &Session, arguments: &ProbeArguments) -> Result<(), CliError> {
    let of_hosts = !arguments.hosts.is_empty();
    let form = ProbeForm {
        starttls: arguments.starttls,
        port: arguments.port,
        patience: Some(Duration::from_secs(arguments.timeout)),
        in_full: true,
        ..what(session, arguments)?
    };
    let command = Command::Probe(Box::new(form));
    let report = match progress::shown(session, session.run(command)).await? {
        Done::Probed(report) => report,
        other => return Err(unexpected(&other)),
    };
    let exit = exit(&report);
    let now = session.engine.now();
    if arguments.json {
        output::print_json(&ProbeShape::of(&report, exit.code(), now))?;
    } else if of_hosts {
        output::print(&blocks(&report, now))?;
    } else {
        session.output.table(&table(&report, now))?;
        say_what_was_left(&report);
    }
    match exit {
        Exit::Done => Ok(()),
        exit => Err(CliError::Told(exit)),
    }
}

/// What is looked at.
fn what(session: &Session, arguments: &ProbeArguments) -> Result<ProbeForm, CliError> {
    if arguments.hosts.is_empty() {
        return Ok(ProbeForm {
            detour: detour(arguments)?,
            ..ProbeForm::of_entries(entries(session, arguments)?)
        });
    }
    let hosts = arguments.hosts.iter().map(|host| target(host, arguments));
    Ok(ProbeForm::of_hosts(hosts.collect::<Result<_, _>>()?))
}

fn entries(session: &Session, arguments: &ProbeArguments) -> Result<Vec<EntryId>, CliError> {
    let Some(words) = &arguments.filter else {
        let entries = session.resolve_all(&arguments.entries)?;
        return Ok(entries.iter().map(|entry| entry.id.clone()).collect());
    };
    let query = filter::read(std::slice::from_ref(words))?;
    let (inventory, system) = session.look();
    let rows = inventory.rows(system);
    let mut found = Search::of(&inventory, &rows).find(&rows, &query);
    let all = query.asks_for_archived();
    found.retain(|number| all || !rows.is_archived(*number));
    Ok(found
        .into_iter()
        .filter_map(|number| rows.id(number))
        .collect())
}

/// A server as it is asked: where, and for which name.
fn target(given: &str, arguments: &ProbeArguments) -> Result<Target, CliError> {
    let protocol = arguments.starttls.map(StartTls::usual_port);
    let port = arguments.port.or(protocol);
    let mut target = Target::parse_with(given, port).map_err(CliError::Usage)?;
    target.starttls = arguments.starttls.or(target.starttls);
    if let Some(name) = &arguments.sni {
        target.name = Some(server_name(name)?);
    }
    if let Some(detour) = detour(arguments)? {
        target.name.get_or_insert(target.host);
        target.host = detour.host;
        target.port = detour.port.unwrap_or(target.port);
    }
    Ok(target)
}

/// A name to ask for, in the form in which it is asked for.
fn server_name(given: &str) -> Result<String, CliError> {
    let read = given.parse::<Target>();
    let is_name = |target: &Target| target.name.is_none() && !given.contains(':');
    let name = read.ok().filter(is_name).map(|target| target.host);
    name.ok_or_else(|| {
        CliError::Usage(format!(
            "--sni {given:?} is no name that a server can be asked for; expected a DNS name"
        ))
    })
}

/// Where to connect instead; a port that is not named stays.
fn detour(arguments: &ProbeArguments) -> Result<Option<Detour>, CliError> {
    let Some(given) = &arguments.connect else {
        return Ok(None);
    };
    // Two usual ports that differ tell whether one was named.
    let read = |port| Target::parse_with(given, Some(port));
    let (one, other) = (read(1), read(2));
    match (one, other) {
        (Ok(one), Ok(other)) if one.name.is_none() && one.starttls.is_none() => Ok(Some(Detour {
            port: (one.port == other.port).then_some(one.port),
            host: one.host,
        })),
        _ => Err(CliError::Usage(format!(
            "--connect {given:?} is no place; expected ADDRESS, ADDRESS:PORT or [IPV6]:PORT"
        ))),
    }
}

/// What is wrong with what is served.
fn flaws(look: &ProbeLook) -> impl Iterator<Item = Flaw> {
    let seen = look.seen.as_ref().ok();
    seen.into_iter().flat_map(|seen| seen.flaws.iter().copied())
}

/// The worst of what was seen; `probe --help` tells the codes.
fn exit(report: &ProbeReport) -> Exit {
    let expired = |look: &ProbeLook| flaws(look).any(|flaw| flaw == Flaw::Expired);
    let wrong = |look: &ProbeLook| {
        let differs = matches!(look.served, Some(Served::Old | Served::Other));
        let unread = |seen: &Shown| !matches!(seen.chain.first(), Some(Ok(_)));
        // Whoever keeps a certificate that signed itself knows that.
        let is_known = look.served == Some(Served::Same);
        let flawed = flaws(look).any(|flaw| !(is_known && flaw == Flaw::SelfSigned));
        differs || flawed || look.seen.as_ref().is_ok_and(unread)
    };
    if report.looks.iter().any(expired) {
        Exit::Broken
    } else if report.silent > 0 && report.silent == report.places {
        Exit::Failed
    } else if report.silent > 0 || report.stopped {
        Exit::Partly
    } else if report.looks.iter().any(wrong) {
        Exit::NeedsSomeone
    } else {
        Exit::Done
    }
}

/// Each place with everything that was seen there.
fn blocks(report: &ProbeReport, now: Timestamp) -> String {
    let mut text = String::new();
    for (number, look) in report.looks.iter().enumerate() {
        if number > 0 {
            text.push('\n');
        }
        block(&mut text, look, now);
    }
    text
}

fn block(text: &mut String, look: &ProbeLook, now: Timestamp) {
    let place = sanitise(&look.told.place);
    let shown = match &look.seen {
        Ok(shown) => shown,
        Err(why) => {
            let _ = writeln!(text, "{place}: {}", sanitise(why));
            return;
        }
    };
    let _ = write!(text, "{place} ({})", shown.address);
    for spoken in [&shown.protocol, &shown.cipher].into_iter().flatten() {
        let _ = write!(text, ", {spoken}");
    }
    if let Some(chosen) = shown.alpn.words() {
        let _ = write!(text, ", ALPN {}", sanitise(chosen));
    }
    text.push('\n');
    let says = look.sentence(now);
    let of = look
        .entry
        .as_ref()
        .map(|(id, name)| format!("{}: ", entry_words(name, id)));
    let _ = writeln!(text, "  {}{}", of.unwrap_or_default(), sanitise(&says));
    for (number, presented) in shown.chain.iter().enumerate() {
        presented_lines(text, number, presented, now);
    }
}

fn presented_lines(
    text: &mut String,
    number: usize,
    presented: &Result<Certificate, String>,
    now: Timestamp,
) {
    let certificate = match presented {
        Ok(certificate) => certificate,
        Err(why) => {
            let _ = writeln!(text, "  {number}  {}", sanitise(why));
            return;
        }
    };
    let _ = writeln!(text, "  {number}  {}", sanitise(&certificate.subject));
    let _ = writeln!(text, "     issued by {}", sanitise(&certificate.issuer));
    let ends = time::relative(now, certificate.not_after);
    let _ = writeln!(
        text,
        "     {} to {} ({ends}), {}, serial {}",
        time::minute(certificate.not_before),
        time::minute(certificate.not_after),
        certificate.key.label(),
        certificate.serial
    );
    let _ = writeln!(text, "     SHA-256 {}", certificate.sha256);
}

/// One line for each place.
fn table(report: &ProbeReport, now: Timestamp) -> Table {
    let mut table = Table::bare();
    for look in &report.looks {
        let name = look
            .entry
            .as_ref()
            .map(|(id, name)| entry_words(name, id))
            .unwrap_or_default();
        let word = look.served.map_or("", Served::words);
        table.push([
            word,
            name.as_str(),
            look.told.place.as_str(),
            &look.sentence(now),
        ]);
    }
    table
}

/// What could not be looked at, and what was not kept.
fn say_what_was_left(report: &ProbeReport) {
    for (id, name) in &report.skipped {
        say(&format!(
            "certdeck: {name} of {id} stands for many names and says none to look at; name one: \
             `certdeck probe NAME`"
        ));
    }
    if report.places == 0 {
        say("certdeck: there was nothing to look at");
    } else if !report.kept {
        say("certdeck: what was seen is not kept: nothing may be changed (--read-only)");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::{Arguments, Verb};
    use clap::Parser as _;

    fn arguments(line: &str) -> ProbeArguments {
        let line = format!("certdeck probe {line}");
        match Arguments::try_parse_from(line.split_whitespace()) {
            Ok(Arguments {
                verb: Some(Verb::Probe(arguments)),
                ..
            }) => arguments,
            other => panic!("{other:?}"),
        }
    }

    fn asked(line: &str) -> String {
        let arguments = arguments(line);
        match target(&arguments.hosts[0], &arguments) {
            Ok(target) => target.to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_is_asked_and_where_is_told_apart() {
        for (line, expected) in [
            ("shop.example", "shop.example:443"),
            ("shop.example:8443", "shop.example:8443"),
            ("[2001:db8::1]:993", "[2001:db8::1]:993"),
            ("2001:db8::1 --port 993", "[2001:db8::1]:993"),
            ("mail.example --starttls smtp", "smtp://mail.example:25"),
            (
                "mail.example:587 --starttls smtp",
                "smtp://mail.example:587",
            ),
            ("smtp://mail.example", "smtp://mail.example:25"),
            (
                "imap://mail.example --port 1143",
                "imap://mail.example:1143",
            ),
            ("192.0.2.7 --sni Shop.example", "shop.example@192.0.2.7:443"),
            (
                "shop.example --connect 192.0.2.7",
                "shop.example@192.0.2.7:443",
            ),
            (
                "shop.example:8443 --connect [2001:db8::1]:9443",
                "shop.example@[2001:db8::1]:9443",
            ),
            (
                "shop.example --sni www.example --connect 192.0.2.7",
                "www.example@192.0.2.7:443",
            ),
        ] {
            assert_eq!(asked(line), expected, "{line}");
        }
        for (line, expected) in [
            ("shop.example:0", "is no port"),
            ("https://shop.example", "is a link"),
            ("shop.example --sni a:b", "no name that a server"),
            ("shop.example --connect a@b", "is no place"),
            ("shop.example --connect smtp://a", "is no place"),
            ("shop.example --sni smtp://a", "no name that a server"),
        ] {
            let said = asked(line);
            assert!(said.contains(expected), "{line}: {said}");
        }
    }

    #[test]
    fn a_probe_needs_something_to_look_at() {
        for line in ["", "shop.example --entry a1", "--entry a1 --sni b.example"] {
            let line = format!("certdeck probe {line}");
            assert!(
                Arguments::try_parse_from(line.split_whitespace()).is_err(),
                "{line}"
            );
        }
    }
}

//! Recognises what a server speaks that speaks no TLS, by how it began.
//!
//! Pure. May not: hand on a word of the server that is not sanitised. The handshake calls it.

use crate::config::StartTls;
use crate::domain::text::{fit, sanitise};

/// How much of a greeting is repeated, in columns.
const REPEATED: usize = 60;

/// What is spoken instead of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoken {
    /// HTTP in the clear (RFC 9112).
    Http,
    /// SSH (RFC 4253, section 4.2).
    Ssh,
    /// Mail in the clear (RFC 5321, section 4.3.1).
    Smtp,
    /// Mailboxes in the clear (RFC 9051, section 7.1).
    Imap,
    /// The older way to mailboxes in the clear (RFC 1939, section 4).
    Pop3,
    /// Files in the clear (RFC 959, section 5.4).
    Ftp,
    /// Something else.
    Other,
}

impl Spoken {
    /// What it is, and what to do.
    pub(super) fn says(self, greeting: &str) -> String {
        let quoted = match greeting {
            "" => "in bytes that are no text".to_owned(),
            text => format!("with {text:?}"),
        };
        match self {
            Self::Http => format!(
                "it answers in plain HTTP, not TLS ({quoted}): is it the right port? HTTPS is usually on 443"
            ),
            Self::Ssh => format!(
                "it answers in SSH, not TLS ({quoted}): is it the right port? SSH has no certificates of this kind"
            ),
            Self::Smtp => starttls(StartTls::Smtp, &quoted, 465),
            Self::Imap => starttls(StartTls::Imap, &quoted, 993),
            Self::Pop3 => starttls(StartTls::Pop3, &quoted, 995),
            Self::Ftp => format!(
                "it answers in plain FTP, not TLS ({quoted}); how FTP goes on in TLS is not spoken here: use its TLS port, usually 990"
            ),
            Self::Other => {
                format!("it answers, but speaks no TLS ({quoted}): is it the right port?")
            }
        }
    }
}

fn starttls(protocol: StartTls, quoted: &str, port: u16) -> String {
    let (label, id) = (protocol.label(), protocol.id());
    format!(
        "it answers in plain {label}, not TLS ({quoted}); write {id}:// before the server, or `certdeck probe --starttls {id}`, to have it go on in TLS, or use its TLS port, usually {port}"
    )
}

/// Whether these can be the first bytes of a TLS record: its type, then version 3.x (RFC 8446,
/// section 5.1).
pub(super) fn may_be_tls(heard: &[u8]) -> bool {
    let kind = heard.first().is_none_or(|kind| (20..=23).contains(kind));
    kind && heard.get(1).is_none_or(|version| *version == 3)
}

/// What is spoken, and how it began, safe to repeat.
pub(super) fn recognise(heard: &[u8]) -> (Spoken, String) {
    let line = heard
        .split(|byte| matches!(byte, b'\r' | b'\n'))
        .find(|line| !line.is_empty())
        .unwrap_or_default();
    let text = String::from_utf8_lossy(line);
    let small = text.trim_start().to_ascii_lowercase();
    let begins = |with: &[&str]| with.iter().any(|with| small.starts_with(with));
    let spoken = if begins(&["http/", "<!doctype", "<html"]) {
        Spoken::Http
    } else if begins(&["ssh-"]) {
        Spoken::Ssh
    } else if begins(&["220", "421", "554"]) {
        if small.contains("ftp") {
            Spoken::Ftp
        } else {
            Spoken::Smtp
        }
    } else if begins(&["* ok", "* preauth", "* bye"]) {
        Spoken::Imap
    } else if begins(&["+ok"]) {
        Spoken::Pop3
    } else {
        Spoken::Other
    };
    (spoken, repeatable(line, &text))
}

/// The beginning of the line as it may be repeated: two words, since times and numbers that change
/// with each look come later; nothing where it is no text.
fn repeatable(line: &[u8], text: &str) -> String {
    let is_text = |byte: &u8| (0x20..0x7f).contains(byte) || *byte == b'\t';
    let readable = line.iter().filter(|byte| is_text(byte)).count();
    if readable * 10 < line.len() * 8 {
        return String::new();
    }
    let mut words = text.split_whitespace();
    let first = words.next().unwrap_or_default();
    // POP3 puts a time there in angle brackets (RFC 1939, section 7).
    let second = words.next().filter(|word| !word.starts_with('<'));
    let beginning = match second {
        Some(second) => format!("{first} {second}"),
        None => first.to_owned(),
    };
    fit(&sanitise(&beginning), REPEATED).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spoken_is_told_by_its_first_words() {
        let cases: [(&[u8], Spoken); 11] = [
            (b"HTTP/1.1 400 Bad Request\r\nServer: x\r\n", Spoken::Http),
            (b"<!DOCTYPE HTML>\n<html lang=\"en\">", Spoken::Http),
            (b"SSH-2.0-OpenSSH_9.2p1\r\n", Spoken::Ssh),
            (b"220 mail.example ESMTP\r\n", Spoken::Smtp),
            (b"554 no service\r\n", Spoken::Smtp),
            (b"220 ProFTPD Server\r\n", Spoken::Ftp),
            (b"* OK [CAPABILITY IMAP4rev1] ready\r\n", Spoken::Imap),
            (b"+OK ready\r\n", Spoken::Pop3),
            (b"-ERR unknown command\r\n", Spoken::Other),
            (
                &[0x4a, 0, 0, 0, 0x0a, 0x38, 0xff, 0xfe, 1, 2],
                Spoken::Other,
            ),
            (b"", Spoken::Other),
        ];
        for (heard, expected) in cases {
            assert_eq!(recognise(heard).0, expected, "{heard:?}");
        }
    }

    #[test]
    fn mail_servers_are_sent_to_their_tls_port() {
        let (spoken, greeting) = recognise(b"220 mail.example ESMTP\r\n");
        let says = spoken.says(&greeting);
        assert!(says.contains("certdeck probe --starttls"), "{says}");
        assert!(
            says.contains("465") && says.contains("mail.example"),
            "{says}"
        );
        assert!(recognise(b"* OK x").0.says("").contains("993"));
        assert!(recognise(b"+OK x").0.says("").contains("995"));
    }

    #[test]
    fn nothing_hostile_is_repeated() {
        let (_, greeting) = recognise(b"hello-dear-friend-\x1b[2J\x07-of-mine come in\r\n");
        assert!(greeting.contains("hello"), "{greeting}");
        assert!(!greeting.contains(['\u{1b}', '\u{7}']), "{greeting:?}");
        let (_, noise) = recognise(&[0xff; 90]);
        assert_eq!(noise, "");
        let (_, long) = recognise(&[b'a'; 5000]);
        assert!(long.chars().count() <= REPEATED, "{long}");
    }

    #[test]
    fn what_changes_with_each_look_is_not_repeated() {
        let repeated = |heard: &[u8]| recognise(heard).1;
        let mail = repeated(b"220 mail.example ESMTP Sendmail; Sun, 22 Nov 2026 17:40:07 GMT\r\n");
        assert_eq!(mail, "220 mail.example");
        assert_eq!(repeated(b"+OK <1896.697170952@pop.example>\r\n"), "+OK");
    }

    #[test]
    fn a_tls_record_is_told_from_text() {
        assert!(may_be_tls(&[]) && may_be_tls(&[22]) && may_be_tls(&[21, 3, 1, 0, 2]));
        assert!(!may_be_tls(b"H") && !may_be_tls(&[22, 4]));
    }
}
